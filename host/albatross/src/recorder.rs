//! Recorded passes: everything needed to make the same plan again, in one file.

use std::{fs, path::Path};

use albatross_contract::{ActionResult, Bundle, file};

use crate::{
    error::Error,
    pass::{Makers, Pass},
};

/// The text of a bundle. `results` is empty when the plan was not executed.
///
/// # Errors
/// None in practice: every bundle can be written as JSON.
pub fn bundle(makers: &Makers, pass: &Pass, results: Vec<ActionResult>) -> Result<Vec<u8>, Error> {
    let bundle = Bundle {
        snapshot: pass.snapshot.clone(),
        planner: makers.planner().clone(),
        policies: pass.policies.clone(),
        limits: *makers.limits(),
        plan: pass.plan.clone(),
        results,
    };
    Ok(file::write(&bundle)?)
}

/// Writes a bundle to a file.
///
/// # Errors
/// The file cannot be written.
pub fn record(path: &Path, makers: &Makers, pass: &Pass, results: Vec<ActionResult>) -> Result<(), Error> {
    fs::write(path, bundle(makers, pass, results)?)
        .map_err(|source| Error::Unwritable { path: path.to_owned(), source })
}
