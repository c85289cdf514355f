//! What helps to write a policy: a new project, and the examination of a component.

pub mod examination;
pub mod project;
mod reordered;
