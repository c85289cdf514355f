//! The flags and environment variables of kube-ingress-aws-controller, which `albatross run` takes as its Deployment has them:
//! with one dash or two, each is either a setting, a flag of ours, or refused with the reason.
//!
//! A flag counts more than the settings file, as all flags do.

mod advice;
mod flags;
mod values;

use std::ffi::{OsStr, OsString};

use serde_json::{Map, Value};

use crate::error::Error;
pub use flags::{ALL, Flag, Meaning};

/// What the flags of kube-ingress-aws-controller on a command line say.
#[derive(Debug, Default, PartialEq)]
pub struct Ancestor {
    /// The settings that they ask for, as in a settings file. Empty: none.
    pub settings: Map<String, Value>,
    /// Each flag that asks for a setting, with the path of that setting.
    asked: Vec<(String, &'static str)>,
    /// The level of the log.
    pub log_level: Option<&'static str>,
    /// For each of them, what to write instead.
    pub remarks: Vec<String>,
}

/// A flag on the command line, or a variable of the environment.
struct Given<'a> {
    /// As a person wrote it, such as `--target-port`.
    name: String,
    flag: &'static Flag,
    value: Option<&'a str>,
}

/// Takes the flags of kube-ingress-aws-controller out of a command line, whose first word is the name of the program. What stays
/// are our own flags. `variable` reads the environment.
///
/// # Errors
/// A value that its flag does not take, or a flag without which the controller would do something else than before.
pub fn take(
    arguments: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(Vec<OsString>, Ancestor), Error> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).and_then(|it| it.to_str()) != Some("run") {
        return Ok((arguments, Ancestor::default()));
    }
    let from_environment: Vec<(&'static Flag, &'static str, String)> = ALL
        .iter()
        .filter_map(|flag| Some((flag, flag.variable?)))
        .filter_map(|(flag, name)| Some((flag, name, variable(name)?)))
        .collect();
    let mut given: Vec<Given<'_>> = from_environment
        .iter()
        .map(|(flag, name, value)| Given { name: (*name).to_owned(), flag, value: Some(value) })
        .collect();
    let mut ours = Vec::new();
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        let Some((name, flag, value)) = argument.to_str().and_then(find) else {
            ours.push(argument.clone());
            continue;
        };
        let follows = |next: &&OsString| !next.as_encoded_bytes().starts_with(b"-");
        let value = match value {
            Some(value) => Some(value),
            None if flag.is_switch() => None,
            None => rest.next_if(follows).and_then(|next| OsStr::to_str(next)),
        };
        given.push(Given { name, flag, value });
    }
    // In the order of the table: of two flags for one setting, the later one counts.
    given.sort_by_key(|given| ALL.iter().position(|flag| std::ptr::eq(flag, given.flag)));
    let mut ancestor = Ancestor::default();
    for one in &given {
        match one.flag.needs.filter(|needs| !given.iter().any(|it| it.is(needs))) {
            Some(other) => ancestor.remarks.push(format!("{} does nothing without --{other}", one.name)),
            None => ancestor.add(one, &mut ours)?,
        }
    }
    ancestor.check_pods()?;
    Ok((ours, ancestor))
}

/// The first flag of kube-ingress-aws-controller on the command line of a command that does not take them. `--debug` and
/// `--quiet` are flags of many programs.
pub fn misplaced(arguments: &[OsString]) -> Option<String> {
    let mut found = arguments.iter().skip(1).filter_map(|argument| find(argument.to_str()?));
    found.find(|(_, flag, _)| !matches!(flag.meaning, Meaning::Log(_))).map(|(name, _, _)| name)
}

impl Given<'_> {
    /// Whether it says anything: a switch that is not off, or a value. Empty variables are ignored there, and most flags are
    /// empty by default.
    fn is_set(&self) -> bool {
        match self.value {
            None => true,
            Some("false") => !self.flag.is_switch(),
            Some("") => self.flag.counts_when_empty(),
            Some(_) => true,
        }
    }

    /// Whether it is set and what another flag needs: a name, or a name with a value.
    fn is(&self, needs: &str) -> bool {
        let (name, value) = match needs.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (needs, None),
        };
        self.flag.name == name && self.is_set() && value.is_none_or(|value| self.value == Some(value))
    }
}

/// The flag of the table that an argument names, as a person wrote it, with its value after `=`. `None`: the argument is no flag
/// of kube-ingress-aws-controller, or one that Albatross has too, with two dashes.
fn find(argument: &str) -> Option<(String, &'static Flag, Option<&str>)> {
    let (written, value) = match argument.split_once('=') {
        Some((written, value)) => (written, Some(value)),
        None => (argument, None),
    };
    let name = written.strip_prefix("--").or_else(|| written.strip_prefix('-'))?;
    let by_name = |name: &str| ALL.iter().find(|flag| flag.name == name);
    let negated = || name.strip_prefix("no-").and_then(by_name).filter(|flag| flag.is_switch());
    let flag = by_name(name).or_else(negated)?;
    let is_same = matches!(flag.meaning, Meaning::Same) && written.starts_with("--");
    let value = if by_name(name).is_none() { Some("false") } else { value };
    (!is_same).then(|| (written.to_owned(), flag, value))
}

impl Ancestor {
    fn add(&mut self, given: &Given<'_>, ours: &mut Vec<OsString>) -> Result<(), Error> {
        let Given { name, flag, value } = given;
        if !given.is_set() {
            return Ok(());
        }
        let refused = |problem: String| Error::AncestorsFlag { flag: name.clone(), problem };
        let text = value.unwrap_or_default();
        if flag.is_switch() && !["", "true"].contains(&text) {
            return Err(refused(format!("'{text}' is neither true nor false")));
        }
        match &flag.meaning {
            Meaning::Setting { path, read } => {
                let value = read(text).map_err(|expected| {
                    refused(format!("'{text}' is not valid: {expected}; the setting is {path}"))
                })?;
                self.remarks.push(match value {
                    Value::Null => format!("{name}={text} needs no setting, since it is the default"),
                    _ => format!("{name} is the setting {path}"),
                });
                merge(&mut self.settings, nested(path, value));
                self.asked.push((name.clone(), path));
            }
            Meaning::Same => {
                ours.push(OsString::from(format!("--{}={text}", flag.name)));
                self.remarks.push(format!("{name}: write it with two dashes, --{}", flag.name));
            }
            Meaning::Flag { name: own, read } => {
                let value =
                    read(text).map_err(|expected| refused(format!("'{text}' is not valid: {expected}")))?;
                self.remarks.push(format!("{name}: write {own}={value}"));
                ours.push(OsString::from(format!("{own}={value}")));
            }
            Meaning::Log(level) => {
                self.log_level = Some(level);
                self.remarks.push(format!("{name}: set the environment variable ALBATROSS_LOG={level}"));
            }
            Meaning::Nothing(why) => self.remarks.push(format!("{name} does nothing: {why}")),
            Meaning::Refused(why) => return Err(refused((*why).to_owned())),
        }
        Ok(())
    }

    /// Refuses pods as targets unless both flags say which pods, as there.
    fn check_pods(&self) -> Result<(), Error> {
        let Some(Value::Object(pods)) = self.settings.get("proxy").and_then(|proxy| proxy.get("pods")) else {
            return Ok(());
        };
        if pods.len() == 2 {
            return Ok(());
        }
        let problem = "AWSCNI needs --target-cni-namespace and --target-cni-pod-labelselector, which say which pods are the targets";
        Err(Error::AncestorsFlag { flag: "--target-access-mode".to_owned(), problem: problem.to_owned() })
    }
}

/// The settings file that has only this field; `path` is its path, such as `proxy.target-port`.
fn nested(path: &str, value: Value) -> Map<String, Value> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let value = if rest.is_empty() { value } else { Value::Object(nested(rest, value)) };
    Map::from_iter([(first.to_owned(), value)])
}

/// Adds settings to others: objects field by field, and lists one behind the other, since flags with a list are repeated.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(into)), Value::Object(value)) => merge(into, value),
            (Some(Value::Array(into)), Value::Array(value)) => into.extend(value),
            (_, value) => _ = into.insert(name, value),
        }
    }
}

#[cfg(test)]
mod tests;
