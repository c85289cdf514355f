//! Chooses some of many, evenly.

/// Places in a list of `length` elements, `number` of them, each as often as the others or once more. The places that come once
/// more are spread evenly over the list: what is sorted by zone is chosen from all zones alike.
pub fn places(length: usize, number: usize) -> Vec<usize> {
    let Some(rest) = number.checked_rem(length) else { return Vec::new() };
    let whole = (0..number / length).flat_map(|_| 0..length);
    whole.chain((0..rest).map(|at| at * length / rest)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_spread_over_the_whole_list() {
        assert_eq!(places(9, 3), [0, 3, 6]);
        assert_eq!(places(3, 5), [0, 1, 2, 0, 1]);
        assert_eq!(places(3, 6), [0, 1, 2, 0, 1, 2]);
        assert_eq!(places(0, 5), Vec::<usize>::new());
    }
}
