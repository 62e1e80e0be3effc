//! Where a long search is kept: a file that appears whole or not at all.

use crate::errors::misuse;
use crate::tracer::failed;
use pyo3::PyErr;
use pyo3::exceptions::PyOSError;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use xous_sim_explore::{Checkpoint, Keeper};
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::c11::MemoryModel;

/// Between two times that a search is kept while it goes on.
const INTERVAL: Duration = Duration::from_secs(30);

/// Keeps a search in a file.
pub struct KeptInFile {
    path: PathBuf,
    /// Which executions are searched.
    memory: MemoryModel,
    /// What the file held at first.
    found: Option<Checkpoint>,
    loads: u32,
    saved: Instant,
}

#[expect(
    clippy::disallowed_methods,
    reason = "when a search is kept changes nothing that is found"
)]
fn now() -> Instant {
    Instant::now()
}

impl KeptInFile {
    /// Reads the file, if there is one.
    pub fn open(path: &str, memory: MemoryModel) -> Result<Self, PyErr> {
        let path = PathBuf::from(path);
        let found = match fs::read(&path) {
            Ok(bytes) => Some(parse(&path, memory, &bytes)?),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(named(&error, &path)),
        };
        Ok(Self {
            path,
            memory,
            found,
            loads: 0,
            saved: now(),
        })
    }

    /// Writes beside the file first, so that a crash leaves the old one.
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        fs::write(&beside, bytes)?;
        fs::rename(&beside, &self.path)
    }
}

/// What comes before a checkpoint. Each schedule of a strong machine fits a weak one, so only this tells them apart.
fn heading(memory: MemoryModel) -> &'static [u8] {
    match memory {
        MemoryModel::SequentiallyConsistent => b"memory sc\n",
        MemoryModel::C11 => b"memory c11\n",
    }
}

fn parse(path: &Path, memory: MemoryModel, bytes: &[u8]) -> Result<Checkpoint, PyErr> {
    let other = match memory {
        MemoryModel::SequentiallyConsistent => MemoryModel::C11,
        MemoryModel::C11 => MemoryModel::SequentiallyConsistent,
    };
    if bytes.starts_with(heading(other)) {
        return Err(belongs_elsewhere(path));
    }
    let message = || {
        let path = path.display();
        misuse(format!(
            "{path} is no checkpoint: remove it, or give another path"
        ))
    };
    let kept = bytes.strip_prefix(heading(memory));
    kept.and_then(Checkpoint::from_bytes).ok_or_else(message)
}

/// Python's error for one of a file's, with the file's name.
fn named(error: &io::Error, path: &Path) -> PyErr {
    let path = path.display().to_string();
    let text = error.to_string();
    let what = text.split(" (os error").next().unwrap_or_default();
    match error.raw_os_error() {
        Some(number) => PyOSError::new_err((number, what.to_string(), path)),
        None => PyOSError::new_err(format!("{path}: {text}")),
    }
}

fn belongs_elsewhere(path: &Path) -> PyErr {
    let path = path.display();
    misuse(format!(
        "{path} is a checkpoint of another scenario, or of other settings: remove it, or give another path"
    ))
}

impl Keeper<TraceError> for KeptInFile {
    fn load(&mut self) -> Result<Option<Checkpoint>, TraceError> {
        self.loads += 1;
        Ok(self.found.clone())
    }

    fn is_due(&self) -> bool {
        self.saved.elapsed() >= INTERVAL
    }

    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), TraceError> {
        self.saved = now();
        self.write(&[heading(self.memory), &checkpoint.to_bytes()].concat())
            .map_err(|error| failed(named(&error, &self.path)))
    }

    fn finish(&mut self) -> Result<(), TraceError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(failed(named(&error, &self.path)))
            }
            _ => Ok(()),
        }
    }

    /// A search that had to begin again knows more of its bodies than the one that was kept may have known.
    fn refuse(&self) -> Option<TraceError> {
        (self.loads == 1).then(|| failed(belongs_elsewhere(&self.path)))
    }
}
