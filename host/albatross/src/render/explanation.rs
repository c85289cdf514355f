//! An explanation for people: one decision after the other, chosen candidates first.

use albatross_contract::{Candidate, Explanation};

use super::{
    columns::{Row, Sign, write},
    style::{Style, Tint},
    words::short_id,
};

/// The whole screen of `explain`.
pub fn explanation(explanation: &Explanation, style: Style) -> String {
    let mut out = format!("{}\n", explanation.headline);
    for decision in &explanation.decisions {
        out.push('\n');
        out.push_str(&style.paint(Tint::Name, &decision.title));
        out.push('\n');
        let rows: Vec<Row> = decision.candidates.iter().map(row).collect();
        if rows.is_empty() {
            out.push_str("    there was nothing to choose from\n");
        }
        write(&rows, style, &mut out);
    }
    out
}

fn row(candidate: &Candidate) -> Row {
    let sign = if candidate.chosen { Sign::Chosen } else { Sign::Unchosen };
    // A name that is an ARN is shortened as on every screen; `--output json` has the whole ARN.
    let name = if candidate.name.starts_with("arn:") { short_id(&candidate.name) } else { &candidate.name };
    Row::signed(2, sign, name, candidate.reason.clone())
}
