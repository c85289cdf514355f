//! What was redacted.

use std::path::Path;

use clap::ValueEnum;

use super::words::count;
use crate::redaction::{Kept, Redacted};

/// What somebody who knows the fleet could recognize.
const RECOGNIZABLE: &str = "\
So do numbers of up to 7 digits in names, counts, times (public logs have those of certificates), digests of
components, the beginnings of addresses, and the bits in which addresses differ.
";

/// What was redacted by kind, and what stays.
pub fn summary(redacted: &Redacted, to: &Path, kept: &[Kept], words: &[String]) -> String {
    let passes = count(redacted.passes, "pass");
    let mut text = format!("Redacted {passes} into {}\n\n", to.display());
    for (kind, number) in &redacted.occurrences {
        text.push_str(&format!("  {number:>10}  {kind}\n"));
    }
    let mut stays = vec!["regions", "zones", "ports", "times", "quotas", "words of AWS and Kubernetes"];
    let names: Vec<String> = kept
        .iter()
        .filter_map(ValueEnum::to_possible_value)
        .map(|value| value.get_name().to_owned())
        .collect();
    stays.extend(names.iter().chain(words).chain(&redacted.of_policies).map(String::as_str));
    text.push_str(&format!("\nStays as it is: {}.\n", stays.join(", ")));
    text.push_str(RECOGNIZABLE);
    if redacted.differing.is_empty() {
        text.push_str("Each redacted snapshot leads to the redacted plan.\n");
    }
    text
}

/// The warning about plans that are others.
pub fn differing(passes: usize, first: &Path, difference: &str) -> String {
    let passes = if passes == 1 { "1 pass leads".to_owned() } else { format!("{passes} passes lead") };
    format!("{passes} to another plan than the recorded one; in {}: {difference}", first.display())
}
