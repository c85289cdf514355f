//! Claims: what Ingresses and RouteGroups ask for.

use albatross_contract::{
    Diagnostic, DiagnosticCode, Ingress, Mode, ObjectReference, PlanningError, Scheme, Settings, Snapshot,
    SourceObject, Tag,
};

use super::{
    AllWishes, Claim, Class, HostId, HostLists, Hosts, LoadBalancerWishes, ObjectName, Routing, Ruling,
    Services, Wish, annotations, classes::Classes, cluster_local::ClusterLocal, host_remarks, ingress_routes,
    named, route_group, service_annotations, services_by_name as by_name, status,
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

/// Reads all Ingresses and RouteGroups of a snapshot in the order of their names, and numbers their hosts.
pub fn read(snapshot: &Snapshot) -> Result<Read<'_>, PlanningError> {
    let sources = snapshot.cluster.sources().map(|source| (ObjectName::of_source(source), source));
    // Manifests may contain objects of namespaces that a controller with these settings does not watch.
    let sources = sources.filter(|(object, _)| snapshot.settings.reads_namespace(object.namespace));
    let mut objects: Vec<(ObjectName<'_>, SourceObject<'_>)> = sources.collect();
    objects.sort_by(|left, right| left.0.cmp(&right.0));
    if let Some(twice) = objects.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let ObjectName { namespace, name, kind } = twice[0].0;
        let kind = kind.kubernetes();
        return Err(PlanningError {
            code: DiagnosticCode::SnapshotInvalid,
            field: None,
            message: format!("the snapshot holds the {kind} {namespace}/{name} twice; remove one"),
        });
    }
    let classes = Classes::new(&snapshot.settings, &snapshot.cluster);
    let parameters: Vec<_> = objects.iter().map(|(_, source)| classes.parameters(*source)).collect();
    let local = ClusterLocal::new(&snapshot.settings);
    let rulings: Vec<Ruling<'_>> = objects
        .iter()
        .map(|(object, source)| Ruling::of(&snapshot.settings, classes.name(*source), object.namespace))
        .collect();
    let class = |(_, source): &(ObjectName<'_>, SourceObject<'_>)| local.class(classes.of(*source), *source);
    let classes: Vec<Class> = objects.iter().map(class).collect();
    let mut lists = HostLists::default();
    let with_classes = || objects.iter().map(|(_, source)| *source).zip(&classes);
    with_classes().for_each(|(source, class)| lists.add(local.of(*class).without(source.hosts())));
    with_classes().for_each(|(source, class)| lists.add(hosts_of_tls(source, *class)));
    let (hosts, mut of_rules) = Hosts::number(lists);
    let of_tls = of_rules.split_off(objects.len());
    let sources = Sources { services: by_name(&snapshot.cluster), snapshot };
    let of_objects = classes.into_iter().zip(of_rules).zip(of_tls).zip(parameters).zip(rulings);
    let mut claims = Vec::with_capacity(objects.len());
    let mut asked: Vec<(usize, LoadBalancerWishes<'_>)> = Vec::new();
    for ((object, source), ((((class, hosts), of_tls), parameters), ruling)) in
        objects.into_iter().zip(of_objects)
    {
        let only_tls = of_tls.into_iter().filter(|host| hosts.binary_search(host).is_err()).collect();
        let known = Known { class, ruling, parameters, hosts, only_tls };
        let (claim, wishes) = claim(object, source, known, &sources);
        asked.extend(wishes.map(|wishes| (claims.len(), wishes)));
        claims.push(claim);
    }
    let wishes = AllWishes::number(asked.iter().map(|(_, wishes)| wishes.clone()));
    for (index, asked) in &asked {
        claims[*index].wishes = Wish::Own(wishes.find(asked));
    }
    Ok(Read { claims, hosts, wishes })
}

/// What is known of an object before its annotations are read.
struct Known<'a> {
    class: Class,
    ruling: Ruling<'a>,
    /// Its IngressClass and the parameters that this names.
    parameters: Option<(&'a str, &'a ObjectReference)>,
    /// The hosts that it names, in order.
    hosts: Vec<HostId>,
    /// The hosts that only `spec.tls` of an Ingress names.
    only_tls: Vec<HostId>,
}

/// In route mode, certificates are found for these hosts too, as in the AWS Load Balancer Controller: a rule without a host
/// serves them.
fn hosts_of_tls(source: SourceObject<'_>, class: Class) -> impl Iterator<Item = &str> {
    let in_route_mode = source.ingress().filter(|_| class == Class::Ours(Mode::Route));
    let hosts = in_route_mode.into_iter().flat_map(|ingress| &ingress.tls).flat_map(|tls| &tls.hosts);
    hosts.map(String::as_str).filter(|host| !host.is_empty())
}

/// What claims depend on besides their objects.
struct Sources<'a> {
    services: Services<'a>,
    snapshot: &'a Snapshot,
}

/// A claim, with what it asks of its load balancer in proxy mode, which has no number yet. `None`: it asks for nothing, or for
/// something that cannot be read.
fn claim<'a>(
    object: ObjectName<'a>,
    source: SourceObject<'a>,
    known: Known<'a>,
    sources: &Sources<'a>,
) -> (Claim<'a>, Option<LoadBalancerWishes<'a>>) {
    let snapshot = sources.snapshot;
    let metadata = source.metadata();
    let given = &metadata.annotations;
    let Known { class, ruling, parameters, mut hosts, only_tls } = known;
    hosts.extend(&only_tls);
    hosts.sort_unstable();
    let is_ours = matches!(class, Class::Ours(_));
    let (class, routing, mut diagnostics, mut remarks) = match (class, source) {
        (Class::Ours(Mode::Route), SourceObject::Ingress(ingress)) => {
            let (routing, invalid, remarks) = in_route_mode(ingress, object, sources);
            (class, Some(Box::new(routing)), invalid, remarks)
        }
        (Class::Ours(Mode::Route), SourceObject::RouteGroup(_)) => {
            let unfit = route_group::in_route_mode(object, source.class_name());
            (Class::Ours(Mode::Proxy), None, vec![unfit], Vec::new())
        }
        _ => (class, None, Vec::new(), Vec::new()),
    };
    let mut asked = Asked::of(source, routing.as_deref(), ruling, &snapshot.settings);
    let needs_a_tag = is_ours && (routing.is_some() || asked.shared.value() == Some(false));
    if needs_a_tag && !object.fits_into_a_tag() {
        diagnostics.push(too_long_for_a_tag(object));
        asked.shared = Wish::Unreadable;
    }
    let in_proxy_mode = match class {
        Class::Ours(Mode::Proxy) => AskedInProxyMode::of(given, object, asked.scheme, snapshot),
        _ => AskedInProxyMode::nothing(),
    };
    let has_unfit = !in_proxy_mode.unfit.is_empty();
    diagnostics.extend(in_proxy_mode.unfit);
    if is_ours {
        diagnostics.extend(asked.unreadable.iter().map(|it| it.diagnostic(object)));
        let local = ClusterLocal::new(&snapshot.settings).of(class);
        remarks.extend(remarks_on(source, object, local, routing.as_deref()));
        remarks.extend(parameters.map(|(class, named)| unread_parameters(object, class, named)));
    }
    let names = status::names(source);
    let claim = Claim {
        object,
        created_at: metadata.created_at,
        class_name: source.class_name(),
        class,
        ruling,
        is_paused: asked.paused.value() != Some(false),
        is_refused: false,
        hosts,
        only_tls,
        kept_hosts: Vec::new(),
        scheme: asked.scheme,
        kind: in_proxy_mode.kind,
        shared: asked.shared,
        retained: asked.retained,
        http_only: in_proxy_mode.http_only,
        wishes: if has_unfit { Wish::Unreadable } else { Wish::Default(None) },
        routing,
        pinned: asked.pinned,
        is_going: metadata.deleted_at.is_some(),
        metadata,
        status_has_more: status::has_more(source.status(), &names),
        names,
        diagnostics,
        remarks,
    };
    (claim, Some(in_proxy_mode.wishes).filter(|wishes| !has_unfit && wishes.ask_for_something()))
}

/// What an Ingress in route mode asks for, diagnostics for its invalid parts, and other diagnostics.
fn in_route_mode<'a>(
    ingress: &'a Ingress,
    object: ObjectName<'a>,
    sources: &Sources<'a>,
) -> (Routing<'a>, Vec<Diagnostic>, Vec<Diagnostic>) {
    let mut read = ingress_routes::read(ingress, object, &sources.snapshot.inventory);
    let of_services = service_annotations::check(&read.routing, object, &sources.services);
    read.invalid.extend(of_services.errors);
    read.invalid.extend(annotations::missing_protection(&ingress.metadata.annotations, object, ""));
    read.remarks.extend(of_services.remarks);
    (read.routing, read.invalid, read.remarks)
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

/// What the annotations of an object ask for in both modes.
struct Asked<'a> {
    scheme: Wish<Scheme>,
    shared: Wish<bool>,
    retained: Wish<bool>,
    paused: Wish<bool>,
    pinned: Vec<&'a str>,
    unreadable: Vec<annotations::Unreadable<'a>>,
}

impl<'a> Asked<'a> {
    fn of(
        source: SourceObject<'a>,
        routing: Option<&Routing<'_>>,
        ruling: Ruling<'_>,
        settings: &Settings,
    ) -> Self {
        let given = &source.metadata().annotations;
        let mut unreadable = Vec::new();
        let paused = readable(annotations::paused(given), &mut unreadable);
        let only_scheme = ruling.only_scheme();
        let Some(routing) = routing else {
            let default = only_scheme.unwrap_or(settings.default_scheme);
            let scheme = readable(annotations::scheme(given, default), &mut unreadable);
            let shared = readable(annotations::shared(given), &mut unreadable);
            let class = source.class_name().unwrap_or_default();
            let of_class = settings.retained_classes.iter().flatten().any(|name| name == class);
            let retained = readable(annotations::retained(given, of_class), &mut unreadable);
            let pinned = annotations::certificate(given).into_iter().collect();
            return Asked { scheme, shared, retained, paused, pinned, unreadable };
        };
        // The default of the AWS Load Balancer Controller.
        let default = only_scheme.unwrap_or(Scheme::Internal);
        let scheme = readable(annotations::route_scheme(given, default), &mut unreadable);
        let pinned = annotations::route_certificates(given);
        let (shared, retained) = (Wish::Own(routing.group.is_some()), Wish::Default(false));
        Asked { scheme, shared, retained, paused, pinned, unreadable }
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

/// Diagnostics about parts of an object of ours that do nothing.
fn remarks_on(
    source: SourceObject<'_>,
    object: ObjectName<'_>,
    local: ClusterLocal<'_>,
    routing: Option<&Routing<'_>>,
) -> Vec<Diagnostic> {
    let given = &source.metadata().annotations;
    let mut remarks = Vec::new();
    if routing.is_some() {
        remarks.extend(annotations::unsupported(given, object, ""));
        remarks.extend(annotations::of_proxy_mode(given, object));
    } else {
        remarks.extend(annotations::of_another_mode(given, object));
    }
    remarks.extend(annotations::unknown(given, object));
    remarks.extend(host_remarks::remarks(source, object, local, routing));
    remarks
}

/// A tag says whom a load balancer or a listener rule serves alone.
fn too_long_for_a_tag(object: ObjectName<'_>) -> Diagnostic {
    let message = "a tag says that a load balancer or a listener rule serves only this object, and namespace and name are too \
                   long together: a tag of AWS holds 256 characters";
    warning(DiagnosticCode::CapacityExceeded, Subject::Object(object), message.to_owned())
        .field("metadata.name")
        .remedy("give it a shorter name, or let it share a load balancer in proxy mode")
}

/// Parameters of an IngressClass, such as the IngressClassParams of the AWS Load Balancer Controller: they may set the scheme,
/// the group and the clients of each object of the class.
fn unread_parameters(object: ObjectName<'_>, class: &str, parameters: &ObjectReference) -> Diagnostic {
    let message = format!(
        "IngressClass {class} names parameters ({} {}), which Albatross does not read, so they do nothing",
        parameters.kind, parameters.name
    );
    warning(DiagnosticCode::AnnotationUnknown, Subject::Object(object), message)
        .field(object.class_field())
        .remedy("set their values with annotations, or with the settings of Albatross")
}
