//! Where does a source file run? Told by its path and a few words of its text, for source
//! code in any language.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::facts::program::Stage;
use crate::source::path::EstatePath;

/// Folders whose code runs in no deployment.
const TEST_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "spec",
    "specs",
    "e2e",
    "mock",
    "mocks",
    "__mocks__",
    "fixtures",
    "testdata",
    "examples",
    "example",
    "playground",
    "androidtest",
    "integrationtest",
    "integration-tests",
    "cypress",
    "benches",
    "docs",
];

/// More of them, in JavaScript's world.
const SCRIPT_TEST_FOLDERS: &[&str] =
    &["__fixtures__", "stories", "storybook", ".storybook", "benchmark", "benchmarks", "playwright", "test-e2e"];

/// Folders of what somebody starts by hand, or a build does.
const SCRIPT_FOLDERS: &[&str] = &["scripts", "seeds", "seeders", "migrations", "codemods"];

/// Endings of a name, before `.config.…`-like ones, of files that only tools read.
const TOOL_NAMES: &[&str] = &["gulpfile", "gruntfile", "karma.conf", "protractor.conf", "jest.setup", "vitest.setup"];

/// Endings that generators of contracts give their files (protoc-gen-js, ts-proto, ts-proto's
/// and Connect's plug-ins, grpc-tools; as their documentation has it in 2026).
const GENERATED_ENDINGS: &[&str] =
    &[".pb", "_pb", "_grpc_pb", "_connect", "_connectweb", "_grpc_web_pb", ".generated", ".gen", "_pb_service"];

/// True for files of tests, mocks, examples and their kin, by the path alone.
pub fn is_test(path: EstatePath) -> bool {
    let parent = path.parent();
    let mut folders = parent.as_str().split('/').map(str::to_ascii_lowercase);
    if folders
        .any(|folder| TEST_FOLDERS.contains(&folder.as_str()) || folder.ends_with(".tests") || is_test_support(&folder))
    {
        return true;
    }
    let stem = path.name().rsplit_once('.').map_or(path.name(), |(stem, _)| stem);
    let lower = stem.to_ascii_lowercase();
    if is_test_support(&lower) {
        return true;
    }
    let is_test = [".test", ".spec", "_test", "_spec", ".e2e", ".stories", ".mock", "-spec", ".e2e-spec"]
        .iter()
        .any(|mark| lower.ends_with(mark));
    let is_class = ["Test", "Tests", "IT", "Spec", "TestCase"].iter().any(|mark| stem.ends_with(mark));
    let is_class_of_tests = is_class && stem.len() > 4;
    is_test || is_class_of_tests || lower.starts_with("test_") || lower == "conftest"
}

/// `testutils`, `test-helpers`, `testcontainers.rs`, `playground-query.ts`.
fn is_test_support(name: &str) -> bool {
    let flat = name.replace(['-', '_', '.'], "");
    let words = ["testutil", "testhelper", "testsupport", "testcontainer", "testdata", "testfixture", "playground"];
    words.iter().any(|word| flat.contains(word)) || flat == "testing"
}

/// The stage of a file of JavaScript or TypeScript that its path tells; [`Stage::Service`]
/// where it tells none.
pub fn stage_of_path(path: EstatePath) -> Stage {
    let folders = || path.parent().as_str().split('/').filter(|folder| !folder.is_empty());
    if is_test(path) || folders().any(|folder| SCRIPT_TEST_FOLDERS.contains(&folder)) {
        return Stage::Test;
    }
    let stem = path.name().rsplit_once('.').map_or(path.name(), |(stem, _)| stem).to_ascii_lowercase();
    if GENERATED_ENDINGS.iter().any(|ending| stem.ends_with(ending))
        || folders().any(|folder| folder == "__generated__")
    {
        return Stage::Generated;
    }
    // `jest.config.js`, `vite.config.mts`; `app.config.ts` and `database.config.ts` are the
    // application's own.
    let tool = stem.strip_suffix(".config").is_some_and(|tool| {
        ["jest", "webpack", "vite", "vitest", "rollup", "babel", "eslint", "prettier", "tailwind", "postcss", "next"]
            .iter()
            .chain(
                ["tsup", "playwright", "cypress", "metro", "commitlint", "lint-staged", "svelte", "nuxt", "craco"]
                    .iter(),
            )
            .any(|known| {
                tool == *known || tool.starts_with(&format!("{known}.")) || tool.starts_with(&format!("{known}-"))
            })
    });
    let dotted = stem.starts_with('.') && stem.ends_with("rc");
    if tool || dotted || TOOL_NAMES.contains(&stem.as_str()) || folders().any(|folder| SCRIPT_FOLDERS.contains(&folder))
    {
        return Stage::Script;
    }
    Stage::Service
}

/// True if a file says in its first lines that a generator made it.
pub fn is_generated(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let head = text.as_bytes().get(..text.len().min(1_024)).unwrap_or_default();
    let Some(marks) = GENERATED_MARKS.as_ref() else { return false };
    marks.find_iter(head).any(|mark| {
        // In a comment: what stands before it on its line shows it.
        let before = head.get(..mark.start()).unwrap_or_default();
        let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_start();
        line.starts_with(b"/") || line.starts_with(b"*") || line.starts_with(b"#")
    })
}

/// What generators write into the files that they make, all looked for at once.
static GENERATED_MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    const MARKS: &[&str] = &[
        "@generated",
        "DO NOT EDIT",
        "Do not edit",
        "do not edit",
        "Code generated by",
        "autogenerated",
        "auto-generated",
        "auto generated by",
    ];
    // Vectors are used for leftmost matches only.
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(MARKS).ok()
});

#[cfg(test)]
mod tests {
    use super::{is_generated, stage_of_path};
    use crate::facts::program::Stage;
    use crate::source::path::EstatePath;

    #[test]
    fn paths_tell_where_code_runs() {
        for (path, expected) in [
            ("src/orders/orders.service.ts", Stage::Service),
            ("src/config/app.config.ts", Stage::Service),
            ("src/config/database.config.js", Stage::Service),
            ("apps/tools/src/main.ts", Stage::Service),
            ("src/latest.ts", Stage::Service),
            ("src/orders.service.spec.ts", Stage::Test),
            ("test/app.e2e-spec.ts", Stage::Test),
            ("src/__mocks__/orders.ts", Stage::Test),
            ("web/stories/button.tsx", Stage::Test),
            ("web/button.stories.tsx", Stage::Test),
            ("benchmark/load.js", Stage::Test),
            ("examples/app.js", Stage::Test),
            ("scripts/release.js", Stage::Script),
            ("src/migrations/1700000000-orders.ts", Stage::Script),
            ("db/seeds/orders.js", Stage::Script),
            ("jest.config.ts", Stage::Script),
            ("webpack.prod.config.js", Stage::Script),
            (".eslintrc.js", Stage::Script),
            ("gulpfile.js", Stage::Script),
            ("src/proto/orders_pb.js", Stage::Generated),
            ("src/proto/orders.pb.ts", Stage::Generated),
            ("src/gen/orders_grpc_pb.js", Stage::Generated),
            ("src/__generated__/schema.ts", Stage::Generated),
        ] {
            assert_eq!(stage_of_path(EstatePath::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn generators_say_so_in_a_comment_at_the_top() {
        for (text, expected) in [
            ("// @generated by protoc-gen-es v2\nexport const a = 1;", true),
            ("/* eslint-disable */\n/**\n * Code generated by openapi. DO NOT EDIT.\n */", true),
            ("const text = 'do not edit';", false),
            ("export const a = 1;", false),
            ("", false),
        ] {
            assert_eq!(is_generated(text), expected, "{text}");
        }
        assert!(!is_generated(&format!("{}// @generated", "\n".repeat(2_000))));
    }
}
