//! What can go wrong with a guest.

use std::{error::Error, fmt, time::Duration};

use albatross_contract::{PlanningError, PolicyPoint};

use crate::{AnswerError, point};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// This machine cannot run WebAssembly.
    #[error("WebAssembly cannot run on this machine: {source}")]
    Start {
        /// What was missing.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A component failed: the planner, or a policy that was asked what it is or for its settings.
    #[error(transparent)]
    Guest(#[from] GuestFailed),
    /// The planner found that there can be no plan.
    #[error("{}", source.message)]
    Planning {
        /// Why.
        source: PlanningError,
    },
    /// A policy failed while the planner asked it.
    #[error(transparent)]
    PolicyFailed(#[from] PolicyFailed),
    /// The planner asked a point for which there is no policy.
    #[error(
        "the settings name a policy for {}, but none was given: give one (--policy FILE), or take it out of the settings",
        point::name(*.point)
    )]
    PolicyMissing {
        /// The point.
        point: PolicyPoint,
    },
    /// Two policies for one point.
    #[error("{first} and {second} both decide {}: give only one of them", point::name(*.point))]
    PointTaken {
        /// The point.
        point: PolicyPoint,
        /// The policy that had it.
        first: String,
        /// The policy that wants it too.
        second: String,
    },
}

/// A policy failed: the plan has no use for its answer, and there is no other.
#[derive(Debug, thiserror::Error)]
#[error("policy {} failed in {}: {}", .source.component, point::name(*.point), .source.breach)]
pub struct PolicyFailed {
    /// The point that it was asked for.
    pub point: PolicyPoint,
    /// Which component, and what it did.
    pub source: GuestFailed,
}

/// A component failed.
#[derive(Debug, thiserror::Error)]
#[error("{component} failed in {call}: {breach}")]
pub struct GuestFailed {
    /// Name of the component.
    pub component: String,
    /// The function that was called.
    pub call: &'static str,
    /// What it did.
    #[source]
    pub breach: Breach,
}

/// What a guest did.
#[derive(Debug, thiserror::Error)]
pub enum Breach {
    /// It ran for too long, counted in instructions: in every replay it would again.
    #[error("it used up its fuel of {limit}, which an endless loop does")]
    OutOfFuel {
        /// The fuel that it had.
        limit: u64,
    },
    /// It ran for too long, counted in time.
    #[error("it had no answer after {} ms", .limit.as_millis())]
    DeadlineExceeded {
        /// The time that it had.
        limit: Duration,
    },
    /// It wanted more memory than it may have.
    #[error("it wanted more than {limit} bytes of memory")]
    OutOfMemory {
        /// The memory that it may have, in bytes.
        limit: u64,
    },
    /// It called itself too often. A guest whose language keeps a stack of its own in memory, such as Rust, ends in
    /// [`Breach::Trap`] instead.
    #[error("its stack overflowed, which an endless recursion does")]
    StackOverflow,
    /// Its answer is too large.
    #[error("it handed over more than {limit} bytes")]
    ReturnedTooMuch {
        /// The limit in bytes.
        limit: u64,
    },
    /// It crashed.
    #[error("it crashed: {trap}{}", In(.functions))]
    Trap {
        /// How.
        #[source]
        trap: wasmtime::Trap,
        /// The functions that ran, the innermost first, as far as the component has names.
        functions: Vec<String>,
    },
    /// What it handed over is no value of the contract's types: a wild pointer, a text that is not UTF-8.
    #[error("its answer cannot be read: {}", Chain(.source.as_ref()))]
    Unreadable {
        /// What was wrong.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It answered what no policy may answer.
    #[error("its answer is not usable: {0}")]
    InvalidAnswer(#[source] Box<AnswerError>),
    /// It refused the question.
    #[error("it refused: {message}")]
    Refused {
        /// Its own words, as far as they can be shown.
        message: String,
    },
    /// It was asked for a decision that is not its own.
    #[error("it does not decide this")]
    NotItsPoint,
    /// It asked its policies again and again.
    #[error("it asked its policies more than {limit} times")]
    TooManyQuestions {
        /// How often it may.
        limit: usize,
    },
}

/// A component that is not fit to run. Nothing of it was run but its start, within the limits.
#[derive(Debug, thiserror::Error)]
#[error("{role} {component} {reason}")]
pub struct UnfitComponent {
    /// What it was to be.
    pub role: Role,
    /// Name of the component.
    pub component: String,
    /// Why it is not fit.
    #[source]
    pub reason: Unfit,
}

/// What a component is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A planner.
    Planner,
    /// A policy.
    Policy,
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Role::Planner => "planner",
            Role::Policy => "policy",
        })
    }
}

/// Why a component is not fit. The messages go on after the name of the component.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Larger than a component may be.
    #[error("has {size} bytes; a component may have {limit}, since compiling has no limit of its own")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// No bytes.
    #[error("is empty: give a WebAssembly component")]
    Empty,
    /// Compiled for a processor. Such a file could do anything.
    #[error("is native code, which is never run: give the WebAssembly component that it was compiled from")]
    NativeCode,
    /// Not WebAssembly at all.
    #[error("is not WebAssembly: give a component for the contract albatross:planner@0.1.0")]
    NotWebAssembly,
    /// WebAssembly, but not a component.
    #[error(
        "is a core module: make a component of it (`wasm-tools component new`) for the contract albatross:planner@0.1.0"
    )]
    CoreModule,
    /// A component that is broken off, or breaks a rule of WebAssembly.
    #[error("is truncated or broken: {}", Chain(.source.as_ref()))]
    Broken {
        /// What is wrong.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Nothing can be compiled here.
    #[error("cannot be compiled on this machine: {source}")]
    NoCompiler {
        /// What was missing.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Compiled when the program was built, for other processors than this one.
    #[error("was compiled for another processor: build Albatross for this one ({})", Chain(.source.as_ref()))]
    OtherProcessor {
        /// What this one lacks.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It wants something of the host.
    #[error("imports {import}; {}, so that the same snapshot always gives the same plan", may_import(*.role))]
    ForbiddenImport {
        /// What it was to be.
        role: Role,
        /// The name of the import.
        import: String,
    },
    /// It lacks what it must export.
    #[error("does not export {export}: build it for the contract albatross:planner@0.1.0")]
    MissingExport {
        /// The name of the interface, or of the function.
        export: String,
    },
    /// It exports no policy point.
    #[error(
        "exports no policy point: a policy exports grouping, subnets or certificates of albatross:planner@0.1.0"
    )]
    NoPoint,
    /// It has the names of the contract with other types.
    #[error("was built for another contract than albatross:planner@0.1.0: {}", Chain(.source.as_ref()))]
    OtherContract {
        /// What differs.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It fails before anything is asked of it.
    #[error("does not start: {breach}")]
    DoesNotStart {
        /// What it did.
        #[source]
        breach: Breach,
    },
}

fn may_import(role: Role) -> &'static str {
    match role {
        Role::Planner => "a planner may import nothing but the policy points of albatross:planner@0.1.0",
        Role::Policy => "a policy may import nothing",
    }
}

/// An error and all its causes in one line.
struct Chain<'a>(&'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(formatter, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// The place of a crash, where it is known: the innermost function that is not of Rust's own libraries, since those
/// only say that there was a panic.
struct In<'a>(&'a [String]);

impl fmt::Display for In<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LIBRARIES: &[&str] = &["core::", "std::", "alloc::", "__rust", "rust_"];
        let own = |function: &&String| !LIBRARIES.iter().any(|library| function.starts_with(library));
        match self.0.iter().find(own).or(self.0.first()) {
            Some(function) => write!(formatter, " (in {function})"),
            None => Ok(()),
        }
    }
}
