//! Explanation of a request: which rule of a listener answers it, else the default action.

mod certificate;
mod clients;
mod matching;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use albatross_contract::{
    Candidate, Decision, DesiredListener, DesiredLoadBalancer, DesiredRule, DiagnosticCode, Explanation,
    HttpRequest, ListenerAction, Outcome, OutcomeState, PlanningError, Protocol, TargetGroup, TargetHealth,
    rules::requests,
};

use super::{answers::Answers, candidate, ingress::to_know, unknown};
use crate::{
    planning::Decided,
    ports,
    source::{Claim, ObjectName},
};
use matching::{HOST, Verdict, verdict};

/// How many rules for other hosts are listed one by one.
const OTHER_HOSTS: usize = 5;
/// How many targets are listed.
const TARGETS: usize = 10;

/// Explains a request to a host that an Ingress of ours has.
pub fn explain(asked: &HttpRequest, decided: &Decided<'_, '_>) -> Result<Explanation, PlanningError> {
    let serving = serving(asked, decided);
    if serving.is_empty() {
        return unserved(asked, decided)
            .ok_or_else(|| unknown(&format!("Ingress with host {} that Albatross serves", asked.host)));
    }
    let answers = Answers::new(decided);
    let mut headlines = Vec::new();
    let mut decisions = Vec::new();
    for load_balancer in serving {
        let place = format!("{}, listener {}", load_balancer.name, asked.port);
        match load_balancer.listeners.iter().find(|found| speaks(found, asked)) {
            Some(listener) => {
                let answer = Answer::of(asked, listener);
                let refused = clients::refused(asked, load_balancer, decided);
                let refused = refused.map(|refused| format!("; but {refused}")).unwrap_or_default();
                headlines.push(format!("{place}: {}{refused}", answer.headline(&answers)));
                let certificate = certificate::of(&asked.host, load_balancer, listener, decided);
                let title = certificate.map_or_else(|| place.clone(), |it| format!("{place}, {it}"));
                let candidates = answer.candidates(&load_balancer.id, &answers);
                decisions.push(Decision { title, candidates });
                decisions.extend(answer.targets(&answers));
                decisions.extend(answer.diagnostics(&load_balancer.id, &answers, decided));
            }
            None => headlines.push(format!("{place}: no such listener for {}", asked.scheme)),
        }
    }
    Ok(Explanation { headline: headlines.join("; "), decisions })
}

/// Why the Ingresses with the host of a request are not served. `None`: no Ingress has the host.
fn unserved(asked: &HttpRequest, decided: &Decided<'_, '_>) -> Option<Explanation> {
    let hosts = &decided.observed.hosts;
    let members = decided.grouping.members.iter().map(|member| member.claim);
    let asking =
        members.filter(|claim| claim.hosts.iter().any(|host| covers(hosts.text(*host), &asked.host)));
    let outcomes = asking.filter_map(|claim| {
        let is_its = |outcome: &&Outcome| ObjectName::of(&outcome.object) == claim.object;
        decided.plan.outcomes.iter().find(is_its)
    });
    let decisions = outcomes.map(|outcome| {
        let state = match outcome.state {
            OutcomeState::Rejected => "is rejected",
            _ => "waits for a load balancer",
        };
        Decision { title: format!("{} {state}", outcome.object), ..to_know(&outcome.diagnostics) }
    });
    let decisions: Vec<Decision> = decisions.collect();
    let headline = format!("no load balancer serves host {}", asked.host);
    (!decisions.is_empty()).then_some(Explanation { headline, decisions })
}

/// The load balancers that the host leads to: those with an Ingress for the host, else those with an Ingress for all hosts.
fn serving<'b>(asked: &HttpRequest, decided: &'b Decided<'_, '_>) -> Vec<&'b DesiredLoadBalancer> {
    let hosts = &decided.observed.hosts;
    let placed = |asks: &dyn Fn(&Claim<'_>) -> bool| -> BTreeSet<&str> {
        let members = decided.grouping.members.iter().zip(&decided.grouping.placements);
        let groups =
            members.filter(|(member, _)| asks(member.claim)).filter_map(|(_, placement)| placement.group());
        groups.map(|group| decided.grouping.groups.get(group).id()).collect()
    };
    let by_name = |found: &&DesiredLoadBalancer| {
        found.dns_name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&asked.host))
    };
    let mut ids = placed(&|claim| claim.hosts.iter().any(|host| covers(hosts.text(*host), &asked.host)));
    ids.extend(decided.plan.load_balancers.iter().filter(by_name).map(|found| found.id.as_str()));
    if ids.is_empty() {
        ids = placed(&|claim| {
            claim
                .routing
                .as_ref()
                .is_some_and(|routing| routing.routes.iter().any(|route| route.hosts.is_empty()))
        });
    }
    decided.plan.load_balancers.iter().filter(|found| ids.contains(found.id.as_str())).collect()
}

/// Whether the host of an Ingress or a name of a certificate covers that of a request: a wildcard covers one label.
fn covers(host: &str, asked: &str) -> bool {
    match host.strip_prefix("*.") {
        Some(parent) => asked.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
        None => host.eq_ignore_ascii_case(asked),
    }
}

fn speaks(listener: &DesiredListener, request: &HttpRequest) -> bool {
    let speaks = match request.scheme.as_str() {
        "http" => matches!(listener.protocol, Protocol::Http | Protocol::Tcp),
        "https" => ports::has_certificates(listener.protocol),
        _ => false,
    };
    listener.port == request.port && speaks
}

/// The rules of a listener with their verdicts on a request.
struct Answer<'a> {
    listener: &'a DesiredListener,
    rules: Vec<(&'a DesiredRule, Verdict)>,
    /// The rule that answers the request. `None`: the default action answers it.
    chosen: Option<&'a DesiredRule>,
}

impl<'a> Answer<'a> {
    fn of(request: &HttpRequest, listener: &'a DesiredListener) -> Self {
        let rules: Vec<_> = listener.rules.iter().map(|rule| (rule, verdict(request, rule))).collect();
        let chosen = rules.iter().find(|(_, verdict)| *verdict == Verdict::Holds).map(|(rule, _)| *rule);
        Answer { listener, rules, chosen }
    }

    fn actions(&self) -> &'a [ListenerAction] {
        self.chosen.map_or(&self.listener.default_actions, |rule| &rule.actions)
    }

    /// `rule 30 → shop/cart:80`. An earlier rule may match too, if only AWS can tell.
    fn headline(&self, answers: &Answers<'_>) -> String {
        let words = answers.words(self.actions());
        let mut tried = self.rules.iter().take_while(|(rule, _)| self.chosen != Some(*rule));
        let doubtful = tried.find(|(_, verdict)| matches!(verdict, Verdict::Unknown(_)));
        let unless = doubtful.map(|(rule, _)| format!(", unless rule {} matches", rule.priority));
        let unless = unless.unwrap_or_default();
        match self.chosen {
            Some(rule) => format!("rule {} → {words}{unless}", rule.priority),
            None => format!("default action → {words}{unless}"),
        }
    }

    /// The rules that were tried before the answer, the answer, and the rules that would match too.
    fn candidates(&self, load_balancer: &str, answers: &Answers<'_>) -> Vec<Candidate> {
        let is_other_host = |verdict: &Verdict| *verdict == Verdict::Fails(HOST);
        let tried = self.rules.iter().take_while(|(rule, _)| self.chosen != Some(*rule));
        let others = tried.filter(|(_, verdict)| is_other_host(verdict)).count();
        let digits =
            self.rules.iter().map(|(rule, _)| rule.priority.to_string().len()).max().unwrap_or_default();
        let mut told_of_others = false;
        let mut answered = false;
        let mut candidates = Vec::new();
        for (rule, verdict) in &self.rules {
            let is_answer = !answered && self.chosen == Some(*rule);
            let requests = requests(&rule.conditions);
            let reason = match verdict {
                Verdict::Holds if is_answer => self.reason(load_balancer, &requests, answers),
                Verdict::Holds => "would match, but comes later".to_owned(),
                // Rules after the answer are not tried.
                _ if answered => continue,
                other if is_other_host(other) && others > OTHER_HOSTS => {
                    if !told_of_others {
                        candidates.push(candidate(false, format!("{others} rules"), "the host differs"));
                    }
                    told_of_others = true;
                    continue;
                }
                Verdict::Fails(part) => format!("{part} differs"),
                Verdict::Lacks(header) => format!("the request has no header {header}"),
                Verdict::Unknown(part) => format!("it is not known whether {part} matches"),
            };
            answered |= is_answer;
            candidates.push(candidate(is_answer, format!("{:<digits$}  {requests}", rule.priority), reason));
        }
        let reason = if answered {
            "only if no rule matches".to_owned()
        } else {
            format!("no rule matches → {}", answers.with_health(&self.listener.default_actions))
        };
        candidates.push(candidate(!answered, "default action", reason));
        candidates
    }

    fn reason(&self, load_balancer: &str, requests: &str, answers: &Answers<'_>) -> String {
        let words = answers.with_health(self.actions());
        match answers.owner(load_balancer, requests) {
            Some(object) => format!("→ {words}; asked for by Ingress {object}"),
            None => format!("→ {words}; no Ingress asks for this rule"),
        }
    }

    /// The targets that can get the request.
    fn targets(&self, answers: &Answers<'_>) -> Vec<Decision> {
        let tell = |(name, group): (&str, Option<&TargetGroup>)| {
            let targets = group.map(|group| group.targets.as_slice()).unwrap_or_default();
            let mut candidates: Vec<Candidate> = targets
                .iter()
                .take(TARGETS)
                .map(|target| {
                    let port = target.port.map(|port| format!(":{port}")).unwrap_or_default();
                    let is_healthy = target.health == TargetHealth::Healthy;
                    candidate(is_healthy, format!("{}{port}", target.id), target.health.as_str())
                })
                .collect();
            candidates.sort_by_key(|candidate| !candidate.chosen);
            if targets.len() > TARGETS {
                candidates.push(candidate(false, format!("and {} more", targets.len() - TARGETS), ""));
            }
            (!candidates.is_empty()).then(|| Decision { title: format!("Targets of {name}"), candidates })
        };
        answers.groups(self.actions()).filter_map(tell).collect()
    }

    /// What the Ingress of the rule has to know about its backends, if the request goes to none of them.
    fn diagnostics(
        &self,
        load_balancer: &str,
        answers: &Answers<'_>,
        decided: &Decided<'_, '_>,
    ) -> Option<Decision> {
        if answers.groups(self.actions()).next().is_some() {
            return None;
        }
        let object = answers.owner(load_balancer, &requests(&self.chosen?.conditions))?;
        let named = ObjectName::of_tag(object)?;
        let outcome =
            decided.plan.outcomes.iter().find(|outcome| ObjectName::of(&outcome.object) == named)?;
        let about = outcome.diagnostics.iter().filter(|it| it.code == DiagnosticCode::BackendInvalid);
        let all: Vec<_> = about.cloned().collect();
        // The message about a backend begins with the requests of its rule.
        let beginning = format!("{}: ", requests(&self.chosen?.conditions));
        let of_rule: Vec<_> = all.iter().filter(|it| it.message.starts_with(&beginning)).cloned().collect();
        let about = if of_rule.is_empty() { all } else { of_rule };
        (!about.is_empty()).then(|| Decision { title: format!("Diagnostics of {object}"), ..to_know(&about) })
    }
}
