//! The web ACL of AWS WAF that protects the load balancer.

use albatross_contract::Inventory;

use super::values::Reader;
use crate::settings;

/// ARN of the web ACL.
pub const WEB_ACL: &str = "alb.ingress.kubernetes.io/wafv2-acl-arn";

/// The ARN of the web ACL that annotations name; empty: they say that there is none. `None`: they say nothing, and the web
/// ACL of the load balancer stays as it is.
pub fn web_acl<'a>(reader: &mut Reader<'a>, inventory: &Inventory) -> Option<&'a str> {
    let value = reader.text(WEB_ACL)?;
    if matches!(value, "" | "none") {
        return Some("");
    }
    if settings::is_regional_web_acl(value, &inventory.region) {
        return Some(value);
    }
    let example = settings::example_web_acl(&inventory.region);
    let expected = format!("none, or the ARN of a web ACL of AWS WAF in this region, such as {example}");
    reader.refuse(WEB_ACL, value, expected);
    None
}

#[cfg(test)]
mod tests {
    use super::{WEB_ACL, web_acl};
    use crate::{identity::tag, source::annotations::Reader, testing};

    #[test]
    fn an_annotation_names_a_web_acl_of_the_region_or_none() {
        let inventory = testing::inventory();
        let region = inventory.region.clone();
        let arn = |region: &str, rest: &str| format!("arn:aws:wafv2:{region}:123456789012:{rest}");
        let good = arn(&region, "regional/webacl/shop/1a2b");
        let read = |value: &str| {
            let annotations = [tag(WEB_ACL, value)];
            let mut reader = Reader::new(&annotations);
            let read = web_acl(&mut reader, &inventory).map(str::to_owned);
            (read, reader.unreadable.len())
        };
        assert_eq!(read(&format!(" {good} ")), (Some(good), 0));
        for none in ["", " ", "none"] {
            assert_eq!(read(none), (Some(String::new()), 0), "{none}");
        }
        for bad in [
            "shop",
            "None",
            "1a2b3c4d-0000-4000-8000-000000000000",
            &arn("us-east-1", "regional/webacl/shop/1a2b"),
            &arn(&region, "global/webacl/shop/1a2b"),
            &arn(&region, "regional/webacl/shop"),
            &arn(&region, "regional/rulegroup/shop/1a2b"),
            &arn(&region, "regional/webacl//1a2b"),
        ] {
            assert_eq!(read(bad), (None, 1), "{bad}");
        }
        assert_eq!(web_acl(&mut Reader::new(&[]), &inventory), None);
    }
}
