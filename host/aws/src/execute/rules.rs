//! Rules.

use albatross_contract::{CreateRule, ModifyRule, Rule, RulePriority};
use aws_sdk_elasticloadbalancingv2::types::RulePriorityPair;

use super::{Made, Writer};
use crate::{
    calling::{Page, pages},
    calls,
    convert::{actions, conditions, existing, listeners::rule_from_sdk, tags::to_elb, transforms},
    error::AwsError,
};

impl Writer<'_> {
    pub(super) async fn create_rule(&self, input: &CreateRule) -> Result<String, AwsError> {
        let call = &calls::CREATE_RULE;
        let listener = existing(&input.listener)?;
        let conditions = conditions::to_sdk(&input.conditions)?;
        let actions = actions::to_sdk(&input.actions)?;
        let transforms = transforms::to_sdk(&input.transforms)?;
        let request = || {
            self.aws
                .elb
                .create_rule()
                .listener_arn(listener)
                .priority(priority(input.priority))
                .set_conditions(Some(conditions.clone()))
                .set_actions(Some(actions.clone()))
                .set_transforms((!transforms.is_empty()).then(|| transforms.clone()))
                .set_tags((!input.tags.is_empty()).then(|| to_elb(&input.tags)))
                .send()
        };
        match self.write(call, request).await {
            Ok(answer) => {
                let arn = answer.rules().first().and_then(|found| found.rule_arn());
                arn.map(str::to_owned).ok_or(AwsError::Unreadable { call, field: "RuleArn" })
            }
            // CreateRule is not idempotent: the answer to an earlier create was lost, and the rule that it created has the
            // priority.
            Err(error) if error.is(&["PriorityInUse"]) => {
                let found = self.rule_at(listener, input.priority).await?;
                match found {
                    Some(found) if is_what_was_wanted(&found, input) => Ok(found.arn),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn rule_at(&self, listener: &str, priority: u32) -> Result<Option<Rule>, AwsError> {
        let call = &calls::DESCRIBE_RULES;
        let list = pages(call, async |token| {
            let request =
                || self.aws.elb.describe_rules().listener_arn(listener).set_marker(token.clone()).send();
            let answer = self.read(call, request).await?;
            let page =
                Page::of_named(call, "RuleArn", answer.rules(), rule_from_sdk, |found| found.rule_arn());
            Ok(page.before(answer.next_marker))
        });
        let rules: Vec<Rule> = list.await.complete()?;
        Ok(rules.into_iter().find(|rule| rule.priority == priority))
    }

    /// Properties that the call does not name stay as they are (API_ModifyRule); a separate parameter removes transforms.
    pub(super) async fn modify_rule(&self, input: &ModifyRule) -> Result<Made, AwsError> {
        let arn = existing(&input.rule)?;
        let conditions = conditions::to_sdk(&input.conditions)?;
        let actions = actions::to_sdk(&input.actions)?;
        let transforms = transforms::to_sdk(input.transforms.as_deref().unwrap_or_default())?;
        let request = || {
            self.aws
                .elb
                .modify_rule()
                .rule_arn(arn)
                .set_conditions((!conditions.is_empty()).then(|| conditions.clone()))
                .set_actions((!actions.is_empty()).then(|| actions.clone()))
                .set_transforms((!transforms.is_empty()).then(|| transforms.clone()))
                .set_reset_transforms(input.transforms.as_ref().map(Vec::is_empty).filter(|reset| *reset))
                .send()
        };
        self.write(&calls::MODIFY_RULE, request).await?;
        Ok(None)
    }

    pub(super) async fn set_rule_priorities(&self, priorities: &[RulePriority]) -> Result<Made, AwsError> {
        let pair = |it: &RulePriority| {
            let pair = RulePriorityPair::builder().rule_arn(existing(&it.rule)?);
            Ok(pair.priority(priority(it.priority)).build())
        };
        let pairs = priorities.iter().map(pair).collect::<Result<Vec<RulePriorityPair>, AwsError>>()?;
        let request = || self.aws.elb.set_rule_priorities().set_rule_priorities(Some(pairs.clone())).send();
        self.write(&calls::SET_RULE_PRIORITIES, request).await?;
        Ok(None)
    }
}

fn is_what_was_wanted(found: &Rule, wanted: &CreateRule) -> bool {
    found.conditions == wanted.conditions
        && found.actions == wanted.actions
        && found.transforms == wanted.transforms
}

/// The SDK has signed numbers. AWS refuses the priority if it is too large.
fn priority(priority: u32) -> i32 {
    i32::try_from(priority).unwrap_or(i32::MAX)
}
