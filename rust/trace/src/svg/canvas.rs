//! The few shapes that a time line is made of, written as SVG.

use crate::words::escape;
use std::fmt::Write;

/// Shapes in the order in which they are drawn.
#[derive(Default)]
pub struct Canvas(String);

impl Canvas {
    /// A straight line.
    pub fn line(&mut self, class: &str, (x1, y1): (usize, usize), (x2, y2): (usize, usize)) {
        self.add(&format!(
            r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#
        ));
    }

    /// A box with round corners.
    pub fn rounded(
        &mut self,
        class: &str,
        (x, y): (usize, usize),
        (width, height): (usize, usize),
    ) {
        self.add(&format!(
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="5"/>"#
        ));
    }

    /// A dot.
    pub fn dot(&mut self, (x, y): (usize, usize)) {
        self.add(&format!(r#"<circle class="dot" cx="{x}" cy="{y}" r="4"/>"#));
    }

    /// A line of text; `y` is its base line.
    pub fn text(&mut self, class: &str, (x, y): (usize, usize), content: &str) {
        let content = escape(content);
        self.add(&format!(
            r#"<text class="{class}" x="{x}" y="{y}">{content}</text>"#
        ));
    }

    fn add(&mut self, shape: &str) {
        self.0.push_str(shape);
        self.0.push('\n');
    }

    /// The picture, with a title and a description for those who do not see it.
    pub fn finish(self, (width, height): (usize, usize), title: &str, description: &str) -> String {
        let (title, description) = (escape(title), escape(description));
        let mut svg = String::new();
        let _ = writeln!(
            svg,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">"#
        );
        let _ = writeln!(svg, "<title>{title}</title>\n<desc>{description}</desc>");
        let style = include_str!("../../assets/timeline.css");
        let _ = writeln!(svg, "<style>\n{style}</style>");
        let _ = writeln!(
            svg,
            r#"<rect class="paper" width="{width}" height="{height}"/>"#
        );
        svg.push_str(&self.0);
        svg.push_str("</svg>\n");
        svg
    }
}
