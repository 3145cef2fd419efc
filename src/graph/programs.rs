//! Images that hold the programs of several services, each of which a workload of its name
//! runs: `image: shop/all` with `command: orders` and with `command: billing`.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::code::PROCESS_WORDS;
use super::deployments::ContainerLayers;
use super::names::words;
use super::values::{Evaluator, Scope};
use crate::source::symbol::Symbol;

/// The program that a container runs, where its workload has the program's name: `geo` of
/// `command: ["./geo"]` for `geo` and `srv-geo`. `None` for `api` and `worker`, which say
/// which process of a service it is, and where the image's own command runs.
pub fn own_program(name: Symbol, main: &ContainerLayers<'_>, evaluator: &Evaluator<'_>) -> Option<Symbol> {
    let command = main.last(|layer| layer.command.first());
    let first = command.or_else(|| main.last(|layer| layer.arguments.first()))?;
    let text = evaluator.text(first, &Scope::default())?;
    let program = text.rsplit('/').next().unwrap_or(&text);
    let of_program = words(program);
    let says_which = of_program.iter().any(|word| !PROCESS_WORDS.contains(&&**word));
    let of_name = words(&name);
    let is_named = of_program.concat() == of_name.concat()
        || (!of_program.is_empty() && of_name.windows(of_program.len()).any(|part| part == of_program));
    (says_which && is_named && !text.contains(char::is_whitespace)).then(|| Symbol::new(program))
}

/// Images of which several different programs are run so. `runs` gives the image and the
/// program of each workload.
pub fn collections(runs: impl Iterator<Item = (Symbol, Symbol)>) -> BTreeSet<Symbol> {
    let mut programs: FxHashMap<Symbol, BTreeSet<String>> = FxHashMap::default();
    for (image, program) in runs {
        programs.entry(image).or_default().insert(words(&program).concat());
    }
    programs.into_iter().filter(|(_, programs)| programs.len() > 1).map(|(image, _)| image).collect()
}
