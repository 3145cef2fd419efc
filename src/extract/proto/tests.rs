//! Operations of proto texts, with what they say about repeating them.

use super::{claims, read};
use crate::extract::reading::Reading;
use crate::facts::answer::Answer;
use crate::facts::contract::{Contract, Effect, EffectBasis, IdempotencyBasis, Operation};
use crate::facts::{Fact, Facts};
use crate::source::file::{FileId, SourceFile};
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::path::EstatePath;
use crate::source::span::Span;

fn facts(text: &str) -> Facts {
    let mut reading = Reading::new(SourceFile { id: FileId(0), path: EstatePath::new("shop/orders.proto"), text });
    read(&mut reading);
    reading.into_facts()
}

fn contracts(text: &str) -> Vec<Contract> {
    let contract = |fact| match fact {
        Fact::Contract(contract) => Some(*contract),
        _ => None,
    };
    facts(text).facts.into_iter().filter_map(contract).collect()
}

fn at(text: &str, span: Span) -> (u32, u32) {
    let position = LineIndex::new(text).position(text, span.start, ColumnUnit::Characters);
    (position.line, position.column)
}

/// The only operation of a service whose method is `method`, with `messages` behind it.
fn operation(method: &str, messages: &str) -> Operation {
    let text = format!(
        "syntax = \"proto3\";\npackage shop.v1;\nimport \"shop/common.proto\";\nservice Orders {{\n  {method}\n}}\n{messages}\n"
    );
    assert!(facts(&text).problems.is_empty(), "{text}");
    contracts(&text).remove(0).operations.remove(0)
}

fn effect(method: &str) -> (Effect, EffectBasis) {
    let operation = operation(method, "message R {}");
    (operation.effect, operation.effect_basis)
}

#[test]
fn protos_are_claimed_but_copies_of_common_ones_are_not() {
    for (path, expected) in [
        ("protos/orders.proto", true),
        ("google/orders.proto", true),
        ("third_party/google/api/http.proto", false),
        ("google/protobuf/empty.proto", false),
        ("proto/grpc/health/v1/health.proto", false),
        ("orders.proto.txt", false),
        ("acmegoogle/api/x.proto", true),
    ] {
        assert_eq!(claims(EstatePath::new(path)), expected, "{path}");
    }
}

#[test]
fn each_service_is_a_contract_with_full_names() {
    let text = "syntax = \"proto3\";\npackage shop.v1;\n\nservice Orders {\n  rpc Place(R) returns (R);\n  rpc Watch(R) returns (stream R);\n}\nservice Stock {}\nmessage R {}\n";
    let contracts = contracts(text);
    let names: Vec<_> = contracts.iter().map(|contract| (contract.name.as_str(), at(text, contract.span))).collect();
    assert_eq!(names, [("shop.v1.Orders", (4, 9)), ("shop.v1.Stock", (8, 9))]);
    let operations: Vec<_> = contracts[0]
        .operations
        .iter()
        .map(|operation| (operation.name.as_str(), operation.streaming, at(text, operation.span)))
        .collect();
    assert_eq!(operations, [("shop.v1.Orders/Place", false, (5, 7)), ("shop.v1.Orders/Watch", true, (6, 7))]);
}

#[test]
fn a_service_without_package_keeps_its_name() {
    let contracts = contracts("service Orders { rpc Get(R) returns (R); }");
    assert_eq!(contracts[0].operations[0].name, "Orders/Get");
}

#[test]
fn standard_services_are_left_out() {
    for package in ["grpc.health.v1", "grpc.reflection.v1alpha", "google.longrunning"] {
        let text = format!("syntax = \"proto3\"; package {package}; service Health {{ rpc Check(R) returns (R); }}");
        assert!(contracts(&text).is_empty(), "{package}");
    }
    assert_eq!(contracts("syntax = \"proto3\"; package grpc.healthcare; service S {}").len(), 1);
}

#[test]
fn the_effect_is_declared_or_the_verbs_or_the_names() {
    use Effect::{Mutates, MutatesIdempotently, Reads, Session, Unclear};
    use EffectBasis::{Declared, Name, Verb};
    for (method, expected) in [
        ("rpc PlaceOrder(R) returns (R) { option idempotency_level = NO_SIDE_EFFECTS; }", (Reads, Declared)),
        ("rpc PlaceOrder(R) returns (R) { option idempotency_level = IDEMPOTENT; }", (Mutates, Name)),
        ("rpc Fetch(R) returns (R) { option (google.api.http) = { get: \"/v1\" }; }", (Reads, Verb)),
        ("rpc Do(R) returns (R) { option (google.api.http) = { put: \"/v1\" }; }", (MutatesIdempotently, Verb)),
        ("rpc Do(R) returns (R) { option (google.api.http) = { post: \"/v1\" }; }", (Mutates, Verb)),
        ("rpc SetPrice(R) returns (R) { option (google.api.http) = { post: \"/v1\" }; }", (Mutates, Verb)),
        ("rpc Do(R) returns (R) { option (google.api.http) = { patch: \"/v1\" }; }", (Mutates, Verb)),
        ("rpc Do(R) returns (R) { option (google.api.http) = { post: \"/v1/a:search\" }; }", (Reads, Name)),
        ("rpc SearchOrders(R) returns (R) { option (google.api.http) = { post: \"/v1\" }; }", (Reads, Name)),
        ("rpc Login(R) returns (R) { option (google.api.http) = { post: \"/v1\" }; }", (Session, Name)),
        ("rpc ListOrders(R) returns (R);", (Reads, Name)),
        ("rpc PlaceOrder(R) returns (R);", (Mutates, Name)),
        ("rpc EmptyCart(R) returns (R);", (MutatesIdempotently, Name)),
        ("rpc RefreshToken(R) returns (R);", (Session, Name)),
        ("rpc Frobnicate(R) returns (R);", (Unclear, Name)),
    ] {
        assert_eq!(effect(method), expected, "{method}");
    }
}

#[test]
fn a_field_for_a_key_is_found_and_shown() {
    let text = "syntax = \"proto3\";\nservice S { rpc Place(Place) returns (Place); }\nmessage Place {\n  string order = 1;\n  string request_id = 2;\n}\n";
    let answer = &contracts(text)[0].operations[0].idempotency;
    assert_eq!(answer.value(), Some(&IdempotencyBasis::Field));
    assert_eq!(at(text, answer.evidence()[0]), (5, 10));
}

#[test]
fn idempotency_has_three_answers() {
    let declared = Some(IdempotencyBasis::Declared);
    let field = Some(IdempotencyBasis::Field);
    let answer = |request: &str, messages: &str| {
        operation(&format!("rpc Place({request}) returns (R);"), &format!("message R {{}} {messages}")).idempotency
    };
    for (request, messages, expected) in [
        ("P", "message P { string idempotency_key = 1; }", field),
        ("P", "message P { string order_id = 1; }", None),
        ("P", "message P { Meta m = 1; } message Meta { string client_token = 1; }", field),
        ("P", "message P { message Meta { string request_id = 1; } Meta m = 1; }", field),
        ("P", "message P { P again = 1; }", None),
        ("P", "message P { oneof x { string request_id = 1; } }", field),
        ("google.protobuf.Empty", "", None),
        ("google.protobuf.StringValue", "", None),
    ] {
        let answer = answer(request, messages);
        assert_eq!(answer.value().copied(), expected, "{messages}");
        assert_eq!(answer.is_absent(), expected.is_none(), "{messages}");
    }
    for (request, messages) in
        [("shop.common.Order", ""), ("google.protobuf.Any", ""), ("P", "message P { shop.common.Meta metadata = 1; }")]
    {
        let Answer::Unknown(reason) = answer(request, messages) else { panic!("{request} {messages}") };
        assert!(reason.0.contains("shop/common.proto"), "{}", reason.0);
    }
    assert!(answer("P", "message P { shop.common.Money price = 1; }").is_absent());
    let option = operation("rpc Place(X) returns (X) { option idempotency_level = IDEMPOTENT; }", "");
    assert_eq!(option.idempotency.value().copied(), declared);
}

#[test]
fn a_request_beyond_all_bounds_is_unknown() {
    let fields: String = (1..3_000).map(|n| format!("string f{n} = {n};")).collect();
    let operation = operation("rpc Place(P) returns (P);", &format!("message P {{ {fields} }}"));
    assert!(matches!(operation.idempotency, Answer::Unknown(_)));
}

#[test]
fn absence_points_to_the_method() {
    let text = "syntax = \"proto3\";\nservice S {\n  rpc Place(P) returns (P);\n}\nmessage P {}\n";
    let operation = &contracts(text)[0].operations[0];
    assert_eq!(at(text, operation.idempotency.evidence()[0]), (3, 7));
}

#[test]
fn a_mistake_is_a_problem_with_its_place() {
    let text = "syntax = \"proto3\";\nservice S {\n  rpc Place(P) return (P);\n}\n";
    let facts = facts(text);
    assert!(facts.facts.is_empty());
    assert_eq!(at(text, facts.problems[0].span), (3, 16));
}
