//! What counts as a suppression, in every syntax, and what it covers.

use crate::extract::extract;
use crate::facts::suppression::Suppression;
use crate::source::file::{FileId, SourceFile};
use crate::source::path::EstatePath;

fn read(path: &str, text: &str) -> Vec<Suppression> {
    extract(SourceFile { id: FileId(0), path: EstatePath::new(path), text }).suppressions
}

/// `rules | reason | expires | what it covers`, or the flaw.
fn shown(path: &str, text: &str) -> Vec<String> {
    let one = |found: &Suppression| {
        if let Some(flaw) = found.flaw {
            return format!("{flaw:?}");
        }
        let rules: Vec<&str> = found.rules.iter().map(|rule| rule.text.as_str()).collect();
        for rule in &found.rules {
            let written = &text[rule.span.start as usize..rule.span.end as usize];
            assert!(written.ends_with(rule.text.as_str()), "{written}");
        }
        let scope = &text[found.scope.start as usize..found.scope.end as usize];
        let reason = found.reason.map_or("-", |reason| reason.as_str());
        let day = found.expires.map_or("-", |day| day.text.as_str());
        format!("{} | {reason} | {day} | {}", rules.join(","), scope.lines().last().unwrap_or("").trim())
    };
    read(path, text).iter().map(one).collect()
}

#[test]
fn every_comment_syntax_is_read() {
    for (path, line) in [
        ("a.yaml", "a: 1 # archlint: ignore[x-y] so"),
        ("a.yaml", "a: 1 #archlint:ignore[x-y] so"),
        ("a.yaml", "a: 1 ## archlint: ignore[ x-y ]: so"),
        ("templates/a.yaml", "a: 1 {{/* archlint: ignore[x-y] so */}}"),
        ("templates/a.yaml", "a: 1 {{- /* archlint: ignore[x-y] so */ -}}"),
        ("a.ts", "call(); // archlint: ignore[x-y] so"),
        ("a.ts", "call(); /* archlint: ignore[x-y] so */"),
        ("a.go", "call() /// archlint: ignore[x-y] - so"),
        ("a.rs", "call(); // archlint: ignore[x-y] — so"),
        ("a.proto", "rpc A(B); // archlint: ignore[x-y] so"),
        ("go.mod", "require x v1 // archlint: ignore[x-y] so"),
        ("a.sql", "CREATE DATABASE a; -- archlint: ignore[x-y] so"),
        ("pom.xml", "<project/> <!-- archlint: ignore[x-y] so -->"),
        ("Dockerfile", "USER root # archlint: ignore[x-y] so"),
        (".env", "A=1 # archlint: ignore[x-y] so"),
        ("application.properties", "a=1 ; archlint: ignore[x-y] so"),
        ("Cargo.toml", "[package] # archlint: ignore[x-y] so"),
        ("nginx.conf", "listen 80; # archlint: ignore[x-y] so"),
    ] {
        assert_eq!(shown(path, line), [format!("x-y | so | - | {line}")], "{path} {line}");
    }
}

#[test]
fn a_comment_alone_covers_the_next_line_that_is_none() {
    for (path, text) in [
        ("a.yaml", "# archlint: ignore[x] so\n\n# more\n---\na: 1\nb: 2\n"),
        ("a.ts", "/* archlint: ignore[x] so */\na: 1\nb: 2"),
        ("a.ts", "/**\n * archlint: ignore[x] so\n */\na: 1\nb: 2"),
        ("pom.xml", "<!-- archlint: ignore[x] so -->\r\na: 1\r\nb: 2"),
        ("templates/a.yaml", "{{- /* archlint: ignore[x] so */ -}}\na: 1"),
    ] {
        assert_eq!(shown(path, text), ["x | so | - | a: 1"], "{text}");
        assert_eq!(read(path, text)[0].scope.start, 0, "what is true of the whole file is shown at its start");
    }
    let text = "a: 1\n# archlint: ignore[x] so\nb: 2\n";
    assert_eq!(read("a.yaml", text)[0].scope.start, 5);
}

#[test]
fn rules_reason_and_day_are_taken_apart() {
    for (comment, expected) in [
        ("ignore[a, b] two of them", "a,b | two of them | -"),
        ("ignore[a] until then (expires 2027-01-31)", "a | until then | 2027-01-31"),
        ("ignore[a] (expires: 2027-01-31) until then", "a | until then | 2027-01-31"),
        ("ignore[a] until then, expires 2027-01-31.", "a | until then, | 2027-01-31"),
        ("ignore[a] until then (expires next year)", "a | until then | next year"),
        ("ignore[a] until then (expires", "a | until then | "),
        ("ignore[a] the token expires often", "a | the token expires often | -"),
        ("ignore[a]", "a | - | -"),
        ("ignore[a] --", "a | - | -"),
        ("ignore[a] (expires 2027-01-31)", "a | - | 2027-01-31"),
    ] {
        let text = format!("k: 1 # archlint: {comment}");
        assert_eq!(shown("a.yaml", &text), [format!("{expected} | {text}")], "{comment}");
    }
}

#[test]
fn what_was_meant_for_archlint_and_cannot_be_read_is_kept() {
    for (comment, expected) in [
        ("archlint: ignore", "NoRule"),
        ("archlint: ignore because", "NoRule"),
        ("archlint: ignore[] because", "NoRule"),
        ("archlint: ignore[a because", "NeverClosed"),
        ("archlint: disable[a] because", "OtherWord"),
        ("archlint: ingore[a] because", "OtherWord"),
        ("archlint: ignor the run as root", "OtherWord"),
        ("archlint: ignored[a] because", "OtherWord"),
        ("archlint ignore[a] because", "NoColon"),
        ("archlint-ignore[a] because", "NoColon"),
    ] {
        assert_eq!(shown("a.yaml", &format!("k: 1 # {comment}")), [expected], "{comment}");
    }
}

#[test]
fn other_text_is_none_of_ours() {
    for (path, line) in [
        ("a.yaml", "a: '# archlint: ignore[x] so'"),
        ("a.yaml", "a: archlint: ignore[x] so"),
        ("a.yaml", "a: b#archlint: ignore[x] so"),
        ("a.yaml", "a: // archlint: ignore[x] so"),
        ("a.yaml", "# archlint: runs before each push"),
        ("a.yaml", "# archlint: before"),
        ("a.yaml", "# archlint: ignores what .gitignore names"),
        ("a.yaml", "# archlint ignores what is below"),
        ("a.yaml", "# see archlint: ignore[x] so"),
        ("a.ts", "print(\"// archlint: ignore[x] so\")"),
        ("a.ts", "a * archlint: ignore[x]"),
        ("README.md", "# archlint: ignore[x] so"),
    ] {
        assert_eq!(shown(path, line), [""; 0], "{line}");
    }
}

#[test]
fn annotations_cover_their_object() {
    let object = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  annotations:\n    \
                  archlint.dev/ignore.x-y: the vendor says so (expires 2027-01-31)\n    archlint.dev/ignore.z:\n";
    let text = format!("kind: Other\n---\n{object}");
    let found = read("a.yaml", &text);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].reason.map(|reason| reason.as_str()), Some("the vendor says so"));
    assert_eq!(found[0].expires.map(|day| day.text.as_str()), Some("2027-01-31"));
    assert_eq!(found[1].reason, None);
    assert_eq!(found[0].rules[0].text.as_str(), "x-y");
    assert!(text[found[0].scope.start as usize..].starts_with("apiVersion"), "the object, not the file");
    assert_eq!(text[..found[0].span.start as usize].lines().count(), 8);
}

#[test]
fn annotations_of_a_template_and_in_a_list_cover_their_object_too() {
    let text = "kind: List\nitems:\n- kind: Deployment\n  spec:\n    template:\n      metadata:\n        annotations: \
                {archlint.dev/ignore.x: why}\n- kind: Service\n";
    let found = read("a.yaml", text);
    assert_eq!(found.len(), 1);
    let scope = &text[found[0].scope.start as usize..found[0].scope.end as usize];
    assert!(scope.starts_with("kind: Deployment") && !scope.contains("Service"), "{scope}");
    let json = r#"{"kind": "Pod", "metadata": {"annotations": {"archlint.dev/ignore.x": "why"}}}"#;
    assert_eq!(read("pod.json", json).len(), 1);
}

#[test]
fn every_beginning_of_a_text_is_read_without_harm() {
    let text = "ä: 1 # archlint: ignore[ä, ö] ü (expires 2027)\n/* archlint: ignore[\n# archlint\n";
    for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
        for path in ["a.yaml", "a.ts", "pom.xml"] {
            read(path, &text[..end]);
        }
    }
}
