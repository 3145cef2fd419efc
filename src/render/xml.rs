//! Text inside XML 1.0, for JUnit and Checkstyle.

use super::escape;

/// `text` for an attribute in double quotes, or between tags. Hidden characters become
/// references; what XML 1.0 cannot hold at all (its production `Char`) is written out:
/// `\u{1b}`.
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Without references, to see where a command of a CI log begins.
    let mut plain = String::new();
    for character in text.chars() {
        let entity = match character {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '"' => Some("&quot;"),
            '\'' => Some("&#39;"),
            '[' if escape::opens_command(&plain) => Some("&#x5b;"),
            _ => None,
        };
        if let Some(entity) = entity {
            out.push_str(entity);
        } else if !is_allowed(character) {
            out.extend(character.escape_unicode());
        } else if escape::is_hidden(character) {
            out.push_str(&format!("&#x{:x};", character as u32));
        } else {
            out.push(character);
        }
        plain.push(character);
    }
    out
}

fn is_allowed(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn nothing_leaves_its_place() {
        for (given, expected) in [
            ("a]]> <b c=\"d\" e='f'>&amp;", "a]]&gt; &lt;b c=&quot;d&quot; e=&#39;f&#39;&gt;&amp;amp;"),
            ("\u{1b}[0m\u{0}", "\\u{1b}[0m\\u{0}"),
            ("a\r\n\tb\u{202e}\u{85}", "a&#xd;&#xa;&#x9;b&#x202e;&#x85;"),
            ("\u{fffe} 語😀", "\\u{fffe} 語😀"),
            ("##[x] ##vso[y] #[z]", "##&#x5b;x] ##vso&#x5b;y] #[z]"),
        ] {
            assert_eq!(text(given), expected);
        }
    }
}
