//! `albatross diff`: what differs between two recorded passes, snapshots or plans.

use std::path::Path;

use albatross_contract::{Bundle, Plan, Snapshot};

use super::{
    Verdict,
    arguments::CommentFormat,
    console::Console,
    diff_arguments::DiffArguments,
    messages::{remark, report},
    planning,
    report_file::ReportFile,
};
use crate::{
    difference::{Difference, Side},
    error::Error,
    inputs::{SideFile, adopt_recorded_policies, read_side},
    json,
    pass::Makers,
    render::{difference::difference, markdown, plan::contents},
    report::difference::report as page,
};

/// A file with its plan, which is made now if the file has none.
struct Sided {
    /// What the file is, for people.
    words: String,
    snapshot: Option<Snapshot>,
    plan: Plan,
}

/// Runs the command.
///
/// # Errors
/// A file that cannot be read, two files of different kinds, or a snapshot that cannot be planned.
pub fn run(arguments: &DiffArguments, console: &mut Console) -> Result<Verdict, Error> {
    let inputs = [arguments.before.as_path(), arguments.after.as_path()].into_iter();
    let inputs: Vec<&Path> = inputs.chain(arguments.components.files()).collect();
    let report_file = ReportFile::check(arguments.report.as_ref(), &inputs)?;
    let (one, other) = (read_side(&arguments.before)?, read_side(&arguments.after)?);
    if one.words() != other.words() {
        return Err(Error::OtherKind {
            one: arguments.before.display().to_string(),
            one_kind: one.words(),
            other: arguments.after.display().to_string(),
            other_kind: other.words(),
        });
    }
    let makers = planning::makers(&arguments.components, console)?;
    let has_plans = !matches!(one, SideFile::Snapshot(_));
    if has_plans && !(arguments.components.policy.is_empty() && arguments.components.planner.is_none()) {
        console.warning("--policy and --planner have no effect: these files have plans, which are compared");
    }
    let mut verdict = Verdict::Fine;
    let mut sided = |path: &Path, file: SideFile, console: &mut Console| {
        let (sided, found) = planned(path, file, &makers, console)?;
        verdict = if found == Verdict::Fine { verdict } else { found };
        Ok::<Sided, Error>(sided)
    };
    let one = sided(&arguments.before, one, console)?;
    let other = sided(&arguments.after, other, console)?;
    let found = Difference::new(one.side(), other.side());
    let words = [one.words.as_str(), other.words.as_str()];
    match arguments.output.output {
        CommentFormat::Text => console.write(&difference(&found, words, console.style())),
        CommentFormat::Markdown => console.write(&markdown::difference::difference(&found, words)),
        CommentFormat::Json => console.write_json(&json::write("difference", &found)?),
    }
    if let Some(file) = &report_file {
        file.write(&page(&found, [one.side(), other.side()], words))?;
    }
    Ok(match verdict {
        Verdict::Fine if !found.equal && arguments.detailed_exitcode => Verdict::Changes,
        verdict => verdict,
    })
}

impl Sided {
    fn side(&self) -> Side<'_> {
        Side { snapshot: self.snapshot.as_ref(), plan: &self.plan }
    }
}

/// The plan of a file: the recorded one, or the plan of a snapshot, which is made now.
fn planned(
    path: &Path,
    file: SideFile,
    makers: &Makers,
    console: &mut Console,
) -> Result<(Sided, Verdict), Error> {
    let kind = file.words();
    let words = |snapshot: &Snapshot| format!("{} · {kind} · {}", path.display(), contents(snapshot));
    let (words, snapshot, plan, verdict) = match file {
        SideFile::Plan(plan) => (format!("{} · {kind}", path.display()), None, plan, Verdict::Fine),
        SideFile::Bundle(bundle) => {
            let Bundle { snapshot, plan, .. } = *bundle;
            (words(&snapshot), Some(snapshot), plan, Verdict::Fine)
        }
        SideFile::Snapshot(mut snapshot) => {
            let remarks = adopt_recorded_policies(&mut snapshot.settings, &[], makers.policies())?;
            remark(&remarks, console);
            let pass = makers.pass(*snapshot)?;
            let verdict = report(&[], &[], &pass.failures, console);
            (words(&pass.snapshot), Some(pass.snapshot), pass.plan, verdict)
        }
    };
    Ok((Sided { words, snapshot, plan }, verdict))
}
