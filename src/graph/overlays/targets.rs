//! Which objects a patch is applied to.

use crate::facts::overlay::PatchTarget;
use crate::facts::workload::Label;
use crate::source::symbol::Symbol;

/// True if an object of this kind, name and labels is meant. What a pattern means that is not
/// understood here is nothing.
pub(super) fn fits(target: &PatchTarget, kind: Symbol, name: Option<Symbol>, labels: &[Label]) -> bool {
    let of_kind = target.kind.as_str().is_empty() || is_meant(&target.kind, &kind);
    let of_name = target.name.as_str().is_empty() || name.is_some_and(|name| is_meant(&target.name, &name));
    of_kind && of_name && labelled(&target.labels, labels)
}

/// True if `pattern` matches the whole of `text`. Patterns are regular expressions; of their
/// signs `|` and `.*` are known, as overlays use them.
fn is_meant(pattern: &str, text: &str) -> bool {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
    let pattern = pattern.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(pattern);
    pattern.split('|').any(|choice| matches_choice(choice, text))
}

fn matches_choice(choice: &str, text: &str) -> bool {
    let mut parts = choice.split(".*");
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(part) = last.replace(part) {
            let Some((_, behind)) = rest.split_once(part) else { return false };
            rest = behind;
        }
    }
    match last {
        Some(last) => rest.ends_with(last),
        None => rest.is_empty(),
    }
}

/// `tier=backend,app!=web,critical`
fn labelled(selector: &str, labels: &[Label]) -> bool {
    let value = |key: &str| {
        let label = labels.iter().rev().find(|label| label.key.as_str() == key.trim())?;
        label.value.as_literal()
    };
    selector.split(',').map(str::trim).filter(|part| !part.is_empty()).all(|part| {
        if let Some((key, wanted)) = part.split_once("!=") {
            return value(key).is_none_or(|own| own.as_str() != wanted.trim());
        }
        if let Some((key, wanted)) = part.split_once('=') {
            return value(key).is_some_and(|own| own.as_str() == wanted.trim_start_matches('=').trim());
        }
        match part.strip_prefix('!') {
            Some(key) => value(key).is_none(),
            None => value(part).is_some(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::is_meant;

    #[test]
    fn names_are_matched_as_a_whole() {
        for (pattern, text, expected) in [
            ("orders", "orders", true),
            ("orders", "orders-worker", false),
            ("orders|billing", "billing", true),
            ("^(orders|billing)$", "orders", true),
            (".*", "anything", true),
            (".*-worker", "orders-worker", true),
            (".*-worker", "orders-worker-two", false),
            ("orders-.*-v.*", "orders-eu-v2", true),
            ("orders-.*", "orders", false),
            ("a.*a", "a", false),
        ] {
            assert_eq!(is_meant(pattern, text), expected, "{pattern} on {text}");
        }
    }
}
