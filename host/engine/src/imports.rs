//! The imports of a planner: the policy points, each answered by a policy in its own store.

use std::time::{Duration, Instant};

use albatross_contract::{
    CertificateAnswer, CertificateInput, GroupingAnswer, GroupingInput, PolicyAnswer, PolicyError,
    PolicyPoint, PolicyQuestion, RecordedPolicy, SubnetAnswer, SubnetInput,
};
use wasmtime::{
    StoreContextMut,
    component::{Lift, Linker, Lower},
};

use crate::{EngineError, Policy, PolicyFailed, PolicySet, engine::ticks, point, store::Held};

/// The most questions for one plan. A planner asks for subnets once for each scheme, and at each other point once. Without
/// this limit a planner could ask forever, since the time of policies does not count as its own.
pub(crate) const QUESTIONS: usize = 16;

/// The state of a call of a planner.
pub(crate) struct Session {
    policies: PolicySet,
    deadline: Duration,
    started: Instant,
    /// How long policies took.
    pub(crate) policy_time: Duration,
    /// The answers of the policies.
    pub(crate) answers: Vec<RecordedPolicy>,
    /// The questions to the policies, if they are kept.
    pub(crate) kept: Option<Vec<PolicyQuestion>>,
    questions: usize,
}

impl Session {
    /// A call that begins now; `deadline` limits the planner's own time, without the time of policies.
    pub(crate) fn new(policies: &PolicySet, deadline: Duration) -> Session {
        Session {
            policies: policies.clone(),
            deadline,
            started: Instant::now(),
            policy_time: Duration::ZERO,
            answers: Vec::new(),
            kept: None,
            questions: 0,
        }
    }

    /// A call that keeps the questions to the policies.
    pub(crate) fn keeping(policies: &PolicySet, deadline: Duration) -> Session {
        Session { kept: Some(Vec::new()), ..Session::new(policies, deadline) }
    }

    /// How long the planner itself took so far.
    pub(crate) fn own_time(&self) -> Duration {
        self.started.elapsed().saturating_sub(self.policy_time)
    }

    /// Whether the planner was ended because it asked too many questions.
    pub(crate) fn asked_too_much(&self) -> bool {
        self.questions > QUESTIONS
    }

    fn record(&mut self, point: PolicyPoint, policy: &Policy, answer: PolicyAnswer) {
        match self.answers.iter_mut().find(|recorded| recorded.point == point) {
            Some(recorded) => recorded.answers.push(answer),
            None => self.answers.push(RecordedPolicy {
                point,
                component: policy.identity().clone(),
                answers: vec![answer],
            }),
        }
    }
}

/// Links all points.
pub(crate) fn link(linker: &mut Linker<Held<Session>>) -> wasmtime::Result<()> {
    link_point::<CertificateInput, CertificateAnswer>(
        linker,
        PolicyPoint::Certificates,
        Policy::choose_certificates,
        PolicyQuestion::Certificates,
        PolicyAnswer::Certificates,
    )?;
    link_point::<SubnetInput, SubnetAnswer>(
        linker,
        PolicyPoint::Subnets,
        Policy::select_subnets,
        PolicyQuestion::Subnets,
        PolicyAnswer::Subnets,
    )?;
    link_point::<GroupingInput, GroupingAnswer>(
        linker,
        PolicyPoint::Grouping,
        Policy::group,
        PolicyQuestion::Grouping,
        PolicyAnswer::Grouping,
    )
}

/// Links one point to the policy that the session has for it.
///
/// A policy that fails ends the planner, and its error becomes the error of the planner's call: a planner cannot hide it
/// and go on with its own default. The same holds for the refusal of a policy.
fn link_point<I, T>(
    linker: &mut Linker<Held<Session>>,
    point: PolicyPoint,
    ask: fn(&Policy, &I) -> Result<T, PolicyFailed>,
    question: fn(I) -> PolicyQuestion,
    recorded: fn(T) -> PolicyAnswer,
) -> wasmtime::Result<()>
where
    I: Lift + 'static,
    T: Lower + Clone + 'static,
{
    linker.instance(point::interface(point))?.func_wrap(
        point::function(point),
        move |mut store: StoreContextMut<'_, Held<Session>>, (input,): (I,)| {
            let session = &mut store.data_mut().data;
            session.questions += 1;
            if session.asked_too_much() {
                return Err(wasmtime::Error::msg("too many questions"));
            }
            let Some(policy) = session.policies.get(point).cloned() else {
                return Err(wasmtime::Error::new(EngineError::PolicyMissing { point }));
            };
            let asked = Instant::now();
            let answer = ask(&policy, &input);
            session.policy_time += asked.elapsed();
            if let Some(questions) = &mut session.kept {
                questions.push(question(input));
            }
            let answer = answer.map_err(|failed| wasmtime::Error::new(EngineError::PolicyFailed(failed)))?;
            session.record(point, &policy, recorded(answer.clone()));

            // The clock went on while the policy ran: the planner gets the rest of its own time.
            let left = session.deadline.saturating_sub(session.own_time());
            store.set_epoch_deadline(ticks(left));
            Ok((Ok::<T, PolicyError>(answer),))
        },
    )
}
