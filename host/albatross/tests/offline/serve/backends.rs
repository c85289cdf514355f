//! Requests that are forwarded to servers on this machine.

use super::{
    client::{Application, nobody},
    shop,
    site::Site,
};

#[test]
fn requests_for_a_service_go_to_its_backend_and_all_others_are_told() {
    let cart = Application::start("the cart");
    let site = Site::start("backend", &shop(), &["--backend", &format!("shop/cart={}", cart.url)]);
    let reply =
        site.asks("GET", "https://shop.example.org/cart/items?page=2", "X-Forwarded-For: 198.51.100.1\r\n");
    let reply = reply.unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, "the cart"));
    assert!(reply.header("x-albatross-answered-by").unwrap().contains("listener 443, rule "));
    let [head] = &cart.seen()[..] else { panic!("{:?}", cart.seen()) };
    assert!(head.starts_with("GET /cart/items?page=2 HTTP/1.1\r\n"), "{head}");
    for expected in
        ["x-forwarded-for: 198.51.100.1, 127.0.0.1", "x-forwarded-proto: https", "x-forwarded-port: 443"]
    {
        assert!(head.contains(&format!("{expected}\r\n")), "{expected:?} is missing in {head}");
    }
    assert_eq!(site.get("https://shop.example.org/").json()["target-group"], "shop/web:80");
    assert_eq!(cart.seen().len(), 1);
}

#[test]
fn a_backend_that_is_down_is_the_502_of_a_load_balancer_with_the_reason() {
    let url = nobody();
    let site = Site::start("down", &shop(), &["--backend", &format!("shop/web={url}")]);
    let reply = site.get("http://shop.example.org/");
    assert_eq!((reply.status, reply.header("server")), (502, Some("awselb/2.0")));
    assert!(reply.body.contains("<h1>502 Bad Gateway</h1>"), "{reply:?}");
    assert!(reply.header("x-albatross-reason").unwrap().contains(&url), "{reply:?}");
}

#[test]
fn a_backend_for_a_service_that_gets_no_requests_is_named() {
    let site = Site::start("unused", &shop(), &["--backend", "shop/crat=http://127.0.0.1:3000"]);
    site.says("warning: --backend shop/crat: no load balancer forwards to this Service yet");
}
