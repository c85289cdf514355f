//! Which policies decided, as it is written down between two runs of the controller.

use std::{collections::BTreeMap, fmt, str::FromStr};

use albatross_contract::{PolicyPoint, PolicySetting};
use sha2::{Digest, Sha256};

use crate::{pass::Makers, render::terms};

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
    /// The policies of some components, with these settings.
    pub fn by(makers: &Makers, settings: &[PolicySetting]) -> Decided {
        let of = |setting: &PolicySetting| {
            let component = makers.policies().get(setting.point)?.identity().sha256.clone();
            Some((setting.point, OfPoint { component, settings: digest(setting.settings.as_bytes()) }))
        };
        Decided(settings.iter().filter_map(of).collect())
    }

    /// Whether a point was decided by a policy.
    pub fn has(&self, point: PolicyPoint) -> bool {
        self.0.contains_key(&point)
    }

    /// Whether both decided a point with the same policy and settings, or neither with a policy.
    pub fn agrees(&self, other: &Decided, point: PolicyPoint) -> bool {
        self.0.get(&point) == other.0.get(&point)
    }

    /// The points that policies decided.
    pub fn points(&self) -> impl Iterator<Item = PolicyPoint> + '_ {
        self.0.keys().copied()
    }

    /// The digests of the components that decided.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|it| it.component.as_str())
    }

    /// The digests of the components that decide here with other settings, or do not decide there.
    pub fn components_beyond<'a>(&'a self, other: &'a Decided) -> impl Iterator<Item = &'a str> {
        let new = self.0.iter().filter(|(point, it)| other.0.get(point) != Some(it));
        new.map(|(_, it)| it.component.as_str())
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
            write!(formatter, "{comma}{}={component}+{settings}", terms::policy_point(*point))?;
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
    const POINTS: [PolicyPoint; 3] = [PolicyPoint::Certificates, PolicyPoint::Subnets, PolicyPoint::Grouping];
    let (point, digests) = text.split_once('=')?;
    let point = POINTS.into_iter().find(|it| terms::policy_point(*it) == point)?;
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
    fn other_settings_are_another_policy() {
        let one = Decided([(PolicyPoint::Grouping, of_point("one", "{}"))].into());
        let other = Decided([(PolicyPoint::Grouping, of_point("one", "{\"most\": 3}"))].into());
        assert!(!one.agrees(&other, PolicyPoint::Grouping));
        assert!(one.agrees(&other, PolicyPoint::Subnets));
        assert_eq!(other.components_beyond(&one).collect::<Vec<_>>(), [digest(b"one")]);
        assert_eq!(one.components_beyond(&one).count(), 0);
    }
}
