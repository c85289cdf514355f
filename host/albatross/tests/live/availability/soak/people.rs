//! People who change Ingresses, and what they want at the end.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::support::{
    World,
    objects::{delete_ingress, ingress},
    random::Random,
};

pub const DOMAINS: [&str; 3] = ["shop.example.org", "tools.example.org", "blog.example.org"];
const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// How long after a host was given up its record may be deleted.
const UNTIL_NOTICED: Duration = Duration::from_secs(30);

/// The hosts that people have given up: each may lose its record once, soon.
#[derive(Clone, Debug, Default)]
pub struct GivenUp(Arc<Mutex<Vec<(Instant, String)>>>);

impl GivenUp {
    fn add(&self, host: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), host));
    }

    /// Whether a record of this host may be deleted now. The host must be given up again before the next.
    pub fn excuses(&self, host: &str) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(since, _)| since.elapsed() < UNTIL_NOTICED);
        let place = all.iter().position(|(_, given_up)| given_up == host);
        place.map(|place| all.remove(place)).is_some()
    }
}

/// Creates, changes and deletes Ingresses until the soak is over. Returns the hosts of the remaining ones, by the name of the Ingress.
pub async fn people(
    world: Arc<World>,
    mut random: Random,
    given_up: GivenUp,
    over: Arc<AtomicBool>,
) -> BTreeMap<&'static str, String> {
    let mut there: BTreeMap<&str, String> = BTreeMap::new();
    while !over.load(Ordering::Relaxed) {
        let name = NAMES[random.below(NAMES.len())];
        if random.below(4) == 0
            && let Some(host) = there.remove(name)
        {
            given_up.add(host);
            delete_ingress(&world.administrator, name).await;
        } else {
            let host = format!("{name}.{}", DOMAINS[random.below(DOMAINS.len())]);
            if let Some(old) = there.insert(name, host.clone()).filter(|old| *old != host) {
                given_up.add(old);
            }
            world.apply(&ingress(name, &host)).await;
        }
        sleep(Duration::from_millis(300 + random.below(1_200) as u64)).await;
    }
    there
}
