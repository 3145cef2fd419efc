//! A checker of SARIF logs, written from the standard's schema and from what GitHub's
//! documentation demands of a log that it takes, and what must pass it.

use std::collections::BTreeSet;

use archlint::judge::finding::{Finding, Related};
use archlint::render::sarif;
use archlint::source::span::Span;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::estate::{self, Estate};

/// The objects that we write, as the schema of SARIF 2.1.0 constrains them. Unknown keys are
/// refused here: each is a spelling mistake.
fn schema() -> Value {
    let object = |required: &[&str], properties: Value| json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties});
    let list = |items: Value| json!({"type": "array", "items": items});
    let text = || json!({"type": "string", "minLength": 1});
    let positive = || json!({"type": "integer", "minimum": 1});
    let level = || json!({"enum": ["none", "note", "warning", "error"]});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/log",
        "$defs": {
            "log": object(&["version", "runs", "$schema"], json!({
                "$schema": {"type": "string", "pattern": "^https://.*sarif.*2\\.1\\.0.*json$"},
                "version": {"const": "2.1.0"},
                "runs": {"type": "array", "minItems": 1, "maxItems": 20, "items": {"$ref": "#/$defs/run"}},
            })),
            "run": object(&["tool", "results"], json!({
                "tool": object(&["driver"], json!({"driver": {"$ref": "#/$defs/driver"}})),
                "invocations": list(json!({"$ref": "#/$defs/invocation"})),
                "automationDetails": object(&[], json!({"id": text()})),
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "originalUriBaseIds": {"type": "object", "additionalProperties": {"$ref": "#/$defs/base"}},
                "results": {"type": "array", "maxItems": 25_000, "items": {"$ref": "#/$defs/result"}},
            })),
            "base": object(&[], json!({
                "uri": {"type": "string", "pattern": "/$"},
                "description": {"$ref": "#/$defs/message"},
            })),
            "driver": object(&["name", "rules"], json!({
                "name": text(),
                "version": text(),
                "semanticVersion": {"type": "string", "pattern": "^\\d+\\.\\d+\\.\\d+([-+].*)?$"},
                "rules": {"type": "array", "maxItems": 25_000, "uniqueItems": true, "items": {"$ref": "#/$defs/rule"}},
            })),
            "rule": object(&["id", "shortDescription", "fullDescription", "help"], json!({
                "id": {"type": "string", "minLength": 1, "maxLength": 255},
                "name": {"type": "string", "minLength": 1, "maxLength": 255},
                "shortDescription": {"$ref": "#/$defs/described"},
                "fullDescription": {"$ref": "#/$defs/described"},
                "help": object(&["text"], json!({"text": {"$ref": "#/$defs/described/properties/text"}, "markdown": text()})),
                "defaultConfiguration": object(&[], json!({"level": level()})),
                "properties": object(&["tags"], json!({
                    "tags": {"type": "array", "maxItems": 20, "uniqueItems": true, "items": text()},
                    "precision": {"enum": ["very-high", "high", "medium", "low"]},
                    "problem.severity": {"enum": ["error", "warning", "recommendation"]},
                })),
            })),
            "described": object(&["text"], json!({"text": {"type": "string", "minLength": 1, "maxLength": 1024}})),
            "invocation": object(&["executionSuccessful"], json!({
                "executionSuccessful": {"type": "boolean"},
                "toolExecutionNotifications": list(object(&["message"], json!({
                    "level": level(),
                    "message": {"$ref": "#/$defs/message"},
                }))),
            })),
            "message": object(&["text"], json!({"text": text()})),
            "result": object(&["ruleId", "message", "locations", "partialFingerprints"], json!({
                "ruleId": text(),
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": level(),
                "message": {"$ref": "#/$defs/message"},
                "locations": {"type": "array", "minItems": 1, "maxItems": 10, "items": {"$ref": "#/$defs/location"}},
                "relatedLocations": {"type": "array", "maxItems": 1000, "uniqueItems": true, "items": {"$ref": "#/$defs/location"}},
                "codeFlows": list(object(&["threadFlows"], json!({
                    "threadFlows": {"type": "array", "minItems": 1, "items": object(&["locations"], json!({
                        "locations": {"type": "array", "minItems": 1, "maxItems": 10_000,
                            "items": object(&["location"], json!({"location": {"$ref": "#/$defs/location"}}))},
                    }))},
                }))),
                "suppressions": list(object(&["kind"], json!({
                    "kind": {"enum": ["inSource", "external"]},
                    "status": {"enum": ["accepted", "underReview", "rejected"]},
                    "justification": text(),
                }))),
                "partialFingerprints": {"type": "object", "required": ["primaryLocationLineHash"], "additionalProperties": text()},
            })),
            "location": object(&["physicalLocation"], json!({
                "id": {"type": "integer", "minimum": 0},
                "physicalLocation": object(&["artifactLocation", "region"], json!({
                    "artifactLocation": object(&["uri"], json!({"uri": text(), "uriBaseId": text()})),
                    "region": object(&["startLine", "startColumn", "endLine", "endColumn"], json!({
                        "startLine": positive(), "startColumn": positive(),
                        "endLine": positive(), "endColumn": positive(),
                    })),
                })),
                "message": {"$ref": "#/$defs/message"},
            })),
        },
    })
}

/// What a schema cannot say. Empty for a log that GitHub takes.
fn problems(text: &str) -> Vec<String> {
    let log: Value = serde_json::from_str(text).expect("JSON");
    let validator = jsonschema::validator_for(&schema()).expect("a schema");
    let mut problems: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    for run in log["runs"].as_array().into_iter().flatten() {
        let rules = run["tool"]["driver"]["rules"].as_array().cloned().unwrap_or_default();
        let ids: Vec<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
        if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
            problems.push("two rules have one id".to_owned());
        }
        let mut identities = BTreeSet::new();
        for result in run["results"].as_array().into_iter().flatten() {
            let rule = result["ruleId"].as_str().unwrap_or_default();
            let index = result["ruleIndex"].as_u64().map_or(usize::MAX, |index| index as usize);
            if ids.get(index) != Some(&rule) {
                problems.push(format!("{rule}: rule {index} is another one"));
            }
            let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
            if !identities.insert((place.to_string(), rule.to_owned(), hash.to_string())) {
                problems.push(format!("{rule} in {place}: two results are one alert"));
            }
            links(result, &mut problems);
        }
        places(run, &mut problems);
    }
    problems
}

/// Links of a message lead to related places, and every related place has its own id.
fn links(result: &Value, problems: &mut Vec<String>) {
    let related = result["relatedLocations"].as_array().cloned().unwrap_or_default();
    let ids: Vec<u64> = related.iter().filter_map(|place| place["id"].as_u64()).collect();
    if ids.len() != related.len() || ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        problems.push(format!("ids of related places: {ids:?}"));
    }
    let text = result["message"]["text"].as_str().unwrap_or_default();
    for link in text.split("](").skip(1) {
        let target = link.split(')').next().unwrap_or_default();
        if !target.parse().is_ok_and(|id: u64| ids.contains(&id)) {
            problems.push(format!("a link leads to {target:?}: {text}"));
        }
    }
    if regex::Regex::new(r"\{\d+\}").expect("a pattern").is_match(text) {
        problems.push(format!("a placeholder without a value: {text}"));
    }
}

/// Every location: the address is one of the repository, the region does not run backwards.
fn places(value: &Value, problems: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let Some(uri) = object.get("uri").and_then(Value::as_str) {
                let first = uri.split('/').next().unwrap_or_default();
                let escaped =
                    uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%!$&'()*+,;=:@".contains(&byte));
                let escapes = uri
                    .split('%')
                    .skip(1)
                    .all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|digit| digit.is_ascii_hexdigit()));
                let inside = !uri.starts_with('/') && uri.split('/').all(|part| !["", ".", ".."].contains(&part));
                if first.contains(':') || !escaped || !escapes || !inside {
                    problems.push(format!("{uri:?} is no address of a file of the repository"));
                }
            }
            if let Some(region) = object.get("region") {
                let of = |key: &str| region[key].as_u64().unwrap_or_default();
                if (of("startLine"), of("startColumn")) > (of("endLine"), of("endColumn")) {
                    problems.push(format!("a region runs backwards: {region}"));
                }
            }
            object.values().for_each(|value| places(value, problems));
        }
        Value::Array(list) => list.iter().for_each(|value| places(value, problems)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn log(estate: &Estate) -> (String, Value) {
    let text = estate.outcome(sarif::render);
    let value = serde_json::from_str(&text).expect("JSON");
    (text, value)
}

#[test]
fn every_estate_is_taken() {
    let assembled = (0..8).map(|seed| estate::hostile_of(&estate::assembled(seed)));
    let fixed = [estate::none(), estate::one(), estate::many(), estate::odd(), estate::hostile()];
    for estate in assembled.chain(fixed) {
        assert_eq!(problems(&estate.outcome(sarif::render)), [""; 0]);
        assert_eq!(problems(&estate.outcome(sarif::render_with_suppressed)), [""; 0]);
    }
}

#[test]
fn the_checker_refuses_what_github_refuses() {
    let text = estate::one().outcome(sarif::render);
    for (from, to) in [
        ("\"startLine\": 3", "\"startLine\": 0"),
        ("\"endColumn\": 14", "\"endColumn\": 1"),
        ("\"endColumn\": 14", "\"endColumn\": -1"),
        ("my%20services/", "my services/"),
        ("my%20services/", "../"),
        ("my%20services/", "c:/"),
        ("my%20services/", "%zz/"),
        ("\"ruleIndex\": 0", "\"ruleIndex\": 1"),
        ("\"level\": \"error\"", "\"level\": \"fatal\""),
        ("\"2.1.0\"", "\"2.0.0\""),
        ("](1)", "](https://evil.example)"),
        ("share the database", "share {0} database"),
        ("\"results\"", "\"reslts\""),
        ("primaryLocationLineHash", "primaryLocationHash"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(!problems(&text.replace(from, to)).is_empty(), "{from} -> {to}");
    }
}

#[test]
fn a_clean_run_has_an_empty_list_of_results() {
    let (text, log) = log(&estate::none());
    assert_eq!(log["runs"][0]["results"], json!([]));
    assert!(!text.contains("toolExecutionNotifications"));
}

#[test]
fn paths_and_category_begin_at_the_root_of_the_repository() {
    let mut estate = estate::one();
    estate.prefix = "shops/süd 1/".to_owned();
    let (text, log) = log(&estate);
    assert_eq!(problems(&text), [""; 0]);
    assert_eq!(log["runs"][0]["automationDetails"]["id"], "archlint/shops/süd 1/");
    let uri = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    let path = percent_decode_str(uri.as_str().expect("a text")).decode_utf8().expect("text");
    assert_eq!(path, "shops/süd 1/my services/orders/.env");
}

#[test]
fn columns_count_utf_16() {
    let mut estate = estate::one();
    let file = estate.files.add("a.yaml", Some("😀ä: x\n"));
    estate.judgement.findings[0].span = estate.files.span(file, "x");
    let (_, log) = log(&estate);
    let region = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region, &json!({"startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 7}));
}

#[test]
fn a_region_stays_on_its_first_line() {
    let mut estate = estate::one();
    let file = estate.files.add("a.yaml", Some("key:\r\n  a: 1\r\n  b: 2\r\n"));
    estate.judgement.findings[0].span = Span::new(file, 0, 19);
    let (_, log) = log(&estate);
    let region = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region, &json!({"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 5}));
}

/// An estate with a chain whose carrier, the primary place, is the second of four calls.
fn chain() -> Estate {
    let mut estate = estate::one();
    let file = estate.files.add("calls", Some("one\ntwo\nthree\nfour\n"));
    let at: Vec<Span> = ["one", "two", "three", "four"].iter().map(|word| estate.files.span(file, word)).collect();
    let finding = &mut estate.judgement.findings[0];
    (finding.subject_kind, finding.subject) =
        (archlint::source::symbol::Symbol::new("chain"), "a -> b -> c -> d -> e".to_owned());
    finding.span = at[1];
    let related = [(0, "a calls b"), (2, "c calls d"), (3, "d calls e")];
    finding.related =
        related.iter().map(|(step, label)| Related { span: at[*step], message: (*label).to_owned() }).collect();
    estate
}

#[test]
fn a_chain_is_a_code_flow_in_the_order_of_its_calls() {
    let (text, log) = log(&chain());
    assert_eq!(problems(&text), [""; 0]);
    let flow = &log["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"];
    let steps: Vec<(u64, &str)> = flow
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| {
            let location = &step["location"];
            let line = location["physicalLocation"]["region"]["startLine"].as_u64().expect("a line");
            (line, location["message"]["text"].as_str().expect("a text"))
        })
        .collect();
    assert_eq!(steps, [(1, "a calls b"), (2, "b calls c"), (3, "c calls d"), (4, "d calls e")]);
}

#[test]
fn findings_on_one_line_stay_apart() {
    let mut estate = estate::one();
    for number in 1..4 {
        let mut other = estate.judgement.findings[0].clone();
        other.fingerprint = format!("{number:032x}{}", if number == 3 { ":2" } else { "" });
        estate.judgement.findings.push(other);
    }
    let (text, log) = log(&estate);
    assert_eq!(problems(&text), [""; 0]);
    let hash = |at: usize| log["runs"][0]["results"][at]["partialFingerprints"]["primaryLocationLineHash"].clone();
    assert_eq!(hash(1), format!("{:032x}:1", 1));
    assert_eq!(hash(3), format!("{:032x}:2", 3));
}

#[test]
fn no_hash_tells_of_a_secret() {
    let hash = |password: &str| {
        let mut estate = estate::one();
        let file = estate.files.add("db.env", Some(&format!("PASSWORD={password}\nPORT=80\n")));
        let finding = &mut estate.judgement.findings[0];
        finding.span = Span::new(file, 0, 8);
        estate.redactions.add(Span::new(file, 9, 9 + password.len() as u32));
        log(&estate).1["runs"][0]["results"][0]["partialFingerprints"]["primaryLocationLineHash"].clone()
    };
    assert_eq!(hash("abcdef"), hash("123456"));
}

#[test]
fn what_exceeds_the_limits_is_left_out_and_told() {
    let mut estate = estate::one();
    let file = estate.files.add("many", Some(&"x\n".repeat(26_000)));
    let template = estate.judgement.findings.remove(0);
    let finding = |number: u32| Finding {
        span: Span::new(file, 2 * number, 2 * number + 1),
        fingerprint: format!("{number:032x}"),
        severity: if number == 25_999 { template.severity } else { archlint::judge::finding::Severity::Note },
        related: Vec::new(),
        ..template.clone()
    };
    estate.judgement.findings = (0..26_000).map(finding).collect();
    let (_, log) = log(&estate);
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().expect("a list").len(), 25_000);
    assert_eq!(run["results"][0]["level"], "error");
    let told = told(run);
    assert!(told[0].starts_with("1000 findings are not in this file, which holds the 25000 worst"), "{told:?}");
    assert!(told[1].starts_with("this file holds 25000 findings, the worst first, of which GitHub shows 5000"));
}

/// What a run says of itself.
fn told(run: &Value) -> Vec<&str> {
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().into_iter().flatten();
    notifications.map(|one| one["message"]["text"].as_str().expect("a text")).collect()
}

#[test]
fn suppressed_findings_are_left_out_unless_asked_for_and_are_marked_then() {
    let mut estate = estate::hostile_of(&["so it is", "the vendor\nships it so"]);
    for (suppressed, subject) in estate.judgement.suppressed.iter_mut().zip(["one", "two"]) {
        suppressed.finding.subject = subject.to_owned();
    }
    let (text, log) = log(&estate);
    assert_eq!(problems(&text), [""; 0]);
    let results = |log: &Value| log["runs"][0]["results"].as_array().expect("results").clone();
    assert_eq!(results(&log).len(), estate.judgement.findings.len());
    assert!(!text.contains("suppressions"));
    let text = estate.outcome(sarif::render_with_suppressed);
    assert_eq!(problems(&text), [""; 0]);
    let log: Value = serde_json::from_str(&text).expect("JSON");
    let (open, closed): (Vec<_>, Vec<_>) =
        results(&log).into_iter().partition(|result| result["suppressions"].is_null());
    assert_eq!((open.len(), closed.len()), (estate.judgement.findings.len(), estate.judgement.suppressed.len()));
    let last = &closed.last().expect("one")["suppressions"][0];
    assert_eq!(last, &json!({"kind": "external", "status": "accepted", "justification": "the vendor\\nships it so"}));
}

#[test]
fn related_places_and_steps_have_limits() {
    let mut estate = chain();
    let first = estate.judgement.findings[0].related[0].clone();
    estate.judgement.findings[0].subject = "no steps".to_owned();
    estate.judgement.findings[0].related = vec![first; 12_000];
    let text = estate.outcome(sarif::render);
    let log: Value = serde_json::from_str(&text).expect("JSON");
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["relatedLocations"].as_array().map(Vec::len), Some(100));
    let steps = &result["codeFlows"][0]["threadFlows"][0]["locations"];
    assert_eq!(steps.as_array().map(Vec::len), Some(1000));
    assert!(result["message"]["text"].as_str().is_some_and(|text| text.ends_with("and 11992 more.")));
    let told = told(&log["runs"][0]);
    assert!(told[0].starts_with("11900 related places are not in this file: GitHub shows 100"), "{told:?}");
    assert!(told[1].starts_with("11001 steps of code flows are not in this file: GitHub shows 1000"), "{told:?}");
}
