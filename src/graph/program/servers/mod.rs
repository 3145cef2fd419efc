//! What does a service answer to? Reads registrations, decorators and files that a framework
//! knows by their name, and walks the handlers.
//!
//! In: a walk through all bodies. Out: operations with where each is written, and where the
//! service listens. Tells the walk what a container of the service hands in.
//!
//! Does not know what handlers do, which services call them, or what messages of a broker's own
//! library are taken: those are read from the walk's events by others.

mod decorations;
mod keys;
pub mod nest;
mod objects;
pub mod operation;
mod reader;
mod routers;
mod templates;
mod traces;

use operation::Served;
use reader::Reader;

use super::value::ModuleId;
use super::walk::Walk;

/// What a service answers to. `walk` has been through the bodies of all of its modules; `own`
/// are those of its folders, without what they take from elsewhere.
pub fn operations(walk: &mut Walk<'_>, own: &[ModuleId]) -> Served {
    let mut reader = Reader { walk, served: Served::default() };
    // What containers hand in comes first: routes may be walked with it.
    nest::read(&mut reader, own);
    routers::read(&mut reader);
    objects::read(&mut reader, own);
    sorted(reader.served)
}

/// In order, each registration once.
fn sorted(mut served: Served) -> Served {
    served.operations.sort_by_key(|operation| (operation.rank(), operation.name(), operation.span, operation.id));
    served.operations.dedup_by(|later, first| {
        later.rank() == first.rank() && later.name() == first.name() && later.span == first.span
    });
    served.unclear.sort();
    served
}
