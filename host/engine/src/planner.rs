//! The planner: a component that makes plans.

use std::{sync::Arc, time::Duration};

use albatross_contract::{
    ComponentIdentity, Explanation, Plan, PlanningError, PolicyPoint, PolicyQuestion, Question,
    RecordedPolicy, Snapshot,
};
use wasmtime::component::Lift;
use wasmtime::component::{Component, ComponentExportIndex, ComponentNamedList, Linker, Lower};

use crate::{
    Breach, BuiltIn, Engine, EngineError, GuestFailed, PolicySet, Role, Unfit, UnfitComponent, WithFreeze,
    call::{Called, breach},
    component,
    component::Prepared,
    engine::{self, Trust},
    freeze,
    imports::{self, QUESTIONS, Session},
    point,
};

/// A planner that was found fit to run. Cheap to clone.
///
/// It imports at most the policy points. Each call runs in a new store.
#[derive(Clone)]
pub struct Planner {
    inner: Arc<Inner>,
}

struct Inner {
    prepared: Prepared<Session>,
    make_plan: ComponentExportIndex,
    explain: ComponentExportIndex,
}

/// A plan and the resources that it took.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// The policies that were asked, in the order of the first questions, and what they answered.
    pub answers: Vec<RecordedPolicy>,
    /// The resources that it took.
    pub usage: Usage,
}

/// An explanation and the resources that it took.
#[derive(Debug)]
pub struct Explained {
    /// The explanation.
    pub explanation: Explanation,
    /// As in [`Planned`].
    pub answers: Vec<RecordedPolicy>,
    /// The resources that it took.
    pub usage: Usage,
}

/// The resources that a call took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Wall-clock time of the planner: to start it, to hand over the snapshot, to plan, to take the plan.
    pub planner: Duration,
    /// Wall-clock time of all policies, including the checks of their answers.
    pub policies: Duration,
    /// Fuel of the planner. Absent: the fuel of the built-in planner is not counted.
    pub fuel: Option<u64>,
    /// The peak memory of the planner, in bytes.
    pub memory: u64,
}

impl Planner {
    /// Loads the built-in planner of the program, of which there is one. Nothing is compiled.
    ///
    /// `name` is its name in messages and recorded bundles, such as `albatross 0.1.0`.
    ///
    /// # Errors
    /// [`UnfitComponent`] on a processor that lacks features that the machine code needs.
    pub fn built_in(engine: &Engine, name: &str, planner: &BuiltIn) -> Result<Planner, UnfitComponent> {
        let component = engine::built_in(planner);
        let identity = ComponentIdentity { name: name.to_owned(), sha256: planner.sha256.to_owned() };
        Planner::of(name, component.and_then(|component| ready(engine, Trust::BuiltIn, identity, &component)))
    }

    /// Compiles a custom planner and checks whether it is fit to run. This may take seconds, so a control loop must not do
    /// it.
    ///
    /// `name` is its name in messages and recorded bundles, such as the name of its file.
    ///
    /// # Errors
    /// [`UnfitComponent`] with the reason: the size, native code, an import that is not a policy point, another contract.
    pub fn load(engine: &Engine, name: &str, bytes: &[u8]) -> Result<Planner, UnfitComponent> {
        let identity = || component::identity(name, bytes);
        let component = component::compile(engine, bytes, engine.limits().planner_size);
        Planner::of(
            name,
            component.and_then(|component| ready(engine, Trust::Custom, identity(), &component)),
        )
    }

    fn of(name: &str, inner: Result<Inner, Unfit>) -> Result<Planner, UnfitComponent> {
        inner.map(|inner| Planner { inner: Arc::new(inner) }).map_err(|reason| UnfitComponent {
            role: Role::Planner,
            component: name.to_owned(),
            reason,
        })
    }

    /// Its name and the SHA-256 of its bytes.
    pub fn identity(&self) -> &ComponentIdentity {
        &self.inner.prepared.identity
    }

    /// Says what to do.
    ///
    /// # Errors
    /// [`EngineError::Planning`] when the planner finds that there can be no plan, [`EngineError::PolicyFailed`] when
    /// a policy fails (see [`Planner::plan_with_freeze`]), [`EngineError::Guest`] when the planner itself does.
    pub fn plan(&self, snapshot: &Snapshot, policies: &PolicySet) -> Result<Planned, EngineError> {
        let (plan, answers, usage) = self.call("make-plan", &self.inner.make_plan, (snapshot,), policies)?;
        Ok(Planned { plan, answers, usage })
    }

    /// Asks the planner to explain a decision.
    ///
    /// # Errors
    /// As [`Planner::plan`].
    pub fn explain(
        &self,
        snapshot: &Snapshot,
        question: &Question,
        policies: &PolicySet,
    ) -> Result<Explained, EngineError> {
        let (explanation, answers, usage) =
            self.call("explain", &self.inner.explain, (snapshot, question), policies)?;
        Ok(Explained { explanation, answers, usage })
    }

    /// As [`Planner::plan`]; if a policy fails, plans again at once with its point frozen.
    ///
    /// # Errors
    /// As [`Planner::plan`], except for the failures of policies, which are returned with the plan.
    pub fn plan_with_freeze(
        &self,
        snapshot: Snapshot,
        policies: &PolicySet,
    ) -> Result<WithFreeze<Planned>, EngineError> {
        freeze::with_freeze(snapshot, |snapshot| self.plan(snapshot, policies))
    }

    /// As [`Planner::explain`]; if a policy fails, explains the plan with its point frozen.
    ///
    /// # Errors
    /// As [`Planner::plan_with_freeze`].
    pub fn explain_with_freeze(
        &self,
        snapshot: Snapshot,
        question: &Question,
        policies: &PolicySet,
    ) -> Result<WithFreeze<Explained>, EngineError> {
        freeze::with_freeze(snapshot, |snapshot| self.explain(snapshot, question, policies))
    }

    /// The questions that policies are asked for the plan of a snapshot, even if a policy fails; those after the failure are not
    /// known then.
    ///
    /// # Errors
    /// As [`Planner::plan`], except for the failures of policies.
    pub fn questions(
        &self,
        snapshot: &Snapshot,
        policies: &PolicySet,
    ) -> Result<Vec<PolicyQuestion>, EngineError> {
        let session = Session::keeping(policies, self.inner.prepared.limits.deadline);
        let (answer, session, _) =
            self.call_in::<_, Plan>(session, "make-plan", &self.inner.make_plan, (snapshot,));
        match answer {
            Ok(_) | Err(EngineError::PolicyFailed(_)) => Ok(session.kept.unwrap_or_default()),
            Err(error) => Err(error),
        }
    }

    fn call<P, T>(
        &self,
        call: &'static str,
        function: &ComponentExportIndex,
        parameters: P,
        policies: &PolicySet,
    ) -> Result<(T, Vec<RecordedPolicy>, Usage), EngineError>
    where
        P: ComponentNamedList + Lower,
        T: Lift + 'static,
    {
        let session = Session::new(policies, self.inner.prepared.limits.deadline);
        let (answer, session, usage) = self.call_in(session, call, function, parameters);
        Ok((answer?, session.answers, usage))
    }

    /// Calls a function with a session, and returns the session too.
    fn call_in<P, T>(
        &self,
        session: Session,
        call: &'static str,
        function: &ComponentExportIndex,
        parameters: P,
    ) -> (Result<T, EngineError>, Session, Usage)
    where
        P: ComponentNamedList + Lower,
        T: Lift + 'static,
    {
        let prepared = &self.inner.prepared;
        let Called { answer, store } =
            prepared.call::<P, Result<T, PlanningError>>(session, function, parameters);
        let session = &store.data().data;
        let usage = Usage {
            planner: session.own_time(),
            policies: session.policy_time,
            fuel: prepared.fuel_used(&store),
            memory: store.data().limiter.peak(),
        };
        let answer = answer.map_err(|error| match error.downcast::<EngineError>() {
            Ok(own) => own,
            Err(_) if session.asked_too_much() => {
                self.failed(call, Breach::TooManyQuestions { limit: QUESTIONS })
            }
            Err(error) => self.failed(call, breach(error, &store, &prepared.limits)),
        });
        let answer = answer.and_then(|answer| answer.map_err(|source| EngineError::Planning { source }));
        (answer, store.into_data().data, usage)
    }

    fn failed(&self, call: &'static str, breach: Breach) -> EngineError {
        EngineError::Guest(GuestFailed { component: self.identity().name.clone(), call, breach })
    }
}

/// Checks whether a component is fit to run.
fn ready(
    engine: &Engine,
    trust: Trust,
    identity: ComponentIdentity,
    component: &Component,
) -> Result<Inner, Unfit> {
    component::check_imports(component, Role::Planner, &PolicyPoint::ALL.map(point::interface))?;
    let mut linker = Linker::new(component.engine());
    imports::link(&mut linker).map_err(|source| Unfit::OtherContract { source: source.into() })?;
    let inner = Inner {
        prepared: component::prepare(engine, trust, identity, component, &linker)?,
        make_plan: component::function(component, point::PLANNER, "make-plan")?,
        explain: component::function(component, point::PLANNER, "explain")?,
    };
    let session = Session::new(&PolicySet::default(), engine.limits().deadline);
    inner.prepared.try_start(session, |instance, store| {
        instance
            .get_typed_func::<(&Snapshot,), (Result<Plan, PlanningError>,)>(&mut *store, &inner.make_plan)?;
        instance.get_typed_func::<(&Snapshot, &Question), (Result<Explanation, PlanningError>,)>(
            &mut *store,
            &inner.explain,
        )?;
        Ok(())
    })?;
    Ok(inner)
}
