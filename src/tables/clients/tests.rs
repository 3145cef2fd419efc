//! Rows of clients: what ships is sound, and mistakes are named.

use super::{Clients, FILES, clients};
use crate::source::symbol::Symbol;

#[test]
fn every_shipped_row_is_sound() {
    let (_, problems) = Clients::read(FILES);
    let messages: Vec<_> = problems.into_iter().map(|problem| problem.message).collect();
    assert_eq!(messages, Vec::<String>::new());
}

#[test]
fn rows_are_found_by_the_package_that_code_imports() {
    let names = |package: &str| -> Vec<&str> {
        clients().of(Symbol::new(package)).map(|(_, row)| row.library.name.as_str()).collect()
    };
    assert_eq!(names("axios"), ["axios"]);
    assert!(names("global").contains(&"fetch"));
    assert!(names("left-pad").is_empty());
}

#[test]
fn a_client_that_may_wait_for_ever_says_how_to_limit_it() {
    for row in &clients().rows {
        let unlimited = row.timeout.default.is_none() && !row.timeout.call.is_empty();
        assert!(!unlimited || row.timeout.help.is_some(), "{} has no help", row.library.name);
    }
}

#[test]
fn mistakes_in_rows_are_named() {
    for (row, expected) in [
        ("calls: [x]", "x: `#` and an export was expected at `the end`"),
        ("calls: ['{other}.get(url)']", "nothing of the row makes {other}"),
        (
            "{calls: ['#get(url)'], timeout: {cal: x}}",
            "cal is no key here; keys are call, client, unclear, off, default, assigned, interceptors, everywhere, everywhere_at, help, put",
        ),
        ("{calls: ['#get(url)'], timeout: {default: never}}", "default is a number of ms, or `none`, not never"),
        (
            "{calls: ['#get(url)'], timeout: {call: 'options.timeout as weeks'}}",
            "options.timeout as weeks is not like `options.timeout as s`",
        ),
    ] {
        let row = row.trim_start_matches('{').trim_end_matches('}').to_owned()
            + if row.starts_with('{') && row.matches('{').count() > 1 { "}" } else { "" };
        let text = format!(
            "rows:\n  - {{library: l, packages: [l], protocol: http, source: 'https://l.example', checked: 2026-11, {row}}}\n"
        );
        let (_, problems) = Clients::read(&[&text]);
        let messages: Vec<_> = problems.into_iter().map(|problem| problem.message).collect();
        assert!(messages.iter().any(|message| message == expected), "{text}: {messages:?}");
    }
}
