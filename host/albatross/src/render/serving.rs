//! Where the load balancers of a simulation can be reached.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use albatross_local_balancer::Place;

use super::style::{Style, Tint};

/// Each listener with its address and a request to try it. The requests are not wrapped, so that they can be copied.
pub fn places(
    places: &[Place],
    hosts: &BTreeMap<String, String>,
    authority: Option<&Path>,
    style: Style,
) -> String {
    if places.is_empty() {
        return "\nNo load balancer has a listener yet: nothing is served.\n".to_owned();
    }
    let mut out = format!("\n{}\n", style.paint(Tint::Name, "Served on this machine"));
    for place in places {
        let scheme = if place.has_tls { "https" } else { "http" };
        let address = place.address;
        out.push_str(&format!(
            "  {}, listener {}   {scheme}://{address}\n",
            place.load_balancer, place.listener
        ));
        if let Some(host) = hosts.get(&place.load_balancer) {
            let trust = match authority {
                _ if !place.has_tls => String::new(),
                Some(file) => format!("--cacert {} ", quoted(&file.display().to_string())),
                None => "--insecure ".to_owned(),
            };
            let (ip, port) = (address.ip(), address.port());
            out.push_str(&format!(
                "    curl {trust}--resolve {host}:{port}:{ip} {scheme}://{host}:{port}/\n"
            ));
        }
    }
    out
}

/// `Watching shop/. Ctrl-C ends the program.`, after the address of the page.
pub fn watching(paths: &[PathBuf], page: SocketAddr) -> String {
    let page = format!("\nThe page is at http://{page}\n");
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    match names.as_slice() {
        [] => format!("{page}There are no files to watch. Ctrl-C ends the program.\n"),
        names => format!("{page}Watching {} for changes. Ctrl-C ends the program.\n", names.join(", ")),
    }
}

/// An argument for a shell.
fn quoted(text: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "/._-".contains(it);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_listener_has_its_address_and_a_command_that_can_be_copied() {
        let place = |listener, has_tls, port| Place {
            load_balancer: "albatross-3b1f".to_owned(),
            listener,
            has_tls,
            address: ([127, 0, 0, 1], port).into(),
        };
        let hosts = BTreeMap::from([("albatross-3b1f".to_owned(), "shop.example.org".to_owned())]);
        let all = [place(80, false, 8080), place(443, true, 8443)];
        let text = places(&all, &hosts, Some(Path::new("my ca.pem")), Style::plain());
        assert_eq!(
            text,
            "\nServed on this machine
  albatross-3b1f, listener 80   http://127.0.0.1:8080
    curl --resolve shop.example.org:8080:127.0.0.1 http://shop.example.org:8080/
  albatross-3b1f, listener 443   https://127.0.0.1:8443
    curl --cacert 'my ca.pem' --resolve shop.example.org:8443:127.0.0.1 https://shop.example.org:8443/\n"
        );
        assert!(places(&[], &hosts, None, Style::plain()).contains("nothing is served"));
    }
}
