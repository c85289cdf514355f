//! Requests to one repository: redirects and credentials.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{ACCEPT, AUTHORIZATION, HeaderValue, LOCATION},
};
use url::Url;

use crate::{
    Reference, answer,
    challenge::Challenge,
    credentials::{Credentials, DockerConfig},
    error::Fault,
    http::{Http, host, shown},
    hub,
    reference::is_loopback,
    token::{self, Wanted},
};

/// The most redirects of a request. Registries need one, to where they store layers.
const REDIRECTS: usize = 5;

/// Requests to one repository.
pub(crate) struct Session<'a> {
    pub http: &'a Http,
    reference: &'a Reference,
    config: &'a DockerConfig,
    base: Url,
    /// Sent to the registry, and to no other server.
    authorization: Option<HeaderValue>,
    /// Whose credentials these are.
    credentials: Option<Credentials>,
}

impl<'a> Session<'a> {
    pub fn new(
        http: &'a Http,
        reference: &'a Reference,
        config: &'a DockerConfig,
    ) -> Result<Session<'a>, Fault> {
        let host = hub::registry(&reference.host);
        let scheme = if is_loopback(host) { "http" } else { "https" };
        let address = format!("{scheme}://{host}/v2/{}/", reference.repository);
        let wrong =
            |_| Fault::Address { host: host.to_owned(), address: address.clone(), problem: "is not a URL" };
        let base = Url::parse(&address).map_err(wrong)?;
        Ok(Session { http, reference, config, base, authorization: None, credentials: None })
    }

    /// Asks for `path` in the repository. Returns an answer that is no redirect, and who gave it. Logs in if the registry asks
    /// for that.
    pub async fn get(&mut self, path: &str, accept: &str) -> Result<(Url, Response<Incoming>), Fault> {
        let wrong =
            |_| Fault::Address { host: host(&self.base), address: path.to_owned(), problem: "is not a URL" };
        let url = self.base.join(path).map_err(wrong)?;
        let (from, answer) = self.follow(url.clone(), accept).await?;
        if !self.asks_to_log_in(&from, &answer) {
            return Ok((from, answer));
        }
        let asked = Challenge::of(answer.headers()).map_err(|asked| Fault::Challenge {
            host: host(&self.base),
            asked: if asked.is_empty() { asked } else { format!(": {}", answer::cut(&asked)) },
        })?;
        self.log_in(asked).await?;
        let (from, answer) = self.follow(url, accept).await?;
        if self.asks_to_log_in(&from, &answer) {
            let message = answer::message(self.http, &from, answer).await;
            return Err(self.refused(message));
        }
        Ok((from, answer))
    }

    /// Whether the registry itself asks for credentials. Others get none.
    fn asks_to_log_in(&self, from: &Url, answer: &Response<Incoming>) -> bool {
        answer.status() == StatusCode::UNAUTHORIZED && from.origin() == self.base.origin()
    }

    async fn follow(&self, mut url: Url, accept: &str) -> Result<(Url, Response<Incoming>), Fault> {
        for _ in 0..=REDIRECTS {
            let mut request = Request::get(url.as_str()).header(ACCEPT, accept);
            if let Some(authorization) =
                self.authorization.as_ref().filter(|_| url.origin() == self.base.origin())
            {
                request = request.header(AUTHORIZATION, authorization);
            }
            let request = request
                .body(Full::<Bytes>::default())
                .map_err(|source| Fault::Unreachable { host: host(&url), source: Box::new(source) })?;
            let answer = self.http.send(&url, request).await?;
            match answer.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => url = next(&url, &answer)?,
                _ => return Ok((url, answer)),
            }
        }
        Err(Fault::Redirects { host: host(&url), most: REDIRECTS })
    }

    async fn log_in(&mut self, asked: Challenge) -> Result<(), Fault> {
        let Reference { host, repository, .. } = self.reference;
        self.credentials = self.config.find(host, repository, self.http.wait).await?;
        let authorization = match (asked, &self.credentials) {
            (Challenge::Basic, None) => return Err(self.refused(String::new())),
            (Challenge::Basic, Some(Credentials::Password { user, password })) => basic(user, password),
            (Challenge::Basic, Some(other)) => {
                return Err(Fault::NoPassword {
                    host: host.clone(),
                    credentials: self.config.describe(other),
                });
            }
            (Challenge::Bearer { .. }, Some(Credentials::RegistryToken(token))) => format!("Bearer {token}"),
            (Challenge::Bearer { realm, service, scope }, credentials) => {
                let realm = token::realm(&self.base, &realm)?;
                let scope = scope.unwrap_or_else(|| format!("repository:{repository}:pull"));
                let wanted = Wanted { realm, service, scope };
                let token = token::fetch(self.http, &wanted, credentials.as_ref()).await?;
                format!("Bearer {}", token.map_err(|message| self.refused(message))?)
            }
        };
        let mut authorization = HeaderValue::try_from(authorization).map_err(|_| Fault::NoToken {
            url: shown(&self.base),
            problem: "it has characters that no header can have".to_owned(),
        })?;
        authorization.set_sensitive(true);
        self.authorization = Some(authorization);
        Ok(())
    }

    /// Whether credentials were sent.
    pub fn has_credentials(&self) -> bool {
        self.credentials.is_some()
    }

    /// The credentials are refused, or there are none.
    pub fn refused(&self, message: String) -> Fault {
        let host = self.reference.host.clone();
        match &self.credentials {
            Some(found) => Fault::LoginRefused { host, credentials: self.config.describe(found), message },
            None => Fault::LoginMissing { looked: self.config.has_none(&host), host },
        }
    }
}

/// Where a redirect leads to.
fn next(from: &Url, answer: &Response<Incoming>) -> Result<Url, Fault> {
    let location = answer::header(answer.headers(), LOCATION).unwrap_or_default();
    let wrong = |problem| refusal(from, location, problem);
    if location.is_empty() {
        return Err(wrong("is no address"));
    }
    let url = from.join(location).map_err(|_| wrong("is not a URL"))?;
    may_follow(from, &url).map_err(wrong)?;
    Ok(url)
}

/// An address that is not followed. Its query can be as good as a password.
pub(crate) fn refusal(from: &Url, address: &str, problem: &'static str) -> Fault {
    let address = answer::cut(address.split('?').next().unwrap_or_default());
    Fault::Address { host: host(from), address, problem }
}

/// Only a registry on this machine, which is asked without TLS, may refer to another server without TLS, also on this machine.
pub(crate) fn may_follow(from: &Url, to: &Url) -> Result<(), &'static str> {
    let is_here = |url: &Url| url.scheme() == "http" && url.host_str().is_some_and(is_loopback);
    match to.scheme() {
        "https" => Ok(()),
        "http" if is_here(from) && is_here(to) => Ok(()),
        "http" => Err("is not encrypted"),
        _ => Err("is not a URL of the web"),
    }
}

/// The header for a user and a password.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_followed_without_encryption_and_only_from_there() {
        let follow =
            |from: &str, to: &str| may_follow(&Url::parse(from).unwrap(), &Url::parse(to).unwrap()).is_ok();
        assert!(follow("https://a.org", "https://b.org"));
        assert!(follow("http://127.0.0.1:5000", "https://b.org"));
        assert!(follow("http://127.0.0.1:5000", "http://localhost:5001"));
        assert!(follow("http://[::1]:5000", "http://[::1]:5001"));
        assert!(!follow("https://a.org", "http://a.org"));
        assert!(!follow("https://a.org", "http://127.0.0.1"));
        assert!(!follow("http://127.0.0.1:5000", "http://b.org"));
        assert!(!follow("https://a.org", "file:///etc/passwd"));
    }
}
