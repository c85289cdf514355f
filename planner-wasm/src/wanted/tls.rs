//! The TLS policy of an HTTPS listener.

use albatross_contract::Listener;

use super::{build::Builder, route::Agreed};
use crate::settings;

impl<'a> Builder<'a, '_> {
    /// The TLS policy of a port: the policy for which members ask, else that of the settings, else a current policy for a listener that is
    /// created. `None`: the listener `there` keeps its policy.
    pub(super) fn ssl_policy(
        &self,
        port: u16,
        there: Option<&Listener>,
        agreed: &Agreed<'a>,
    ) -> Option<&'a str> {
        let asked = agreed.ssl_policies.get(&port).copied();
        let stays = !self.knows_ssl_policy || (agreed.keeps && there.is_some());
        let of_settings = match (&self.sources.observed.settings.ssl_policy, there) {
            (Some(policy), _) => Some(policy.as_str()),
            (None, Some(_)) => None,
            (None, None) => Some(settings::SSL_POLICY_OF_NEW_LISTENERS),
        };
        asked.or_else(|| of_settings.filter(|_| !stays))
    }
}
