//! Ingress, the first source.

use std::borrow::Cow;

use albatross_contract::{
    Diagnostic, DiagnosticCode, Ingress, Mode, ObjectKind, ObjectReference, PlanningError, Scheme, Settings,
    Snapshot, Tag,
};

use super::{
    AllWishes, Claim, Class, HostId, Hosts, LoadBalancerWishes, ObjectName, Routing, Services, Wish,
    annotations, classes::Classes, cluster_local::ClusterLocal, ingress_hosts, ingress_routes, named,
    service_annotations, services_by_name as by_name,
};
use crate::{
    diagnostics::{Details, Subject, warning},
    kind::Kind,
};

/// All claims of a snapshot.
pub struct Read<'a> {
    /// The claims, in the order of their names.
    pub claims: Vec<Claim<'a>>,
    /// Their hosts.
    pub hosts: Hosts<'a>,
    /// What those in proxy mode ask of their load balancers.
    pub wishes: AllWishes<'a>,
}

/// Reads all Ingresses of a snapshot in the order of their names, and numbers their hosts.
pub fn read(snapshot: &Snapshot) -> Result<Read<'_>, PlanningError> {
    let mut ingresses: Vec<(ObjectName<'_>, &Ingress)> =
        snapshot.cluster.ingresses.iter().map(|ingress| (name(ingress), ingress)).collect();
    ingresses.sort_by(|left, right| left.0.cmp(&right.0));
    if let Some(twice) = ingresses.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(PlanningError {
            code: DiagnosticCode::SnapshotInvalid,
            field: None,
            message: format!("the snapshot holds the Ingress {} twice; remove one", twice[0].0),
        });
    }
    let classes = Classes::new(&snapshot.settings, &snapshot.cluster);
    let parameters: Vec<_> = ingresses.iter().map(|(_, ingress)| classes.parameters(ingress)).collect();
    let local = ClusterLocal::new(&snapshot.settings);
    let class = |(_, ingress): &(ObjectName<'_>, &Ingress)| local.class(classes.of(ingress), ingress);
    let classes: Vec<Class> = ingresses.iter().map(class).collect();
    let of_rules = ingresses.iter().zip(&classes);
    let of_rules = of_rules.map(|((_, ingress), class)| hosts_of_rules(ingress, local.of(*class)).collect());
    let of_tls = ingresses.iter().zip(&classes).map(|((_, ingress), class)| hosts_of_tls(ingress, *class));
    let (hosts, mut of_rules) = Hosts::number(of_rules.chain(of_tls).collect());
    let of_tls = of_rules.split_off(ingresses.len());
    let sources = Sources { services: by_name(&snapshot.cluster), snapshot };
    let of_objects = classes.into_iter().zip(of_rules).zip(of_tls).zip(parameters);
    let (mut claims, wishes): (Vec<Claim<'_>>, Vec<LoadBalancerWishes<'_>>) = ingresses
        .into_iter()
        .zip(of_objects)
        .map(|((object, ingress), (((class, hosts), of_tls), parameters))| {
            let only_tls = of_tls.into_iter().filter(|host| hosts.binary_search(host).is_err()).collect();
            claim(object, ingress, Known { class, parameters, hosts, only_tls }, &sources)
        })
        .unzip();
    let all = AllWishes::number(wishes.iter().cloned());
    for (claim, wishes) in claims.iter_mut().zip(&wishes) {
        if let (Wish::Default(None), Some(number)) = (claim.wishes, all.find(wishes)) {
            claim.wishes = Wish::Own(Some(number));
        }
    }
    Ok(Read { claims, hosts, wishes: all })
}

/// What is known of an Ingress before its annotations are read.
struct Known<'a> {
    class: Class,
    /// Its IngressClass and the parameters that this names.
    parameters: Option<(&'a str, &'a ObjectReference)>,
    /// The hosts of its rules, in order.
    hosts: Vec<HostId>,
    /// The hosts that only `spec.tls` names.
    only_tls: Vec<HostId>,
}

fn name(ingress: &Ingress) -> ObjectName<'_> {
    ObjectName {
        namespace: ingress.metadata.namespace.as_deref().unwrap_or("default"),
        name: &ingress.metadata.name,
        kind: ObjectKind::Ingress,
    }
}

/// The hosts that rules name, without cluster-local hosts.
pub(super) fn hosts_of_rules<'a>(
    ingress: &'a Ingress,
    local: ClusterLocal<'a>,
) -> impl Iterator<Item = &'a str> {
    let hosts = ingress.rules.iter().filter_map(|rule| rule.host.as_deref());
    hosts.filter(move |host| !host.is_empty() && !local.has(host))
}

/// In route mode, certificates are found for these hosts too, as in the AWS Load Balancer Controller: a rule without a host
/// serves them.
fn hosts_of_tls(ingress: &Ingress, class: Class) -> Vec<&str> {
    let hosts = ingress.tls.iter().filter(|_| class == Class::Ours(Mode::Route)).flat_map(|tls| &tls.hosts);
    hosts.map(String::as_str).filter(|host| !host.is_empty()).collect()
}

/// What claims depend on besides their Ingresses.
struct Sources<'a> {
    services: Services<'a>,
    snapshot: &'a Snapshot,
}

/// A claim, with what it asks of its load balancer in proxy mode, which has no number yet.
fn claim<'a>(
    object: ObjectName<'a>,
    ingress: &'a Ingress,
    known: Known<'a>,
    sources: &Sources<'a>,
) -> (Claim<'a>, LoadBalancerWishes<'a>) {
    let snapshot = sources.snapshot;
    let given = &ingress.metadata.annotations;
    let Known { class, parameters, mut hosts, only_tls } = known;
    hosts.extend(&only_tls);
    hosts.sort_unstable();
    let is_ours = matches!(class, Class::Ours(_));
    let (routing, mut diagnostics, mut remarks) = match class {
        Class::Ours(Mode::Route) => {
            let mut read = ingress_routes::read(ingress, object, &snapshot.inventory);
            let of_services = service_annotations::check(&read.routing, object, &sources.services);
            read.invalid.extend(of_services.errors);
            read.invalid.extend(annotations::missing_protection(given, object, ""));
            read.remarks.extend(of_services.remarks);
            (Some(read.routing), read.invalid, read.remarks)
        }
        _ => (None, Vec::new(), Vec::new()),
    };
    let asked = Asked::of(given, routing.as_ref(), Classes::name(ingress), &snapshot.settings);
    let in_proxy_mode = match class {
        Class::Ours(Mode::Proxy) => AskedInProxyMode::of(given, object, asked.scheme, snapshot),
        _ => AskedInProxyMode::nothing(),
    };
    let has_unfit = !in_proxy_mode.unfit.is_empty();
    diagnostics.extend(in_proxy_mode.unfit);
    if is_ours {
        diagnostics.extend(asked.unreadable.iter().map(|it| it.diagnostic(object)));
        let local = ClusterLocal::new(&snapshot.settings).of(class);
        remarks.extend(remarks_on(ingress, object, local, routing.is_some()));
        remarks.extend(parameters.map(|(class, named)| unread_parameters(object, class, named)));
    }
    let hostnames = ingress.status.iter().filter_map(|entry| entry.hostname.as_deref());
    let names: Vec<Cow<'_, str>> = hostnames.filter(|hostname| !hostname.is_empty()).map(dns_name).collect();
    let claim = Claim {
        object,
        created_at: ingress.metadata.created_at,
        class_name: Classes::name(ingress),
        class,
        hosts,
        only_tls,
        scheme: asked.scheme,
        kind: in_proxy_mode.kind,
        shared: asked.shared,
        retained: asked.retained,
        http_only: in_proxy_mode.http_only,
        wishes: if has_unfit { Wish::Unreadable } else { Wish::Default(None) },
        routing,
        pinned: asked.pinned,
        is_going: ingress.metadata.deleted_at.is_some(),
        metadata: &ingress.metadata,
        status_has_more: status_has_more(ingress, &names),
        names,
        diagnostics,
        remarks,
    };
    (claim, in_proxy_mode.wishes)
}

/// What annotations ask of the load balancer in proxy mode.
struct AskedInProxyMode<'a> {
    kind: Wish<Kind>,
    http_only: Wish<bool>,
    wishes: LoadBalancerWishes<'a>,
    /// Diagnostics for annotations that are not valid, or contradict each other.
    unfit: Vec<Diagnostic>,
}

impl<'a> AskedInProxyMode<'a> {
    fn of(given: &'a [Tag], object: ObjectName<'_>, scheme: Wish<Scheme>, snapshot: &'a Snapshot) -> Self {
        let Snapshot { inventory, settings, .. } = snapshot;
        let mut reader = annotations::Reader::new(given);
        let kind = annotations::load_balancer_kind(&mut reader, scheme, settings);
        let mut http_only = annotations::http_only(&mut reader);
        let mut wishes = annotations::proxy_wishes(&mut reader, inventory, settings);
        // A TLS listener without an ALPN policy never negotiates HTTP/2 (ELBv2 CreateListener, `AlpnPolicy`), nor does an HTTP
        // listener (Application Load Balancers user guide, "Listeners": HTTP/2 with HTTPS listeners).
        if kind.value().is_some_and(Kind::is_network) || http_only.value() == Some(true) {
            wishes.attributes.clear();
        }
        let (security_groups, unusable) =
            named::security_groups(annotations::PROXY_SECURITY_GROUP, &reader, inventory);
        let unfit = reader.unreadable.iter().map(|it| it.diagnostic(object));
        let unfit = unfit.chain(unusable.map(|it| it.diagnostic(object)));
        let unfit = unfit.chain(annotations::contradicts_kind(&reader, object));
        let asks = http_only.value() == Some(true);
        let contradiction = asks.then(|| annotations::contradicts_http_only(&reader, object)).flatten();
        if contradiction.is_some() {
            http_only = Wish::Unreadable;
        }
        let unfit = unfit.chain(contradiction).collect();
        AskedInProxyMode { kind, http_only, wishes: LoadBalancerWishes { security_groups, ..wishes }, unfit }
    }

    /// In route mode there are only Application Load Balancers, and each Ingress names its listeners.
    fn nothing() -> Self {
        let (kind, http_only) = (Wish::Default(Kind::APPLICATION), Wish::Default(false));
        AskedInProxyMode { kind, http_only, wishes: LoadBalancerWishes::default(), unfit: Vec::new() }
    }
}

/// What the annotations of an Ingress ask for in both modes.
struct Asked<'a> {
    scheme: Wish<Scheme>,
    shared: Wish<bool>,
    retained: Wish<bool>,
    pinned: Vec<&'a str>,
    unreadable: Vec<annotations::Unreadable<'a>>,
}

impl<'a> Asked<'a> {
    fn of(given: &'a [Tag], routing: Option<&Routing<'_>>, class: Option<&str>, settings: &Settings) -> Self {
        let mut unreadable = Vec::new();
        let Some(routing) = routing else {
            let scheme = readable(annotations::scheme(given, settings.default_scheme), &mut unreadable);
            let shared = readable(annotations::shared(given), &mut unreadable);
            let class = class.unwrap_or_default();
            let of_class = settings.retained_classes.iter().flatten().any(|name| name == class);
            let retained = readable(annotations::retained(given, of_class), &mut unreadable);
            let pinned = annotations::certificate(given).into_iter().collect();
            return Asked { scheme, shared, retained, pinned, unreadable };
        };
        let scheme = readable(annotations::route_scheme(given), &mut unreadable);
        let pinned = annotations::route_certificates(given);
        let (shared, retained) = (Wish::Own(routing.group.is_some()), Wish::Default(false));
        Asked { scheme, shared, retained, pinned, unreadable }
    }
}

fn readable<'a, T>(
    read: Result<Wish<T>, annotations::Unreadable<'a>>,
    unreadable: &mut Vec<annotations::Unreadable<'a>>,
) -> Wish<T> {
    read.unwrap_or_else(|error| {
        unreadable.push(error);
        Wish::Unreadable
    })
}

/// Diagnostics about parts of an Ingress of ours that do nothing.
fn remarks_on(
    ingress: &Ingress,
    object: ObjectName<'_>,
    local: ClusterLocal<'_>,
    in_route_mode: bool,
) -> Vec<Diagnostic> {
    let given = &ingress.metadata.annotations;
    let mut remarks = Vec::new();
    if in_route_mode {
        remarks.extend(annotations::unsupported(given, object, ""));
        remarks.extend(annotations::of_proxy_mode(given, object));
    } else {
        remarks.extend(annotations::of_another_mode(given, object));
    }
    remarks.extend(annotations::unknown(given, object));
    remarks.extend(ingress_hosts::remarks(ingress, object, local, in_route_mode));
    remarks
}

/// Parameters of an IngressClass, such as the IngressClassParams of the AWS Load Balancer Controller: they may set the scheme,
/// the group and the clients of each Ingress of the class.
fn unread_parameters(object: ObjectName<'_>, class: &str, parameters: &ObjectReference) -> Diagnostic {
    let message = format!(
        "IngressClass {class} names parameters ({} {}), which Albatross does not read, so they do nothing",
        parameters.kind, parameters.name
    );
    warning(DiagnosticCode::AnnotationUnknown, Subject::Object(object), message)
        .field("spec.ingressClassName")
        .remedy("set their values with annotations of the Ingress, or with the settings of Albatross")
}

/// Whether a status holds anything besides the first of its hostnames.
fn status_has_more(ingress: &Ingress, names: &[Cow<'_, str>]) -> bool {
    match ingress.status.as_slice() {
        [] => false,
        [only] => {
            let spelled = only.hostname.as_deref().unwrap_or_default();
            only.ip.is_some() || !spelled.eq_ignore_ascii_case(names.first().map_or("", Cow::as_ref))
        }
        _ => true,
    }
}

/// A hostname in the form that AWS gives to load balancers: lower case, without the dot at the end, and without the prefix
/// for both address families (ELB user guide, "DNS name").
fn dns_name(hostname: &str) -> Cow<'_, str> {
    const DUALSTACK: &str = "dualstack.";
    let hostname = hostname.trim_end_matches('.');
    if hostname.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let hostname = hostname.to_ascii_lowercase();
        Cow::Owned(hostname.strip_prefix(DUALSTACK).map(str::to_owned).unwrap_or(hostname))
    } else {
        Cow::Borrowed(hostname.strip_prefix(DUALSTACK).unwrap_or(hostname))
    }
}

#[cfg(test)]
mod tests {
    use super::dns_name;

    #[test]
    fn a_hostname_is_normalized_to_the_form_of_aws() {
        for spelled in ["a.elb.amazonaws.com", "A.ELB.amazonaws.com.", "dualstack.A.elb.amazonaws.com"] {
            assert_eq!(dns_name(spelled), "a.elb.amazonaws.com");
        }
    }
}
