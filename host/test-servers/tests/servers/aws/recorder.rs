//! The proxy between a test and AWS.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use albatross_test_servers::{Call, Fault, Moto, Recorder};

use super::{
    MOTO,
    wire::{Answer, form_call, json_call},
};

const TARGET_GROUPS: &str = "Action=DescribeTargetGroups&Version=2015-12-01";
const SUBNETS: &str = "Action=DescribeSubnets&Version=2016-11-15";

fn recorder() -> Recorder {
    Recorder::start(MOTO.endpoint()).unwrap()
}

fn create_security_group(endpoint: &str, key: &str, name: &str) -> Result<Answer, ureq::Error> {
    let form = format!("Action=CreateSecurityGroup&Version=2016-11-15&GroupName={name}&GroupDescription=new");
    form_call(endpoint, key, "ec2", &form)
}

fn has_security_group(name: &str) -> bool {
    let form = "Action=DescribeSecurityGroups&Version=2016-11-15";
    let (_, text) = form_call(MOTO.endpoint(), "test", "ec2", form).unwrap();
    assert!(text.contains("<groupName>default</groupName>"), "{text}");
    text.contains(&format!("<groupName>{name}</groupName>"))
}

#[test]
fn calls_are_recorded_with_their_author() {
    let recorder = recorder();
    let endpoint = recorder.endpoint();
    create_security_group(&endpoint, "REPLICA-1", "recorded").unwrap();
    json_call(&endpoint, "REPLICA-2", "acm", "CertificateManager.ListCertificates").unwrap();
    create_security_group(&endpoint, "REPLICA-1", "recorded").unwrap();

    let calls = recorder.calls();
    let told: Vec<_> = calls
        .iter()
        .map(|it| (it.author.as_deref(), it.service.as_str(), it.action.as_str(), it.status, it.is_write()))
        .collect();
    assert_eq!(
        told,
        [
            (Some("REPLICA-1"), "ec2", "CreateSecurityGroup", Some(200), true),
            (Some("REPLICA-2"), "acm", "ListCertificates", Some(200), false),
            (Some("REPLICA-1"), "ec2", "CreateSecurityGroup", Some(400), true),
        ]
    );
    assert!(calls.is_sorted_by_key(|it| it.at));
}

#[test]
fn answers_pass_unchanged() {
    let recorder = recorder();
    let direct = form_call(MOTO.endpoint(), "test", "ec2", "Action=DescribeVpcs&Version=2016-11-15").unwrap();
    let proxied =
        form_call(&recorder.endpoint(), "test", "ec2", "Action=DescribeVpcs&Version=2016-11-15").unwrap();
    let without_request_id = |text: &str| text.split("requestId>").last().map(str::to_owned);
    assert_eq!(direct.0, proxied.0);
    assert_eq!(without_request_id(&direct.1), without_request_id(&proxied.1));
}

#[test]
fn a_throttled_call_gets_the_code_of_its_service() {
    let recorder = recorder();
    let endpoint = recorder.endpoint();
    recorder.disturb("DescribeTargetGroups", 2..=2, Fault::Throttle);
    recorder.disturb("DescribeSubnets", 1..=1, Fault::Throttle);
    recorder.disturb("ListCertificates", 1..=1, Fault::Throttle);

    let target_groups = || form_call(&endpoint, "test", "elasticloadbalancing", TARGET_GROUPS).unwrap();
    assert_eq!(target_groups().0, 200);
    let (status, text) = target_groups();
    assert_eq!(status, 400);
    assert!(text.contains("<Code>Throttling</Code>"), "{text}");
    assert_eq!(target_groups().0, 200);

    let (status, text) = form_call(&endpoint, "test", "ec2", SUBNETS).unwrap();
    assert_eq!(status, 503);
    assert!(text.contains("<Code>RequestLimitExceeded</Code>"), "{text}");

    let (status, text) = json_call(&endpoint, "test", "acm", "CertificateManager.ListCertificates").unwrap();
    assert_eq!(status, 400);
    assert!(text.contains(r#""__type":"ThrottlingException""#), "{text}");
    assert_eq!(recorder.calls().last().unwrap().status, Some(400));
}

#[test]
fn a_refused_call_is_not_executed() {
    let recorder = recorder();
    let endpoint = recorder.endpoint();
    let refusal = Fault::Refuse {
        status: 403,
        code: "UnauthorizedOperation".to_owned(),
        message: "not <you> & not now".to_owned(),
    };
    recorder.disturb("CreateSecurityGroup", .., refusal);
    let create = || create_security_group(&endpoint, "test", "refused").unwrap();
    for _ in 0..2 {
        let (status, text) = create();
        assert_eq!(status, 403);
        assert!(text.contains("<Code>UnauthorizedOperation</Code>"), "{text}");
        assert!(text.contains("not &lt;you&gt; &amp; not now"), "{text}");
    }
    assert!(!has_security_group("refused"));
    recorder.clear_faults();
    assert_eq!(create().0, 200);
}

#[test]
fn a_call_whose_answer_is_lost_is_executed() {
    let recorder = recorder();
    let endpoint = recorder.endpoint();
    recorder.disturb("CreateSecurityGroup", 1..=1, Fault::LoseAnswer);
    create_security_group(&endpoint, "test", "unanswered").unwrap_err();
    assert_eq!(recorder.calls()[0].status, None);
    assert!(has_security_group("unanswered"));
}

#[test]
fn a_call_whose_client_went_away_stays_without_an_answer() {
    let upstream = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let recorder = Recorder::start(&format!("http://{}", upstream.local_addr().unwrap())).unwrap();
    let mut client = TcpStream::connect(recorder.endpoint().strip_prefix("http://").unwrap()).unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nHost: aws\r\n\r\n").unwrap();
    let (mut call, _) = upstream.accept().unwrap();
    assert_ne!(call.read(&mut [0; 1024]).unwrap(), 0, "it got through");
    drop(client);
    call.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    call.read_to_end(&mut Vec::new()).unwrap(); // The recorder no longer waits for the upstream's answer.
    assert!(!recorder.calls()[0].is_answered());
}

#[test]
fn a_member_of_a_list_can_be_omitted_and_a_text_in_an_answer_replaced() {
    let recorder = recorder();
    let endpoint = recorder.endpoint();
    for name in ["omitted", "listed"] {
        let form = format!("Action=CreateTargetGroup&Version=2015-12-01&Name={name}&TargetType=lambda");
        assert_eq!(form_call(&endpoint, "test", "elasticloadbalancing", &form).unwrap().0, 200);
    }
    let list = || {
        let (status, text) = form_call(&endpoint, "test", "elasticloadbalancing", TARGET_GROUPS).unwrap();
        assert_eq!(status, 200);
        ["omitted", "listed", "tomorrow"].map(|word| text.contains(&format!(">{word}<")))
    };
    recorder.disturb("DescribeTargetGroups", 1..=1, Fault::Omit { member_with: ">omitted<".to_owned() });
    recorder.disturb(
        "DescribeTargetGroups",
        2..=2,
        Fault::Replace { text: ">omitted<".to_owned(), by: ">tomorrow<".to_owned() },
    );
    assert_eq!(list(), [false, true, false]);
    assert_eq!(list(), [false, true, true]);
    assert_eq!(list(), [true, true, false], "nothing was changed");
}

#[test]
fn a_delayed_call_is_answered_later() {
    let recorder = recorder();
    let delay = Duration::from_secs(2);
    recorder.disturb("DescribeSubnets", 1..=1, Fault::Delay(delay));
    let begin = Instant::now();
    assert_eq!(form_call(&recorder.endpoint(), "test", "ec2", SUBNETS).unwrap().0, 200);
    assert!(begin.elapsed() >= delay, "{:?}", begin.elapsed());
}

#[test]
fn a_delayed_call_does_not_delay_others() {
    let recorder = recorder();
    let endpoint = recorder.endpoint();
    recorder.disturb("DescribeSubnets", 1..=1, Fault::Delay(Duration::from_secs(3_600)));
    let delayed = {
        let endpoint = endpoint.clone();
        thread::spawn(move || form_call(&endpoint, "test", "ec2", SUBNETS))
    };
    while recorder.calls().is_empty() {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(form_call(&endpoint, "test", "ec2", SUBNETS).unwrap().0, 200);
    let answered: Vec<bool> = recorder.calls().iter().map(Call::is_answered).collect();
    assert_eq!(answered, [false, true]);
    drop(recorder); // With its connections.
    delayed.join().unwrap().unwrap_err();
}

#[test]
fn when_the_upstream_is_gone_the_connection_is_closed() {
    let moto = Moto::start().unwrap();
    let recorder = Recorder::start(moto.endpoint()).unwrap();
    drop(moto);
    form_call(&recorder.endpoint(), "test", "ec2", SUBNETS).unwrap_err();
    assert_eq!(recorder.calls()[0].status, None);
}

#[test]
fn after_the_last_write_no_call_passes_until_calls_may_go_on() {
    let recorder = recorder();
    let endpoint = recorder.endpoint();
    recorder.stop_after(2);
    create_security_group(&endpoint, "test", "stopped-1").unwrap();
    assert!(!recorder.has_stopped());
    let writer = {
        let endpoint = endpoint.clone();
        thread::spawn(move || create_security_group(&endpoint, "test", "stopped-2"))
    };
    while !recorder.has_stopped() {
        assert!(!writer.is_finished(), "the last write gets no answer");
        thread::sleep(Duration::from_millis(10));
    }
    assert!(has_security_group("stopped-2"), "it was executed");

    let reader = {
        let endpoint = endpoint.clone();
        thread::spawn(move || form_call(&endpoint, "test", "ec2", SUBNETS))
    };
    thread::sleep(Duration::from_millis(300));
    assert!(!writer.is_finished() && !reader.is_finished());
    assert_eq!(recorder.calls().len(), 2);

    recorder.go_on();
    create_security_group(&endpoint, "test", "stopped-3").unwrap();
    assert!(!reader.is_finished(), "a call that arrived in between waits for ever");
}

#[test]
fn a_call_needs_the_right_with_its_name_and_its_dependent_rights() {
    let recorder = recorder();
    let create = |name: &str| create_security_group(&recorder.endpoint(), "test", name).unwrap();
    let right = |name: &str| format!("ec2:{name}");
    recorder.allow_only([right("CreateTags")]);
    let (status, text) = create("without-its-own");
    assert_eq!(status, 403);
    assert!(text.contains("<Code>UnauthorizedOperation</Code>"), "{text}");
    assert!(text.contains("is not authorized to perform: ec2:CreateSecurityGroup because"), "{text}");
    recorder.allow_only([right("CreateSecurityGroup")]);
    let (status, text) = create("without-another");
    assert_eq!(status, 403);
    assert!(text.contains("is not authorized to perform: ec2:CreateTags because"), "{text}");
    assert!(!has_security_group("without-another"));
    recorder.allow_only([right("CreateSecurityGroup"), right("CreateTags")]);
    assert_eq!(create("with-both").0, 200);
}
