//! `albatross schema`: the JSON schema of a file format, for editors and for programs that write such files.

use albatross_contract::{Bundle, Inventory, Plan, Snapshot, shapes};

use super::{
    Verdict,
    arguments::{SchemaArguments, SchemaSubject},
    console::Console,
};
use crate::error::Error;

/// Runs the command.
///
/// # Errors
/// None in practice: a schema can be written.
pub fn run(arguments: &SchemaArguments, console: &mut Console) -> Result<Verdict, Error> {
    let schema = match arguments.subject {
        SchemaSubject::Settings => shapes::schema_of_settings(),
        SchemaSubject::Inventory => shapes::schema_of_file::<Inventory>(),
        SchemaSubject::Snapshot => shapes::schema_of_file::<Snapshot>(),
        SchemaSubject::Plan => shapes::schema_of_file::<Plan>(),
        SchemaSubject::Bundle => shapes::schema_of_file::<Bundle>(),
    };
    let mut text = serde_json::to_vec_pretty(&schema)?;
    text.push(b'\n');
    console.write_json(&text);
    Ok(Verdict::Fine)
}
