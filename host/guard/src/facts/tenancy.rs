//! Hosts that the tenancy settings do not allow to an object. Nobody needs anything for them: what was made for them goes like
//! what no object names, after its grace period and within the budgets.

use albatross_contract::{Settings, SourceObject, TenancyRule};

/// Whether the settings refuse a host, or with an empty host requests for no particular host. Unless the settings claim the objects
/// without a class, such an object may be of the default class, so that any rule may be its rule.
pub(crate) fn refuses(settings: &Settings, source: SourceObject<'_>, host: &str) -> bool {
    let Some(rules) = &settings.tenancy else { return false };
    let class = source.class_name().unwrap_or_default();
    let is_claimed = settings.classes.iter().any(|claimed| claimed.name.is_empty());
    if class.is_empty() && !is_claimed {
        let mut classes: Vec<&str> = rules.iter().map(|rule| rule.class.as_str()).collect();
        classes.dedup();
        return classes.into_iter().any(|class| refuses_in(rules, class, source.namespace(), host));
    }
    refuses_in(rules, class, source.namespace(), host)
}

fn refuses_in(rules: &[TenancyRule], class: &str, namespace: &str, host: &str) -> bool {
    let names_it = |pattern: &String| match pattern.split_once('*') {
        Some((beginning, _)) => namespace.starts_with(beginning),
        None => pattern == namespace,
    };
    let is_for = |rule: &&TenancyRule| rule.namespaces.as_ref().is_none_or(|all| all.iter().any(names_it));
    let mut of_class = rules.iter().filter(|rule| rule.class == class);
    let allowed = of_class.find(is_for).and_then(|rule| rule.hosts.as_ref());
    allowed.is_some_and(|patterns| !patterns.iter().any(|pattern| allows(pattern, host)))
}

fn allows(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    match pattern.strip_prefix('*') {
        Some("") => true,
        Some(domain) => host.strip_suffix(domain).is_some_and(|above| !above.is_empty()),
        None => pattern == host,
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Metadata, RouteGroup, Settings, SourceObject, TenancyRule};

    use super::refuses;

    #[test]
    fn a_host_is_refused_by_the_first_rule_for_its_namespace() {
        let texts = |all: &[&str]| Some(all.iter().map(|text| (*text).to_owned()).collect());
        let rules = vec![
            TenancyRule {
                namespaces: texts(&["web-*"]),
                hosts: texts(&["*.Example.org"]),
                ..Default::default()
            },
            TenancyRule { namespaces: texts(&["pay"]), hosts: texts(&["*"]), ..Default::default() },
            TenancyRule { namespaces: texts(&["wiki"]), ..Default::default() },
            TenancyRule { hosts: texts(&["example.org"]), ..Default::default() },
        ];
        let settings = Settings { tenancy: Some(rules), ..Settings::default() };
        for (namespace, host, expected) in [
            ("web-shop", "a.b.example.org", false),
            ("web-shop", "*.example.org", false),
            ("web-shop", "example.org", true),
            ("web-shop", "", true),
            ("pay", "", false),
            ("wiki", "", false),
            ("other", "Example.org", false),
            ("other", "a.example.org", true),
        ] {
            let metadata = Metadata { namespace: Some(namespace.to_owned()), ..Metadata::default() };
            let object = RouteGroup { metadata, hosts: Vec::new(), status: Vec::new() };
            let refused = refuses(&settings, SourceObject::RouteGroup(&object), host);
            assert_eq!(refused, expected, "{host:?} of {namespace}");
        }
    }
}
