//! Checks of the setting `tenancy`.

use albatross_contract::{PlanningError, Settings, TenancyRule};

use super::{domains::is_domain, invalid};
use crate::source::matches_name;

/// Refuses rules that could never allow anything, or that are never reached, and patterns that match nothing.
pub fn check(settings: &Settings) -> Result<(), PlanningError> {
    let rules = settings.tenancy.as_deref().unwrap_or_default();
    for (number, rule) in (1..).zip(rules) {
        let refused = |field: &str, what: String| {
            Err(invalid(&format!("tenancy[{}].{field}", number - 1), &format!("{what} (rule {number})")))
        };
        let lists = [
            ("namespaces", rule.namespaces.as_deref(), "leave it out to allow all namespaces"),
            ("hosts", rule.hosts.as_deref(), "leave it out to allow all hosts"),
        ];
        for (field, list, remedy) in lists {
            if list.is_some_and(<[String]>::is_empty) {
                return refused(field, format!("is empty, so that nothing is allowed; {remedy}"));
            }
        }
        if rule.schemes.as_deref().is_some_and(<[_]>::is_empty) {
            let what = "is empty, so that nothing is allowed; leave it out to allow both schemes".to_owned();
            return refused("schemes", what);
        }
        let names = [
            ("namespaces", &rule.namespaces),
            ("groups", &rule.groups),
            ("certificates", &rule.certificates),
            ("annotations", &rule.annotations),
        ];
        for (field, list) in names {
            if let Some(wrong) = list.iter().flatten().find(|pattern| !is_pattern_of_names(pattern)) {
                let what = format!("has {wrong:?}; write a name, which may have one * at its end");
                return refused(field, what);
            }
        }
        if let Some(wrong) = rule.hosts.iter().flatten().find(|pattern| !is_pattern_of_hosts(pattern)) {
            let what = format!(
                "has {wrong:?}; write a host as shop.example.org, all hosts below a domain as *.example.org, or *"
            );
            return refused("hosts", what);
        }
        if let Some((earlier, _)) = (1..number).zip(rules).find(|(_, earlier)| hides(earlier, rule)) {
            let what = format!(
                "has only namespaces for which rule {earlier} of the class decides; remove one of these rules"
            );
            return refused("namespaces", what);
        }
    }
    Ok(())
}

/// Whether an earlier rule decides for all namespaces of a rule.
fn hides(earlier: &TenancyRule, rule: &TenancyRule) -> bool {
    let Some(earlier_namespaces) = &earlier.namespaces else { return earlier.class == rule.class };
    let is_hidden =
        |pattern: &String| earlier_namespaces.iter().any(|it| it == pattern || matches_name(it, pattern));
    let all = rule.namespaces.as_ref().map_or_else(
        || earlier_namespaces.iter().any(|it| it == "*"),
        |namespaces| namespaces.iter().all(is_hidden),
    );
    earlier.class == rule.class && all
}

fn is_pattern_of_names(pattern: &str) -> bool {
    let name = pattern.strip_suffix('*').unwrap_or(pattern);
    !pattern.is_empty() && !name.contains('*') && !name.contains(char::is_whitespace)
}

fn is_pattern_of_hosts(pattern: &str) -> bool {
    pattern == "*" || is_domain(pattern.strip_prefix("*.").unwrap_or(pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rules: serde_json::Value) -> Option<String> {
        let settings =
            Settings { tenancy: Some(serde_json::from_value(rules).unwrap()), ..Settings::default() };
        check(&settings).err().map(|error| format!("{}: {}", error.field.unwrap(), error.message))
    }

    #[test]
    fn rules_that_allow_something_are_good() {
        let rules = serde_json::json!([
            {"class": "public", "namespaces": ["team-b", "web-*"], "hosts": ["example.org", "*.example.org"]},
            {"class": "public", "groups": [], "certificates": [], "annotations": [], "schemes": ["internal"]},
            {"class": "", "hosts": ["*"], "certificates": ["arn:aws:acm:*"]},
        ]);
        assert_eq!(told(rules), None);
        assert_eq!(check(&Settings::default()), Ok(()));
    }

    #[test]
    fn rules_that_cannot_work_are_refused_by_name() {
        let with = |field: &str, value: serde_json::Value| serde_json::json!([{"class": "x", field: value}]);
        for (rules, expected) in [
            (with("namespaces", serde_json::json!([])), "tenancy[0].namespaces is empty"),
            (with("hosts", serde_json::json!([])), "tenancy[0].hosts is empty"),
            (with("schemes", serde_json::json!([])), "tenancy[0].schemes is empty"),
            (
                with("namespaces", serde_json::json!(["*-web"])),
                "tenancy[0].namespaces has \"*-web\"; write a name",
            ),
            (with("groups", serde_json::json!([""])), "tenancy[0].groups has \"\""),
            (with("certificates", serde_json::json!(["a b"])), "tenancy[0].certificates has \"a b\""),
            (with("annotations", serde_json::json!(["a*b"])), "tenancy[0].annotations has \"a*b\""),
            (
                with("hosts", serde_json::json!(["*example.org"])),
                "tenancy[0].hosts has \"*example.org\"; write a host as",
            ),
            (
                with("hosts", serde_json::json!(["https://example.org"])),
                "tenancy[0].hosts has \"https://example.org\"",
            ),
            (
                serde_json::json!([{"class": "x"}, {"class": "y"}, {"class": "x", "namespaces": ["a"]}]),
                "tenancy[2].namespaces has only namespaces for which rule 1 of the class decides",
            ),
            (
                serde_json::json!([{"class": "x", "namespaces": ["web-*"]}, {"class": "x", "namespaces": ["web-a", "web-b-*"]}]),
                "tenancy[1].namespaces has only",
            ),
            (
                serde_json::json!([{"class": "x", "namespaces": ["*"]}, {"class": "x"}]),
                "tenancy[1].namespaces has only",
            ),
        ] {
            let told = told(rules).unwrap();
            assert!(told.contains(expected), "{told}");
        }
    }
}
