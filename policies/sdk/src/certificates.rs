//! The point `certificates`: which certificate serves a host.

use albatross_contract::{Certificate, CertificateAnswer, CertificateChoice, CertificateInput};

use crate::{Answered, Policy};

/// A policy that answers this point.
pub trait Certificates: Policy {
    /// Chooses a certificate for each host. A host without one is left out: its Ingress is served without it.
    ///
    /// # Errors
    /// Why the question is refused: then present certificates stay, and new Ingresses wait.
    fn choose(settings: &Self::Settings, question: &Question) -> Result<Answer, String>;
}

/// The question.
#[derive(Clone, Debug)]
pub struct Question {
    input: CertificateInput,
}

impl Question {
    /// A question, for tests.
    pub fn new(input: CertificateInput) -> Question {
        Question { input }
    }

    /// The time of planning, in seconds since 1970.
    pub fn time(&self) -> u64 {
        self.input.time
    }

    /// Asks for each host in turn. `choose` gets the host, the certificates that cover it in the order of their ARNs, and the
    /// certificate that the planner chooses without a policy. It returns a certificate of the list and the reason, or `None`.
    pub fn for_each_host<'q>(
        &'q self,
        mut choose: impl FnMut(
            &str,
            &[&'q Certificate],
            Option<&'q Certificate>,
        ) -> Option<(&'q Certificate, String)>,
    ) -> Answer {
        let all = &self.input.certificates;
        let mut choices = Vec::new();
        for (index, host) in (0..).zip(&self.input.hosts) {
            let covering: Vec<&Certificate> = all.iter().filter(|it| it.covers(host)).collect();
            let by_default = self.input.by_default.iter().find(|choice| choice.host == index);
            let by_default = by_default.and_then(|choice| all.get(choice.certificate as usize));
            let Some((chosen, reason)) = choose(host, &covering, by_default) else { continue };
            let place = (0..).zip(all).find(|(_, certificate)| certificate.arn == chosen.arn);
            let Some((certificate, _)) = place else { continue };
            choices.push(CertificateChoice { host: index, certificate, reason });
        }
        Answer { choices }
    }
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// At most one choice for each host.
    pub choices: Vec<CertificateChoice>,
}

/// Answers a question of the planner.
///
/// # Errors
/// What is wrong with the settings, or why the policy refuses.
pub fn answer<P: Certificates>(input: CertificateInput) -> Answered<CertificateAnswer> {
    let settings = input.settings.clone();
    let question = Question::new(input);
    let answer = crate::answer::<P, _>(&settings, |settings| P::choose(settings, &question))?;
    Ok(CertificateAnswer { choices: answer.choices })
}
