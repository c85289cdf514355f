//! A recorded pass. Its plan is only read if it must be: two plans are the same if their texts are.

use albatross_contract::{
    ActionResult, Bundle, ComponentIdentity, GuestLimits, Plan, RecordedPolicy, Snapshot,
    file::{self, FORMAT_VERSION, FileError},
};
use serde::{Deserialize, Serialize, de::IgnoredAny};

/// A recorded pass.
pub struct Recorded {
    /// The input of the plan.
    pub snapshot: Snapshot,
    /// The planner that made the plan.
    pub planner: ComponentIdentity,
    /// The policies that there were. Bundles of older versions lack those that were not asked.
    pub policies: Vec<RecordedPolicy>,
    /// The limits of the components.
    pub limits: GuestLimits,
    /// What the execution of the plan came to.
    pub results: Vec<ActionResult>,
    /// The text of the bundle.
    text: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Envelope {
    format_version: u32,
    bundle: Question,
}

/// A bundle without its answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    snapshot: Snapshot,
    planner: ComponentIdentity,
    // Empty lists are not written.
    #[serde(default)]
    policies: Vec<RecordedPolicy>,
    limits: GuestLimits,
    #[serde(rename = "plan")]
    _plan: IgnoredAny,
    #[serde(default)]
    results: Vec<ActionResult>,
}

/// How the plan begins in a bundle that [`file::write`] wrote. A text cannot contain a line break, so this is a key.
const BEGINNING: &str = "\n    \"plan\": ";
/// What can come after the plan: the results of its actions, or the end.
const ENDS: [&str; 2] = [",\n    \"results\": ", "\n  }\n}\n"];

impl Recorded {
    /// Reads a bundle.
    ///
    /// # Errors
    /// The text, and [`FileError`], which says where it is wrong.
    pub fn read(text: Vec<u8>) -> Result<Recorded, (Vec<u8>, FileError)> {
        let read =
            serde_json::from_slice(&text).ok().filter(|it: &Envelope| it.format_version == FORMAT_VERSION);
        if let Some(Envelope { bundle, .. }) = read {
            let Question { snapshot, planner, policies, limits, results, .. } = bundle;
            return Ok(Recorded { snapshot, planner, policies, limits, results, text });
        }
        // This says what is wrong.
        match file::read(&text) {
            Ok(Bundle { snapshot, planner, policies, limits, results, .. }) => {
                Ok(Recorded { snapshot, planner, policies, limits, results, text })
            }
            Err(error) => Err((text, error)),
        }
    }

    /// The recorded plan.
    ///
    /// # Errors
    /// [`FileError`], which says where the plan is wrong.
    pub fn plan(&self) -> Result<Plan, FileError> {
        Ok(file::read::<Bundle>(&self.text)?.plan)
    }

    /// Whether another plan has the bytes of the recorded plan. A bundle that was written by something else is never the same.
    ///
    /// # Errors
    /// None in practice: every plan can be written as JSON.
    pub fn has_bytes_of(&self, plan: &Plan) -> Result<bool, serde_json::Error> {
        #[derive(Serialize)]
        struct Bundle<'a> {
            plan: &'a Plan,
        }
        #[derive(Serialize)]
        struct File<'a> {
            bundle: Bundle<'a>,
        }
        // The plan at the depth at which it is in a bundle.
        let written = serde_json::to_vec_pretty(&File { bundle: Bundle { plan } })?;
        let written = str::from_utf8(&written)
            .ok()
            .and_then(|text| text.split_once(BEGINNING)?.1.strip_suffix("\n  }\n}"));
        let recorded = str::from_utf8(&self.text).ok().and_then(|text| Some(text.rsplit_once(BEGINNING)?.1));
        let (Some(written), Some(recorded)) = (written, recorded) else { return Ok(false) };
        Ok(recorded.strip_prefix(written).is_some_and(|rest| ENDS.iter().any(|end| rest.starts_with(end))))
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::ActionState;

    use super::*;

    fn read(text: Vec<u8>) -> Result<Recorded, FileError> {
        Recorded::read(text).map_err(|(_, error)| error)
    }

    fn bundle() -> Bundle {
        let text = include_bytes!("../../../../examples/quickstart/cloud.json");
        let inventory: albatross_contract::Inventory = file::read(text).unwrap();
        let snapshot = Snapshot {
            time: 1,
            frozen: Vec::new(),
            settings: albatross_contract::Settings::default(),
            cluster: albatross_contract::Cluster::default(),
            inventory,
        };
        Bundle {
            snapshot,
            planner: ComponentIdentity { name: "planner".to_owned(), sha256: "0".repeat(64) },
            policies: Vec::new(),
            limits: (&albatross_engine::Limits::default()).into(),
            plan: Plan {
                load_balancers: Vec::new(),
                actions: Vec::new(),
                outcomes: Vec::new(),
                diagnostics: Vec::new(),
                withheld: Vec::new(),
                next_change_at: Some(7),
                gates: None,
            },
            results: Vec::new(),
        }
    }

    #[test]
    fn a_plan_is_compared_by_its_bytes_whether_it_was_executed_or_not() {
        let result = ActionResult { action: "a".to_owned(), state: ActionState::Done, error: None };
        for results in [Vec::new(), vec![result]] {
            compare(&Bundle { results, ..bundle() });
        }
    }

    fn compare(bundle: &Bundle) {
        let recorded = read(file::write(bundle).unwrap()).unwrap();
        assert!(recorded.has_bytes_of(&bundle.plan).unwrap());
        assert_eq!(recorded.plan().unwrap(), bundle.plan);
        for next_change_at in [None, Some(70), Some(8)] {
            let other = Plan { next_change_at, ..bundle.plan.clone() };
            assert!(!recorded.has_bytes_of(&other).unwrap(), "{next_change_at:?}");
        }
    }

    #[test]
    fn a_bundle_that_something_else_wrote_can_be_read() {
        let bundle = bundle();
        let written: serde_json::Value = serde_json::from_slice(&file::write(&bundle).unwrap()).unwrap();
        let recorded = read(written.to_string().into_bytes()).unwrap();
        assert!(!recorded.has_bytes_of(&bundle.plan).unwrap());
        assert_eq!(recorded.plan().unwrap(), bundle.plan);
    }

    #[test]
    fn what_is_wrong_with_a_bundle_is_said_as_elsewhere() {
        let text = String::from_utf8(file::write(&bundle()).unwrap()).unwrap();
        let newer = text.replace("\"format-version\": 1", "\"format-version\": 9");
        assert!(matches!(read(newer.into_bytes()), Err(FileError::Version { found: 9 })));
        let wrong = text.replace("\n  }\n}", ",\n    \"results\": 17\n  }\n}");
        assert!(read(wrong.into_bytes()).err().unwrap().to_string().contains("17"));
        let wrong = text.replace("\"time\": 1,", "\"time\": \"noon\",");
        assert!(read(wrong.into_bytes()).err().unwrap().to_string().contains("noon"));
    }
}
