//! One of a few that stand side by side or below each other: the next one, in a ring or up to the ends. Keeps nothing.

/// The one after, or before, in a ring. `now` itself when there is nothing to choose from.
pub fn turned<T: Clone + PartialEq>(all: &[T], now: &T, forward: bool) -> T {
    let at = all.iter().position(|one| one == now).unwrap_or(0);
    let step = if forward { 1 } else { all.len().saturating_sub(1) };
    all.get((at + step) % all.len().max(1)).unwrap_or(now).clone()
}

/// The one after, or before; it stays at the ends.
pub fn neighbour<T: Copy + PartialEq>(all: &[T], now: T, forward: bool) -> T {
    let at = all.iter().position(|one| *one == now).unwrap_or(0);
    let to = if forward { (at + 1).min(all.len().saturating_sub(1)) } else { at.saturating_sub(1) };
    all.get(to).copied().unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_goes_on_at_its_ends_and_a_row_stays_there() {
        let all = ['a', 'b', 'c'];
        let walk = |step: &dyn Fn(char) -> char| {
            std::iter::successors(Some('a'), |now| Some(step(*now))).take(4).collect::<String>()
        };
        assert_eq!(walk(&|now| turned(&all, &now, true)), "abca");
        assert_eq!(walk(&|now| turned(&all, &now, false)), "acba");
        assert_eq!(walk(&|now| neighbour(&all, now, true)), "abcc");
        assert_eq!(walk(&|now| neighbour(&all, now, false)), "aaaa");
        assert_eq!((neighbour(&all, 'c', false), turned(&all, &'x', true)), ('b', 'b'));
        for forward in [true, false] {
            assert_eq!((turned(&[], &'x', forward), neighbour(&[], 'x', forward)), ('x', 'x'));
        }
    }
}
