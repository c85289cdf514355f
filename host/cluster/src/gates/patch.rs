//! The change that a condition of a Pod needs.

use albatross_contract::{GateCondition, READINESS_GATE};
use k8s_openapi::jiff;
use serde_json::{Value, json};

/// The body of a strategic merge patch. Conditions are merged by their type, so that others stay. With `uid`, the API server refuses
/// to change a Pod that was created again under the same name. `since`: when the status changes; absent, the time stays.
pub(super) fn of(condition: &GateCondition, uid: Option<&str>, since: Option<jiff::Timestamp>) -> Value {
    let mut written = json!({
        "type": READINESS_GATE,
        "status": if condition.status { "True" } else { "False" },
        "reason": condition.reason,
        "message": condition.message,
    });
    if let Some(since) = since {
        // A time of the API has no fractions of a second.
        written["lastTransitionTime"] = json!(since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    }
    let mut body = json!({ "status": { "conditions": [written] } });
    if let Some(uid) = uid {
        body["metadata"] = json!({ "uid": uid });
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_condition_is_in_the_patch_and_its_time_only_if_its_status_changes() {
        let text = |text: &str| Some(text.to_owned());
        let condition =
            GateCondition { status: true, reason: text("TargetHealthy"), message: text("it is healthy") };
        let since = jiff::Timestamp::from_second(1_795_253_400).unwrap();
        assert_eq!(
            of(&condition, Some("7a0c"), Some(since)),
            json!({
                "metadata": { "uid": "7a0c" },
                "status": { "conditions": [{
                    "type": "albatross/target-health", "status": "True", "reason": "TargetHealthy",
                    "message": "it is healthy", "lastTransitionTime": "2026-11-21T09:30:00Z",
                }] },
            })
        );
        let same = of(&condition, None, None);
        assert_eq!(same["status"]["conditions"][0].get("lastTransitionTime"), None);
        assert_eq!(same.get("metadata"), None);
    }
}
