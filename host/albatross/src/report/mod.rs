//! Reports: one HTML file with the picture of the fleet, what differs, and the numbers. Pure functions.

pub mod both;
mod chart;
pub mod difference;
mod differences;
mod filter;
pub mod fleet;
pub mod folder;
mod kinds;
mod moves;
pub mod numbers;
pub mod page;
pub mod replay;
mod rows;
mod timeline;
