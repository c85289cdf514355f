//! What an examination of a policy showed, for people.

use albatross_contract::PolicyPoint;
use albatross_engine::Limits;

use super::words::count;
use crate::policies::{decisions::lines, examination::Examined};

/// What came of the questions about a snapshot.
pub fn findings(name: &str, examined: &[Examined], limits: &Limits) -> String {
    let mut text = format!("\n{name}\n");
    if examined.is_empty() {
        text.push_str("  it is asked nothing\n");
    }
    for it in examined {
        let subject = match it.point {
            PolicyPoint::Grouping => "Ingress",
            PolicyPoint::Subnets => "subnet",
            PolicyPoint::Certificates => "host",
        };
        let scheme = it.scheme.map(|scheme| format!("{}, ", scheme.as_str())).unwrap_or_default();
        let asked = count(it.subjects, subject);
        let line = format!(
            "  {:<14}{scheme}{asked}, {} ms, {} of {} units of fuel, {} KiB of memory\n",
            it.point.as_str(),
            it.took.as_millis(),
            it.fuel,
            limits.fuel,
            it.memory.div_ceil(1_024)
        );
        text.push_str(&line);
        for line in lines(&it.decisions) {
            text.push_str(&format!("    {line}\n"));
        }
        for warning in &it.warnings {
            text.push_str(&format!("    warning: {warning}\n"));
        }
        for fault in &it.faults {
            text.push_str(&format!("    fault: {fault}\n"));
        }
    }
    text
}
