//! archlint.yaml from the outside: where it is found, and how its mistakes are shown.

use std::fs;

use crate::{DEPLOYMENT, PRIVILEGED, coverage, estate, findings, run, run_with};

#[test]
fn all_mistakes_are_shown_with_place_line_and_advice() {
    let folder = estate(&[("archlint.yaml", "rulez: {}\nignore: [legacy]\nservices:\n  publik: [web]\n")]);
    let ran = run(folder.path(), &["--format", "json"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    for part in
        ["archlint.yaml:1:1: error: ", "did you mean `rules`?", "archlint.yaml:4:3: ", "  | ^^^^^", "2 mistakes"]
    {
        assert!(ran.err.contains(part), "{part}\n{}", ran.err);
    }
}

#[test]
fn a_rule_that_is_not_there_is_a_mistake() {
    let folder = estate(&[("archlint.yaml", "rules:\n  no-such-rule: off\n")]);
    let ran = run(folder.path(), &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("archlint.yaml:2:3: error: there is no rule `no-such-rule`"), "{ran:?}");
}

#[test]
fn the_configuration_is_found_above_up_to_the_repository() {
    let files = [
        ("archlint.yaml", "wrong: 1\n"),
        ("repo/.git/HEAD", ""),
        ("repo/archlint.yaml", "ignore: [services/legacy]\n"),
        ("repo/services/legacy/a.yaml", DEPLOYMENT),
        ("repo/services/orders.yaml", DEPLOYMENT),
    ];
    let folder = estate(&files);
    assert_eq!(coverage(&folder.path().join("repo/services")).0, 2, "the file and the configuration");
    fs::remove_file(folder.path().join("repo/archlint.yaml")).expect("removed");
    assert_eq!(coverage(&folder.path().join("repo/services")).0, 2, "both files");
}

#[test]
fn flag_and_variable_choose_the_configuration() {
    let folder = estate(&[("archlint.yaml", "wrong: 1\n"), ("other.yaml", "version: 1\n"), ("a.yaml", DEPLOYMENT)]);
    assert_eq!(run(folder.path(), &[]).code, 2);
    assert_eq!(run(folder.path(), &["--config", "other.yaml"]).code, 0);
    assert_eq!(run(folder.path(), &["--no-config"]).code, 0);
    assert_eq!(run_with(folder.path(), &[], &[("ARCHLINT_CONFIG", "other.yaml")]).code, 0);
    assert_eq!(run_with(folder.path(), &["--no-config"], &[("ARCHLINT_CONFIG", "none.yaml")]).code, 0);
}

#[test]
fn a_file_that_is_no_configuration_is_not_quoted() {
    let folder = estate(&[(".env", "SHOP_PASSWORD=planted-word\n"), ("wrong.yaml", "SHOP: planted-word\n")]);
    let ran = run(folder.path(), &["--config", ".env"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains(".env:1:1: error: ") && !ran.err.contains("planted-word"), "{ran:?}");
    let ran = run(folder.path(), &["--config", "wrong.yaml"]);
    assert!(ran.err.contains("  | SHOP: planted-word\n"), "{ran:?}");
}

#[test]
fn two_configurations_in_one_folder_are_a_mistake() {
    let folder = estate(&[("archlint.yaml", ""), (".archlint.yml", "")]);
    let ran = run(folder.path(), &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("both configurations"), "{ran:?}");
}

#[test]
fn a_rule_of_the_users_own_with_a_mistake_is_shown_at_its_place() {
    let folder =
        estate(&[("archlint.yaml", "rule_paths: [rules]\n"), ("rules/my-rule.yaml", "id: my-rule\nwhy: x\nwehn: y\n")]);
    let ran = run(folder.path(), &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("rules/my-rule.yaml:3:1: error: "), "{ran:?}");
    let folder = estate(&[("archlint.yaml", "rule_paths: [none]\n")]);
    assert!(run(folder.path(), &[]).err.contains("archlint.yaml:1:14: error: there is no folder"));
}

#[test]
fn init_writes_a_configuration_that_is_accepted_and_overwrites_nothing() {
    let folder = estate(&[("deploy/orders.yaml", DEPLOYMENT), ("deploy/odd.yaml", "a: 1\n")]);
    let ran = run(folder.path(), &["init"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    let text = fs::read_to_string(folder.path().join("archlint.yaml")).expect("written");
    assert!(text.contains("orders"), "{text}");
    findings(folder.path(), &[]);
    // As its reader would use it: every comment of the second kind taken away.
    let uncommented: String = text.lines().filter(|line| line.starts_with("version")).collect();
    assert_eq!(uncommented, "version: 1");
    assert_eq!(run(folder.path(), &["init"]).code, 2);
    assert_eq!(run(folder.path(), &["init", "--force"]).code, 0);
}

#[test]
fn the_schema_accepts_and_refuses_what_the_reader_does() {
    let folder = estate(&[]);
    let schema = serde_json::from_str(&run(folder.path(), &["schema", "config"]).out).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let full = include_str!("../config/full.yaml");
    for (text, sound) in [
        (full, true),
        ("", true),
        ("rules: {x: off, y: {severity: note, max: 3}}\n", true),
        ("rules: {x: loud}\n", false),
        ("rules: {x: {severity: loud}}\n", false),
        ("rulez: {}\n", false),
        ("version: 2\n", false),
        ("services: {public: web}\n", true),
        ("services: {exposure: {web: open}}\n", false),
        ("services: {aliases: [a]}\n", false),
        ("infrastructure: [{match: a/b, kind: cache}]\n", true),
        ("infrastructure: [{kind: cache}]\n", false),
        ("infrastructure: [{match: a, kind: thing}]\n", false),
        ("trusted_wrappers: [{import: a, provides: [timeout]}]\n", true),
        ("trusted_wrappers: [{import: a, provides: [luck]}]\n", false),
        ("environments: [{paths: [a], environment: test}]\n", true),
        ("environments: [{paths: [a]}]\n", false),
        ("popular_packages: [{registry: npm, file: names.txt, as_of: 2027-03}]\n", true),
        ("popular_packages: [{registry: cpan, file: names.txt, as_of: 2027-03}]\n", false),
        ("popular_packages: [{registry: npm, file: names.txt, as_of: March}]\n", false),
        ("popular_packages: [{registry: npm, as_of: 2027-03}]\n", false),
        ("ignore: [a, b]\n", true),
        ("ignore: {a: b}\n", false),
        ("overrides: [{paths: a, rules: {x: off}}]\n", true),
        ("overrides: [{paths: a, rules: {x: {severity: off, max: 3}}}]\n", true),
        ("overrides: [{paths: a, rules: {x: {severity: loud}}}]\n", false),
        ("extends: [../policy.yaml]\n", true),
        ("extends: {a: b}\n", false),
        ("suppressions: [{rules: [x], paths: a, reason: so, expires: 2027-01-31}]\n", true),
        ("suppressions: [{rules: x, subjects: ['*/probe'], reason: so}]\n", true),
        ("suppressions: [{rules: x, reason: so}]\n", false),
        ("suppressions: [{rules: x, paths: a, because: so}]\n", false),
        ("overrides: [{paths: a}]\n", false),
        ("- a\n", false),
    ] {
        let value: serde_json::Value = serde_yaml::from_str(text).expect("YAML");
        assert_eq!(validator.is_valid(&value), sound, "schema: {text}");
        let (_, problems) = archlint::config::read::read(archlint::source::file::FileId(0), text, "");
        assert_eq!(problems.is_empty(), sound, "reader: {text} {problems:?}");
    }
}

#[test]
fn the_schema_has_the_reader_s_keys() {
    use archlint::config::read::{
        ENVIRONMENT_KEYS, INFRASTRUCTURE_KEYS, KEYS, OVERRIDE_KEYS, POPULAR_KEYS, SERVICE_KEYS, SUPPRESSION_KEYS,
        WRAPPER_KEYS,
    };

    let folder = estate(&[]);
    let schema: serde_json::Value = serde_json::from_str(&run(folder.path(), &["schema", "config"]).out).expect("JSON");
    for (pointer, keys) in [
        ("/properties", KEYS),
        ("/properties/services/properties", SERVICE_KEYS),
        ("/properties/infrastructure/items/properties", INFRASTRUCTURE_KEYS),
        ("/properties/trusted_wrappers/items/properties", WRAPPER_KEYS),
        ("/properties/environments/items/properties", ENVIRONMENT_KEYS),
        ("/properties/popular_packages/items/properties", POPULAR_KEYS),
        ("/properties/overrides/items/properties", OVERRIDE_KEYS),
        ("/properties/suppressions/items/properties", SUPPRESSION_KEYS),
    ] {
        let described = schema.pointer(pointer).and_then(|node| node.as_object()).expect("properties");
        let mut described: Vec<&str> = described.keys().map(String::as_str).collect();
        let mut keys = keys.to_vec();
        described.sort_unstable();
        keys.sort_unstable();
        assert_eq!(described, keys, "{pointer}");
    }
}

#[test]
fn a_list_of_popular_packages_takes_the_place_of_the_shipped_one() {
    let manifest = "{\"name\": \"mail\", \"scripts\": {\"start\": \"node mail.js\"}, \
                    \"dependencies\": {\"loadsh\": \"^1.0.0\", \"quxzzle\": \"^1.0.0\"}}";
    let files = [
        ("mail/package.json", manifest),
        ("mail/Dockerfile", "FROM registry.example/node:22\nCOPY . .\nUSER 1000\nCMD [\"node\", \"mail.js\"]\n"),
        ("policy/names.txt", "# of our registry\nquxzle 900\nfastify 800\n"),
        ("policy/archlint.yaml", "popular_packages: [{registry: npm, file: names.txt, as_of: 2027-03}]\n"),
    ];
    let folder = estate(&files);
    let select = ["--select", "typosquatted-dependency", "--format", "json"];
    let shipped = run(folder.path(), &select).out;
    assert!(shipped.contains("loadsh, which is `lodash`") && !shipped.contains("quxzzle"), "{shipped}");
    let own = run(folder.path(), &[&select[..], &["--config", "policy/archlint.yaml"]].concat()).out;
    assert!(own.contains("quxzzle, which is `quxzle`") && !own.contains("`lodash`"), "{own}");
    assert!(own.contains("those of 2027-03"), "{own}");
    fs::write(folder.path().join("policy/names.txt"), "# none\n").expect("written");
    let empty = run(folder.path(), &["--config", "policy/archlint.yaml"]);
    assert!(empty.code == 2 && empty.err.contains("`names.txt` names no package"), "{empty:?}");
    fs::remove_file(folder.path().join("policy/names.txt")).expect("removed");
    let none = run(folder.path(), &["--config", "policy/archlint.yaml"]);
    assert!(none.code == 2 && none.err.contains("there is no file `names.txt`"), "{none:?}");
}

#[test]
fn severities_come_from_rules_and_overrides() {
    for (text, code, part) in [
        ("rules: {privileged-container: warning}\n", 0, ": warning: "),
        ("rules: {privileged-container: off}\n", 0, ""),
        ("overrides: [{paths: batch, rules: {privileged-container: note}}]\n", 0, ""),
        ("overrides: [{paths: other, rules: {privileged-container: note}}]\n", 1, ": error: "),
    ] {
        let folder = estate(&[("archlint.yaml", text), ("batch/web.yaml", PRIVILEGED)]);
        let ran = run(folder.path(), &["--select", "privileged-container", "."]);
        if text.contains("off") {
            // A rule that is off is none that could be selected.
            assert_eq!(ran.code, 2, "{ran:?}");
            continue;
        }
        assert_eq!(ran.code, code, "{text} {ran:?}");
        assert!(ran.out.contains(part) && ran.out.is_empty() == part.is_empty(), "{text} {ran:?}");
    }
}

#[test]
fn overrides_set_parameters_below_their_paths() {
    let chain = |folder: &str| {
        let names = ["a", "b", "c", "d"];
        let calls = names.iter().zip(&names[1..]).map(|(from, to)| {
            let text = format!("name: {from}\ncalls: [{{to: {to}, protocol: http}}]\n");
            (format!("{folder}/{from}/service.yaml"), text)
        });
        calls.chain([(format!("{folder}/d/service.yaml"), "name: d\n".to_owned())]).collect::<Vec<_>>()
    };
    for (config, expected) in [
        ("version: 1\n", true),
        ("overrides: [{paths: legacy, rules: {deep-sync-chain: {max_services: 4}}}]\n", false),
        ("overrides: [{paths: other, rules: {deep-sync-chain: {max_services: 4}}}]\n", true),
        (
            "rules: {deep-sync-chain: {max_services: 4}}\noverrides: [{paths: legacy, rules: {deep-sync-chain: {max_services: 3}}}]\n",
            true,
        ),
    ] {
        let files = chain("legacy");
        let mut files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        files.push(("archlint.yaml", config));
        let folder = estate(&files);
        let document = findings(folder.path(), &["--select", "deep-sync-chain"]);
        let found = document["findings"].as_array().is_some_and(|found| !found.is_empty());
        assert_eq!(found, expected, "{config} {document}");
    }
    let folder = estate(&[("archlint.yaml", "overrides: [{paths: a, rules: {deep-sync-chain: {max_services: 1}}}]\n")]);
    let ran = run(folder.path(), &[]);
    assert!(ran.code == 2 && ran.err.contains("archlint.yaml:1:"), "{ran:?}");
    assert!(ran.err.contains("must"), "{ran:?}");
}

#[test]
fn a_configuration_extends_others_and_has_the_last_word() {
    let policy = "rules: {privileged-container: off, run-as-root: note}\nignore: [legacy]\nrule_paths: [rules]\n";
    let files = [
        ("policy/base.yaml", "extends: more.yaml\nrules: {privileged-container: warning}\n"),
        ("policy/more.yaml", policy),
        (
            "policy/rules/local/lonely-service.yaml",
            "id: lonely-service\nseverity: warning\nsubject: service\nwhen: service.callers == 0\nmessage: m\nwhy: w\nfix: f\n",
        ),
        ("repo/archlint.yaml", "extends: [../policy/base.yaml]\nrules: {run-as-root: off}\n"),
        ("repo/web.yaml", PRIVILEGED),
        ("repo/legacy/web.yaml", PRIVILEGED),
    ];
    let folder = estate(&files);
    let repo = folder.path().join("repo");
    let ran = run(&repo, &["--format", "gcc"]);
    assert!(
        ran.out.contains("web.yaml:8:") && ran.out.contains(": warning: ") && !ran.out.contains("legacy"),
        "{ran:?}"
    );
    assert!(ran.out.contains("[privileged-container]") && ran.out.contains("[lonely-service]"), "{ran:?}");
    let shown = run(&repo, &["config", "show"]).out;
    assert!(shown.starts_with("configuration: archlint.yaml, "), "{shown}");
    let line = |rule: &str| shown.lines().find(|line| line.starts_with(rule)).unwrap_or_default().to_owned();
    assert!(line("privileged-container").ends_with("policy/base.yaml:2:9"), "{shown}");
    assert!(line("run-as-root").ends_with("off      archlint.yaml:2:9"), "{shown}");
    assert!(line("hardcoded-secret").ends_with("the rule's default"), "{shown}");
}

#[test]
fn mistakes_of_extended_files_are_shown_where_they_stand() {
    for (base, own, place, part) in [
        ("rules: {no-such-rule: off}\n", "extends: base.yaml\n", "base.yaml:1:9: ", "there is no rule `no-such-rule`"),
        ("rulez: {}\n", "extends: base.yaml\n", "base.yaml:1:1: ", "did you mean `rules`?"),
        ("", "extends: [none.yaml]\n", "archlint.yaml:1:11: ", "there is no file `none.yaml`"),
        ("", "extends: https://policy.example/a.yaml\n", "archlint.yaml:1:10: ", "is an address"),
        ("extends: archlint.yaml\n", "extends: base.yaml\n", "base.yaml:1:10: ", "extends this file"),
    ] {
        let folder = estate(&[("base.yaml", base), ("archlint.yaml", own)]);
        let ran = run(folder.path(), &[]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(place) && ran.err.contains(part), "{ran:?}");
    }
}

#[test]
fn what_holds_for_a_path_is_shown_with_the_line_that_says_so() {
    let config = "rules: {deep-sync-chain: {max_services: 5}}\nenvironments: [{paths: batch, environment: test}]\n\
                  overrides:\n- paths: batch\n  rules: {deep-sync-chain: {severity: note, max_services: 7}}\nignore: [old]\n";
    let folder = estate(&[("archlint.yaml", config), ("batch/a.yaml", DEPLOYMENT)]);
    let here = run(folder.path(), &["config", "show"]).out;
    let there = run(folder.path(), &["config", "show", "--for", "batch/a.yaml"]).out;
    assert!(here.contains("max_services: 5") && here.contains("archlint.yaml:1:27"), "{here}");
    assert!(there.contains("max_services: 7") && there.contains("archlint.yaml:5:45"), "{there}");
    assert!(there.contains("note     archlint.yaml:5:11"), "{there}");
    assert!(there.contains("path: batch/a.yaml\nignored: no\nenvironment: test, by the configuration\n"), "{there}");
    assert!(run(folder.path(), &["config", "show", "--for", "old/x.yaml"]).out.contains("ignored: yes"));
    assert_eq!(run(folder.path(), &["config", "show", "--for", ".."]).code, 2);
}

#[test]
fn a_renamed_rule_is_known_by_its_former_name_and_the_present_one_is_named() {
    let rule = "id: lonely-service\nformerly: [isolated-service]\nseverity: warning\nsubject: service\n\
                when: service.callers == 0\nmessage: nobody calls {service.name}\nwhy: w\nfix: f\n";
    let config = "rule_paths: [rules]\nrules: {isolated-service: error}\n";
    let folder = estate(&[("archlint.yaml", config), ("rules/lonely-service.yaml", rule), ("a.yaml", DEPLOYMENT)]);
    let ran = run(folder.path(), &["--select", "isolated-service"]);
    assert!(ran.code == 1 && ran.out.contains("[lonely-service]"), "{ran:?}");
    assert_eq!(ran.err, "archlint.yaml:2:9: note: the rule `isolated-service` is called `lonely-service` now\n");
    assert_eq!(run(folder.path(), &["--ignore", "isolated-service"]).code, 0);
    assert_eq!(run(folder.path(), &["--select", "isolated-service", "--format", "json"]).err, "");
}
