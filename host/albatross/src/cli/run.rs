//! `albatross run`: reconciles AWS with a cluster, or once with manifests.

use std::{env, io::Read, sync::Arc, time::Duration};

use albatross_aws::Executor;
use albatross_cluster::{Events, Leadership, Statuses, Timing, Watches};
use albatross_contract::{Settings, Severity, Snapshot, file::override_settings};
use albatross_engine::{Engine, Limits};
use tokio::{select, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::{
    Verdict,
    ancestor::Ancestor,
    arguments::{LogFormat, RunArguments, UninstallArguments},
    console::Console,
    live::{block_on, environment, start_log, stop_on_signals, whereabouts},
    messages::{remark, report},
    planning,
    record_arguments::RecordArguments,
};
use crate::{
    error::Error,
    inputs::{
        ClusterIdSource, StatusSource, add_policies, allowances, mark_missing_route_groups, read_manifests,
        require_identity,
    },
    live::{
        capture::{self, Whereabouts},
        controller::Controller,
        health, lease,
        metrics::Metrics,
        once,
        pass::Passes,
        settings::check,
        state::State,
    },
    pass::Makers,
    render::{summary::Summary, terms},
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
    start_log(arguments.log, arguments.ancestor.log_level)?;
    remark(&arguments.ancestor.remarks, console);
    let settings = settings(arguments)?;
    remark(&arguments.ancestor.advice(&settings)?, console);
    if arguments.once {
        return run_once(arguments, settings, standard_input, console);
    }
    block_on(control(arguments, settings, None))?;
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
        live: inputs.live,
        settings: inputs.settings,
        components,
        record: RecordArguments::none(),
        interval: 60,
        aws_rate: 25,
        // Nobody asks for the health of a command.
        listen: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
        lease_namespace,
        log: LogFormat::Text,
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
    let converged = block_on(async {
        let shutdown = stop_on_signals();
        let metrics = Arc::default();
        let mut passes = passes(arguments, makers, settings, metrics).await?;
        once::converge(&mut passes, &manifests.cluster, &shutdown).await
    })?;
    let pass = &converged.last.pass;
    // There is no cluster to write statuses to, so none of them counts.
    let summary = Summary { statuses: 0, ..Summary::new(&pass.snapshot, &pass.plan) };
    console.write(&format!("{}\n", summary.line(&pass.snapshot, &pass.plan)));
    let mut verdict =
        report(&manifests.problems, &pass.snapshot.inventory.incomplete, &pass.failures, console);
    let outcomes = pass.plan.outcomes.iter().flat_map(|outcome| &outcome.diagnostics);
    let mut diagnostics = pass.plan.diagnostics.iter().chain(outcomes);
    let wrong = summary.unserved() || diagnostics.any(|it| it.severity == Severity::Error);
    let unserved = wrong.then(|| "not everything is as the manifests ask: see above".to_owned());
    for problem in converged.end.problem().into_iter().chain(unserved) {
        console.error(&problem);
        verdict = Verdict::Problems;
    }
    Ok(verdict)
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
    let controller = select! {
        prepared = prepare(arguments, settings, ends_when, shutdown.clone()) => prepared?,
        // This replica does not lead yet, and nothing was written.
        () = shutdown.cancelled() => {
            tracing::info!("ended");
            return Ok(());
        }
    };
    controller.run().await
}

async fn prepare(
    arguments: &RunArguments,
    mut settings: Settings,
    ends_when: EndsWhen,
    shutdown: CancellationToken,
) -> Result<Controller, Error> {
    let components = arguments.components.clone();
    let load = move || {
        let policies = components.policies(&mut |message| tracing::warn!("{message}"))?;
        let engine = Engine::new(Limits::default());
        Makers::load(components.planner.as_deref(), &policies, &engine)
    };
    let makers = spawn_blocking(load).await??;
    complete(&mut settings, arguments, &makers)?;
    let metrics = Arc::new(Metrics::default());
    let state = Arc::new(State::starting());
    let address = health::serve(arguments.listen, Arc::clone(&state), Arc::clone(&metrics))
        .await
        .map_err(|source| Error::Listen { address: arguments.listen, source })?;
    tracing::info!(%address, "serving the health endpoints");
    let client = whereabouts(&arguments.live).client().await?;
    capture::identify_when_reached(&client, &mut settings, &state).await?;
    let machine = env::var("POD_NAME").or_else(|_| env::var("HOSTNAME")).unwrap_or_default();
    let candidate = lease::candidate(&settings, &arguments.lease_namespace, &machine)?;
    let passes = passes(arguments, makers, settings, metrics).await?;
    let watches = Watches::start(&client, &passes.settings);
    Ok(Controller {
        passes,
        statuses: Statuses::new(&client, &watches),
        events: Events::new(&client, &candidate),
        leadership: Leadership::start(&client, candidate, Timing::default()),
        watches,
        state,
        interval: Duration::from_secs(arguments.interval),
        shutdown,
        ends_when,
    })
}

async fn passes(
    arguments: &RunArguments,
    makers: Makers,
    mut settings: Settings,
    metrics: Arc<Metrics>,
) -> Result<Passes, Error> {
    let rate_share = Some(f64::from(arguments.aws_rate) / 100.0);
    let whereabouts = Whereabouts { rate_share, ..whereabouts(&arguments.live) };
    let (aws, mut observer) = whereabouts.observer(&mut settings).await?;
    if !arguments.once {
        observer.refresh_every(Duration::from_secs(arguments.interval));
    }
    for (point, policy) in makers.policy_identities() {
        let decides = terms::policy_point(point);
        tracing::info!(policy = policy.name, sha256 = policy.sha256, decides, "policy loaded");
    }
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        region = aws.region(),
        vpc = observer.vpc_id(),
        cluster = settings.identity.cluster_id,
        controller = settings.identity.controller_id,
        planner = makers.planner().sha256,
        "starting"
    );
    Ok(Passes {
        makers: Arc::new(makers),
        executor: Executor::new(aws.clone(), &settings.identity),
        observer,
        aws,
        settings,
        recordings: arguments.record.open()?,
        metrics,
    })
}
