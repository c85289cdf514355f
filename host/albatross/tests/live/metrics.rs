//! What a running controller reports at `/metrics`.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::{
    World, eventually,
    objects::{ingress, published},
    replica::Replica,
};

/// The sum of all series of a metric.
fn sum(text: &str, name: &str) -> f64 {
    let series =
        text.lines().filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with('{')));
    series.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_reports_its_stages_waits_changes_quotas_certificates_and_the_age_of_its_view() {
    let world = World::new("metrics").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    world.apply(&ingress("checkout", "shop.example.org")).await;
    world.apply(&ingress("legacy", "legacy.example.net")).await;
    // A tenth of AWS's rates, so that calls wait.
    let replica = Replica::start(&world, "replica", &["--aws-rate=10"]);
    eventually("the Ingress is served", async || published(&world.administrator, "checkout").await.pop())
        .await;
    replica.passes("converged", 1.0).await;

    let (_, text) = replica.get("/metrics");
    let metric = |name: &str| replica.metric(name).unwrap_or_else(|| panic!("{name} is not in {text}"));
    assert!(sum(&text, "albatross_aws_rate_limit_wait_seconds_total") > 1.0, "{text}");
    assert!(text.ends_with("# EOF\n"));
    for stage in ["observe", "snapshot", "plan", "guard", "execute", "write-statuses"] {
        assert!(metric(&format!(r#"albatross_stage_seconds_count{{kind="{stage}"}}"#)) >= 2.0, "{stage}");
    }
    let created = r#"albatross_actions_total{operation="create-load-balancer",kind="done"}"#;
    assert_eq!(metric(created), 1.0);
    assert_eq!(metric("albatross_leader_terms_total"), 1.0);
    assert_eq!(metric("albatross_read_only"), 0.0);
    assert_eq!(metric(r#"albatross_ingress_problems{kind="rejected",code="certificate-none"}"#), 1.0);
    assert_eq!(metric(r#"albatross_quota_used{kind="application-load-balancers-in-the-region"}"#), 1.0);
    assert_eq!(metric(r#"albatross_quota_limit{kind="application-load-balancers-in-the-region"}"#), 50.0);
    assert_eq!(text.matches("albatross_certificate_expiry_timestamp_seconds{").count(), 1, "{text}");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    for part in ["aws", "cluster"] {
        let seen = metric(&format!(r#"albatross_view_timestamp_seconds{{kind="{part}"}}"#));
        assert!((now - 120.0..=now).contains(&seen), "{part}: {seen}, now {now}");
    }
    // Whoever reaches the port may read it.
    for secret in ["shop.example.org", "checkout", "legacy", "123456789012"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert_eq!(replica.terminate(), 0);
}
