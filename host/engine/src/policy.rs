//! A policy: a component that answers one or more policy points.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use albatross_contract::{
    CertificateAnswer, CertificateInput, ComponentIdentity, GroupingAnswer, GroupingInput, PolicyAnswer,
    PolicyDescription, PolicyError, PolicyPoint, PolicyQuestion, SubnetAnswer, SubnetInput,
};
use wasmtime::{
    Store,
    component::{ComponentExportIndex, ComponentNamedList, Instance, Lift, Linker, Lower},
};

use crate::{
    AnswerError, Breach, Engine, EngineError, GuestFailed, PolicyFailed, Role, Unfit, UnfitComponent,
    call::breach,
    check, component,
    component::Prepared,
    engine::Trust,
    panic_text::leaves_texts,
    point,
    store::Held,
    words::{printable, printable_name},
};

/// A policy that was found fit to run. Cheap to clone.
///
/// It imports nothing. Each call runs in a new store, and each answer is checked.
#[derive(Clone)]
pub struct Policy {
    inner: Arc<Inner>,
}

struct Inner {
    prepared: Prepared<()>,
    describe: ComponentExportIndex,
    validate_settings: ComponentExportIndex,
    /// The function of each point that it answers.
    points: BTreeMap<PolicyPoint, ComponentExportIndex>,
}

/// The answer to a question, and the resources that it took.
#[derive(Debug)]
pub struct Asked {
    /// The answer, which passed the checks.
    pub answer: Result<PolicyAnswer, PolicyFailed>,
    /// Wall-clock time, including the start of the component and the check of the answer.
    pub took: Duration,
    /// Fuel.
    pub fuel: u64,
    /// Peak memory in bytes.
    pub memory: u64,
}

/// The resources that a call took: fuel, and peak memory in bytes.
#[derive(Clone, Copy, Default)]
struct Spent {
    fuel: u64,
    memory: u64,
}

/// What the functions of the contract return.
type Answer<T> = Result<T, PolicyError>;

impl Policy {
    /// Compiles a policy and checks whether it is fit to run. This may take seconds, so a control loop must not do it.
    ///
    /// `name` is its name in messages, such as the name of its file.
    ///
    /// # Errors
    /// [`UnfitComponent`] with the reason: the size, native code, an import, no policy point, another contract.
    pub fn load(engine: &Engine, name: &str, bytes: &[u8]) -> Result<Policy, UnfitComponent> {
        load(engine, name, bytes)
            .map(|inner| Policy { inner: Arc::new(inner) })
            .map_err(|reason| UnfitComponent { role: Role::Policy, component: name.to_owned(), reason })
    }

    /// Its name and the SHA-256 of its bytes.
    pub fn identity(&self) -> &ComponentIdentity {
        &self.inner.prepared.identity
    }

    /// The points that it answers: at least one, in order.
    pub fn points(&self) -> impl Iterator<Item = PolicyPoint> + '_ {
        self.inner.points.keys().copied()
    }

    /// The policy's description of itself, without characters that cannot be shown.
    ///
    /// # Errors
    /// [`EngineError::Guest`] when it fails, or when the schema of its settings is too long or not JSON.
    pub fn describe(&self) -> Result<PolicyDescription, EngineError> {
        const CALL: &str = "describe";
        let described: PolicyDescription = self.call(CALL, &self.inner.describe, ())?;
        let settings_schema = described.settings_schema.as_deref().map(check::schema).transpose();
        let settings_schema =
            settings_schema.map_err(|error| self.failed(CALL, Breach::InvalidAnswer(Box::new(error))))?;
        Ok(PolicyDescription {
            name: printable_name(&described.name),
            version: printable_name(&described.version),
            summary: printable(&described.summary),
            settings_schema,
        })
    }

    /// Asks the policy whether it understands these settings.
    ///
    /// # Errors
    /// [`EngineError::Guest`]: with [`Breach::Refused`] and the message of the policy if it does not understand the
    /// settings, with any other breach if it fails.
    pub fn validate_settings(&self, settings: &str) -> Result<(), EngineError> {
        const CALL: &str = "validate-settings";
        let answer: Answer<()> = self.call(CALL, &self.inner.validate_settings, (settings,))?;
        Ok(answer.map_err(|refusal| self.failed(CALL, refused(&refusal)))?)
    }

    /// Asks which certificate serves which host.
    ///
    /// # Errors
    /// [`PolicyFailed`] when it fails, refuses, or its answer cannot be used.
    pub fn choose_certificates(&self, input: &CertificateInput) -> Result<CertificateAnswer, PolicyFailed> {
        self.ask(PolicyPoint::Certificates, input, check::certificates)
    }

    /// Asks which subnets a new load balancer gets.
    ///
    /// # Errors
    /// As [`Policy::choose_certificates`].
    pub fn select_subnets(&self, input: &SubnetInput) -> Result<SubnetAnswer, PolicyFailed> {
        self.ask(PolicyPoint::Subnets, input, check::subnets)
    }

    /// Asks which Ingresses should share a load balancer.
    ///
    /// # Errors
    /// As [`Policy::choose_certificates`].
    pub fn group(&self, input: &GroupingInput) -> Result<GroupingAnswer, PolicyFailed> {
        self.ask(PolicyPoint::Grouping, input, check::grouping)
    }

    /// Asks a question again, measures the answer and checks it.
    pub fn ask_again(&self, question: &PolicyQuestion) -> Asked {
        match question {
            PolicyQuestion::Certificates(input) => self.measured(
                PolicyPoint::Certificates,
                input,
                check::certificates,
                PolicyAnswer::Certificates,
            ),
            PolicyQuestion::Subnets(input) => {
                self.measured(PolicyPoint::Subnets, input, check::subnets, PolicyAnswer::Subnets)
            }
            PolicyQuestion::Grouping(input) => {
                self.measured(PolicyPoint::Grouping, input, check::grouping, PolicyAnswer::Grouping)
            }
        }
    }

    fn ask<I, T>(
        &self,
        point: PolicyPoint,
        input: &I,
        check: fn(&I, &T) -> Result<(), AnswerError>,
    ) -> Result<T, PolicyFailed>
    where
        I: Lower,
        T: Lift + 'static,
    {
        self.asked(point, input, check).0
    }

    fn measured<I, T>(
        &self,
        point: PolicyPoint,
        input: &I,
        check: fn(&I, &T) -> Result<(), AnswerError>,
        answer: fn(T) -> PolicyAnswer,
    ) -> Asked
    where
        I: Lower,
        T: Lift + 'static,
    {
        let began = Instant::now();
        let (answered, spent) = self.asked(point, input, check);
        Asked { answer: answered.map(answer), took: began.elapsed(), fuel: spent.fuel, memory: spent.memory }
    }

    /// Asks a point and checks the answer.
    fn asked<I, T>(
        &self,
        point: PolicyPoint,
        input: &I,
        check: fn(&I, &T) -> Result<(), AnswerError>,
    ) -> (Result<T, PolicyFailed>, Spent)
    where
        I: Lower,
        T: Lift + 'static,
    {
        let call = point::function(point);
        let (answer, spent) = match self.inner.points.get(&point) {
            Some(function) => self.call_measured::<_, Answer<T>>(call, function, (input,)),
            None => (Err(self.failed(call, Breach::NotItsPoint)), Spent::default()),
        };
        let checked = answer.and_then(|answer| {
            let answer = answer.map_err(|refusal| self.failed(call, refused(&refusal)))?;
            check(input, &answer)
                .map_err(|error| self.failed(call, Breach::InvalidAnswer(Box::new(error))))?;
            Ok(answer)
        });
        (checked.map_err(|source| PolicyFailed { point, source }), spent)
    }

    fn call<P, T>(
        &self,
        call: &'static str,
        function: &ComponentExportIndex,
        parameters: P,
    ) -> Result<T, GuestFailed>
    where
        P: ComponentNamedList + Lower,
        T: 'static,
        (T,): ComponentNamedList + Lift,
    {
        self.call_measured(call, function, parameters).0
    }

    fn call_measured<P, T>(
        &self,
        call: &'static str,
        function: &ComponentExportIndex,
        parameters: P,
    ) -> (Result<T, GuestFailed>, Spent)
    where
        P: ComponentNamedList + Lower,
        T: 'static,
        (T,): ComponentNamedList + Lift,
    {
        let prepared = &self.inner.prepared;
        let called = prepared.call((), function, parameters);
        let fuel = prepared.fuel_used(&called.store).unwrap_or_default();
        let spent = Spent { fuel, memory: called.store.data().limiter.peak() };
        let failed = |error| self.failed(call, breach(error, &called.store, &prepared.limits));
        (called.answer.map_err(failed), spent)
    }

    fn failed(&self, call: &'static str, breach: Breach) -> GuestFailed {
        GuestFailed { component: self.identity().name.clone(), call, breach }
    }
}

fn refused(refusal: &PolicyError) -> Breach {
    Breach::Refused { message: printable(&refusal.message) }
}

fn load(engine: &Engine, name: &str, bytes: &[u8]) -> Result<Inner, Unfit> {
    let component = component::compile(engine, bytes, engine.limits().policy_size)?;
    component::check_imports(&component, Role::Policy, &[])?;
    let mut points = BTreeMap::new();
    for point in PolicyPoint::ALL {
        let interface = point::interface(point);
        if component::exports(&component, interface) {
            points.insert(point, component::function(&component, interface, point::function(point))?);
        }
    }
    if points.is_empty() {
        return Err(Unfit::NoPoint);
    }
    let linker = Linker::new(component.engine());
    let identity = component::identity(name, bytes);
    // Every policy counts as custom, even the policies of this repository, so its fuel is counted.
    let prepared = component::prepare(engine, Trust::Custom, identity, &component, &linker)?;
    let inner = Inner {
        prepared: Prepared { leaves_texts: leaves_texts(bytes), ..prepared },
        describe: component::function(&component, point::POLICY, "describe")?,
        validate_settings: component::function(&component, point::POLICY, "validate-settings")?,
        points,
    };
    inner.prepared.try_start((), |instance, store| inner.has_functions(instance, store))?;
    Ok(inner)
}

impl Inner {
    /// Checks that its functions have the types of the contract.
    fn has_functions(&self, instance: &Instance, store: &mut Store<Held<()>>) -> wasmtime::Result<()> {
        instance.get_typed_func::<(), (PolicyDescription,)>(&mut *store, &self.describe)?;
        instance.get_typed_func::<(&str,), (Answer<()>,)>(&mut *store, &self.validate_settings)?;
        for (point, function) in &self.points {
            let typed = match point {
                PolicyPoint::Certificates => has::<CertificateInput, CertificateAnswer>,
                PolicyPoint::Subnets => has::<SubnetInput, SubnetAnswer>,
                PolicyPoint::Grouping => has::<GroupingInput, GroupingAnswer>,
            };
            typed(instance, store, function)?;
        }
        Ok(())
    }
}

/// Checks that the function of a point has the types of the contract.
fn has<I: Lower, T: Lift + 'static>(
    instance: &Instance,
    store: &mut Store<Held<()>>,
    function: &ComponentExportIndex,
) -> wasmtime::Result<()> {
    instance.get_typed_func::<(&I,), (Answer<T>,)>(store, function).map(drop)
}
