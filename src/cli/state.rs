//! What the kinds of intents and their ends are called: in `--json`, and as keys of the catalogue.

use crate::domain::account::DepositState;
use crate::domain::channel::Mode;
use crate::domain::intent::{IntentKind, IntentState};

/// The word of `outcome` for the good end.
pub(super) const fn done_word(kind: IntentKind) -> &'static str {
    match kind {
        IntentKind::KeyIn | IntentKind::ChargeKey | IntentKind::RetrySchedule => "approved",
        IntentKind::IssueAccount | IntentKind::IssueKey | IntentKind::IssueReceipt => "issued",
        IntentKind::CloseAccount => "closed",
        IntentKind::DeleteKey => "deleted",
        IntentKind::RevokeSchedules => "revoked",
        IntentKind::CreateSchedule | IntentKind::RebookSchedule => "scheduled",
        IntentKind::MoveSchedule => "moved",
        IntentKind::Refund => "refunded",
        IntentKind::CancelReceipt => "cancelled",
    }
}

/// The word of `outcome` when it was certainly not done.
pub(super) const fn not_done_word(kind: IntentKind) -> &'static str {
    match kind {
        IntentKind::KeyIn | IntentKind::ChargeKey | IntentKind::RetrySchedule => "not_charged",
        IntentKind::IssueAccount | IntentKind::IssueKey | IntentKind::IssueReceipt => "not_issued",
        IntentKind::CloseAccount => "not_closed",
        IntentKind::DeleteKey => "not_deleted",
        IntentKind::RevokeSchedules => "not_revoked",
        IntentKind::CreateSchedule | IntentKind::RebookSchedule => "not_scheduled",
        IntentKind::MoveSchedule => "not_moved",
        IntentKind::Refund => "not_refunded",
        IntentKind::CancelReceipt => "not_cancelled",
    }
}

/// The word of `outcome` for a state of the journal.
pub(super) const fn outcome_word(kind: IntentKind, state: IntentState) -> &'static str {
    match state {
        IntentState::Approved => done_word(kind),
        IntentState::Declined => "declined",
        IntentState::NotCharged => not_done_word(kind),
        IntentState::Intended | IntentState::Sent | IntentState::Unknown => "unknown",
    }
}

/// Whether an amount belongs to it: billing keys have none, and the revoking of schedules has many.
pub(super) const fn has_amount(kind: IntentKind) -> bool {
    !matches!(
        kind,
        IntentKind::IssueKey
            | IntentKind::DeleteKey
            | IntentKind::RevokeSchedules
            | IntentKind::CancelReceipt
    )
}

/// The catalogue's key of a kind's name.
pub(super) const fn kind_key(kind: IntentKind) -> &'static str {
    match kind {
        IntentKind::KeyIn => "cli.kind.key-in",
        IntentKind::IssueAccount => "cli.kind.issue-account",
        IntentKind::CloseAccount => "cli.kind.close-account",
        IntentKind::IssueKey => "cli.kind.issue-key",
        IntentKind::ChargeKey => "cli.kind.charge-key",
        IntentKind::DeleteKey => "cli.kind.delete-key",
        IntentKind::RevokeSchedules => "cli.kind.revoke-schedules",
        IntentKind::CreateSchedule => "cli.kind.create-schedule",
        IntentKind::MoveSchedule => "cli.kind.move-schedule",
        IntentKind::RebookSchedule => "cli.kind.rebook-schedule",
        IntentKind::RetrySchedule => "cli.kind.retry-schedule",
        IntentKind::Refund => "cli.kind.refund",
        IntentKind::IssueReceipt => "cli.kind.issue-receipt",
        IntentKind::CancelReceipt => "cli.kind.cancel-receipt",
    }
}

/// The catalogue's key of a state's name.
pub(super) const fn state_key(kind: IntentKind, state: IntentState) -> &'static str {
    match (state, kind) {
        (IntentState::Intended | IntentState::Sent, _) => "cli.state.under-way",
        (IntentState::Unknown, _) => "cli.state.unknown",
        (IntentState::Declined, _) => "cli.state.declined",
        (IntentState::Approved, IntentKind::KeyIn | IntentKind::ChargeKey | IntentKind::RetrySchedule) => {
            "cli.state.approved"
        }
        (
            IntentState::Approved,
            IntentKind::IssueAccount | IntentKind::IssueKey | IntentKind::IssueReceipt,
        ) => "cli.state.issued",
        (IntentState::Approved, IntentKind::Refund) => "cli.state.refunded",
        (IntentState::Approved, IntentKind::CancelReceipt) => "cli.state.cancelled",
        (IntentState::Approved, IntentKind::CloseAccount) => "cli.state.closed",
        (IntentState::Approved, IntentKind::DeleteKey) => "cli.state.deleted",
        (IntentState::Approved, IntentKind::RevokeSchedules) => "cli.state.revoked",
        (IntentState::Approved, IntentKind::CreateSchedule | IntentKind::RebookSchedule) => {
            "cli.state.scheduled"
        }
        (IntentState::Approved, IntentKind::MoveSchedule) => "cli.state.moved",
        (IntentState::NotCharged, IntentKind::KeyIn | IntentKind::ChargeKey | IntentKind::RetrySchedule) => {
            "cli.state.not-charged"
        }
        (
            IntentState::NotCharged,
            IntentKind::IssueAccount | IntentKind::IssueKey | IntentKind::IssueReceipt,
        ) => "cli.state.not-issued",
        (IntentState::NotCharged, IntentKind::Refund) => "cli.state.not-refunded",
        (IntentState::NotCharged, IntentKind::CancelReceipt) => "cli.state.not-cancelled",
        (IntentState::NotCharged, IntentKind::CloseAccount) => "cli.state.not-closed",
        (IntentState::NotCharged, IntentKind::DeleteKey) => "cli.state.not-deleted",
        (IntentState::NotCharged, IntentKind::RevokeSchedules) => "cli.state.not-revoked",
        (IntentState::NotCharged, IntentKind::CreateSchedule | IntentKind::RebookSchedule) => {
            "cli.state.not-scheduled"
        }
        (IntentState::NotCharged, IntentKind::MoveSchedule) => "cli.state.not-moved",
    }
}

/// The catalogue's key of how far a deposit came.
pub(super) const fn deposit_key(deposit: DepositState) -> &'static str {
    match deposit {
        DepositState::Waiting => "cli.deposit.waiting",
        DepositState::Paid => "cli.deposit.paid",
        DepositState::Closed => "cli.deposit.closed",
    }
}

/// The catalogue's key of TEST or LIVE.
pub(super) const fn mode_key(mode: Mode) -> &'static str {
    match mode {
        Mode::Test => "env.test",
        Mode::Live => "env.live",
    }
}
