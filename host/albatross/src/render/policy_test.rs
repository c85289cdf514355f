//! What came of the test cases of a policy, for people.

use super::{
    columns::wrap,
    style::{Style, Tint, printable},
    words::count,
};
use crate::policies::cases::{Mismatch, Tested, Tried};

/// A table of the cases of each file; below a case that failed what is expected and what the policy decided instead.
pub fn tested(files: &[Tested], style: Style) -> String {
    let mut out = String::new();
    for file in files {
        let name = style.paint(Tint::Name, &printable(&file.file.display().to_string())).into_owned();
        out.push_str(&format!("{name}  {}\n", printable(&file.policy.name)));
        file.cases.iter().for_each(|case| write_case(case, style, &mut out));
        out.push('\n');
    }
    let cases = || files.iter().flat_map(|file| &file.cases);
    let (all, failed) = (cases().count(), cases().filter(|case| !case.passed).count());
    let last = match failed {
        0 => style.paint(Tint::Added, &format!("{} passed", count(all, "case"))).into_owned(),
        _ => style.paint(Tint::Removed, &format!("{failed} of {} failed", count(all, "case"))).into_owned(),
    };
    out + &last + "\n"
}

fn write_case(case: &Tried, style: Style, out: &mut String) {
    let (tint, word) = if case.passed { (Tint::Added, "pass") } else { (Tint::Removed, "FAIL") };
    out.push_str(&format!("  {}  {}\n", style.paint(tint, word), printable(&case.name)));
    for Mismatch { field, expected, actual } in &case.mismatches {
        out.push_str(&format!("        {}\n", printable(field)));
        write_value("expected", expected, style, out);
        write_value("actual", actual, style, out);
    }
    for remark in &case.remarks {
        write_value("note", remark, style, out);
    }
    if !case.passed && !case.decisions.is_empty() {
        out.push_str("        the policy decided\n");
        case.decisions.iter().for_each(|line| out.push_str(&format!("          {}\n", printable(line))));
    }
}

/// A value in its column, over as many lines as it needs.
fn write_value(name: &str, value: &str, style: Style, out: &mut String) {
    const COLUMN: usize = 20;
    let mut name = name;
    for line in wrap(&printable(value), style.width().saturating_sub(COLUMN)) {
        out.push_str(&format!("          {name:<10}{line}\n"));
        name = "";
    }
}
