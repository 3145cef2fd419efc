//! Reads configurations, and every mistake in one with its place.

use super::{Config, read};
use crate::facts::declaration::Exposure;
use crate::graph::model::Environment;
use crate::source::file::FileId;
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::path::EstatePath;

fn sound(text: &str) -> Config {
    let (config, problems) = read(FileId(0), text, "");
    assert_eq!(problems, []);
    config
}

#[test]
fn every_key_is_read() {
    let config = sound(include_str!("../../../tests/config/full.yaml"));
    let settings = config.rule_settings();
    assert_eq!(settings.iter().map(|setting| setting.rule).collect::<Vec<_>>(), ["missing-timeout", "deep-sync-chain"]);
    assert_eq!(settings[1].parameters().map(|(key, _)| key.raw()).collect::<Vec<_>>(), [Some("max_services")]);
    let web = &config.services[0];
    assert_eq!((web.name.text.as_str(), web.exposure.map(|(word, _)| word)), ("web", Some(Exposure::Public)));
    assert_eq!(config.public_patterns[0].text, "edge-*");
    assert_eq!(config.infrastructure.len(), 2);
    assert_eq!(config.trusted_wrappers[0].import.text, "@acme/http");
    assert_eq!(config.environment(EstatePath::new("deploy/dev/a.yaml")), Some(Environment::Development));
    assert_eq!(config.environment(EstatePath::new("deploy/a.yaml")), None);
    assert!(config.left_out.matches(EstatePath::new("legacy/a/b.yaml")));
    let overrides = config.overrides();
    assert!(overrides[0].0.matches(EstatePath::new("batch/a.yaml")));
    assert_eq!(overrides[0].1[0].rule, "missing-timeout");
    assert_eq!(config.link_options(&[FileId(9)]).services.len(), 4);
    assert!(config.public_pattern("edge-eu", &[]).is_some() && config.public_pattern("web", &[]).is_none());
}

#[test]
fn an_empty_file_configures_nothing() {
    for text in ["", "# nothing\n", "version: 1\n", "rules:\nservices:\nignore:\n"] {
        let config = sound(text);
        assert!(config.rule_settings().is_empty() && config.services.is_empty(), "{text}");
    }
}

#[test]
fn all_mistakes_are_reported_with_place_and_advice() {
    for (text, expected) in [
        ("rulez: {}\n", &["1:1 archlint.yaml has no key `rulez` (did you mean `rules`?)"][..]),
        ("- a\n", &["1:3 archlint.yaml must be a mapping ()"]),
        ("a: [\n", &["1:4 …"]),
        ("version: 2\n", &["1:10 this archlint reads version 1 only (write `version: 1`)"]),
        (
            "rules:\n  x: eror\n  y: {severity: 3}\n  x: off\n",
            &[
                "2:6 `eror` is no severity (did you mean `error`?)",
                "3:17 `3` is no severity (there are: error, warning, note, off)",
                "4:3 `x` stands twice ()",
            ],
        ),
        ("services:\n  publik: [a]\n", &["2:3 `services` has no key `publik` (did you mean `public`?)"]),
        ("services:\n  public: [a]\n  exposure: {a: internal}\n", &["3:17 `a` is listed under `public` as well ()"]),
        ("services:\n  aliases: [a]\n", &["2:12 `aliases` must be a mapping ()"]),
        (
            "infrastructure:\n- match: '*'\n  kind: cach\n- kind: cache\n",
            &[
                "2:10 `*` would match every image (write an image's repository, such as `acme/redis`)",
                "3:9 `cach` is no kind of infrastructure (did you mean `cache`?)",
                "4:3 an item of `infrastructure` needs the key `match` ()",
            ],
        ),
        (
            "trusted_wrappers: [{import: x, provides: [timeouts]}]\n",
            &["1:43 `timeouts` is no protection (did you mean `timeout`?)"],
        ),
        ("ignore: [a, '[b']\n", &["1:13 …"]),
        ("ignore: {a: b}\n", &["1:9 `ignore` must be a list of texts ()"]),
        ("overrides:\n- paths: [a]\n", &["2:3 an item of `overrides` needs the key `rules` ()"]),
        ("environments: [{paths: a, environment: prod}]\n", &["1:40 …"]),
        ("version: 1\n---\nversion: 1\n", &["3:1 a configuration is one document ()"]),
    ] {
        let (_, problems) = read(FileId(0), text, "");
        let index = LineIndex::new(text);
        let found: Vec<String> = problems
            .iter()
            .map(|problem| {
                let at = index.position(text, problem.span.start, ColumnUnit::Characters);
                let help = problem.help.as_deref().unwrap_or("");
                format!("{}:{} {} ({help})", at.line, at.column, problem.message)
            })
            .collect();
        let same = found.len() == expected.len()
            && found.iter().zip(expected).all(|(found, expected)| match expected.strip_suffix('…') {
                Some(start) => found.starts_with(start),
                None => found == expected,
            });
        assert!(same, "{text}\n{found:#?}");
    }
}

#[test]
fn no_cut_text_panics() {
    let text = include_str!("../../../tests/config/full.yaml");
    for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
        read(FileId(0), &text[..end], "");
    }
}
