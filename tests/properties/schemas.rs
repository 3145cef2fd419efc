//! What is written about every estate keeps to the published schemas, and fingerprints tell
//! its findings apart.

use std::collections::BTreeSet;

use archlint::render::{graph_json, json, jsonl};
use serde_json::Value;

use crate::estates::{Files, estates, untouched};
use crate::memory::rules;

const FINDINGS: &str = include_str!("../../docs/schemas/findings.schema.json");
const GRAPH: &str = include_str!("../../docs/schemas/graph.schema.json");

/// The estates, each twice as well: then names meet, and findings with them.
fn all() -> Vec<Files> {
    let doubled = |one: &Files| {
        let copy = one.files.iter().map(|(path, text)| (format!("copy/{path}"), text.clone()));
        Files { name: format!("{} twice", one.name), files: one.files.iter().cloned().chain(copy).collect() }
    };
    estates().iter().flat_map(|one| [one.clone(), doubled(one)]).collect()
}

#[test]
fn documents_keep_to_their_schemas() {
    let validator = |text: &str| {
        let schema: Value = serde_json::from_str(text).expect("JSON");
        jsonschema::validator_for(&schema).expect("a schema")
    };
    let (findings, graph, rules) = (validator(FINDINGS), validator(GRAPH), rules());
    let mut seen = 0;
    for files in all() {
        let estate = files.estate();
        let judgement = estate.judgement(&rules);
        seen += judgement.findings.len();
        let (document, lines) = estate.outcome(&judgement, |one| (json::render(one), jsonl::render(one)));
        let shape = estate.outcome(&judgement, |one| graph_json::render(one.graph, one.sources, one.version));
        for (text, validator) in [(&document, &findings), (&shape, &graph)] {
            let value: Value = serde_json::from_str(text).expect("JSON");
            let wrong: Vec<String> =
                validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(wrong.is_empty(), "{}: {wrong:#?}", files.name);
        }
        assert_eq!(lines.lines().count(), judgement.findings.len());
    }
    assert!(seen > 100, "{seen}");
}

/// What a reason gets that no row of the steps is about.
const NO_ROW: &str = "; look there, or declare it in the service.yaml beside the service's code";

#[test]
fn whatever_nobody_can_tell_names_the_step_that_shows_it() {
    let mut without = BTreeSet::new();
    let mut reasons = BTreeSet::new();
    for (_, seen) in untouched() {
        for one in seen.iter().filter(|one| one.fingerprint.is_empty()) {
            if !one.what.contains("; ") || one.what.ends_with(NO_ROW) {
                without.insert(one.what.as_str());
            }
            reasons.insert(one.what.as_str());
        }
    }
    assert!(without.is_empty(), "a row in src/infer/next_step.rs is missing for {without:#?}");
    assert!(reasons.len() > 100, "{}", reasons.len());
}

#[test]
fn every_finding_has_its_own_fingerprint() {
    let rules = rules();
    for files in all() {
        let findings = files.estate().judgement(&rules).findings;
        let prints: BTreeSet<&str> = findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
        assert_eq!(prints.len(), findings.len(), "{}", files.name);
        for finding in &findings {
            let is_hash = finding.fingerprint.len() >= 32 && !finding.fingerprint.contains(char::is_uppercase);
            assert!(is_hash && !finding.anchor.contains('\n'), "{finding:?}");
        }
    }
}
