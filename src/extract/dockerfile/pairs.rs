//! `NAME=value` pairs behind `ENV` and `ARG`, with quotes, escapes and continued lines.

use std::ops::Range;

/// One pair; ranges are bytes of the text handed in.
#[derive(Debug, PartialEq, Eq)]
pub struct Pair {
    /// The name's bytes.
    pub name: Range<usize>,
    /// `None` for `ARG NAME` alone.
    pub value: Option<Given>,
}

/// A value as it is written and as it is meant.
#[derive(Debug, PartialEq, Eq)]
pub struct Given {
    /// Its bytes, quotes included.
    pub range: Range<usize>,
    /// Without quotes, escapes and line breaks.
    pub text: String,
    /// True if no variables are replaced in it: `'$A'`, `\$A`.
    pub verbatim: bool,
}

/// The pairs of `raw`, the text behind the keyword as the file holds it. `ENV NAME value`
/// is the old form with one pair; with `names_alone` a name may stand without value.
pub fn pairs(raw: &str, escape: char, names_alone: bool) -> Vec<Pair> {
    let mut found = Vec::new();
    let mut at = blank_end(raw, 0, escape);
    while at < raw.len() {
        let rest = raw.get(at..).unwrap_or("");
        let name_end = at + rest.find(|sign: char| sign == '=' || sign.is_whitespace()).unwrap_or(rest.len());
        if raw.get(name_end..).is_some_and(|rest| rest.starts_with('=')) {
            let given = value(raw, name_end + 1, escape);
            at = blank_end(raw, given.range.end, escape);
            found.push(Pair { name: at_least(raw, name_end, rest.len()), value: Some(given) });
        } else if found.is_empty() && !names_alone {
            let start = blank_end(raw, name_end, escape);
            let text = raw.get(start..).unwrap_or("").trim_end();
            let given = Given { range: start..start + text.len(), text: text.to_owned(), verbatim: false };
            return vec![Pair { name: at..name_end, value: Some(given) }];
        } else {
            found.push(Pair { name: at..name_end, value: None });
            at = blank_end(raw, name_end, escape);
        }
    }
    found
}

/// The name that ends at `end` and begins where `rest` bytes were left.
fn at_least(raw: &str, end: usize, rest: usize) -> Range<usize> {
    raw.len() - rest..end
}

/// The next byte behind blanks, continued lines, and the comments and empty lines amid them.
fn blank_end(raw: &str, from: usize, escape: char) -> usize {
    let mut at = from;
    let mut line_start = false;
    while let Some(sign) = raw.get(at..).and_then(|rest| rest.chars().next()) {
        if sign.is_whitespace() {
            line_start |= sign == '\n';
            at += sign.len_utf8();
        } else if line_start && sign == '#' {
            at += raw.get(at..).and_then(|rest| rest.find('\n')).unwrap_or(raw.len() - at);
        } else if let Some(end) = continuation_end(raw, at, escape) {
            at = end;
            line_start = true;
        } else {
            break;
        }
    }
    at
}

/// Behind an escape sign that ends its line.
fn continuation_end(raw: &str, at: usize, escape: char) -> Option<usize> {
    let rest = raw.get(at..)?.strip_prefix(escape)?;
    let (blank, _) = rest.split_once('\n')?;
    blank.trim().is_empty().then_some(at + escape.len_utf8() + blank.len() + 1)
}

fn value(raw: &str, from: usize, escape: char) -> Given {
    let mut text = String::new();
    let mut verbatim = false;
    let mut quote = None;
    let mut at = from;
    while let Some(sign) = raw.get(at..).and_then(|rest| rest.chars().next()) {
        let next = at + sign.len_utf8();
        if let Some(end) = continuation_end(raw, at, escape) {
            at = end;
            continue;
        }
        match quote {
            None if sign.is_whitespace() => break,
            None if sign == '"' || sign == '\'' => quote = Some(sign),
            Some(open) if sign == open => quote = None,
            None | Some('"') if sign == escape => {
                let escaped = raw.get(next..).and_then(|rest| rest.chars().next());
                verbatim |= escaped == Some('$');
                text.extend(escaped);
                at = next + escaped.map_or(0, char::len_utf8);
                continue;
            }
            None | Some(_) => {
                verbatim |= sign == '$' && quote == Some('\'');
                text.push(sign);
            }
        }
        at = next;
    }
    Given { range: from..at, text, verbatim }
}

#[cfg(test)]
mod tests {
    use super::pairs;

    fn shown(raw: &str, names_alone: bool) -> Vec<String> {
        pairs(raw, '\\', names_alone)
            .into_iter()
            .map(|pair| match pair.value {
                None => raw[pair.name].to_owned(),
                Some(given) => {
                    let verbatim = if given.verbatim { "!" } else { "" };
                    format!("{}={}{verbatim} {}", &raw[pair.name], given.text, &raw[given.range])
                }
            })
            .collect()
    }

    #[test]
    fn quotes_escapes_and_continued_lines_are_read() {
        for (raw, expected) in [
            ("A=1 B=\"x y\" C='z'", vec!["A=1 1", "B=x y \"x y\"", "C=z 'z'"]),
            ("A=1 \\\n  # note\n  B=2", vec!["A=1 1", "B=2 2"]),
            ("A=x\\ y", vec!["A=x y x\\ y"]),
            ("A=\\$B C='$D'", vec!["A=$B! \\$B", "C=$D! '$D'"]),
            ("A=", vec!["A= "]),
            ("A some words = here", vec!["A=some words = here some words = here"]),
        ] {
            assert_eq!(shown(raw, false), expected, "{raw}");
        }
        assert_eq!(shown("A B=1 C", true), ["A", "B=1 1", "C"]);
    }
}
