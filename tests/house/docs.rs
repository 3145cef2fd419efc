//! What is written about the code is true: paths exist, pages that are generated are current.

use std::fmt::Write as _;

use archlint::infer::subjects::SUBJECTS;
use archlint::infer::vocabulary::Type;
use archlint::judge::engine::ActiveRule;
use archlint::judge::finding::Severity;

use super::rules;
use super::tree;

/// Pages that name places in the repository.
fn pages() -> Vec<String> {
    let mut pages: Vec<_> = tree::below("docs").into_iter().filter(|path| path.ends_with(".md")).collect();
    pages.extend(["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"].map(str::to_owned));
    pages
}

#[test]
fn paths_that_pages_name_exist() {
    let tops: Vec<String> =
        tree::written().iter().filter_map(|path| path.split_once('/')).map(|(top, _)| format!("{top}/")).collect();
    let mut wrong = Vec::new();
    for page in pages() {
        let text = tree::text(&page);
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        for code in spans_between(&text, '`', '`') {
            let inner = code.trim_end_matches('/');
            let is_path = tops.iter().any(|top| code.starts_with(top.as_str()))
                && !inner.contains(|letter: char| " <*…{".contains(letter));
            if is_path && !tree::root().join(inner).exists() {
                wrong.push(format!("{page}: `{code}` does not exist"));
            }
        }
        for link in links(&text) {
            let target = link.split('#').next().unwrap_or_default();
            let is_address = target.is_empty() || target.contains("://");
            if !is_address && !tree::root().join(folder).join(target).exists() {
                wrong.push(format!("{page}: the link {link} leads nowhere"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn schemas_are_schemas() {
    let schemas: Vec<_> = tree::below("docs/schemas");
    assert!(!schemas.is_empty());
    for path in schemas {
        let schema: serde_json::Value =
            serde_json::from_str(&tree::text(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}

#[test]
fn the_attribute_reference_is_current() {
    let mut page = String::from(
        "# Subjects and attributes\n\n\
         <!-- Generated from src/infer/subjects.rs; regenerate with `UPDATE_DOCS=1 cargo test --test house`. -->\n\n\
         A rule judges one kind of subject and asks for its attributes: `call.timeout_ms`, `database.users`.\n\
         An attribute marked *may be missing* has three answers, *present*, *absent* and *unknown*: \
         ask with `present(…)`, `absent(…)`, `unknown(…)`.\n\
         All others every subject has.\n\n",
    );
    for subject in SUBJECTS {
        let _ = writeln!(page, "- [`{0}`](#{0}): {1}", subject.kind, subject.doc);
    }
    for subject in SUBJECTS {
        let _ = write!(
            page,
            "\n## {}\n\n{}.\n\n| attribute | type | what it is |\n|---|---|---|\n",
            subject.kind,
            capitalized(subject.doc)
        );
        for attribute in subject.attributes {
            let unit = if attribute.unit.is_empty() { String::new() } else { format!(", {}", attribute.unit) };
            let missing = if attribute.optional { "; *may be missing*" } else { "" };
            let _ = writeln!(
                page,
                "| `{}.{}` | {}{unit} | {}{missing} |",
                subject.kind,
                attribute.name,
                type_name(attribute.ty),
                attribute.doc.replace('|', "\\|"),
            );
        }
    }
    tree::assert_current("docs/attributes.md", &page);
}

#[test]
fn the_rule_index_is_current() {
    let mut page = String::from(
        "# Rules\n\n\
         <!-- Generated from rules/; regenerate with `UPDATE_DOCS=1 cargo test --test house`. -->\n\n\
         `archlint explain RULE` shows the same on the terminal.\n\
         Severities, parameters and whole rules are changed in `archlint.yaml`.\n\n",
    );
    page.push_str(&rule_table(&rules::all(), ""));
    for ActiveRule { rule, category, .. } in rules::all() {
        let severity = severity_word(rule.severity);
        let _ = write!(
            page,
            "\n## {}\n\n{} · subject: [{}](attributes.md#{}) · {severity}\n",
            rule.id,
            category.as_str(),
            rule.subject.kind,
            rule.subject.kind
        );
        if !rule.among_text.is_empty() {
            let _ = write!(page, "\n**Judges**\n\n```text\n{}\n```\n", rule.among_text);
        }
        let _ = write!(page, "\n**Fires when**\n\n```text\n{}\n```\n", rule.when_text.trim());
        let _ = write!(page, "\n**Why**\n\n{}\n\n**How to fix it**\n\n{}\n", rule.why.trim(), rule.fix.trim());
        if !rule.parameters.is_empty() {
            page.push_str("\n**Parameters**\n\n");
            for parameter in &rule.parameters {
                let _ = writeln!(page, "- `{}`: {}", parameter.name, parameter.doc);
            }
        }
        page.push_str("\n**Limits**\n\n");
        for limit in &rule.limits {
            let _ = writeln!(page, "- {limit}");
        }
        page.push_str("\n**Read on**\n\n");
        for reference in &rule.references {
            let _ = writeln!(page, "- <{reference}>");
        }
    }
    tree::assert_current("docs/rules.md", &page);
}

#[test]
fn the_readme_lists_every_rule() {
    let expected = rule_table(&rules::all(), "docs/rules.md");
    assert_section("README.md", "rules", &expected);
}

/// One line for each rule: its name with a link, severity, and what it sees.
fn rule_table(rules: &[ActiveRule], page: &str) -> String {
    let mut table = String::from("| rule | severity | judges |\n|---|---|---|\n");
    for ActiveRule { rule, .. } in rules {
        let _ = writeln!(
            table,
            "| [`{0}`]({page}#{0}) | {1} | {2} |",
            rule.id,
            severity_word(rule.severity),
            rule.subject.kind.replace('_', " ")
        );
    }
    table
}

/// Compares what stands between `<!-- NAME -->` and `<!-- /NAME -->` with what is expected.
pub fn assert_section(path: &str, name: &str, expected: &str) {
    let text = tree::text(path).replace("\r\n", "\n");
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("{path} has no {open}"));
    let (_, after) = rest.split_once(&close).unwrap_or_else(|| panic!("{path} has no {close}"));
    tree::assert_current(path, &format!("{before}{open}{expected}{close}{after}"));
}

fn severity_word(severity: Option<Severity>) -> &'static str {
    severity.map_or("off", Severity::word)
}

fn type_name(ty: Type) -> String {
    match ty {
        Type::Bool => "yes or no".to_owned(),
        Type::Int => "number".to_owned(),
        Type::Text => "text".to_owned(),
        Type::List(item) => format!("list of {}", type_name(*item)),
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Texts between the marks on one line, outside of fenced blocks.
fn spans_between(text: &str, open: char, close: char) -> Vec<&str> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        in_block ^= line.trim_start().starts_with("```");
        let mut rest = line;
        while let Some((_, after)) = rest.split_once(open).filter(|_| !in_block) {
            let Some((inner, after)) = after.split_once(close) else { break };
            found.push(inner);
            rest = after;
        }
    }
    found
}

/// Targets of Markdown links.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}
