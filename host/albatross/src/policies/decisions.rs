//! What an answer decides, whatever the order of the question is.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{PolicyAnswer, PolicyQuestion};

use crate::render::words::first_of;

/// What is decided, in words, by subject: an object, a host, or the load balancers of a scheme.
pub type Decisions = BTreeMap<String, String>;

/// What an answer decides. It must fit the question.
pub fn decisions(question: &PolicyQuestion, answer: &PolicyAnswer) -> Decisions {
    let mut decided = BTreeMap::new();
    match (question, answer) {
        (PolicyQuestion::Grouping(input), PolicyAnswer::Grouping(answer)) => {
            let mut decide = |index: u32, what: String| {
                if let Some(member) = input.members.get(index as usize) {
                    decided.insert(member.object.to_string(), what);
                }
            };
            for group in &answer.groups {
                group.members.iter().for_each(|member| decide(*member, format!("group {:?}", group.key)));
            }
            answer.by_default.iter().for_each(|member| decide(*member, "left to the planner".to_owned()));
            answer.rejected.iter().for_each(|it| decide(it.member, "rejected".to_owned()));
        }
        (PolicyQuestion::Subnets(input), PolicyAnswer::Subnets(answer)) => {
            let chosen = answer.subnets.iter().filter_map(|index| input.candidates.get(*index as usize));
            let mut ids: Vec<&str> = chosen.map(|candidate| candidate.id.as_str()).collect();
            ids.sort_unstable();
            let ids = if ids.is_empty() { "no subnet".to_owned() } else { ids.join(", ") };
            let scheme = input.scheme.as_str();
            decided.insert(format!("load balancers that are {scheme}"), ids);
        }
        (PolicyQuestion::Certificates(input), PolicyAnswer::Certificates(answer)) => {
            for choice in &answer.choices {
                let host = input.hosts.get(choice.host as usize);
                let certificate = input.certificates.get(choice.certificate as usize);
                if let (Some(host), Some(certificate)) = (host, certificate) {
                    decided.insert(host.clone(), certificate.arn.clone());
                }
            }
            for host in &input.hosts {
                decided.entry(host.clone()).or_insert_with(|| "no certificate".to_owned());
            }
        }
        _ => {}
    }
    decided
}

/// The first subject for which two decisions differ, with both.
pub fn difference<'a>(one: &'a Decisions, other: &'a Decisions) -> Option<(&'a str, &'a str, &'a str)> {
    let subjects: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let of =
        |decisions: &'a Decisions, subject: &str| decisions.get(subject).map_or("left out", String::as_str);
    let both = subjects.into_iter().map(|subject| (subject.as_str(), of(one, subject), of(other, subject)));
    both.into_iter().find(|(_, one, other)| one != other)
}

/// A line for each thing that is decided, with its subjects.
pub fn lines(decisions: &Decisions) -> Vec<String> {
    /// The most lines, and the most subjects on a line.
    const MOST: (usize, usize) = (20, 6);
    let mut subjects: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (subject, what) in decisions {
        subjects.entry(what).or_default().push(subject);
    }
    let more = subjects.len().saturating_sub(MOST.0);
    let line = |(what, subjects): (&str, Vec<&str>)| format!("{what}: {}", first_of(&subjects, MOST.1));
    let mut lines: Vec<String> = subjects.into_iter().take(MOST.0).map(line).collect();
    lines.extend((more > 0).then(|| format!("and {more} more")));
    lines
}
