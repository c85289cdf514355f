//! Load balancers and moves over the passes of a history, for each region.

use std::collections::BTreeMap;

use super::chart::{Measure, chart};
use crate::{
    html::{Element, table::left_out, text},
    replay::Point,
};

/// The most regions.
const REGIONS: usize = 10;

const MEASURES: [Measure; 4] = [
    Measure { title: "Load balancers in use", of: |it| it.in_use },
    Measure { title: "Load balancers with those in their grace period", of: |it| it.load_balancers },
    Measure { title: "Ingresses whose DNS name changes", of: |it| it.moves },
    Measure { title: "Ingresses whose DNS name change a budget withholds", of: |it| it.moves_withheld },
];

/// The charts. `sides`: what was recorded, and what was planned now if it may differ.
pub fn timeline(points: &[Point], sides: &[&str]) -> Vec<Element> {
    let mut regions: BTreeMap<&str, Vec<&Point>> = BTreeMap::new();
    for point in points {
        regions.entry(&point.region).or_default().push(point);
    }
    let mut elements = Vec::new();
    for (region, points) in regions.iter().take(REGIONS) {
        elements.push(text("h3", region));
        let is_used = |measure: &&Measure| {
            let sides = points.iter().flat_map(|point| [&point.recorded, &point.replayed]);
            sides.map(measure.of).any(|number| number > 0)
        };
        elements.extend(MEASURES.iter().filter(is_used).map(|measure| chart(points, measure, sides)));
    }
    elements.extend(left_out(regions.len().saturating_sub(REGIONS), "region", ""));
    elements
}
