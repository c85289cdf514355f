//! The commands that release CloudFormation stacks: the stack goes, and its resources stay.
//!
//! CloudFormation changes a `DeletionPolicy` only together with something else of a resource, such as its `Metadata` (AWS
//! CloudFormation User Guide, "Update stacks"). Both change no property, so no resource is updated.

/// The commands for these stacks, to be run in a POSIX shell with the AWS CLI and jq.
pub fn release(stacks: &[&str], region: &str) -> String {
    let mut stacks = stacks.to_vec();
    stacks.sort_unstable();
    stacks.dedup();
    let names: Vec<String> = stacks.iter().map(|name| format!("    {name}")).collect();
    format!(
        r#"export AWS_REGION={region}
stacks="
{names}
"

# 1. Look: every stack must be in a state that ends with _COMPLETE.
for stack in $stacks; do
  aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query 'Stacks[].[StackName, StackStatus, EnableTerminationProtection]'
done

# 2. Keep every resource when its stack is deleted. No property changes, so no resource does.
for stack in $stacks; do
  aws cloudformation get-template --stack-name "$stack" --query TemplateBody --output json |
    jq --compact-output '.Resources[] += {{"DeletionPolicy": "Retain", "Metadata": {{"released": "true"}}}}' > "$stack.json"
  aws cloudformation describe-stacks --stack-name "$stack" --output json \
    --query 'Stacks[0].Parameters[].{{ParameterKey: ParameterKey, UsePreviousValue: `true`}}' > "$stack.parameters.json"
  aws cloudformation update-stack --stack-name "$stack" \
    --template-body "file://$stack.json" --parameters "file://$stack.parameters.json" &&
    aws cloudformation wait stack-update-complete --stack-name "$stack" || break
done

# 3. Check that every resource is kept: this prints `true` for each stack. Go on only then.
for stack in $stacks; do
  aws cloudformation get-template --stack-name "$stack" --query TemplateBody --output json |
    jq '[.Resources[].DeletionPolicy == "Retain"] | all'
done

# 4. Delete the stacks.
for stack in $stacks; do
  aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name "$stack"
  aws cloudformation delete-stack --stack-name "$stack"
  aws cloudformation wait stack-delete-complete --stack-name "$stack"
done
"#,
        names = names.join("\n"),
    )
}

/// What to do with stacks in other states.
pub const OTHER_STATES: &str = r#"# Stacks in other states:
#   UPDATE_ROLLBACK_FAILED   aws cloudformation continue-update-rollback --stack-name NAME
#                            (with --resources-to-skip LOGICAL-ID… if it fails again), then from step 2
#   DELETE_FAILED            cannot be updated. aws cloudformation delete-stack --stack-name NAME
#                            --retain-resources with the logical ids of all resources that still exist
#                            (aws cloudformation list-stack-resources --stack-name NAME)
#   …_IN_PROGRESS            wait
#   CREATE_FAILED, ROLLBACK_COMPLETE, ROLLBACK_FAILED
#                            the stack has never served: do not adopt it; delete it
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stack_is_released_once() {
        let text = release(&["b", "a", "b"], "eu-central-1");
        assert!(text.starts_with("export AWS_REGION=eu-central-1\nstacks=\"\n    a\n    b\n\"\n"), "{text}");
        assert!(
            text.contains(
                r#".Resources[] += {"DeletionPolicy": "Retain", "Metadata": {"released": "true"}}"#
            )
        );
        assert!(text.find("update-stack").unwrap() < text.find("delete-stack").unwrap());
    }
}
