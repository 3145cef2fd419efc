//! What becomes of the requests that a service is answering when it is stopped.

use super::Estate;
use super::belonging::{Folders, Placed, Whose};
use super::observability::packages::{Packages, Used};
use super::vocabulary::Datum;
use super::workloads::main_variants;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::code::{DependencyScope, Runtime};
use crate::facts::program::{Expr, Imported, Module};
use crate::facts::workload::{Platform, Workload};
use crate::graph::model::{ServiceId, Target};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::shutdown::{ShutdownSign, shutdown};

/// Words in the name of a package or function that may end a process in order.
const WORDS: [&str; 4] = ["graceful", "shutdown", "terminus", "terminator"];

/// What a module's code says of the end of its process.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    /// It waits for the signal, or has it waited for.
    Handles,
    /// Something in it has a name that sounds like it.
    Perhaps,
}

/// What is looked up for every service.
pub struct Stopping {
    /// What source files say, with the place.
    said: Placed<(Says, Span)>,
}

impl Stopping {
    /// Sorts what the estate says.
    pub fn new(estate: &Estate<'_>, folders: &Folders) -> Self {
        Self { said: Placed::new(estate, folders, says) }
    }

    /// How a stop breaks the requests that the service is answering, in words; absent where it
    /// ends them first.
    pub fn abrupt(
        &self,
        estate: &Estate<'_>,
        packages: &Packages<'_>,
        used: &Used<'_>,
        id: ServiceId,
    ) -> Answer<Datum> {
        let mut has_hook = None;
        for top in workloads(estate, id) {
            if let Answer::Present(0, evidence) = &top.grace_seconds {
                let text =
                    Symbol::new("is given no time to finish its requests: it is killed as soon as it is stopped");
                return Answer::Present(Datum::Text(text), evidence.clone());
            }
            let hooks = top.containers.iter().map(|container| &container.care.pre_stop);
            has_hook = has_hook
                .or(hooks.filter(|hook| hook.value() == Some(&true)).find_map(|hook| hook.evidence().first().copied()));
        }
        if let Some(place) = has_hook {
            return Answer::absent(place);
        }
        let service = estate.graph.service(id);
        let (Some(Runtime::Node), Some(folder)) = (service.runtime, service.folder) else {
            return Answer::unknown(
                "only the code of Node services is read for what it does on SIGTERM; a preStop hook would be seen",
            );
        };
        let Some(listening) = estate.graph.listens_at(id) else {
            return Answer::unknown("no code that was read waits for requests; a preStop hook would be seen");
        };
        let mut perhaps = self.launcher(estate, id);
        for (path, whose, (says, place)) in self.said.of(folder, used) {
            match (whose, says) {
                (Whose::Own, Says::Handles) => return Answer::absent(place),
                (Whose::Own, Says::Perhaps) | (Whose::Shared, _) => {
                    perhaps.get_or_insert_with(|| format!("{path} may end it in order"));
                }
            }
        }
        match by_packages(packages, used) {
            Some((ShutdownSign::Package, _, place)) => return Answer::absent(place),
            Some((_, name, _)) => perhaps = perhaps.or(Some(format!("{name} may end it in order"))),
            None => {}
        }
        if !used.readable {
            perhaps = perhaps.or(Some(
                "no manifest that names its dependencies is in the estate; check it together with its code".to_owned(),
            ));
        }
        match perhaps {
            Some(why) => Answer::unknown(&why),
            None => {
                let text = Symbol::new(
                    "does nothing on SIGTERM: whenever it is stopped, the requests that it answers break off",
                );
                Answer::Present(Datum::Text(text), Evidence(vec![listening]))
            }
        }
    }

    /// What starts the process in its place, where a table knows it.
    fn launcher(&self, estate: &Estate<'_>, id: ServiceId) -> Option<String> {
        let variants = estate.graph.containers.iter().filter(|container| container.owner == Target::Service(id));
        let mut commands: Vec<Symbol> = Vec::new();
        for variant in variants.flat_map(|container| &container.variants) {
            for (_, container) in variant.layers.iter().filter_map(|place| estate.container(*place)) {
                commands.extend(container.command.iter().filter_map(|word| word.as_literal()));
            }
            let stages = variant.recipe.and_then(|place| estate.recipe(place)).map_or(&[][..], |recipe| &recipe.stages);
            commands.extend(stages.iter().filter_map(|stage| stage.command.as_ref()?.as_literal()));
        }
        let words = commands.iter().flat_map(|command| command.as_str().split_whitespace());
        let mut names = words.map(|word| word.rsplit('/').next().unwrap_or(word));
        let name = names.find(|name| shutdown().lists(ShutdownSign::Launcher, name))?;
        Some(format!("{name} starts it, and may end it in order"))
    }
}

/// What its dependencies do: the surest of them.
fn by_packages(packages: &Packages<'_>, used: &Used<'_>) -> Option<(ShutdownSign, Symbol, Span)> {
    let dependencies = || {
        let all = used.units.iter().flat_map(|unit| &unit.dependencies);
        all.filter(|dependency| dependency.scope == DependencyScope::Runtime)
    };
    let listed = |sign| move |name: &str| shutdown().lists(sign, name);
    let (surely, asked) = (listed(ShutdownSign::Package), listed(ShutdownSign::Option));
    if let Some(sure) = dependencies().find(|dependency| surely(&dependency.name)) {
        return Some((ShutdownSign::Package, sure.name, sure.span));
    }
    let sounds = |name: &str| WORDS.iter().any(|word| name.contains(word));
    // `@nestjs/terminus` answers health checks, and leaves the end of the process to others.
    let may = |name: &str| asked(name) || (sounds(name) && name != "@nestjs/terminus");
    let found = dependencies().find(|dependency| may(&dependency.name) || packages.is_of_the_owners(dependency));
    found.map(|dependency| (ShutdownSign::Option, dependency.name, dependency.span))
}

/// The workloads that run a service, as their main variants describe them.
fn workloads<'e>(estate: &Estate<'e>, id: ServiceId) -> Vec<&'e Workload> {
    let own = estate.graph.workloads.iter().filter(|workload| workload.owner == Target::Service(id));
    let variants = own.flat_map(main_variants);
    let tops = variants.filter_map(|variant| estate.layers(variant).last().copied());
    tops.filter(|top| top.platform == Platform::Kubernetes).collect()
}

/// What a module says of the end of its process: the surest, the first of equals.
fn says(module: &Module) -> Option<(Says, Span)> {
    let of_name = |name: &str| {
        if shutdown().lists(ShutdownSign::Name, name) {
            return Some(Says::Handles);
        }
        let lower = name.to_ascii_lowercase();
        (name == "SIGINT" || WORDS.iter().any(|word| lower.contains(word))).then_some(Says::Perhaps)
    };
    let mut perhaps = None;
    for node in &module.nodes {
        let name = match &node.expr {
            Expr::Text(name) | Expr::Global(name) | Expr::Member { name, .. } => *name,
            Expr::Import(import) => match module.imports.get(import.0 as usize).map(|import| import.what) {
                Some(Imported::Named(name)) => name,
                Some(Imported::Default | Imported::Whole | Imported::Nothing) | None => continue,
            },
            _nothing_with_a_name => continue,
        };
        let place = Span::new(module.file, node.start, node.end);
        match of_name(&name) {
            Some(Says::Handles) => return Some((Says::Handles, place)),
            Some(Says::Perhaps) => perhaps = perhaps.or(Some((Says::Perhaps, place))),
            None => {}
        }
    }
    perhaps
}
