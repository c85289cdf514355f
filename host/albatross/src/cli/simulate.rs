//! `albatross simulate`: the whole controller against the embedded cloud.

use std::io::Read;

use albatross_contract::{Allowances, ClassSetting, Mode, Settings};

use super::{
    Verdict,
    arguments::{OutputFormat, SimulateArguments},
    console::Console,
    messages::{remark, report},
    planning,
    simulation_json::Simulation as JsonSimulation,
    simulation_text::TextWatcher,
};
use crate::{
    error::Error,
    example,
    inputs::{
        ClusterIdSource, ClusterInput, StatusSource, allowances, read_inventory, read_manifests,
        require_identity,
    },
    json,
    pass::Makers,
    render::plan::{Origin, introduction},
    simulation::{Simulation, Watcher},
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
    let mut simulation = Simulation::new(&makers, settings, inventory);
    let settled = match arguments.output.output {
        OutputFormat::Text => {
            console.write(&introduction(&origin(&makers), console.style()));
            run_steps(&mut simulation, steps, &mut TextWatcher::new(console))?
        }
        OutputFormat::Json => {
            let mut document = JsonSimulation::default();
            let settled = run_steps(&mut simulation, steps, &mut document)?;
            console.write_json(&json::write("simulation", &document)?);
            settled
        }
    };
    if !settled {
        console.error("the simulation did not converge, or a policy failed: see above");
        verdict = Verdict::Problems;
    }
    Ok(verdict)
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
        let then = std::slice::from_ref(then);
        steps.push(read_manifests(then, StatusSource::Simulation, standard_input)?);
    }
    Ok(steps)
}

/// Whether every step converged and no policy failed.
fn run_steps(
    simulation: &mut Simulation<'_>,
    steps: Vec<ClusterInput>,
    watcher: &mut dyn Watcher,
) -> Result<bool, Error> {
    let mut settled = true;
    for step in steps {
        settled &= simulation.step(step.cluster, watcher)?;
    }
    Ok(settled)
}

fn origin(makers: &Makers) -> Origin<'_> {
    Origin { planner: makers.planner(), policies: makers.policy_identities(), took: None }
}
