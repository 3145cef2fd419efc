//! How things are built: the commands of image recipes, and pipelines.

use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// A command that a recipe or a pipeline runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The program without its folder, and its arguments: `["npm", "ci"]`; never empty.
    pub words: Vec<Symbol>,
    /// Variables that are set for it alone: `CI=true`.
    pub variables: Vec<Symbol>,
    /// From its first word to its last.
    pub span: Span,
}

impl Ran {
    /// `npm`
    pub fn program(&self) -> &str {
        self.words.first().map_or("", |word| word.as_str())
    }

    /// The words behind the program.
    pub fn arguments(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(1).map(|word| word.as_str())
    }

    /// `npm ci`
    pub fn text(&self) -> String {
        self.words.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// Whose format a pipeline is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PipelineKind {
    /// `.github/workflows/*.yml`
    GitHubWorkflow,
    /// `action.yml`, composite.
    GitHubAction,
    /// `.gitlab-ci.yml`, and files that it includes.
    GitLab,
    /// `cloudbuild.yaml`
    CloudBuild,
    /// A bot that watches dependencies: `dependabot.yml`, `renovate.json`.
    Watcher,
    /// `.yarnrc.yml`: Yarn from version 2 on, which keeps to its lock file in pipelines by itself
    /// (yarnpkg.com/configuration/yarnrc, `enableImmutableInstalls`).
    YarnSettings,
    /// A format that is recognized and not read: Jenkins, Azure, CircleCI, Travis, …
    Other,
}

/// A file that describes what is done with a change before it ships.
#[derive(Debug)]
pub struct Pipeline {
    /// Its format.
    pub kind: PipelineKind,
    /// The root of what it is for: the folder that holds `.github`, or the file itself.
    pub folder: EstatePath,
    /// What it does, in order of the file.
    pub steps: Vec<Step>,
    /// Other files that it takes steps from.
    pub takes: Vec<Taken>,
    /// Why not all of its steps are known, where they are not.
    pub unclear: Option<Symbol>,
    /// The file's first key.
    pub span: Span,
}

/// Steps that stand in another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A file or folder of the estate.
    File(EstatePath),
    /// One elsewhere: `template: Security/SAST.gitlab-ci.yml`, `acme/ci/.github/workflows/x.yml@v1`.
    Elsewhere(Symbol, Span),
}

/// One step of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A command of a script.
    Command {
        /// The command.
        ran: Ran,
        /// The folder that it runs in, where that is stated without variables; else the root.
        folder: Option<EstatePath>,
    },
    /// A ready-made step: `docker/build-push-action`, without its version.
    Action(Symbol, Span),
    /// The image that a job runs in, without tag: `aquasec/trivy`.
    Image(Symbol, Span),
}
