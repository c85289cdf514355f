//! Where a redirect leads, in words.

use crate::RedirectAction;

impl RedirectAction {
    /// Whether host, path and query stay as they are, and only protocol and port may change.
    pub fn keeps_the_url(&self) -> bool {
        self.host == "#{host}" && self.path == "/#{path}" && self.query == "#{query}"
    }

    /// `the same URL over HTTPS, port 443`, `HTTPS://#{host}:443/new`. `#{host}` and the like stand for the part of the request
    /// (Elastic Load Balancing API, RedirectActionConfig).
    pub fn leads_to(&self) -> String {
        let RedirectAction { protocol, host, port, path, query, .. } = self;
        if self.keeps_the_url() && protocol != "#{protocol}" && port != "#{port}" {
            return format!("the same URL over {protocol}, port {port}");
        }
        let query = match query.as_str() {
            "#{query}" => String::new(),
            "" => ", without the query".to_owned(),
            query => format!("?{query}"),
        };
        format!("{protocol}://{host}:{port}{path}{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_to_the_same_url_or_elsewhere_with_or_without_the_query() {
        let redirect = |protocol: &str, path: &str, query: &str| RedirectAction {
            protocol: protocol.to_owned(),
            host: "#{host}".to_owned(),
            port: "443".to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            status_code: 301,
        };
        for (redirect, expected) in [
            (redirect("HTTPS", "/#{path}", "#{query}"), "the same URL over HTTPS, port 443"),
            (redirect("#{protocol}", "/#{path}", "#{query}"), "#{protocol}://#{host}:443/#{path}"),
            (redirect("HTTPS", "/new", "#{query}"), "HTTPS://#{host}:443/new"),
            (redirect("HTTPS", "/#{path}", ""), "HTTPS://#{host}:443/#{path}, without the query"),
            (redirect("HTTPS", "/new", "from=#{path}"), "HTTPS://#{host}:443/new?from=#{path}"),
        ] {
            assert_eq!(redirect.leads_to(), expected);
        }
    }
}
