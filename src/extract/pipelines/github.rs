//! Workflows and composite actions of GitHub
//! (docs.github.com/actions/reference/workflows-and-actions/workflow-syntax).

use crate::extract::reading::Reading;
use crate::extract::scripts::commands_of;
use crate::facts::build::{Pipeline, Ran, Step, Taken};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, Style};

/// Reads the jobs of a workflow.
pub fn workflow(reading: &Reading<'_>, document: Node<'_>, pipeline: &mut Pipeline) {
    let root = pipeline.folder;
    let of_all = folder_of(document);
    for (_, job) in document.get("jobs").map(Node::entries).unwrap_or_default() {
        // A reusable workflow is called as a job.
        if let Some(uses) = job.get("uses") {
            taken(uses, root, pipeline);
        }
        if let Some(image) = job.get("container").and_then(|image| image.get("image").or(Some(image))) {
            pipeline.steps.extend(image.text().map(|text| Step::Image(without_tag(text), image.span())));
        }
        let of_job = folder_of(job).or(of_all);
        steps(reading, job.get("steps"), of_job, root, pipeline);
    }
}

/// The folder that steps run in unless they say otherwise.
fn folder_of<'t>(node: Node<'t>) -> Option<&'t str> {
    node.at(&["defaults", "run", "working-directory"]).and_then(Node::text)
}

/// Reads a composite action; false for one that runs a program of its own.
pub fn action(reading: &Reading<'_>, document: Node<'_>, pipeline: &mut Pipeline) -> bool {
    let Some(runs) = document.get("runs") else { return false };
    if runs.get("using").and_then(Node::text) != Some("composite") {
        return false;
    }
    steps(reading, runs.get("steps"), None, EstatePath::root(), pipeline);
    true
}

fn steps(
    reading: &Reading<'_>,
    list: Option<Node<'_>>,
    folder: Option<&str>,
    root: EstatePath,
    pipeline: &mut Pipeline,
) {
    for step in list.into_iter().flat_map(Node::items) {
        if let Some(uses) = step.get("uses") {
            taken(uses, root, pipeline);
        }
        let Some(script) = step.get("run") else { continue };
        let stated = step.get("working-directory").and_then(Node::text).or(folder);
        let folder = match stated {
            Some(stated) if stated.contains("${{") => None,
            Some(stated) => root.join(stated),
            None => Some(root),
        };
        for ran in commands_in(reading, script) {
            pipeline.steps.push(Step::Command { ran, folder });
        }
    }
}

/// What `uses` names: a file of the estate, an image, or an action of somebody else.
fn taken(uses: Node<'_>, root: EstatePath, pipeline: &mut Pipeline) {
    let Some(text) = uses.text() else { return };
    if let Some(path) = text.strip_prefix("./") {
        let path = path.split('@').next().unwrap_or(path);
        pipeline.takes.extend(root.join(path).map(Taken::File));
    } else if let Some(image) = text.strip_prefix("docker://") {
        pipeline.steps.push(Step::Image(without_tag(image), uses.span()));
    } else {
        let name = text.split('@').next().unwrap_or(text);
        if name.contains("/.github/workflows/") {
            pipeline.takes.push(Taken::Elsewhere(Symbol::new(name), uses.span()));
        } else {
            pipeline.steps.push(Step::Action(Symbol::new(&name.to_ascii_lowercase()), uses.span()));
        }
    }
}

/// `aquasec/trivy` of `aquasec/trivy:0.58`.
pub fn without_tag(image: &str) -> Symbol {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => Symbol::new(name),
        _ => Symbol::new(image),
    }
}

/// The commands of a script: a block, a text in quotes, or a bare one.
pub fn commands_in(reading: &Reading<'_>, node: Node<'_>) -> Vec<Ran> {
    // A folded block is one line; its header stands in front of it.
    let before = reading.file.text.get(..node.span().start as usize).unwrap_or("").trim_end();
    let header = before.rsplit(|sign: char| sign.is_whitespace()).next().unwrap_or("");
    let is_folded = node.style() == Some(Style::Block) && header.starts_with('>');
    commands_of(reading, script_of(reading, node), !is_folded)
}

/// The part of the file that holds a script.
fn script_of(reading: &Reading<'_>, node: Node<'_>) -> Span {
    let span = node.span();
    let raw = reading.text_of(span);
    // The quotes of the YAML are not the shell's.
    let quoted = raw.len() > 1 && (raw.starts_with('"') || raw.starts_with('\''));
    if quoted { Span::new(span.file, span.start + 1, span.end.saturating_sub(1)) } else { span }
}
