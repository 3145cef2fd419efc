//! What containers hand in that are filled and asked by calls: `container.register('STOCK',
//! { useClass: Stock })`, `container.resolve(Orders)`.

use std::rc::Rc;

use super::lookup::Lookup;
use super::recognize::{find, match_of, may_be_of};
use super::shapes::Match;
use super::value::{Foreign, Known, Value};
use super::walk::Walk;
use crate::tables::containers::{ContainerRow, containers};
use crate::tables::shape::Path;

/// Makes known what a use of a library says to hand in.
pub(super) fn provide(walk: &mut Walk<'_>, trace: &Rc<Foreign>) {
    for row in rows_of(trace) {
        let Some(found) = match_of(&row.provides, &row.library, trace) else { continue };
        let Some(token) = token_of(&found) else { continue };
        if let Some(provider) = provider_of(walk, row, &found, trace) {
            walk.bind(&token, provider);
        }
    }
}

/// What a use of a library asks a container for. `None`: it asks for nothing, or nobody is known
/// to provide it.
pub(super) fn asked(walk: &mut Walk<'_>, trace: &Rc<Foreign>) -> Option<Known> {
    let row = rows_of(trace).find_map(|row| match_of(&row.gives, &row.library, trace));
    let token = token_of(&row?)?;
    let given = walk.given_for(&token);
    matches!(given.value, Value::Instance(_) | Value::Function(_) | Value::Object(_)).then_some(given)
}

fn rows_of<'t>(trace: &'t Rc<Foreign>) -> impl Iterator<Item = &'static ContainerRow> + 't {
    containers().iter().filter(|row| may_be_of(&row.starts, trace))
}

fn token_of(found: &Match) -> Option<Known> {
    found.find(&Path::parse("token")?)?.present()
}

fn provider_of(walk: &mut Walk<'_>, row: &ContainerRow, found: &Match, trace: &Rc<Foreign>) -> Option<Known> {
    let at = |paths: &[Path]| -> Vec<Known> {
        let all = paths.iter().filter_map(|path| match find(path, found, trace)? {
            Lookup::Present(known) => Some(known),
            Lookup::Unknown(_) | Lookup::Absent => None,
        });
        all.collect()
    };
    let (classes, factories, values) = (at(&row.class), at(&row.factory), at(&row.value));
    for known in classes {
        if let Value::Class(class) = &known.value {
            return Some(walk.injected_instance(*class));
        }
    }
    for known in factories {
        if let Value::Function(closure) = &known.value {
            let frame = walk.enter(closure, Some(Vec::new()), 1)?;
            return Some(walk.result(&frame, known.span));
        }
    }
    values.into_iter().next()
}
