//! Text from files inside Markdown: it stays text, for GitHub's and GitLab's renderers.

use crate::render::escape;

/// A sentence on one line. Everything that Markdown or HTML would act on is escaped; `@name`
/// notifies nobody, addresses do not become links. Text between pairs of backticks becomes
/// code, as rules write it.
pub fn text(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(text);
    }
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at % 2 == 0 {
            out.push_str(&plain(part));
        } else {
            out.push_str(&code(part));
        }
    }
    out
}

fn plain(text: &str) -> String {
    let mut out = String::new();
    let escaped = escape::line(text);
    for character in escaped.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("@&#8203;"),
            '/' if out.ends_with(":/") => {
                out.truncate(out.len() - 2);
                out.push_str("&#58;//");
            }
            '.' if out.to_ascii_lowercase().ends_with("www") => out.push_str("&#46;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(character);
            }
            // At the start of a line these would open a list or a heading, or be one of
            // GitLab's quick actions (`/approve`).
            '-' | '=' | '/' | '0'..='9' if out.is_empty() => out.push_str(&format!("&#{};", character as u32)),
            other => out.push(other),
        }
    }
    out
}

/// A name, path or value as code, also inside tables. Where it holds characters that end
/// code or a table's cell, it is written in entities instead.
pub fn code(text: &str) -> String {
    let escaped = escape::line(text);
    if escaped.trim().is_empty() {
        return "–".to_owned();
    }
    let simple = !escaped.contains(['`', '|', '\\', '$']) && escaped.trim() == escaped;
    if simple {
        return format!("`{escaped}`");
    }
    let mut out = String::from("<code>");
    for character in escaped.chars() {
        if character.is_alphanumeric() || character == ' ' {
            out.push(character);
        } else {
            out.push_str(&format!("&#{};", character as u32));
        }
    }
    out.push_str("</code>");
    out
}

/// Lines as a fenced block whose fence is longer than any run of backticks inside.
pub fn fenced(language: &str, lines: &str) -> String {
    let (mut longest, mut run) = (0, 0);
    for character in lines.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", lines.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::{code, fenced, text};

    #[test]
    fn nothing_in_a_sentence_is_markup() {
        for (from, to) in [
            ("<script>alert(1)</script>", "&lt;script&gt;alert\\(1\\)&lt;/script&gt;"),
            ("a|b", "a\\|b"),
            ("[x](https://evil.example)", "\\[x\\]\\(https&#58;//evil.example\\)"),
            ("see WWW.evil.example", "see WWW&#46;evil.example"),
            ("@team owns it", "@&#8203;team owns it"),
            ("/approve", "&#47;approve"),
            ("1. no list", "&#49;. no list"),
            ("set `a|b` here", "set <code>a&#124;b</code> here"),
            ("one ` only", "one \\` only"),
            ("two\nlines", "two\\\\nlines"),
        ] {
            assert_eq!(text(from), to);
        }
    }

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(code("orders"), "`orders`");
        assert_eq!(code("a`b"), "<code>a&#96;b</code>");
        assert_eq!(code("<b>"), "`<b>`");
        assert_eq!(code(""), "–");
        assert_eq!(fenced("", "a\n````\nb"), "`````\na\n````\nb\n`````\n");
    }
}
