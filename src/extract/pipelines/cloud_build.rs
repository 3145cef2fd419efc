//! Pipelines of Google Cloud Build (docs.cloud.google.com/build/docs/build-config-file-schema).

use super::github::{commands_in, without_tag};
use crate::extract::reading::Reading;
use crate::facts::build::{Pipeline, Ran, Step};
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// Shells that take a script as an argument.
const SHELLS: [&str; 3] = ["bash", "sh", "/bin/bash"];

/// Reads the steps; each runs in an image, whose name tells the program where nothing else does.
pub fn pipeline(reading: &Reading<'_>, document: Node<'_>, pipeline: &mut Pipeline) {
    let folder = Some(pipeline.folder);
    for step in document.get("steps").into_iter().flat_map(Node::items) {
        let Some(name) = step.get("name").filter(|name| name.text().is_some()) else { continue };
        let image = without_tag(name.text().unwrap_or(""));
        pipeline.steps.push(Step::Image(image, name.span()));
        let arguments: Vec<Node<'_>> = step.get("args").into_iter().flat_map(Node::items).collect();
        let entrypoint = step.get("entrypoint").and_then(Node::text);
        let script = match (step.get("script"), entrypoint) {
            (Some(script), _) => Some(script),
            (None, Some(shell)) if SHELLS.contains(&shell) => arguments.last().copied(),
            (None, _) => None,
        };
        if let Some(script) = script {
            for ran in commands_in(reading, script) {
                pipeline.steps.push(Step::Command { ran, folder });
            }
            continue;
        }
        let program = entrypoint.unwrap_or(&image);
        let program = program.rsplit('/').next().unwrap_or(program);
        let words = arguments.iter().filter_map(|argument| argument.text());
        let words: Vec<Symbol> = std::iter::once(program).chain(words).map(Symbol::new).collect();
        let span = arguments.iter().fold(name.span(), |span, argument| span.cover(argument.span()));
        pipeline.steps.push(Step::Command { ran: Ran { words, variables: Vec::new(), span }, folder });
    }
}
