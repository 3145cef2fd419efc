//! Charts as they are written, and texts that only look like them.

use super::{HolePlace, Masked, Operand, ValuePath, Values, masked, masked_by};
use crate::source::file::FileId;
use crate::syntax::tree::Node;
use crate::syntax::yaml;

fn mask(text: &str) -> Masked {
    let masked = masked(text).expect("a template");
    assert_eq!(masked.text.len(), text.len());
    masked
}

#[test]
fn texts_without_actions_are_left_alone() {
    assert_eq!(masked("a: {b: 1}\n"), None);
    assert_eq!(mask("a: {{ never closed\n").text, "a: {{ never closed\n");
}

#[test]
fn actions_become_letters_or_blanks() {
    for (text, expected) in [
        ("a: {{ .x }}\n", "a: xxxxxxxx\n"),
        ("a: \"{{ .x | quote }}\"\n", "a: \"xxxxxxxxxxxxxxxx\"\n"),
        ("a: '{{ default \"b\" .x }}:1'\n", "a: 'xxxxxxxxxxxxxxxxxxxx:1'\n"),
        ("a: {{ .a }}:{{ .b }} # c\n", "a: xxxxxxxx:xxxxxxxx # c\n"),
        ("{{ .a }}: {{ .b }}\n", "xxxxxxxx: xxxxxxxx\n"),
        ("a: [{{ .a }}, {{ .b }}]\n", "a: [xxxxxxxx, xxxxxxxx]\n"),
        ("{{- if .a }}\na: 1\n{{- end }}\n", "            \na: 1\n          \n"),
        ("{{/* }} \" */}}\na: 1\n", "              \na: 1\n"),
        ("  {{- toYaml .a | nindent 4 }}\r\na: 1\r\n", "                              \r\na: 1\r\n"),
        ("{{ if .a }}{{ with .b }}  # c\n", "                          # c\n"),
        ("- name: a {{- if .a }}\n", "- name: a             \n"),
        ("a: {{ if .a }}b{{ else }}c{{ end }}\n", "a: xxxxxxxxxxxbxxxxxxxxxxcxxxxxxxxx\n"),
        ("a: {{ include \"b\"\n  . }}\nc: 1\n", "a: xxxxxxxxxxxxxx\n      \nc: 1\n"),
        ("a: \"b\"{{ .c }}\n", "a: \"b\"        \n"),
        ("a: {{ `}}` }}{{ \"}}\" }}\n", "a: xxxxxxxxxxxxxxxxxxxx\n"),
        ("a: {{ .ü }}\n", "a: xxxxxxxxx\n"),
        ("{{ $a := .b }}\n", "              \n"),
    ] {
        assert_eq!(mask(text).text, expected, "{text:?}");
    }
}

#[test]
fn holes_say_what_was_hidden() {
    let text = "{{- if .a }}\na: {{- .b -}}\n{{ include \"c\" . }}\n{{ end }}\nd: {{ if .e }}f{{ end }}\n";
    let masked = mask(text);
    let holes: Vec<_> = masked
        .holes
        .iter()
        .map(|hole| (text.get(hole.range.start as usize..hole.range.end as usize), &*hole.expression, hole.place))
        .collect();
    assert_eq!(
        holes,
        [
            (Some("{{- .b -}}"), ".b", HolePlace::Scalar),
            (Some("{{ include \"c\" . }}"), "include \"c\" .", HolePlace::Lines),
            (Some("{{ if .e }}"), "if .e", HolePlace::Scalar),
            (Some("{{ end }}"), "end", HolePlace::Scalar),
        ]
    );
    let conditionals: Vec<_> =
        masked.conditionals.iter().map(|range| text.get(range.start as usize..range.end as usize)).collect();
    assert_eq!(conditionals.last(), Some(&Some("{{ if .e }}f{{ end }}")));
    assert_eq!(conditionals.len(), 2);
    assert!(masked.is_conditional(20));
    assert!(!masked.is_conditional(text.find("d:").expect("present") as u32));
    assert_eq!(masked.holes_within(16..17).count(), 1);
    assert_eq!(masked.holes_within(0..13).count(), 0);
}

#[test]
fn definitions_are_no_conditions() {
    let masked = mask("{{ define \"a\" }}\n{{ range .b }}\n{{ end }}\n{{ end }}\n{{ if .c }}\n");
    assert_eq!(masked.conditionals, [17..41, 52..64]);
}

#[test]
fn a_chart_parses_with_its_bytes_in_place() {
    let text = "{{- $name := include \"shop.name\" . -}}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ $name }}\n  labels:\n    {{- include \"shop.labels\" . | nindent 4 }}\n    tier: web\nspec:\n  {{- if not .Values.autoscaling.enabled }}\n  replicas: {{ .Values.replicas }}\n  {{- else }}\n  replicas: 1\n  {{- end }}\n  template:\n    spec:\n      containers:\n        - name: cart\n          image: \"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}\"\n          {{- with .Values.securityContext }}\n          securityContext:\n            {{- toYaml . | nindent 12 }}\n          {{- end }}\n          env:\n            {{- range $key, $value := .Values.env }}\n            - name: {{ $key | quote }}\n              value: {{ $value | quote }}\n            {{- end }}\n          args: [\"--port\", \"{{ .Values.port }}\"]\n";
    let masked = mask(text);
    let tree = yaml::parse(FileId(0), &masked.text);
    assert_eq!(tree.problems, []);
    let root = tree.documents().next().expect("a document");
    let spec = root.get("spec").expect("spec");
    assert_eq!(spec.own_entries().filter(|(key, _)| key.raw() == Some("replicas")).count(), 2);
    let container = spec.at(&["template", "spec", "containers"]).and_then(|list| list.items().next()).expect("one");
    assert_eq!(container.get("name").and_then(Node::text), Some("cart"));
    let image = container.get("image").expect("image").span();
    assert_eq!(text.get(image.start as usize..image.start as usize + 14), Some("\"{{ .Values.im"));
    assert_eq!(masked.holes_within(image.start..image.end).count(), 2);
    assert!(container.get("securityContext").is_some_and(Node::is_null));
    assert_eq!(root.at(&["metadata", "labels", "tier"]).and_then(Node::text), Some("web"));
}

#[test]
fn value_paths_are_plain_references() {
    let path = |path, default| Some(ValuePath { path, default });
    for (expression, expected) in [
        (".Values.a.b", path("Values.a.b", None)),
        ("$.Values.a_b | quote", path("Values.a_b", None)),
        (".Values.a | default \"x y\" | quote", path("Values.a", Some("x y"))),
        (".Values.a | default 80", path("Values.a", Some("80"))),
        ("default \"x\" .Values.a.b", path("Values.a.b", Some("x"))),
        ("quote .Values.a", path("Values.a", None)),
        (".Release.Name", path("Release.Name", None)),
        (".Chart.Name", path("Chart.Name", None)),
        (".Values", None),
        (".Values.a | lower", None),
        (".Values.a | default .Values.b", None),
        (".Values.a .Values.b", None),
        (".Values.a..b", None),
        ("(.Values.a).b", None),
        ("include \"a\" .", None),
        (".Release.IsUpgrade", None),
        ("$x", None),
        ("default \"x", None),
        ("", None),
    ] {
        assert_eq!(Masked::value_path(expression), expected, "{expression:?}");
    }
}

#[test]
fn every_truncation_is_masked_without_a_panic() {
    let text = "a: {{- if `ü}}` }}\r\n {{/* 😀 */}} \"{{ \"\\\"\" }}\"{{\n.x }} {{ end }}\nb: {{ $x := 1 }}";
    for (at, _) in text.char_indices() {
        for cut in [text.get(..at), text.get(at..)] {
            let cut = cut.expect("a boundary");
            if let Some(masked) = masked(cut) {
                assert_eq!(masked.text.len(), cut.len(), "{cut:?}");
                yaml::parse(FileId(0), &masked.text);
            }
        }
    }
}

#[test]
fn many_actions_take_linear_time() {
    for part in ["{{ .a }}", "{{ if .a }}\n", "{{ \"", "{{ `", "{{/*", "\"{{ .a }}\"{{ .b }}"] {
        let text = part.repeat(200_000);
        assert_eq!(masked(&text).map(|masked| masked.text.len()), Some(text.len()));
    }
}

/// What is left of a chart whose values are known.
fn installed(text: &str) -> Masked {
    let values: &Values<'_> = &|path: &str| match path {
        "on" => Some(Operand::Bool(true)),
        "off" => Some(Operand::Bool(false)),
        "none" => Some(Operand::Empty),
        _ => None,
    };
    let masked = masked_by(text, values).expect("a template");
    assert_eq!(masked.text.len(), text.len());
    masked
}

#[test]
fn what_the_values_decide_is_written_or_not() {
    for (text, expected, conditionals) in [
        ("{{ if .Values.on }}\na: 1\n{{ end }}\n", " a: 1  ", 0),
        ("{{ if .Values.off }}\na: 1\n{{ end }}\nb: 2\n", "  b: 2 ", 0),
        ("{{ if .Values.off }}\na: 1\n{{ else }}\nb: 2\n{{ end }}\n", "  b: 2  ", 0),
        ("{{ if .Values.off }}\na: 1\n{{ else if .Values.on }}\nb: 2\n{{ else }}\nc: 3\n{{ end }}\n", "  b: 2   ", 0),
        (
            "{{ if .Values.asked }}\na: 1\n{{ else if .Values.on }}\nb: 2\n{{ else }}\nc: 3\n{{ end }}\n",
            "a: 1  b: 2",
            1,
        ),
        ("{{ if .Values.off }}\na: 1\n{{ else if .Values.asked }}\nb: 2\n{{ end }}\n", "  b: 2  ", 1),
        ("{{ range .Values.none }}\na: 1\n{{ else }}\nb: 2\n{{ end }}\n", "  b: 2 ", 0),
        ("{{ range .Values.on }}\na: 1\n{{ end }}\n", "a: 1", 1),
        ("{{ if .Values.off }}\n{{ if .Values.asked }}\na: 1\n{{ end }}\n{{ end }}\nb: 2\n", " b: 2", 1),
        ("a: {{ if .Values.off }}b{{ end }}\n", "xbx", 1),
        ("{{ if .Values.on }}a: 1{{ end }}\n", "xa: 1", 1),
        ("{{ if .Values.off }}\na: 1\n", "a: 1", 1),
        ("{{ define \"x\" }}\n{{ if .Values.off }}\na: 1\n{{ end }}\n{{ end }}\n", "a: 1", 1),
    ] {
        let masked = installed(text);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&masked.text).contains(words(expected).as_str()), "{text:?}: {:?}", masked.text);
        let gone = ["a: 1", "b: 2", "c: 3"].iter().filter(|part| !expected.contains(*part));
        assert!(gone.into_iter().all(|part| !masked.text.contains(part)), "{text:?}: {:?}", masked.text);
        assert_eq!(masked.conditionals.len(), conditionals, "{text:?}");
    }
}

#[test]
fn objects_that_the_values_leave_out_stay_and_say_so() {
    let text = "{{- if .Values.off }}\napiVersion: v1\nkind: Service\n{{- end }}\n";
    let masked = installed(text);
    let kind = text.find("kind").expect("present") as u32;
    assert!(masked.text.contains("kind: Service"));
    assert!(masked.is_switched_off(kind) && masked.is_conditional(kind));
    assert!(!masked.is_switched_off(0) && !mask(text).is_switched_off(kind));
}

#[test]
fn empty_values_write_nothing() {
    for (text, holes) in [
        ("a:\n  {{- toYaml .Values.none | nindent 2 }}\n", 0),
        ("a:\n  {{- toYaml .Values.asked | nindent 2 }}\n", 1),
        ("a:\n  {{- toYaml .Values.on | nindent 2 }}\n", 1),
        ("a: {{ toYaml .Values.none | nindent 2 }}\n", 1),
        ("{{ if .Values.off }}\na: {{ .b }}\n{{ end }}\n", 0),
    ] {
        assert_eq!(installed(text).holes.len(), holes, "{text:?}");
    }
}
