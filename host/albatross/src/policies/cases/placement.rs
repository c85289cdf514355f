//! What a policy decided, by the names that a person knows.

use std::collections::BTreeMap;

use albatross_contract::{
    CertificateAnswer, CertificateInput, GroupingAnswer, GroupingInput, PolicyAnswer, PolicyQuestion, Scheme,
    SubnetAnswer, SubnetInput,
};

/// What a policy decided in a case.
#[derive(Debug, Default)]
pub struct Placement {
    /// Where each object is, by its name. Absent: nothing was asked about objects.
    pub objects: Option<BTreeMap<String, Place>>,
    /// The chosen subnets by scheme.
    pub subnets: BTreeMap<Scheme, Vec<String>>,
    /// The certificate of each host.
    pub certificates: BTreeMap<String, Option<String>>,
    /// How many load balancers the plan has. Absent: there is no plan.
    pub load_balancers: Option<usize>,
}

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a group.
    Group {
        /// The key.
        key: String,
        /// The reason that the policy gave.
        reason: String,
    },
    /// Where the planner places it.
    Default,
    /// On no load balancer, for this reason.
    Rejected(String),
}

impl Place {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Place::Group { key, .. } => format!("in group {key:?}"),
            Place::Default => "left to the planner".to_owned(),
            Place::Rejected(reason) => format!("rejected: {reason}"),
        }
    }
}

impl Placement {
    /// Adds what an answer decides. It must fit the question.
    pub fn add(&mut self, question: &PolicyQuestion, answer: &PolicyAnswer) {
        match (question, answer) {
            (PolicyQuestion::Grouping(input), PolicyAnswer::Grouping(answer)) => self.group(input, answer),
            (PolicyQuestion::Subnets(input), PolicyAnswer::Subnets(answer)) => self.select(input, answer),
            (PolicyQuestion::Certificates(input), PolicyAnswer::Certificates(answer)) => {
                self.choose(input, answer);
            }
            _ => {}
        }
    }

    fn group(&mut self, input: &GroupingInput, answer: &GroupingAnswer) {
        let objects = self.objects.get_or_insert_default();
        let mut put = |index: u32, place: Place| {
            let member = input.members.get(index as usize);
            objects.extend(member.map(|member| (member.object.to_string(), place)));
        };
        for group in &answer.groups {
            let place = Place::Group { key: group.key.clone(), reason: group.reason.clone() };
            group.members.iter().for_each(|member| put(*member, place.clone()));
        }
        answer.by_default.iter().for_each(|member| put(*member, Place::Default));
        answer.rejected.iter().for_each(|it| put(it.member, Place::Rejected(it.reason.clone())));
    }

    fn select(&mut self, input: &SubnetInput, answer: &SubnetAnswer) {
        let chosen = answer.subnets.iter().filter_map(|index| input.candidates.get(*index as usize));
        self.subnets.insert(input.scheme, chosen.map(|subnet| subnet.id.clone()).collect());
    }

    fn choose(&mut self, input: &CertificateInput, answer: &CertificateAnswer) {
        self.certificates.extend(input.hosts.iter().map(|host| (host.clone(), None)));
        for choice in &answer.choices {
            let host = input.hosts.get(choice.host as usize);
            let certificate = input.certificates.get(choice.certificate as usize);
            self.certificates.extend(host.map(|host| (host.clone(), certificate.map(|it| it.arn.clone()))));
        }
    }
}
