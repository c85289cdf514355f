//! Which policies decided, as it is written down between two runs of the controller.

use std::{collections::BTreeMap, fmt, str::FromStr};

use albatross_contract::{PolicyPoint, PolicySetting};
use albatross_engine::Policy;
use sha2::{Digest, Sha256};

use crate::render::words::{short_component, short_digest};

/// The policies that decided, by point, each with its settings. A point without a policy was decided by the planner itself.
///
/// Its text is `grouping=DIGEST+DIGEST,subnets=DIGEST+DIGEST`, in the order of the points: the SHA-256 of the component and that of
/// its settings. Empty: no policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided(BTreeMap<PolicyPoint, OfPoint>);

/// A policy with its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OfPoint {
    component: String,
    settings: String,
}

impl Decided {
    /// Policies with these settings. A point that has no settings has empty ones.
    pub fn by<'a>(policies: impl IntoIterator<Item = &'a Policy>, settings: &[PolicySetting]) -> Decided {
        let mut decided = BTreeMap::new();
        for policy in policies {
            for point in policy.points() {
                let setting = settings.iter().find(|setting| setting.point == point);
                let text = setting.map_or("", |setting| setting.settings.as_str());
                let component = policy.identity().sha256.clone();
                decided.insert(point, OfPoint { component, settings: digest(text.as_bytes()) });
            }
        }
        Decided(decided)
    }

    /// Policies that are not known, for every point: whatever is there now, it is not what decided.
    pub fn unknown() -> Decided {
        let nothing = || OfPoint { component: String::new(), settings: String::new() };
        Decided(PolicyPoint::ALL.map(|point| (point, nothing())).into())
    }

    /// These, and those of `others` for all other points.
    pub fn over(mut self, others: &Decided) -> Decided {
        for (point, policy) in &others.0 {
            self.0.entry(*point).or_insert_with(|| policy.clone());
        }
        self
    }

    /// Whether a point was decided by a policy.
    pub fn has(&self, point: PolicyPoint) -> bool {
        self.0.contains_key(&point)
    }

    /// Whether both decided a point with the same policy and settings, or neither with a policy.
    pub fn agrees(&self, other: &Decided, point: PolicyPoint) -> bool {
        self.0.get(&point) == other.0.get(&point)
    }

    /// The points that policies decided, each with the digest of the component.
    pub fn components(&self) -> impl Iterator<Item = (PolicyPoint, &str)> {
        self.0.iter().map(|(point, it)| (*point, it.component.as_str()))
    }

    /// In words, those of `policies` that decide something that they did not decide `before`: `by_team.wasm (sha256 3f2a91c0)`.
    pub fn words(&self, policies: &[Policy], before: &Decided) -> String {
        let is_new = |policy: &&Policy| policy.points().any(|point| !self.agrees(before, point));
        let name = |policy: &Policy| {
            let identity = policy.identity();
            format!("{} (sha256 {})", short_component(&identity.name), short_digest(&identity.sha256))
        };
        let names: Vec<String> = policies.iter().filter(is_new).map(name).collect();
        match names.is_empty() {
            true => "the planner without a policy".to_owned(),
            false => names.join(", "),
        }
    }

    /// By what a person allows exactly these policies with exactly these settings: 32 hexadecimal digits, so that nobody can make two
    /// policies with the same token.
    pub fn token(&self) -> String {
        digest(self.to_string().as_bytes()).chars().take(32).collect()
    }
}

/// SHA-256 in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Display for Decided {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (point, OfPoint { component, settings })) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(formatter, "{comma}{}={component}+{settings}", point.as_str())?;
        }
        Ok(())
    }
}

/// A text that does not say which policies decided.
#[derive(Debug, PartialEq, Eq)]
pub struct NotDecided;

impl FromStr for Decided {
    type Err = NotDecided;

    fn from_str(text: &str) -> Result<Decided, NotDecided> {
        let parts = text.split(',').filter(|part| !part.is_empty());
        parts.map(|part| of_point(part).ok_or(NotDecided)).collect::<Result<_, _>>().map(Decided)
    }
}

fn of_point(text: &str) -> Option<(PolicyPoint, OfPoint)> {
    let (point, digests) = text.split_once('=')?;
    let point = PolicyPoint::ALL.into_iter().find(|it| it.as_str() == point)?;
    let (component, settings) = digests.split_once('+')?;
    let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let are_digests = is_digest(component) && is_digest(settings);
    are_digests.then(|| (point, OfPoint { component: component.to_owned(), settings: settings.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_point(component: &str, settings: &str) -> OfPoint {
        OfPoint { component: digest(component.as_bytes()), settings: digest(settings.as_bytes()) }
    }

    #[test]
    fn what_is_written_down_is_read_back() {
        let policies =
            [(PolicyPoint::Grouping, of_point("one", "")), (PolicyPoint::Subnets, of_point("two", "{}"))];
        let decided = Decided(policies.into());
        assert_eq!(decided.to_string().parse(), Ok(decided));
        assert_eq!(Decided::default().to_string(), "");
        assert_eq!("".parse(), Ok(Decided::default()));
    }

    #[test]
    fn a_text_that_somebody_changed_is_not_believed() {
        let one = digest(b"one");
        for text in [
            "grouping".to_owned(),
            "grouping=abc+def".to_owned(),
            format!("grouping={one}"),
            format!("routing={one}+{one}"),
            format!("grouping={one}+{one},subnets="),
        ] {
            assert_eq!(text.parse::<Decided>(), Err(NotDecided), "{text}");
        }
    }

    #[test]
    fn other_settings_are_another_policy_and_need_another_permission() {
        let one = Decided([(PolicyPoint::Grouping, of_point("one", "{}"))].into());
        let other = Decided([(PolicyPoint::Grouping, of_point("one", "{\"most\": 3}"))].into());
        assert!(!one.agrees(&other, PolicyPoint::Grouping));
        assert!(one.agrees(&other, PolicyPoint::Subnets));
        assert_ne!(one.token(), other.token());
        assert_eq!(one.token().len(), 32);
    }

    #[test]
    fn what_is_not_known_agrees_with_nothing() {
        let one = Decided([(PolicyPoint::Grouping, of_point("one", "{}"))].into());
        for point in PolicyPoint::ALL {
            assert!(
                !Decided::unknown().agrees(&one, point)
                    && !Decided::unknown().agrees(&Decided::default(), point)
            );
        }
    }
}
