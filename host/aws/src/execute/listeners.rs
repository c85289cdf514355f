//! Listeners.

use albatross_contract::{AttributeChange, CreateListener, Listener, ModifyListener};
use aws_sdk_elasticloadbalancingv2::types::Certificate;

use super::{Made, Writer};
use crate::{
    calls,
    convert::{
        actions, existing,
        listeners::{attributes_to_sdk, from_sdk},
        tags::to_elb,
    },
    error::AwsError,
};

impl Writer<'_> {
    pub(super) async fn create_listener(&self, input: &CreateListener) -> Result<String, AwsError> {
        let call = &calls::CREATE_LISTENER;
        let load_balancer = existing(&input.load_balancer)?;
        let default_actions = actions::to_sdk(&input.default_actions)?;
        let request = || {
            self.aws
                .elb
                .create_listener()
                .load_balancer_arn(load_balancer)
                .port(input.port.into())
                .protocol(input.protocol.as_str().into())
                .set_certificates(input.default_certificate.as_deref().map(certificate))
                .set_ssl_policy(input.ssl_policy.clone())
                .set_default_actions(Some(default_actions.clone()))
                .set_tags((!input.tags.is_empty()).then(|| to_elb(&input.tags)))
                .send()
        };
        match self.write(call, request).await {
            Ok(answer) => {
                let arn = answer.listeners().first().and_then(|found| found.listener_arn());
                arn.map(str::to_owned).ok_or(AwsError::Unreadable { call, field: "ListenerArn" })
            }
            // The answer to an earlier create was lost, and the listener that it created occupies the port.
            Err(error) if error.is(&["DuplicateListener"]) => {
                let found = self.listener_on(load_balancer, input.port).await?;
                match found {
                    Some(found) if is_what_was_wanted(&found, input) => Ok(found.arn),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn listener_on(&self, load_balancer: &str, port: u16) -> Result<Option<Listener>, AwsError> {
        // One page is enough: it has up to 400 listeners, and a load balancer at most 50.
        let request = || self.aws.elb.describe_listeners().load_balancer_arn(load_balancer).send();
        let answer = self.read(&calls::DESCRIBE_LISTENERS, request).await?;
        Ok(answer.listeners().iter().filter_map(from_sdk).find(|listener| listener.port == port))
    }

    pub(super) async fn modify_listener(&self, input: &ModifyListener) -> Result<Made, AwsError> {
        let arn = existing(&input.listener)?;
        let default_actions = actions::to_sdk(&input.default_actions)?;
        let request = || {
            self.aws
                .elb
                .modify_listener()
                .listener_arn(arn)
                .set_protocol(input.protocol.map(|protocol| protocol.as_str().into()))
                .set_certificates(input.default_certificate.as_deref().map(certificate))
                .set_ssl_policy(input.ssl_policy.clone())
                .set_default_actions((!default_actions.is_empty()).then(|| default_actions.clone()))
                .send()
        };
        self.write(&calls::MODIFY_LISTENER, request).await?;
        Ok(None)
    }

    pub(super) async fn modify_listener_attributes(&self, input: &AttributeChange) -> Result<Made, AwsError> {
        let arn = existing(&input.resource)?;
        let request = || {
            let request = self.aws.elb.modify_listener_attributes().listener_arn(arn);
            request.set_attributes(Some(attributes_to_sdk(&input.attributes))).send()
        };
        self.write(&calls::MODIFY_LISTENER_ATTRIBUTES, request).await?;
        Ok(None)
    }
}

/// The default certificate, in the form of a list of exactly one (API_CreateListener, Certificates).
fn certificate(arn: &str) -> Vec<Certificate> {
    vec![Certificate::builder().certificate_arn(arn).build()]
}

fn is_what_was_wanted(found: &Listener, wanted: &CreateListener) -> bool {
    found.protocol == wanted.protocol
        && found.default_certificate == wanted.default_certificate
        && found.default_actions == wanted.default_actions
}
