//! Proto texts, also broken and hostile ones, as trees with exact places.

use super::{HttpRule, IdempotencyLevel, ProtoFile, parse, well_known_fields};
use crate::source::file::FileId;
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::span::Span;

fn read(text: &str) -> ProtoFile {
    parse(FileId(0), text)
}

fn at(text: &str, span: Span) -> (u32, u32) {
    let position = LineIndex::new(text).position(text, span.start, ColumnUnit::Characters);
    (position.line, position.column)
}

fn rule(option: &str) -> Option<HttpRule> {
    let text = format!("syntax = \"proto3\";\nservice S {{ rpc M(A) returns (B) {{ {option} }} }}\n");
    let file = read(&text);
    assert!(file.problems.is_empty(), "{option}: {:?}", file.problems);
    file.services.first()?.methods.first()?.http.clone()
}

#[test]
fn services_and_methods_have_their_names_places() {
    let text = "syntax = \"proto3\";\r\npackage shop.v1;\r\nimport \"a.proto\";\r\n\r\n/* ä */ service Orders {\r\n\trpc Place (stream Place) returns (Order);\r\n}\r\n";
    let file = read(text);
    assert_eq!((&*file.package, file.imports.len()), ("shop.v1", 1));
    let service = file.services.first().expect("a service");
    assert_eq!((&*service.name, at(text, service.span)), ("Orders", (5, 17)));
    let method = service.methods.first().expect("a method");
    assert_eq!((&*method.name, at(text, method.span), method.streaming), ("Place", (6, 6), true));
    assert_eq!(&*method.request, "Place");
}

#[test]
fn http_rules_are_read_in_all_their_forms() {
    let expected = |verb: &str, path: &str| Some(HttpRule { verb: verb.into(), path: path.into() });
    for (option, expected) in [
        (r#"option (google.api.http) = { post: "/v1/orders" body: "*" };"#, expected("POST", "/v1/orders")),
        (
            r#"option (google.api.http) = { get: "/v1/{name=a/*}" additional_bindings { get: "/x" } };"#,
            expected("GET", "/v1/{name=a/*}"),
        ),
        (r#"option (google.api.http).delete = "/v1/orders";"#, expected("DELETE", "/v1/orders")),
        (r#"option (google.api.http) = { custom: { kind: "head" path: "/v1" } };"#, expected("HEAD", "/v1")),
        (r#"option (.google.api.http) = { patch: "/v1" };"#, expected("PATCH", "/v1")),
        (r#"option (google.api.http) = { future_field: 1 };"#, None),
        (r#"option (acme.http) = { get: "/v1" };"#, None),
        ("option deprecated = true;", None),
    ] {
        assert_eq!(rule(option), expected, "{option}");
    }
}

#[test]
fn idempotency_levels_are_read() {
    let level = |option: &str| {
        let text = format!("service S {{ rpc M(A) returns (B) {{ option {option}; }} }}");
        read(&text).services.first().and_then(|service| service.methods.first()?.idempotency)
    };
    assert_eq!(level("idempotency_level = NO_SIDE_EFFECTS"), Some(IdempotencyLevel::NoSideEffects));
    assert_eq!(level("idempotency_level = IDEMPOTENT"), Some(IdempotencyLevel::Idempotent));
    assert_eq!(level("idempotency_level = IDEMPOTENCY_UNKNOWN"), None);
    assert_eq!(level("(idempotency_level) = IDEMPOTENT"), None);
}

#[test]
fn types_are_found_from_the_innermost_scope() {
    let text = "syntax = \"proto3\"; package a.b; message M { message N { int32 x = 1; } N n = 1; } message N { int32 y = 1; }";
    let file = read(text);
    let found = |scope, name| file.find_message(scope, name).map(|message| &*message.name);
    assert_eq!(found("a.b.M", "N"), Some("a.b.M.N"));
    assert_eq!(found("a.b.S", "N"), Some("a.b.N"));
    assert_eq!(found("a.b.S", "M.N"), Some("a.b.M.N"));
    assert_eq!(found("a.b.S", "b.N"), Some("a.b.N"));
    assert_eq!(found("a.b.S", ".a.b.N"), Some("a.b.N"));
    assert_eq!(found("a.b.S", ".N"), None);
    assert_eq!(found("a.b.S", "c.N"), None);
}

#[test]
fn editions_are_read_with_the_same_places() {
    for head in [
        "edition = \"2023\";",
        "edition = \"2024\" ;\n",
        "edition=\"2023\";\n",
        "// edition\n/* x */ edition = '2023';",
        "\u{feff}edition = \"2023\";",
    ] {
        let text = format!("{head} message M {{ int32 a = 1; }}\nservice Orders {{ rpc M(M) returns (M); }}\n");
        let file = read(&text);
        assert!(file.problems.is_empty(), "{head}: {:?}", file.problems);
        let span = file.services.first().expect("a service").span;
        assert_eq!(text.get(span.start as usize..span.end as usize), Some("Orders"), "{head}");
    }
}

#[test]
fn a_mistake_has_its_place() {
    for (text, place) in [
        ("syntax = \"proto3\";\nservice S {\n  rpc M(A returns (B);\n}\n", (3, 11)),
        ("syntax = \"proto3\";\nmessage M {\n", (2, 12)),
        ("edition = \"2023\";\nmessage M {\n  int32 = 1;\n}\n", (3, 9)),
    ] {
        let file = read(text);
        let problem = file.problems.first().expect("a problem");
        assert_eq!(at(text, problem.span), place, "{text}: {}", problem.message);
        assert!(file.services.is_empty());
    }
}

#[test]
fn hostile_nesting_is_refused() {
    for (open, close) in [("{a:", "}"), ("[", "]"), ("{a<", ">}")] {
        let value = format!("{}{}", open.repeat(100_000), close.repeat(100_000));
        let text = format!("option (x) = {{ a: {value} }};");
        assert_eq!(read(&text).problems.len(), 1);
    }
    let nested = |depth| {
        let (open, close) = ("additional_bindings {".repeat(depth), "}".repeat(depth));
        rule(&format!("option (google.api.http) = {{ get: \"/v1\" {open} {close} }};"))
    };
    assert!(nested(190).is_none());
    assert!(nested(2).is_some());
}

#[test]
fn no_prefix_of_a_file_panics() {
    let text = "\u{feff}edition = \"2023\";\npackage ä;\nservice S { rpc M(stream A) returns (B) { option (google.api.http) = { get: \"/é\" }; option idempotency_level = IDEMPOTENT; } }\nmessage A { map<string, B> b = 1; oneof c { int32 d = 2; } reserved 3 to max; }\n";
    for end in 0..=text.len() {
        if let Some(prefix) = text.get(..end) {
            for problem in read(prefix).problems {
                assert!(problem.span.end as usize <= prefix.len(), "{prefix}");
            }
        }
    }
}

#[test]
fn well_known_messages_have_their_fields() {
    assert_eq!(well_known_fields("google.protobuf.Empty"), Some(Vec::new()));
    assert_eq!(well_known_fields(".google.protobuf.StringValue"), Some(vec!["value".to_owned()]));
    assert_eq!(well_known_fields("shop.Empty"), None);
}
