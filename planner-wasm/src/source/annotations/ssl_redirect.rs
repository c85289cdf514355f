//! The redirect of all HTTP listeners to HTTPS.

use super::values::Reader;

/// The port of the HTTPS listener.
pub const SSL_REDIRECT: &str = "alb.ingress.kubernetes.io/ssl-redirect";

/// The annotations of this family.
pub const KNOWN: &[&str] = &[SSL_REDIRECT];

/// The port to which HTTP listeners redirect. `None`: they do not.
pub fn port(reader: &mut Reader<'_>) -> Option<u16> {
    let read = |text: &str| text.parse().ok().filter(|port| *port > 0);
    reader.parse(SSL_REDIRECT, "the port of an HTTPS listener, such as 443", read)
}

#[cfg(test)]
mod tests {
    use super::{SSL_REDIRECT, port};
    use crate::{identity::tag, source::annotations::values::Reader};

    #[test]
    fn the_port_is_a_number() {
        for (text, expected) in [("443", Some(443)), (" 8443 ", Some(8443)), ("true", None), ("0", None)] {
            let annotations = [tag(SSL_REDIRECT, text)];
            let mut reader = Reader::new(&annotations);
            assert_eq!(port(&mut reader), expected, "{text}");
            assert_eq!(reader.unreadable.is_empty(), expected.is_some(), "{text}");
        }
    }
}
