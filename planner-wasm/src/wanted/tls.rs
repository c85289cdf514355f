//! The TLS policy of an HTTPS listener.

use albatross_contract::Listener;

use super::{build::Builder, route::Agreed};
use crate::settings;

impl<'a> Builder<'a, '_> {
    /// The TLS policy of a port: the policy for which members ask, else that of the settings, else a current policy for a
    /// listener that is created or becomes an HTTPS listener. `None`: the listener `there` keeps its policy, or the settings
    /// name an unknown policy and no listener can be created.
    pub(super) fn ssl_policy(
        &self,
        port: u16,
        there: Option<&Listener>,
        agreed: &Agreed<'a>,
    ) -> Option<&'a str> {
        let asked = agreed.ssl_policies.get(&port).copied();
        let stays = !self.knows_ssl_policy || (agreed.keeps && there.is_some());
        let present = there.and_then(|there| there.ssl_policy.as_ref());
        let of_settings = match (&self.sources.observed.settings.ssl_policy, present) {
            (Some(policy), _) => Some(policy.as_str()),
            (None, Some(_)) => None,
            (None, None) => Some(settings::SSL_POLICY_OF_NEW_LISTENERS),
        };
        asked.or_else(|| of_settings.filter(|_| !stays))
    }
}
