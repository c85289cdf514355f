//! Replays: plans recorded passes again, with the components and settings of the recording, or with others.

mod bisect;
mod changes;
mod components;
mod cost;
mod groups;
mod history;
mod kept;
mod months;
mod point;
mod report;
mod shard;
mod thing;
mod trial;

pub use bisect::{Beginning, Earlier, bisect};
pub use changes::{Changes, Move};
pub use components::Components;
pub use cost::{Cost, HOURS, MicroDollars, Prices, RegionPrice};
pub use groups::{Taken, each_group};
pub use history::{Progress, replay_folder};
pub use months::{Month, Span};
pub use point::Point;
pub use report::{Difference, Differing, Failure, GivenPolicy, Keep, Report, UnusableFile};
pub use shard::Shard;
pub use thing::{Sought, Thing};
pub use trial::{Asked, Replayed, Trial, component};
