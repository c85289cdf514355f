use super::Instances;
use crate::testing::{World, auto_scaling_group, instance};

#[test]
fn an_instance_knows_why_it_stays_in_a_target_group() {
    let scene = World::new().with(|snapshot| {
        snapshot.inventory.instances =
            vec![instance("i-3", "zone-a", None), instance("i-1", "zone-a", Some("nodes"))];
        let groups = &mut snapshot.inventory.auto_scaling_groups;
        groups.push(auto_scaling_group("nodes", &["i-1", "i-2"], &[]));
        groups.push(auto_scaling_group("more", &["i-2"], &[]));
    });
    let scene = scene.read();
    let instances = Instances::new(&scene.backends().nodes, scene.observed);
    let mut cursor = 0;
    let mut told = |id: &str| {
        let (number, entry) = instances.find_after(id, &mut cursor)?;
        let groups: Vec<&str> = entry.groups.iter().map(|group| group.name.as_str()).collect();
        Some((number, entry.is_single, entry.is_tagged, groups))
    };
    assert_eq!(told("i-1"), Some((0, false, true, vec!["nodes"])));
    assert_eq!(told("i-2"), Some((1, false, false, vec!["more", "nodes"])));
    assert_eq!(told("i-3"), Some((2, true, false, vec![])));
    assert_eq!(told("i-4"), None);
    assert_eq!(instances.singles().collect::<Vec<_>>(), [(2, "i-3")]);
    assert_eq!(instances.len(), 3);
}
