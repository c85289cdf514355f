//! The network of the load balancer of an object in route mode.

/// Subnets, by id or Name tag.
pub const SUBNETS: &str = "alb.ingress.kubernetes.io/subnets";
/// Security groups, by id or Name tag.
pub const SECURITY_GROUPS: &str = "alb.ingress.kubernetes.io/security-groups";

/// The annotations of this family.
pub const KNOWN: &[&str] = &[SUBNETS, SECURITY_GROUPS];
