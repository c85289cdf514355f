//! Deletion protection. We turn off only what we turned on, which a tag of ours says.

use super::route::Agreed;
use crate::{
    attributes::DELETION_PROTECTION,
    observed::{Observed, Owned},
};

/// Whether a load balancer should have deletion protection. `None`: it stays as it is.
pub fn of(owned: Option<&Owned<'_>>, agreed: &Agreed<'_>, observed: &Observed<'_>) -> Option<bool> {
    let owned = owned.filter(|owned| owned.load_balancer.is_some());
    let is_asked = agreed.attributes.iter().any(|attribute| attribute.key == DELETION_PROTECTION);
    if is_asked || (agreed.keeps && owned.is_some()) {
        return None;
    }
    match observed.settings.deletion_protection.unwrap_or_default() {
        true => owned.is_none_or(|owned| !owned.is_protected()).then_some(true),
        false => owned.is_some_and(|owned| owned.has_own_protection()).then_some(false),
    }
}
