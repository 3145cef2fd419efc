//! Which table a class, or a thing made by a call, stands for.

use std::rc::Rc;

use super::unique::{add_indexes, shape_of};
use super::{find, first, known_of, match_of, may_be_of, one_holds, rows};
use crate::graph::program::event::EventId;
use crate::graph::program::lookup::Lookup;
use crate::graph::program::recognize::several;
use crate::graph::program::shapes::Match;
use crate::graph::program::value::{ClassRef, Foreign, Known, Value};
use crate::graph::program::walk::Walk;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::shape::Path;
use crate::tables::stores::{EntityShape, StoreRow, table_of};

/// A table as code names it.
#[derive(Debug, Clone)]
pub struct Entity {
    /// As tables call the library: `typeorm`.
    pub library: Symbol,
    /// The class that stands for it.
    pub class: Option<ClassRef>,
    /// The call that made what stands for it.
    pub event: Option<EventId>,
    /// `orders`
    pub table: Symbol,
    /// True where the name follows from the class by the library's rule.
    pub by_convention: bool,
    /// Columns that are unique together.
    pub unique: Vec<Vec<Symbol>>,
    /// Calls that made its shape: `new Schema({…})`.
    pub made_of: Vec<EventId>,
    /// Where it is named.
    pub span: Span,
}

#[derive(Default)]
pub(super) struct Entities {
    pub(super) list: Vec<Entity>,
}

impl Entities {
    /// Those of decorators, then those of calls.
    pub(super) fn new(walk: &mut Walk<'_>) -> Self {
        let mut entities = Self::default();
        let decorated = walk.events().decorated.iter().filter(|one| one.member.is_none());
        let decorated = decorated.filter_map(|one| match &one.decorator.value {
            Value::Foreign(trace) => Some((Rc::clone(trace), Some(one.class), one.decorator.span)),
            _own => None,
        });
        let calls = walk.events().list.iter().map(|event| (Rc::clone(&event.trace), None, event.span));
        let all: Vec<_> = decorated.chain(calls).collect();
        for (trace, decorated, span) in all {
            let Some((row, shape, found)) = entity_shape(&trace) else { continue };
            let class = Path { name: Symbol::new("$class"), keys: Vec::new() };
            let class = decorated.or_else(|| match find(&class, &found, &trace).and_then(Lookup::present) {
                Some(Known { value: Value::Class(class), .. }) => Some(class),
                Some(_) | None => None,
            });
            entities.add(walk, row, shape, &found, &trace, class, span);
        }
        entities.unique_columns(walk);
        add_indexes(walk, &mut entities.list);
        entities
    }

    #[expect(clippy::too_many_arguments, reason = "one entity is read from these parts and nothing else")]
    fn add(
        &mut self,
        walk: &mut Walk<'_>,
        row: &StoreRow,
        shape: &EntityShape,
        found: &Match,
        trace: &Rc<Foreign>,
        class: Option<ClassRef>,
        span: Span,
    ) {
        // A decorator is a call as well.
        if self.list.iter().any(|one| one.span == span || (one.class.is_some() && one.class == class)) {
            return;
        }
        let by_member = class.zip(shape.member).map(|(class, member)| {
            let known = walk.member(&Known::new(Value::Class(class), span), member, span);
            Known { span, ..known }
        });
        let named = by_member.or_else(|| known_of(first(&shape.table, found, trace), span));
        let model = first(&shape.model, found, trace).present();
        let class_name = || match model.map(|known| known.value) {
            Some(Value::Text(name)) => Some(name),
            Some(_) | None => class.and_then(|class| walk.class(class)?.1.name),
        };
        let (table, by_convention) = match named.map(|known| known.value) {
            Some(Value::Text(name)) => (name, false),
            Some(Value::Nothing) | None => match class_name() {
                Some(name) => (Symbol::new(&table_of(&name, shape.naming)), true),
                None => return,
            },
            // `@Entity({ schema: 'x' })` names no table.
            Some(Value::Object(_)) => match class_name() {
                Some(name) => (Symbol::new(&table_of(&name, shape.naming)), true),
                None => return,
            },
            Some(_) => return,
        };
        let event = class.is_none().then(|| found.event()).flatten();
        let library = row.library.name;
        let (unique, made_of) = shape_of(trace);
        self.list.push(Entity { library, class, event, table, by_convention, unique, made_of, span });
    }

    fn unique_columns(&mut self, walk: &Walk<'_>) {
        for decorated in &walk.events().decorated {
            let Value::Foreign(trace) = &decorated.decorator.value else { continue };
            let Some(entity) = self.list.iter_mut().find(|one| one.class == Some(decorated.class)) else { continue };
            for (starts, row) in rows().iter().filter(|(_, row)| !row.unique.is_empty()) {
                if !may_be_of(starts, trace) {
                    continue;
                }
                for shape in &row.unique {
                    let Some(found) = match_of(&shape.shapes, &row.library, trace) else { continue };
                    if !shape.when.is_empty() && one_holds(&shape.when, &found, trace) != Some(true) {
                        continue;
                    }
                    let listed = first(&shape.columns, &found, trace).present().map(several).unwrap_or_default();
                    let listed: Vec<Symbol> = listed
                        .iter()
                        .filter_map(|known| match &known.value {
                            Value::Text(name) => Some(*name),
                            _other => None,
                        })
                        .collect();
                    let columns = if listed.is_empty() { decorated.member.into_iter().collect() } else { listed };
                    if !columns.is_empty() && !entity.unique.contains(&columns) {
                        entity.unique.push(columns);
                    }
                    break;
                }
            }
        }
    }

    /// The table that a value stands for; the error is for people.
    pub(super) fn table(&self, walk: &Walk<'_>, row: &StoreRow, path: &Path, known: &Known) -> Result<Symbol, Symbol> {
        let naming = row.entities.first().map(|shape| shape.naming);
        let of_class = |class: ClassRef| {
            if let Some(entity) = self.list.iter().find(|one| one.class == Some(class)) {
                return Ok(entity.table);
            }
            match (naming, walk.class(class).and_then(|(_, summary)| summary.name)) {
                (Some(naming), Some(name)) => Ok(Symbol::new(&table_of(&name, naming))),
                (_, _) => Err(Symbol::new("the class that stands for its table says nothing of it")),
            }
        };
        match &known.value {
            Value::Text(name) => {
                // Names of models are not those of their tables: `Order` of `model('Order', …)`.
                let is_model = matches!(path.name.as_str(), "name" | "$token") && path.keys.is_empty();
                match naming.filter(|_| is_model) {
                    Some(naming) => {
                        let of_name =
                            |one: &&Entity| one.class.and_then(|class| walk.class(class)?.1.name) == Some(*name);
                        let known = self.list.iter().find(of_name).map(|one| one.table);
                        Ok(known.unwrap_or_else(|| Symbol::new(&table_of(name, naming))))
                    }
                    None => Ok(plain(*name)),
                }
            }
            Value::Class(class) => of_class(*class),
            Value::Instance(instance) => of_class(instance.class),
            Value::Foreign(trace) => {
                let made = entity_shape(trace).and_then(|(_, _, found)| found.event());
                let entity = self.list.iter().find(|one| made.is_some() && one.event == made);
                entity.map(|one| one.table).ok_or_else(|| Symbol::new("its table is something of a library"))
            }
            Value::OneOf(all) | Value::FirstOf(all) | Value::Array(all) => match all.first() {
                Some(one) => self.table(walk, row, path, one),
                None => Err(Symbol::new("its table is not named")),
            },
            Value::Unknown(why) => Err(*why),
            Value::Parameter(name) => Err(Symbol::new(&format!("its table comes from {name}"))),
            Value::Number(_)
            | Value::Bool(_)
            | Value::Nothing
            | Value::Env(_)
            | Value::Setting(_)
            | Value::Concat(_)
            | Value::Object(_)
            | Value::Function(_)
            | Value::Module(_)
            | Value::Computed(_) => Err(Symbol::new("its table is only known when it runs")),
        }
    }
}

/// `orders` of `orders as o`.
fn plain(name: Symbol) -> Symbol {
    match name.split_whitespace().next() {
        Some(first) if first.len() < name.len() => Symbol::new(first),
        Some(_) | None => name,
    }
}

fn entity_shape(trace: &Rc<Foreign>) -> Option<(&'static StoreRow, &'static EntityShape, Match)> {
    rows().iter().filter(|(starts, row)| !row.entities.is_empty() && may_be_of(starts, trace)).find_map(|(_, row)| {
        row.entities.iter().find_map(|shape| Some((*row, shape, match_of(&shape.shapes, &row.library, trace)?)))
    })
}
