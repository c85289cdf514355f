//! Standard output and standard error.

use std::{
    env,
    io::{self, ErrorKind, IsTerminal, Write},
};

use crate::{
    error::Error,
    render::style::{Style, Tint, escaped, printable, screen},
};

/// Where output and messages go.
///
/// A closed pipe (`albatross plan | head`) is not an error: the rest of the output is dropped, and the exit code is the
/// same as if it had been read.
pub struct Console {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    out_style: Style,
    err_style: Style,
    failed: Option<io::Error>,
    closed: bool,
    /// Whether a line of messages can be written again.
    redraws: bool,
}

impl Console {
    /// The console of the process. Terminals get colours unless `NO_COLOR` (<https://no-color.org>) is set and not empty.
    pub fn standard() -> Console {
        // A terminal without any control sequences has the name `dumb` (terminfo(5)).
        let dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
        let wanted = !dumb && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let style = |terminal: bool| match (terminal, columns) {
            (true, Some(columns)) => Style::terminal(wanted, columns),
            (true, None) => Style::terminal(wanted, Style::plain().width()),
            (false, _) => Style::plain(),
        };
        Console {
            out_style: style(io::stdout().is_terminal()),
            err_style: style(io::stderr().is_terminal()),
            out: Box::new(io::stdout().lock()),
            err: Box::new(io::stderr()),
            failed: None,
            closed: false,
            redraws: !dumb && io::stderr().is_terminal(),
        }
    }

    /// How output is laid out.
    pub fn style(&self) -> Style {
        self.out_style
    }

    /// Writes a part of the output for people.
    pub fn write(&mut self, text: &str) {
        self.write_bytes(screen(text).as_bytes());
    }

    /// Writes the output for programs.
    pub fn write_json(&mut self, json: &[u8]) {
        match std::str::from_utf8(json) {
            Ok(text) => self.write_bytes(escaped(text).as_bytes()),
            Err(_) => self.write_bytes(json),
        }
    }

    fn write_bytes(&mut self, bytes: &[u8]) {
        if self.closed || self.failed.is_some() {
            return;
        }
        match self.out.write_all(bytes).and_then(|()| self.out.flush()) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.closed = true,
            Err(error) => self.failed = Some(error),
        }
    }

    /// Prints a warning: the command goes on.
    pub fn warning(&mut self, message: &str) {
        self.message(Tint::Changed, "warning", message);
    }

    /// Prints an error.
    pub fn error(&mut self, message: &str) {
        self.message(Tint::Removed, "error", message);
    }

    /// How messages are laid out. `None`: they do not go to a terminal that can write a line again.
    pub fn progress_style(&self) -> Option<Style> {
        self.redraws.then_some(self.err_style)
    }

    /// Replaces the line that shows progress. An empty text removes it.
    pub fn progress(&mut self, text: &str) {
        if self.redraws {
            // ECMA-48: EL erases the rest of the line.
            let _ = write!(self.err, "\r{}\u{1b}[K", printable(text));
            let _ = self.err.flush();
        }
    }

    /// Prints clap's message about wrong arguments, which has its own `error:`.
    pub fn usage(&mut self, text: &str) {
        let _ = self.err.write_all(screen(text).as_bytes());
    }

    /// Ends the output.
    ///
    /// # Errors
    /// A part of it could not be written, because the disk is full for example.
    pub fn finish(&mut self) -> Result<(), Error> {
        match self.failed.take() {
            Some(source) => Err(Error::StandardOutput { source }),
            None => Ok(()),
        }
    }

    /// Prints a message in one line, so that tools such as grep get all of it. When standard error is closed as well,
    /// the message is lost.
    fn message(&mut self, tint: Tint, word: &str, message: &str) {
        let word = format!("{word}:");
        let line = format!("{} {}\n", self.err_style.paint(tint, &word), printable(message));
        let _ = self.err.write_all(line.as_bytes());
    }
}
