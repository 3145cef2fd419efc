//! The schemas of what users write know the rules and subjects that there are, so that editors
//! offer them.

use archlint::infer::subjects::SUBJECTS;
use archlint::infer::vocabulary::Type;
use archlint::judge::builtin::FILES;
use archlint::judge::engine::ActiveRule;
use archlint::judge::load::KEYS;
use archlint::judge::parameter::Parameter;
use serde_json::{Value, json};

use super::rules;
use super::tree;

const CONFIG: &str = "docs/schemas/config.schema.json";
const RULE: &str = "docs/schemas/rule.schema.json";

fn document(path: &str) -> Value {
    serde_json::from_str(&tree::text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn assert_document(path: &str, expected: &Value) {
    tree::assert_current(path, &(serde_json::to_string_pretty(expected).expect("JSON") + "\n"));
}

#[test]
fn the_schema_of_the_configuration_knows_every_rule_and_its_parameters() {
    let mut schema = document(CONFIG);
    let mut properties = serde_json::Map::new();
    for ActiveRule { rule, .. } in rules::all() {
        let mut keys = serde_json::Map::from_iter([("severity".to_owned(), json!({ "$ref": "#/$defs/level" }))]);
        keys.extend(rule.parameters.iter().map(|parameter| (parameter.name.clone(), described(parameter))));
        let mapping = json!({ "type": "object", "additionalProperties": false, "properties": keys });
        let description = rule.why.split_whitespace().collect::<Vec<_>>().join(" ");
        let either = json!({ "description": description, "anyOf": [{ "$ref": "#/$defs/level" }, mapping] });
        properties.insert(rule.id.clone(), either);
    }
    schema["$defs"]["rules"]["properties"] = Value::Object(properties);
    assert_document(CONFIG, &schema);
}

/// Type, range and default of a parameter.
fn described(parameter: &Parameter) -> Value {
    let mut schema = match parameter.ty {
        Type::Bool => json!({ "type": "boolean" }),
        Type::Int => json!({ "type": "integer" }),
        Type::Text => json!({ "type": "string" }),
        Type::List(_) => json!({ "type": "array", "items": { "type": "string" } }),
    };
    let unit = if parameter.unit.is_empty() { String::new() } else { format!(" ({})", parameter.unit) };
    schema["description"] = json!(format!("{}{unit}", parameter.doc));
    for (key, bound) in [("minimum", parameter.min), ("maximum", parameter.max)] {
        if let Some(bound) = bound {
            schema[key] = json!(bound);
        }
    }
    schema
}

#[test]
fn the_schema_of_rules_has_the_loader_s_keys_and_every_subject() {
    let mut schema = document(RULE);
    let keys: Vec<&String> = schema["properties"].as_object().expect("properties").keys().collect();
    assert_eq!(keys, KEYS.iter().map(|(key, _)| *key).collect::<Vec<_>>());
    let required: Vec<&str> = KEYS.iter().filter(|(_, required)| *required).map(|(key, _)| *key).collect();
    assert_eq!(schema["required"], json!(required));
    schema["properties"]["subject"]["enum"] = json!(SUBJECTS.iter().map(|subject| subject.kind).collect::<Vec<_>>());
    assert_document(RULE, &schema);
}

#[test]
fn the_schema_of_rules_accepts_every_rule_that_there_is_and_refuses_mistakes() {
    let validator = jsonschema::validator_for(&document(RULE)).expect("a schema");
    for file in FILES {
        let rule: Value = serde_yaml::from_str(file.text).expect("YAML");
        let problems: Vec<String> = validator.iter_errors(&rule).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{}: {problems:?}", file.name);
    }
    let sound = "id: a-b\nseverity: note\nsubject: service\nwhen: \"true\"\nmessage: m\nwhy: w\nfix: f\n";
    for (from, to) in [
        ("id: a-b", "id: A_B"),
        ("severity: note", "severity: loud"),
        ("subject: service", "subject: servise"),
        ("why: w\n", ""),
        ("fix: f", "fix: f\nfixx: g"),
        ("fix: f", "fix: f\nparameters: {most: {type: number, default: 3, doc: d}}"),
    ] {
        let rule: Value = serde_yaml::from_str(&sound.replace(from, to)).expect("YAML");
        assert!(!validator.is_valid(&rule), "{to}");
    }
    assert!(validator.is_valid(&serde_yaml::from_str(sound).expect("YAML")));
}
