//! Checks that an inventory is of one account and one region: a file that was put together by hand often is not.

use albatross_contract::{Inventory, Listener, ListenerAction, ResourceReference};

/// How an inventory contradicts itself.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InventoryError {
    /// The account is not an account number.
    #[error("the account is {account:?}, expected 12 digits")]
    Account {
        /// The value in the file.
        account: String,
    },
    /// A field that needs an ARN has another text.
    #[error(
        "{what} has {arn:?}, which is not an ARN: expected arn:partition:service:region:account:resource"
    )]
    Form {
        /// The resource.
        what: String,
        /// The text.
        arn: String,
    },
    /// An ARN is of another account.
    #[error(
        "{what} belongs to another account, {found}: {arn}; this inventory is of account {account} (an inventory describes \
         one account: capture it again)"
    )]
    OtherAccount {
        /// The resource.
        what: String,
        /// The ARN.
        arn: String,
        /// Its account.
        found: String,
        /// The account of the inventory.
        account: String,
    },
    /// An ARN is of another region.
    #[error(
        "{what} is in another region, {found}: {arn}; this inventory is of {region} (an inventory describes one region: \
         capture it again)"
    )]
    OtherRegion {
        /// The resource.
        what: String,
        /// The ARN.
        arn: String,
        /// Its region.
        found: String,
        /// The region of the inventory.
        region: String,
    },
}

/// Checks that every ARN is of the account and the region of the inventory.
///
/// ARNs that AWS allows to point to another account or region are not checked: Outposts, Lambda functions, user pools.
///
/// # Errors
/// The first ARN that is not.
pub fn check_inventory(inventory: &Inventory) -> Result<(), InventoryError> {
    let account = &inventory.account;
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InventoryError::Account { account: account.clone() });
    }
    for certificate in &inventory.certificates {
        let name = certificate.names.first().map_or("", String::as_str);
        check(inventory, &certificate.arn, || format!("certificate {name}"))?;
    }
    for load_balancer in &inventory.load_balancers {
        check(inventory, &load_balancer.arn, || format!("load balancer {}", load_balancer.name))?;
        for listener in &load_balancer.listeners {
            check_listener(inventory, listener, &load_balancer.name)?;
        }
    }
    for group in &inventory.target_groups {
        for arn in std::iter::once(&group.arn).chain(&group.load_balancer_arns) {
            check(inventory, arn, || format!("target group {}", group.name))?;
        }
    }
    for group in &inventory.auto_scaling_groups {
        for arn in &group.target_groups {
            check(inventory, arn, || format!("a target group of Auto Scaling Group {}", group.name))?;
        }
    }
    Ok(())
}

fn check_listener(
    inventory: &Inventory,
    listener: &Listener,
    load_balancer: &str,
) -> Result<(), InventoryError> {
    let listener_name = || format!("listener {} of {load_balancer}", listener.port);
    check(inventory, &listener.arn, listener_name)?;
    for arn in listener.default_certificate.iter().chain(&listener.certificates) {
        check(inventory, arn, || format!("a certificate on {}", listener_name()))?;
    }
    for rule in &listener.rules {
        check(inventory, &rule.arn, || format!("rule {} of {}", rule.priority, listener_name()))?;
    }
    let actions = listener.default_actions.iter().chain(listener.rules.iter().flat_map(|rule| &rule.actions));
    for action in actions {
        let ListenerAction::Forward(forward) = action else { continue };
        for group in &forward.target_groups {
            if let ResourceReference::Existing(arn) = &group.target_group {
                check(inventory, arn, || format!("a target group behind {}", listener_name()))?;
            }
        }
    }
    Ok(())
}

/// Checks one ARN: `arn:partition:service:region:account:resource`. ARNs of IAM have no region.
fn check(inventory: &Inventory, arn: &str, what: impl Fn() -> String) -> Result<(), InventoryError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, service, region, account, _] = parts.as_slice() else {
        return Err(InventoryError::Form { what: what(), arn: arn.to_owned() });
    };
    if *account != inventory.account {
        return Err(InventoryError::OtherAccount {
            what: what(),
            arn: arn.to_owned(),
            found: (*account).to_owned(),
            account: inventory.account.clone(),
        });
    }
    let expected = if *service == "iam" { "" } else { &inventory.region };
    if *region != expected {
        return Err(InventoryError::OtherRegion {
            what: what(),
            arn: arn.to_owned(),
            found: (*region).to_owned(),
            region: inventory.region.clone(),
        });
    }
    Ok(())
}
