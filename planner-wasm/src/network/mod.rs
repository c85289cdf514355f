//! Where load balancers stand in the network.

pub mod security_groups;
pub mod subnets;
