//! Runs `albatross replay`, and looks at how long it takes and how much memory it has.

use std::{
    ffi::OsStr,
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Replays a folder with the program of the same profile. `tried`: more arguments, for what is tried.
pub fn replay(folder: &Path, tried: &[&OsStr]) {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(profile).join("albatross");
    if !program.exists() {
        println!("{} is not there: `make bench-replay` builds it", program.display());
        return;
    }
    let begin = Instant::now();
    let mut command = Command::new(program);
    command.arg("replay").arg(folder).args(tried).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut memory = 0;
    while child.try_wait().unwrap().is_none() {
        memory = peak(child.id()).unwrap_or(memory);
        thread::sleep(Duration::from_millis(20));
    }
    let took = begin.elapsed();
    let output = child.wait_with_output().unwrap();
    print!("{}", String::from_utf8_lossy(&output.stdout));
    let passes = albatross_recordings::Folder::open(folder).unwrap().passes();
    println!(
        "{:.1} s, {:.0} passes a second, at most {} MiB of memory; {} processors, load {}",
        took.as_secs_f64(),
        passes as f64 / took.as_secs_f64(),
        memory >> 10,
        thread::available_parallelism().unwrap(),
        fs::read_to_string("/proc/loadavg").unwrap_or_default().trim(),
    );
}

/// The most memory that a process has had so far, in KiB (proc(5), `VmHWM`).
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
