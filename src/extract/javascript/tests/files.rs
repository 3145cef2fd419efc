//! Which files are read, and what becomes of those that are not.

use crate::extract::javascript::{claims, read};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::source::file::{FileId, SourceFile};
use crate::source::path::EstatePath;

/// Stage and number of expressions, then problems and what is unclear.
fn outcome(path: &str, text: &str) -> Vec<String> {
    let mut reading = Reading::new(SourceFile { id: FileId(3), path: EstatePath::new(path), text });
    read(&mut reading);
    let facts = reading.into_facts();
    let mut lines: Vec<String> = facts
        .facts
        .iter()
        .map(|fact| match fact {
            Fact::Module(module) => {
                assert!(!module.functions.is_empty(), "a body");
                format!("{:?} {}", module.stage, module.nodes.len())
            }
            other => panic!("unexpected {other:?}"),
        })
        .collect();
    lines.extend(
        facts
            .problems
            .iter()
            .map(|problem| format!("problem {}-{} {}", problem.span.start, problem.span.end, problem.message)),
    );
    lines.extend(facts.unclear.iter().map(|unclear| format!("unclear {}", unclear.why)));
    lines
}

#[test]
fn sources_are_claimed_and_declarations_and_bundles_are_not() {
    for path in ["a.js", "a.mjs", "a.cjs", "a.jsx", "src/a.ts", "a.mts", "a.cts", "a.tsx", "a.spec.ts"] {
        assert!(claims(EstatePath::new(path)), "{path}");
    }
    for path in ["a.d.ts", "a.d.mts", "a.d.css.ts", "a.min.js", "a.json", "a.vue", "a.svelte", "js", "a.coffee"] {
        assert!(!claims(EstatePath::new(path)), "{path}");
    }
}

#[test]
fn what_does_not_run_in_a_service_has_a_stage_and_only_what_others_take_of_it() {
    for (path, text, expected) in [
        ("src/a.ts", "f()", "Service 2"),
        ("src/a.test.ts", "f()", "Test 0"),
        ("scripts/a.ts", "f()", "Script 0"),
        ("src/a_pb.js", "f()", "Generated 2"),
        ("src/a_pb.js", "goog.exportSymbol('a')", "Generated 0"),
        ("src/a.ts", "// @generated\nf()", "Generated 2"),
        ("src/a.tsx", "f(<a/>)", "Browser 3"),
        ("src/a.js", "f(<a/>)", "Browser 3"),
        ("src/a.ts", "window.location.reload()", "Browser 4"),
        ("src/a.ts", "'use client'; f()", "Browser 2"),
        ("src/a.ts", "f(import.meta.env)", "Browser 4"),
        ("src/a.ts", "f(typeof window === 'undefined' ? 1 : window.a)", "Service 10"),
        ("src/a.ts", "const window = 1; f(window.a)", "Service 5"),
    ] {
        assert_eq!(outcome(path, text), [expected], "{path} {text}");
    }
}

#[test]
fn mistakes_are_problems_with_their_place() {
    assert_eq!(outcome("src/a.ts", "f();\ng(;\n"), ["Service 2", "problem 7-8 Unexpected token"]);
    // Node reads both: a `return` at the top, and names that modules must not have.
    assert_eq!(outcome("src/a.js", "if (a) return;\nvar await = 010;"), ["Service 2"]);
    assert_eq!(outcome("src/a.cjs", "with (a) { delete b; }"), ["Service 3"]);
}

#[test]
fn templates_of_sources_are_no_sources() {
    assert_eq!(
        outcome("templates/a.ts", "import { <%= name %> } from 'a';"),
        ["Service 0", "unclear it is a template of a source file"]
    );
    assert_eq!(
        outcome("src/a.js", "// @flow\nimport type { A } from 'a';\ntype B = {| a: 1 |};"),
        ["Service 0", "unclear it is written with Flow's types"]
    );
}

#[test]
fn bundles_and_huge_files_are_counted_and_not_read() {
    let bundle = format!("f({});", "a,".repeat(5_000));
    assert_eq!(
        outcome("src/a.js", &bundle),
        ["Generated 0", "unclear its lines are too long for code that people write"]
    );
    let huge = "const a = 1;\n".repeat(100_000);
    assert_eq!(outcome("src/a.js", &huge), ["Generated 0", "unclear the file is larger than 1 MiB"]);
    let deep = "(".repeat(400_000);
    assert_eq!(
        outcome("src/a.js", &deep.replace("((((", "((((\n")),
        ["Generated 0", "unclear it may be nested too deep"]
    );
    // One long line is data in a file of code.
    let data = format!("const a = '{}';\n{}", "x".repeat(6_000), "f();\n".repeat(2_000));
    assert_eq!(outcome("src/a.js", &data), ["Service 4001"]);
}
