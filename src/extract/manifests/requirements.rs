//! `requirements*.txt` of pip (pip.pypa.io/en/stable/reference/requirements-file-format, 2026).

use super::credentials::note_credentials;
use super::dependencies::{blank_unit, framework_entrances, named, pin_of};
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

/// Adds a unit without a name. What a compiled list holds for the sake of others is left out.
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
    let lines = lines(reading.file.text);
    let mut continued = false;
    for (at, &(start, line)) in lines.iter().enumerate() {
        let is_continuation = continued;
        continued = line.trim_end().ends_with('\\');
        let text = line.trim_start_matches('\u{feff}').trim_start();
        // What continues a requirement are hashes and markers; options name no package.
        let editable = ["-e ", "--editable ", "--editable="].iter().find_map(|option| text.strip_prefix(option));
        let text = editable.map_or(text, str::trim_start);
        if is_continuation || text.starts_with(['#', '-', '\\']) {
            continue;
        }
        if is_transitive(text, lines.get(at + 1..).unwrap_or_default()) {
            continue;
        }
        let begin = start + line.len() - text.len();
        let text = text.trim_end().trim_end_matches('\\');
        let file = reading.file_start();
        unit.dependencies.extend(requirement(file, text, begin, scope).or_else(|| address(file, text, begin, scope)));
    }
    unit.entrances = framework_entrances(Ecosystem::Pypi, &unit.dependencies);
    if !unit.dependencies.is_empty() {
        reading.add(Fact::Unit(Box::new(unit)));
    }
}

/// Lines with the byte at which each begins.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut offset = 0;
    let with_start = text.split_inclusive('\n').map(|line| {
        offset += line.len();
        (offset - line.len(), line)
    });
    with_start.collect()
}

/// True for a package that is only there because others need it: `pip-compile` and `uv`
/// write `# via flask` behind it or below it, and `# via -r requirements.in` for one that a
/// person asked for. Code does not import it, so it shows nothing.
fn is_transitive(text: &str, below: &[(usize, &str)]) -> bool {
    let below = below.iter().map(|(_, line)| line.trim());
    let comments = below.skip_while(|line| line.starts_with("--")).map_while(|line| line.strip_prefix('#'));
    let own = text.split_once(" #").map(|(_, comment)| comment);
    let mut by_others = false;
    for comment in own.into_iter().chain(comments).map(str::trim) {
        let name = comment.strip_prefix("via").map_or(comment, str::trim);
        by_others |= comment.starts_with("via");
        let asked_for = name.split(',').map(str::trim).any(|by| {
            by.starts_with("-r ")
                || by.contains("(pyproject.toml)")
                || by.contains("(setup.")
                || by.ends_with("pyproject.toml")
        });
        if by_others && asked_for {
            return false;
        }
    }
    by_others
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
    let Some(address) = rest.strip_prefix('@') else { return Some(named(name, rest, scope, span)) };
    let mut dependency = named(name, "", scope, span);
    dependency.address = (!address.trim_start().starts_with("file:")).then(|| pin_of(&whole(text)));
    Some(dependency)
}

/// A requirement with its fragment, which is no comment: `#sha256=…`, `#egg=money`.
fn whole(text: &str) -> String {
    text.split(" #").next().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_owned()
}

/// `git+https://git.example/shop/money.git@main#egg=money`, without `-e`: the name is that of
/// the egg, else of the repository. `None` for folders, and for addresses that name nothing.
fn address(file: Span, text: &str, at: usize, scope: DependencyScope) -> Option<Dependency> {
    let schemes = ["git+", "hg+", "svn+", "bzr+", "https://", "http://"];
    if !schemes.iter().any(|scheme| text.starts_with(scheme)) {
        return None;
    }
    let text = whole(text);
    let (place, fragment) = text.split_once('#').unwrap_or((&text, ""));
    let egg = fragment.split('&').find_map(|part| part.strip_prefix("egg="));
    let last = place.rsplit('/').next().unwrap_or_default();
    let repository = last.split(['@', '?']).next().unwrap_or_default().trim_end_matches(".git");
    let name = egg.map_or(repository, |egg| egg.split('[').next().unwrap_or(egg));
    let named_well =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let mut dependency = named(name, "", scope, Span::new(file.file, at as u32, (at + text.len()) as u32));
    dependency.address = Some(pin_of(&text));
    named_well.then_some(dependency)
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
                "  needs x Runtime at 7:1",
                "  needs money Runtime at 9:1",
                "  needs requests Runtime at 10:1",
            ]
        );
        survives_truncation("requirements.txt", ORDERS, read);
    }

    #[test]
    fn what_only_other_packages_need_is_left_out() {
        let text = "click==8 # via flask\nflask==3 \\\n    --hash=sha256:a\n    # via\n    #   -r requirements.in\n    #   locust\nuvicorn==1\n    # via\n    #   fastapi\ncelery==5  # via -r requirements.in\nrequests==2\n";
        assert_eq!(
            sketch("requirements.txt", text, read),
            [
                "unit ? in . python at 1:1",
                "  entrance ServerFramework at 2:1",
                "  entrance ServerFramework at 10:1",
                "  needs flask ==3 Runtime at 2:1",
                "  needs celery ==5 Runtime at 10:1",
                "  needs requests ==2 Runtime at 11:1",
            ]
        );
        survives_truncation("requirements.txt", text, read);
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
