#![allow(clippy::unwrap_used)]

use super::*;

async fn port(ports: &mut Ports, of: u16) -> (TcpListener, u16) {
    let listener = ports.listen(of).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[tokio::test]
async fn a_port_that_is_in_use_is_passed_over() {
    let mut ports = Ports::new(FirstPort::OfListener);
    let (_first, one) = port(&mut ports, 51_000).await;
    let (_second, other) = port(&mut ports, 51_000).await;
    assert!(one >= 59_000 && other > one, "{one} {other}");
}

#[tokio::test]
async fn a_port_that_a_person_asks_for_is_that_port_or_an_error_with_its_address() {
    let (taken, number) = port(&mut Ports::new(FirstPort::Fixed(0)), 80).await;
    let refused = Ports::new(FirstPort::Fixed(number)).listen(80).await.unwrap_err();
    assert!(
        refused.to_string().starts_with(&format!("127.0.0.1:{number} cannot be listened on")),
        "{refused}"
    );
    drop(taken);
    let mut last = Ports { first: FirstPort::Fixed(65_535), given: 1 };
    assert!(matches!(last.listen(80).await, Err(Error::NoPort(65_535))));
}
