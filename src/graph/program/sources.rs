//! A walk through small sources, for tests of recognizers.

use super::modules::Modules;
use super::value::{Known, ModuleId, Value};
use super::walk::Walk;
use crate::extract;
use crate::extract::reading::Reading;
use crate::facts::Facts;
use crate::graph::inputs::Inputs;
use crate::source::file::{FileId, SourceFile};
use crate::source::path::EstatePath;

/// Walks the bodies of files (path and text), and hands the walk on.
pub fn walked<R>(files: &[(&str, &str)], then: impl FnOnce(&mut Walk<'_>) -> R) -> R {
    let mut facts: Vec<Facts> = Vec::new();
    let mut paths = Vec::new();
    for (at, (path, text)) in files.iter().enumerate() {
        let path = EstatePath::new(path);
        let mut reading = Reading::new(SourceFile { id: FileId(at as u32), path, text });
        extract::javascript::read(&mut reading);
        facts.push(reading.facts);
        paths.push(path);
    }
    let inputs = Inputs::new(&facts, &paths);
    let modules = Modules::new(&inputs);
    let mut walk = Walk::new(&modules, None);
    let ids: Vec<ModuleId> = modules.ids().collect();
    walk.bodies(&ids);
    walk.rest(&ids);
    then(&mut walk)
}

/// A value in one word: `orders`, `$ORDERS_TOPIC`, `?reason`.
pub fn shown(known: &Known) -> String {
    match &known.value {
        Value::Text(text) => text.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Env(name) => format!("${name}"),
        Value::Setting(name) => format!("setting {name}"),
        Value::FirstOf(all) => all.iter().map(shown).collect::<Vec<_>>().join(" ?? "),
        Value::Concat(all) => all.iter().map(shown).collect::<Vec<_>>().join("+"),
        Value::Unknown(why) => format!("?{why}"),
        Value::Parameter(name) => format!("?the parameter {name}"),
        other => format!("{other:?}"),
    }
}
