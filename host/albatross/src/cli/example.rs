//! `albatross example`: the files of the built-in example, as a start for your own.

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
