//! The problem matchers that ship in `editors/`, applied to the lines that we print.

use regex::Regex;
use serde_json::Value;

use crate::estate;
use crate::formats::outputs;

fn pattern(text: &str, pointer: &str) -> Regex {
    let matcher: Value = serde_json::from_str(text).expect("the matcher is JSON");
    Regex::new(matcher.pointer(pointer).and_then(Value::as_str).expect("has a pattern")).expect("a valid pattern")
}

fn github() -> Regex {
    pattern(include_str!("../../editors/github-matcher.json"), "/problemMatcher/0/pattern/0/regexp")
}

fn vscode(pointer: &str) -> Regex {
    pattern(include_str!("../../editors/vscode-matcher.json"), pointer)
}

fn groups(regex: &Regex, line: &str) -> Option<Vec<String>> {
    let captures = regex.captures(line)?;
    Some(captures.iter().skip(1).map(|group| group.map_or("", |group| group.as_str()).to_owned()).collect())
}

fn lines(estate: &estate::Estate, format: &str) -> Vec<String> {
    let outputs = outputs(estate);
    let (_, text) = outputs.iter().find(|(name, _)| *name == format).expect("a format");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn github_takes_errors_and_warnings() {
    let one = lines(&estate::one(), "gcc");
    let expected =
        ["my services/orders/.env", "3", "2", "error", "billing and orders share the database shop", "shared-database"];
    assert_eq!(groups(&github(), &one[0]).expect("matches"), expected);
    for line in lines(&estate::odd(), "gcc").iter().chain(&lines(&estate::many(), "gcc")) {
        // GitHub knows no level for notes and would drop the line anyway.
        assert_eq!(github().is_match(line), !line.contains(": note: "), "{line}");
    }
}

#[test]
fn vscode_takes_every_line_with_its_end() {
    let pattern = vscode("/pattern/regexp");
    let one = lines(&estate::one(), "vscode");
    assert!(vscode("/background/beginsPattern").is_match(&one[0]));
    assert!(vscode("/background/endsPattern").is_match(&one[2]));
    assert!(vscode("/background/endsPattern").is_match(&lines(&estate::none(), "vscode")[1]));
    let groups_of = groups(&pattern, &one[1]).expect("matches");
    assert_eq!(groups_of[..6], ["my services/orders/.env", "3", "2", "3", "14", "error"]);
    for estate in [estate::many(), estate::odd()] {
        for format in ["gcc", "vscode"] {
            for line in lines(&estate, format).iter().filter(|line| !line.starts_with("archlint: ")) {
                assert!(pattern.is_match(line), "{line}");
            }
        }
    }
}

#[test]
fn foreign_paths_and_brackets_are_told_apart() {
    let line = r"C:\my work\b.yaml:12:5: error: cart [v2] calls a:1:2 [x] with no timeout [missing-timeout]";
    let expected =
        [r"C:\my work\b.yaml", "12", "5", "error", "cart [v2] calls a:1:2 [x] with no timeout", "missing-timeout"];
    assert_eq!(groups(&github(), line).expect("matches"), expected);
    let groups_of = groups(&vscode("/pattern/regexp"), &line.replace("12:5:", "12:5-13:1:")).expect("matches");
    assert_eq!(groups_of[..5], [expected[0], "12", "5", "13", "1"]);
    assert_eq!(groups_of[6..], expected[4..]);
    for other in ["Compiling archlint v0.1.0", "archlint: 3 findings", "a.yaml:1: error: no column [x]"] {
        assert!(groups(&github(), other).is_none(), "{other}");
    }
}

/// VS Code's own matchers that take lines like ours: `$gcc` of the C++ extension
/// (vscode-cpptools, `Extension/package.json`) and `$go` of the editor (`problemMatcher.ts`).
const GCC: &str = r"^(.*?):(\d+):(\d*):?\s+(?:fatal\s+)?(warning|error):\s+(.*)$";
const GO: &str = r"^([^:]*: )?((.:)?[^:]*):(\d+)(:(\d+))?: (.*)$";

#[test]
fn matchers_that_come_with_vs_code_take_the_lines() {
    let (gcc, go) = (Regex::new(GCC).expect("a pattern"), Regex::new(GO).expect("a pattern"));
    for estate in [estate::one(), estate::many()] {
        for line in lines(&estate, "gcc") {
            // It knows neither notes nor information.
            assert_eq!(gcc.is_match(&line), !line.contains(": note: "), "{line}");
            assert!(go.is_match(&line), "{line}");
        }
    }
    let line = &lines(&estate::one(), "gcc")[0];
    let message = "billing and orders share the database shop [shared-database]";
    assert_eq!(groups(&gcc, line).expect("matches"), ["my services/orders/.env", "3", "2", "error", message]);
    let by_go = groups(&go, line).expect("matches");
    assert_eq!((by_go[1].as_str(), by_go[3].as_str(), by_go[5].as_str()), ("my services/orders/.env", "3", "2"));
    // With the end of the range behind the column it takes the wrong file, so that is a format
    // of its own.
    let with_end = groups(&gcc, &lines(&estate::one(), "vscode")[1]);
    assert!(with_end.is_none_or(|groups| groups[0] != "my services/orders/.env"));
}
