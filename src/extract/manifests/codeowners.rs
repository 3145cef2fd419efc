//! `CODEOWNERS` of GitHub and GitLab (docs.github.com, "About code owners";
//! docs.gitlab.com/user/project/codeowners/reference, 2026).

use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::declaration::Ownership;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// `CODEOWNERS` at a repository's root or in `.github`, `.gitlab` or `docs`.
pub fn claims(path: EstatePath) -> bool {
    path.name() == "CODEOWNERS"
}

/// Adds a line for each pattern. GitLab's sections give their default owners to patterns
/// without owners of their own; without a section such a pattern belongs to nobody.
pub fn read(reading: &mut Reading<'_>) {
    let folder = reading.file.path.parent();
    let base = if matches!(folder.name(), ".github" | ".gitlab" | "docs") { folder.parent() } else { folder };
    let mut defaults: Vec<Symbol> = Vec::new();
    let mut offset = 0;
    for line in reading.file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let text = line.trim_start_matches('\u{feff}').trim_start();
        let at = start + line.len() - text.len();
        let text = without_comment(text).trim_end();
        if text.is_empty() {
            continue;
        }
        if let Some(owners) = section_owners(text) {
            defaults = names(owners);
            continue;
        }
        let (pattern, owners) = split_pattern(text);
        let stated = names(owners);
        let owners = if stated.is_empty() { defaults.clone() } else { stated };
        let span = reading.span(at, at + text.len());
        reading.add(Fact::Ownership(Box::new(Ownership { base, pattern: Symbol::new(&pattern), owners, span })));
    }
}

/// The text before a `#` that begins the line or follows a space.
fn without_comment(text: &str) -> &str {
    let starts = text.match_indices('#').map(|(at, _)| at);
    let mut comments = starts.filter(|&at| {
        let before = text.get(..at).unwrap_or_default();
        before.is_empty() || before.ends_with([' ', '\t']) && !before.ends_with("\\ ")
    });
    comments.next().and_then(|at| text.get(..at)).unwrap_or(text)
}

/// What follows `[Section]`, `^[Optional]` or `[Section][2]`; `None` for a pattern. A
/// pattern such as `[abc].md` goes on behind its bracket.
fn section_owners(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('^').unwrap_or(text).strip_prefix('[')?;
    let (_, mut rest) = inner.split_once(']')?;
    if let Some((approvals, behind)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        if !approvals.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        rest = behind;
    }
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some(rest)
}

/// The pattern with its escapes of spaces and signs taken off, and the rest of the line.
fn split_pattern(text: &str) -> (String, &str) {
    let mut pattern = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            ' ' | '\t' => return (pattern, text.get(at..).unwrap_or_default()),
            '\\' => match characters.next() {
                Some((_, escaped @ (' ' | '#' | '@'))) => pattern.push(escaped),
                Some((_, other)) => pattern.extend(['\\', other]),
                None => pattern.push('\\'),
            },
            other => pattern.push(other),
        }
    }
    (pattern, "")
}

/// `@user`, `@group/team`, `person@mail.example`; other words are no owners.
fn names(text: &str) -> Vec<Symbol> {
    text.split_whitespace().filter(|word| word.contains('@')).map(Symbol::new).collect()
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    const LINES: &str = "\u{feff}# all\n*  @shop/all\r\n/services/orders/ @shop/orders mail@shop.example # the core\n  /my\\ docs/ @a\n/nobody/\n/a#b.md @b\n\\#odd @c\n";

    #[test]
    fn each_pattern_has_its_owners_and_line() {
        assert_eq!(
            sketch("repo/.github/CODEOWNERS", LINES, read),
            [
                "repo * -> [@shop/all] at 2:1",
                "repo /services/orders/ -> [@shop/orders mail@shop.example] at 3:1",
                "repo /my docs/ -> [@a] at 4:3",
                "repo /nobody/ -> [] at 5:1",
                "repo /a#b.md -> [@b] at 6:1",
                "repo #odd -> [@c] at 7:1",
            ]
        );
        survives_truncation("CODEOWNERS", LINES, read);
    }

    #[test]
    fn sections_give_default_owners() {
        let text = "/a @x\n[Docs] @docs @writers\n/docs/\n/api/ @api\n^[Optional][2]\n/b\n[ab].md @md\n";
        assert_eq!(
            sketch("docs/CODEOWNERS", text, read),
            [
                ". /a -> [@x] at 1:1",
                ". /docs/ -> [@docs @writers] at 3:1",
                ". /api/ -> [@api] at 4:1",
                ". /b -> [] at 6:1",
                ". [ab].md -> [@md] at 7:1",
            ]
        );
        survives_truncation("CODEOWNERS", text, read);
    }
}
