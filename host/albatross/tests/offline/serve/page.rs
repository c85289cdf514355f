//! The page of `simulate --serve`, as a browser shows it.

use std::net::SocketAddr;

use super::{client::http, ingress, service, shop, site::Site};
use crate::program::browser::{Colours, View, look};

/// A phone, and a laptop.
const WIDTHS: [u32; 2] = [400, 1_280];

fn address(site: &Site) -> SocketAddr {
    let out = site.out();
    let (_, rest) = out.split_once("The page is at http://").unwrap_or_else(|| panic!("{out}"));
    rest.lines().next().unwrap().parse().unwrap()
}

/// A page, which comes with status 200.
fn get(site: &Site, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let reply = http(address(site), &request).unwrap();
    assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    assert!(reply.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    reply.body
}

/// The address of the first load balancer on the first page.
fn load_balancer(fleet: &str) -> String {
    let (_, rest) = fleet.split_once("href=\"load-balancer?").unwrap_or_else(|| panic!("{fleet}"));
    format!("/load-balancer?{}", rest.split('"').next().unwrap())
}

fn assert_is_easy_to_find_ones_way_in(path: &str, view: &View) {
    assert_eq!((view.landmarks, view.empty_headings), (0, 0), "{path}");
    let jumps: Vec<_> = view.levels.windows(2).filter(|pair| pair[1] > pair[0] + 1).collect();
    assert!(view.levels.first() == Some(&1) && jumps.is_empty(), "{path}: {:?}", view.levels);
}

#[test]
fn every_page_is_shown_at_every_width_in_light_and_dark_and_loads_nothing() {
    let site = Site::start("page", &shop(), &["--page", "127.0.0.1:0"]);
    let load_balancer = load_balancer(&get(&site, "/"));
    let pages = [
        ("/", vec!["What to look at", "1 load balancer serves 1 Ingress.", "Quotas", "Certificates"]),
        (
            load_balancer.as_str(),
            vec!["HTTPS on port 443", "shop.example.org /cart", "9 healthy", "all other requests"],
        ),
        ("/plan", vec!["Last change"]),
        ("/explain?object=shop/shop", vec!["Explain shop/shop", "chosen", "Candidates"]),
        ("/explain?url=https://shop.example.org/cart", vec!["shop/cart"]),
        ("/explain?url=nonsense", vec!["expected a URL"]),
        ("/history", vec!["Passes, the newest first"]),
    ];
    for (number, (path, expected)) in pages.iter().enumerate() {
        let file = site.folder.file(&format!("page-{number}.html"), get(&site, path));
        let mut backgrounds = Vec::new();
        for colours in [Colours::Light, Colours::Dark] {
            let seen = look(&site.folder, &file, colours, &WIDTHS);
            assert_eq!(seen.console, Vec::<String>::new(), "{path}");
            assert!(seen.requests.is_empty(), "{path}: {:?}", seen.requests);
            for view in &seen.views {
                assert!(view.scroll_width <= view.width, "{path}: {} in {}", view.scroll_width, view.width);
                assert_eq!(view.faint, Vec::<String>::new(), "{path}, {colours:?}");
                assert_is_easy_to_find_ones_way_in(path, view);
                let text = view.text.split_whitespace().collect::<Vec<_>>().join(" ");
                for expected in expected {
                    assert!(text.contains(expected), "{path}: {expected:?} is not in {text}");
                }
            }
            backgrounds.push(seen.views[0].background.clone());
        }
        assert_ne!(backgrounds[0], backgrounds[1]);
    }
}

#[test]
fn an_edit_changes_the_page_and_is_in_the_history() {
    let site = Site::start("page-edit", &shop(), &["--page", "127.0.0.1:0"]);
    assert!(!get(&site, "/").contains("shop/blog"));
    let more = [service("blog", 30_082), ingress("blog", "blog.example.org", &[("/", "blog")], &[])];
    site.write("blog.yaml", &more);
    site.answers("http://blog.example.org/", |reply| reply.status == 200);
    let fleet = get(&site, "/");
    assert!(fleet.contains("shop/blog"), "{fleet}");
    let change = get(&site, "/plan");
    assert!(change.contains("blog.example.org"), "{change}");
    let history = get(&site, "/history");
    assert!(history.matches("<tr>").count() >= 4, "{history}");

    // A file that cannot be read is said, and what was there is shown on.
    std::fs::write(format!("{}/blog.yaml", site.folder.path("manifests")), "kind: [").unwrap();
    site.says("are served on");
    let fleet = get(&site, "/");
    assert!(fleet.contains("shop/blog") && fleet.contains("verdict problem"), "{fleet}");
    assert!(fleet.contains("blog.yaml"), "{fleet}");
}
