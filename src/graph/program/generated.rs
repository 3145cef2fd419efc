//! Clients that generators make of contracts: a class that is known by its file and its name, not
//! by its code, which nobody may have committed.

use super::modules::{Modules, Target};
use super::value::{ClassRef, Known, ModuleId, Step};
use super::walk::Walk;
use crate::facts::program::{Expr, Module, Stage};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::clients::clients;

/// How many modules of one generated client are looked at.
const MOST: usize = 64;

/// Libraries whose use tells how a generated client sends.
const SENDERS: &[&str] = &["axios"];

impl Walk<'_> {
    /// What the table knows a class of generated code as: something of the package `generated`.
    pub(super) fn stub(&self, class: ClassRef, span: Span) -> Option<Known> {
        let (module, summary) = self.class(class)?;
        if module.stage != Stage::Generated || !summary.decorators.is_empty() {
            return None;
        }
        let name = summary.name?;
        let package = self.modules.sends_with(class.module);
        let package = package.map_or(Symbol::new("generated"), |sender| Symbol::new(&format!("generated/{sender}")));
        clients().generated(package, name).then(|| Known::foreign(Step::Import { package, name }, span))
    }
}

/// The same for a name of a module that is not there: generated when the image is built.
pub(super) fn missing_stub(specifier: Symbol, name: Symbol, span: Span) -> Option<Known> {
    let package = Symbol::new("generated");
    let is_relative = specifier.starts_with('.') || !specifier.contains('/') || specifier.starts_with("@/");
    (is_relative && clients().generated(package, name)).then(|| Known::foreign(Step::Import { package, name }, span))
}

impl Modules<'_> {
    /// The library that generated code sends with: `axios`; `fetch` for the environment's own.
    fn sends_with(&self, id: ModuleId) -> Option<&'static str> {
        let mut order = vec![id];
        let mut at = 0;
        let mut fetches = false;
        while let Some(id) = order.get(at).copied().filter(|_| at < MOST) {
            at += 1;
            let Some(module) = self.get(id).filter(|module| module.stage == Stage::Generated) else { continue };
            let imports = module.imports.iter().filter(|import| !import.type_only);
            for import in imports {
                if let Target::Foreign(package) = self.resolve(id, import.specifier)
                    && let Some(sender) = SENDERS.iter().find(|sender| package == **sender)
                {
                    return Some(sender);
                }
            }
            fetches |= names_fetch(module);
            for other in self.taken(id) {
                if !order.contains(&other) {
                    order.push(other);
                }
            }
        }
        fetches.then_some("fetch")
    }
}

fn names_fetch(module: &Module) -> bool {
    module.nodes.iter().any(|node| match &node.expr {
        Expr::Global(name) => *name == "fetch",
        Expr::Member { name, .. } => *name == "fetchApi",
        _other => false,
    })
}
