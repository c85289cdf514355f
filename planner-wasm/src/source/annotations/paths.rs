//! How paths of the type ImplementationSpecific are read.

use super::values::Reader;

const USE_EXPRESSIONS: &str = "alb.ingress.kubernetes.io/use-regex-path-match";

/// The annotations of this family.
pub const KNOWN: &[&str] = &[USE_EXPRESSIONS];

/// Whether paths of the type ImplementationSpecific are regular expressions behind their first `/`, and not patterns.
pub fn are_expressions(reader: &mut Reader<'_>) -> bool {
    reader.flag(USE_EXPRESSIONS).unwrap_or(false)
}
