//! The errors of running guests.

use std::{error::Error, fmt, time::Duration};

use albatross_contract::{PlanningError, PolicyPoint};

use crate::AnswerError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A component failed: the planner, or a policy while it described itself or validated its settings.
    #[error(transparent)]
    Guest(#[from] GuestFailed),
    /// The planner could not make a plan from the snapshot.
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
        "the settings name a policy for {}, but none was passed: pass one with --policy FILE, or remove it from the settings",
        .point.as_str()
    )]
    PolicyMissing {
        /// The point.
        point: PolicyPoint,
    },
    /// Two policies for one point.
    #[error("{first} and {second} both decide {}: pass only one of them", .point.as_str())]
    PointTaken {
        /// The point.
        point: PolicyPoint,
        /// The first policy.
        first: String,
        /// The second policy.
        second: String,
    },
}

/// A policy failed, so there is no answer for the planner to use.
#[derive(Debug, thiserror::Error)]
#[error("policy {} failed in {}: {}", .source.component, .point.as_str(), .source.breach)]
pub struct PolicyFailed {
    /// The point that it was asked for.
    pub point: PolicyPoint,
    /// The component, and what it did.
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

/// What a guest did wrong.
#[derive(Debug, thiserror::Error)]
pub enum Breach {
    /// It ran for too long, measured in instructions, as it would in every replay.
    #[error("it used up its fuel of {limit}, which an endless loop does")]
    OutOfFuel {
        /// The limit.
        limit: u64,
    },
    /// It ran for too long, measured in time.
    #[error("it had no answer after {} ms", .limit.as_millis())]
    DeadlineExceeded {
        /// The limit.
        limit: Duration,
    },
    /// It requested more memory than it may have.
    #[error("it requested more than {limit} bytes of memory")]
    OutOfMemory {
        /// The limit in bytes.
        limit: u64,
    },
    /// Its recursion was too deep. A guest in a language that keeps a second stack in memory, such as Rust, ends in
    /// [`Breach::Trap`] instead.
    #[error("its stack overflowed, which an endless recursion does")]
    StackOverflow,
    /// Its answer is too large.
    #[error("it returned more than {limit} bytes")]
    ReturnedTooMuch {
        /// The limit in bytes.
        limit: u64,
    },
    /// It panicked, and left a text that says why (see `policies/README.md`).
    #[error("it panicked: {message}")]
    Panic {
        /// Its text, without characters that cannot be shown.
        message: String,
    },
    /// It crashed without a word.
    #[error("it crashed: {trap}{}", In(.functions))]
    Trap {
        /// The trap.
        #[source]
        trap: wasmtime::Trap,
        /// The functions on the stack, the innermost first, as far as the component has names.
        functions: Vec<String>,
    },
    /// Its answer is not a valid value of the contract's types: it has a wild pointer, or a text that is not UTF-8.
    #[error("its answer cannot be read: {}", Chain(.source.as_ref()))]
    Unreadable {
        /// Why not.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Its answer failed a check.
    #[error("its answer cannot be used: {0}")]
    InvalidAnswer(#[source] Box<AnswerError>),
    /// It refused the question.
    #[error("it refused: {message}")]
    Refused {
        /// The message of the guest, without characters that cannot be shown.
        message: String,
    },
    /// The policy was asked for a point that it does not export.
    #[error("it does not decide this point")]
    NotItsPoint,
    /// The planner asked its policies too often.
    #[error("it asked its policies more than {limit} times")]
    TooManyQuestions {
        /// The limit.
        limit: usize,
    },
}

/// A component that is not fit to run. At most its start function was run, within the limits.
#[derive(Debug, thiserror::Error)]
#[error("{role} {component} {reason}")]
pub struct UnfitComponent {
    /// The role for which it was loaded.
    pub role: Role,
    /// Name of the component.
    pub component: String,
    /// Why it is not fit.
    #[source]
    pub reason: Unfit,
}

/// The role of a component.
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

/// Why a component is not fit. The messages continue a sentence that begins with the name of the component.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Larger than a component may be.
    #[error("has {size} bytes; a component may have at most {limit}, since compiling it has no other limit")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// No bytes.
    #[error("is empty: pass a WebAssembly component")]
    Empty,
    /// Compiled for a processor. Such a file could do anything.
    #[error("is native code, which is never run: pass the WebAssembly component that it was compiled from")]
    NativeCode,
    /// Not WebAssembly at all.
    #[error("is not WebAssembly: pass a component for the contract albatross:planner@0.1.0")]
    NotWebAssembly,
    /// WebAssembly, but not a component.
    #[error(
        "is a core module: link it with wasm-component-ld, as the projects of `albatross policy new` do, or convert it with \
         `wasm-tools component new`"
    )]
    CoreModule,
    /// A component that is truncated, or violates a rule of WebAssembly.
    #[error("is truncated or broken: {}", Chain(.source.as_ref()))]
    Broken {
        /// What is wrong.
        source: Box<dyn Error + Send + Sync>,
    },
    /// This machine cannot run WebAssembly, or cannot compile it, or cannot start a thread.
    #[error("cannot run on this machine: {source}")]
    NoEngine {
        /// Why not.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Compiled when the program was built, for other processors than this one.
    #[error("was compiled for another processor: build Albatross for this processor ({})", Chain(.source.as_ref()))]
    OtherProcessor {
        /// What this processor lacks.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It imports something that the host does not offer.
    #[error("imports {import}; {}, so that the same snapshot always gives the same plan", may_import(*.role))]
    ForbiddenImport {
        /// The role for which it was loaded.
        role: Role,
        /// The name of the import.
        import: String,
    },
    /// It does not export everything that it must.
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
    /// It has the names of the contract, but with other types.
    #[error("was built for a contract other than albatross:planner@0.1.0: {}", Chain(.source.as_ref()))]
    OtherContract {
        /// What differs.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It fails while it starts.
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

/// The place of a crash, if it is known: the innermost function outside of Rust's own libraries, whose functions say only
/// that there was a panic.
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
