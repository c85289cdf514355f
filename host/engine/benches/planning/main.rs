//! Planning, native and through WebAssembly, and the guard, in one run: `make bench`.
//!
//! Words after `--` select rows: `cargo bench --package albatross-engine --bench planning -- 40 10,000 steady` measures the
//! rows whose names hold all of them. To profile, `--column native` (or `crossing`, `wasm`, `fuel`, `guard`, `pass`)
//! repeats that column alone for ten seconds in each row.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod measures;
mod points;
mod shapes;
mod table;

use std::{env, process::ExitCode};

use measures::{Column, Measures, Setup};
use points::Cost;
use shapes::Row;

fn main() -> ExitCode {
    let Some(selection) = Selection::read(env::args().skip(1)) else {
        return ExitCode::FAILURE;
    };
    let setup = Setup::new();
    let mut measured: Vec<(Row, Measures)> = Vec::new();
    let mut costs: Vec<(Row, Cost)> = Vec::new();
    if selection.column.is_none() {
        table::heading();
    }
    for world in shapes::worlds() {
        let rows: Vec<Row> = world.rows().into_iter().filter(|row| selection.has(row)).collect();
        if rows.is_empty() {
            continue;
        }
        let snapshots = world.snapshots();
        for row in rows {
            let snapshot = snapshots.of(row.pass);
            match selection.column {
                Some(column) => table::repeated(&row, column, setup.repeat(column, &world, snapshot)),
                None => {
                    let measures = setup.measure(&world, snapshot);
                    table::row(&row, snapshots.load_balancers, &measures);
                    measured.push((row, measures));
                    costs.extend(setup.cost_of_point(&world, snapshot).map(|cost| (row, cost)));
                }
            }
        }
    }
    if selection.column.is_none() {
        table::legend();
        table::growth(&measured);
        table::points(&costs);
    }
    ExitCode::SUCCESS
}

/// Which rows, and which column of them.
struct Selection {
    words: Vec<String>,
    column: Option<Column>,
}

impl Selection {
    /// Reads arguments; says what is wrong with them.
    fn read(mut arguments: impl Iterator<Item = String>) -> Option<Selection> {
        let mut selection = Selection { words: Vec::new(), column: None };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                // Cargo adds it.
                "--bench" => {}
                "--column" => {
                    let name = arguments.next().unwrap_or_default();
                    selection.column = Column::named(&name);
                    if selection.column.is_none() {
                        println!("--column: {name:?} is none of {}", Column::names());
                        return None;
                    }
                }
                _ => selection.words.push(argument),
            }
        }
        Some(selection)
    }

    fn has(&self, row: &Row) -> bool {
        let name = row.name();
        self.words.iter().all(|word| name.contains(word.as_str()))
    }
}
