//! Values as words.

use std::borrow::Cow;

use albatross_contract::{CertificateKind, ObjectKind, ViewPart};

/// Where a certificate comes from.
pub fn certificate_kind(kind: CertificateKind) -> &'static str {
    match kind {
        CertificateKind::AmazonIssued => "Amazon",
        CertificateKind::Imported => "imported",
        CertificateKind::Private => "private CA",
        CertificateKind::Iam => "IAM",
    }
}

/// Says that parts of the view are missing.
pub fn not_known(parts: &[ViewPart]) -> String {
    if parts == [ViewPart::IngressStatuses] {
        // They are missing altogether.
        return "the statuses of the Ingresses are not known".to_owned();
    }
    let parts: Vec<&str> = parts.iter().map(|found| found.plural()).collect();
    match parts.as_slice() {
        [first @ .., last] if !first.is_empty() => {
            format!("not all {} and {last} are known", first.join(", "))
        }
        _ => format!("not all {} are known", parts.concat()),
    }
}

/// A part of the view of one load balancer, target group or hosted zone.
pub fn part_of_one(of: ViewPart) -> &'static str {
    match of {
        ViewPart::RecordSets => "records",
        ViewPart::LoadBalancers | ViewPart::TargetGroups => "attributes",
        other => other.plural(),
    }
}

/// A length of time, in at most two units.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 if seconds % 3_600 < 60 => format!("{} h", seconds / 3_600),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The remaining time in whole days, so that a message does not change every minute.
pub fn days_left(seconds: u64) -> String {
    match seconds / 86_400 {
        0 => "less than a day".to_owned(),
        days => count(usize::try_from(days).unwrap_or(usize::MAX), "day", "days"),
    }
}

/// `1 Ingress`, `2 Ingresses`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `2 Ingresses`, `1 RouteGroup`, `2 Ingresses and 1 RouteGroup`.
pub fn objects(kinds: &[ObjectKind]) -> String {
    let of_kind = |(kind, one, many)| match kinds.iter().filter(|it| **it == kind).count() {
        0 => None,
        number => Some(count(number, one, many)),
    };
    let named = [
        (ObjectKind::Ingress, "Ingress", "Ingresses"),
        (ObjectKind::HttpRoute, "HTTPRoute", "HTTPRoutes"),
        (ObjectKind::RouteGroup, "RouteGroup", "RouteGroups"),
    ];
    named.into_iter().filter_map(of_kind).collect::<Vec<_>>().join(" and ")
}

/// `port 443`, `ports 80 and 443`.
pub fn ports(ports: &[u16]) -> String {
    let mut names: Vec<String> = ports.iter().map(u16::to_string).collect();
    match names.pop() {
        None => "no port".to_owned(),
        Some(only) if names.is_empty() => format!("port {only}"),
        Some(last) => format!("ports {} and {last}", names.join(", ")),
    }
}

/// How many characters of a value that somebody wrote a message shows.
const SHOWN: usize = 200;

/// The beginning of a text, for a message.
pub fn beginning(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Up to three names, or the first two and the number of others.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    list_of(names, 3)
}

/// Up to `most` names, or one less and the number of others.
pub fn list_of<'a>(names: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() {
        "none".to_owned()
    } else if names.len() <= most {
        names.join(", ")
    } else {
        let (first, rest) = names.split_at(most.saturating_sub(1));
        format!("{} and {} more", first.join(", "), rest.len())
    }
}
