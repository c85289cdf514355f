//! The report of `diff`: two files side by side.

use std::collections::BTreeSet;

use super::{
    both::{Both, Titled},
    differences::rows,
    filter::form,
    fleet::fleets,
    kinds::add_kind,
    numbers,
    page::page,
    rows::Rows,
};
use crate::html::frame::{Head, Section};
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
    let mut world = Rows::default();
    for kind in difference.world.iter().flatten() {
        add_kind(kind, &BTreeSet::new(), &mut world);
    }
    let mut differing = Vec::new();
    if !(answer.is_empty() && world.is_empty()) {
        differing.push(form(&[&answer, &world]));
    }
    for (caption, rows) in [("In the answer", &answer), ("In the world", &world)] {
        if !rows.is_empty() {
            differing.extend(rows.table(&format!("{caption}: {}", rows.counted()), SIDES));
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
