//! Recordings as JSON: a document holds one or several, so that they can be looked at side by side.
//!
//! `docs/trace.schema.json` describes it. Names that are not in it are refused: what a reader of another version would
//! not understand needs another version.

use crate::check::{FormatError, check};
use crate::recording::Recording;
use serde::{Deserialize, Serialize};

/// What says that a JSON file is one of these.
pub const FORMAT: &str = "xous_sim.trace";
/// The version that is written and read.
pub const VERSION: u32 = 1;

/// One or several recordings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    format: String,
    version: u32,
    /// The recordings, in the order in which they are shown.
    pub traces: Vec<Recording>,
}

/// What is read first, to tell a document of another version from a damaged one.
#[derive(Deserialize)]
struct Heading {
    #[serde(default)]
    format: String,
    #[serde(default)]
    version: u32,
}

impl Document {
    /// A document of these recordings.
    #[must_use]
    pub fn new(traces: Vec<Recording>) -> Self {
        Self {
            format: FORMAT.into(),
            version: VERSION,
            traces,
        }
    }

    /// The document as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.expect("names and numbers are all that a recording has") + "\n"
    }

    /// The same without blanks, for inside a page.
    pub(crate) fn to_compact_json(&self) -> String {
        serde_json::to_string(self).expect("names and numbers are all that a recording has")
    }

    /// Reads a document, and checks that its parts fit together.
    ///
    /// # Errors
    ///
    /// When the text is no such document; the message says where and why.
    pub fn from_json(text: &str) -> Result<Self, FormatError> {
        let heading: Heading = serde_json::from_str(text)?;
        if heading.format != FORMAT {
            return Err(FormatError::Format {
                found: heading.format,
            });
        }
        if heading.version != VERSION {
            return Err(FormatError::Version {
                found: heading.version,
            });
        }
        let document: Self = serde_json::from_str(text)?;
        for (number, recording) in document.traces.iter().enumerate() {
            check(recording).map_err(|what| FormatError::Unfitting {
                trace: number + 1,
                what,
            })?;
        }
        Ok(document)
    }
}

impl Recording {
    /// Reads a document that holds one recording.
    ///
    /// # Errors
    ///
    /// As for [`Document::from_json`], and when there are none or several.
    pub fn from_json(text: &str) -> Result<Self, FormatError> {
        let mut traces = Document::from_json(text)?.traces;
        match (traces.pop(), traces.len()) {
            (Some(only), 0) => Ok(only),
            (None, _) => Err(FormatError::Count { found: 0 }),
            (Some(_), others) => Err(FormatError::Count { found: others + 1 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::race;

    #[test]
    fn a_document_survives_writing_and_reading() {
        let document = Document::new(vec![race(), Recording::default()]);
        assert_eq!(
            Document::from_json(&document.to_json()).expect("it was just written"),
            document
        );
    }

    #[test]
    fn one_recording_is_read_from_a_document_that_holds_one() {
        let one = Document::new(vec![race()]).to_json();
        assert_eq!(Recording::from_json(&one).expect("there is one"), race());
        for (count, recordings) in [(0, vec![]), (2, vec![race(), race()])] {
            let text = Document::new(recordings).to_json();
            let error = Recording::from_json(&text).expect_err("there is not exactly one");
            assert_eq!(error, FormatError::Count { found: count });
        }
    }

    #[test]
    fn what_is_no_document_is_refused_with_its_reason() {
        let json = Document::new(vec![race()]).to_json();
        for (text, reason) in [
            ("".into(), "no JSON"),
            ("[1]".into(), "no JSON"),
            ("{}".into(), "no trace"),
            (json.replace("xous_sim.trace", "other"), "no trace"),
            (
                json.replace("\"version\": 1", "\"version\": 2"),
                "version 2",
            ),
            (
                json.replace("\"schedule\"", "\"shedule\""),
                "unknown field `shedule`",
            ),
            (
                json.replace("\"choice\": \"0\"", "\"choice\": \"0.1\""),
                "no choice",
            ),
        ] {
            let error = Document::from_json(&text).expect_err(reason).to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
