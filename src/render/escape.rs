//! Text from files made harmless for one line of a terminal or a log.

/// `text` on one line, with control characters, line separators, and characters that turn
/// the reading direction or are invisible written out: `\n`, `\t`, `\u{1b}`. The openings of
/// commands that CI logs obey anywhere in a line (`##[`, `##vso[`, `##teamcity[`) get a
/// backslash in front of the bracket.
///
/// Printable text comes out unchanged, a backslash too: this is for people, not to be undone.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        push(&mut out, character);
    }
    out
}

/// As [`line()`], but tabs stay: for excerpts of source lines.
pub fn source(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\t' {
            out.push('\t');
        } else {
            push(&mut out, character);
        }
    }
    out
}

/// Appends one character, as [`line()`] writes it.
pub fn push(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '[' if opens_command(out) => out.push_str("\\["),
        other if is_hidden(other) => out.extend(other.escape_unicode()),
        other => out.push(other),
    }
}

/// True where a `[` behind `text` would open a command that CI logs obey anywhere in a line.
pub fn opens_command(text: &str) -> bool {
    ["##", "##vso", "##teamcity"].iter().any(|opening| text.ends_with(opening))
}

/// True for characters that act on a terminal or deceive a reader instead of being seen:
/// controls (C0, DEL, C1), line and paragraph separators, bidirectional controls (Unicode
/// 16, property `Bidi_Control`), zero-width and tag characters, and the two that XML cannot
/// hold. Joiners stay: scripts and emoji need them.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e007f}')
}

/// A path at the start of a line: escaped, and with `./` in front where it would otherwise
/// read as a command of a CI log (`::error::`).
pub fn leading_path(path: &str) -> String {
    let escaped = line(path);
    if escaped.trim_start().starts_with("::") { format!("./{escaped}") } else { escaped }
}

/// Finished text of several lines: a line that begins with `::`, spaces apart, gets a
/// backslash there, so that no CI log takes wrapped text for a command.
pub fn log_safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.split_inclusive('\n') {
        let command = one.trim_start_matches([' ', '\t']);
        if command.starts_with("::") {
            out.push_str(one.strip_suffix(command).unwrap_or_default());
            out.push('\\');
            out.push_str(command);
        } else {
            out.push_str(one);
        }
    }
    out
}

/// JSON text in which hidden characters, which JSON allows to stand inside strings as they
/// are, are written as `\u009b`, and brackets that open a command of a CI log as `\u005b`;
/// control characters below U+0020 were already.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        // Line breaks here are the layout: inside strings they are escaped. A `#` stands
        // nowhere but inside strings.
        let is_command = character == '[' && opens_command(&out);
        if !is_command && (character == '\n' || !is_hidden(character)) {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{json, leading_path, line, log_safe, source};

    #[test]
    fn nothing_acts_on_a_terminal_or_a_log() {
        for (text, expected) in [
            ("a\u{1b}[31mred", "a\\u{1b}[31mred"),
            ("two\nlines\r\n", "two\\nlines\\r\\n"),
            ("\u{202e}txt.exe", "\\u{202e}txt.exe"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("x ##[error]y", "x ##\\[error]y"),
            ("##vso[task.complete]", "##vso\\[task.complete]"),
            ("Größe 😀 👩‍🚀 [ok] #[x]", "Größe 😀 👩‍🚀 [ok] #[x]"),
        ] {
            assert_eq!(line(text), expected);
        }
        assert_eq!(source("\ta\u{7}"), "\ta\\u{7}");
    }

    #[test]
    fn no_line_starts_with_a_command() {
        assert_eq!(leading_path("::error::x/a.yaml"), "./::error::x/a.yaml");
        assert_eq!(leading_path("a::b"), "a::b");
        assert_eq!(log_safe("a\n  ::stop-commands::x\nb :: c\n"), "a\n  \\::stop-commands::x\nb :: c\n");
    }

    #[test]
    fn json_stays_json() {
        let text = "{\n  \"a\": \"\u{9b}\u{202e}\u{e0001}ä\"\n}";
        assert_eq!(json(text), "{\n  \"a\": \"\\u009b\\u202e\\udb40\\udc01ä\"\n}");
        assert_eq!(json("[\"##[x] #[ ##vso[y]\"]"), "[\"##\\u005bx] #[ ##vso\\u005by]\"]");
    }
}
