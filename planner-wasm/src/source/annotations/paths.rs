//! How paths of the type ImplementationSpecific are read.

use super::values::Reader;

const USE_EXPRESSIONS: &str = "alb.ingress.kubernetes.io/use-regex-path-match";

/// The annotations of this family.
pub const KNOWN: &[&str] = &[USE_EXPRESSIONS];

/// The spellings of the AWS Load Balancer Controller (Go, `strconv.ParseBool`).
const BOOLEANS: &[(&str, bool)] = &[
    ("1", true),
    ("t", true),
    ("T", true),
    ("true", true),
    ("TRUE", true),
    ("True", true),
    ("0", false),
    ("f", false),
    ("F", false),
    ("false", false),
    ("FALSE", false),
    ("False", false),
];

/// Whether paths of the type ImplementationSpecific are regular expressions behind their first `/`, and not patterns.
pub fn are_expressions(reader: &mut Reader<'_>) -> bool {
    reader.choice(USE_EXPRESSIONS, BOOLEANS, "true or false").unwrap_or(false)
}
