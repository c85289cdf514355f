//! The outcomes of a plan, with their objects, and indexed by load balancer.

use albatross_contract::{
    ANNOTATION_ALB_PREFIX, ANNOTATION_CERTIFICATE, Certificate, Outcome, OutcomeState, Plan, Settings,
    SourceObject, Tag,
};

use super::{
    dns_names::{hostnames, plain_dns_name},
    hosts::{covers, hosts_outside},
    index::Map,
    load_balancers::{LoadBalancerIndex, our_id},
    names::ObjectName,
    sources::{Published, SourceIndex},
    tags::tag,
    view::View,
};

/// An outcome and the object that it is about.
pub(crate) struct SourceOutcome<'a> {
    pub(crate) name: ObjectName<'a>,
    pub(crate) outcome: &'a Outcome,
    /// Absent: the snapshot has no such object.
    pub(crate) source: Option<SourceObject<'a>>,
    settings: &'a Settings,
    /// The index of the object.
    pub(crate) index: Option<SourceIndex>,
    /// What its status names.
    pub(crate) published: Published,
    /// The load balancer on which the plan places it.
    pub(crate) place: Option<PlaceIndex>,
}

/// The number of a load balancer among those on which the plan places an Ingress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlaceIndex(usize);

/// The outcomes, indexed.
pub(crate) struct Outcomes<'a> {
    pub(crate) list: Vec<SourceOutcome<'a>>,
    /// Our ids of the load balancers on which the plan places an Ingress.
    places: Vec<&'a str>,
    place_of: Map<&'a str, PlaceIndex>,
    /// By object: its outcome; the first, if a plan has two.
    of_source: Vec<Option<usize>>,
    /// By place: outcomes.
    placed: Vec<Vec<usize>>,
    /// For each owned load balancer: outcomes whose status names it although the plan places them elsewhere.
    published_elsewhere: Vec<Vec<usize>>,
}

impl<'a> Outcomes<'a> {
    pub(crate) fn new(view: &View<'a>, plan: &'a Plan) -> Self {
        let mut outcomes = Outcomes {
            list: Vec::with_capacity(plan.outcomes.len()),
            of_source: vec![None; view.sources.len()],
            places: Vec::new(),
            place_of: Map::default(),
            placed: Vec::new(),
            published_elsewhere: vec![Vec::new(); view.load_balancers.len()],
        };
        for outcome in &plan.outcomes {
            let name = ObjectName::of_outcome(outcome);
            let index = view.sources.by_name(name);
            if let Some(index) = index {
                outcomes.of_source[index.place()].get_or_insert(outcomes.list.len());
            }
            let published = index.map(|index| view.sources.published(index)).unwrap_or_default();
            let place = outcomes.place(outcome);
            outcomes.leave(view, outcome, published);
            let source = index.map(|index| view.sources.get(index));
            let settings = &view.snapshot.settings;
            outcomes.list.push(SourceOutcome { name, outcome, source, settings, index, published, place });
        }
        outcomes
    }

    /// Notes where the next outcome is placed.
    fn place(&mut self, outcome: &'a Outcome) -> Option<PlaceIndex> {
        let id = outcome.load_balancer.as_deref().filter(|_| has_place(outcome))?;
        // Outcomes of the same load balancer are often adjacent.
        let last = self.list.last().and_then(|last| last.place).filter(|last| self.places[last.0] == id);
        let place = last.unwrap_or_else(|| {
            *self.place_of.entry(id).or_insert_with(|| {
                self.places.push(id);
                self.placed.push(Vec::new());
                PlaceIndex(self.places.len() - 1)
            })
        });
        self.placed[place.0].push(self.list.len());
        Some(place)
    }

    /// Notes which load balancer the next outcome leaves.
    fn leave(&mut self, view: &View<'_>, outcome: &Outcome, published: Published) {
        if matches!(outcome.state, OutcomeState::Ignored | OutcomeState::Released) {
            return;
        }
        if let Some(left) = published.ours
            && outcome.load_balancer.as_deref() != Some(our_id(view.load_balancers.get(left)))
        {
            self.published_elsewhere[left.place()].push(self.list.len());
        }
    }

    /// The outcome of an object.
    pub(crate) fn of(&self, source: SourceIndex) -> Option<&SourceOutcome<'a>> {
        self.of_source[source.place()].map(|index| &self.list[index])
    }

    /// All outcomes that the plan places on the load balancer with our id.
    pub(crate) fn on(&self, id: &str) -> impl Iterator<Item = &SourceOutcome<'a>> {
        let placed = self.place_of.get(id).map(|place| self.placed[place.0].as_slice());
        placed.unwrap_or_default().iter().map(|index| &self.list[*index])
    }

    /// Whether the plan places an Ingress on the load balancer with our id.
    pub(crate) fn any_on(&self, id: &str) -> bool {
        self.place_of.contains_key(id)
    }

    /// All outcomes whose status names an owned load balancer although the plan places them elsewhere.
    pub(crate) fn published_elsewhere(
        &self,
        load_balancer: LoadBalancerIndex,
    ) -> impl Iterator<Item = &SourceOutcome<'a>> {
        self.published_elsewhere[load_balancer.place()].iter().map(|index| &self.list[*index])
    }

    /// Our ids of all load balancers on which the plan places an Ingress, in the order of their numbers.
    pub(crate) fn places(&self) -> &[&'a str] {
        &self.places
    }

    /// The place with our id.
    pub(crate) fn place_of(&self, id: &str) -> Option<PlaceIndex> {
        self.place_of.get(id).copied()
    }
}

impl PlaceIndex {
    /// The index in lists with an entry for each place.
    pub(crate) const fn number(self) -> usize {
        self.0
    }
}

/// Whether an Ingress is served after the plan.
fn has_place(outcome: &Outcome) -> bool {
    matches!(outcome.state, OutcomeState::Placed | OutcomeState::Held)
}

/// Whether a text is a list of ports for HTTP, such as `[{"HTTP": 80}]`.
fn lists_only_http(ports: &str) -> bool {
    let text: String = ports.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    let list = text.strip_prefix("[{").and_then(|rest| rest.strip_suffix("}]"));
    let is_http = |entry: &str| {
        let port = entry.strip_prefix("\"HTTP\":").unwrap_or_default();
        !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit())
    };
    list.is_some_and(|list| list.split("},{").all(|object| object.split(',').all(is_http)))
}

impl<'a> SourceOutcome<'a> {
    /// Whether it is served after the plan.
    pub(crate) fn has_place(&self) -> bool {
        has_place(self.outcome)
    }

    /// Whether its status already names a hostname.
    pub(crate) fn publishes(&self, hostname: &str) -> bool {
        let Some(source) = self.source.filter(|_| self.published.any) else { return false };
        let hostname = plain_dns_name(hostname);
        hostnames(source).any(|before| before == hostname)
    }

    /// Whether the plan keeps it: it has a load balancer or waits for one, or it is new and rejected, so that it loses
    /// nothing. A rejected Ingress that had a load balancer loses it, even if the plan does not say so.
    pub(crate) fn is_kept(&self) -> bool {
        match self.outcome.state {
            OutcomeState::Placed | OutcomeState::Held | OutcomeState::Waiting => true,
            OutcomeState::Rejected => self.source.is_some() && self.published.ours.is_none(),
            OutcomeState::Released | OutcomeState::Ignored => false,
        }
    }

    /// A host for which it needs a certificate of its load balancer, since no other certificate serves the host.
    ///
    /// A certificate serves the hosts that the outcome says, and the hosts that its names cover. `serves` says whether another
    /// certificate is on the load balancer after this one is removed.
    pub(crate) fn needs(
        &self,
        arn: &str,
        certificate: Option<&Certificate>,
        serves: &impl Fn(&str) -> bool,
    ) -> Option<&'a str> {
        let chosen = &self.outcome.certificates;
        if let Some(host) = chosen.iter().find(|chosen| chosen.certificate == arn) {
            return Some(&host.host);
        }
        let (Some(source), Some(certificate)) = (self.source, certificate) else { return None };
        let pinned = tag(&source.metadata().annotations, ANNOTATION_CERTIFICATE).map(str::trim);
        if pinned.is_some_and(|pinned| pinned != arn && serves(pinned)) {
            return None; // a pinned certificate serves all hosts
        }
        hosts_outside(source, self.settings).filter(|host| covers(certificate, host)).find(|host| {
            !chosen.iter().any(|chosen| chosen.host.eq_ignore_ascii_case(host) && serves(&chosen.certificate))
        })
    }

    /// Whether an Ingress in route mode may ask for an HTTPS listener: it names a port or a certificate, or its ports cannot be
    /// read. That it is held says nothing of its listeners: the grouping policy may have failed.
    pub(crate) fn may_ask_for_https(&self) -> bool {
        let Some(source) = self.source else { return true };
        let value = |name: &str| {
            let is_it = |tag: &&Tag| tag.key.strip_prefix(ANNOTATION_ALB_PREFIX) == Some(name);
            source.metadata().annotations.iter().find(is_it).map(|tag| tag.value.as_str())
        };
        let asks = match value("listen-ports") {
            Some(ports) => !lists_only_http(ports),
            None => value("certificate-arn").is_some(),
        };
        asks || !self.outcome.certificates.is_empty()
    }

    /// A host that a certificate covers but `others` do not, on the load balancer that the status still names.
    pub(crate) fn still_needs(&self, certificate: &Certificate, others: &[&Certificate]) -> Option<&'a str> {
        let mut covered = hosts_outside(self.source?, self.settings).filter(|host| covers(certificate, host));
        covered.find(|host| !others.iter().any(|other| covers(other, host)))
    }
}
