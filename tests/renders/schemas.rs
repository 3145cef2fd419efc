//! The JSON documents against the schemas that are published with them.

use serde_json::Value;

use crate::estate;
use crate::formats::outputs;

fn check(schema: &str, document: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let document: Value = serde_json::from_str(document).expect("the document is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

const FINDINGS: &str = include_str!("../../docs/schemas/findings.schema.json");
const GRAPH: &str = include_str!("../../docs/schemas/graph.schema.json");
const REPORT: &str = include_str!("../../docs/schemas/report.schema.json");

#[test]
fn documents_keep_to_their_schema() {
    for estate in [estate::none(), estate::one(), estate::many(), estate::odd()] {
        for (format, text) in outputs(&estate) {
            match format {
                "json" => assert_eq!(check(FINDINGS, &text), [""; 0]),
                "report-json" => assert_eq!(check(REPORT, &text), [""; 0]),
                "graph-json" => assert_eq!(check(GRAPH, &text), [""; 0]),
                _ => {}
            }
        }
    }
}

#[test]
fn schemas_refuse_what_is_not_promised() {
    let one = outputs(&estate::one());
    let (_, findings) = &one[0];
    for (from, to) in [("\"line\": 3", "\"line\": 0"), ("\"error\"", "\"fatal\""), ("\"help\"", "\"hint\"")] {
        assert!(findings.contains(from), "{from}");
        assert!(!check(FINDINGS, &findings.replace(from, to)).is_empty(), "{to}");
    }
}
