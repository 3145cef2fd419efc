//! Operations of OpenAPI texts, with what they say about repeating them.

use super::{claims_document, read_document};
use crate::extract::reading::Reading;
use crate::facts::answer::Answer;
use crate::facts::contract::{Contract, Effect, EffectBasis, IdempotencyBasis, Operation};
use crate::facts::{Fact, Facts};
use crate::source::file::{FileId, SourceFile};
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::syntax::yaml;

fn facts(text: &str) -> Facts {
    let mut reading = Reading::new(SourceFile { id: FileId(0), path: EstatePath::new("shop/api.yaml"), text });
    for document in yaml::parse(FileId(0), text).documents() {
        if claims_document(document) {
            read_document(&mut reading, document);
        }
    }
    reading.into_facts()
}

fn contract(text: &str) -> Contract {
    let contract = |fact| match fact {
        Fact::Contract(contract) => Some(*contract),
        _ => None,
    };
    facts(text).facts.into_iter().find_map(contract).expect("a contract")
}

fn at(text: &str, span: Span) -> (u32, u32) {
    let position = LineIndex::new(text).position(text, span.start, ColumnUnit::Characters);
    (position.line, position.column)
}

/// The operation `verb path` whose content is `content`, in flow style.
fn operation(verb: &str, path: &str, content: &str) -> Operation {
    let text = format!(
        "openapi: 3.0.3\npaths:\n  '{path}':\n    {verb}: {{{content}}}\ncomponents:\n  schemas:\n    Keyed: {{properties: {{requestId: {{type: string}}}}}}\n    Plain: {{properties: {{price: {{$ref: 'money.yaml#/Money'}}}}}}\n    Loop: {{allOf: [{{$ref: '#/components/schemas/Loop'}}]}}\n  parameters:\n    Key: {{in: header, name: Idempotency-Key}}\n"
    );
    contract(&text).operations.remove(0)
}

#[test]
fn only_documents_that_state_their_version_are_claimed() {
    for (text, expected) in [
        ("openapi: 3.1.0\n", true),
        ("swagger: '2.0'\n", true),
        ("swagger: 2.0\n", true),
        ("{\"openapi\": \"3.0.0\"}", true),
        ("swagger: true\n", false),
        ("openapi: {enabled: true}\n", false),
        ("spec: {openapi: 3.0.0}\n", false),
        ("- openapi\n", false),
    ] {
        let tree = yaml::parse(FileId(0), text);
        assert_eq!(tree.documents().all(claims_document), expected, "{text}");
    }
}

#[test]
fn operations_stand_in_order_with_their_verbs_places() {
    let text = "openapi: 3.0.3\ninfo:\n  title: Orders\nservers:\n  - url: https://orders.example/v1\npaths:\n  /orders:\n    summary: x\n    get: {}\n    post: {}\n  /orders/{id}:\n    delete: {}\n  x-internal: {post: {}}\nwebhooks:\n  paid: {post: {}}\n";
    let contract = contract(text);
    assert_eq!((contract.name.as_str(), at(text, contract.span)), ("Orders", (3, 10)));
    assert_eq!(contract.servers, ["https://orders.example/v1"]);
    let operations: Vec<_> =
        contract.operations.iter().map(|operation| (operation.name.as_str(), at(text, operation.span))).collect();
    assert_eq!(operations, [("GET /orders", (9, 5)), ("POST /orders", (10, 5)), ("DELETE /orders/{id}", (12, 5))]);
}

#[test]
fn version_2_has_its_own_places() {
    let text = "swagger: '2.0'\nbasePath: /api\npaths:\n  /a:\n    post:\n      parameters:\n        - in: body\n          schema: {$ref: '#/definitions/A'}\n  /b:\n    post:\n      parameters:\n        - {in: formData, name: request_id}\ndefinitions:\n  A:\n    properties:\n      idempotencyKey: {type: string}\n";
    let contract = contract(text);
    assert_eq!((contract.name.as_str(), at(text, contract.span)), ("api.yaml", (1, 1)));
    assert_eq!(contract.servers, ["/api"]);
    let places: Vec<_> =
        contract.operations.iter().map(|operation| at(text, operation.idempotency.evidence()[0])).collect();
    assert_eq!(places, [(16, 7), (12, 32)]);
}

#[test]
fn the_effect_is_the_verbs_unless_a_post_is_named_otherwise() {
    use Effect::{Mutates, MutatesIdempotently, Reads, Session};
    use EffectBasis::{Name, Verb};
    for (verb, path, content, expected) in [
        ("get", "/orders", "", (Reads, Verb)),
        ("head", "/orders", "", (Reads, Verb)),
        ("put", "/orders/{id}", "", (MutatesIdempotently, Verb)),
        ("delete", "/orders/{id}", "", (MutatesIdempotently, Verb)),
        ("patch", "/orders/{id}", "", (Mutates, Verb)),
        ("post", "/orders", "", (Mutates, Verb)),
        ("post", "/orders/{id}/cancel", "", (Mutates, Verb)),
        ("post", "/orders/search", "", (Reads, Name)),
        ("post", "/orders:validate", "", (Reads, Name)),
        ("post", "/orders", "operationId: searchOrders", (Reads, Name)),
        ("post", "/orders", "operationId: orders_search_post", (Reads, Name)),
        ("post", "/orders", "operationId: post_orders", (Mutates, Verb)),
        ("post", "/research", "", (Mutates, Verb)),
        ("post", "/search/{id}", "", (Mutates, Verb)),
        ("post", "/login", "", (Session, Name)),
        ("post", "/users/logout/", "", (Session, Name)),
        ("post", "/auth/google", "", (Session, Name)),
        ("post", "/auth/register", "", (Mutates, Verb)),
        ("post", "/author", "", (Mutates, Verb)),
        ("post", "/users", "operationId: userLogin", (Session, Name)),
    ] {
        let operation = operation(verb, path, content);
        assert_eq!((operation.effect, operation.effect_basis), expected, "{verb} {path} {content}");
    }
}

#[test]
fn idempotency_has_three_answers() {
    let body = |schema: &str| format!("requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}");
    let header = |name: &str| format!("parameters: [{{in: header, name: {name}}}]");
    let present = |basis| Some(Some(basis));
    for (content, expected) in [
        (header("Idempotency-Key"), present(IdempotencyBasis::Header)),
        (header("x-idempotency-key"), present(IdempotencyBasis::Header)),
        (header("X-Request-Id"), Some(None)),
        (header("Idempotency-Key").replace("header", "cookie"), Some(None)),
        ("parameters: [{$ref: '#/components/parameters/Key'}]".to_owned(), present(IdempotencyBasis::Header)),
        ("parameters: [{$ref: 'common.yaml#/Key'}]".to_owned(), None),
        ("parameters: [{$ref: '#/components/parameters/Missing'}]".to_owned(), None),
        ("x-idempotent: true".to_owned(), present(IdempotencyBasis::Declared)),
        ("x-idempotent: false".to_owned(), Some(None)),
        (body("{properties: {idempotency_key: {}}}"), present(IdempotencyBasis::Field)),
        (body("{$ref: '#/components/schemas/Keyed'}"), present(IdempotencyBasis::Field)),
        (body("{properties: {order: {$ref: '#/components/schemas/Keyed'}}}"), present(IdempotencyBasis::Field)),
        (body("{allOf: [{}, {$ref: '#/components/schemas/Keyed'}]}"), present(IdempotencyBasis::Field)),
        (body("{$ref: '#/components/schemas/Plain'}"), Some(None)),
        (body("{$ref: '#/components/schemas/Loop'}"), Some(None)),
        (body("{$ref: 'order.yaml'}"), None),
        (body("{properties: {meta: {$ref: 'meta.yaml'}}}"), None),
        ("requestBody: {$ref: 'body.yaml'}".to_owned(), None),
        ("callbacks: {done: {x: {post: {parameters: [{in: header, name: Idempotency-Key}]}}}}".to_owned(), Some(None)),
        (String::new(), Some(None)),
    ] {
        let answer = operation("post", "/orders", &content).idempotency;
        let answer = match answer {
            Answer::Present(basis, _) => Some(Some(basis)),
            Answer::Absent(_) => Some(None),
            Answer::Unknown(_) => None,
        };
        assert_eq!(answer, expected, "{content}");
    }
}

#[test]
fn a_header_for_the_whole_path_counts_for_each_operation() {
    let text = "openapi: 3.0.3\npaths:\n  /a:\n    parameters:\n      - in: header\n        name: Idempotency-Key\n    post: {}\n";
    let answer = &contract(text).operations[0].idempotency;
    assert_eq!(at(text, answer.evidence()[0]), (6, 15));
}

#[test]
fn absence_points_to_the_verb() {
    let text = "openapi: 3.0.3\npaths:\n  /a:\n    post: {}\n";
    let answer = &contract(text).operations[0].idempotency;
    assert!(answer.is_absent());
    assert_eq!(at(text, answer.evidence()[0]), (4, 5));
}

#[test]
fn a_path_in_another_file_is_noted_as_unclear() {
    let text = "openapi: 3.0.3\npaths:\n  /a: {$ref: 'a.yaml'}\n  /b: {post: {}}\n";
    let facts = facts(text);
    assert_eq!(at(text, facts.unclear[0].span), (3, 3));
    assert_eq!(contract(text).operations.len(), 1);
}

#[test]
fn what_a_broken_file_does_not_show_is_unknown() {
    let text = "openapi: 3.0.3\npaths:\n  /a:\n    post: {}\n  /b:\n    post:\n      parameters:\n        - in: header\n          name: \"Idemp";
    let contract = contract(text);
    assert!(contract.operations[0].idempotency.is_absent());
    assert!(matches!(contract.operations[1].idempotency, Answer::Unknown(_)));
}

#[test]
fn a_request_beyond_all_bounds_is_unknown() {
    let properties: String = (0..3_000).map(|n| format!("p{n}: {{}}, ")).collect();
    let content = format!("requestBody: {{content: {{a/b: {{schema: {{properties: {{{properties}}}}}}}}}}}");
    assert!(matches!(operation("post", "/orders", &content).idempotency, Answer::Unknown(_)));
}

#[test]
fn no_prefix_of_a_file_panics() {
    let text = "openapi: 3.0.3\ninfo: {title: ä}\nservers: [{url: /v1}]\npaths:\n  /a/{b}:\n    $ref: '#/paths/~1c'\n  /c:\n    post:\n      operationId: é\n      parameters: [{$ref: '#/x/0'}]\n      requestBody:\n        content: {a/b: {schema: {allOf: [{$ref: '#/y'}], properties: {meta: {}}}}}\nx: [{in: header, name: Idempotency-Key}]\ny: {$ref: '#/y'}\n";
    for end in 0..=text.len() {
        if let Some(prefix) = text.get(..end) {
            facts(prefix);
        }
    }
}
