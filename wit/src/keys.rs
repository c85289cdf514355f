//! Keys of groups, which grouping policies give.

/// The longest key of a group, in characters: half of the longest value of a tag.
pub const GROUP_KEY_LENGTH: usize = 128;

/// What the tag `albatross/group` of a load balancer in route mode begins with if a grouping policy gave the key. The name of a
/// group in annotations has no slash, so no Ingress can join a group of a policy by naming it.
pub const GROUP_OF_A_POLICY: &str = "policy/";

/// Why a text cannot be the key of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnfitKey {
    /// It has no or too many characters: this many.
    Length(usize),
    /// It cannot be the value of an AWS tag.
    Characters,
}

/// What the key of a group may be, in words.
pub const GROUP_KEY_RULE: &str =
    "1 to 128 ASCII letters, digits, inner spaces and _ . : / = + - @, and not aws: at its beginning";

/// Why a text cannot be the key of a group. `None`: it can.
///
/// The key is the value of the tag `albatross/group`. Elastic Load Balancing accepts `[\p{L}\p{Z}\p{N}_.:/=+\-@]*` (its API
/// reference, `Tag`, with notes on `aws:` and on spaces at either end); of the letters and digits, those of ASCII are enough for
/// names of Kubernetes and DNS.
pub fn unfit_group_key(key: &str) -> Option<UnfitKey> {
    let length = key.chars().count();
    if length == 0 || length > GROUP_KEY_LENGTH {
        return Some(UnfitKey::Length(length));
    }
    let is_fit = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c);
    let is_reserved = key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
    (is_reserved || key.trim() != key || !key.chars().all(is_fit)).then_some(UnfitKey::Characters)
}
