//! A request as the rules of a listener see it, and requests that a load balancer refuses.

use std::net::IpAddr;

use albatross_contract::{HttpRequest, Tag};
use hyper::{Method, StatusCode, Uri, Version, header::HOST, http::request::Parts};

use crate::front::Front;

/// "Quotas for your Application Load Balancers", "HTTP headers": the request line, and one header.
const LINE: usize = 16 * 1024;
/// The same page: all headers of a request.
const HEADERS: usize = 64 * 1024;

/// The request of a client at a listener.
///
/// # Errors
/// The status with which an Application Load Balancer refuses the request.
pub fn read(parts: &Parts, client: IpAddr, front: &Front) -> Result<HttpRequest, StatusCode> {
    check_size(parts)?;
    if parts.method == Method::CONNECT {
        return Err(StatusCode::BAD_REQUEST);
    }
    let headers = parts.headers.iter().filter(|(name, _)| **name != HOST).map(|(name, value)| Tag {
        key: name.as_str().to_owned(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    });
    Ok(HttpRequest {
        method: parts.method.as_str().to_owned(),
        scheme: if front.has_tls() { "https" } else { "http" }.to_owned(),
        host: host(parts)?,
        port: front.listener.port,
        path: normal_path(parts.uri.path()),
        query: parts.uri.query().map(str::to_owned),
        headers: headers.collect(),
        source_address: Some(client.to_canonical().to_string()),
    })
}

fn check_size(parts: &Parts) -> Result<(), StatusCode> {
    let url = length(&parts.uri);
    // The spaces, the version and the line break of the request line.
    if parts.method.as_str().len() + url + " HTTP/1.1\r\n".len() + 1 > LINE {
        return Err(StatusCode::URI_TOO_LONG);
    }
    let lines = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    let (mut all, mut longest) = (0, 0);
    for line in lines {
        all += line;
        longest = longest.max(line);
    }
    if longest > LINE || all > HEADERS { Err(StatusCode::BAD_REQUEST) } else { Ok(()) }
}

fn length(uri: &Uri) -> usize {
    let authority = uri.authority().map_or(0, |it| it.as_str().len() + "https://".len());
    authority + uri.path_and_query().map_or(0, |it| it.as_str().len())
}

/// The host without its port, in lower case. HTTP/1.1 demands exactly one `Host` header; a complete URL in the request line takes
/// precedence (RFC 9112, section 3.2).
fn host(parts: &Parts) -> Result<String, StatusCode> {
    let mut given = parts.headers.get_all(HOST).iter();
    let (first, second) = (given.next(), given.next());
    if second.is_some() || (first.is_none() && parts.version == Version::HTTP_11) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let of_url = parts.uri.host();
    let of_header = first.map(|it| it.to_str().map_err(|_| StatusCode::BAD_REQUEST)).transpose()?;
    Ok(without_port(of_url.or(of_header).unwrap_or_default()).to_ascii_lowercase())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The path in normal form, which rules are compared with: without `.` and `..`, and without percent-encoding where none is needed
/// (RFC 3986, section 6.2.2).
pub fn normal_path(path: &str) -> String {
    let decoded = decode_unreserved(path);
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = decoded.split('/').skip(1).collect();
    for (at, segment) in segments.iter().enumerate() {
        let is_last = at + 1 == segments.len();
        match *segment {
            "." | ".." => {
                if *segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    format!("/{}", kept.join("/"))
}

fn decode_unreserved(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte.map(char::from), after.get(..2)) {
            (Some(it), Some(_)) if it.is_ascii_alphanumeric() || "-._~".contains(it) => out.push(it),
            (Some(_), Some(digits)) => {
                out.push('%');
                out.push_str(&digits.to_ascii_uppercase());
            }
            _ => {
                out.push('%');
                rest = after;
                continue;
            }
        }
        rest = after.get(2..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
