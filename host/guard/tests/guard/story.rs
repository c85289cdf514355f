//! A story: an honest plan that passes, and what a lying planner changes in it.

use albatross_guard::{Rule, check};

use crate::world::World;

pub struct Story {
    /// What the planner does, in words.
    pub title: &'static str,
    /// The world with the closest honest plan.
    pub honest: fn() -> World,
    /// The change that makes it a lie.
    pub lie: fn(&mut World),
    /// The rule that it breaks, and no other.
    pub rule: Rule,
    /// The action that the refusal names. Empty: none.
    pub action: &'static str,
}

/// Checks stories: the honest plan passes; the lie is refused by its rule alone, which names the action.
pub fn tell(stories: &[Story]) {
    for Story { title, honest, lie, rule, action } in stories {
        let mut world = honest();
        if let Err(refusal) = check(&world.snapshot, &world.plan) {
            panic!("{title}: the honest plan must pass: {refusal}");
        }
        lie(&mut world);
        let Err(refusal) = check(&world.snapshot, &world.plan) else { panic!("{title}: must be refused") };
        let named = |violation: &albatross_guard::Violation| {
            violation.action.as_deref().unwrap_or_default() == *action
        };
        assert!(
            refusal.violations.iter().all(|violation| violation.rule == *rule),
            "{title}: must break {rule} alone: {refusal}"
        );
        assert!(
            refusal.violations.iter().any(named),
            "{title}: must name the action \"{action}\": {refusal}"
        );
    }
}

/// A plan that passes, and what it does.
pub type Honest = (&'static str, fn() -> World);

/// The plans of these worlds pass.
pub fn pass(worlds: &[Honest]) {
    for (title, world) in worlds {
        let World { snapshot, plan } = world();
        if let Err(refusal) = check(&snapshot, &plan) {
            panic!("{title}: {refusal}");
        }
    }
}
