//! Where a long search is kept: a file that appears whole or not at all.

use crate::errors::misuse;
use crate::tracer::failed;
use pyo3::PyErr;
use pyo3::exceptions::PyOSError;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use xous_sim_explore::{Checkpoint, Keeper};
use xous_sim_userland::behaviour::TraceError;

/// Between two times that a search is kept while it goes on.
const INTERVAL: Duration = Duration::from_secs(30);

/// Keeps a search in a file.
pub struct KeptInFile {
    path: PathBuf,
    /// What comes before the checkpoint: a line that says what it can be used for.
    heading: String,
    /// What the file held at first, until it is asked for.
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
    /// Reads the file, if there is one. Under other `settings` other states are stored, or other steps left out, which
    /// the states that are kept do not show.
    pub fn open(path: &str, settings: &str) -> Result<Self, PyErr> {
        let path = PathBuf::from(path);
        let heading = format!("{MARK}{}: {settings}\n", env!("CARGO_PKG_VERSION"));
        Ok(Self {
            found: read(&path, &heading)?,
            path,
            heading,
            loads: 0,
            saved: now(),
        })
    }

    /// Writes beside the file first, so that a crash leaves the old one.
    fn write(&self, checkpoint: &Checkpoint) -> io::Result<()> {
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        let mut file = BufWriter::new(File::create(&beside)?);
        file.write_all(self.heading.as_bytes())?;
        checkpoint.write_to(&mut file)?;
        file.into_inner()?;
        fs::rename(&beside, &self.path)
    }
}

/// What every such file begins with.
const MARK: &str = "xous_sim ";

/// What a file holds, if there is one.
fn read(path: &Path, heading: &str) -> Result<Option<Checkpoint>, PyErr> {
    match fs::read(path) {
        Ok(bytes) => parse(path, heading, &bytes).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(named(&error, path)),
    }
}

fn parse(path: &Path, heading: &str, bytes: &[u8]) -> Result<Checkpoint, PyErr> {
    let Some(kept) = bytes.strip_prefix(heading.as_bytes()) else {
        return Err(match bytes.starts_with(MARK.as_bytes()) {
            true => belongs_elsewhere(path),
            false => is_none(path),
        });
    };
    Checkpoint::from_bytes(kept).ok_or_else(|| is_none(path))
}

fn is_none(path: &Path) -> PyErr {
    let path = path.display();
    misuse(format!(
        "{path} is no checkpoint: remove it, or give another path"
    ))
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
        match self.loads {
            1 => Ok(self.found.take()),
            _ => read(&self.path, &self.heading).map_err(failed),
        }
    }

    fn is_due(&self) -> bool {
        self.saved.elapsed() >= INTERVAL
    }

    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), TraceError> {
        self.saved = now();
        self.write(checkpoint)
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
