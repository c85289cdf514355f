//! `albatross policy`: a new project for a policy, and the examination of a component.

use std::path::PathBuf;

use albatross_contract::{PolicyPoint, Snapshot};
use albatross_engine::{Engine, Limits, Policy};

use super::{
    Verdict,
    console::Console,
    policy_arguments::{PolicyCheckArguments, PolicyCommand, PolicyNewArguments},
};
use crate::{
    error::Error,
    example,
    inputs::{self, MOST_OF_A_COMPONENT, read_bytes, read_recording},
    pass::planner,
    policies::{
        examination::{Examined, examine},
        project,
    },
    render::{
        terms,
        words::{count, short_digest},
    },
};

/// Runs the command.
///
/// # Errors
/// A file that cannot be read or written, or a component that is not fit.
pub fn run(command: &PolicyCommand, console: &mut Console) -> Result<Verdict, Error> {
    match command {
        PolicyCommand::New(arguments) => new(arguments, console),
        PolicyCommand::Check(arguments) => check(arguments, console),
    }
}

fn new(arguments: &PolicyNewArguments, console: &mut Console) -> Result<Verdict, Error> {
    let folder = arguments.folder.clone().unwrap_or_else(|| PathBuf::from(&arguments.name));
    project::write(&folder, &arguments.name, arguments.point.into())?;
    let file = arguments.name.replace('-', "_");
    console.write(&format!(
        "{} is a policy that works. Next:\n  cd {}\n  cargo test\n  cargo build --release --target wasm32-unknown-unknown\n  \
         albatross policy check target/wasm32-unknown-unknown/release/{file}.wasm\n",
        arguments.name,
        folder.display()
    ));
    Ok(Verdict::Fine)
}

fn check(arguments: &PolicyCheckArguments, console: &mut Console) -> Result<Verdict, Error> {
    let limits = Limits::default();
    let engine = Engine::new(limits.clone());
    let bytes = read_bytes(&arguments.component, MOST_OF_A_COMPONENT)?;
    let name = arguments.component.file_name().unwrap_or_default().to_string_lossy();
    let policy = Policy::load(&engine, &name, &bytes)?;
    console.write(&about(&policy, bytes.len(), &limits)?);
    let planner = planner(None, &engine)?;
    let mut faults = 0;
    for (name, snapshot) in snapshots(&arguments.snapshot)? {
        let examined = examine(&planner, &policy, snapshot, arguments.settings.as_deref())?;
        faults += examined.iter().map(|it| it.faults.len()).sum::<usize>();
        console.write(&findings(&name, &examined, &limits));
    }
    Ok(if faults == 0 {
        console.write("\nfit to run\n");
        Verdict::Fine
    } else {
        console.write(&format!("\nnot fit to run: {}\n", count(faults, "fault")));
        Verdict::Problems
    })
}

/// The snapshots to ask about, by name; without any, the built-in example.
fn snapshots(paths: &[PathBuf]) -> Result<Vec<(String, Snapshot)>, Error> {
    if paths.is_empty() {
        let settings = inputs::parse_settings("built-in settings.json", example::SETTINGS)?;
        let snapshot = inputs::snapshot(example::first()?.cluster, example::cloud()?, settings, None);
        return Ok(vec![("the built-in example".to_owned(), snapshot)]);
    }
    paths.iter().map(|path| Ok((path.display().to_string(), read_recording(path)?.0))).collect()
}

/// What a component says of itself, and what it is.
fn about(policy: &Policy, size: usize, limits: &Limits) -> Result<String, Error> {
    let described = policy.describe()?;
    let points: Vec<&str> = policy.points().map(terms::policy_point).collect();
    let size = format!("{} KiB of at most {} KiB", kibibytes(size), kibibytes(limits.policy_size));
    let schema = described.settings_schema.unwrap_or_else(|| "it does not describe them".to_owned());
    let rows = [
        ("decides", points.join(", ")),
        ("size", size),
        ("sha256", short_digest(&policy.identity().sha256).to_owned()),
        ("imports", "none".to_owned()),
        ("settings", schema),
    ];
    let title = format!("{} {}: {}\n", described.name, described.version, described.summary);
    Ok(rows.iter().fold(title, |text, (name, value)| format!("{text}  {name:<10}{value}\n")))
}

fn kibibytes(bytes: usize) -> usize {
    bytes.div_ceil(1_024)
}

/// What came of the questions about a snapshot.
fn findings(name: &str, examined: &[Examined], limits: &Limits) -> String {
    let mut text = format!("\n{name}\n");
    if examined.is_empty() {
        text.push_str("  it is asked nothing\n");
    }
    for it in examined {
        let subject = match it.point {
            PolicyPoint::Grouping => "Ingress",
            PolicyPoint::Subnets => "subnet",
            PolicyPoint::Certificates => "host",
        };
        let asked = count(it.subjects, subject);
        let line = format!(
            "  {:<14}{asked}, {} ms, {} of {} units of fuel, {} KiB of memory\n",
            terms::policy_point(it.point),
            it.took.as_millis(),
            it.fuel,
            limits.fuel,
            it.memory.div_ceil(1_024)
        );
        text.push_str(&line);
        for fault in &it.faults {
            text.push_str(&format!("    fault: {fault}\n"));
        }
    }
    text
}
