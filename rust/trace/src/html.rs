//! Recordings as one HTML file to step through: it holds everything it needs and asks the network for nothing.
//!
//! The page is `assets/viewer.html`; its style and script are put into it here, with the recordings as JSON. Who has
//! no scripts sees the text rendering. Left out: whatever a recording does not hold, such as who could have gone on.

use crate::columns::columns;
use crate::json::Document;
use crate::recording::Recording;
use crate::words::escape;

/// Columns of the text for those without scripts.
const TEXT_WIDTH: usize = 120;

/// The file's text: one schedule a recording.
#[must_use]
pub fn html(recordings: &[Recording]) -> String {
    let name = recordings
        .first()
        .map_or("", |recording| &recording.scenario);
    let texts: Vec<String> = recordings
        .iter()
        .map(|recording| columns(recording, TEXT_WIDTH))
        .collect();
    let script = concat!(
        include_str!("../assets/panels.js"),
        "\n",
        include_str!("../assets/page.js"),
        "\n",
        include_str!("../assets/viewer.js")
    );
    fill(&[
        ("title", &escape(&format!("{name} - a trace of xous_sim"))),
        ("style", include_str!("../assets/viewer.css")),
        ("text", &escape(&texts.join("\n"))),
        (
            "json",
            &inside_script(&Document::new(recordings.to_vec()).to_compact_json()),
        ),
        ("script", script),
    ])
}

/// The page with its blanks filled in; what is filled in is not looked at again.
fn fill(blanks: &[(&str, &str)]) -> String {
    let mut parts = include_str!("../assets/viewer.html").split('@');
    let mut page = String::from(parts.next().unwrap_or_default());
    while let (Some(name), Some(rest)) = (parts.next(), parts.next()) {
        let blank = blanks.iter().find(|(blank, _)| *blank == name);
        page.push_str(blank.expect("the page has these blanks only").1);
        page.push_str(rest);
    }
    page
}

/// JSON that cannot end the element that it stands in.
fn inside_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::race;

    #[test]
    fn all_blanks_are_filled_in() {
        let page = html(&[race()]);
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
        assert!(page.contains("<title>race - a trace of xous_sim</title>"));
        assert!(!page.contains("@style@") && !page.contains("@json@"));
    }

    #[test]
    fn nothing_of_a_recording_can_become_markup() {
        let mut recording = race();
        recording.scenario = "</title><script>alert(1)</script>".into();
        recording.steps[0].operation = "</script><!-- @script@".into();
        let (mean, usual) = (html(&[recording]), html(&[race()]));
        assert_eq!(
            mean.matches("<script").count(),
            usual.matches("<script").count()
        );
        assert_eq!(
            mean.matches("</script").count(),
            usual.matches("</script").count()
        );
        assert!(!mean.contains("<!-- "));
    }

    #[test]
    fn the_page_names_no_address() {
        let page = html(&[race()]);
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("url("));
    }
}
