//! The program as a person or a pipeline runs it, on files: all commands that need neither AWS nor a cluster.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod a_lying_planner;
mod allowances;
mod ancestors_examples;
mod bad_input;
mod beginning;
mod bisection;
#[cfg(feature = "live")]
mod buckets;
mod command_line;
mod commands;
mod comments;
mod differences;
mod history;
mod installation;
mod left_out;
mod mistakes;
mod moving;
mod output;
mod policies;
mod policy_command;
mod policy_in_c;
mod policy_swap;
mod policy_tools;
mod program;
mod proposals;
mod prune;
mod quickstart;
mod reading;
mod recordings;
mod redaction;
#[cfg(feature = "live")]
mod registry;
#[cfg(unix)]
mod report;
mod report_file;
mod route_groups;
mod route_mode;
mod screens;
mod serve;
mod status;
mod support_bundle;
#[cfg(unix)]
mod terminal;
mod what_if;
