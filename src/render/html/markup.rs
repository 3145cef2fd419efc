//! Text from files inside HTML: it stays text, in elements and in quoted attributes.

use crate::render::escape;

/// Text for an element or for an attribute in double quotes. Hidden characters are written
/// out, and all that HTML acts on becomes a reference.
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push(&mut out, &escape::line(text));
    out
}

/// A line of a source file as text; tabs stay.
pub fn source(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push(&mut out, &escape::source(text));
    out
}

fn push(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

/// A sentence in which text between pairs of backticks becomes code, and between pairs of
/// double asterisks bold, as rules write it.
pub fn sentence(sentence: &str) -> String {
    parted(sentence, "`", |part| parted(part, "**", text, |bold| format!("<b>{}</b>", text(bold))), code)
}

/// Every second part between two marks by `inner`, the others by `outer`; all by `outer` where
/// a mark has no partner.
fn parted(all: &str, mark: &str, outer: impl Fn(&str) -> String, inner: impl Fn(&str) -> String) -> String {
    let parts: Vec<&str> = all.split(mark).collect();
    if parts.len().is_multiple_of(2) {
        return outer(all);
    }
    parts.iter().enumerate().map(|(at, part)| if at % 2 == 0 { outer(part) } else { inner(part) }).collect()
}

/// A rule's own text: empty lines part paragraphs, indented lines are code, hyphens begin
/// entries of a list.
pub fn paragraphs(about: &str) -> String {
    let mut out = String::new();
    for block in about.trim_end().split("\n\n") {
        if block.starts_with("    ") {
            let line = |line: &str| source(line.strip_prefix("    ").unwrap_or(line));
            let lines: Vec<String> = block.lines().map(line).collect();
            out.push_str(&format!("<pre tabindex=\"0\"><code>{}</code></pre>", lines.join("\n")));
            continue;
        }
        let mut plain = Vec::new();
        let mut entries: Vec<Vec<&str>> = Vec::new();
        for line in block.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match (line.strip_prefix("- "), entries.last_mut()) {
                (Some(entry), _) => entries.push(vec![entry]),
                (None, Some(entry)) => entry.push(line),
                (None, None) => plain.push(line),
            }
        }
        if !plain.is_empty() {
            out.push_str(&format!("<p>{}</p>", sentence(&plain.join(" "))));
        }
        if !entries.is_empty() {
            let entries: Vec<String> =
                entries.iter().map(|entry| format!("<li>{}</li>", sentence(&entry.join(" ")))).collect();
            out.push_str(&format!("<ul>{}</ul>", entries.join("")));
        }
    }
    out
}

/// A name, path or value.
pub fn code(name: &str) -> String {
    format!("<code>{}</code>", text(name))
}

/// JSON for a `<script>` element that holds data: nothing in it can end the element.
pub fn json(text: &str) -> String {
    escape::json(text).replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::{json, paragraphs, sentence, text};

    #[test]
    fn nothing_leaves_its_place() {
        for (from, to) in [
            ("<img src=x onerror=a>", "&lt;img src=x onerror=a&gt;"),
            ("\" onload=\"x", "&quot; onload=&quot;x"),
            ("' x='", "&#39; x=&#39;"),
            ("&lt;", "&amp;lt;"),
            ("a\u{1b}[0m\nb", "a\\u{1b}[0m\\nb"),
        ] {
            assert_eq!(text(from), to);
        }
        assert_eq!(sentence("set `<b>` or ' "), "set <code>&lt;b&gt;</code> or &#39; ");
        assert_eq!(sentence("one ` only"), "one ` only");
        assert_eq!(json("{\"a\":\"</script><!--\"}"), "{\"a\":\"\\u003c/script\\u003e\\u003c!--\"}");
    }

    #[test]
    fn paragraphs_of_rules_keep_their_code() {
        assert_eq!(
            paragraphs("One\nline.\n\n    a: <b>\n\nTwo:\n- **a** b\n  c\n- `d`"),
            "<p>One line.</p><pre tabindex=\"0\"><code>a: &lt;b&gt;</code></pre><p>Two:</p>\
             <ul><li><b>a</b> b c</li><li><code>d</code></li></ul>"
        );
    }
}
