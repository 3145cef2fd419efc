//! Examples of a rule's page, cut out of its fixtures: what stands between
//! `archlint: before` (or `after`) and `archlint: end`. Names the standard library only,
//! since the build script cuts with it too.

/// What an excerpt shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What the rule reports.
    Before,
    /// The same, repaired.
    After,
}

/// The excerpts of a file, in its order, without markers and with their common indentation
/// taken away. An excerpt that does not end goes to the end of the file.
pub fn excerpts(text: &str) -> Vec<(Side, String)> {
    let mut found: Vec<(Side, Vec<&str>)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        match instruction(line) {
            Some("before") => {
                found.push((Side::Before, Vec::new()));
                open = true;
            }
            Some("after") => {
                found.push((Side::After, Vec::new()));
                open = true;
            }
            Some("end") => open = false,
            Some(_) | None if open => {
                if let (Some((_, lines)), Some(line)) = (found.last_mut(), without_markers(line)) {
                    lines.push(line);
                }
            }
            Some(_) | None => {}
        }
    }
    found.into_iter().map(|(side, lines)| (side, outdented(&lines))).collect()
}

/// `before` of `# archlint: before`.
fn instruction(line: &str) -> Option<&str> {
    let (comment, rest) = line.split_once("archlint: ")?;
    let is_comment = !comment.trim().is_empty() && comment.trim().chars().all(|letter| "#/*-<!;{%".contains(letter));
    is_comment.then(|| rest.split_whitespace().next()).flatten()
}

/// The line without the markers of its comment; `None` where nothing else stands on it.
fn without_markers(line: &str) -> Option<&str> {
    let starts = ["expect: ", "related: ", "ok: ", "unknown: "];
    let cut = starts.iter().filter_map(|start| line.find(start)).min().and_then(|at| {
        let before = line.get(..at)?.trim_end();
        let code = before.trim_end_matches(|letter| "#/*-<!;{%".contains(letter));
        (code.len() < before.len()).then(|| code.trim_end())
    });
    match cut {
        Some("") => None,
        Some(code) => Some(code),
        None => Some(line.trim_end()),
    }
}

fn outdented(lines: &[&str]) -> String {
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let common = lines.iter().filter(|line| !line.is_empty()).map(indentation).min().unwrap_or(0);
    let mut out = String::new();
    for line in lines {
        out.push_str(line.get(common..).unwrap_or(""));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Side, excerpts};

    #[test]
    fn excerpts_are_cut_without_markers_and_indentation() {
        let text = "top: 1\n  # archlint: before\n  - a: http://x # expect: rule \"y\"\n  # ok: rule\n\n    b: 2\n  \
                    # archlint: end\n  c: 3\n// archlint: after\n\td();\n";
        assert_eq!(
            excerpts(text),
            [(Side::Before, "- a: http://x\n\n  b: 2\n".to_owned()), (Side::After, "d();\n".to_owned()),]
        );
    }

    #[test]
    fn what_is_no_instruction_cuts_nothing() {
        for text in ["", "# archlint: ignore[x] why\n", "name: archlint: before\n", "archlint: before\nx\n"] {
            assert_eq!(excerpts(text), [], "{text}");
        }
    }
}
