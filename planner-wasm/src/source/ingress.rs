//! Ingress, the first source.

use albatross_contract::{DiagnosticCode, Ingress, PlanningError, Snapshot};

use super::{Claim, Name, Wish, annotations, classes::Classes};

/// Reads the Ingresses of a snapshot, ours or not, in the order of their names.
pub fn read(snapshot: &Snapshot) -> Result<Vec<Claim>, PlanningError> {
    let classes = Classes::new(&snapshot.settings, &snapshot.cluster);
    let mut claims: Vec<Claim> =
        snapshot.cluster.ingresses.iter().map(|ingress| claim(ingress, &classes, snapshot)).collect();
    claims.sort_by(|left, right| left.name.cmp(&right.name));
    if let Some(twice) = claims.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(PlanningError {
            code: DiagnosticCode::SnapshotInvalid,
            message: format!("the snapshot holds the Ingress {} twice; remove one", twice[0].name),
        });
    }
    Ok(claims)
}

fn claim(ingress: &Ingress, classes: &Classes<'_>, snapshot: &Snapshot) -> Claim {
    let name = Name {
        namespace: ingress.metadata.namespace.clone().unwrap_or_else(|| "default".to_owned()),
        name: ingress.metadata.name.clone(),
    };
    let given = &ingress.metadata.annotations;
    let ours = classes.mode(ingress);
    let mut diagnostics = Vec::new();
    let mut readable = |unreadable: annotations::Unreadable| {
        if ours.is_some() {
            diagnostics.push(unreadable.diagnostic(&name));
        }
    };
    let scheme = annotations::scheme(given, snapshot.settings.default_scheme).unwrap_or_else(|error| {
        readable(error);
        Wish::Unreadable
    });
    let shared = annotations::shared(given).unwrap_or_else(|error| {
        readable(error);
        Wish::Unreadable
    });
    let mut hosts: Vec<String> = ingress
        .rules
        .iter()
        .filter_map(|rule| rule.host.as_deref())
        .filter(|host| !host.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    hosts.sort();
    hosts.dedup();
    let hostnames = ingress.status.iter().filter_map(|entry| entry.hostname.as_deref());
    let names: Vec<String> = hostnames.filter(|hostname| !hostname.is_empty()).map(dns_name).collect();
    let status_has_more = match ingress.status.as_slice() {
        [] => false,
        [only] => {
            let spelled = only.hostname.as_deref().unwrap_or_default();
            only.ip.is_some() || !spelled.eq_ignore_ascii_case(names.first().map_or("", String::as_str))
        }
        _ => true,
    };
    Claim {
        created_at: ingress.metadata.created_at,
        class: Classes::name(ingress).map(str::to_owned),
        ours,
        hosts,
        scheme,
        shared,
        pinned: annotations::certificate(given),
        annotations: sorted(given),
        labels: sorted(&ingress.metadata.labels),
        published: names.first().cloned(),
        names,
        status_has_more,
        diagnostics,
        remarks: ours.and_then(|_| annotations::unknown(given, &name)).into_iter().collect(),
        name,
    }
}

/// A hostname as load balancers spell it: lower case, without the dot at the end, without the prefix that asks for
/// both address families (ELB user guide, "DNS name").
fn dns_name(hostname: &str) -> String {
    let hostname = hostname.trim_end_matches('.').to_ascii_lowercase();
    hostname.strip_prefix("dualstack.").map(str::to_owned).unwrap_or(hostname)
}

fn sorted<T: Ord + Clone>(list: &[T]) -> Vec<T> {
    let mut list = list.to_vec();
    list.sort();
    list
}
