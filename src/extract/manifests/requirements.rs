//! `requirements*.txt` of pip (pip.pypa.io/en/stable/reference/requirements-file-format, 2026).

use super::credentials::note_credentials;
use super::dependencies::{blank_unit, framework_entrances, named};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{Dependency, DependencyScope, Runtime};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::tables::frameworks::Ecosystem;

/// `requirements.txt`, `requirements-dev.txt`, `dev-requirements.in`, `requirements/base.txt`.
pub fn claims(path: EstatePath) -> bool {
    let Some(stem) = path.name().strip_suffix(".txt").or_else(|| path.name().strip_suffix(".in")) else { return false };
    stem.starts_with("requirements") || stem.ends_with("requirements") || path.parent().name() == "requirements"
}

/// Adds a unit without a name.
pub fn read(reading: &mut Reading<'_>) {
    note_credentials(reading);
    let path = reading.file.path;
    let folder = if path.parent().name() == "requirements" { path.parent().parent() } else { path.parent() };
    let stem = path.name().rsplit_once('.').map_or("", |(stem, _)| stem);
    let mut words = stem.split(['-', '_', '.']);
    let scope = if words.any(|word| {
        matches!(
            word,
            "dev" | "develop" | "development" | "test" | "tests" | "testing" | "lint" | "docs" | "ci" | "local"
        )
    }) {
        DependencyScope::Development
    } else {
        DependencyScope::Runtime
    };
    let mut unit = blank_unit(folder, Runtime::Python, reading.file_start());
    let mut offset = 0;
    let mut continued = false;
    for line in reading.file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let is_continuation = continued;
        continued = line.trim_end().ends_with('\\');
        let body = line.trim_start_matches('\u{feff}');
        let text = body.trim_start();
        // What continues a requirement are hashes and markers; options name no package.
        if is_continuation || text.starts_with(['#', '-', '\\']) {
            continue;
        }
        let at = start + line.len() - text.len();
        if let Some(dependency) = requirement(reading.file_start(), text.trim_end().trim_end_matches('\\'), at, scope) {
            unit.dependencies.push(dependency);
        }
    }
    unit.entrances = framework_entrances(Ecosystem::Pypi, &unit.dependencies);
    if !unit.dependencies.is_empty() {
        reading.add(Fact::Unit(Box::new(unit)));
    }
}

/// One requirement as PEP 508 writes it, `uvicorn[standard]>=0.23; python_version > "3"`,
/// whose first byte is byte `at` of `file`'s file. `None` where it begins with no name.
pub fn requirement(file: Span, text: &str, at: usize, scope: DependencyScope) -> Option<Dependency> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    // `https://…` and `./folder` are places, not names.
    if !begins || rest.starts_with([':', '/', '\\', '+']) {
        return None;
    }
    let rest = rest.trim_start();
    let rest = if rest.starts_with('[') { rest.split_once(']').map_or("", |(_, rest)| rest) } else { rest };
    let rest = rest.split([';', '#']).next().unwrap_or_default();
    let rest = rest.split(" --").next().unwrap_or_default().trim();
    let rest = rest.trim_start_matches('(').trim_end_matches(')');
    let span = Span::new(file.file, at as u32, (at + name.len()) as u32);
    // An address after `@` may hold a token.
    let requirement = if rest.starts_with('@') { "" } else { rest };
    Some(named(name, requirement, scope, span))
}

#[cfg(test)]
mod tests {
    use super::{claims, read};
    use crate::extract::manifests::sketch::{sketch, survives_truncation};
    use crate::source::path::EstatePath;

    #[test]
    fn claims_what_pip_projects_call_their_lists() {
        for (path, claimed) in [
            ("a/requirements.txt", true),
            ("requirements-dev.txt", true),
            ("dev-requirements.txt", true),
            ("requirements/base.txt", true),
            ("requirements.in", true),
            ("requirements.md", false),
            ("notes.txt", false),
        ] {
            assert_eq!(claims(EstatePath::new(path)), claimed, "{path}");
        }
    }

    const ORDERS: &str = "\u{feff}# pinned\n-r base.txt\n--index-url https://pypi.example/simple\n  Flask==3.0.0 \\\n    --hash=sha256:abc\nuvicorn[standard] >=0.23 ; python_version > \"3\"  # server\ngit+https://git.example/x.git\n./libs/money\nmoney @ https://user:hunter@git.example/money.zip\nrequests\n";

    #[test]
    fn each_requirement_has_its_place() {
        assert_eq!(
            sketch("orders/requirements.txt", ORDERS, read),
            [
                "secret at 9:22",
                "unit ? in orders python at 1:1",
                "  entrance ServerFramework at 4:3",
                "  entrance ServerFramework at 6:1",
                "  needs Flask ==3.0.0 Runtime at 4:3",
                "  needs uvicorn >=0.23 Runtime at 6:1",
                "  needs money Runtime at 9:1",
                "  needs requests Runtime at 10:1",
            ]
        );
        survives_truncation("requirements.txt", ORDERS, read);
    }

    #[test]
    fn lists_for_development_are_no_evidence() {
        for path in ["orders/requirements-dev.txt", "orders/requirements/test.txt", "orders/dev-requirements.txt"] {
            assert_eq!(
                sketch(path, "flask\n", read),
                ["unit ? in orders python at 1:1", "  needs flask Development at 1:1"]
            );
        }
        assert!(sketch("requirements.txt", "# nothing\n\n", read).is_empty());
    }
}
