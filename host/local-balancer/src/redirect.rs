//! Where a redirect leads.

use std::collections::BTreeMap;

use albatross_contract::{HttpRequest, RedirectAction};

/// The URL of a redirect, with the parts of the request in place of `#{host}` and the like (API_RedirectActionConfig).
pub fn location(redirect: &RedirectAction, request: &HttpRequest) -> String {
    let fill = |text: &str| {
        text.replace("#{protocol}", &request.scheme)
            .replace("#{host}", &request.host)
            .replace("#{port}", &request.port.to_string())
            .replace("#{path}", request.path.trim_start_matches('/'))
            .replace("#{query}", request.query.as_deref().unwrap_or_default())
    };
    let RedirectAction { protocol, host, port, path, query, .. } = redirect;
    let protocol = fill(protocol).to_ascii_lowercase();
    let query = match fill(query) {
        query if query.is_empty() => query,
        query => format!("?{query}"),
    };
    format!("{protocol}://{}:{}{}{query}", fill(host), fill(port), fill(path))
}

/// The same redirect on this machine: a port of another listener of the load balancer becomes the local port of that listener, if the
/// host is the same.
pub fn on_this_machine(
    redirect: &RedirectAction,
    request: &HttpRequest,
    ports: &BTreeMap<u16, u16>,
) -> RedirectAction {
    let port = redirect.port.replace("#{port}", &request.port.to_string());
    let local = port.parse().ok().and_then(|port: u16| ports.get(&port));
    let is_same_host = redirect.host.replace("#{host}", &request.host).eq_ignore_ascii_case(&request.host);
    match local {
        Some(local) if is_same_host => RedirectAction { port: local.to_string(), ..redirect.clone() },
        _ => redirect.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn redirect(port: &str, host: &str, path: &str, query: &str) -> RedirectAction {
        RedirectAction {
            protocol: "HTTPS".into(),
            host: host.into(),
            port: port.into(),
            path: path.into(),
            query: query.into(),
            status_code: 301,
        }
    }

    fn request(path: &str, query: Option<&str>) -> HttpRequest {
        HttpRequest {
            method: "GET".into(),
            scheme: "http".into(),
            host: "shop.example.org".into(),
            port: 80,
            path: path.into(),
            query: query.map(str::to_owned),
            headers: Vec::new(),
            source_address: None,
        }
    }

    #[test]
    fn parts_of_the_request_take_the_place_of_placeholders() {
        let to_https = redirect("443", "#{host}", "/#{path}", "#{query}");
        for (redirect, path, query, expected) in [
            (&to_https, "/cart/items", Some("page=2"), "https://shop.example.org:443/cart/items?page=2"),
            (&to_https, "/", None, "https://shop.example.org:443/"),
            (
                &redirect("#{port}", "new.#{host}", "/old/#{path}/end", "from=#{host}&#{query}"),
                "/a",
                Some("b"),
                "https://new.shop.example.org:80/old/a/end?from=shop.example.org&b",
            ),
        ] {
            assert_eq!(location(redirect, &request(path, query)), expected);
        }
    }

    #[test]
    fn a_redirect_to_another_listener_leads_to_its_local_port_if_the_host_is_the_same() {
        let ports = BTreeMap::from([(80, 8080), (443, 8443)]);
        let port = |redirect: &RedirectAction| on_this_machine(redirect, &request("/", None), &ports).port;
        assert_eq!(port(&redirect("443", "#{host}", "/", "")), "8443");
        assert_eq!(port(&redirect("#{port}", "SHOP.example.org", "/", "")), "8080");
        assert_eq!(port(&redirect("8443", "#{host}", "/", "")), "8443", "no listener has this port");
        assert_eq!(port(&redirect("443", "www.example.org", "/", "")), "443");
    }
}
