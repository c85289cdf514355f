//! The report of `diff`: two files side by side.

use std::collections::BTreeSet;

use super::{
    both::{Both, Titled},
    differences::{Row, of_kind, rows, table},
    filter::form,
    fleet::fleets,
    numbers,
    page::{Head, Section, page},
};
use crate::{
    difference::{Difference, Side},
    render::difference::{SIDES, last_line},
};

/// The report. `words`: what the sides are.
pub fn report(difference: &Difference, sides: [Side<'_>; 2], words: [&str; 2]) -> String {
    let [before, after] = sides;
    let [one, other] = SIDES;
    let both =
        Both { before: Titled { title: one, side: before }, after: Titled { title: other, side: after } };
    let answer = rows(&both);
    let kinds = difference.world.iter().flatten();
    let world: Vec<Row> = kinds.flat_map(|kind| of_kind(kind, &BTreeSet::new())).collect();
    let mut differing = Vec::new();
    if !(answer.is_empty() && world.is_empty()) {
        differing.push(form(answer.iter().chain(&world).map(|row| &row.keys)));
    }
    for (caption, rows) in [("In the answer", &answer), ("In the world", &world)] {
        if !rows.is_empty() {
            differing.extend(table(caption, SIDES, rows));
        }
    }
    page(
        Head {
            title: "Difference".to_owned(),
            verdict: last_line(difference),
            is_problem: false,
            facts: SIDES.into_iter().zip(words.map(str::to_owned)).collect(),
        },
        vec![
            Section::new("differences", "What differs", differing),
            Section::new("fleet", "Load balancers", fleets(&both)),
            Section::new("numbers", "Numbers", numbers::of_both(&both)),
        ],
    )
}
