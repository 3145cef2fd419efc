//! What a name gives that another file binds: through re-exports, barrels, `require` and files of
//! configuration.

use super::generated::missing_stub;
use super::modules::Target;
use super::value::{Known, ModuleId, Step, Value};
use super::walk::Walk;
use crate::facts::program::{Export, ImportId, Imported};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::generated::generated;

/// How far re-exports are followed.
pub(super) const EXPORT_LIMIT: usize = 12;

impl Walk<'_> {
    pub(super) fn import(&mut self, id: ModuleId, import: ImportId, span: Span) -> Known {
        let Some(bound) = self.modules.get(id).and_then(|module| module.imports.get(import.0 as usize)) else {
            return Known::unknown("an import that is not there", span);
        };
        self.taken_from(id, bound.specifier, bound.what, EXPORT_LIMIT, span)
    }

    fn taken_from(&mut self, id: ModuleId, specifier: Symbol, what: Imported, depth: usize, span: Span) -> Known {
        match self.modules.resolve(id, specifier) {
            Target::Foreign(package) => {
                let name = match what {
                    Imported::Default => Symbol::new("default"),
                    Imported::Whole | Imported::Nothing => Symbol::new("*"),
                    Imported::Named(name) => name,
                };
                Known::foreign(Step::Import { package, name }, span)
            }
            Target::Missing => match what {
                // Clients that a tool writes are mostly not committed.
                Imported::Named(name) => match generated(&name) {
                    Some(package) => Some(Known::foreign(Step::Import { package, name }, span)),
                    None => missing_stub(specifier, name, span),
                },
                Imported::Default | Imported::Whole | Imported::Nothing => None,
            }
            .unwrap_or_else(|| Known::unknown(&format!("{specifier} is not among the sources read"), span)),
            Target::Settings(settings) => {
                let whole = self.settings_value(settings, span);
                match what {
                    Imported::Named(name) => self.member(&whole, name, span),
                    Imported::Default | Imported::Whole | Imported::Nothing => whole,
                }
            }
            Target::Module(module) => match what {
                Imported::Whole | Imported::Nothing => Known::new(Value::Module(module), span),
                Imported::Default => self.export(module, Symbol::new("default"), depth, span),
                Imported::Named(name) => self.export(module, name, depth, span),
            },
        }
    }

    pub(super) fn whole(&mut self, id: ModuleId, specifier: Symbol, span: Span) -> Known {
        match self.modules.resolve(id, specifier) {
            Target::Foreign(package) => Known::foreign(Step::Import { package, name: Symbol::new("*") }, span),
            Target::Missing => Known::unknown(&format!("{specifier} is not among the sources read"), span),
            Target::Settings(settings) => self.settings_value(settings, span),
            Target::Module(module) => self.whole_module(module, span),
        }
    }

    /// What `require` of a module of the estate gives.
    fn whole_module(&mut self, module: ModuleId, span: Span) -> Known {
        let whole = self.modules.get(module).and_then(|summary| {
            summary.exports.iter().rev().find_map(|export| match export {
                Export::Whole(node) => Some(*node),
                Export::Value { .. } | Export::From { .. } | Export::All(_) => None,
            })
        });
        match whole {
            Some(node) => {
                let body = self.body(module);
                self.evaluate(module, &body, node)
            }
            None => Known::new(Value::Module(module), span),
        }
    }

    /// What a module of the estate exports under a name.
    pub fn export(&mut self, module: ModuleId, name: Symbol, depth: usize, span: Span) -> Known {
        let missing = || Known::unknown(&format!("no export {name} was found"), span);
        let Some(below) = depth.checked_sub(1) else { return missing() };
        let Some(summary) = self.modules.get(module) else { return missing() };
        for export in summary.exports.iter().rev() {
            match export {
                Export::Value { name: own, value } if *own == name => {
                    let body = self.body(module);
                    return self.evaluate(module, &body, *value).via(span);
                }
                Export::From { name: own, specifier, imported } if *own == name => {
                    return self.taken_from(module, *specifier, *imported, below, span);
                }
                Export::Value { .. } | Export::From { .. } | Export::All(_) | Export::Whole(_) => {}
            }
        }
        for export in &summary.exports {
            match export {
                Export::All(specifier) if name.as_str() != "default" => {
                    let found = match self.modules.resolve(module, *specifier) {
                        Target::Module(other) => self.export(other, name, below, span),
                        // Whether a library has the name cannot be told; another module may.
                        Target::Foreign(_) | Target::Settings(_) | Target::Missing => continue,
                    };
                    if !matches!(found.value, Value::Unknown(_)) {
                        return found;
                    }
                }
                Export::Whole(node) => {
                    let body = self.body(module);
                    let whole = self.evaluate(module, &body, *node);
                    return if name.as_str() == "default" { whole } else { self.member(&whole, name, span) };
                }
                Export::All(_) | Export::Value { .. } | Export::From { .. } => {}
            }
        }
        let foreign = summary.exports.iter().find_map(|export| match export {
            Export::All(specifier) => match self.modules.resolve(module, *specifier) {
                Target::Foreign(package) => Some(package),
                Target::Module(_) | Target::Settings(_) | Target::Missing => None,
            },
            Export::Value { .. } | Export::From { .. } | Export::Whole(_) => None,
        });
        match foreign {
            Some(package) => Known::foreign(Step::Import { package, name }, span),
            None => missing(),
        }
    }
}
