//! What a process used, as Linux accounts it; elsewhere nothing is known.

use std::fs;

/// Clock ticks a second in `/proc`: what Linux shows to programs, whatever its own timer does.
const TICKS_PER_S: f64 = 100.0;

/// CPU seconds of a process so far, of all its threads, in user and in kernel mode.
pub(super) fn cpu_s(process: &str) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before may have blanks and brackets in it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let kernel: f64 = fields.next()?.parse().ok()?;
    Some((user + kernel) / TICKS_PER_S)
}

/// The most memory that a process ever had in RAM, in MiB.
pub(super) fn peak_mib(process: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
