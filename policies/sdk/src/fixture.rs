//! Recorded questions, for the tests of a policy.

use std::{fs, path::Path};

use albatross_contract::{CertificateInput, GroupingInput, PolicyQuestion, SubnetInput};
use serde::Deserialize;

/// A question of a point, which can be recorded.
pub trait Recorded: Sized {
    /// The name of the point.
    const POINT: &'static str;

    /// The question, if it is one of this point.
    fn of(question: PolicyQuestion) -> Option<Self>;
}

macro_rules! recorded {
    ($input:ident: $case:ident, $point:literal) => {
        impl Recorded for $input {
            const POINT: &'static str = $point;

            fn of(question: PolicyQuestion) -> Option<Self> {
                match question {
                    PolicyQuestion::$case(input) => Some(input),
                    _ => None,
                }
            }
        }
    };
}

recorded!(GroupingInput: Grouping, "grouping");
recorded!(SubnetInput: Subnets, "subnets");
recorded!(CertificateInput: Certificates, "certificates");

/// A recorded question, to be answered in a test of the policy: natively, where a debugger can follow. `--record-questions` of
/// `albatross plan`, `replay` and `policy check` writes such files. cargo runs tests in the folder of their package, so the path
/// begins there.
///
/// ```no_run
/// # use albatross_policy::{fixture, contract::GroupingInput};
/// let input: GroupingInput = fixture("tests/grouping-1.json").unwrap();
/// ```
///
/// # Errors
/// The file cannot be read, is no recorded question, or is one of another point.
pub fn fixture<Q: Recorded>(path: impl AsRef<Path>) -> Result<Q, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct File {
        policy_call: Call,
    }
    #[derive(Deserialize)]
    struct Call {
        question: PolicyQuestion,
    }
    let path = path.as_ref();
    let wrong = |problem: String| format!("{}: {problem}", path.display());
    let text = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let file: File = serde_json::from_slice(&text)
        .map_err(|error| wrong(format!("not a question that --record-questions wrote: {error}")))?;
    Q::of(file.policy_call.question).ok_or_else(|| wrong(format!("not a question of the point {}", Q::POINT)))
}
