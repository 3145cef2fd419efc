//! Texts with variables, as values and places.

use super::{Placed, configured, value, with_defaults};
use crate::extract::reading::Reading;
use crate::facts::data::SecretPlace;
use crate::facts::value::{Form, Value};
use crate::source::file::{FileId, SourceFile};
use crate::source::path::EstatePath;
use crate::source::span::Span;

fn written(value: &Value) -> String {
    let list = |values: &[Value]| values.iter().map(written).collect::<Vec<_>>().join(", ");
    let form = match &value.form {
        Form::Literal(text) => format!("{:?}", text.as_str()),
        Form::Secret(_) => "secret".to_owned(),
        Form::DeployVariable(name) => format!("${name}"),
        Form::Concat(parts) => return format!("concat({})", list(parts)),
        Form::FirstOf(parts) => return format!("first({})", list(parts)),
        Form::Unknown(reason) => format!("unknown({})", reason.0),
        Form::Env(_) | Form::ChartValue(_) | Form::Setting(_) | Form::ObjectKey(_) => "other".to_owned(),
    };
    format!("{form}@{}-{}", value.span.start, value.span.end)
}

fn reading(text: &str) -> Reading<'_> {
    Reading::new(SourceFile { id: FileId(0), path: EstatePath::new("compose.yaml"), text })
}

fn whole(reading: &Reading<'_>, text: &'static str) -> Placed<'static> {
    Placed::new(reading, text, reading.span(0, reading.file.text.len()))
}

#[test]
fn every_form_of_a_variable_has_its_value_and_place() {
    for (text, expected) in [
        ("orders", r#""orders"@0-6"#),
        ("", r#"""@0-0"#),
        ("$HOST", "$HOST@0-5"),
        ("${HOST}", "$HOST@0-7"),
        ("${HOST:?is needed}", "$HOST@0-18"),
        ("${HOST?is needed}", "$HOST@0-17"),
        ("${HOST:-orders}", r#"first($HOST@0-15, "orders"@8-14)"#),
        ("${HOST-orders}", r#"first($HOST@0-14, "orders"@7-13)"#),
        ("${HOST-}", r#"first($HOST@0-8, ""@7-7)"#),
        ("${A:-${B:-c}}", r#"first($A@0-13, first($B@5-12, "c"@10-11))"#),
        ("${A:-x${B}y}", r#"first($A@0-12, concat("x"@5-6, $B@6-10, "y"@10-11))"#),
        ("${A:+b}", "unknown(it depends on whether A is set)@0-7"),
        ("http://$HOST:80/", r#"concat("http://"@0-7, $HOST@7-12, ":80/"@12-16)"#),
        ("a$$b$C", r#"concat("a$b"@0-4, $C@4-6)"#),
        ("$$HOST", r#""$HOST"@0-6"#),
        ("a$", r#""a$"@0-2"#),
        ("${A", r#""${A"@0-3"#),
        ("${}", r#""${}"@0-3"#),
        ("${A:0:3}x", r#""${A:0:3}x"@0-9"#),
        ("${1}", r#""${1}"@0-4"#),
    ] {
        let reading = reading(text);
        let placed = Placed::new(&reading, text, reading.span(0, text.len()));
        assert_eq!(written(&value(placed, Form::DeployVariable)), expected, "{text}");
    }
}

#[test]
fn parts_have_places_inside_of_quotes_unless_something_is_escaped() {
    let quoted = reading(r#""x$A""#);
    assert_eq!(written(&value(whole(&quoted, "x$A"), Form::DeployVariable)), r#"concat("x"@1-2, $A@2-4)"#);
    let escaped = reading(r#""\x41$A""#);
    assert_eq!(written(&value(whole(&escaped, "A$A"), Form::DeployVariable)), r#"concat("A"@0-8, $A@0-8)"#);
}

#[test]
fn defaults_of_secret_variables_are_secret() {
    for (key, text, expected, redacted) in [
        ("HOST", "${HOST:-orders}", r#"first($HOST@0-15, "orders"@8-14)"#, vec![]),
        ("DB_PASSWORD", "${X:-hunter2pw}", "first($X@0-15, secret@5-14)", vec![(5, 14)]),
        ("PASSED", "${DB_PASSWORD:-hunter2pw}", "first($DB_PASSWORD@0-25, secret@15-24)", vec![(15, 24)]),
        ("DB_PASSWORD", "${DB_PASSWORD}", "$DB_PASSWORD@0-14", vec![]),
    ] {
        let mut reading = reading(text);
        let placed = Placed::new(&reading, text, reading.span(0, text.len()));
        let value = configured(&mut reading, key, placed, Form::DeployVariable, SecretPlace::Manifest);
        assert_eq!(written(&value), expected, "{text}");
        let ranges: Vec<_> = reading.facts.redactions.iter().map(|span| (span.start, span.end)).collect();
        assert_eq!(ranges, redacted, "{text}");
    }
}

#[test]
fn passwords_amid_variables_are_secret() {
    let text = "postgres://shop:hunter2pw@${DB_HOST}/shop";
    let mut reading = reading(text);
    let placed = Placed::new(&reading, text, reading.span(0, text.len()));
    configured(&mut reading, "DATABASE_URL", placed, Form::DeployVariable, SecretPlace::Manifest);
    assert!(reading.facts.redactions.contains(&Span::new(FileId(0), 16, 25)), "{:?}", reading.facts.redactions);
}

#[test]
fn defaults_stand_in_unless_a_variable_has_none() {
    let reading = reading("");
    let resolved = |text: &'static str| with_defaults(whole(&reading, text)).map_err(|name| name.to_string());
    assert_eq!(resolved("${A:-8080}:80"), Ok("8080:80".to_owned()));
    assert_eq!(resolved("${A:-${B}}:80"), Err("B".to_owned()));
    assert_eq!(resolved("${A:+1}"), Err("A".to_owned()));
}

#[test]
fn hostile_nesting_ends() {
    let text = "${A:-".repeat(50_000) + &"}".repeat(50_000);
    let reading = reading(&text);
    let placed = Placed::new(&reading, &text, reading.span(0, text.len()));
    assert!(written(&value(placed, Form::DeployVariable)).contains("nested too deep"));
    assert!(with_defaults(placed).is_err());
    let open = "${A".repeat(50_000);
    let placed = Placed::new(&reading, &open, reading.span(0, open.len()));
    assert!(with_defaults(placed).is_ok());
}
