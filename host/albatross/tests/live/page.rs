//! The page of a running controller.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::support::{
    World, eventually,
    objects::{ingress, published},
    replica::Replica,
};

/// A page of a replica, with its status.
fn page(replica: &Replica, path: &str) -> (u16, String) {
    let log = replica.log();
    let line = log.lines().find(|line| line.contains("serving the page")).unwrap_or_else(|| panic!("{log}"));
    let (_, address) = line.rsplit_once("address=").unwrap();
    let mut stream = TcpStream::connect(address.trim()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leader_shows_what_it_does_and_a_follower_says_who_to_ask() {
    let world = World::new("page").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    world.apply(&ingress("checkout", "shop.example.org")).await;
    let leader = Replica::start(&world, "leader", &["--page", "127.0.0.1:0"]);
    eventually("the Ingress is served", async || published(&world.administrator, "checkout").await.pop())
        .await;
    leader.passes("converged", 1.0).await;

    let fleet = eventually("the page shows it", async || {
        let (status, fleet) = page(&leader, "/");
        (status == 200 && fleet.contains("1 load balancer serves 1 Ingress.")).then_some(fleet)
    })
    .await;
    assert!(
        fleet.contains("<a href=\"explain?object=shop%2Fcheckout\">") || fleet.contains("shop/checkout"),
        "{fleet}"
    );
    let explained = page(&leader, "/explain?object=shop/checkout");
    assert!(explained.0 == 200 && explained.1.contains("<td>chosen</td>"), "{explained:?}");
    let history = page(&leader, "/history").1;
    assert!(history.contains("1 to create"), "{history}");

    let follower = Replica::start(&world, "follower", &["--page", "127.0.0.1:0"]);
    let (status, told) = page(&follower, "/");
    assert!(status == 503 && told.contains("ask the replica that holds the Lease"), "{told}");
    assert_eq!(follower.terminate(), 0);
    assert_eq!(leader.terminate(), 0);
}
