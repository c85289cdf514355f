//! Lengths of time that the planner and the program share, in seconds. The guard has its own, since it checks the planner.

/// 7 days: a certificate that expires sooner is chosen only if no other certificate covers the host.
pub const RENEWAL: u64 = 7 * 86_400;
/// How long a load balancer may take to become active; usually it takes some minutes.
pub const PROVISIONING_TIMEOUT: u64 = 15 * 60;
/// How long an unpublished Ingress waits for healthy targets at most, from the creation of its load balancer. After that, a
/// load balancer that answers with errors is more informative than none.
pub const HEALTH_TIMEOUT: u64 = 10 * 60;
