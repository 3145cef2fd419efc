//! `go.mod` and `go.work` (go.dev/ref/mod, go.dev/ref/mod#workspaces).

use rustc_hash::FxHashMap;

use super::dependencies::{blank_unit, framework_entrances, named};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{DependencyScope, Runtime, Workspace};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::frameworks::Ecosystem;

/// `go.mod` and `go.work` in any folder.
pub fn claims(path: EstatePath) -> bool {
    matches!(path.name(), "go.mod" | "go.work")
}

/// Adds the module, or the workspace. What a module needs only through others
/// (`// indirect`) is left out: its code does not import it.
pub fn read(reading: &mut Reading<'_>) {
    let folder = reading.file.path.parent();
    let statements = statements(reading);
    if reading.file.path.name() == "go.work" {
        let uses: Vec<_> = statements.iter().filter(|statement| statement.verb == "use").collect();
        let Some(first) = uses.first() else { return };
        let members = uses.iter().filter_map(|statement| statement.words.first());
        let members = members.map(|(word, _)| Symbol::new(word)).collect();
        reading.add(Fact::Workspace(Box::new(Workspace { folder, members, excluded: Vec::new(), span: first.span })));
        return;
    }
    let Some(module) = statements.iter().find(|statement| statement.verb == "module") else {
        reading.problem(reading.file_start(), "the file names no module", "add a line `module example.com/name`");
        return;
    };
    let Some(&(path, span)) = module.words.first() else { return };
    let mut unit = blank_unit(folder, Runtime::Go, span);
    unit.name = Some(Symbol::new(last_segment(path)));
    let replaced = replaced(&statements);
    for statement in statements.iter().filter(|statement| statement.verb == "require" && !statement.indirect) {
        let Some(&(name, span)) = statement.words.first() else { continue };
        let requirement = statement.words.get(1).map_or("", |(word, _)| word);
        let mut dependency = named(name, requirement, DependencyScope::Runtime, span);
        dependency.path = replaced.get(name).and_then(|path| folder.join(path));
        unit.dependencies.push(dependency);
    }
    unit.entrances = framework_entrances(Ecosystem::Go, &unit.dependencies);
    reading.add(Fact::Unit(Box::new(unit)));
}

/// `orders` of `example.com/shop/orders/v2` and of `gopkg.in/orders.v2`.
fn last_segment(path: &str) -> &str {
    let is_version = |word: &str| {
        word.strip_prefix('v').is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut segments = path.rsplit('/').filter(|segment| !segment.is_empty());
    let last = segments.next().unwrap_or(path);
    let name = if is_version(last) { segments.next().unwrap_or(last) } else { last };
    match name.rsplit_once('.') {
        Some((start, end)) if is_version(end) => start,
        Some(_) | None => name,
    }
}

/// The folders that `replace name => ../folder` puts in the place of modules.
fn replaced<'a>(statements: &[Statement<'a>]) -> FxHashMap<&'a str, &'a str> {
    let replacing = statements.iter().filter(|statement| statement.verb == "replace");
    let pairs = replacing.filter_map(|statement| {
        let &(name, _) = statement.words.first()?;
        let arrow = statement.words.iter().position(|&(word, _)| word == "=>")?;
        let &(path, _) = statement.words.get(arrow + 1)?;
        path.starts_with('.').then_some((name, path))
    });
    pairs.collect()
}

/// One line, with the verb of the block that it stands in.
struct Statement<'a> {
    verb: &'a str,
    words: Vec<(&'a str, Span)>,
    indirect: bool,
    span: Span,
}

fn statements<'a>(reading: &Reading<'a>) -> Vec<Statement<'a>> {
    let mut statements = Vec::new();
    let mut block: Option<&'a str> = None;
    let mut offset = 0;
    for line in reading.file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let mut words = words(reading, code, start);
        if words.is_empty() {
            continue;
        }
        let verb = match block {
            Some(verb) => verb,
            None => {
                let (verb, _) = words.remove(0);
                match verb.strip_suffix('(') {
                    Some(verb) if words.is_empty() => {
                        block = Some(verb);
                        continue;
                    }
                    Some(_) | None => verb,
                }
            }
        };
        match words.first() {
            Some(&(")", _)) => block = None,
            Some(&("(", _)) => block = Some(verb),
            Some(&(_, span)) => {
                let indirect = comment.trim_start().starts_with("indirect");
                statements.push(Statement { verb, words, indirect, span });
            }
            None => {}
        }
    }
    statements
}

/// The words of a line without their quotes.
fn words<'a>(reading: &Reading<'a>, code: &'a str, start: usize) -> Vec<(&'a str, Span)> {
    let mut words = Vec::new();
    let mut at = 0;
    for piece in code.split(|c: char| c.is_whitespace() || c == '\u{feff}') {
        let here = start + code.len().min(at);
        // Every separator but the byte order mark is one byte long in a manifest; others
        // are found again from the piece that follows.
        let step = code.get(at + piece.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        at += piece.len() + step;
        let bare = piece.trim_matches(['"', '`']);
        if !bare.is_empty() {
            let quote = usize::from(piece.starts_with(['"', '`']));
            words.push((bare, reading.span(here + quote, here + quote + bare.len())));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{last_segment, read};
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    const ORDERS: &str = "module example.com/shop/orders/v2 // the orders\n\ngo 1.23\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.9.1\n\texample.com/shop/money v0.0.0\n\tgolang.org/x/net v0.1.0 // indirect\n)\n\nrequire \"github.com/google/uuid\" v1.6.0\n\nreplace example.com/shop/money => ../money\n";

    #[test]
    fn a_module_has_its_evidence_and_its_dependencies_in_place() {
        assert_eq!(
            sketch("services/orders/go.mod", ORDERS, read),
            [
                "unit orders in services/orders go at 1:8",
                "  entrance ServerFramework at 6:2",
                "  needs github.com/gin-gonic/gin v1.9.1 Runtime at 6:2",
                "  needs example.com/shop/money v0.0.0 Runtime from services/money at 7:2",
                "  needs github.com/google/uuid v1.6.0 Runtime at 11:10",
            ]
        );
        let crlf = ORDERS.replace('\n', "\r\n");
        assert_eq!(sketch("services/orders/go.mod", &crlf, read).len(), 5);
        survives_truncation("go.mod", ORDERS, read);
    }

    #[test]
    fn versions_are_no_names() {
        for (path, name) in [
            ("example.com/shop/orders", "orders"),
            ("example.com/orders/v10", "orders"),
            ("gopkg.in/orders.v3", "orders"),
            ("vault", "vault"),
            ("v2", "v2"),
            ("example.com/video", "video"),
            ("github.com/shop/next.js", "next.js"),
            ("/", "/"),
        ] {
            assert_eq!(last_segment(path), name, "{path}");
        }
    }

    #[test]
    fn a_work_file_lists_modules() {
        let text = "go 1.23\n\nuse (\n\t./orders\n\t./money\n)\nuse ./tools\n";
        assert_eq!(sketch("go.work", text, read), ["workspace . [./orders ./money ./tools] without [] at 4:2"]);
        assert!(sketch("go.work", "go 1.23\n", read).is_empty());
    }

    #[test]
    fn a_file_without_module_is_a_problem() {
        assert_eq!(sketch("go.mod", "go 1.23\n", read), ["problem at 1:1: the file names no module"]);
        assert_eq!(
            sketch("go.mod", "\u{feff}module a\nrequire(\n\tb v1\n)\n", read).first().map(String::as_str),
            Some("unit a in . go at 1:8")
        );
    }
}
