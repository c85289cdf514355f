//! `albatross example`: the built-in example's files, to begin with one's own.

use super::{
    arguments::{ExampleArguments, ExampleSubject},
    console::Console,
};
use crate::example;

/// Runs the command.
pub fn run(arguments: &ExampleArguments, console: &mut Console) {
    match arguments.subject {
        ExampleSubject::Inventory => console.write_json(example::CLOUD),
        ExampleSubject::Settings => console.write_json(example::SETTINGS),
        ExampleSubject::Manifests => console.write(&example::manifests_text()),
    }
}
