//! `simulate --serve`: the load balancers of a simulation on ports of this machine.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use albatross_files::write_in_one_step;
use albatross_local_balancer::{Authority, Backends, FirstPort, Limits, LocalBalancers, Place};
use albatross_manifests::Problem;
use tokio::{runtime, time::sleep};

use super::{
    arguments::ServeArguments,
    messages::{remark, report},
    signals::Signals,
    simulation_text::TextWatcher,
};
use crate::{
    error::Error,
    inputs::{ClusterInput, StatusSource, read_manifests},
    page::{self, Board, Past, Shown},
    render::serving::{places, watching},
    serve::{Files, Noted, Noting, State},
    simulation::Simulation,
};

/// How often the files are looked at. A change counts at the second look.
const LOOK: Duration = Duration::from_millis(300);
/// Where the page is by default. If another program has this port: any free one.
const PAGE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8000);
/// The threads that answer requests.
const THREADS: usize = 2;
/// How long requests that are being answered may take when the program ends.
const END: Duration = Duration::from_secs(1);
/// What follows the errors of a change.
const SERVED_ON: &str = "the manifests from before this change are served on until it is corrected";

/// What is followed while requests are answered.
pub struct Followed<'a> {
    /// The manifests of the last step.
    pub manifests: &'a [PathBuf],
    /// The same manifests as files that may change.
    pub files: Files,
    /// Objects of theirs that could not be read in the last step.
    pub problems: Vec<Problem>,
}

/// Checks the arguments before a simulation that may take long.
///
/// # Errors
/// Two backends for one Service.
pub fn backends(arguments: &ServeArguments) -> Result<Backends, Error> {
    let mut backends = BTreeMap::new();
    for (service, backend) in &arguments.backend {
        if backends.insert(service.clone(), backend.clone()).is_some() {
            return Err(Error::BackendTwice { service: service.clone() });
        }
    }
    Ok(backends)
}

/// Answers requests and follows the manifests until a signal comes.
///
/// # Errors
/// A port cannot be used, or the certificate cannot be written.
pub fn run(
    simulation: &mut Simulation,
    followed: Followed<'_>,
    arguments: &ServeArguments,
    watcher: &mut TextWatcher<'_>,
) -> Result<(), Error> {
    let authority = Authority::new()?;
    if let Some(path) = &arguments.serve_ca {
        let unwritable = |source| Error::Unwritable { path: path.clone(), source };
        write_in_one_step(path, authority.certificate().as_bytes()).map_err(unwritable)?;
    }
    let first = arguments.serve_port.map_or(FirstPort::OfListener, FirstPort::Fixed);
    let balancers = LocalBalancers::new(authority, backends(arguments)?, first, Limits::default());
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .map_err(|source| Error::Runtime { source })?;
    let board = Arc::new(Board::default());
    let mut serving = Serving { simulation, balancers, followed, arguments, watcher, board, shown: None };
    let ended = runtime.block_on(serving.run());
    drop(serving);
    runtime.shutdown_timeout(END);
    ended
}

/// A simulation whose load balancers answer requests.
struct Serving<'a, 'c> {
    simulation: &'a mut Simulation,
    balancers: LocalBalancers,
    followed: Followed<'a>,
    arguments: &'a ServeArguments,
    watcher: &'a mut TextWatcher<'c>,
    /// Where passes are put up for the page.
    board: Arc<Board>,
    /// The addresses that were printed last.
    shown: Option<Vec<Place>>,
}

impl Serving<'_, '_> {
    async fn run(&mut self) -> Result<(), Error> {
        let mut signals = Signals::install();
        let page = self.serve_page().await?;
        let state = self.publish(Vec::new()).await?;
        for service in self.arguments.backend.iter().map(|(service, _)| service) {
            if !state.forwards_to(service) {
                let message = format!(
                    "--backend {service}: no load balancer forwards to this Service yet; check the name if one should"
                );
                self.watcher.console().warning(&message);
            }
        }
        self.watcher.console().write(&watching(self.followed.files.paths(), page));
        loop {
            tokio::select! {
                () = signals.next() => return Ok(()),
                () = sleep(LOOK) => {}
            }
            if self.followed.files.have_changed() {
                self.follow().await;
            }
        }
    }

    /// Serves the page. Returns its address.
    async fn serve_page(&self) -> Result<SocketAddr, Error> {
        let board = || Arc::clone(&self.board);
        let served = match self.arguments.page {
            Some(address) => page::serve(address, board()).await,
            None => match page::serve(PAGE, board()).await {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    page::serve(SocketAddr::new(PAGE.ip(), 0), board()).await
                }
                served => served,
            },
        };
        let address = self.arguments.page.unwrap_or(PAGE);
        served.map_err(|source| Error::ListenForPage { address, source })
    }

    /// Serves what the load balancers of the simulation serve now, and prints their addresses if they are new. `passes`: those that
    /// led there.
    async fn publish(&mut self, passes: Vec<Noted>) -> Result<State, Error> {
        let (makers, pass) = self.simulation.now()?;
        let state = State::of(&pass, makers);
        let makers = Arc::new(makers.clone());
        for Noted { snapshot, plan, results, past } in passes {
            let (makers, messages) = (Arc::clone(&makers), Vec::new());
            self.board.show(Shown { snapshot, plan, results, is_superseded: false, makers, messages }, past);
        }
        let messages = self.followed.problems.iter().map(ToString::to_string);
        let messages = messages.chain(pass.failures.iter().map(ToString::to_string)).collect();
        let now = Past::new(&pass.snapshot, &pass.plan, &[], pass.took);
        let (snapshot, plan) = (pass.snapshot, pass.plan);
        let shown = Shown { snapshot, plan, results: Vec::new(), is_superseded: false, makers, messages };
        self.board.show(shown, now);
        self.balancers.serve(state.fronts.clone(), &state.explain).await?;
        let now = self.balancers.places();
        if self.shown.as_ref() != Some(&now) {
            let console = self.watcher.console();
            let text = places(&now, &state.hosts, self.arguments.serve_ca.as_deref(), console.style());
            console.write(&text);
            self.shown = Some(now);
        }
        Ok(state)
    }

    /// Applies the manifests as they are now. If that is not possible, what was served before is served on.
    async fn follow(&mut self) {
        let input = read_manifests(self.followed.manifests, StatusSource::Simulation, &mut io::empty());
        let applied = match input {
            Ok(input) => self.apply(input).await,
            Err(error) => Err(error),
        };
        if let Err(error) = applied {
            let console = self.watcher.console();
            console.error(&error.to_string());
            console.warning(SERVED_ON);
            self.put_up_failure(error.to_string());
        }
    }

    /// Says on the page that a change is not served.
    fn put_up_failure(&self, message: String) {
        let page = self.board.page();
        let time = page.shown.as_ref().map(|shown| shown.snapshot.time).unwrap_or_default();
        self.board.failed(time, message);
    }

    async fn apply(&mut self, input: ClusterInput) -> Result<(), Error> {
        let known: BTreeSet<&str> =
            self.followed.problems.iter().map(|problem| problem.place.file.as_str()).collect();
        let console = self.watcher.console();
        if input.problems.iter().any(|problem| !known.contains(problem.place.file.as_str())) {
            input.problems.iter().for_each(|problem| console.error(&problem.to_string()));
            console.warning(SERVED_ON);
            let problems: Vec<String> = input.problems.iter().map(ToString::to_string).collect();
            self.put_up_failure(problems.join("; "));
            return Ok(());
        }
        remark(&input.remarks, console);
        report(&input.problems, &[], &[], console);
        self.followed.problems = input.problems;
        let mut noting = Noting::new(self.watcher);
        let settled = self.simulation.step(input.cluster, &mut noting)?;
        let passes = noting.passes;
        if !settled {
            self.watcher.console().error("the simulation did not converge, or a policy failed: see above");
        }
        self.publish(passes).await.map(drop)
    }
}
