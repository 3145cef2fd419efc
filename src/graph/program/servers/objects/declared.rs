//! Functions whose declaration says what starts them: requests, messages, clocks.

use std::collections::BTreeSet;

use crate::facts::function::{Function, Starts};
use crate::facts::program::Stage;
use crate::graph::program::servers::operation::Kind;
use crate::graph::program::servers::reader::{Entrance, Reader};
use crate::graph::program::servers::templates::template;
use crate::graph::program::servers::traces::functions_of;
use crate::graph::program::value::{Known, ModuleId, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Adds an operation for each start of the functions of `own` modules. Gives those functions: the
/// module and the export.
pub(super) fn read(reader: &mut Reader<'_, '_>, own: &[ModuleId]) -> BTreeSet<(ModuleId, Symbol)> {
    let mut found = BTreeSet::new();
    if reader.walk.modules().functions().is_empty() {
        return found;
    }
    for &id in own {
        let path = reader.walk.modules().path(id);
        let stem = path.as_str().rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem);
        let is_here = |function: &&&Function| function.handler.is_some_and(|handler| handler.as_str() == stem);
        let here: Vec<&Function> = reader.walk.modules().functions().iter().filter(is_here).copied().collect();
        let Some(module) = reader.walk.modules().get(id).filter(|module| module.stage == Stage::Service) else {
            continue;
        };
        for function in here {
            let Some(export) = function.export else { continue };
            let known = reader.walk.export(id, export, 8, Span::file_start(module.file));
            let handler = functions_of(&known).pop();
            for trigger in &function.triggers {
                let kind = kind_of(trigger.starts, trigger.span);
                reader.add(Entrance::new(kind, trigger.span, handler.clone()));
                found.insert((id, export));
            }
        }
    }
    found
}

fn kind_of(starts: Starts, span: Span) -> Kind {
    match starts {
        Starts::Request { method, path } => Kind::Http { method, path: template(&[path.as_str()]) },
        Starts::Message { broker, channel } => {
            let unnamed = || Known::unknown("only the deployment knows what it is called", span);
            let pattern = channel.map_or_else(unnamed, |channel| Known::new(Value::Text(channel), span));
            Kind::Message { transports: vec![broker], pattern, answers: false }
        }
        Starts::Clock(schedule) => Kind::Job { schedule },
    }
}
