//! Evaluates symbolic values in the environment of one service in one variant.

use rustc_hash::{FxHashMap, FxHashSet};

use super::inputs::{Inputs, Near};
use super::process::EXAMPLE_ENDINGS;
use crate::facts::answer::Reason;
use crate::facts::data::{ConfigObject, Settings, SettingsKind};
use crate::facts::value::{Form, ObjectKey, ObjectKind, Value};
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::secret::Secret;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What stands for a secret's text in an evaluated value.
pub const SECRET_TEXT: &str = "***";

/// What a value turned out to be.
#[derive(Clone, Debug)]
pub enum Resolved {
    /// Its text is known, at least in part.
    Text(Known),
    /// It hides in a key of a Secret: `secret orders-db/url`.
    Hidden {
        /// The key's identity.
        identity: Symbol,
        /// The use first, then where the key is named.
        trail: Vec<Span>,
    },
    /// Nobody can tell, for this reason.
    Unknown(Reason),
}

/// An evaluated text.
#[derive(Clone, Debug)]
pub struct Known {
    /// The text; secret parts are [`SECRET_TEXT`], unknown parts are `${?}`.
    pub text: String,
    /// The secret parts in order.
    pub secrets: Vec<Secret>,
    /// The use first, then where it was defined.
    pub trail: Vec<Span>,
    /// True if a part is unknown.
    pub partial: bool,
    /// True if it rests on a default that the deployment may override unseen.
    pub by_default: bool,
}

/// What a value is evaluated in.
#[derive(Clone, Default)]
pub struct Scope<'a> {
    /// The file that states the value: decides which `.env`, chart and objects are near.
    pub path: Option<EstatePath>,
    /// Variables of the process.
    pub env: FxHashMap<Symbol, &'a Value>,
}

/// Looks names up in all configuration of the estate.
pub struct Evaluator<'a> {
    objects: FxHashMap<(ObjectKind, Symbol), Near<&'a ConfigObject>>,
    dot_env: FxHashMap<EstatePath, &'a Settings>,
    chart_values: FxHashMap<EstatePath, &'a Settings>,
    application: Near<Application<'a>>,
    paths: FxHashMap<FileId, EstatePath>,
}

/// A configuration file of an application.
#[derive(Clone, Copy)]
struct Application<'a> {
    settings: &'a Settings,
    path: EstatePath,
    /// The folder of the manifest that it belongs to: it is nobody's outside of that.
    home: EstatePath,
}

/// Deepest nesting of values followed: a variable that names itself ends here.
const DEPTH_LIMIT: usize = 24;

impl<'a> Evaluator<'a> {
    /// Indexes the configuration of the estate.
    pub fn new(inputs: &Inputs<'a>) -> Self {
        let mut objects: FxHashMap<_, Vec<(EstatePath, &ConfigObject)>> = FxHashMap::default();
        for object in &inputs.objects {
            if let Some(name) = object.fact.name.as_literal() {
                objects.entry((object.fact.kind, name)).or_default().push((object.path, object.fact));
            }
        }
        let mut dot_env = FxHashMap::default();
        let mut chart_values = FxHashMap::default();
        let mut application = Vec::new();
        let homes: FxHashSet<EstatePath> = inputs.units.iter().map(|unit| unit.fact.folder).collect();
        for settings in &inputs.settings {
            match settings.fact.kind {
                // Compose reads exactly `.env`; files of other names need to be asked for.
                SettingsKind::DotEnv if settings.path.name() == ".env" => {
                    dot_env.insert(settings.path.parent(), settings.fact);
                }
                // Where `.env` is not committed, its example says what it starts from.
                SettingsKind::DotEnv if is_example_of_dot_env(settings.path.name()) => {
                    dot_env.entry(settings.path.parent()).or_insert(settings.fact);
                }
                SettingsKind::DotEnv => {}
                SettingsKind::ChartValues if matches!(settings.path.name(), "values.yaml" | "values.yml") => {
                    chart_values.insert(settings.path.parent(), settings.fact);
                }
                SettingsKind::ChartValues => {}
                SettingsKind::Application => {
                    let home = home_of(settings.path, &homes);
                    let one = Application { settings: settings.fact, path: settings.path, home };
                    application.push((settings.path, one));
                }
            }
        }
        let objects = objects.into_iter().map(|(key, all)| (key, Near::new(all))).collect();
        let paths = inputs.modules.iter().map(|module| (module.fact.file, module.path)).collect();
        Self { objects, dot_env, chart_values, application: Near::new(application), paths }
    }

    /// Evaluates `value` in `scope`.
    pub fn resolve(&self, value: &'a Value, scope: &Scope<'a>) -> Resolved {
        self.resolve_within(value, scope, 0)
    }

    /// The text, where it is known in full.
    pub fn text(&self, value: &'a Value, scope: &Scope<'a>) -> Option<String> {
        match self.resolve(value, scope) {
            Resolved::Text(known) if !known.partial => Some(known.text),
            Resolved::Text(_) | Resolved::Hidden { .. } | Resolved::Unknown(_) => None,
        }
    }

    fn resolve_within(&self, value: &'a Value, scope: &Scope<'a>, depth: usize) -> Resolved {
        if depth > DEPTH_LIMIT {
            return unknown("the value refers to itself");
        }
        let span = value.span;
        match &value.form {
            Form::Literal(text) => known(text.as_str(), span),
            Form::Secret(secret) => Resolved::Text(Known {
                text: SECRET_TEXT.to_owned(),
                secrets: vec![*secret],
                trail: vec![span],
                partial: false,
                by_default: false,
            }),
            Form::Env(name) => match scope.env.get(name) {
                Some(defined) => led_by(span, self.resolve_within(defined, scope, depth + 1)),
                None => unknown(&format!("no deployment in the estate sets the variable {name}")),
            },
            Form::DeployVariable(name) => match self.deploy_variable(*name, scope) {
                Some(defined) => led_by(span, self.resolve_within(defined, scope, depth + 1)),
                None => unknown(&format!("{name} is set only by whoever deploys")),
            },
            Form::ChartValue(key) => match self.chart_value(*key, scope) {
                Some(defined) => led_by(span, self.resolve_within(defined, scope, depth + 1)),
                None => unknown(&format!("the chart's values.yaml does not set {key}")),
            },
            Form::Setting(key) => {
                let mut last = unknown(&format!("no configuration file of the service sets {key}"));
                for defined in self.setting(*key, span, scope) {
                    last = led_by(span, self.resolve_within(defined, scope, depth + 1));
                    if matches!(last, Resolved::Text(_) | Resolved::Hidden { .. }) {
                        break;
                    }
                }
                last
            }
            Form::ObjectKey(key) => self.object_key(key, span, scope, depth),
            Form::Concat(parts) => self.concatenation(parts, span, scope, depth),
            Form::FirstOf(choices) => self.first_of(choices, scope, depth),
            Form::Unknown(reason) => Resolved::Unknown(*reason),
        }
    }

    fn first_of(&self, choices: &'a [Value], scope: &Scope<'a>, depth: usize) -> Resolved {
        let mut last = unknown("no alternative is given");
        for (at, choice) in choices.iter().enumerate() {
            last = self.resolve_within(choice, scope, depth + 1);
            match &mut last {
                Resolved::Text(known) => {
                    known.by_default |= at > 0;
                    return last;
                }
                Resolved::Hidden { .. } => return last,
                Resolved::Unknown(_) => {}
            }
        }
        last
    }

    fn concatenation(&self, parts: &'a [Value], span: Span, scope: &Scope<'a>, depth: usize) -> Resolved {
        let mut whole =
            Known { text: String::new(), secrets: Vec::new(), trail: vec![span], partial: false, by_default: false };
        let mut reason = None;
        for part in parts {
            match self.resolve_within(part, scope, depth + 1) {
                Resolved::Text(known) => {
                    whole.text.push_str(&known.text);
                    whole.secrets.extend(known.secrets);
                    whole.trail.extend(known.trail.into_iter().filter(|place| !span.contains(*place)));
                    whole.partial |= known.partial;
                    whole.by_default |= known.by_default;
                }
                Resolved::Hidden { identity, .. } => {
                    whole.text.push_str("${?}");
                    whole.partial = true;
                    reason.get_or_insert(Reason(Symbol::new(&format!("a part of it hides in {identity}"))));
                }
                Resolved::Unknown(why) => {
                    whole.text.push_str("${?}");
                    whole.partial = true;
                    reason.get_or_insert(why);
                }
            }
        }
        match reason {
            Some(reason) if whole.text.replace("${?}", "").is_empty() => Resolved::Unknown(reason),
            _ => Resolved::Text(whole),
        }
    }

    fn object_key(&self, key: &'a ObjectKey, span: Span, scope: &Scope<'a>, depth: usize) -> Resolved {
        let word = match key.kind {
            ObjectKind::Config => "configmap",
            ObjectKind::Secret => "secret",
        };
        let Some(object) = self.text(&key.object, scope) else {
            return unknown(&format!("the name of the {word} is computed"));
        };
        let identity = Symbol::new(&format!("{word} {object}/{}", key.key));
        let hidden = Resolved::Hidden { identity, trail: vec![span] };
        let Some(known) = self.objects.get(&(key.kind, Symbol::new(&object))) else { return hidden };
        let from = scope.path.unwrap_or_else(EstatePath::root);
        let entry = known
            .nearest(from, |_| true)
            .filter(|object| !object.external)
            .find_map(|object| object.entries.iter().find(|entry| entry.key == key.key).map(|entry| &entry.value));
        match entry {
            Some(value) => match self.resolve_within(value, scope, depth + 1) {
                // A secret that is a whole value keeps its key as identity, and its text for
                // comparison; a placeholder in a committed Secret says nothing about the value.
                Resolved::Text(known) if known.text == SECRET_TEXT => hidden,
                Resolved::Text(known) if known.text.is_empty() || looks_like_placeholder(&known.text) => hidden,
                other => led_by(span, other),
            },
            None => hidden,
        }
    }

    /// The variables of an object, for `envFrom`.
    pub fn object_entries(&self, kind: ObjectKind, name: Symbol, from: EstatePath) -> Vec<(Symbol, &'a Value)> {
        let Some(known) = self.objects.get(&(kind, name)) else { return Vec::new() };
        known
            .nearest(from, |_| true)
            .take(1)
            .flat_map(|object| object.entries.iter().map(|entry| (entry.key, &entry.value)))
            .collect()
    }

    fn deploy_variable(&self, name: Symbol, scope: &Scope<'a>) -> Option<&'a Value> {
        entry_of(self.dot_env.get(&scope.path?.parent())?, name)
    }

    fn chart_value(&self, key: Symbol, scope: &Scope<'a>) -> Option<&'a Value> {
        let mut folder = scope.path?.parent();
        loop {
            if let Some(values) = self.chart_values.get(&folder) {
                return entry_of(values, key);
            }
            if folder == EstatePath::root() {
                return None;
            }
            folder = folder.parent();
        }
    }

    /// What may say a setting, the strongest first.
    fn setting(&self, key: Symbol, asked_at: Span, scope: &Scope<'a>) -> Vec<&'a Value> {
        // `${DB_HOST:localhost}` in a configuration file asks the process's environment first.
        if let Some(value) = scope.env.get(&key) {
            return vec![value];
        }
        // Code asks for the files of its own manifest, wherever its process is described.
        let code = self.paths.get(&asked_at.file).copied();
        let Some(from) = code.or(scope.path) else { return Vec::new() };
        let fits = |one: Application<'a>| {
            entry_of(one.settings, key).is_some() && (code.is_none() || from.is_within(one.home))
        };
        let mut found: Vec<Application<'a>> = self.application.nearest(from, fits).collect();
        found.sort_by_key(|one| strength(one.path.name()));
        found.into_iter().filter_map(|one| entry_of(one.settings, key)).collect()
    }
}

/// The folder of the nearest manifest above a file; the root where there is none.
fn home_of(path: EstatePath, homes: &FxHashSet<EstatePath>) -> EstatePath {
    let mut at = path.parent();
    while at != EstatePath::root() && !homes.contains(&at) {
        at = at.parent();
    }
    at
}

/// Which of several files of one folder says it first: variables before what production says,
/// that before what holds everywhere, and what only developers and tests use last.
fn strength(name: &str) -> u8 {
    let stem = name.split('.').next().unwrap_or(name);
    match stem.rsplit(['-', '_']).next().unwrap_or(stem) {
        "variables" => 0,
        "production" | "prod" => 1,
        "development" | "dev" | "local" => 3,
        "test" | "testing" | "ci" => 4,
        _ => 2,
    }
}

fn is_example_of_dot_env(name: &str) -> bool {
    name.strip_prefix(".env").is_some_and(|ending| EXAMPLE_ENDINGS.contains(&ending))
}

fn entry_of(settings: &Settings, key: Symbol) -> Option<&Value> {
    settings.entries.iter().rev().find(|entry| entry.key == key).map(|entry| &entry.value)
}

fn known(text: &str, span: Span) -> Resolved {
    Resolved::Text(Known {
        text: text.to_owned(),
        secrets: Vec::new(),
        trail: vec![span],
        partial: false,
        by_default: false,
    })
}

fn unknown(reason: &str) -> Resolved {
    Resolved::Unknown(Reason(Symbol::new(reason)))
}

/// Puts the place of use in front of the places of definition.
fn led_by(span: Span, resolved: Resolved) -> Resolved {
    match resolved {
        Resolved::Text(mut known) => {
            known.trail.insert(0, span);
            Resolved::Text(known)
        }
        Resolved::Hidden { identity, mut trail } => {
            trail.insert(0, span);
            Resolved::Hidden { identity, trail }
        }
        Resolved::Unknown(reason) => Resolved::Unknown(reason),
    }
}

/// `<host>`, `{{host}}`, `REPLACE_ME`: text to be filled in before it is deployed.
fn looks_like_placeholder(text: &str) -> bool {
    (text.starts_with('<') && text.ends_with('>'))
        || (text.starts_with("{{") && text.ends_with("}}"))
        || text.starts_with("REPLACE")
        || text.starts_with("CHANGE_ME")
}
