//! Ports as ranges, when a security group has too few rules left for single ports.

use std::collections::BTreeSet;

/// Ranges that contain all the ports: single ports if `limit` is large enough; otherwise ports with the smallest gaps between
/// them share a range, so that as few other ports as possible are opened.
pub fn ranges(ports: &BTreeSet<u16>, limit: usize) -> Vec<(u16, u16)> {
    let sorted: Vec<u16> = ports.iter().copied().collect();
    let mut gaps: Vec<(u16, usize)> =
        sorted.windows(2).enumerate().map(|(place, pair)| (pair[1] - pair[0], place)).collect();
    gaps.sort_by_key(|(gap, place)| (std::cmp::Reverse(*gap), *place));
    let ends: BTreeSet<usize> = gaps.into_iter().take(limit.max(1) - 1).map(|(_, place)| place).collect();
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for (place, port) in sorted.into_iter().enumerate() {
        match ranges.last_mut() {
            Some(last) if !ends.contains(&(place - 1)) => last.1 = port,
            _ => ranges.push((port, port)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::ranges;

    fn of(ports: &[u16], limit: usize) -> Vec<(u16, u16)> {
        ranges(&ports.iter().copied().collect(), limit)
    }

    #[test]
    fn each_port_has_a_range_of_its_own_where_there_is_room() {
        assert_eq!(of(&[80, 81, 8080], 3), [(80, 80), (81, 81), (8080, 8080)]);
        assert_eq!(of(&[], 3), []);
    }

    #[test]
    fn ports_with_the_smallest_gaps_share_a_range_where_there_is_not() {
        assert_eq!(
            of(&[30_000, 30_001, 30_050, 32_000], 3),
            [(30_000, 30_001), (30_050, 30_050), (32_000, 32_000)]
        );
        assert_eq!(of(&[30_000, 30_001, 30_050, 32_000], 2), [(30_000, 30_050), (32_000, 32_000)]);
        assert_eq!(of(&[80, 443], 0), [(80, 443)], "at least one range");
    }
}
