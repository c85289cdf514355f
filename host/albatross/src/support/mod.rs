//! An archive with what somebody else needs to understand a problem.

mod tar;

use albatross_contract::{Bundle, ComponentIdentity, GuestLimits, Snapshot, file};
use serde::Serialize;

use crate::{
    error::Error,
    json,
    pass::{Makers, Pass},
    recorder::bundle,
    redaction::redact_one,
    render::{
        plan::{Origin, plan},
        status::status,
        style::Style,
    },
    status::Status,
};
use tar::File;

/// The folder in the archive.
const FOLDER: &str = "albatross-support";

/// A file of the archive.
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What is in it, for the person who sends it.
    pub what: &'static str,
    content: Vec<u8>,
}

/// What is to be sent.
pub struct Support {
    /// The files.
    pub entries: Vec<Entry>,
    time: u64,
}

/// Which program made the archive.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct About<'a> {
    version: &'static str,
    system: &'static str,
    architecture: &'static str,
    /// Whether names, hosts, addresses and account ids are pseudonyms.
    redacted: bool,
    planner: &'a str,
    policies: Vec<&'a str>,
    limits: &'a GuestLimits,
}

impl Support {
    /// What a pass has seen and planned. `with_names`: as it is; else with pseudonyms.
    ///
    /// # Errors
    /// The pass cannot be redacted.
    pub fn of_pass(makers: &Makers, pass: &Pass, with_names: bool) -> Result<Support, Error> {
        let text = match with_names {
            true => bundle(makers, pass, Vec::new())?,
            false => file::write(&redact_one(makers, pass)?)?,
        };
        let mut support = Support { entries: Vec::new(), time: pass.snapshot.time };
        support.add(
            "about.json",
            "the program: its version, the digests of planner and policies",
            about(makers, !with_names)?,
        );
        // The screens are those of the text that is sent, so that they cannot contain more.
        let sent: Bundle = file::read(&text)
            .map_err(|source| Error::File { name: "the redacted pass".to_owned(), source })?;
        let (of_plan, of_fleet) = screens(&sent);
        let what = "what was seen of the cluster and of AWS, the settings and the plan, for plan --snapshot";
        support.add("bundle.json", what, text);
        support.add("plan.txt", "the plan, as albatross plan shows it", of_plan.into_bytes());
        support.add("status.txt", "the fleet, as albatross status shows it", of_fleet.into_bytes());
        Ok(support)
    }

    /// A snapshot for which there is no plan, as it is: pseudonyms are only given to what the planner understands.
    ///
    /// # Errors
    /// None in practice.
    pub fn without_plan(makers: &Makers, snapshot: &Snapshot, error: &Error) -> Result<Support, Error> {
        let mut support = Support { entries: Vec::new(), time: snapshot.time };
        support.add(
            "about.json",
            "the program: its version, the digests of planner and policies",
            about(makers, false)?,
        );
        support.add(
            "snapshot.json",
            "what was seen of the cluster and of AWS, and the settings",
            file::write(snapshot)?,
        );
        support.add("error.txt", "why there is no plan", format!("{error}\n").into_bytes());
        Ok(support)
    }

    /// Adds a file.
    pub fn add(&mut self, name: &'static str, what: &'static str, content: Vec<u8>) {
        self.entries.push(Entry { name, what, content });
    }

    /// The compressed archive.
    ///
    /// # Errors
    /// There is no memory left.
    pub fn archive(&self) -> Result<Vec<u8>, Error> {
        let files: Vec<File<'_>> = self
            .entries
            .iter()
            .map(|entry| File { path: format!("{FOLDER}/{}", entry.name), content: &entry.content })
            .collect();
        tar::compress(&tar::archive(&files, self.time))
    }
}

/// Digests and no names: a policy may be named after a customer.
fn about(makers: &Makers, redacted: bool) -> Result<Vec<u8>, Error> {
    let identities = makers.policy_identities();
    let about = About {
        version: env!("CARGO_PKG_VERSION"),
        system: std::env::consts::OS,
        architecture: std::env::consts::ARCH,
        redacted,
        planner: &makers.planner().sha256,
        policies: identities.iter().map(|(_, policy)| policy.sha256.as_str()).collect(),
        limits: makers.limits(),
    };
    Ok(json::write("about", &about)?)
}

/// The screens of a plan and of the fleet.
fn screens(sent: &Bundle) -> (String, String) {
    let Bundle { snapshot, planner, policies, plan: of_it, .. } = sent;
    let policies: Vec<(_, &ComponentIdentity)> =
        policies.iter().map(|it| (it.point, &it.component)).collect();
    let origin = Origin { planner, policies, took: None };
    let style = Style::plain();
    let fleet = Status::new(snapshot, of_it);
    (plan(snapshot, of_it, &origin, style), status(snapshot, of_it, &fleet, &origin, style))
}
