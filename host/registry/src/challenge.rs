//! How a server asks for credentials (RFC 9110, section 11.6.1).

use hyper::header::{HeaderMap, WWW_AUTHENTICATE};

/// What a registry asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// User and password in each request.
    Basic,
    /// A token, which the server at `realm` gives.
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

impl Challenge {
    /// The challenge of a refused request; a token is preferred. `Err`: what the registry asks for instead, empty if that is
    /// nothing.
    pub fn of(headers: &HeaderMap) -> Result<Challenge, String> {
        let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let values: Vec<&str> = values.collect();
        let mut known: Vec<Challenge> = values.iter().filter_map(|value| parse(value)).collect();
        known.sort_by_key(|challenge| *challenge == Challenge::Basic);
        known.into_iter().next().ok_or_else(|| values.join(", "))
    }
}

fn parse(value: &str) -> Option<Challenge> {
    let value = value.trim();
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let parameters = parameters(rest);
    let parameter = |name: &str| {
        let mut found = parameters.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.clone())
    };
    let (realm, service, scope) = (parameter("realm")?, parameter("service"), parameter("scope"));
    Some(Challenge::Bearer { realm, service, scope })
}

/// `key=value, key="quoted, with \" in it"`.
fn parameters(mut rest: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    while let Some((key, value)) = rest.split_once('=') {
        let key = key.trim_matches([' ', ',', '\t']).to_owned();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                let (token, after) = value.split_once(',').unwrap_or((value, ""));
                (token.trim().to_owned(), after)
            }
        };
        parameters.push((key, value));
        rest = after;
    }
    parameters
}

/// The text up to the quote that ends it, and what follows.
fn unquote(quoted: &str) -> (String, &str) {
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return (text, &quoted[place + 1..]),
            '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => text.push(character),
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(values: &[&'static str]) -> Result<Challenge, String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, hyper::header::HeaderValue::from_static(value));
        }
        Challenge::of(&headers)
    }

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Result<Challenge, String> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Challenge::Bearer { realm: realm.to_owned(), service: owned(service), scope: owned(scope) })
    }

    #[test]
    fn the_challenges_of_registries_are_read() {
        let value = r#"Bearer realm="https://auth.example.org/token",service="registry",scope="repository:a/b:pull,push""#;
        let expected =
            bearer("https://auth.example.org/token", Some("registry"), Some("repository:a/b:pull,push"));
        assert_eq!(challenge(&[value]), expected);
        assert_eq!(
            challenge(&["bearer Realm=https://a/t , SERVICE=x"]),
            bearer("https://a/t", Some("x"), None)
        );
        assert_eq!(challenge(&[r#"Bearer realm="a\"b\\c""#]), bearer(r#"a"b\c"#, None, None));
        assert_eq!(challenge(&[r#"Basic realm="registry""#]), Ok(Challenge::Basic));
        assert_eq!(challenge(&["basic"]), Ok(Challenge::Basic));
        assert_eq!(challenge(&["Basic", r#"Bearer realm="x""#]), bearer("x", None, None));
        assert_eq!(challenge(&["Negotiate", "Basic"]), Ok(Challenge::Basic));
    }

    #[test]
    fn other_challenges_are_told_as_they_are() {
        assert_eq!(challenge(&[]), Err(String::new()));
        assert_eq!(challenge(&["Negotiate", "NTLM abc"]), Err("Negotiate, NTLM abc".to_owned()));
        assert_eq!(challenge(&["Bearer service=x"]), Err("Bearer service=x".to_owned()));
        assert_eq!(challenge(&[r#"Bearer realm="cut"#]), bearer("cut", None, None));
    }
}
