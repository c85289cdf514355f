//! What helps to write a policy: a new project, tests, and the examination of a component.

pub mod calls;
pub mod cases;
pub mod decisions;
pub mod examination;
pub mod fixture;
pub mod inspection;
mod permuted;
pub mod project;
pub mod settings_schema;
mod stability;
