//! Folders: what is recorded is read again, and what somebody has removed, cut off or put there is named.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use crate::{
    Bounds, Copy, Directory, Fault, Folder, FolderError, Lock, Name, PassId, Recorder, Store, Stored,
    Unusable, bounds::Kept, read_file,
};

const START: u64 = 1_795_253_400;
const NO_BOUNDS: Bounds = Bounds { passes: usize::MAX, bytes: u64::MAX, age: u64::MAX };

/// A folder for one test, which is removed afterwards.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("albatross-recordings-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Place(path)
    }

    fn recorder(&self, bounds: Bounds) -> Recorder {
        Recorder::open(&self.0, bounds).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name != ".recorder.lock")
            .collect();
        names.sort();
        names
    }

    fn read(&self) -> Vec<Result<Vec<u8>, Unusable>> {
        let folder = Folder::open(&self.0).unwrap();
        let passes =
            folder.groups().iter().flat_map(|group| group.read().map(|read| read.map(|(_, bytes)| bytes)));
        passes.collect()
    }

    fn faults(&self) -> Vec<String> {
        let faults = self.read().into_iter().filter_map(Result::err).map(|unusable| unusable.to_string());
        faults.map(|text| text.replace(&format!("{}/", self.0.display()), "")).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A pass of a fleet in which one line is different each time.
fn pass(number: u64) -> Vec<u8> {
    let line = |at: u64| format!("ingress {at} {}\n", at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20);
    let mut text: String = (0..2_000).map(line).collect();
    text.push_str(&format!("changed by pass {number}\n"));
    text.into_bytes()
}

fn record(recorder: &mut Recorder, passes: std::ops::Range<u64>) -> Vec<PathBuf> {
    passes.map(|number| recorder.record(START + 60 * number, &pass(number)).unwrap()).collect()
}

fn is_whole(path: &Path) -> bool {
    matches!(Name::parse(path.file_name().unwrap().to_str().unwrap()), Some(Name::Whole(_)))
}

#[test]
fn passes_are_read_as_they_were_recorded_in_their_order() {
    let place = Place::new();
    let files = record(&mut place.recorder(NO_BOUNDS), 0..210);
    let read: Vec<Vec<u8>> = place.read().into_iter().map(Result::unwrap).collect();
    assert_eq!(read, (0..210).map(pass).collect::<Vec<_>>());
    let whole: Vec<usize> = (0..files.len()).filter(|at| is_whole(&files[*at])).collect();
    assert_eq!(whole, [0, 200], "a group has at most 200 passes");
    for (number, file) in (0..).zip(&files).step_by(69) {
        assert_eq!(read_file(file).unwrap().unwrap(), pass(number), "each file can be read alone");
    }
}

#[test]
fn most_passes_are_a_small_part_of_a_whole_one() {
    let place = Place::new();
    let files = record(&mut place.recorder(NO_BOUNDS), 0..3);
    let size = |at: usize| fs::metadata(&files[at]).unwrap().len();
    assert!(size(1) * 50 < size(0), "{} and {} bytes", size(0), size(1));
}

#[test]
fn a_new_process_begins_with_a_whole_pass_and_continues_the_numbers() {
    let place = Place::new();
    record(&mut place.recorder(NO_BOUNDS), 0..2);
    let files = record(&mut place.recorder(NO_BOUNDS), 0..2);
    let names: Vec<&str> = files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(
        names,
        ["pass-1795253400-00000002.json.zst", "pass-1795253460-00000003-upon-1795253400-00000002.json.zst"],
    );
    assert_eq!(place.read().into_iter().filter_map(Result::ok).count(), 4);
}

#[test]
fn a_group_ends_when_its_differences_are_as_large_as_its_whole_pass() {
    let place = Place::new();
    let mut recorder = place.recorder(NO_BOUNDS);
    let changed = |number: u64| -> Vec<u8> {
        // Every third line differs from all other passes.
        let line = |at: u64| {
            let seed = if at.is_multiple_of(3) { number + 1 } else { 0 };
            format!("{}\n", (at + 7_919 * seed).wrapping_mul(0x9e37_79b9_7f4a_7c15))
        };
        (0..2_000).map(line).collect::<String>().into_bytes()
    };
    let files: Vec<PathBuf> =
        (0..9).map(|number| recorder.record(START + number, &changed(number)).unwrap()).collect();
    let whole: Vec<usize> = (0..9).filter(|at| is_whole(&files[*at])).collect();
    assert!(whole.len() >= 3 && whole[1] >= 2, "{whole:?}");
    assert!(place.read().into_iter().all(|read| read.is_ok()));
}

#[test]
fn a_copy_has_the_passes_of_each_group_whichever_thread_writes_first() {
    let place = Place::new();
    let copy = Copy::create(&place.0).unwrap();
    let (mut first, mut second) = (copy.group(), copy.group());
    let id = |number: u32| PassId { time: START + u64::from(number), number };
    for number in [4, 5] {
        second.write(id(number), pass(number.into())).unwrap();
    }
    // Pass 0 could not be changed: the next one takes its place.
    for number in [1, 2] {
        first.write(id(number), pass(number.into())).unwrap();
    }
    let of = |number: u32| format!("pass-{}-{number:08}", START + u64::from(number));
    let names = [
        of(1),
        of(2) + &of(1).replacen("pass", "-upon", 1),
        of(4),
        of(5) + &of(4).replacen("pass", "-upon", 1),
    ];
    assert_eq!(place.names(), names.map(|name| name + ".json.zst"));
    let read: Vec<Vec<u8>> = place.read().into_iter().map(Result::unwrap).collect();
    assert_eq!(read, [1, 2, 4, 5].map(pass));
    assert!(matches!(Copy::create(&place.0), Err(FolderError::InUse { .. })));
}

#[test]
fn a_missing_whole_pass_is_named_by_each_pass_that_builds_upon_it() {
    let place = Place::new();
    let mut recorder = place.recorder(NO_BOUNDS);
    let files = record(&mut recorder, 0..3);
    fs::remove_file(&files[0]).unwrap();
    let base = "pass-1795253400-00000000.json.zst";
    assert_eq!(
        place.faults(),
        [1, 2].map(|number| format!(
            "pass-{}-{number:08}-upon-1795253400-00000000.json.zst: it builds upon {base}, which is not there",
            START + 60 * number
        ))
    );
    // The recorder notices it too, and begins anew.
    assert!(is_whole(&record(&mut recorder, 3..4)[0]));
}

#[test]
fn a_file_that_is_cut_off_is_named_and_the_rest_is_read() {
    let place = Place::new();
    let files = record(&mut place.recorder(NO_BOUNDS), 0..4);
    let cut = |file: &Path| {
        let bytes = fs::read(file).unwrap();
        fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
    };
    cut(&files[2]);
    assert_eq!(place.read().iter().filter(|read| read.is_ok()).count(), 3);
    let faults = place.faults();
    assert!(
        faults[0].contains("-00000002-upon-") && faults[0].contains(": it is damaged or cut off: "),
        "{faults:?}"
    );
    cut(&files[0]);
    let faults = place.faults();
    assert!(faults[0].starts_with("pass-1795253400-00000000.json.zst: it is damaged"), "{faults:?}");
    assert!(
        faults[1].ends_with("it builds upon pass-1795253400-00000000.json.zst, which cannot be used"),
        "{faults:?}"
    );
    assert_eq!(faults.len(), 4);
}

#[test]
fn foreign_files_are_named_and_hidden_ones_are_left_alone() {
    let place = Place::new();
    record(&mut place.recorder(NO_BOUNDS), 0..1);
    fs::write(place.0.join("notes.txt"), "mine").unwrap();
    fs::write(place.0.join(".hidden"), "mine").unwrap();
    fs::create_dir(place.0.join("lost+found")).unwrap();
    fs::write(place.0.join("pass-1795253400-00000009.json.zst"), "not zstd").unwrap();
    fs::write(place.0.join("pass-1795253399.json"), "{}").unwrap();
    let folder = Folder::open(&place.0).unwrap();
    let others: Vec<String> = folder.others().iter().map(ToString::to_string).collect();
    assert_eq!(others.len(), 2, "{others:?}");
    assert!(others[0].ends_with("lost+found: this is not a recorded pass"), "{others:?}");
    assert!(others[1].ends_with("notes.txt: this is not a recorded pass"), "{others:?}");
    assert_eq!(
        place.faults(),
        ["pass-1795253400-00000009.json.zst: this is not a recorded pass, although its name says so"]
    );
    assert_eq!(place.read()[0].as_ref().unwrap(), b"{}", "a pass of an older version is not compressed");
    assert_eq!(folder.passes(), 3);
}

#[test]
fn the_files_of_all_passes_are_in_the_order_of_time() {
    let place = Place::new();
    let mut expected = record(&mut place.recorder(NO_BOUNDS), 0..2);
    for (at, name) in [(1, "pass-1795253430.json"), (0, "mine.json")] {
        fs::write(place.0.join(name), "{}").unwrap();
        expected.insert(at, place.0.join(name));
    }
    assert_eq!(Folder::open(&place.0).unwrap().files(), expected);
}

#[test]
fn what_an_interrupted_process_left_is_removed_and_nothing_else() {
    let place = Place::new();
    record(&mut place.recorder(NO_BOUNDS), 0..1);
    fs::write(place.0.join(".pass-1795253460-00000001.json.zst.tmp"), "half").unwrap();
    fs::write(place.0.join(".mine.tmp"), "mine").unwrap();
    place.recorder(NO_BOUNDS);
    assert_eq!(place.names(), [".mine.tmp", "pass-1795253400-00000000.json.zst"]);
}

/// After every pass: the bounds are kept, the newest pass is there, and no pass lacks its whole pass.
fn stays_within(bounds: Bounds, passes: u64) -> usize {
    let place = Place::new();
    let mut recorder = place.recorder(bounds);
    for number in 0..passes {
        let file = recorder.record(START + 60 * number, &pass(number)).unwrap();
        let files: Vec<PathBuf> = place.names().iter().map(|name| place.0.join(name)).collect();
        assert!(files.contains(&file));
        let names: Vec<Name> = place.names().iter().map(|name| Name::parse(name).unwrap()).collect();
        for name in &names {
            assert!(names.contains(&Name::Whole(name.whole())), "{name} lacks its whole pass");
            assert!(START + 60 * number - name.pass().time <= bounds.age, "{name} is too old");
        }
        let bytes: u64 = files.iter().map(|file| fs::metadata(file).unwrap().len()).sum();
        assert!(files.len() == 1 || bytes <= bounds.bytes, "{bytes} bytes");
        assert!(files.len() <= bounds.passes, "{} passes", files.len());
    }
    assert!(place.faults().is_empty());
    place.names().len()
}

#[test]
fn the_oldest_groups_go_when_a_bound_is_reached() {
    let kept = stays_within(Bounds { passes: 40, ..NO_BOUNDS }, 100);
    assert!(kept > 30, "never more than a quarter goes at once: {kept}");
    assert_eq!(stays_within(Bounds { passes: 1, ..NO_BOUNDS }, 5), 1);
    let kept = stays_within(Bounds { age: 3_600, ..NO_BOUNDS }, 200);
    assert!(kept >= 45, "{kept} of the 60 passes of the last hour");
    stays_within(Bounds { bytes: 80_000, ..NO_BOUNDS }, 100);
    assert_eq!(stays_within(Bounds { bytes: 10, ..NO_BOUNDS }, 5), 1, "the newest pass always stays");
}

#[test]
fn files_of_others_are_never_removed() {
    let place = Place::new();
    fs::create_dir_all(&place.0).unwrap();
    let others = ["notes.json", "pass-1795253399.txt", "pass-1795253399-mine.json"];
    others.iter().for_each(|name| fs::write(place.0.join(name), "{}").unwrap());
    record(&mut place.recorder(Bounds { passes: 1, bytes: 1, age: 1 }), 0..3);
    assert!(others.iter().all(|name| place.names().contains(&(*name).to_owned())), "{:?}", place.names());
}

#[test]
fn passes_of_older_versions_count_and_go_first() {
    let place = Place::new();
    fs::create_dir_all(&place.0).unwrap();
    for name in ["pass-1795253398.json", "pass-1795253399.json", "pass-1795253399-1.json"] {
        fs::write(place.0.join(name), "{}").unwrap();
    }
    let mut recorder = place.recorder(Bounds { passes: 4, ..NO_BOUNDS });
    record(&mut recorder, 0..2);
    assert_eq!(place.names()[..2], ["pass-1795253399-1.json", "pass-1795253399.json"]);
    record(&mut recorder, 2..4);
    assert!(place.names().iter().all(|name| name.ends_with(".zst")), "{:?}", place.names());
}

/// A folder on a volume of this many bytes: what is in the folder takes room on it.
#[derive(Debug)]
struct Volume {
    folder: Directory,
    size: u64,
}

impl Volume {
    fn recorder(place: &Place, size: u64) -> Recorder {
        Recorder::of(Arc::new(Volume { folder: Directory::new(&place.0), size }), NO_BOUNDS).unwrap()
    }
}

impl Store for Volume {
    fn place(&self) -> &Path {
        self.folder.place()
    }

    fn take(&self) -> Result<Lock, FolderError> {
        self.folder.take()
    }

    fn list(&self) -> io::Result<Vec<Stored>> {
        self.folder.list()
    }

    fn read(&self, name: &str, most: u64) -> Result<Vec<u8>, Fault> {
        self.folder.read(name, most)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let used: u64 = self.list()?.iter().map(|file| file.bytes).sum();
        if used + bytes.len() as u64 > self.size {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.folder.write(name, bytes)
    }

    fn remove(&self, names: &[String]) -> io::Result<()> {
        self.folder.remove(names)
    }
}

/// A folder without locks, as a place in a bucket is.
#[derive(Debug)]
struct Unlocked(Directory);

impl Store for Unlocked {
    fn place(&self) -> &Path {
        self.0.place()
    }

    fn take(&self) -> Result<Lock, FolderError> {
        fs::create_dir_all(self.0.place()).unwrap();
        Ok(Lock::none())
    }

    fn list(&self) -> io::Result<Vec<Stored>> {
        self.0.list()
    }

    fn read(&self, name: &str, most: u64) -> Result<Vec<u8>, Fault> {
        self.0.read(name, most)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.write(name, bytes)
    }

    fn remove(&self, names: &[String]) -> io::Result<()> {
        self.0.remove(names)
    }
}

#[test]
fn a_group_is_removed_with_the_passes_that_another_process_has_added_to_it() {
    for passes in [8, 12, 20, 40] {
        let place = Place::new();
        let bounds = Bounds { passes, ..NO_BOUNDS };
        let open = || Recorder::of(Arc::new(Unlocked(Directory::new(&place.0))), bounds).unwrap();
        let (mut one, mut other) = (open(), open());
        for at in 0..120 {
            // Both number their passes alike, so only the times tell them apart.
            let recorder = if at % 3 == 0 { &mut other } else { &mut one };
            recorder.record(START + 60 * at, &pass(at)).unwrap();
            assert_eq!(place.faults(), Vec::<String>::new(), "at most {passes} passes, after pass {at}");
            assert!(place.names().len() <= passes + passes / 4, "{} of {passes}", place.names().len());
        }
    }
}

#[test]
fn on_a_full_volume_the_oldest_passes_make_room_for_new_ones() {
    for (size, groups) in [(140_000, 2..), (30_000, 1..)] {
        let place = Place::new();
        for number in 0..40 {
            // Each process begins a group.
            let mut recorder = Volume::recorder(&place, size);
            for second in 0..8 {
                let at = number * 8 + second;
                let file = recorder.record(START + 60 * at, &pass(at)).unwrap();
                let last = place.names().pop().unwrap();
                assert_eq!(
                    file.file_name().unwrap().to_str(),
                    Some(last.as_str()),
                    "the newest pass is there"
                );
            }
        }
        assert!(place.faults().is_empty());
        let kept = place.names().iter().filter(|name| is_whole(Path::new(name))).count();
        assert!(groups.contains(&kept), "{kept} groups on a volume of {size} bytes");
    }
}

#[test]
fn a_volume_that_only_the_own_group_fills_gets_a_new_group() {
    let place = Place::new();
    record(&mut place.recorder(NO_BOUNDS), 0..1);
    let size = fs::metadata(place.0.join(&place.names()[0])).unwrap().len() + 10;
    fs::remove_file(place.0.join(&place.names()[0])).unwrap();
    let mut recorder = Volume::recorder(&place, size);
    record(&mut recorder, 0..1);
    let file = recorder.record(START + 60, &pass(1)).unwrap();
    assert!(is_whole(&file));
    assert_eq!(place.read().into_iter().map(Result::unwrap).collect::<Vec<_>>(), [pass(1)]);
}

#[test]
fn a_volume_that_others_fill_costs_no_more_than_the_oldest_group() {
    let place = Place::new();
    for number in 0..4 {
        record(&mut place.recorder(NO_BOUNDS), number..number + 1);
    }
    let mut recorder = Volume::recorder(&place, 0);
    // A whole pass takes as much as each of the older ones, give or take some bytes.
    recorder.record(START + 600, &pass(9)).unwrap_err();
    assert!(place.names().len() >= 2, "{:?}", place.names());
}

#[test]
fn when_the_clock_is_set_back_the_oldest_passes_go_and_not_the_newest() {
    let place = Place::new();
    let bounds = Bounds { passes: 8, ..NO_BOUNDS };
    record(&mut place.recorder(bounds), 0..8);
    let mut recorder = place.recorder(bounds);
    for number in 0..8 {
        recorder.record(START - 40 * 86_400 + 60 * number, &pass(100 + number)).unwrap();
        let read: Vec<Vec<u8>> = place.read().into_iter().map(Result::unwrap).collect();
        for newer in 0..=number {
            assert!(read.contains(&pass(100 + newer)), "{newer} of {number}: {:?}", place.names());
        }
    }
    assert_eq!(place.read().len(), 8);
}

#[test]
fn a_whole_pass_is_removed_after_its_differences_whatever_the_clock_says() {
    for time in [START - 3_600, START + 60] {
        let place = Place::new();
        let mut recorder = place.recorder(NO_BOUNDS);
        let whole = recorder.record(START, &pass(0)).unwrap();
        let difference = recorder.record(time, &pass(1)).unwrap();
        assert!(is_whole(&whole) && !is_whole(&difference));
        // A folder cannot be removed as a file is: as after a crash, the rest stays.
        fs::remove_file(&difference).unwrap();
        fs::create_dir(&difference).unwrap();
        let mut kept = Kept::of(&Folder::open(&place.0).unwrap());
        kept.remove_oldest(&Directory::new(&place.0), None).unwrap_err();
        assert!(whole.exists(), "no difference lacks its whole pass");
    }
}

#[test]
fn only_one_process_records_into_a_folder() {
    let place = Place::new();
    let mut recorder = place.recorder(NO_BOUNDS);
    fs::write(place.0.join(".pass-1795253460-00000001.json.zst.tmp"), "half").unwrap();
    let refused = Recorder::open(&place.0, NO_BOUNDS).unwrap_err();
    assert!(
        refused
            .to_string()
            .ends_with(": another process records into this folder; give each process a folder of its own")
    );
    assert_eq!(place.names(), [".pass-1795253460-00000001.json.zst.tmp"], "what the first one writes stays");
    record(&mut recorder, 0..1);
    drop(recorder);
    record(&mut place.recorder(NO_BOUNDS), 1..2);
}

#[cfg(unix)]
#[test]
fn pipes_and_folders_are_not_opened() {
    let place = Place::new();
    record(&mut place.recorder(NO_BOUNDS), 0..1);
    let pipe = place.0.join("pipe.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink(&pipe, place.0.join("link.json")).unwrap();
    std::os::unix::fs::symlink(&pipe, place.0.join("pass-1795253400-00000009.json.zst")).unwrap();
    let faults = place.faults();
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(faults.iter().all(|fault| fault.ends_with(": this is not a regular file")), "{faults:?}");
}

#[test]
fn a_clock_that_is_set_back_loses_nothing() {
    let place = Place::new();
    let mut recorder = place.recorder(NO_BOUNDS);
    for (number, time) in [(0, START), (1, START - 3_600), (2, START)] {
        recorder.record(time, &pass(number)).unwrap();
    }
    assert_eq!(place.read().into_iter().filter(Result::is_ok).count(), 3);
    assert!(matches!(
        read_file(&place.0.join("pass-1795253400-00000077.json.zst")).unwrap().unwrap_err().fault,
        Fault::Unreadable(_)
    ));
    assert!(read_file(Path::new("pass.json")).is_none());
    assert_eq!(PassId { time: 1, number: 2 }.to_string(), "0000000001-00000002");
}
