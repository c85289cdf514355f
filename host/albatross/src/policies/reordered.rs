//! The same question in another order, and what an answer says whatever the order is.

use std::collections::BTreeMap;

use albatross_contract::{
    CertificateChoice, CertificateInput, GroupingInput, GroupingMember, PolicyAnswer, PolicyQuestion,
    SubnetInput,
};

/// The question with every list in the reverse order. A policy that answers it in another way depends on the order of its
/// input.
pub fn reversed(question: &PolicyQuestion) -> PolicyQuestion {
    match question {
        PolicyQuestion::Grouping(input) => PolicyQuestion::Grouping(reversed_grouping(input)),
        PolicyQuestion::Subnets(input) => PolicyQuestion::Subnets(reversed_subnets(input)),
        PolicyQuestion::Certificates(input) => PolicyQuestion::Certificates(reversed_certificates(input)),
    }
}

fn reversed_grouping(input: &GroupingInput) -> GroupingInput {
    let mut reversed = input.clone();
    reversed.members.reverse();
    reversed.load_balancers.reverse();
    let count = input.load_balancers.len();
    for GroupingMember { load_balancer, .. } in &mut reversed.members {
        *load_balancer = load_balancer.map(|index| mirrored(index, count));
    }
    reversed
}

fn reversed_subnets(input: &SubnetInput) -> SubnetInput {
    let mut reversed = input.clone();
    reversed.candidates.reverse();
    let count = input.candidates.len();
    reversed.by_default = input.by_default.iter().rev().map(|index| mirrored(*index, count)).collect();
    reversed
}

fn reversed_certificates(input: &CertificateInput) -> CertificateInput {
    let mut reversed = input.clone();
    reversed.hosts.reverse();
    reversed.certificates.reverse();
    let (hosts, certificates) = (input.hosts.len(), input.certificates.len());
    let mirror = |choice: &CertificateChoice| CertificateChoice {
        host: mirrored(choice.host, hosts),
        certificate: mirrored(choice.certificate, certificates),
        reason: choice.reason.clone(),
    };
    reversed.by_default = input.by_default.iter().rev().map(mirror).collect();
    reversed
}

/// The index of an item after a list of `count` items was reversed.
fn mirrored(index: u32, count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).saturating_sub(1).saturating_sub(index)
}

/// What is decided for each subject of a question, in words. The answer must fit the question.
pub fn decisions(question: &PolicyQuestion, answer: &PolicyAnswer) -> BTreeMap<String, String> {
    let mut decided = BTreeMap::new();
    match (question, answer) {
        (PolicyQuestion::Grouping(input), PolicyAnswer::Grouping(answer)) => {
            let mut decide = |index: u32, what: String| {
                if let Some(member) = input.members.get(index as usize) {
                    decided.insert(member.object.to_string(), what);
                }
            };
            for group in &answer.groups {
                group.members.iter().for_each(|member| decide(*member, format!("in group {:?}", group.key)));
            }
            answer.by_default.iter().for_each(|member| decide(*member, "left to the planner".to_owned()));
            answer.rejected.iter().for_each(|it| decide(it.member, "rejected".to_owned()));
        }
        (PolicyQuestion::Subnets(input), PolicyAnswer::Subnets(answer)) => {
            let chosen = answer.subnets.iter().filter_map(|index| input.candidates.get(*index as usize));
            let mut ids: Vec<&str> = chosen.map(|candidate| candidate.id.as_str()).collect();
            ids.sort_unstable();
            let scheme = crate::render::terms::scheme(input.scheme);
            decided.insert(format!("load balancers that are {scheme}"), ids.join(", "));
        }
        (PolicyQuestion::Certificates(input), PolicyAnswer::Certificates(answer)) => {
            for choice in &answer.choices {
                let host = input.hosts.get(choice.host as usize);
                let certificate = input.certificates.get(choice.certificate as usize);
                if let (Some(host), Some(certificate)) = (host, certificate) {
                    decided.insert(host.clone(), certificate.arn.clone());
                }
            }
        }
        _ => {}
    }
    decided
}
