//! Listeners.

use albatross_contract::{
    AttributeChange, CreateListener, Listener, LoadBalancerKind, ModifyListener, Protocol, ResourceReference,
};

use crate::{
    AwsError,
    account::{Account, existing},
    attributes,
    forwarding::Replaced,
    tags::{self, Keeper, check_tags},
};

/// The policy of a TLS listener if the call names none.
///
/// Page: Application Load Balancers, "Security policies": the default of the API and the CLI.
const DEFAULT_SSL_POLICY: &str = "ELBSecurityPolicy-2016-08";

impl Account {
    /// API_CreateListener. Idempotent: for the same port with the same settings, returns the existing listener.
    pub(crate) fn create_listener(&mut self, input: &CreateListener) -> Result<String, AwsError> {
        let at = self.load_balancer_at(existing(&input.load_balancer)?)?;
        let load_balancer = &self.inventory.load_balancers[at];
        check_protocol(load_balancer.kind, input.protocol)?;
        if input.port == 0 {
            return Err(AwsError::validation("The port must be between 1 and 65535"));
        }
        let ssl_policy = self.check_tls(input)?;
        if let Some(present) = load_balancer.listeners.iter().find(|it| it.port == input.port) {
            let same = present.protocol == input.protocol
                && present.default_certificate == input.default_certificate
                && present.ssl_policy == ssl_policy
                && present.default_actions == input.default_actions;
            return if same {
                Ok(present.arn.clone())
            } else {
                Err(AwsError::new(
                    "DuplicateListener",
                    format!(
                        "A listener already exists on this port for this load balancer '{}'",
                        load_balancer.arn
                    ),
                ))
            };
        }
        check_tags(Keeper::LoadBalancing, &[], &input.tags, self.inventory.quotas.tags_per_resource)?;
        self.check_actions(at, input.protocol, &input.default_actions, Replaced::Nothing)?;
        let quotas = &self.inventory.quotas;
        let limit = match load_balancer.kind {
            LoadBalancerKind::Network => quotas.listeners_per_network_load_balancer,
            LoadBalancerKind::Application | LoadBalancerKind::Gateway => quotas.listeners_per_load_balancer,
        };
        if load_balancer.listeners.len() >= limit as usize {
            return Err(AwsError::new(
                "TooManyListeners",
                format!("Load balancer '{}' can have at most {limit} listeners", load_balancer.arn),
            ));
        }

        let id = self.identifiers.hexadecimal(&load_balancer.arn, 16);
        let arn = format!("{}/{id}", load_balancer.arn.replacen(":loadbalancer/", ":listener/", 1));
        self.inventory.load_balancers[at].listeners.push(Listener {
            arn: arn.clone(),
            port: input.port,
            protocol: input.protocol,
            default_certificate: input.default_certificate.clone(),
            ssl_policy,
            default_actions: input.default_actions.clone(),
            attributes: attributes::of_listener(input.protocol),
            tags: tags::sorted(&input.tags),
            ..Listener::default()
        });
        Ok(arn)
    }

    /// API_ModifyListener. A new default certificate replaces the old one, which is not added to the list of the others
    /// ("Replace the default certificate" in Application Load Balancers, "HTTPS listeners").
    pub(crate) fn modify_listener(&mut self, input: &ModifyListener) -> Result<(), AwsError> {
        let (at, listener_at) = self.listener_at(existing(&input.listener)?)?;
        let listener = &self.inventory.load_balancers[at].listeners[listener_at];
        let before = listener.protocol;
        let protocol = input.protocol.unwrap_or(before);
        check_protocol(self.inventory.load_balancers[at].kind, protocol)?;
        if is_tls(protocol) && !is_tls(before) && input.default_certificate.is_none() {
            let name = protocol.as_str();
            return Err(AwsError::validation(format!(
                "A certificate must be specified for {name} listeners"
            )));
        }
        if let Some(certificate) = &input.default_certificate {
            check_tls_protocol(protocol, "certificate")?;
            self.check_certificate(certificate)?;
        }
        if let Some(policy) = &input.ssl_policy {
            check_tls_protocol(protocol, "SSL policy")?;
            check_ssl_policy(policy)?;
        }
        if !input.default_actions.is_empty() {
            let replaced = Replaced::DefaultActions(listener_at);
            self.check_actions(at, protocol, &input.default_actions, replaced)?;
        }

        let listener = &mut self.inventory.load_balancers[at].listeners[listener_at];
        if protocol != before {
            change_protocol(listener, protocol);
        }
        if input.default_certificate.is_some() {
            listener.default_certificate.clone_from(&input.default_certificate);
        }
        if input.ssl_policy.is_some() {
            listener.ssl_policy.clone_from(&input.ssl_policy);
        }
        if !input.default_actions.is_empty() {
            listener.default_actions.clone_from(&input.default_actions);
        }
        Ok(())
    }

    /// API_ModifyListenerAttributes
    pub(crate) fn modify_listener_attributes(&mut self, input: &AttributeChange) -> Result<(), AwsError> {
        let listener = self.listener_mut(&input.resource)?;
        let defaults = attributes::of_listener(listener.protocol);
        attributes::change("Listener", &defaults, &mut listener.attributes, &input.attributes)
    }

    /// API_DeleteListener
    pub(crate) fn delete_listener(&mut self, reference: &ResourceReference) -> Result<(), AwsError> {
        let (at, listener_at) = self.listener_at(existing(reference)?)?;
        self.inventory.load_balancers[at].listeners.remove(listener_at);
        Ok(())
    }

    /// Checks certificate and policy of a new listener; returns the policy that it will have.
    ///
    /// Page: API_CreateListener, parameters `Certificates` (exactly one with TLS) and `SslPolicy`.
    fn check_tls(&self, input: &CreateListener) -> Result<Option<String>, AwsError> {
        if is_tls(input.protocol) {
            let Some(certificate) = &input.default_certificate else {
                let name = input.protocol.as_str();
                return Err(AwsError::validation(format!(
                    "A certificate must be specified for {name} listeners"
                )));
            };
            self.check_certificate(certificate)?;
            let policy = input.ssl_policy.as_deref().unwrap_or(DEFAULT_SSL_POLICY);
            check_ssl_policy(policy)?;
            return Ok(Some(policy.to_owned()));
        }
        if input.default_certificate.is_some() {
            check_tls_protocol(input.protocol, "certificate")?;
        }
        if input.ssl_policy.is_some() {
            check_tls_protocol(input.protocol, "SSL policy")?;
        }
        Ok(None)
    }
}

/// "Changing the protocol from HTTPS to HTTP […] removes the security policy and default certificate properties"
/// (API_ModifyListener).
fn change_protocol(listener: &mut Listener, protocol: Protocol) {
    listener.protocol = protocol;
    listener.default_certificate = None;
    listener.certificates.clear();
    listener.ssl_policy = is_tls(protocol).then(|| DEFAULT_SSL_POLICY.to_owned());
    let mut attributes = attributes::of_listener(protocol);
    for attribute in &mut attributes {
        if let Some(same) = listener.attributes.iter().find(|it| it.key == attribute.key) {
            attribute.value.clone_from(&same.value);
        }
    }
    listener.attributes = attributes;
}

/// Whether a setting that only TLS listeners have is allowed for this protocol.
pub(crate) fn check_tls_protocol(protocol: Protocol, what: &str) -> Result<(), AwsError> {
    if is_tls(protocol) {
        return Ok(());
    }
    Err(AwsError::validation(format!("A {what} cannot be specified for {} listeners", protocol.as_str())))
}

fn is_tls(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Https | Protocol::Tls)
}

/// Page: API_CreateListener, parameter `Protocol`.
fn check_protocol(kind: LoadBalancerKind, protocol: Protocol) -> Result<(), AwsError> {
    let supported = match kind {
        LoadBalancerKind::Application => matches!(protocol, Protocol::Http | Protocol::Https),
        LoadBalancerKind::Network => matches!(
            protocol,
            Protocol::Tcp
                | Protocol::Tls
                | Protocol::Udp
                | Protocol::TcpUdp
                | Protocol::Quic
                | Protocol::TcpQuic
        ),
        LoadBalancerKind::Gateway => protocol == Protocol::Geneve,
    };
    if supported {
        return Ok(());
    }
    Err(AwsError::new(
        "UnsupportedProtocol",
        format!("Protocol {} is not supported by this type of load balancer", protocol.as_str()),
    ))
}

/// AWS adds policies every year, so only the form of the name is checked: a list here would refuse new ones.
fn check_ssl_policy(policy: &str) -> Result<(), AwsError> {
    if policy.starts_with("ELBSecurityPolicy-") {
        return Ok(());
    }
    Err(AwsError::new("SSLPolicyNotFound", format!("SSL policy '{policy}' not found")))
}
