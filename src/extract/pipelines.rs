//! Pipelines: what is done with a change before it ships. GitHub Actions, GitLab CI and
//! Cloud Build are read step by step; other systems' files are recognized, so that nobody takes them for missing.

mod cloud_build;
mod github;
mod gitlab;

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::build::{Pipeline, PipelineKind};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::yaml;

/// Files of other systems, by the end of their path.
const OTHERS: &[&str] = &[
    "Jenkinsfile",
    "azure-pipelines.yml",
    "azure-pipelines.yaml",
    ".circleci/config.yml",
    ".travis.yml",
    "bitbucket-pipelines.yml",
    ".drone.yml",
    ".woodpecker.yml",
    "buildspec.yml",
    ".buildkite/pipeline.yml",
    ".teamcity/settings.kts",
    "appveyor.yml",
    ".cirrus.yml",
];

/// Bots that watch dependencies.
const WATCHERS: &[&str] = &[
    "dependabot.yml",
    "dependabot.yaml",
    "renovate.json",
    "renovate.json5",
    ".renovaterc",
    ".renovaterc.json",
    ".snyk",
];

/// What a path is, if it is a pipeline.
pub fn kind_of(path: EstatePath) -> Option<PipelineKind> {
    let name = path.name();
    let lower = name.to_ascii_lowercase();
    let folder = path.parent();
    let is_yaml = lower.ends_with(".yml") || lower.ends_with(".yaml");
    if is_yaml && folder.name() == "workflows" && folder.parent().name() == ".github" {
        return Some(PipelineKind::GitHubWorkflow);
    }
    if matches!(lower.as_str(), "action.yml" | "action.yaml") {
        return Some(PipelineKind::GitHubAction);
    }
    if is_yaml && (lower.ends_with(".gitlab-ci.yml") || lower.ends_with(".gitlab-ci.yaml")) {
        return Some(PipelineKind::GitLab);
    }
    if is_yaml && path.as_str().split('/').any(|part| matches!(part, ".gitlab" | ".gitlab-ci")) {
        return Some(PipelineKind::GitLab);
    }
    if matches!(lower.as_str(), "cloudbuild.yaml" | "cloudbuild.yml") {
        return Some(PipelineKind::CloudBuild);
    }
    if lower == ".yarnrc.yml" {
        return Some(PipelineKind::YarnSettings);
    }
    if WATCHERS.contains(&lower.as_str()) {
        return Some(PipelineKind::Watcher);
    }
    let is_other = OTHERS
        .iter()
        .any(|end| path.as_str().strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/')));
    (is_other || lower.starts_with("jenkinsfile")).then_some(PipelineKind::Other)
}

/// Workflows, actions, `.gitlab-ci.yml` and their like.
pub fn claims(path: EstatePath) -> bool {
    kind_of(path).is_some()
}

/// Adds the pipeline.
pub fn read(reading: &mut Reading<'_>) {
    let Some(kind) = kind_of(reading.file.path) else { return };
    let span = reading.file_start();
    let folder = match kind {
        PipelineKind::GitHubWorkflow => reading.file.path.parent().parent().parent(),
        PipelineKind::Watcher if reading.file.path.parent().name() == ".github" => reading.file.path.parent().parent(),
        PipelineKind::GitHubAction
        | PipelineKind::GitLab
        | PipelineKind::CloudBuild
        | PipelineKind::Watcher
        | PipelineKind::YarnSettings
        | PipelineKind::Other => reading.file.path.parent(),
    };
    let mut pipeline = Pipeline { kind, folder, steps: Vec::new(), takes: Vec::new(), unclear: None, span };
    if matches!(
        kind,
        PipelineKind::GitHubWorkflow | PipelineKind::GitHubAction | PipelineKind::GitLab | PipelineKind::CloudBuild
    ) {
        let tree = yaml::parse(reading.file.id, reading.file.text);
        // The reader of YAML manifests tells what is wrong with the file.
        if !tree.problems.is_empty() {
            pipeline.unclear = Some(Symbol::new("a part of the pipeline could not be parsed"));
        }
        let documents: Vec<_> = tree.documents().collect();
        let Some(document) = documents.iter().copied().find(|document| document.is_mapping()) else { return };
        if let Some((key, _)) = document.own_entries().next() {
            pipeline.span = key.span();
        }
        match kind {
            PipelineKind::GitHubWorkflow => github::workflow(reading, document, &mut pipeline),
            PipelineKind::GitHubAction => {
                if !github::action(reading, document, &mut pipeline) {
                    return;
                }
            }
            PipelineKind::GitLab => gitlab::pipeline(reading, &documents, &mut pipeline),
            PipelineKind::CloudBuild => cloud_build::pipeline(reading, document, &mut pipeline),
            PipelineKind::Watcher | PipelineKind::YarnSettings | PipelineKind::Other => {}
        }
    }
    reading.add(Fact::Pipeline(Box::new(pipeline)));
}

#[cfg(test)]
mod tests;
