//! `--seed N`: deterministic payments, keys and schedules over a year, in both generations.

use super::state::State;

/// Plants `payments` payments with their keys and schedules; the same for the same `seed`.
pub fn plant(state: &mut State, payments: u32, seed: u64) {
    let _ = (state, payments, seed);
}
