//! How much memory this process may yet take: the least of what several limits leave it, as Linux tells in files.
//!
//! A failed allocation ends the process, so a search ends before one can fail, or after one that only the
//! [ballast](crate::ballast) could satisfy. Left out: systems that tell nothing of the kind and fail no allocation, but
//! end a process that takes too much.

use crate::ballast;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What must be left for all that is allocated between two looks, and behind the search: by it, and by Python.
const RESERVE: u64 = 64 << 20;
/// Between two looks.
const INTERVAL: Duration = Duration::from_millis(20);

/// Somebody who looks now and then.
pub struct Memory {
    looked: Option<Instant>,
    left: u64,
    cgroups: Vec<Cgroup>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "when memory is looked at changes nothing that is found"
)]
fn now() -> Instant {
    Instant::now()
}

impl Memory {
    /// Nobody has looked yet.
    pub fn new() -> Self {
        ballast::hold();
        Self {
            looked: None,
            left: u64::MAX,
            cgroups: Cgroup::of_this_process(),
        }
    }

    /// Whether less than so many bytes is left, beside the reserve.
    pub fn lacks(&mut self, bytes: u64) -> bool {
        if self
            .looked
            .is_none_or(|looked| looked.elapsed() >= INTERVAL)
        {
            self.left = self.look();
            self.looked = Some(now());
        }
        !ballast::is_held() || self.left < bytes.saturating_add(RESERVE)
    }

    fn look(&self) -> u64 {
        let cgroups = self.cgroups.iter().filter_map(Cgroup::left);
        let all = [left_by_resource_limits(), left_by_the_machine()];
        let all = all.into_iter().flatten().chain(cgroups);
        all.min().unwrap_or(u64::MAX)
    }
}

/// What the limits of `setrlimit` leave.
fn left_by_resource_limits() -> Option<u64> {
    let limits = read_to_string("/proc/self/limits").ok()?;
    let status = read_to_string("/proc/self/status").ok()?;
    let left = |limit, used| {
        let limit = number_behind(&limits, limit)?;
        Some(limit.saturating_sub(1024 * number_behind(&status, used)?))
    };
    let space = left("Max address space", "VmSize:");
    space
        .into_iter()
        .chain(left("Max data size", "VmData:"))
        .min()
}

/// What the machine has for everybody.
fn left_by_the_machine() -> Option<u64> {
    let all = read_to_string("/proc/meminfo").ok()?;
    let swap = number_behind(&all, "SwapFree:").unwrap_or(0);
    Some(1024 * (number_behind(&all, "MemAvailable:")? + swap))
}

/// The number that stands behind a word at the beginning of a line; `None` if none does.
fn number_behind(text: &str, word: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(word))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// A group of processes whose memory is limited.
struct Cgroup {
    limit: PathBuf,
    used: PathBuf,
    /// Where it is told how much of that are files, which need not stay in memory.
    shares: PathBuf,
}

impl Cgroup {
    /// The groups that this process is in, of version 2 and of version 1.
    fn of_this_process() -> Vec<Self> {
        let all = read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mut found = Vec::new();
        for line in all.lines() {
            let mut parts = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
                continue;
            };
            let (root, limit, used) = match controllers {
                "" => ("/sys/fs/cgroup", "memory.max", "memory.current"),
                "memory" => (
                    "/sys/fs/cgroup/memory",
                    "memory.limit_in_bytes",
                    "memory.usage_in_bytes",
                ),
                _ => continue,
            };
            // Seen from inside a container, the path may not be there, but the root is the container's own.
            let path = Path::new(path.trim_start_matches('/'));
            found.extend(path.ancestors().map(|group| Self {
                limit: Path::new(root).join(group).join(limit),
                used: Path::new(root).join(group).join(used),
                shares: Path::new(root).join(group).join("memory.stat"),
            }));
        }
        found.retain(|group| read_to_string(&group.limit).is_ok());
        found
    }

    fn left(&self) -> Option<u64> {
        let number = |path| read_to_string(path).ok()?.trim().parse::<u64>().ok();
        let limit = number(&self.limit)?;
        let shares = read_to_string(&self.shares).unwrap_or_default();
        let files = number_behind(&shares, "inactive_file ").unwrap_or(0);
        Some(limit.saturating_sub(number(&self.used)?.saturating_sub(files)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_behind_its_word_and_no_limit_is_none() {
        let text =
            "Max data size             unlimited   unlimited   bytes\nVmSize:\t  189132 kB\n";
        assert_eq!(number_behind(text, "VmSize:"), Some(189_132));
        assert_eq!(number_behind(text, "Max data size"), None);
        assert_eq!(number_behind(text, "VmData:"), None);
    }

    #[test]
    fn more_than_there_is_is_lacking() {
        let mut memory = Memory::new();
        assert!(!cfg!(target_os = "linux") || memory.lacks(u64::MAX));
    }
}
