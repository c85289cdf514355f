//! What the planner says about settings before a cluster or an account is read, so that a wrong value ends the program at once
//! and not in every pass.

use albatross_contract::{
    Cluster, Diagnostic, DiagnosticCode, IncompletePart, Inventory, PlanningError, Quotas, Settings,
    Severity, Snapshot, ViewPart, Vpc,
};
use albatross_engine::EngineError;

use crate::{error::Error, pass::Makers};

/// Asks the planner for a plan of nothing, with these settings. Returns what it finds wrong with a setting although it can plan,
/// such as a TLS policy that it does not know. `region`: absent if it is not known yet.
///
/// # Errors
/// Settings with which there can be no plan. Everything else that goes wrong here is left to the first pass.
pub fn check(
    settings: &Settings,
    region: Option<&str>,
    makers: &Makers,
) -> Result<Vec<Diagnostic>, PlanningError> {
    match makers.pass(of_nothing(settings.clone(), region)) {
        Ok(pass) => {
            let is_wrong = |found: &Diagnostic| {
                found.code == DiagnosticCode::SettingInvalid && found.severity == Severity::Error
            };
            Ok(pass.plan.diagnostics.into_iter().filter(is_wrong).collect())
        }
        Err(Error::Engine(EngineError::Planning { source }))
            if source.code == DiagnosticCode::SettingInvalid =>
        {
            Err(source)
        }
        Err(_) => Ok(Vec::new()),
    }
}

/// A cluster and an account of which nothing is known.
fn of_nothing(mut settings: Settings, region: Option<&str>) -> Snapshot {
    // Both are found later, in the cluster and in the account.
    for found_later in [&mut settings.identity.cluster_id, &mut settings.identity.cluster_uid] {
        if found_later.is_empty() {
            "unknown".clone_into(found_later);
        }
    }
    if region.is_none() {
        // It belongs to a region.
        settings.web_acl = None;
    }
    let reason = "nothing is read yet".to_owned();
    let inventory = Inventory {
        observed_at: 0,
        account: String::new(),
        region: region.unwrap_or_default().to_owned(),
        incomplete: vec![IncompletePart { part: ViewPart::Tags, resource: None, reason, expected: None }],
        vpc: Vpc {
            id: String::new(),
            cidr_blocks: Vec::new(),
            ipv6_cidr_blocks: Vec::new(),
            tags: Vec::new(),
        },
        zones: Vec::new(),
        subnets: Vec::new(),
        route_tables: Vec::new(),
        security_groups: Vec::new(),
        certificates: Vec::new(),
        load_balancers: Vec::new(),
        target_groups: Vec::new(),
        auto_scaling_groups: Vec::new(),
        instances: Vec::new(),
        quotas: Quotas::default(),
        hosted_zones: None,
        ssl_policies: None,
    };
    Snapshot { time: 0, frozen: Vec::new(), settings, cluster: Cluster::default(), inventory }
}

#[cfg(test)]
mod tests {
    use albatross_engine::{Engine, Limits};

    use super::*;

    fn told(change: impl FnOnce(&mut Settings), region: Option<&str>) -> Result<Vec<String>, String> {
        let makers = Makers::load(None, &[], &Engine::new(Limits::default())).unwrap();
        let mut settings = Settings::default();
        change(&mut settings);
        let told = check(&settings, region, &makers);
        told.map(|told| told.into_iter().map(|it| it.message).collect())
            .map_err(|error| format!("{}: {}", error.field.unwrap_or_default(), error.message))
    }

    #[test]
    fn settings_that_only_name_what_nobody_has_read_yet_are_good() {
        let named = |settings: &mut Settings| {
            settings.subnets = vec!["subnet-1".into(), "subnet-2".into()];
            settings.security_groups = vec!["sg-1".into()];
            settings.web_acl =
                Some("arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/1a2b".into());
            settings.retained_classes = Some(vec!["of-an-ingress-class".into()]);
        };
        assert_eq!(told(|_| {}, None), Ok(Vec::new()));
        assert_eq!(told(named, None), Ok(Vec::new()));
        assert_eq!(told(named, Some("eu-central-1")), Ok(Vec::new()));
        let error = told(named, Some("eu-west-1")).unwrap_err();
        assert!(error.starts_with("web-acl: settings: web-acl is "), "{error}");
    }

    #[test]
    fn a_value_out_of_range_is_an_error_with_the_name_of_the_setting() {
        let error = told(|settings| settings.idle_timeout = 5_000, None).unwrap_err();
        assert_eq!(error, "idle-timeout: settings: idle-timeout is 5000; it must be 1 to 4000");
    }

    #[test]
    fn a_tls_policy_that_the_planner_does_not_know_is_told() {
        let told = told(|settings| settings.ssl_policy = Some("Policy-1".into()), None).unwrap();
        assert_eq!(told, ["the settings name the TLS policy \"Policy-1\", which this version does not know"]);
    }
}
