//! Tags of every kind of resource.

use albatross_contract::{AddTags, Operation, RemoveTags};

use crate::shop::{Shop, at, make, rule, tag};

#[test]
fn tags_can_be_added_to_and_removed_from_every_resource() {
    let mut shop = Shop::open();
    let (https, group) = (shop.https.clone(), shop.target_group.clone());
    let rule = make(&mut shop.cloud, &Operation::CreateRule(rule(&https, 10, "shop.example.org", &group)));
    let resources = [shop.load_balancer.clone(), group, https, rule, "sg-nodes".to_owned()];
    for resource in &resources {
        let before = shop.cloud.inventory().clone();
        shop.run(&Operation::AddTags(AddTags { resource: at(resource), tags: vec![tag("stage", "test")] }));
        assert_ne!(*shop.cloud.inventory(), before, "{resource}");
        let keys = vec!["stage".to_owned(), "absent".to_owned()];
        shop.run(&Operation::RemoveTags(RemoveTags { resource: at(resource), keys }));
        assert_eq!(*shop.cloud.inventory(), before, "{resource}");
    }
}

#[test]
fn a_tag_with_an_existing_key_is_overwritten_even_at_the_limit() {
    let mut shop = Shop::open();
    shop.cloud.inventory_mut().quotas.tags_per_resource = 1;
    let resource = at(&shop.load_balancer);
    shop.run(&Operation::AddTags(AddTags { resource, tags: vec![tag("team", "tools")] }));
    assert_eq!(shop.load_balancer().tags, [tag("team", "tools")]);
}

#[test]
fn tags_of_aws_itself_do_not_count() {
    let mut shop = Shop::open();
    let inventory = shop.cloud.inventory_mut();
    inventory.quotas.tags_per_resource = 2;
    inventory.load_balancers[0].tags.push(tag("aws:cloudformation:stack-name", "shop"));
    let resource = at(&shop.load_balancer);
    shop.run(&Operation::AddTags(AddTags { resource, tags: vec![tag("stage", "test")] }));
    assert_eq!(shop.load_balancer().tags.len(), 3);
}
