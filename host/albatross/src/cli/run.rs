//! `albatross run`: reconciles AWS with a cluster, or once with manifests.

use std::{
    env,
    io::Read,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use albatross_aws::Executor;
use albatross_cluster::{
    Candidate, Client, Events, Gates, Leadership, Statuses, Timing, Watches, WebhookObjects,
};
use albatross_contract::{Settings, Severity, Snapshot, file::override_settings};
use albatross_engine::{Engine, Limits, Policy};
use tokio::{select, spawn, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::{
    Verdict,
    ancestor::Ancestor,
    arguments::{LogFormat, RunArguments, UninstallArguments, WebhookService},
    console::Console,
    live::{block_on, environment, stop_on_signals, whereabouts},
    log::start_log,
    messages::{remark, report},
    planning,
    record_arguments::RecordArguments,
};
use crate::{
    error::Error,
    inputs::{
        ClusterIdSource, PolicyComponent, PolicySource, StatusSource, add_policies, allowances,
        mark_missing_route_groups, places::is_in_bucket, read_manifests, require_identity,
    },
    live::{
        capture::{self, Whereabouts},
        controller::{Controller, POLICIES},
        health::{self, Pages},
        lease,
        metrics::Metrics,
        once,
        pass::Passes,
        reader::Reader,
        recordings::{LONG_PATIENCE, PATIENCE, Recordings},
        settings::check,
        snapshots::SnapshotRequests,
        state::State,
        swap::{Files, Found, PolicyPage, Swap},
        webhook::{self, Desk, Folder, Identity, Own},
    },
    page::{self, Board},
    pass::Makers,
    render::{summary::Summary, words::count},
    swap::Deciders,
    uninstall,
};

/// Runs the command.
///
/// # Errors
/// The controller cannot start, or with `--once` no plan can be made.
pub fn run(
    arguments: &RunArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let levels = start_log(arguments.log, arguments.ancestor.log_level)?;
    if let Some(place) = arguments.record.record.as_ref().filter(|it| arguments.read_only && is_in_bucket(it))
    {
        return Err(Error::ReadOnlyRecordsInBucket { place: place.clone() });
    }
    if arguments.read_only && arguments.webhook.is_some() && arguments.webhook_certificate.is_none() {
        return Err(Error::ReadOnlyMakesCertificate);
    }
    remark(&arguments.ancestor.remarks, console);
    let settings = settings(arguments)?;
    remark(&arguments.ancestor.advice(&settings)?, console);
    if arguments.once {
        return run_once(arguments, settings, standard_input, console);
    }
    block_on(async {
        if let Some(file) = &arguments.log_level_file {
            levels.follow(file.clone());
        }
        control(arguments, settings, None).await
    })?;
    Ok(Verdict::Fine)
}

/// Runs the controller with settings that leave nothing of ours, until nothing is left.
///
/// # Errors
/// The controller cannot start.
pub fn remove_everything(arguments: UninstallArguments, settings: Settings) -> Result<(), Error> {
    start_log(LogFormat::Text, None)?;
    let UninstallArguments { inputs, components, lease_namespace, .. } = arguments;
    let arguments = RunArguments {
        once: false,
        manifests: Vec::new(),
        prune: false,
        read_only: false,
        live: inputs.live,
        settings: inputs.settings,
        components,
        shadow_policy: Vec::new(),
        allow_policy: Vec::new(),
        shadow_settings: None,
        serve_snapshot: false,
        record: RecordArguments::none(),
        interval: 60,
        aws_rate: 25,
        // Nobody asks for the health of a command.
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        page: None,
        webhook: None,
        webhook_certificate: None,
        webhook_service: WebhookService::default(),
        lease_namespace,
        log: LogFormat::Text,
        log_level_file: None,
        ancestor: Ancestor::default(),
    };
    block_on(control(&arguments, settings, Some(uninstall::is_over)))
}

fn run_once(
    arguments: &RunArguments,
    mut settings: Settings,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let makers = planning::makers(&arguments.components, console)?;
    complete(&mut settings, arguments, &makers)?;
    settings.allowances.prune |= arguments.prune;
    let mut manifests = read_manifests(&arguments.manifests, StatusSource::Manifests, standard_input)?;
    mark_missing_route_groups(&mut manifests.cluster, &settings);
    require_identity(&settings, ClusterIdSource::Discovered)?;
    remark(&manifests.remarks, console);
    let of_file = allowances::of_file(&settings.allowances, &arguments.settings.allowances());
    remark(&allowances::check_objects(&settings.allowances, &of_file, [&manifests.cluster])?, console);
    let (converged, unrecorded) = block_on(async {
        let shutdown = stop_on_signals();
        let metrics = Arc::default();
        let swap = Swap::never(Deciders::all(Arc::new(makers), "the settings", &settings.policies)?);
        let mut passes = passes(arguments, swap, settings, metrics).await?;
        let converged = once::converge(&mut passes, &manifests.cluster, &shutdown).await;
        let unrecorded = match &passes.recordings {
            Some(recordings) => close(recordings, &shutdown).await,
            None => 0,
        };
        Ok((converged?, unrecorded))
    })?;
    let pass = &converged.last.pass;
    // There is no cluster to write statuses and conditions to, so none of them counts.
    let summary = Summary { statuses: 0, conditions: 0, ..Summary::new(&pass.snapshot, &pass.plan) };
    console.write(&format!("{}\n", summary.line(&pass.snapshot, &pass.plan)));
    let mut verdict =
        report(&manifests.problems, &pass.snapshot.inventory.incomplete, &pass.failures, console);
    let outcomes = pass.plan.outcomes.iter().flat_map(|outcome| &outcome.diagnostics);
    let mut diagnostics = pass.plan.diagnostics.iter().chain(outcomes);
    let wrong = summary.unserved() || diagnostics.any(|it| it.severity == Severity::Error);
    let unserved = wrong.then(|| "not everything is as the manifests ask: see above".to_owned());
    let unrecorded = (unrecorded > 0).then(|| {
        let place = arguments.record.record.as_deref().unwrap_or(Path::new("")).display();
        format!("{place}: {} of this run could not be recorded; the log says why", count(unrecorded, "pass"))
    });
    for problem in converged.end.problem().into_iter().chain(unserved).chain(unrecorded) {
        console.error(&problem);
        verdict = Verdict::Problems;
    }
    Ok(verdict)
}

/// Waits for the passes that are being written, unless a signal asks to end soon. Returns how many were not recorded.
async fn close(recordings: &Recordings, shutdown: &CancellationToken) -> usize {
    let ends_soon = async {
        shutdown.cancelled().await;
        recordings.close(PATIENCE).await
    };
    select! {
        unrecorded = recordings.close(LONG_PATIENCE) => unrecorded,
        unrecorded = ends_soon => unrecorded,
    }
}

/// The settings of the file, with those of the flags over them.
fn settings(arguments: &RunArguments) -> Result<Settings, Error> {
    let mut settings = planning::asked_settings(&arguments.settings, Settings::default())?;
    let asked = &arguments.ancestor.settings;
    if !asked.is_empty() {
        let text = serde_json::to_vec(asked)?;
        settings = override_settings(settings, &text).map_err(|source| Error::File {
            name: "flags of kube-ingress-aws-controller".to_owned(),
            source,
        })?;
    }
    Ok(settings)
}

/// Completes settings for the policies, and checks all of them before anything connects.
fn complete(settings: &mut Settings, arguments: &RunArguments, makers: &Makers) -> Result<(), Error> {
    add_policies(settings, makers.policies())?;
    let region = arguments.live.region.clone().or_else(|| environment("AWS_REGION"));
    let wrong =
        check(settings, region.as_deref(), makers).map_err(|error| arguments.ancestor.explain(error))?;
    for found in &wrong {
        tracing::warn!("{}", arguments.ancestor.tell(found));
    }
    Ok(())
}

/// Whether nothing is left to do for a controller that removes everything.
type EndsWhen = Option<fn(&Snapshot) -> bool>;

/// The controller, until a signal ends it, or until the end that `ends_when` recognizes.
async fn control(arguments: &RunArguments, settings: Settings, ends_when: EndsWhen) -> Result<(), Error> {
    // This comes first: the kernel drops a signal for which the first process of a container has no handler.
    let shutdown = stop_on_signals();
    let ready = select! {
        prepared = prepare(arguments, settings, ends_when, shutdown.clone()) => prepared?,
        // This replica does not lead yet, and nothing was written.
        () = shutdown.cancelled() => {
            tracing::info!("ended");
            return Ok(());
        }
    };
    match ready {
        Ready::Controller(controller) => controller.run().await,
        Ready::Reader(reader) => reader.run().await,
    }
}

/// What is about to run.
enum Ready {
    /// It writes while it leads.
    Controller(Box<Controller>),
    /// It writes nothing.
    Reader(Box<Reader>),
}

async fn prepare(
    arguments: &RunArguments,
    mut settings: Settings,
    ends_when: EndsWhen,
    shutdown: CancellationToken,
) -> Result<Ready, Error> {
    let given = settings.policies.clone();
    let (loaded, unfit) = loaded(arguments, &mut settings).await?;
    let metrics = Arc::new(Metrics::default());
    let state = Arc::new(State::starting());
    let policy = Arc::new(PolicyPage::default());
    let found = match &unfit {
        Some(error) => Found::unfit(error.to_string()),
        None => Found::loaded(
            &arguments.components.policy,
            loaded.policies,
            arguments.settings.settings.is_some().then_some(given),
        ),
    };
    let swap = swap(arguments, loaded.deciders, found, Arc::clone(&policy));
    let snapshots: Option<Arc<SnapshotRequests>> = arguments.serve_snapshot.then(Arc::default);
    let pages = Pages {
        state: Arc::clone(&state),
        metrics: Arc::clone(&metrics),
        policy,
        snapshots: snapshots.clone(),
    };
    let address = health::serve(arguments.listen, pages)
        .await
        .map_err(|source| Error::Listen { address: arguments.listen, source })?;
    tracing::info!(%address, "serving the health endpoints");
    let board = match arguments.page {
        Some(address) => Some(serve_page(address).await?),
        None => None,
    };
    let machine = env::var("POD_NAME").or_else(|_| env::var("HOSTNAME")).unwrap_or_default();
    let candidate = lease::candidate(&settings, &arguments.lease_namespace, &machine)?;
    let client = whereabouts(&arguments.live).client().await;
    let client = match unfit {
        Some(unfit) if arguments.read_only => return Err(unfit),
        Some(unfit) => others_decide(client, &candidate, unfit).await?,
        None => client?,
    };
    capture::identify_when_reached(&client, &mut settings, &state).await?;
    let mut passes = Passes { snapshots, board, ..passes(arguments, swap, settings, metrics).await? };
    let watches = Watches::start(&client, &passes.settings);
    if let Some(address) = arguments.webhook {
        let desk = Arc::new(Desk::new(watches.viewer(), passes.metrics.admission.clone()));
        serve_webhook(address, arguments, &client, Arc::clone(&desk)).await?;
        passes.desk = Some(desk);
    }
    let interval = Duration::from_secs(arguments.interval);
    if arguments.read_only {
        return Ok(Ready::Reader(Box::new(Reader { passes, watches, state, interval, shutdown })));
    }
    Ok(Ready::Controller(Box::new(Controller {
        passes,
        statuses: Statuses::new(&client, &watches),
        gates: Gates::new(&client, &watches),
        events: Events::new(&client, &candidate),
        leadership: Leadership::start(&client, candidate, Timing::default()),
        watches,
        state,
        interval,
        shutdown,
        ends_when,
    })))
}

/// Serves the page. Returns where passes are put up for it.
async fn serve_page(address: SocketAddr) -> Result<Arc<Board>, Error> {
    let board = Arc::new(Board::default());
    let bound = page::serve(address, Arc::clone(&board))
        .await
        .map_err(|source| Error::ListenForPage { address, source })?;
    tracing::info!(address = %bound, "serving the page");
    Ok(board)
}

/// Serves the webhook.
async fn serve_webhook(
    address: SocketAddr,
    arguments: &RunArguments,
    client: &Client,
    desk: Arc<Desk>,
) -> Result<(), Error> {
    let identity = Arc::new(Identity::default());
    match &arguments.webhook_certificate {
        Some(folder) => drop(spawn(Folder::new(folder, Arc::clone(&identity)).follow())),
        None => {
            let WebhookService { namespace, name } = &arguments.webhook_service;
            let own = Own {
                objects: WebhookObjects::new(client, namespace, name),
                name: format!("{name}.{namespace}.svc"),
                identity: Arc::clone(&identity),
            };
            drop(spawn(own.look_after()));
        }
    }
    let bound = webhook::serve(address, identity, desk).await?;
    tracing::info!(address = %bound, "serving the webhook");
    Ok(())
}

/// Policies that cannot be loaded do not end a controller whose other policies decide already, as the Lease says: they are held, as they
/// would be in a controller that runs. Else they are the error.
async fn others_decide(
    client: Result<Client, Error>,
    candidate: &Candidate,
    unfit: Error,
) -> Result<Client, Error> {
    let Ok(client) = client else { return Err(unfit) };
    match Leadership::noted_before(&client, candidate, POLICIES).await {
        Ok(Some(_)) => {
            tracing::error!(error = %unfit, "the policies cannot be loaded: what decided before is frozen");
            Ok(client)
        }
        _ => Err(unfit),
    }
}

/// What the program has loaded at its start.
struct Loaded {
    policies: Vec<Policy>,
    deciders: Deciders,
}

/// Loads the planner and the policies, and completes and checks the settings. If only the policies cannot be used: the planner without
/// policies, and why.
async fn loaded(arguments: &RunArguments, settings: &mut Settings) -> Result<(Loaded, Option<Error>), Error> {
    let components = arguments.components.clone();
    let load = move || {
        let engine = Engine::new(Limits::default());
        let read = components.policies(&mut |message| tracing::warn!("{message}"));
        let load = |policy: &PolicyComponent| Ok(Policy::load(&engine, &policy.name, &policy.bytes)?);
        let policies = read.and_then(|read| read.iter().map(load).collect::<Result<Vec<Policy>, Error>>());
        Makers::load(components.planner.as_deref(), &[], &engine).map(|planner| (Arc::new(planner), policies))
    };
    let (planner, policies) = spawn_blocking(load).await??;
    let name =
        arguments.settings.settings.as_ref().map_or_else(String::new, |path| path.display().to_string());
    let without = Deciders::all(Arc::clone(&planner), &name, &[])?;
    let with =
        |policies: &[Policy], settings: &Settings| without.instead(policies, &name, &settings.policies);
    let loaded = policies.and_then(|policies| Ok(Loaded { deciders: with(&policies, settings)?, policies }));
    let (loaded, unfit) = match loaded {
        Ok(loaded) => (loaded, None),
        Err(error) => {
            settings.policies.clear();
            (Loaded { policies: Vec::new(), deciders: without }, Some(error))
        }
    };
    complete(settings, arguments, loaded.deciders.makers())?;
    Ok((loaded, unfit))
}

/// The policies that decide, and the files that may bring others.
fn swap(arguments: &RunArguments, loaded: Deciders, found: Found, page: Arc<PolicyPage>) -> Swap {
    let files = |sources: &[PolicySource], settings: Option<&PathBuf>| Files {
        sources: sources.to_vec(),
        reader: arguments.components.cache.reader(),
        settings: settings.cloned(),
        allowed: arguments.allow_policy.clone(),
        engine: Engine::new(Limits::default()),
    };
    let settings = arguments.settings.settings.as_ref();
    let policies = files(&arguments.components.policy, settings);
    let shadowed = files(&arguments.shadow_policy, arguments.shadow_settings.as_ref().or(settings));
    Swap::new(loaded, policies.watch(found), shadowed.watch(Found::nothing()), page)
}

async fn passes(
    arguments: &RunArguments,
    swap: Swap,
    mut settings: Settings,
    metrics: Arc<Metrics>,
) -> Result<Passes, Error> {
    let rate_share = Some(f64::from(arguments.aws_rate) / 100.0);
    let whereabouts = Whereabouts { rate_share, ..whereabouts(&arguments.live) };
    let (aws, mut observer) = whereabouts.observer(&mut settings).await?;
    if !arguments.once {
        observer.refresh_every(Duration::from_secs(arguments.interval));
    }
    for (point, policy) in swap.running().makers().policy_identities() {
        let decides = point.as_str();
        tracing::info!(policy = policy.name, sha256 = policy.sha256, decides, "policy loaded");
    }
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        region = aws.region(),
        vpc = observer.vpc_id(),
        cluster = settings.identity.cluster_id,
        controller = settings.identity.controller_id,
        planner = swap.running().makers().planner().sha256,
        "starting"
    );
    let recordings = arguments.record.open(&aws, &metrics)?;
    Ok(Passes {
        swap,
        executor: Executor::new(aws.clone(), &settings.identity),
        observer,
        changed_lately: Vec::new(),
        aws,
        settings,
        recordings,
        snapshots: None,
        board: None,
        desk: None,
        metrics,
    })
}
