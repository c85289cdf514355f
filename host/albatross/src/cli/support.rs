//! `albatross support-bundle`: an archive for a report of a problem.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
};

use super::{
    Verdict,
    console::Console,
    messages::{remark, report},
    planning,
    support_arguments::SupportArguments,
};
use crate::{
    error::Error,
    inputs::{MOST_OF_A_FILE, read_bytes},
    render::columns::{Row, write},
    support::Support,
};

/// The last lines of a log that are sent.
const LINES: usize = 1_000;

/// Runs the command.
///
/// # Errors
/// The input cannot be used, the pass cannot be redacted, or the archive cannot be written.
pub fn run(
    arguments: &SupportArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let planning = planning::read(&arguments.inputs, &arguments.components, standard_input, console)?;
    remark(&planning.remarks, console);
    let makers = &planning.makers;
    let (mut support, failures) = match makers.pass(planning.snapshot.clone()) {
        Ok(pass) => (Support::of_pass(makers, &pass, arguments.with_names)?, pass.failures),
        Err(error) if arguments.with_names => {
            (Support::without_plan(makers, &planning.snapshot, &error)?, Vec::new())
        }
        Err(error) => return Err(Error::SupportWithoutPlan { source: Box::new(error) }),
    };
    #[cfg(feature = "live")]
    if let Some(address) = &arguments.controller {
        add_pages(&mut support, address)?;
    }
    if let Some(path) = &arguments.log_file {
        let log = last_lines(&read_bytes(path, MOST_OF_A_FILE)?, LINES).to_vec();
        support.add("log.txt", "the last lines of the log", log);
    }
    let archive = support.archive()?;
    create(&arguments.file, &archive)?;
    tell(&support, archive.len(), arguments, console);
    Ok(report(&planning.problems, &planning.unread, &failures, console))
}

/// The pages of a controller that whoever reaches its port may read.
#[cfg(feature = "live")]
fn add_pages(support: &mut Support, address: &str) -> Result<(), Error> {
    let pages: [(&str, &str, &str); 2] = [
        ("/metrics", "metrics.txt", "the metrics of the controller"),
        ("/policy", "policy.json", "who decides in the controller, and which policies do not"),
    ];
    for (path, name, what) in pages {
        support.add(name, what, super::live::block_on(crate::live::pages::get(address, path))?);
    }
    Ok(())
}

/// The last lines of a text.
fn last_lines(text: &[u8], most: usize) -> &[u8] {
    let ends = text.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let begin = ends.filter(|end| *end < text.len()).nth(most.saturating_sub(1)).unwrap_or(0);
    &text[begin..]
}

/// Writes a new file, which only its owner may read: with --with-names, it has what only the owner knows.
fn create(path: &Path, archive: &[u8]) -> Result<(), Error> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(archive));
    written.map_err(|source| Error::Unwritable { path: path.to_owned(), source })
}

fn tell(support: &Support, bytes: usize, arguments: &SupportArguments, console: &mut Console) {
    let what = match arguments.with_names {
        true => "names, hosts, addresses and account ids are in it as they are, and so are annotations",
        false => "names, hosts, addresses and account ids are replaced by pseudonyms",
    };
    let title = format!("{}, {} KiB: {what}", arguments.file.display(), bytes.div_ceil(1024));
    let rows: Vec<Row> = support.entries.iter().map(|it| Row::plain(2, it.name, it.what)).collect();
    let mut text = String::new();
    write(&[Row::plain(0, title, "")], console.style(), &mut text);
    write(&rows, console.style(), &mut text);
    if arguments.log_file.is_none() {
        let hint = "Not in it: the log and Events, which contain names. Add the log with --with-names --log-file FILE.";
        write(&[Row::plain(0, hint, "")], console.style(), &mut text);
    }
    console.write(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_a_log_are_whole() {
        assert_eq!(last_lines(b"a\nb\nc\n", 2), b"b\nc\n");
        assert_eq!(last_lines(b"a\nb\nc", 2), b"b\nc");
        assert_eq!(last_lines(b"a\nb\n", 5), b"a\nb\n");
        assert_eq!(last_lines(b"", 5), b"");
    }
}
