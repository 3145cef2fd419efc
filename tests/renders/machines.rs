//! Formats of other tools, read back as those tools read them.

use std::collections::{BTreeMap, BTreeSet};

use archlint::judge::finding::Severity;
use archlint::render::escape::line;
use quick_xml::events::Event;
use serde_json::{Value, json};

use crate::estate::{self, Estate};
use crate::formats::outputs;

fn estates() -> Vec<Estate> {
    let mut all = vec![estate::none(), estate::one(), estate::many(), estate::odd(), estate::hostile()];
    all.extend((0..8).map(|seed| estate::hostile_of(&estate::assembled(seed))));
    all
}

fn output(estate: &Estate, format: &str) -> String {
    outputs(estate).into_iter().find(|(name, _)| *name == format).expect("a format").1
}

fn json_of(estate: &Estate, format: &str) -> Value {
    serde_json::from_str(&output(estate, format)).expect("JSON")
}

fn count(estate: &Estate, severities: &[Severity]) -> usize {
    estate.judgement.findings.iter().filter(|finding| severities.contains(&finding.severity)).count()
}

#[test]
fn gitlab_takes_every_issue() {
    for estate in estates() {
        let issues = json_of(&estate, "gitlab");
        let issues = issues.as_array().expect("a list at the top");
        assert_eq!(issues.len(), estate.judgement.findings.len());
        let mut fingerprints = BTreeSet::new();
        for issue in issues {
            assert!(fingerprints.insert(issue["fingerprint"].as_str().expect("a text")));
            let (description, check) = (issue["description"].as_str(), issue["check_name"].as_str());
            assert!(description.is_some_and(|text| text.contains(check.expect("a text"))), "{issue}");
            assert!(
                ["info", "minor", "major", "critical", "blocker"]
                    .contains(&issue["severity"].as_str().expect("a text"))
            );
            let path = issue["location"]["path"].as_str().expect("a text");
            assert!(!path.is_empty() && !path.starts_with("./") && !path.starts_with('/'), "{path}");
            assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0));
        }
    }
}

/// Names of the elements of a well-formed document, and all attributes, read back.
fn xml(text: &str) -> (Vec<String>, Vec<(String, String)>) {
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut open, mut names, mut attributes) = (Vec::new(), Vec::new(), Vec::new());
    let allowed = |one: char| matches!(one, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert!(text.chars().all(allowed), "XML cannot hold this");
    loop {
        let event = reader.read_event().expect("well-formed");
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                for attribute in tag.attributes() {
                    let attribute = attribute.expect("an attribute");
                    let value = attribute.unescape_value().expect("a value").into_owned();
                    attributes.push((String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value));
                }
                if matches!(event, Event::Start(_)) {
                    open.push(name.clone());
                }
                names.push(name);
            }
            Event::End(tag) => {
                assert_eq!(open.pop().as_deref(), std::str::from_utf8(tag.name().as_ref()).ok());
            }
            Event::Eof => break,
            Event::Decl(_) | Event::Text(_) | Event::GeneralRef(_) => {}
            Event::CData(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => panic!("{event:?}"),
        }
    }
    assert!(open.is_empty(), "{open:?} is not closed");
    (names, attributes)
}

fn values<'a>(attributes: &'a [(String, String)], key: &str) -> Vec<&'a str> {
    attributes.iter().filter(|(name, _)| name == key).map(|(_, value)| value.as_str()).collect()
}

#[test]
fn junit_is_a_report_with_one_case_for_each_finding() {
    for estate in estates() {
        let (names, attributes) = xml(&output(&estate, "junit"));
        let number = |name: &str| names.iter().filter(|one| *one == name).count();
        let judgement = &estate.judgement;
        let failed = judgement.findings.len();
        let skipped = judgement.baselined.len() + judgement.suppressed.len();
        let cases = (failed + skipped).max(1);
        assert_eq!((names[0].as_str(), number("failure"), number("skipped")), ("testsuites", failed, skipped));
        assert_eq!(number("testcase"), cases);
        let [tests, failures, skips] = ["tests", "failures", "skipped"].map(|key| {
            values(&attributes, key).iter().map(|value| value.parse::<usize>().expect("a number")).collect::<Vec<_>>()
        });
        assert_eq!((tests[0], failures[0]), (cases, failed));
        assert_eq!((tests.iter().sum::<usize>(), failures.iter().sum()), (2 * cases, 2 * failed));
        assert_eq!(skips.iter().sum::<usize>(), skipped);
        let messages: BTreeSet<_> = values(&attributes, "message").into_iter().map(str::to_owned).collect();
        let mut expected: BTreeSet<_> = judgement.findings.iter().map(|finding| line(&finding.message)).collect();
        expected.extend(judgement.suppressed.iter().map(|one| line(&format!("suppressed: {}", one.reason))));
        expected.extend((!judgement.baselined.is_empty()).then(|| "known, and not told again".to_owned()));
        assert_eq!(messages, expected);
    }
}

#[test]
fn cases_of_junit_have_names_of_their_own() {
    let mut estate = estate::one();
    estate.judgement.findings = vec![estate.judgement.findings[0].clone(); 3];
    let (_, attributes) = xml(&output(&estate, "junit"));
    let names: Vec<&str> = values(&attributes, "name").into_iter().filter(|name| name.contains("(shop)")).collect();
    assert_eq!(names, ["shared-database (shop)", "shared-database (shop) 2", "shared-database (shop) 3"]);
}

#[test]
fn checkstyle_has_one_error_for_each_finding() {
    for estate in estates() {
        let (names, attributes) = xml(&output(&estate, "checkstyle"));
        assert_eq!(names[0], "checkstyle");
        assert_eq!(names.iter().filter(|one| *one == "error").count(), estate.judgement.findings.len());
        assert!(values(&attributes, "severity").iter().all(|word| ["error", "warning", "info"].contains(word)));
        let numbers = [values(&attributes, "line"), values(&attributes, "column")].concat();
        assert!(numbers.iter().all(|number| number.parse::<u32>().is_ok_and(|number| number > 0)));
    }
}

#[test]
fn reviewdog_takes_every_diagnostic() {
    let place = json!({
        "type": "object", "additionalProperties": false, "required": ["path", "range"],
        "properties": {
            "path": {"type": "string", "minLength": 1},
            "range": {"type": "object", "additionalProperties": false, "required": ["start", "end"], "properties": {
                "start": {"$ref": "#/$defs/point"}, "end": {"$ref": "#/$defs/point"},
            }},
        },
    });
    let source = json!({"type": "object", "required": ["name"], "additionalProperties": false,
        "properties": {"name": {"type": "string"}}});
    let diagnostic = json!({
        "$defs": {"point": {"type": "object", "additionalProperties": false, "required": ["line", "column"],
            "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}}}},
        "type": "object", "additionalProperties": false, "required": ["message", "location", "severity"],
        "properties": {
            "message": {"type": "string", "minLength": 1},
            "location": place,
            "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
            "source": source,
            "code": {"type": "object", "additionalProperties": false, "properties": {"value": {"type": "string"}}},
            "relatedLocations": {"type": "array", "items": {"type": "object", "additionalProperties": false,
                "properties": {"message": {"type": "string"}, "location": place}}},
        },
    });
    let validator = jsonschema::validator_for(&diagnostic).expect("a schema");
    for estate in estates() {
        let whole = json_of(&estate, "rdjson");
        assert_eq!(whole["source"]["name"], "archlint");
        let listed = whole["diagnostics"].as_array().expect("a list").clone();
        let lines: Vec<Value> = output(&estate, "rdjsonl")
            .lines()
            .map(|line| serde_json::from_str(line).expect("a document on each line"))
            .collect();
        assert_eq!(listed, lines);
        assert_eq!(lines.len(), estate.judgement.findings.len());
        for one in &lines {
            let wrong: Vec<String> = validator.iter_errors(one).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{wrong:?} {one}");
        }
    }
    let mut estate = estate::one();
    let file = estate.files.add("a.yaml", Some("😀ä: x\n"));
    estate.judgement.findings[0].span = estate.files.span(file, "x");
    let range = json_of(&estate, "rdjson")["diagnostics"][0]["location"]["range"].clone();
    assert_eq!(range, json!({"start": {"line": 1, "column": 9}, "end": {"line": 1, "column": 10}}));
}

#[test]
fn lines_of_json_are_the_findings_of_the_document() {
    for estate in estates() {
        let text = output(&estate, "jsonl");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(json_of(&estate, "json")["findings"], Value::Array(lines));
    }
}

/// A workflow command as the runner parses it: command, properties and message.
fn command(line: &str) -> (String, BTreeMap<String, String>, String) {
    let rest = line.trim_start().strip_prefix("::").expect("a command");
    let (head, message) = rest.split_once("::").expect("the end of the command");
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let unescaped = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let property = |text: &str| unescaped(text).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
    let properties = properties.split(',').map(|pair| pair.split_once('=').expect("a value"));
    let properties = properties.map(|(key, value)| (key.to_owned(), property(value))).collect();
    (name.to_owned(), properties, unescaped(message).replace("%25", "%"))
}

#[test]
fn github_reads_annotations_and_no_other_command() {
    for estate in estates() {
        let mut levels: BTreeMap<String, usize> = BTreeMap::new();
        let messages: BTreeSet<_> = estate.judgement.findings.iter().map(|finding| line(&finding.message)).collect();
        for one in output(&estate, "github").lines() {
            let (name, properties, message) = command(one);
            assert!(["error", "warning", "notice"].contains(&name.as_str()), "{one}");
            *levels.entry(name).or_default() += 1;
            assert!(messages.contains(&message), "{message}");
            assert_eq!(properties["line"], properties["endLine"]);
            assert_eq!(properties.contains_key("col"), properties.contains_key("endColumn"));
            let known = ["file", "line", "endLine", "col", "endColumn", "title"];
            assert!(properties.keys().all(|key| known.contains(&key.as_str())), "{one}");
        }
        assert!(levels.values().all(|count| *count <= 10), "{levels:?}");
    }
}

#[test]
fn no_rule_takes_the_room_of_all_others() {
    let mut estate = estate::one();
    estate.judgement.findings = vec![estate.judgement.findings[0].clone(); 20];
    estate.judgement.findings[19].rule = archlint::source::symbol::Symbol::new("sync-cycle");
    assert!(output(&estate, "github").contains("title=sync-cycle"));
}

#[test]
fn what_the_runner_would_drop_is_counted_instead() {
    for (severity, number, shown, counted) in [
        (Severity::Error, 10, 10, None),
        (Severity::Error, 11, 10, Some("1 more finding is")),
        (Severity::Note, 10, 10, None),
        (Severity::Note, 12, 9, Some("3 more findings are")),
    ] {
        let mut estate = estate::one();
        estate.judgement.findings[0].severity = severity;
        estate.judgement.findings[0].message = "x".repeat(5000);
        estate.judgement.findings = vec![estate.judgement.findings[0].clone(); number];
        let text = output(&estate, "github");
        assert_eq!(text.lines().filter(|line| line.contains("title=shared-database")).count(), shown);
        assert_eq!(text.lines().count(), shown + usize::from(counted.is_some()));
        assert!(text.lines().all(|line| command(line).2.chars().count() <= 4096));
        assert!(counted.is_none_or(|part| text.lines().last().is_some_and(|line| line.contains(part))), "{text}");
    }
}

#[test]
fn a_summary_stays_below_its_limit_and_says_what_is_missing() {
    let mut estate = estate::one();
    estate.judgement.findings[0].message = "[x] ".repeat(500);
    estate.judgement.findings = vec![estate.judgement.findings[0].clone(); 2000];
    let code = regex::Regex::new("`[^`\n]*`").expect("a pattern");
    let text = output(&estate, "github-summary");
    assert!(text.len() < 1 << 20 && text.contains(" more are not shown"), "{}", text.len());
    for estate in estates() {
        let text = output(&estate, "github-summary");
        assert_eq!(
            text.lines().filter(|line| line.starts_with("| ")).count(),
            match estate.judgement.findings.len() {
                0 => 0,
                findings => 1 + findings,
            }
        );
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        assert!(text.lines().filter(|line| line.starts_with('|')).all(|line| cells(line) == 5), "{text}");
        let outside = code.replace_all(&text, "");
        assert!(!outside.contains("<script") && !outside.contains("<x/>"), "{outside}");
    }
}

#[test]
fn azure_reads_issues_and_no_other_command() {
    for estate in estates() {
        let text = output(&estate, "azure");
        assert_eq!(text.lines().count(), estate.judgement.findings.len());
        assert_eq!(text.matches("##vso[").count(), count(&estate, &[Severity::Error, Severity::Warning]));
        for one in text.lines().filter(|line| line.contains("##vso[")) {
            let rest = one.strip_prefix("##vso[task.logissue ").expect("an issue");
            let (properties, message) = rest.split_once(']').expect("the end of the command");
            let properties: Vec<(&str, &str)> =
                properties.split_terminator(';').map(|pair| pair.split_once('=').expect("a value")).collect();
            let keys: Vec<&str> = properties.iter().map(|(key, _)| *key).collect();
            assert_eq!(keys, ["type", "sourcepath", "linenumber", "columnnumber", "code"], "{one}");
            let message = message.replace("%0D", "\r").replace("%0A", "\n").replace("%AZP25", "%");
            assert!(estate.judgement.findings.iter().any(|finding| line(&finding.message) == message), "{message}");
        }
    }
}

/// The attributes of a service message; `None` where it is none as a whole.
fn service_message(line: &str) -> Option<(String, BTreeMap<String, String>)> {
    let body = line.strip_prefix("##teamcity[")?.strip_suffix(']')?;
    let (name, mut rest) = body.split_once(' ')?;
    let mut attributes = BTreeMap::new();
    while !rest.is_empty() {
        let (key, behind) = rest.split_once("='")?;
        let mut value = String::new();
        let mut letters = behind.char_indices();
        let end = loop {
            match letters.next()? {
                (_, '|') => value.push(letters.next()?.1),
                (at, '\'') => break at,
                (_, '[' | ']') => return None,
                (_, other) => value.push(other),
            }
        };
        attributes.insert(key.to_owned(), value);
        rest = behind.get(end + 1..)?.trim_start();
    }
    Some((name.to_owned(), attributes))
}

#[test]
fn teamcity_reads_inspections_and_no_other_message() {
    for estate in estates() {
        let (mut types, mut inspections) = (BTreeSet::new(), 0);
        for one in output(&estate, "teamcity").lines() {
            let (name, attributes) = service_message(one).unwrap_or_else(|| panic!("{one}"));
            if name == "inspectionType" {
                assert!(["id", "name", "category", "description"].iter().all(|key| !attributes[*key].is_empty()));
                assert!(types.insert(attributes["id"].clone()), "{one}");
            } else {
                assert_eq!(name, "inspection");
                inspections += 1;
                assert!(types.contains(&attributes["typeId"]), "{one}");
                let message = &attributes["message"];
                assert!(estate.judgement.findings.iter().any(|finding| line(&finding.message) == *message), "{one}");
            }
        }
        assert_eq!(inspections, estate.judgement.findings.len());
    }
}

#[test]
fn formats_of_lines_have_one_for_each_finding() {
    for estate in estates() {
        for format in ["gcc", "jsonl", "rdjsonl", "azure"] {
            let text = output(&estate, format);
            // As any reader may split them.
            let lines = text.split_terminator(|one: char| "\n\r\u{b}\u{c}\u{85}\u{2028}\u{2029}".contains(one)).count();
            assert_eq!(lines, estate.judgement.findings.len(), "{format}");
        }
    }
}
