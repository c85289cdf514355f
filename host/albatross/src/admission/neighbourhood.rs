//! The neighbourhood of an Ingress: the objects and load balancers that can influence what becomes of it, and that it can influence.
//!
//! Load balancers influence each other only through objects that could be on several of them. In route mode that are the Ingresses of a
//! group, and those that share a host. In proxy mode a new object may go to any load balancer, so all of proxy mode is one neighbourhood.
//! There, a load balancer looks the same whether a certificate serves a few objects or a thousand that ask for the same, so two of them
//! stand for all: if the question is about one of them, the other still says what the rest asks for.

use std::collections::{BTreeSet, HashMap};

use albatross_contract::{
    ANNOTATION_GROUP, Ingress, Mode, ObjectName, Outcome, OutcomeState, Plan, Snapshot, SourceObject,
    StatusChange,
};

/// Who is connected with whom, by the places in the outcomes and load balancers of a plan.
pub struct Index {
    numbers: HashMap<ObjectName, usize>,
    /// For each object, its place among the sources of the cluster. None: it is gone.
    sources: Vec<Option<usize>>,
    /// For each object, its load balancer.
    places: Vec<Option<usize>>,
    /// For each load balancer, its members.
    members: Vec<Vec<usize>>,
    /// For each object, what it shares with others.
    ties: Vec<Vec<Tie>>,
    /// The objects with a tie.
    tied: HashMap<Tie, Vec<usize>>,
    /// The modes of the objects of a class that have a load balancer.
    modes: HashMap<Option<String>, BTreeSet<Mode>>,
    /// The objects of proxy mode, of those that are alike only two; and those that have no load balancer, so that nobody knows where
    /// they may go.
    of_proxy_mode: Vec<usize>,
    /// Whether the plan depends on all objects: a policy decides something, load balancers are consolidated, or a budget, which counts
    /// objects, withholds something.
    depends_on_all: bool,
}

/// The prefixes of the annotations that planning depends on.
const ANNOTATIONS: [&str; 4] =
    ["albatross/", "alb.ingress.kubernetes.io/", "kubernetes.io/ingress.class", "zalando.org/"];

/// How many members that are alike stand for all of them.
const FOR_ALL: u8 = 2;

/// What a load balancer in proxy mode knows of a member. Members of which it knows the same are alike.
#[derive(PartialEq, Eq, Hash)]
struct Kind<'a> {
    load_balancer: usize,
    class: Option<&'a str>,
    annotations: BTreeSet<(&'a str, &'a str)>,
    certificates: BTreeSet<&'a str>,
}

/// What objects share.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Tie {
    Host(String),
    Group(String),
}

/// What has to be planned to know what an Ingress changes.
#[derive(Debug, PartialEq, Eq)]
pub enum Neighbourhood {
    /// Everything.
    Whole,
    /// The objects at these places in the outcomes, and what they use.
    Part(BTreeSet<usize>),
}

impl Index {
    /// Looks at the plan of a snapshot.
    pub fn new(snapshot: &Snapshot, plan: &Plan) -> Index {
        let ids: HashMap<&str, usize> =
            plan.load_balancers.iter().enumerate().map(|(place, found)| (found.id.as_str(), place)).collect();
        let mut index = Index {
            numbers: HashMap::with_capacity(plan.outcomes.len()),
            sources: vec![None; plan.outcomes.len()],
            places: Vec::with_capacity(plan.outcomes.len()),
            members: vec![Vec::new(); plan.load_balancers.len()],
            ties: vec![Vec::new(); plan.outcomes.len()],
            tied: HashMap::new(),
            modes: HashMap::new(),
            of_proxy_mode: Vec::new(),
            depends_on_all: !snapshot.settings.policies.is_empty()
                || snapshot.settings.consolidate == Some(true)
                || !plan.withheld.is_empty(),
        };
        for (number, outcome) in plan.outcomes.iter().enumerate() {
            let place = outcome.load_balancer.as_deref().and_then(|id| ids.get(id)).copied();
            index.numbers.insert(outcome.object.clone(), number);
            index.places.push(place);
            if let Some(members) = place.and_then(|place| index.members.get_mut(place)) {
                members.push(number);
            }
        }
        let mut seen: HashMap<Kind<'_>, u8> = HashMap::new();
        for (at, source) in snapshot.cluster.sources().enumerate() {
            let Some(number) = index.numbers.get(&ObjectName::of(source)).copied() else { continue };
            index.sources[number] = Some(at);
            let place = index.places[number];
            let mode = place.map(|place| plan.load_balancers[place].mode);
            index.modes.entry(source.class_name().map(str::to_owned)).or_default().extend(mode);
            for tie in ties(source) {
                index.tied.entry(tie.clone()).or_default().push(number);
                index.ties[number].push(tie);
            }
            let outcome = &plan.outcomes[number];
            let may_be_in_proxy_mode = match mode {
                Some(mode) => mode == Mode::Proxy,
                None => outcome.state != OutcomeState::Ignored,
            };
            let mut is_another = || {
                place.and_then(|it| kind(source, outcome, it)).is_none_or(|it| {
                    let alike = seen.entry(it).or_default();
                    *alike = alike.saturating_add(1);
                    *alike <= FOR_ALL
                })
            };
            if may_be_in_proxy_mode && is_another() {
                index.of_proxy_mode.push(number);
            }
        }
        index
    }

    /// The place of an object in the outcomes of the plan.
    pub fn number(&self, object: &ObjectName) -> Option<usize> {
        self.numbers.get(object).copied()
    }

    /// The place of an object among the sources of the cluster.
    pub fn source(&self, number: usize) -> Option<usize> {
        self.sources.get(number).copied().flatten()
    }

    /// The members of a load balancer of the plan.
    pub fn members(&self, load_balancer: usize) -> &[usize] {
        self.members.get(load_balancer).map(Vec::as_slice).unwrap_or_default()
    }

    /// The neighbourhood of an Ingress as it will be.
    pub fn around(&self, new: &Ingress, plan: &Plan) -> Neighbourhood {
        if self.depends_on_all {
            return Neighbourhood::Whole;
        }
        let source = SourceObject::Ingress(new);
        let mut found = Found { seen: BTreeSet::new(), next: Vec::new() };
        found.add(self.numbers.get(&ObjectName::of(source)));
        let modes = self.modes.get(&source.class_name().map(str::to_owned));
        if modes.is_none_or(|modes| modes.iter().ne([Mode::Route].iter())) {
            found.add(&self.of_proxy_mode);
        }
        for tie in ties(source) {
            found.add(self.tied.get(&tie).into_iter().flatten());
            if let Tie::Group(group) = &tie {
                let is_of_group = |key: &str| key.strip_prefix(group.as_str()).is_some_and(is_end_of_part);
                let load_balancers = plan.load_balancers.iter().enumerate();
                let of_group = load_balancers.filter(|(_, it)| it.group.as_deref().is_some_and(is_of_group));
                of_group.for_each(|(place, _)| found.add(self.members(place)));
            }
        }
        while let Some(number) = found.next.pop() {
            for tie in &self.ties[number] {
                found.add(self.tied.get(tie).into_iter().flatten());
            }
            match self.places[number] {
                Some(place) if plan.load_balancers[place].mode == Mode::Proxy => {
                    found.add(&self.of_proxy_mode);
                }
                Some(place) => found.add(self.members(place)),
                None => {}
            }
        }
        // A part that is nearly everything saves nothing.
        match found.seen.len() * 2 > self.places.len() {
            true => Neighbourhood::Whole,
            false => Neighbourhood::Part(found.seen),
        }
    }
}

/// What the load balancer of a member in proxy mode knows of it. `None`: there is more to say about this one.
fn kind<'a>(source: SourceObject<'a>, outcome: &'a Outcome, load_balancer: usize) -> Option<Kind<'a>> {
    let is_settled = outcome.state == OutcomeState::Placed
        && outcome.status == StatusChange::Keep
        && outcome.hostname.is_some()
        && outcome.diagnostics.is_empty()
        && source.metadata().deleted_at.is_none();
    let annotations = || {
        let all = source.metadata().annotations.iter().map(|it| (it.key.as_str(), it.value.as_str()));
        all.filter(|(key, _)| ANNOTATIONS.iter().any(|prefix| key.starts_with(prefix))).collect()
    };
    is_settled.then(|| Kind {
        load_balancer,
        class: source.class_name(),
        annotations: annotations(),
        certificates: outcome.certificates.iter().map(|it| it.certificate.as_str()).collect(),
    })
}

/// Objects that were found, and those whose neighbours have not been looked for.
struct Found {
    seen: BTreeSet<usize>,
    next: Vec<usize>,
}

impl Found {
    fn add<'a>(&mut self, numbers: impl IntoIterator<Item = &'a usize>) {
        let seen = &mut self.seen;
        self.next.extend(numbers.into_iter().copied().filter(|number| seen.insert(*number)));
    }
}

/// Whether nothing or the number of a part comes after the name of a group: `shop` and `shop/2`.
fn is_end_of_part(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

fn ties(source: SourceObject<'_>) -> BTreeSet<Tie> {
    let annotations = source.metadata().annotations.iter();
    let groups = annotations.filter(|it| it.key == ANNOTATION_GROUP).map(|it| Tie::Group(it.value.clone()));
    let hosts = source.hosts().map(|host| Tie::Host(host.to_ascii_lowercase()));
    groups.chain(hosts).collect()
}
