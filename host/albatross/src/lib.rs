//! The `albatross` program without its entry point, so that tests and other programs can use it.

pub mod cli;
pub mod comparison;
pub mod difference;
pub mod error;
pub mod example;
pub mod handover;
pub mod html;
pub mod inputs;
pub mod json;
#[cfg(feature = "live")]
pub mod live;
pub mod page;
pub mod pass;
pub mod policies;
pub mod recorder;
pub mod redaction;
pub mod render;
pub mod replay;
pub mod report;
pub mod request;
pub mod simulation;
pub mod swap;
pub mod unfinished;
pub mod uninstall;
pub mod what_if;
