//! The election with times from outside.

use super::*;

const TIMING: Timing = Timing { duration: Duration::from_secs(30), retry: Duration::from_secs(5) };

/// An API server that holds one Lease, and a clock that all see.
struct World {
    start: Instant,
    seconds: u64,
    lease: Option<Lease>,
    version: u64,
}

impl World {
    fn new() -> World {
        World { start: Instant::now(), seconds: 0, lease: None, version: 0 }
    }

    fn now(&self) -> Moment {
        let since = Duration::from_secs(self.seconds);
        Moment { monotonic: self.start + since, system: SystemTime::UNIX_EPOCH + since }
    }

    fn look(&self, ballot: &mut Ballot) {
        ballot.observe(self.lease.clone(), self.now().monotonic);
    }

    /// What the API server says to a write: the Lease, or a conflict.
    fn store(&mut self, mut lease: Lease, version: Option<&str>) -> Option<Lease> {
        let current = self.lease.as_ref().and_then(|lease| lease.metadata.resource_version.as_deref());
        if current != version {
            return None;
        }
        self.version += 1;
        lease.metadata.resource_version = Some(self.version.to_string());
        self.lease = Some(lease.clone());
        Some(lease)
    }

    /// Does the step that was decided on, sent now and answered now.
    fn write(&mut self, ballot: &mut Ballot) -> bool {
        let sent = self.now();
        let lease = match ballot.step(sent.monotonic, jiff::Timestamp::UNIX_EPOCH) {
            Step::Wait => return false,
            Step::Create(lease) => self.store(*lease, None),
            Step::Replace(lease) => {
                let version = lease.metadata.resource_version.clone();
                self.store(*lease, version.as_deref())
            }
        };
        let Some(lease) = lease else { return false };
        ballot.wrote(lease, sent);
        true
    }

    fn remaining(&self, ballot: &Ballot) -> u64 {
        ballot.remaining(self.now()).as_secs()
    }
}

fn ballot(identity: &str) -> Ballot {
    Ballot::new(identity.to_owned(), TIMING)
}

fn transitions(world: &World) -> Option<i32> {
    world.lease.as_ref()?.spec.as_ref()?.lease_transitions
}

#[test]
fn the_first_candidate_creates_the_lease_and_holds_it_for_its_duration_less_a_tenth() {
    let (mut world, mut first) = (World::new(), ballot("first"));
    world.look(&mut first);
    assert!(world.write(&mut first));
    assert_eq!(world.remaining(&first), 27);
    world.seconds = 26;
    assert_eq!(world.remaining(&first), 1);
    world.seconds = 27;
    assert_eq!(world.remaining(&first), 0);
}

#[test]
fn another_candidate_waits_until_it_has_seen_no_renewal_for_the_whole_duration() {
    let (mut world, mut first, mut second) = (World::new(), ballot("first"), ballot("second"));
    assert!(world.write(&mut first));
    world.seconds = 20;
    world.look(&mut second);
    world.seconds = 25;
    assert!(world.write(&mut first));
    for seconds in [40, 54] {
        world.seconds = seconds;
        world.look(&mut second);
        assert!(!world.write(&mut second), "at {seconds} s");
    }
    // It saw the renewal of second 25 at second 40.
    world.seconds = 70;
    world.look(&mut second);
    assert_eq!(world.remaining(&first), 0);
    assert!(world.write(&mut second));
    assert_eq!(world.remaining(&second), 27);
    assert_eq!(transitions(&world), Some(2));
}

#[test]
fn of_two_candidates_that_find_the_lease_expired_one_gets_it() {
    let (mut world, mut first) = (World::new(), ballot("first"));
    let (mut second, mut third) = (ballot("second"), ballot("third"));
    assert!(world.write(&mut first));
    world.look(&mut second);
    world.look(&mut third);
    world.seconds = 30;
    assert!(world.write(&mut second));
    assert!(!world.write(&mut third), "the version it replaces is gone");
    world.look(&mut third);
    assert!(!world.write(&mut third));
    assert_eq!((world.remaining(&second), world.remaining(&third)), (27, 0));
}

#[test]
fn a_renewal_that_comes_too_late_is_refused() {
    let (mut world, mut first, mut second) = (World::new(), ballot("first"), ballot("second"));
    assert!(world.write(&mut first));
    world.look(&mut second);
    world.seconds = 30;
    assert!(world.write(&mut second));
    assert!(!world.write(&mut first));
    world.look(&mut first);
    assert_eq!(first.holder().map(String::as_str), Some("second"));
    assert!(!world.write(&mut first));
}

#[test]
fn a_renewal_whose_answer_was_lost_gives_no_time_and_is_found_again() {
    let (mut world, mut first) = (World::new(), ballot("first"));
    assert!(world.write(&mut first));
    world.seconds = 20;
    let Step::Replace(lease) = first.step(world.now().monotonic, jiff::Timestamp::UNIX_EPOCH) else {
        panic!("it renews")
    };
    let version = lease.metadata.resource_version.clone();
    assert!(world.store(*lease, version.as_deref()).is_some());
    world.seconds = 25;
    assert_eq!(world.remaining(&first), 2, "counted from the write that is known to have arrived");
    assert!(!world.write(&mut first));
    world.look(&mut first);
    assert!(world.write(&mut first));
    assert_eq!(world.remaining(&first), 27);
    assert_eq!(transitions(&world), Some(1), "it never changed hands");
}

#[test]
fn a_released_lease_is_taken_at_once() {
    let (mut world, mut first, mut second) = (World::new(), ballot("first"), ballot("second"));
    assert!(world.write(&mut first));
    first.let_go();
    assert_eq!(world.remaining(&first), 0);
    let released = first.release(jiff::Timestamp::UNIX_EPOCH).unwrap();
    let version = released.metadata.resource_version.clone();
    assert!(world.store(released, version.as_deref()).is_some());
    world.seconds = 1;
    world.look(&mut second);
    assert!(world.write(&mut second));
    assert_eq!(world.remaining(&second), 27);
}

#[test]
fn a_candidate_that_does_not_hold_the_lease_releases_nothing() {
    let (mut world, mut first, mut second) = (World::new(), ballot("first"), ballot("second"));
    assert!(world.write(&mut first));
    world.look(&mut second);
    assert_eq!(second.release(jiff::Timestamp::UNIX_EPOCH), None);
}

#[test]
fn a_lease_that_somebody_deleted_is_not_free_before_its_holders_time_is_over() {
    let (mut world, mut first, mut second) = (World::new(), ballot("first"), ballot("second"));
    assert!(world.write(&mut first));
    world.look(&mut second);
    world.lease = None;
    world.seconds = 10;
    world.look(&mut second);
    assert!(!world.write(&mut second), "the first one still holds it for 17 s");
    world.look(&mut first);
    assert!(world.write(&mut first), "and makes it anew");
    assert_eq!(world.remaining(&first), 27);
}

#[test]
fn the_duration_that_counts_is_the_one_that_the_holder_wrote() {
    let mut world = World::new();
    let mut slow = Ballot::new(
        "slow".to_owned(),
        Timing { duration: Duration::from_secs(120), retry: Duration::from_secs(5) },
    );
    let mut second = ballot("second");
    assert!(world.write(&mut slow));
    world.look(&mut second);
    world.seconds = 119;
    assert!(!world.write(&mut second));
    world.seconds = 120;
    assert!(world.write(&mut second));
}

#[test]
fn time_in_which_the_machine_was_suspended_counts() {
    let (mut world, mut first) = (World::new(), ballot("first"));
    assert!(world.write(&mut first));
    let monotonic = world.now().monotonic;
    world.seconds = 60;
    let woken = Moment { monotonic, ..world.now() };
    assert_eq!(first.remaining(woken), Duration::ZERO);
}

#[test]
fn a_system_clock_that_is_set_back_gives_no_time() {
    let (mut world, mut first) = (World::new(), ballot("first"));
    world.seconds = 1000;
    assert!(world.write(&mut first));
    world.seconds = 1027;
    let set_back = Moment { system: SystemTime::UNIX_EPOCH, ..world.now() };
    assert_eq!(first.remaining(set_back), Duration::ZERO);
}

fn annotations(world: &World) -> BTreeMap<String, String> {
    world.lease.as_ref().and_then(|lease| lease.metadata.annotations.clone()).unwrap_or_default()
}

#[test]
fn the_next_leader_reads_what_the_last_leader_noted() {
    let (mut world, mut first, mut second) = (World::new(), ballot("first"), ballot("second"));
    assert!(world.write(&mut first));
    first.note("policies", "grouping=a");
    assert!(world.write(&mut first));
    world.look(&mut second);
    world.seconds = 30;
    assert!(world.write(&mut second));
    assert_eq!(second.noted("policies").map(String::as_str), Some("grouping=a"));
    assert_eq!(annotations(&world).len(), 1, "{:?}", annotations(&world));
}

#[test]
fn a_note_of_an_earlier_term_does_not_overwrite_that_of_the_leader_between() {
    let (mut world, mut first, mut second) = (World::new(), ballot("first"), ballot("second"));
    assert!(world.write(&mut first));
    first.note("policies", "grouping=a");
    assert!(world.write(&mut first));
    world.look(&mut second);
    world.seconds = 30;
    assert!(world.write(&mut second));
    second.note("policies", "grouping=b");
    assert!(world.write(&mut second));
    world.look(&mut first);
    world.seconds = 60;
    assert!(world.write(&mut first));
    // The renewal after the first write is that of a holder who stays.
    world.seconds = 65;
    assert!(world.write(&mut first));
    assert_eq!(annotations(&world)["policies"], "grouping=b");
    assert_eq!(first.noted("policies").map(String::as_str), Some("grouping=b"));
}

#[test]
fn a_lease_that_somebody_deletes_is_created_again_with_what_was_noted() {
    let (mut world, mut first) = (World::new(), ballot("first"));
    assert!(world.write(&mut first));
    first.note("policies", "grouping=a");
    assert!(world.write(&mut first));
    world.lease = None;
    world.look(&mut first);
    assert!(world.write(&mut first));
    assert_eq!(annotations(&world)["policies"], "grouping=a");
}
