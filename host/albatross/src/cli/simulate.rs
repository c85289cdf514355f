//! `albatross simulate`: the whole controller against the embedded cloud.

use std::{io::Read, path::PathBuf, slice, sync::Arc};

use albatross_contract::{Allowances, ClassSetting, Mode, Seconds, Settings};
use albatross_engine::{Engine, Limits, Policy};

use super::{
    Verdict,
    arguments::{OutputFormat, SimulateArguments},
    console::Console,
    messages::{remark, report},
    planning,
    serve::{self, Followed},
    simulation_json::Simulation as JsonSimulation,
    simulation_text::TextWatcher,
};
use crate::{
    error::Error,
    example,
    inputs::{
        ClusterIdSource, ClusterInput, MOST_OF_SETTINGS, StatusSource, allowances, parse_settings,
        read_bytes, read_inventory, read_manifests, require_identity,
    },
    json,
    pass::Makers,
    recorder::record,
    render::plan::{Origin, introduction},
    serve::Files,
    simulation::{Simulation, Watcher},
    swap::Deciders,
};

/// Runs the command.
///
/// # Errors
/// Some input cannot be read, or no plan can be made.
pub fn run(
    arguments: &SimulateArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    if arguments.serve.serve && arguments.output.output == OutputFormat::Json {
        return Err(Error::ServeAsJson);
    }
    serve::backends(&arguments.serve)?;
    let manifests = last_manifests(arguments);
    // Before they are read: a change in between must not be missed.
    let files = Files::new(manifests);
    let steps = steps(arguments, standard_input)?;
    let (inventory, without_file) = match &arguments.cloud {
        Some(path) => (read_inventory(path)?, Settings::default()),
        None => (example::cloud()?, example::settings()?),
    };
    let without_file = with_class_of_route_mode(without_file);
    let makers = planning::makers(&arguments.components, console)?;
    let settings = planning::settings(&arguments.settings, without_file, &makers)?;
    require_identity(&settings, ClusterIdSource::Settings)?;
    let clusters = steps.iter().map(|step| &step.cluster);
    remark(&allowances::check_objects(&settings.allowances, &Allowances::default(), clusters)?, console);

    if arguments.cloud.is_some() {
        remark(planning::filters_without_effect(&settings).as_slice(), console);
    }
    let mut verdict = Verdict::Fine;
    for step in &steps {
        remark(&step.remarks, console);
        if report(&step.problems, &[], &[], console) == Verdict::Problems {
            verdict = Verdict::Problems;
        }
    }
    let makers = Arc::new(makers);
    let deciders = Deciders::all(Arc::clone(&makers), "the settings", &settings.policies)?;
    let candidate = candidate(arguments, &deciders, &settings, console)?;
    let mut simulation = Simulation::new(deciders, settings, inventory);
    let problems = steps.last().map(|step| step.problems.clone()).unwrap_or_default();
    let then = Then { steps, candidate, allowed: arguments.allow_then_policy, run_for: arguments.run_for };
    let mut text = TextWatcher::new(console);
    let settled = match arguments.output.output {
        OutputFormat::Text => {
            let introduction = introduction(&origin(&makers), text.console().style());
            text.console().write(&introduction);
            then.run(&mut simulation, &mut text)?
        }
        OutputFormat::Json => {
            let mut document = JsonSimulation::default();
            let settled = then.run(&mut simulation, &mut document)?;
            text.console().write_json(&json::write("simulation", &document)?);
            settled
        }
    };
    if let Some(path) = &arguments.record {
        let (makers, pass) = simulation.now()?;
        record(path, makers, &pass, Vec::new())?;
    }
    if !settled {
        text.console().error("the simulation did not converge, or a policy failed or was held: see above");
        verdict = Verdict::Problems;
    }
    if arguments.serve.serve {
        let followed = Followed { manifests, files, problems };
        serve::run(&mut simulation, followed, &arguments.serve, &mut text)?;
    }
    Ok(verdict)
}

/// The manifests that apply in the end.
fn last_manifests(arguments: &SimulateArguments) -> &[PathBuf] {
    arguments.then.last().map_or(&arguments.manifests, slice::from_ref)
}

/// The class `alb` in route mode: no other controller serves it in a simulation.
fn with_class_of_route_mode(mut settings: Settings) -> Settings {
    settings.classes.push(ClassSetting { name: "alb".to_owned(), mode: Mode::Route });
    settings
}

/// The sets of manifests that are applied one after the other.
fn steps(arguments: &SimulateArguments, standard_input: &mut dyn Read) -> Result<Vec<ClusterInput>, Error> {
    let mut steps = Vec::new();
    if arguments.manifests.is_empty() {
        steps.push(example::first()?);
        if arguments.then.is_empty() {
            steps.push(example::then()?);
        }
    } else {
        steps.push(read_manifests(&arguments.manifests, StatusSource::Simulation, standard_input)?);
    }
    for then in &arguments.then {
        let then = slice::from_ref(then);
        steps.push(read_manifests(then, StatusSource::Simulation, standard_input)?);
    }
    Ok(steps)
}

/// What happens, one after the other.
struct Then {
    /// The sets of manifests.
    steps: Vec<ClusterInput>,
    /// The policies that take over in the end.
    candidate: Option<Deciders>,
    /// Whether a person allows their name changes.
    allowed: bool,
    /// The time that passes in the end, in seconds.
    run_for: Option<Seconds>,
}

impl Then {
    /// Whether everything converged, and no policy failed or was held.
    fn run(self, simulation: &mut Simulation, watcher: &mut dyn Watcher) -> Result<bool, Error> {
        let mut settled = true;
        for step in self.steps {
            settled &= simulation.step(step.cluster, watcher)?;
        }
        if let Some(candidate) = self.candidate {
            settled &= simulation.swap(candidate, self.allowed, watcher)?;
        }
        if let Some(seconds) = self.run_for {
            settled &= simulation.wait_for(seconds, watcher)?;
        }
        Ok(settled)
    }
}

/// The policies that take over in the end.
fn candidate(
    arguments: &SimulateArguments,
    deciders: &Deciders,
    settings: &Settings,
    console: &mut Console,
) -> Result<Option<Deciders>, Error> {
    if arguments.then_policy.is_empty() {
        return Ok(None);
    }
    let (engine, reader) = (Engine::new(Limits::default()), arguments.components.cache.reader());
    let mut policies = Vec::new();
    for source in &arguments.then_policy {
        let component = reader.read(source, &mut |message| console.warning(message))?;
        policies.push(Policy::load(&engine, &component.name, &component.bytes)?);
    }
    let given = match &arguments.then_settings {
        Some(path) => {
            parse_settings(&path.display().to_string(), &read_bytes(path, MOST_OF_SETTINGS)?)?.policies
        }
        None => settings.policies.clone(),
    };
    deciders.instead(&policies, "the settings of --then-policy", &given).map(Some)
}

fn origin(makers: &Makers) -> Origin<'_> {
    Origin { planner: makers.planner(), policies: makers.policy_identities(), took: None }
}
