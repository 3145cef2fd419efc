//! Words that may stand only where their knowledge belongs.

use super::code;
use super::tree;

/// Where file formats are known: they are read there, and nowhere else. `config` reads the
/// user's own file, `commands` writes one.
const KNOW_FORMATS: &[&str] = &["discover", "extract", "syntax"];

/// Words of formats we do not own. Elsewhere one of them in a string would mean that a later
/// stage can tell one format from another.
const FORMAT_WORDS: &[&str] = &[
    "allowPrivilegeEscalation",
    "apiVersion",
    "build.gradle",
    "catalog-info",
    "compose.yaml",
    "configMapKeyRef",
    "containerPort",
    "depends_on",
    "docker-compose",
    "Dockerfile",
    "env_file",
    "envFrom",
    "go.mod",
    "initContainers",
    "kustomization",
    "matchLabels",
    "network_mode",
    "package.json",
    "pom.xml",
    "proxy_pass",
    "runAsNonRoot",
    "runAsUser",
    "secretKeyRef",
    "securityContext",
    "serviceAccountName",
    "StatefulSet",
];

/// Files that hold such a word nevertheless, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("src/graph/code.rs", "Dockerfile", "a build that names no recipe takes the file of this name in its context"),
    ("src/graph/containers.rs", "Dockerfile", "of several recipes, the one with the plain name is what a build takes"),
];

#[test]
fn words_of_file_formats_stay_with_the_readers() {
    let mut wrong = Vec::new();
    for file in code::files().iter().filter(|file| !KNOW_FORMATS.contains(&file.part.as_str())) {
        for (line, text) in &file.strings {
            for word in FORMAT_WORDS.iter().filter(|word| text.contains(*word)) {
                if !EXCEPTIONS.iter().any(|(path, allowed, _)| *path == file.path && allowed == word) {
                    wrong.push(format!("{}:{line}: `{word}` in \"{text}\"", file.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_rule_is_known_by_name() {
    let ids = super::rules::ids();
    assert!(!ids.is_empty());
    let mut wrong = Vec::new();
    for file in code::files() {
        for (line, text) in &file.strings {
            let named = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
            for word in named.filter(|word| ids.iter().any(|id| id == word)) {
                wrong.push(format!("{}:{line}: the rule id `{word}`", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_open_and_no_machine_is_named() {
    // Put together here, since this file is searched as well.
    let open = ["TO", "DO"].concat();
    let fixed_later = ["FIX", "ME"].concat();
    let macros = [["to", "do!("].concat(), ["unimple", "mented!("].concat(), ["XX", "X:"].concat()];
    let places = [["/ho", "me/"].concat(), ["/wo", "rk/"].concat(), ["/ro", "ot/"].concat(), ["/tm", "p/"].concat()];
    let mut wrong = Vec::new();
    for path in tree::written() {
        let Ok(text) = std::fs::read_to_string(tree::root().join(&path)) else { continue };
        let is_ours = path.ends_with(".rs") || path.ends_with(".md");
        for (index, line) in text.lines().enumerate() {
            let words: Vec<&str> =
                line.split(|letter: char| !letter.is_alphanumeric() && letter != '#' && letter != '(').collect();
            // In quotes it is what a text is searched for.
            let bare = |word: &&str| {
                (**word == open && !line.contains(&format!("\"{open}\"")))
                    || (word.starts_with(&fixed_later) && !word.contains("(#"))
            };
            if words.iter().any(bare) || macros.iter().any(|word| line.contains(word.as_str())) {
                wrong.push(format!("{path}:{}: left open: {}", index + 1, line.trim()));
            }
            let named = places.iter().find(|place| starts_a_path(line, place));
            if let Some(place) = named.filter(|_| is_ours) {
                wrong.push(format!("{path}:{}: the path `{place}` of some machine", index + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Is `place` in `line` where an absolute path begins, not in the middle of an address?
fn starts_a_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|letter| letter.is_alphanumeric() || "./-_}".contains(letter))
    })
}
