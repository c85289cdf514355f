//! The errors that end a command. Each says what is wrong, where, and what to do.

use std::{io, path::PathBuf};

use albatross_contract::{PolicyPoint, file::FileError};
use albatross_embedded_cloud::AwsError;
use albatross_engine::{Breach, EngineError, GuestFailed, UnfitComponent};
use albatross_guard::Refusal;
use albatross_manifests::ManifestError;
use albatross_recordings::{FolderError, Unusable};

use crate::inputs::inventory::InventoryError;

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An input is larger than any that makes sense.
    #[error("{name}: larger than {mebibytes} MiB, the limit for an input of this kind")]
    TooLarge {
        /// The file, or standard input.
        name: String,
        /// The limit in MiB.
        mebibytes: u64,
    },
    /// An allowance names something that does not exist.
    #[error("{flag} (allowances.{field} in the settings): '{id}' {problem}; correct or remove it")]
    Allowance {
        /// The flag.
        flag: &'static str,
        /// The field in the settings.
        field: &'static str,
        /// The id.
        id: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Nothing can be compressed.
    #[error("the archive cannot be compressed: {problem}")]
    Compression {
        /// What zstd says.
        problem: String,
    },
    /// The planner decides differently for a redacted pass.
    #[error(
        "the planner decides differently with pseudonyms, so the archive would not show the problem ({difference}); with --with-names, \
         it contains everything as it is"
    )]
    SupportDiffers {
        /// The first difference.
        difference: String,
    },
    /// A pass without a plan cannot be redacted.
    #[error(
        "there is no plan, so the snapshot cannot be redacted: {source}; with --with-names, the archive contains it as it is"
    )]
    SupportWithoutPlan {
        /// Why there is no plan.
        source: Box<Error>,
    },
    /// A page of a running controller cannot be read.
    #[cfg(feature = "live")]
    #[error("http://{address}{path}: {problem}; kubectl port-forward makes the port of a Pod reachable here")]
    ControllerPage {
        /// The address.
        address: String,
        /// The path.
        path: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A controller that writes nothing to AWS would record into a bucket.
    #[cfg(feature = "live")]
    #[error("--read-only writes nothing to AWS, but --record {} is in a bucket: give a folder, or leave out one of the two flags", place.display())]
    ReadOnlyRecordsInBucket {
        /// The place.
        place: PathBuf,
    },
    /// A file cannot be written.
    #[error("{}: cannot be written: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A report would overwrite something else than an older report.
    #[error("{}: {problem}; name another file with --report", path.display())]
    NoReportFile {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A new project would overwrite what is there.
    #[error("{}: exists already; name another folder with --folder", path.display())]
    ProjectExists {
        /// The folder.
        path: PathBuf,
    },
    /// Standard input cannot be read.
    #[error("standard input cannot be read: {source}")]
    StandardInput {
        /// What the system said.
        source: io::Error,
    },
    /// Standard output cannot be written, for a reason other than a closed pipe.
    #[error("standard output cannot be written: {source}")]
    StandardOutput {
        /// What the system said.
        source: io::Error,
    },
    /// A file is not of the expected format.
    #[error("{name}: {source}")]
    File {
        /// The file.
        name: String,
        /// What and where.
        source: FileError,
    },
    /// A file that a command does not take, but that another command or flag takes.
    #[error("{name}: this is {found}; {expected} is needed here")]
    OtherFile {
        /// The file.
        name: String,
        /// What it is, and what takes it.
        found: &'static str,
        /// What the command takes.
        expected: &'static str,
    },
    /// A snapshot cannot be changed as asked.
    #[error("{flag}: {problem}")]
    WhatIf {
        /// The flag.
        flag: &'static str,
        /// Why not.
        problem: String,
    },
    /// Two files of different kinds are to be compared.
    #[error(
        "{one} is {one_kind} and {other} is {other_kind}: `diff` compares two bundles, two snapshots or two plans (`plan --snapshot \
         FILE --record BUNDLE` makes a bundle of a snapshot)"
    )]
    OtherKind {
        /// The first file.
        one: String,
        /// What it is.
        one_kind: &'static str,
        /// The second file.
        other: String,
        /// What it is.
        other_kind: &'static str,
    },
    /// An inventory contradicts itself.
    #[error("{name}: {source}")]
    Inventory {
        /// The file.
        name: String,
        /// What and where. In a box, since it contains whole ARNs.
        source: Box<InventoryError>,
    },
    /// A source of manifests cannot be read as a whole.
    #[error(transparent)]
    Manifests(#[from] ManifestError),
    /// A manifest of a test case cannot be read.
    #[error("{problem}")]
    Manifest {
        /// What is wrong with it, and where.
        problem: String,
    },
    /// A component cannot be run.
    #[error(transparent)]
    Unfit(#[from] UnfitComponent),
    /// A policy cannot be pulled from its registry.
    #[cfg(feature = "live")]
    #[error(transparent)]
    NotPulled(#[from] Box<albatross_registry::NotPulled>),
    /// A component failed, or the planner returned no answer.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A policy does not understand its settings.
    #[error("settings of the policy for {}: {}", .point.as_str(), refusal(.source))]
    PolicySettings {
        /// The point that the settings are for.
        point: PolicyPoint,
        /// What the policy says.
        source: EngineError,
    },
    /// The guard refuses a plan: a defect in the planner that made it.
    #[error("planner {planner}: {source}")]
    Refused {
        /// Name of the planner.
        planner: String,
        /// The actions and the rules.
        source: Refusal,
    },
    /// A recorded plan was made with policies that were not passed.
    #[error(
        "{name} was recorded with policy {policies}: pass the same policy with --policy, or a different policy to compare"
    )]
    PolicyNotGiven {
        /// The bundle.
        name: String,
        /// Names and digests of the policies.
        policies: String,
    },
    /// The policies of a settings file are not those that are passed.
    #[error("{name}: policies: {point} {problem}")]
    PoliciesOfSettings {
        /// The file.
        name: String,
        /// The point.
        point: &'static str,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// The policies could not be loaded, and no replica has noted policies that decide.
    #[error("the policies cannot be loaded: {reason}")]
    PolicyNotLoaded {
        /// What is wrong with them.
        reason: String,
    },
    /// A file is no recorded question to a policy.
    #[error(
        "{}: not usable as a question to a policy, as --record-questions writes it: {problem}",
        path.display()
    )]
    Fixture {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: String,
    },
    /// A file of test cases for a policy cannot be used.
    #[error("{}: {problem}", path.display())]
    CaseFile {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: String,
    },
    /// There are no test cases for a policy.
    #[error(
        "{}: no test cases are there: name a file, or a folder with a file whose name ends in {ending}",
        path.display()
    )]
    NoCases {
        /// The folder.
        path: PathBuf,
        /// The end of the name of a file of test cases.
        ending: &'static str,
    },
    /// A folder of recorded passes cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The address of a place in a bucket is none.
    #[cfg(feature = "live")]
    #[error(transparent)]
    Address(#[from] albatross_aws::InvalidAddress),
    /// A build without the client for AWS is asked to read a bucket.
    #[cfg(not(feature = "live"))]
    #[error(
        "{address}: this program was built without AWS, so it cannot read a bucket: copy the recordings to a folder (`aws s3 cp \
         --recursive`), or build the whole program with `cargo build --locked`"
    )]
    NoBuckets {
        /// The address.
        address: String,
    },
    /// A folder holds no recorded passes.
    #[error("{}: no recorded passes are there: name a folder, or a place in a bucket, that `run --record` wrote", path.display())]
    NoPasses {
        /// The folder.
        path: PathBuf,
    },
    /// A place where something redacted cannot go.
    #[error("{}: {problem}", path.display())]
    RedactedPlace {
        /// The place.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A plan alone cannot be redacted.
    #[error(
        "{name}: this is a plan without its snapshot; redact a bundle, as --record and `albatross snapshot` write it"
    )]
    PlanAlone {
        /// The file.
        name: String,
    },
    /// A recording is redacted with other policies than it was made with.
    #[error(
        "{name}: it was recorded with other policies than those that are passed: pass those of the recording with --policy"
    )]
    OtherPolicies {
        /// The file.
        name: String,
    },
    /// No pass of a folder can be redacted.
    #[error("nothing was written, since no pass can be redacted; {file}: {message}")]
    NothingRedacted {
        /// The first file.
        file: String,
        /// What is wrong with it.
        message: String,
    },
    /// A pass has a text that was not there when the pseudonyms were chosen.
    #[error(
        "a text was not there when this recording was read first, so that it has no pseudonym; redact a copy to which nobody writes"
    )]
    NotCollected,
    /// The planner decides differently for redacted passes.
    #[error(
        "nothing was written: of {}, the redacted snapshot does not lead to the redacted plan; in {}: {difference}. \
         Pass --keep-word for words on which the decision depends, or --keep for names of a kind: wildcard hosts are tried in the \
         order of their lengths, for example, which pseudonyms do not keep. --allow-differences writes the plans that the redacted \
         snapshots lead to",
        crate::render::words::count(*passes, "pass"),
        first.display()
    )]
    RedactedDiffers {
        /// How many.
        passes: usize,
        /// The file of the first one.
        first: PathBuf,
        /// The first difference in it.
        difference: String,
    },
    /// A file is not the secret of a redaction.
    #[error("{name}: this is not a file that `redact --mapping` wrote")]
    NoMapping {
        /// The file.
        name: String,
    },
    /// Something whose beginning is searched for is not there in the end.
    #[error("{what} is not in the plan of the last pass; name something that is")]
    NotInLastPass {
        /// What it is.
        what: String,
    },
    /// A recorded pass cannot be used.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// The embedded cloud cannot be observed.
    #[error("the embedded cloud: {0}")]
    Cloud(#[from] AwsError),
    /// No cluster is read, and neither flags nor the settings identify it.
    #[error(
        "{} not known, since manifests do not contain it: set {}; the cluster uid is the uid of the namespace kube-system",
        if .missing.len() == 1 { "part of the identity of the cluster is" } else { "the identity of the cluster is" },
        .missing.join(" and ")
    )]
    IdentityMissing {
        /// The flags, each with its field in the settings.
        missing: Vec<&'static str>,
    },
    /// A question about an object whose document could not be read.
    #[error("{object} cannot be explained, because its document could not be read: {place}")]
    ObjectUnread {
        /// The object.
        object: String,
        /// File, document and line of the error.
        place: String,
    },
    /// A question about an object that may be in a document that could not be read.
    #[error(
        "{object} is not among the objects that could be read; it may be in {place}, which could not be read"
    )]
    ObjectPerhapsUnread {
        /// The object.
        object: String,
        /// File, document and line of the error.
        place: String,
    },
    /// A build without the clients for AWS and Kubernetes is asked to read one of them.
    #[cfg(not(feature = "live"))]
    #[error(
        "this build cannot read {what}: pass {flag}, or build the whole program with `cargo build --locked`"
    )]
    Offline {
        /// What it cannot read.
        what: &'static str,
        /// What to pass instead.
        flag: &'static str,
    },
    /// A build without the clients for AWS and Kubernetes is given a command that needs both.
    #[cfg(not(feature = "live"))]
    #[error(
        "`{command}` is not part of this build, which can read neither a cluster nor AWS: build the whole program with \
         `cargo build --locked` (the AWS SDK makes that a long build)"
    )]
    LeftOut {
        /// The command.
        command: &'static str,
    },
    /// Not every Ingress or RouteGroup could be read.
    #[error(
        "{reason}: it is not known who uses the load balancers, so nothing was changed; run the command again when everything \
         can be read"
    )]
    UsersUnknown {
        /// What could not be read, and why.
        reason: String,
    },
    /// Files are the input of a command that changes AWS.
    #[error(
        "--manifests, --cloud and --snapshot only show what would change: add --dry-run, or leave them out"
    )]
    OnlyPreview,
    /// A controller runs, so that two processes would write.
    #[cfg(feature = "live")]
    #[error(
        "{holder} holds the Lease of the controller, so nothing was changed: scale the controller to zero replicas, and run the \
         command again"
    )]
    OtherLeader {
        /// The holder of the Lease.
        holder: String,
    },
    /// Load balancers could not be adopted or forgotten completely.
    #[cfg(feature = "live")]
    #[error("not everything was done: {reason}; what was done is safe, run the command again")]
    Handover {
        /// What AWS said.
        reason: String,
    },
    /// `ALBATROSS_LOG` cannot be used.
    #[cfg(feature = "live")]
    #[error("ALBATROSS_LOG is '{levels}': {source}; set levels such as debug or albatross=debug,kube=warn")]
    LogLevels {
        /// Its value.
        levels: String,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The system refuses the resources that the asynchronous runtime needs.
    #[error("the asynchronous runtime cannot be started: {source}")]
    Runtime {
        /// What the system said.
        source: io::Error,
    },
    /// AWS cannot be observed.
    #[cfg(feature = "live")]
    #[error("AWS: {0}")]
    Aws(#[from] albatross_aws::AwsError),
    /// The cluster cannot be read.
    #[cfg(feature = "live")]
    #[error("cluster: {0}")]
    Cluster(#[from] albatross_cluster::ClusterError),
    /// Some objects of the cluster could not be listed.
    #[cfg(feature = "live")]
    #[error("cluster: not all objects could be listed: {watches}")]
    Lists {
        /// Each watch that has no list yet, and its state.
        watches: String,
    },
    /// The address of the health endpoints cannot be used.
    #[cfg(feature = "live")]
    #[error("cannot listen on {address}: {source}; choose another address with --listen")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The address of the page cannot be used.
    #[error("cannot listen on {address}: {source}; choose another address with --page")]
    ListenForPage {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The controller id, which becomes part of the name of a Lease, is not valid there.
    #[cfg(feature = "live")]
    #[error(
        "controller id '{id}' cannot be part of the name of a Lease: use 1 to 50 lower-case letters, digits and -, and no - \
         at the end; correct --controller-id or identity.controller-id in the settings"
    )]
    ControllerId {
        /// The id.
        id: String,
    },
    /// The leader election stopped, which it never does by itself.
    #[cfg(feature = "live")]
    #[error(
        "the leader election ended, so nothing may be written any more; this is a defect, please report it"
    )]
    Election,
    /// The planner's thread ended without an answer.
    #[cfg(feature = "live")]
    #[error("the planner's thread ended without an answer: {0}")]
    Planner(#[from] tokio::task::JoinError),
    /// A flag or variable of kube-ingress-aws-controller cannot be used.
    #[cfg(feature = "live")]
    #[error("{flag}, of kube-ingress-aws-controller: {problem}")]
    AncestorsFlag {
        /// The flag or variable.
        flag: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A flag of kube-ingress-aws-controller for a command other than `run`.
    #[cfg(feature = "live")]
    #[error(
        "{flag} is a flag of kube-ingress-aws-controller, which only `albatross run` takes: write `run` as the first argument; other \
         commands take the settings that `run` prints, with --settings"
    )]
    AncestorsFlagElsewhere {
        /// The flag.
        flag: String,
    },
    /// Listeners cannot be served on this machine.
    #[error("--serve: {0}")]
    Serve(#[from] albatross_local_balancer::Error),
    /// A controller that only reads would write the certificate of its webhook.
    #[error(
        "--read-only writes nothing to the cluster, but --webhook would keep a certificate there; pass --webhook-certificate"
    )]
    ReadOnlyMakesCertificate,
    /// The address of the webhook cannot be used.
    #[error("cannot listen on {address}: {source}; choose another address with --webhook")]
    ListenForWebhook {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate of the webhook cannot be used.
    #[error("{place}: tls.crt and tls.key: {problem}")]
    WebhookCertificate {
        /// The folder or the Secret.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// TLS cannot be set up.
    #[cfg(feature = "live")]
    #[error("TLS for the webhook: {0}")]
    Tls(#[from] rustls::Error),
    /// No certificate can be made.
    #[cfg(feature = "live")]
    #[error("a certificate for the webhook cannot be made: {0}")]
    MakeCertificate(#[from] rcgen::Error),
    /// `--serve` with an output that is complete only in the end.
    #[error("--serve writes what happens while it happens, and has no JSON: leave out --output json")]
    ServeAsJson,
    /// Two backends stand for one Service.
    #[error("--backend {service}: the flag is given twice for this Service; leave one of them out")]
    BackendTwice {
        /// The Service, as `namespace/name`.
        service: String,
    },
    /// The output cannot be written as JSON.
    #[error("the output cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// Whether one recorded pass cannot be used, and others perhaps can.
    pub fn is_about_a_file(&self) -> bool {
        matches!(
            self,
            Error::Unusable(_)
                | Error::Unreadable { .. }
                | Error::TooLarge { .. }
                | Error::File { .. }
                | Error::OtherFile { .. }
                | Error::Engine(_)
                | Error::Refused { .. }
        )
    }
}

/// What a policy says of its settings, in its own words if it refused them.
fn refusal(source: &EngineError) -> String {
    match source {
        EngineError::Guest(GuestFailed { breach: Breach::Refused { message }, component, .. }) => {
            format!("{component} refuses them: {message}")
        }
        _ => source.to_string(),
    }
}
