//! What helps to write a policy: a new project, and the examination of a component.

mod decisions;
pub mod examination;
mod permuted;
pub mod project;
mod stability;
