//! Recordings in a bucket of S3.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
    thread,
    time::Duration,
};

use albatross_aws::{Aws, Bucket, BucketAddress, BucketFolder, ErrorClass};
use albatross_recordings::{Bounds, Folder, Name, Recorder as PassRecorder, Store};
use albatross_test_servers::{Fault, Recorder};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::time::timeout;

use crate::world::{MOTO, config, rights_of_the_controller};

const START: u64 = 1_795_253_400;
const NO_BOUNDS: Bounds = Bounds { passes: usize::MAX, bytes: u64::MAX, age: u64::MAX };

/// A bucket behind a proxy that records what is called.
struct Place {
    recorder: Recorder,
    aws: Aws,
    name: &'static str,
}

impl Place {
    async fn new(name: &'static str) -> Place {
        MOTO.make_bucket(name).expect("a bucket");
        Place::without_bucket(name).await
    }

    async fn without_bucket(name: &'static str) -> Place {
        let recorder = Recorder::start(MOTO.endpoint()).expect("a recorder starts");
        recorder.allow_only(rights_of_the_controller());
        let aws = Aws::new(&config(&recorder.endpoint(), "us-east-1").await).expect("the region is given");
        Place { recorder, aws, name }
    }

    fn bucket(&self) -> Bucket {
        Bucket::new(self.aws.clone(), self.name).expect("one endpoint")
    }

    fn folder(&self, prefix: &str) -> Arc<BucketFolder> {
        let address = BucketAddress::parse(&format!("s3://{}/{prefix}", self.name)).expect("an address");
        let runtime = tokio::runtime::Handle::current();
        Arc::new(BucketFolder::new(self.aws.clone(), address, runtime).expect("one endpoint"))
    }

    fn made(&self, action: &str) -> usize {
        self.recorder.calls().iter().filter(|call| call.action == action).count()
    }
}

/// Runs what blocks beside the runtime.
async fn beside<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(what).await.expect("it does not panic")
}

/// A pass of a fleet in which one line is different each time.
fn pass(number: u64) -> Vec<u8> {
    let line = |at: u64| format!("ingress {at} {}\n", at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20);
    let mut text: String = (0..500).map(line).collect();
    text.push_str(&format!("changed by pass {number}\n"));
    text.into_bytes()
}

fn read_all(folder: &Folder) -> Vec<Result<Vec<u8>, String>> {
    let read = folder.groups().iter().flat_map(|group| group.read());
    read.map(|read| read.map(|(_, bytes)| bytes).map_err(|unusable| unusable.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_all_objects_of_a_prefix_over_several_pages() {
    let place = Place::new("many-objects").await;
    let bucket = place.bucket();
    let keys = (0..1_005).map(|number| format!("a b/pass+{number:04}&"));
    let others = ["a b/deeper/pass", "a/pass", "a bc"].map(str::to_owned);
    stream::iter(keys.clone().chain(others))
        .for_each_concurrent(8, |key| {
            let bucket = bucket.clone();
            async move { bucket.put_new(&key, Bytes::from_static(b"12345")).await.expect("it is written") }
        })
        .await;
    let listed = bucket.list("a b/").await.unwrap();
    assert!(listed.iter().all(|object| object.bytes == 5));
    assert_eq!(listed.into_iter().map(|object| object.key).collect::<Vec<_>>(), keys.collect::<Vec<_>>());
    assert_eq!(place.made("ListObjectsV2"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_written_once_even_if_the_answer_is_lost_and_never_overwritten() {
    let place = Place::new("written-once").await;
    let bucket = place.bucket();
    place.recorder.disturb("PutObject", 1..=1, Fault::LoseAnswer);
    bucket.put_new("pass", Bytes::from_static(b"ours")).await.unwrap();
    assert_eq!(place.made("PutObject"), 2, "the second attempt found the object of the first one");
    let refused = bucket.put_new("pass", Bytes::from_static(b"another")).await.unwrap_err();
    assert_eq!(refused.class(), ErrorClass::Conflict);
    assert!(refused.to_string().contains("give each process a prefix of its own"), "{refused}");
    assert_eq!(bucket.get("pass", 100).await.unwrap(), b"ours");
    assert_eq!(
        bucket.get("pass", 1).await.unwrap(),
        b"ou",
        "one byte more than allowed shows that there are more"
    );
    bucket.put_new("empty", Bytes::new()).await.unwrap();
    assert_eq!(bucket.get("empty", 100).await.unwrap(), b"");
    bucket.delete("pass").await.unwrap();
    bucket.delete("pass").await.unwrap();
    assert_eq!(bucket.get("pass", 100).await.unwrap_err().class(), ErrorClass::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_in_a_bucket_has_the_names_and_the_bytes_of_one_in_a_folder() {
    let place = Place::new("same-names").await;
    let local = std::env::temp_dir().join(format!("albatross-same-names-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&local);
    let (store, folder) = (place.folder("fleet/a"), local.clone());
    beside(move || {
        let mut there = PassRecorder::of(store.clone(), NO_BOUNDS).unwrap();
        let mut here = PassRecorder::open(&folder, NO_BOUNDS).unwrap();
        for number in 0..30 {
            let (time, pass) = (START + 60 * number, pass(number));
            let path = there.record(time, &pass).unwrap();
            assert_eq!(path.file_name(), here.record(time, &pass).unwrap().file_name());
            assert!(path.to_str().unwrap().starts_with("s3://same-names/fleet/a/pass-"), "{path:?}");
        }
        let (there, here) = (Folder::of(store.clone()).unwrap(), Folder::open(&folder).unwrap());
        assert_eq!(read_all(&there), (0..30).map(|number| Ok(pass(number))).collect::<Vec<_>>());
        let sorted = |store: &dyn Store| {
            let mut files = store.list().unwrap();
            files.retain(|file| file.name.starts_with("pass-"));
            files.sort_by(|one, other| one.name.cmp(&other.name));
            files
        };
        assert_eq!(sorted(store.as_ref()), sorted(&albatross_recordings::Directory::new(&folder)));
        let last = there.files().pop().unwrap();
        assert_eq!(there.read(&last).unwrap(), here.read(&here.files().pop().unwrap()).unwrap());
    })
    .await;
    assert!(place.made("ListObjectsV2") <= 4, "the bucket is not listed for each pass");
    let _ = std::fs::remove_dir_all(&local);
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_groups_leave_a_bucket_when_a_bound_is_reached_and_files_of_others_stay() {
    let place = Place::new("bounded").await;
    for key in ["f/notes.txt", "f/mine.json", "pass-1795253400-00000000.json.zst"] {
        place.bucket().put_new(key, Bytes::from_static(b"{}")).await.unwrap();
    }
    for (prefix, bounds) in [
        ("f/number", Bounds { passes: 12, ..NO_BOUNDS }),
        ("f/size", Bounds { bytes: 20_000, ..NO_BOUNDS }),
        ("f/age", Bounds { age: 600, ..NO_BOUNDS }),
        ("f", Bounds { passes: 1, ..NO_BOUNDS }),
    ] {
        let store = place.folder(prefix);
        beside(move || {
            let mut recorder = PassRecorder::of(store.clone(), bounds).unwrap();
            for number in 0..40 {
                let now = START + 60 * number;
                recorder.record(now, &pass(number)).unwrap();
                let listed = store.list().unwrap();
                let names: Vec<Name> = listed.iter().filter_map(|file| Name::parse(&file.name)).collect();
                for name in &names {
                    assert!(names.contains(&Name::Whole(name.whole())), "{name} lacks its whole pass");
                    assert!(now - name.pass().time <= bounds.age, "{name} is too old");
                }
                assert!(names.iter().any(|name| name.pass().time == now), "the newest pass is there");
                assert!(names.len() <= bounds.passes, "{} passes", names.len());
                let passes = listed.iter().filter(|file| Name::parse(&file.name).is_some());
                assert!(passes.map(|file| file.bytes).sum::<u64>() <= bounds.bytes);
            }
            assert!(read_all(&Folder::of(store).unwrap()).iter().filter(|read| read.is_ok()).count() >= 1);
        })
        .await;
    }
    let left: Vec<String> = place.bucket().list("f/").await.unwrap().into_iter().map(|it| it.key).collect();
    assert!(left.contains(&"f/notes.txt".to_owned()) && left.contains(&"f/mine.json".to_owned()), "{left:?}");
    assert_eq!(place.bucket().list("pass-").await.unwrap().len(), 1, "other prefixes are left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_bucket_is_said_with_what_to_do() {
    let place = Place::without_bucket("not-there").await;
    let problem = |place: &Place| {
        let store = place.folder("f");
        async { beside(move || PassRecorder::of(store, NO_BOUNDS).unwrap_err().to_string()).await }
    };
    let told = problem(&place).await;
    assert!(told.starts_with("s3://not-there/f: cannot be read: NoSuchBucket: s3:ListBucket: "), "{told}");
    assert!(told.ends_with("; create the bucket, or correct its name"), "{told}");

    let place = Place::new("denied").await;
    let store = place.folder("f");
    let mut recorder = beside(move || PassRecorder::of(store, NO_BOUNDS).unwrap()).await;
    place.recorder.allow_only(["s3:ListBucket".to_owned()]);
    let told = beside(move || recorder.record(START, &pass(0)).unwrap_err().to_string()).await;
    assert!(
        told.starts_with("s3://denied/f: cannot be written: AccessDenied: AWS refuses s3:PutObject: "),
        "{told}"
    );
    assert!(told.contains("see deploy/iam-policy-recordings.json"), "{told}");
    assert_eq!(place.made("PutObject"), 1, "a denied call is not repeated");

    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let aws = Aws::new(&config(&format!("http://{nobody}"), "us-east-1").await).unwrap();
    let error = Bucket::new(aws, "unreachable").unwrap().list("").await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unavailable, "{error}");
    assert!(error.to_string().contains("check the network, the region and the endpoint"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_cut_off_is_read_again_and_never_taken_for_whole() {
    let place = Place::new("cut-off").await;
    place.bucket().put_new("f/pass", Bytes::from_static(b"{}")).await.unwrap();
    let cut_off = || Fault::Replace { text: "</ListBucketResult>".to_owned(), by: String::new() };
    place.recorder.disturb("ListObjectsV2", 1..=1, cut_off());
    assert_eq!(place.bucket().list("f/").await.unwrap().len(), 1);
    assert_eq!(place.made("ListObjectsV2"), 2);
    place.recorder.disturb("ListObjectsV2", .., cut_off());
    let error = place.bucket().list("f/").await.unwrap_err();
    assert!(error.to_string().contains("the list is cut off"), "{error}");
    place.recorder.clear_faults();

    // A page says that there are more, and not where.
    let no_token = Fault::Replace {
        text: "<IsTruncated>false</IsTruncated>".to_owned(),
        by: "<IsTruncated>true</IsTruncated>".to_owned(),
    };
    place.recorder.disturb("ListObjectsV2", .., no_token);
    let error = place.bucket().list("f/").await.unwrap_err();
    assert!(error.to_string().contains("the answer from AWS has no new token for the next page"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_changes_at_the_moment_is_asked_again() {
    let place = Place::new("changing").await;
    let message = "A conflicting conditional operation is currently in progress".to_owned();
    let fault = Fault::Refuse { status: 409, code: "OperationAborted".to_owned(), message };
    place.recorder.disturb("PutObject", 1..=1, fault);
    place.bucket().put_new("pass", Bytes::from_static(b"{}")).await.unwrap();
    assert_eq!(place.made("PutObject"), 2);
}

/// A program or an agent that never answers.
#[derive(Debug)]
struct Hanging;

impl ProvideCredentials for Hanging {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(std::future::pending())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_never_come_are_an_error_and_not_a_wait_for_ever() {
    let config = config(MOTO.endpoint(), "us-east-1").await.to_builder();
    let config = config.credentials_provider(SharedCredentialsProvider::new(Hanging)).build();
    let bucket = Bucket::new(Aws::new(&config).unwrap(), "any").unwrap();
    let error = timeout(Duration::from_secs(15), bucket.list("")).await.expect("it ends").unwrap_err();
    assert_eq!(error.class(), ErrorClass::Credentials);
    assert!(error.to_string().contains("timed out"), "{error}");
}

/// The only request that a server gets, which it does not answer as S3 would.
async fn only_request(answer: &'static str, send: impl AsyncFnOnce(Bucket)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = vec![0; 8_192];
        let size = connection.read(&mut request).unwrap();
        connection.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&request[..size]).into_owned()
    });
    let aws = Aws::new(&config(&format!("http://{address}"), "us-east-1").await).unwrap();
    send(Bucket::new(aws, "bucket").unwrap()).await;
    server.join().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_written_object_has_the_checksum_that_buckets_with_object_lock_want() {
    let request = only_request(FOUND, async |bucket| {
        bucket.put_new("pass", Bytes::from_static(b"hello")).await.unwrap();
    })
    .await;
    let checksum = "x-amz-checksum-sha256: LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    assert!(request.contains(checksum), "{request}");
    let signed = request.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
    assert!(signed.contains(";x-amz-checksum-sha256;"), "{signed}");
}

const UNKNOWN_KEY: &str = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 90\r\n\r\n\
    <Error><Code>InvalidAccessKeyId</Code><Message>It does not exist here</Message></Error>   ";

#[tokio::test(flavor = "multi_thread")]
async fn credentials_of_another_partition_are_explained_where_the_region_is_a_guess() {
    for is_guessed in [true, false] {
        only_request(UNKNOWN_KEY, async |bucket| {
            let bucket = if is_guessed { bucket.in_guessed_region() } else { bucket };
            let told = bucket.list("").await.unwrap_err().to_string();
            assert!(told.contains("InvalidAccessKeyId: It does not exist here"), "{told}");
            assert_eq!(
                told.contains("set AWS_REGION if the bucket is in China or GovCloud"),
                is_guessed,
                "{told}"
            );
        })
        .await;
    }
}

/// AWS answers like this to a request in another region than that of the bucket.
const ELSEWHERE: &str = "HTTP/1.1 301 Moved Permanently\r\nx-amz-bucket-region: eu-north-1\r\nConnection: close\r\n\
    Content-Length: 52\r\n\r\n<Error><Code>PermanentRedirect</Code></Error>       ";
/// Some endpoints say it only in the body.
const ELSEWHERE_IN_BODY: &str = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 90\r\n\r\n\
    <Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-north-1</Region></Error>       ";
const FOUND: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\npass";

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_in_another_region_is_asked_there() {
    for elsewhere in [ELSEWHERE, ELSEWHERE_IN_BODY] {
        assert_eq!(regions_asked([elsewhere, FOUND, FOUND]).await, ["us-east-1", "eu-north-1", "eu-north-1"]);
    }
}

/// The regions of which a bucket is asked for two objects.
async fn regions_asked(answers: [&'static str; 3]) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let mut regions = Vec::new();
        for answer in answers {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = vec![0; 8_192];
            let size = connection.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..size]).into_owned();
            let scope = request.split("Credential=").nth(1).and_then(|scope| scope.split('/').nth(2));
            regions.push(scope.unwrap_or_default().to_owned());
            connection.write_all(answer.as_bytes()).unwrap();
        }
        regions
    });
    let aws = Aws::new(&config(&format!("http://{address}"), "us-east-1").await).unwrap();
    let bucket = Bucket::new(aws, "far").unwrap();
    for _ in 0..2 {
        assert_eq!(bucket.get("pass", 100).await.unwrap(), b"pass");
    }
    server.join().unwrap()
}
