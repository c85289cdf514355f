//! Replays: plans recorded passes again, with the components and settings of the recording, or with others.

mod bisect;
mod changes;
mod components;
mod history;
mod months;
mod recorded;
mod report;
mod trial;

pub use bisect::{Beginning, Thing, bisect};
pub use changes::{Move, withheld_names};
pub use components::Components;
pub use history::{Progress, replay_folder};
pub use months::{Month, MonthFigures, Span};
pub use recorded::Recorded;
pub use report::{Difference, Differing, Failure, Report, UnusableFile};
pub use trial::{Replayed, Trial, component};
