//! Questions as people write them: about an object, and about a request.

use albatross_contract::{ObjectKind, ObjectName, Tag};

/// The parts of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// `http` or `https`.
    pub scheme: String,
    /// The host, in lower case.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path, from its first `/`.
    pub path: String,
    /// The query, without its `?`.
    pub query: Option<String>,
}

/// Reads a URL: `https://shop.example.org:8443/cart?page=2#top`. Clients do not send the part after `#`.
pub fn url(text: &str) -> Result<Url, String> {
    let expected = || "expected a URL such as https://shop.example.org/cart".to_owned();
    let (scheme, rest) = text.split_once("://").ok_or_else(expected)?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return Err("expected a URL that begins with http:// or https://".to_owned()),
    };
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| expected())?),
        None => (authority, default_port),
    };
    if host.is_empty() || host.contains(['@', '[', ']', ':', ' ']) {
        return Err(expected());
    }
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (rest, None),
    };
    let path = if path.is_empty() { "/".to_owned() } else { path.to_owned() };
    Ok(Url { scheme, host: host.to_ascii_lowercase(), port, path, query })
}

/// Reads a method. Methods are compared with regard to case.
pub fn method(text: &str) -> Result<String, String> {
    let is_method = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    if is_method { Ok(text.to_ascii_uppercase()) } else { Err("expected a method such as GET".to_owned()) }
}

/// Reads a header: `X-Canary: yes`.
pub fn header(text: &str) -> Result<Tag, String> {
    let (name, value) = text.split_once(':').ok_or("expected a header such as \"X-Canary: yes\"")?;
    let name = name.trim();
    if name.is_empty() || name.contains(' ') {
        return Err("expected the name of a header before the colon".to_owned());
    }
    if name.eq_ignore_ascii_case("host") {
        return Err("the host of the request is that of the URL".to_owned());
    }
    Ok(Tag { key: name.to_owned(), value: value.trim().to_owned() })
}

/// Reads the name of an object that can be explained: `shop/checkout`, `RouteGroup:shop/checkout`.
pub fn object(text: &str) -> Result<ObjectName, String> {
    ObjectName::parse(text)
        .filter(|object| [ObjectKind::Ingress, ObjectKind::RouteGroup].contains(&object.kind))
        .ok_or_else(|| {
            "expected namespace/name of an Ingress, such as shop/checkout, or RouteGroup:shop/checkout"
                .to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, u16, String, Option<String>) {
        let Url { scheme, host, port, path, query } = url(text).unwrap();
        (format!("{scheme}://{host}"), port, path, query)
    }

    #[test]
    fn a_url_has_the_parts_that_a_client_sends() {
        for (text, origin, port, path, query) in [
            (
                "https://shop.example.org/cart?page=2#top",
                "https://shop.example.org",
                443,
                "/cart",
                Some("page=2"),
            ),
            ("HTTP://Shop.example.org", "http://shop.example.org", 80, "/", None),
            ("https://shop.example.org:8443?a", "https://shop.example.org", 8443, "/", Some("a")),
        ] {
            let expected = (origin.to_owned(), port, path.to_owned(), query.map(str::to_owned));
            assert_eq!(parts(text), expected, "{text}");
        }
        for text in
            ["shop.example.org/cart", "ftp://shop.example.org", "https://", "https://a:b/", "https://u@a/"]
        {
            assert!(url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_header_has_a_name_and_a_value() {
        assert_eq!(header("X-Canary:  yes "), Ok(Tag { key: "X-Canary".into(), value: "yes".into() }));
        for text in ["X-Canary", ": yes", "Host: shop.example.org", "a b: c"] {
            assert!(header(text).is_err(), "{text}");
        }
        assert_eq!(method("get"), Ok("GET".to_owned()));
        assert!(method("GET /").is_err());
    }

    #[test]
    fn an_ingress_is_named_with_its_namespace_and_a_route_group_with_its_kind_too() {
        let expected = ObjectName::ingress("shop", "checkout");
        assert_eq!(object("shop/checkout"), Ok(expected.clone()));
        let expected = ObjectName { kind: ObjectKind::RouteGroup, ..expected };
        assert_eq!(object("RouteGroup:shop/checkout"), Ok(expected));
        for text in ["checkout", "/checkout", "shop/", "shop/check/out", "HTTPRoute:shop/checkout"] {
            assert!(object(text).is_err(), "{text}");
        }
    }
}
