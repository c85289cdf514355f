//! Web ACLs of AWS WAF: which load balancers have one.

use albatross_contract::{Operation, WebAclAssociation};

use crate::shop::{Shop, at};

const FIRST: &str = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/first/1a2b";
const SECOND: &str = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/second/3c4d";

fn associate(load_balancer: &str, web_acl: &str) -> Operation {
    let web_acl = web_acl.to_owned();
    Operation::AssociateWebAcl(WebAclAssociation { load_balancer: at(load_balancer), web_acl })
}

#[test]
fn a_load_balancer_has_one_web_acl_at_most() {
    let mut shop = Shop::open();
    let arn = shop.load_balancer.clone();
    assert_eq!(shop.load_balancer().web_acl.as_deref(), Some(""), "a new one has none");
    for web_acl in [FIRST, FIRST, SECOND] {
        shop.run(&associate(&arn, web_acl));
        assert_eq!(shop.load_balancer().web_acl.as_deref(), Some(web_acl));
    }
    for _ in 0..2 {
        shop.run(&Operation::DisassociateWebAcl(at(&arn)));
        assert_eq!(shop.load_balancer().web_acl.as_deref(), Some(""));
    }
}

#[test]
fn the_load_balancer_must_exist_and_the_web_acl_be_one_of_the_region() {
    let mut shop = Shop::open();
    let arn = shop.load_balancer.clone();
    let refused = |shop: &mut Shop, operation: &Operation| shop.cloud.execute(operation).unwrap_err().code;
    let gone = format!("{arn}0");
    assert_eq!(refused(&mut shop, &associate(&gone, FIRST)), "WAFNonexistentItemException");
    let elsewhere = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/first/1a2b";
    for bad in [elsewhere, "first", "arn:aws:wafv2:eu-central-1:123456789012:regional/rulegroup/first/1a2b"] {
        assert_eq!(refused(&mut shop, &associate(&arn, bad)), "WAFInvalidParameterException", "{bad}");
    }
    assert_eq!(shop.load_balancer().web_acl.as_deref(), Some(""));
}
