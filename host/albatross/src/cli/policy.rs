//! `albatross policy`: a new project for a policy, and the examination of a component.

use std::path::{Path, PathBuf};

use albatross_contract::{PolicyPoint, RecordedPolicy, Snapshot};
use albatross_engine::{Engine, Limits, Policy};

use super::{
    Verdict,
    console::Console,
    messages::remark,
    policy_arguments::{PolicyCheckArguments, PolicyCommand, PolicyNewArguments},
};
use crate::{
    error::Error,
    example,
    inputs::{self, PolicyComponent, read_recording},
    pass::planner,
    policies::{
        examination::{Examined, examine, lines},
        project,
    },
    render::{terms, words::count},
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
    project::write(&folder, &arguments.name, arguments.example())?;
    let file = arguments.name.replace('-', "_");
    console.write(&format!(
        "{} is a policy that works. Next:\n  cd {}\n  cargo test\n  cargo build --release --target wasm32-unknown-unknown\n  \
         albatross policy check target/wasm32-unknown-unknown/release/{file}.wasm\n",
        arguments.name,
        in_a_shell(&folder)
    ));
    Ok(Verdict::Fine)
}

fn check(arguments: &PolicyCheckArguments, console: &mut Console) -> Result<Verdict, Error> {
    let limits = Limits::default();
    let engine = Engine::new(limits.clone());
    let reader = arguments.cache.reader();
    let PolicyComponent { name, bytes } =
        reader.read(&arguments.component, &mut |message| console.warning(message))?;
    let policy = Policy::load(&engine, &name, &bytes)?;
    console.write(&about(&policy, bytes.len(), &limits)?);
    let planner = planner(None, &engine)?;
    let (mut faults, mut warnings) = (0, 0);
    let mut untried: Vec<PolicyPoint> = policy.points().collect();
    for (name, recorded) in recordings(&arguments.snapshot)? {
        let examination = examine(&planner, &policy, recorded, arguments.settings.as_deref())?;
        remark(&examination.remarks, console);
        for it in &examination.examined {
            (faults, warnings) = (faults + it.faults.len(), warnings + it.warnings.len());
            untried.retain(|point| it.subjects == 0 || *point != it.point);
        }
        console.write(&findings(&name, &examination.examined, &limits));
    }
    let (verdict, text) = verdict(faults, warnings, &untried);
    console.write(&format!("\n{text}\n"));
    Ok(verdict)
}

/// Whether a policy is fit to run, in words.
fn verdict(faults: usize, warnings: usize, untried: &[PolicyPoint]) -> (Verdict, String) {
    if faults > 0 {
        return (Verdict::Problems, format!("not fit to run: {}", count(faults, "fault")));
    }
    if !untried.is_empty() {
        let points: Vec<&str> = untried.iter().map(|point| terms::policy_point(*point)).collect();
        let points = points.join(" and ");
        return (
            Verdict::Problems,
            format!("not tried: there was nothing to ask about {points}; name a snapshot with --snapshot"),
        );
    }
    match warnings {
        0 => (Verdict::Fine, "fit to run".to_owned()),
        _ => (Verdict::Fine, format!("fit to run, with {}", count(warnings, "warning"))),
    }
}

/// A path as a shell reads it.
fn in_a_shell(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    match text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// A snapshot, and the policies with which it was recorded.
type Recording = (Snapshot, Vec<RecordedPolicy>);

/// The snapshots to ask about, by name; without any, the built-in example.
fn recordings(paths: &[PathBuf]) -> Result<Vec<(String, Recording)>, Error> {
    if paths.is_empty() {
        let settings = inputs::parse_settings("built-in settings.json", example::SETTINGS)?;
        let snapshot = inputs::snapshot(example::first()?.cluster, example::cloud()?, settings, None);
        return Ok(vec![("the built-in example".to_owned(), (snapshot, Vec::new()))]);
    }
    paths.iter().map(|path| Ok((path.display().to_string(), read_recording(path)?))).collect()
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
        ("sha256", policy.identity().sha256.clone()),
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
        let scheme = it.scheme.map(|scheme| format!("{}, ", terms::scheme(scheme))).unwrap_or_default();
        let asked = count(it.subjects, subject);
        let line = format!(
            "  {:<14}{scheme}{asked}, {} ms, {} of {} units of fuel, {} KiB of memory\n",
            terms::policy_point(it.point),
            it.took.as_millis(),
            it.fuel,
            limits.fuel,
            it.memory.div_ceil(1_024)
        );
        text.push_str(&line);
        for line in lines(&it.decisions) {
            text.push_str(&format!("    {line}\n"));
        }
        for warning in &it.warnings {
            text.push_str(&format!("    warning: {warning}\n"));
        }
        for fault in &it.faults {
            text.push_str(&format!("    fault: {fault}\n"));
        }
    }
    text
}
