//! Checks of the settings for Route 53.

use albatross_contract::{PlanningError, Route53Settings};

use super::{domains::is_domain, invalid};

/// Refuses ids, domains and roles that cannot exist.
pub fn check(settings: &Route53Settings) -> Result<(), PlanningError> {
    if let Some(id) = settings.zones.iter().find(|id| !is_zone_id(id)) {
        let what = format!("has {id:?}, which is not the id of a hosted zone; write it as Z04ABC");
        return Err(invalid("route53.zones", &what));
    }
    if let Some(domain) = settings.domains.iter().find(|domain| !is_domain(domain)) {
        let what = format!("has {domain:?}, which is not a domain; write it as example.org");
        return Err(invalid("route53.domains", &what));
    }
    match &settings.role {
        Some(role) if !is_role(role) => {
            let what = format!(
                "is {role:?}, which is not the ARN of a role; write it as arn:aws:iam::123456789012:role/NAME"
            );
            Err(invalid("route53.role", &what))
        }
        Some(_) | None => Ok(()),
    }
}

/// Up to 32 characters (Route 53 API reference, `HostedZone`), without the prefix `/hostedzone/`. That the first one is `Z`
/// is usual, but not documented.
fn is_zone_id(id: &str) -> bool {
    (1..=32).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
}

fn is_role(arn: &str) -> bool {
    match arn.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", partition, "iam", "", account, role] => {
            !partition.is_empty()
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && role.strip_prefix("role/").is_some_and(|name| !name.is_empty())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_of(zones: &[&str], domains: &[&str], role: Option<&str>) -> Result<(), String> {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let settings =
            Route53Settings { zones: texts(zones), domains: texts(domains), role: role.map(str::to_owned) };
        check(&settings).map_err(|error| error.message)
    }

    #[test]
    fn ids_domains_and_roles_as_aws_writes_them_are_accepted() {
        assert_eq!(check_of(&[], &[], None), Ok(()));
        let role = "arn:aws-cn:iam::123456789012:role/dns/albatross";
        assert_eq!(check_of(&["Z0123456789ABCDEFGHIJ"], &["example.org", "Org"], Some(role)), Ok(()));
    }

    #[test]
    fn a_value_that_cannot_exist_is_refused_by_the_name_of_its_setting() {
        for (zones, domains, role, expected) in [
            (&["/hostedzone/Z1"][..], &[][..], None, "route53.zones has \"/hostedzone/Z1\""),
            (&["example.org"], &[], None, "route53.zones has \"example.org\""),
            (&[], &["example.org."], None, "route53.domains has \"example.org.\""),
            (&[], &["*.example.org"], None, "route53.domains has \"*.example.org\""),
            (&[], &[], Some("albatross"), "route53.role is \"albatross\""),
            (&[], &[], Some("arn:aws:iam::123456789012:user/x"), "route53.role is \"arn:aws:iam"),
        ] {
            let message = check_of(zones, domains, role).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }
}
