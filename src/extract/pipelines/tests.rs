//! What files of pipelines say.

use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::build::{Step, Taken};
use crate::source::file::{FileId, SourceFile};
use crate::source::path::EstatePath;

/// Steps, then what is taken from elsewhere; a command with its folder.
fn told(path: &str, text: &str) -> Vec<String> {
    let mut reading = Reading::new(SourceFile { id: FileId(0), path: EstatePath::new(path), text });
    super::read(&mut reading);
    let mut found = Vec::new();
    for fact in &reading.facts.facts {
        let Fact::Pipeline(pipeline) = fact else { continue };
        found.push(format!("{:?} of {:?}", pipeline.kind, pipeline.folder.as_str()));
        for step in &pipeline.steps {
            found.push(match step {
                Step::Command { ran, folder } => {
                    let shown = &text[ran.span.start as usize..ran.span.end as usize];
                    assert!(shown.contains(ran.program()), "{shown}");
                    format!("{} in {}", ran.text(), folder.map_or("?", |folder| folder.as_str()))
                }
                Step::Action(name, _) => format!("action {name}"),
                Step::Image(name, _) => format!("image {name}"),
            });
        }
        found.extend(pipeline.takes.iter().map(|taken| match taken {
            Taken::File(path) => format!("takes {path}"),
            Taken::Elsewhere(name, _) => format!("elsewhere {name}"),
        }));
        found.extend(pipeline.unclear.map(|why| format!("unclear: {why}")));
    }
    found
}

#[test]
fn workflows_have_steps_actions_and_reused_workflows() {
    let text = "name: ci
on: [push]
defaults: {run: {working-directory: orders}}
jobs:
  a:
    container: registry.example/node:22
    steps:
      - uses: actions/Checkout@v4
      - uses: ./.github/actions/x
      - run: npm ci && npm test
      - run: |
          cd web
          npm run lint
        working-directory: ${{ matrix.folder }}
      - uses: docker://registry.example/trivy:1
  b:
    uses: ./.github/workflows/c.yml
  d:
    uses: acme/ci/.github/workflows/build.yml@v1
";
    assert_eq!(
        told("shop/.github/workflows/ci.yml", text),
        [
            "GitHubWorkflow of \"shop\"",
            "image registry.example/node",
            "action actions/checkout",
            "npm ci in shop/orders",
            "npm test in shop/orders",
            "cd web in ?",
            "npm run lint in ?",
            "image registry.example/trivy",
            "takes shop/.github/actions/x",
            "takes shop/.github/workflows/c.yml",
            "elsewhere acme/ci/.github/workflows/build.yml",
        ]
    );
}

#[test]
fn only_composite_actions_have_steps() {
    let composite = "runs:\n  using: composite\n  steps:\n    - {run: 'npm ci', shell: bash}\n";
    assert_eq!(told("a/action.yml", composite), ["GitHubAction of \"a\"", "npm ci in "]);
    assert!(told("a/action.yml", "runs: {using: node20, main: index.js}").is_empty());
}

#[test]
fn pipelines_of_gitlab_have_scripts_and_includes() {
    let text = "include:
  - local: /ci/build.yml
  - template: Jobs/SAST.gitlab-ci.yml
  - project: acme/ci
    file: x.yml
stages: [test]
.base: &base
  image: {name: 'registry.example/node:22'}
  before_script: [npm ci]
test:
  <<: *base
  script:
    - npm run lint
    - - npm test
    - >-
      docker build
      -t x .
";
    assert_eq!(
        told(".gitlab-ci.yml", text),
        [
            "GitLab of \"\"",
            "image registry.example/node",
            "npm ci in ",
            "image registry.example/node",
            "npm ci in ",
            "npm run lint in ",
            "npm test in ",
            "docker build -t x . in ",
            "takes ci/build.yml",
            "elsewhere Jobs/SAST.gitlab-ci.yml",
            "elsewhere acme/ci",
        ]
    );
}

#[test]
fn cloud_build_runs_programs_in_images() {
    let text = "steps:
- name: registry.example/builders/docker
  args: [build, -t, x, .]
- name: registry.example/tools
  entrypoint: bash
  args: ['-c', 'npm ci && npm test']
";
    assert_eq!(
        told("cloudbuild.yaml", text),
        [
            "CloudBuild of \"\"",
            "image registry.example/builders/docker",
            "docker build -t x . in ",
            "image registry.example/tools",
            "npm ci in ",
            "npm test in ",
        ]
    );
}

#[test]
fn others_are_recognized() {
    for (path, expected) in [
        ("Jenkinsfile", "Other"),
        ("ci/Jenkinsfile.release", "Other"),
        (".circleci/config.yml", "Other"),
        (".github/dependabot.yml", "Watcher"),
        ("renovate.json", "Watcher"),
        ("web/.yarnrc.yml", "YarnSettings"),
    ] {
        assert_eq!(super::kind_of(EstatePath::new(path)).map(|kind| format!("{kind:?}")).as_deref(), Some(expected));
    }
    for path in ["config.yml", "deploy/service.yaml", "circleci/config.yml", ".github/labels.yml"] {
        assert_eq!(super::kind_of(EstatePath::new(path)), None, "{path}");
    }
}

#[test]
fn broken_files_are_unclear() {
    assert_eq!(
        told(".github/workflows/x.yml", "jobs:\n  a: [\n"),
        ["GitHubWorkflow of \"\"", "unclear: a part of the pipeline could not be parsed"]
    );
}
