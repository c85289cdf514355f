//! Recordings in a bucket of S3: replayed as those in a folder, alone and in shards.

use std::{collections::BTreeSet, fs, path::Path, process::Stdio};

use albatross_aws::{Aws, BucketAddress, BucketFolder};
use albatross_recordings::Store;
use albatross_test_servers::Moto;
use albatross_test_world::account::config;
use serde_json::Value;

use crate::program::{
    Answer, albatross, answer,
    history::{History, json as part},
    world::{World, ingress},
};

/// The file that people install.
const JOB: &str = include_str!("../../../../deploy/replay-job.yaml");

/// Twelve passes in four groups: a process begins a group.
fn history(name: &str) -> History {
    let mut history = History::new(World::at_rest(
        name,
        vec![ingress("shop/checkout", &["shop.example.org"]), ingress("tools/wiki", &["wiki.example.org"])],
    ));
    for number in 0..4 {
        history.restart();
        history.pass();
        history.world.ingresses.push(ingress(&format!("shop/returns-{number}"), &["returns.example.org"]));
        history.pass();
        history.pass();
    }
    history
}

/// Copies a folder to a place in a bucket, which is made.
fn upload(moto: &Moto, folder: &str, bucket: &str, prefix: &str) -> String {
    moto.make_bucket(bucket).unwrap();
    let address = format!("s3://{bucket}/{prefix}");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let aws = runtime.block_on(async { Aws::new(&config(moto.endpoint(), "us-east-1").await).unwrap() });
    let store = BucketFolder::with_runtime(aws, BucketAddress::parse(&address).unwrap(), runtime).unwrap();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        store.write(file.file_name().to_str().unwrap(), &fs::read(file.path()).unwrap()).unwrap();
    }
    address
}

/// Runs the program with access to an endpoint.
fn run_at(endpoint: &str, arguments: &[&str]) -> Answer {
    let mut command = albatross(arguments);
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ACCESS_KEY_ID", "REPLAY").env("AWS_SECRET_ACCESS_KEY", "secret");
    command.env_remove("AWS_REGION").env_remove("AWS_DEFAULT_REGION").env_remove("AWS_PROFILE");
    answer(command.stdin(Stdio::null()))
}

#[test]
fn a_recording_in_a_bucket_is_replayed_as_one_in_a_folder() {
    let history = history("bucket");
    let folder = history.folder.clone();
    fs::write(format!("{folder}/notes.txt"), "mine").unwrap();
    let moto = Moto::start().unwrap();
    let place = upload(&moto, &folder, "passes", "fleet a/production");
    let policy = history.world.file("one-per-namespace.wasm", albatross_components::ONE_PER_NAMESPACE);
    for more in [
        &["--details"][..],
        &["--output", "json"],
        &["--policy", &policy, "--details"],
        &["--policy", &policy, "--output", "json"],
    ] {
        let run = |place: &str| run_at(moto.endpoint(), &[&["replay", place], more].concat());
        let (here, there) = (run(&folder), run(&place));
        let as_here =
            |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace(&place, &folder);
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(there.code, here.code, "{}", there.stderr);
        assert_eq!(as_here(&there.stdout), one_line(&here.stdout), "{more:?}");
        assert_eq!(as_here(&there.stderr), one_line(&here.stderr), "{more:?}");
    }
    let replayed = run_at(moto.endpoint(), &["replay", &place]);
    let begin = "12 passes, 2026-11-21: all plans byte-identical (albatross ";
    assert!(replayed.stdout.starts_with(begin), "{}", replayed.stdout);

    let bisect = |place: &str| {
        run_at(
            moto.endpoint(),
            &["replay", "bisect", place, "--host", "returns.example.org", "--output", "json"],
        )
    };
    let (here, there) = (bisect(&folder), bisect(&format!("{place}/")));
    assert_eq!((there.code, there.stdout.replace(&place, &folder)), (0, here.stdout), "{}", there.stderr);

    let last = history.files().pop().unwrap();
    let last = format!("{place}/{}", last.file_name().unwrap().to_str().unwrap());
    assert!(last.contains("-upon-"), "{last} builds upon another pass");
    let one = run_at(moto.endpoint(), &["replay", &last]);
    assert!(one.stdout.contains("is byte-identical"), "{}{}", one.stdout, one.stderr);
    let planned = run_at(moto.endpoint(), &["plan", "--snapshot", &last]);
    assert_eq!((planned.code, planned.stderr.as_str()), (0, ""));
    assert!(planned.stdout.contains("Ingresses"), "{}", planned.stdout);
}

#[test]
fn what_is_wrong_with_a_bucket_is_said() {
    let moto = Moto::start().unwrap();
    moto.make_bucket("empty").unwrap();
    for (place, problem) in [
        ("s3://empty/production", "s3://empty/production: no recorded passes are there"),
        ("s3://not-there/x", "s3://not-there/x: cannot be read: NoSuchBucket: s3:ListBucket: "),
        ("s3://Empty/x", "only lower-case letters, digits, dots and hyphens; write s3://BUCKET/PREFIX"),
        ("s3://empty/x/pass-1795253400-00000001.json.zst", "cannot be read: NoSuchKey: s3:GetObject: "),
    ] {
        for command in [&["replay"][..], &["replay", "bisect", "--host", "shop.example.org"]] {
            if place.ends_with(".zst") && command.len() > 1 {
                continue;
            }
            let refused = run_at(moto.endpoint(), &[command, &[place]].concat());
            assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{command:?} {place}");
            assert!(refused.stderr.contains(problem), "{}", refused.stderr);
        }
    }
}

#[test]
fn an_address_is_never_taken_for_a_folder_of_this_machine() {
    let begin = std::env::current_dir().unwrap();
    for (arguments, problem) in [
        (["plan", "--snapshot", "s3://recordings"], "s3://recordings: this is not a regular file"),
        (["plan", "--snapshot", "s3:/recordings/pass.json"], "does not begin with s3://"),
        (["plan", "--snapshot", "S3://recordings/f/pass.json"], "does not begin with s3://"),
        (["replay", "s3:/recordings/production", "--details"], "does not begin with s3://"),
        (["replay", "s3:recordings", "--details"], "does not begin with s3://"),
    ] {
        let refused = run_at("http://127.0.0.1:1", &arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{arguments:?}");
        assert!(refused.stderr.contains(problem), "{arguments:?}: {}", refused.stderr);
    }
    assert!(!begin.join("s3:").exists());
}

#[test]
fn two_pods_of_the_job_replay_every_pass_once() {
    let mut history = history("job");
    // The names of seven groups are those of which each shard has some.
    for _ in 0..2 {
        history.restart();
        (0..3).for_each(|_| drop(history.pass()));
    }
    // A plan that differs is named, so it shows which pods replayed it.
    history.restart();
    for _ in 0..3 {
        history.pass_of(|text| {
            let plan = text.split_off(text.find("\"plan\": {").unwrap());
            text.push_str(&plan.replacen("\"state\": \"placed\"", "\"state\": \"held\"", 1));
        });
    }
    let job = serde_saphyr::from_multiple::<Value>(JOB).unwrap().pop().unwrap();
    let shards = job["spec"]["completions"].as_u64().unwrap();
    assert_eq!((&job["spec"]["completionMode"], shards), (&"Indexed".into(), 2));
    let pod = &job["spec"]["template"]["spec"]["containers"][0];
    let arguments: Vec<&str> =
        pod["args"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap()).collect();
    let address = arguments[1].strip_prefix("s3://").unwrap();
    let (bucket, prefix) = address.split_once('/').unwrap();
    let moto = Moto::start().unwrap();
    let place = upload(&moto, &history.folder, bucket, prefix);

    let (mut passes, mut identical, mut differing, mut codes) = (0, 0, Vec::new(), BTreeSet::new());
    for index in 0..shards {
        // As the kubelet expands it.
        let expand = |argument: &&str| argument.replace("$(JOB_COMPLETION_INDEX)", &index.to_string());
        let arguments: Vec<String> = arguments.iter().map(expand).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let replayed = run_at(moto.endpoint(), &arguments);
        let report = part(&replayed.stdout, "history");
        assert_eq!(report["shard"], format!("{index}/2"));
        let here = report["passes"].as_u64().unwrap();
        assert!(here > 0, "each shard has a part of seven groups: {report}");
        passes += here;
        identical += report["identical"].as_u64().unwrap();
        let named = report["differing"].as_array().unwrap();
        assert_eq!(replayed.code, i32::from(!named.is_empty()), "{}", replayed.stderr);
        codes.insert(replayed.code);
        differing.extend(named.iter().map(|it| it["file"].as_str().unwrap().to_owned()));
    }
    assert_eq!((passes, identical), (21, 18));
    let names = |files: Vec<String>| {
        let mut names: Vec<String> = files
            .iter()
            .map(|file| Path::new(file).file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let changed = history.files().split_off(18).iter().map(|file| file.display().to_string()).collect();
    assert_eq!(names(differing), names(changed));
    assert_eq!(codes, BTreeSet::from([0, 1]), "a group is not divided: one shard has all that differ");
    let text = run_at(moto.endpoint(), &["replay", &place, "--shard", "0/2"]);
    assert!(text.stdout.contains(" passes of shard 0/2, 2026-11-21: "), "{}", text.stdout);
}

#[test]
fn more_shards_than_groups_leave_some_without_passes() {
    let history = history("shards");
    let mut passes = 0;
    for index in 0..50 {
        let shard = format!("{index}/50");
        let answer =
            run_at("http://127.0.0.1:1", &["replay", &history.folder, "--shard", &shard, "--output", "json"]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        passes += part(&answer.stdout, "history")["passes"].as_u64().unwrap();
    }
    assert_eq!(passes, 12);
    let wrong =
        run_at("http://127.0.0.1:1", &["replay", &history.folder, "--shard", "$(JOB_COMPLETION_INDEX)/2"]);
    assert!(wrong.code == 1 && wrong.stderr.contains("is not I/N"), "{}", wrong.stderr);
}
