//! Reports: one HTML file with the picture of the fleet, what differs, and the numbers. Pure functions.

mod both;
mod chart;
pub mod difference;
mod differences;
mod filter;
mod fleet;
pub mod html;
mod numbers;
pub mod page;
pub mod replay;
mod table;
mod timeline;
