//! Settings by which a container makes the clients that it injects: `HttpModule.register({…})`,
//! `ClientsModule.register([{name: 'ORDERS', …}])`.

use super::event::Events;
use super::lookup::{Lookup, look_up, word_of};
use super::shapes::{Bound, Match, find_match};
use super::value::{Closure, Known, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::clients::{ClientRow, Registration, clients};
use crate::tables::shape::Path;

/// All registrations of a service's code.
pub struct Registrations {
    list: Vec<(Symbol, One)>,
}

/// One registered client.
#[derive(Clone)]
struct One {
    token: Option<Symbol>,
    settings: Result<Known, Symbol>,
    span: Span,
}

/// What is known of the settings that an injected client is made of.
#[derive(Clone, Default)]
pub struct Registered {
    settings: Vec<One>,
}

impl Registrations {
    /// Gathers them; `returned` tells what a factory gives.
    pub fn new(events: &Events, returned: &dyn Fn(&Closure) -> Option<Known>) -> Self {
        let mut list = Vec::new();
        for event in &events.list {
            let Some(package) = super::shapes::start_of(&event.trace) else { continue };
            for (_, row) in clients().of(package) {
                for registration in &row.registrations {
                    if let Some(found) = find_match(&registration.shape, &row.library, &event.trace) {
                        let all = read(registration, &found, event.span, returned);
                        list.extend(all.into_iter().map(|one| (row.library.name, one)));
                    }
                }
            }
        }
        Self { list }
    }

    /// What the client of a call is made of.
    pub fn of(&self, row: &ClientRow, found: &Match) -> Registered {
        if row.registrations.is_empty() {
            return Registered::default();
        }
        // `ClientProxyFactory.create(settings)` names them itself.
        let named = Symbol::new("registration");
        if let Some(Bound::Value(settings)) = found.chain().find_map(|level| level.bound(named)) {
            let one = One { token: None, settings: Ok(settings.clone()), span: settings.span };
            return Registered { settings: vec![one] };
        }
        let injection = found.chain().find_map(|level| level.injection.as_ref());
        let tokens = injection.map(|injection| injection.tokens.as_slice()).unwrap_or(&[]);
        // `@Client({transport: …}) client: ClientGrpc`
        if let Some(settings) = tokens.iter().find(|token| matches!(token.value, Value::Object(_))) {
            let one = One { token: None, settings: Ok(settings.clone()), span: settings.span };
            return Registered { settings: vec![one] };
        }
        let words: Vec<Symbol> = tokens.iter().filter_map(word_of).collect();
        let own = self.list.iter().filter(|(library, _)| *library == row.library.name).map(|(_, one)| one);
        let by_token = |one: &&One| one.token.is_none_or(|token| words.contains(&token));
        Registered { settings: own.filter(by_token).cloned().collect() }
    }
}

fn read(
    registration: &Registration,
    found: &Match,
    span: Span,
    returned: &dyn Fn(&Closure) -> Option<Known>,
) -> Vec<One> {
    let settings = registration.settings.iter().find_map(|path| found.find(path)?.present());
    if !registration.each {
        let settings = match settings {
            Some(settings) => Ok(settings),
            None if registration.factory.is_empty() => Ok(Known::new(Value::Object(std::rc::Rc::default()), span)),
            None => made_by_factory(registration, |path| found.find(path), returned),
        };
        return vec![One { token: None, settings, span }];
    }
    let Some(settings) = settings else { return Vec::new() };
    let Value::Array(all) = &settings.value else { return Vec::new() };
    let of_item = |item: &Known, path: &Path| look_up(item, &path.keys);
    all.iter()
        .map(|item| One {
            token: registration.token.as_ref().and_then(|path| word_of(&of_item(item, path).present()?)),
            settings: if registration.factory.is_empty() {
                Ok(item.clone())
            } else {
                made_by_factory(registration, |path| Some(of_item(item, path)), returned)
            },
            span: item.span,
        })
        .collect()
}

fn made_by_factory(
    registration: &Registration,
    find: impl Fn(&Path) -> Option<Lookup>,
    returned: &dyn Fn(&Closure) -> Option<Known>,
) -> Result<Known, Symbol> {
    let factory = registration.factory.iter().find_map(|path| find(path)?.present());
    match factory.map(|factory| factory.value) {
        Some(Value::Function(closure)) => {
            returned(&closure).ok_or_else(|| Symbol::new("the factory of the client's settings was not followed"))
        }
        _ => Err(Symbol::new("the client's settings come from a provider")),
    }
}

impl Registered {
    /// Where the client is registered, if at one place.
    pub fn place(&self) -> Option<Span> {
        match self.settings.as_slice() {
            [one] => Some(one.span),
            _ => None,
        }
    }

    /// The settings bound to `registration`. With several candidates, one of them.
    pub fn as_match(&self, of: &Match) -> Option<(Match, Span)> {
        let all: Result<Vec<&Known>, ()> =
            self.settings.iter().map(|one| one.settings.as_ref().map_err(|_| ())).collect();
        let all = all.ok()?;
        let first = *all.first()?;
        let known = match all.as_slice() {
            [one] => (*one).clone(),
            several => Known::new(Value::OneOf(several.iter().map(|one| (*one).clone()).collect()), first.span),
        };
        let place = self.settings.first().map(|one| one.span)?;
        let bound = vec![(Symbol::new("registration"), Bound::Value(known))];
        let found = Match { bound, made: None, injection: None, last: None, package: of.package };
        Some((found, place))
    }

    /// Why the settings are not known, where that is so.
    pub fn unknown(&self) -> Option<Symbol> {
        self.settings.iter().find_map(|one| one.settings.as_ref().err().copied())
    }

    /// What a path that starts with `registration` leads to.
    pub fn find(&self, path: &Path) -> Option<Known> {
        if path.name != "registration" {
            return None;
        }
        self.look_up(path).present()
    }

    /// What a path that starts with `registration` leads to, with why not where it leads nowhere.
    pub fn look_up(&self, path: &Path) -> Lookup {
        if path.name != "registration" {
            return Lookup::Absent;
        }
        let [one] = self.settings.as_slice() else {
            return Lookup::Unknown(Symbol::new("which settings the client is made of was not followed"));
        };
        match &one.settings {
            Ok(settings) => look_up(settings, &path.keys),
            Err(reason) => Lookup::Unknown(*reason),
        }
    }
}
