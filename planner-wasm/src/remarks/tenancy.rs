//! Diagnostics for tenancy rules that concern nobody.

use albatross_contract::{Diagnostic, DiagnosticCode, Snapshot};

use crate::{
    diagnostics::{Details, Subject, warning},
    source::{Classes, is_known_annotation, known_annotation_like},
};

/// Diagnostics for rules whose class is not ours, and for annotations in rules that no version knows.
pub fn of_rules(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let rules = snapshot.settings.tenancy.as_deref().unwrap_or_default();
    let classes = (!rules.is_empty()).then(|| Classes::new(&snapshot.settings, &snapshot.cluster));
    let mut told = Vec::new();
    for (place, rule) in rules.iter().enumerate() {
        let tell = |field: &str, message: String, remedy: String| {
            warning(DiagnosticCode::SettingInvalid, Subject::Settings, message)
                .field(format!("tenancy[{place}].{field}"))
                .remedy(remedy)
        };
        if classes.iter().any(|classes| !classes.is_ours(&rule.class)) {
            let message = format!(
                "rule {} of tenancy is for class {:?}, which is not ours, so the rule does nothing",
                place + 1,
                rule.class
            );
            let remedy = "correct the name, or add the class to classes".to_owned();
            told.push(tell("class", message, remedy));
        }
        let names = rule.annotations.iter().flatten();
        for name in names.filter(|name| !name.ends_with('*') && !is_known_annotation(name)) {
            let message = format!(
                "rule {} of tenancy allows annotation {name}, which has no effect in any mode",
                place + 1
            );
            let remedy = match known_annotation_like(name) {
                Some(meant) => format!("write {meant} if that is what you meant, or remove it"),
                None => "correct the name, or remove it".to_owned(),
            };
            told.push(tell("annotations", message, remedy));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use albatross_contract::TenancyRule;

    use crate::{planning::plan, policies::NoPolicies, testing::World};

    fn told(rules: serde_json::Value) -> Vec<(Option<String>, String, Option<String>)> {
        let rules: Vec<TenancyRule> = serde_json::from_value(rules).unwrap();
        let mut snapshot = None;
        let world = World::new().with(|it| it.settings.tenancy = Some(rules));
        let _ = world.with(|it| snapshot = Some(it.clone()));
        let diagnostics = plan(&snapshot.unwrap(), &NoPolicies).unwrap().diagnostics;
        let of_tenancy =
            diagnostics.into_iter().filter(|it| it.field.iter().any(|at| at.starts_with("tenancy")));
        of_tenancy.map(|it| (it.field, it.message, it.remedy)).collect()
    }

    #[test]
    fn a_rule_for_a_class_that_is_not_ours_and_a_misspelt_annotation_are_told() {
        let rules = serde_json::json!([
            {"class": "", "annotations": ["zalando.org/aws-load-balancer-scheme", "alb.ingress.kubernetes.io/*"]},
            {"class": "publik", "annotations": ["zalando.org/aws-loadbalancer-scheme", "colour"]},
        ]);
        let expected = [
            (
                "tenancy[1].annotations",
                "annotation zalando.org/aws-loadbalancer-scheme, which",
                "write zalando.org/aws-load-balancer-scheme",
            ),
            (
                "tenancy[1].annotations",
                "annotation colour, which has no effect",
                "correct the name, or remove it",
            ),
            ("tenancy[1].class", "rule 2 of tenancy is for class \"publik\"", "correct the name, or add"),
        ];
        let told = told(rules);
        assert_eq!(told.len(), 3, "{told:?}");
        for (field, message, remedy) in expected {
            let is_it = |it: &&(Option<String>, String, Option<String>)| {
                it.0.as_deref() == Some(field)
                    && it.1.contains(message)
                    && it.2.as_deref().is_some_and(|it| it.starts_with(remedy))
            };
            assert!(told.iter().any(|it| is_it(&it)), "{field} {message}: {told:?}");
        }
    }
}
