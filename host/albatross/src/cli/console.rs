//! Standard output and standard error.

use std::{
    env,
    io::{self, ErrorKind, IsTerminal, Write},
};

use crate::{
    error::Error,
    render::style::{Style, Tint, escaped, printable, screen},
};

/// Where answers and messages go.
///
/// That nobody reads any more (`albatross plan | head`) is no error: what is written then is dropped, and the exit
/// code is the same as if somebody had read it.
pub struct Console {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    out_style: Style,
    err_style: Style,
    failed: Option<io::Error>,
    closed: bool,
}

impl Console {
    /// The real one. Colour is for terminals that have any; `NO_COLOR` (<https://no-color.org>), unless it is empty,
    /// turns it off.
    pub fn standard() -> Console {
        // A terminal that is no more than a typewriter calls itself `dumb` (terminfo(5)).
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
        }
    }

    /// How answers look.
    pub fn style(&self) -> Style {
        self.out_style
    }

    /// Writes a part of an answer for people.
    pub fn write(&mut self, text: &str) {
        self.write_bytes(screen(text).as_bytes());
    }

    /// Writes an answer for programs.
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

    /// Says what stands in the way of nothing else.
    pub fn warning(&mut self, message: &str) {
        self.message(Tint::Changed, "warning", message);
    }

    /// Says what went wrong.
    pub fn error(&mut self, message: &str) {
        self.message(Tint::Removed, "error", message);
    }

    /// Says how the program is used; the text has its own `error:`.
    pub fn usage(&mut self, text: &str) {
        let _ = self.err.write_all(screen(text).as_bytes());
    }

    /// Ends the answer.
    ///
    /// # Errors
    /// Something of it could not be written, since a disk is full for example.
    pub fn finish(&mut self) -> Result<(), Error> {
        match self.failed.take() {
            Some(source) => Err(Error::StandardOutput { source }),
            None => Ok(()),
        }
    }

    /// A message in one line, so that it can be found and cut. When even standard error is closed nobody can be told.
    fn message(&mut self, tint: Tint, word: &str, message: &str) {
        let word = format!("{word}:");
        let line = format!("{} {}\n", self.err_style.paint(tint, &word), printable(message));
        let _ = self.err.write_all(line.as_bytes());
    }
}
