//! Pipelines of GitLab (docs.gitlab.com/ci/yaml).

use super::github::{commands_in, without_tag};
use crate::extract::reading::Reading;
use crate::facts::build::{Pipeline, Step, Taken};
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// Keys of a file that are no jobs.
const GLOBAL: &[&str] = &[
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "cache",
    "image",
    "services",
    "before_script",
    "after_script",
    "pages",
    "spec",
];

/// Reads the jobs of a file; hidden ones count, because others extend them.
pub fn pipeline(reading: &Reading<'_>, documents: &[Node<'_>], pipeline: &mut Pipeline) {
    for document in documents {
        if let Some(include) = document.get("include") {
            included(include, pipeline);
        }
        for holder in [Some(*document), document.get("default")].into_iter().flatten() {
            scripts(reading, holder, pipeline);
        }
        for (key, job) in document.entries() {
            let is_job = job.is_mapping() && key.raw().is_some_and(|name| name == "pages" || !GLOBAL.contains(&name));
            if is_job {
                scripts(reading, job, pipeline);
                if let Some(trigger) = job.get("trigger") {
                    if let Some(include) = trigger.get("include") {
                        included(include, pipeline);
                    } else {
                        let name = Symbol::new("a pipeline of another project");
                        pipeline.takes.push(Taken::Elsewhere(name, trigger.span()));
                    }
                }
            }
        }
    }
}

fn scripts(reading: &Reading<'_>, holder: Node<'_>, pipeline: &mut Pipeline) {
    if let Some(image) = holder.get("image").and_then(|image| image.get("name").or(Some(image))) {
        pipeline.steps.extend(image.text().map(|text| Step::Image(without_tag(text), image.span())));
    }
    for key in ["before_script", "script", "after_script"] {
        let Some(script) = holder.get(key) else { continue };
        lines(reading, script, pipeline, 4);
    }
}

/// A line, or lists of lines, which may be nested.
fn lines(reading: &Reading<'_>, node: Node<'_>, pipeline: &mut Pipeline, depth: usize) {
    let Some(below) = depth.checked_sub(1) else { return };
    if node.is_sequence() {
        for item in node.items() {
            lines(reading, item, pipeline, below);
        }
        return;
    }
    let folder = Some(pipeline.folder);
    for ran in commands_in(reading, node) {
        pipeline.steps.push(Step::Command { ran, folder });
    }
}

fn included(node: Node<'_>, pipeline: &mut Pipeline) {
    let mut items: Vec<Node<'_>> = node.items().collect();
    if items.is_empty() {
        items.push(node);
    }
    for item in items {
        let local = item.get("local").or_else(|| Some(item).filter(|item| item.text().is_some()));
        if let Some(path) = local.and_then(Node::text).filter(|path| !path.contains("://")) {
            // Paths count from the repository's root, which is the pipeline's folder.
            if path.contains('*') {
                pipeline.unclear = Some(Symbol::new("it includes files by a pattern"));
            }
            let file = pipeline.folder.join(path.trim_start_matches('/'));
            pipeline.takes.extend(file.map(Taken::File));
            continue;
        }
        let parts = ["template", "component", "remote", "project"].iter().filter_map(|key| item.get(key)?.text());
        let name = parts.chain(item.text()).next().unwrap_or("a file elsewhere");
        pipeline.takes.push(Taken::Elsewhere(Symbol::new(name), item.span()));
    }
}
