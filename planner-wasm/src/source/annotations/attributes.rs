//! Attributes of load balancers and target groups. A key that this version does not know is passed on where AWS lists it.

use super::values::Reader;
use crate::{
    attributes::known::{self, Known},
    source::StringMap,
};

/// Attributes of the load balancer.
pub const LOAD_BALANCER: &str = "alb.ingress.kubernetes.io/load-balancer-attributes";
/// Attributes of a target group.
pub const TARGET_GROUP: &str = "alb.ingress.kubernetes.io/target-group-attributes";

/// The attributes of the load balancer that annotations ask for.
pub fn of_load_balancer(reader: &mut Reader<'_>) -> StringMap {
    reader.map(LOAD_BALANCER, |key, value| check(known::LOAD_BALANCER, key, value))
}

/// The attributes of target groups that annotations ask for.
pub fn of_target_group(reader: &mut Reader<'_>) -> StringMap {
    reader.map(TARGET_GROUP, |key, value| check(known::TARGET_GROUP, key, value))
}

/// Whether AWS accepts a value; if not, in words, which values AWS accepts.
pub(super) fn check(all: &'static [Known], key: &str, value: &str) -> Result<(), String> {
    known::find(all, key).map_or(Ok(()), |known| known.check(value))
}

#[cfg(test)]
mod tests {
    use super::{LOAD_BALANCER, of_load_balancer};
    use crate::{identity::tag, source::annotations::Reader};

    #[test]
    fn a_value_that_aws_refuses_is_reported_and_an_unknown_key_is_not() {
        let annotations =
            [tag(LOAD_BALANCER, "idle_timeout.timeout_seconds=5000,routing.http2.enabled=true,new.key=1")];
        let mut reader = Reader::new(&annotations);
        let keys: Vec<String> = of_load_balancer(&mut reader).into_keys().collect();
        assert_eq!(keys, ["new.key", "routing.http2.enabled"]);
        assert_eq!(reader.unreadable.len(), 1);
    }
}
