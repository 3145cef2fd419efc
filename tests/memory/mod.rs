//! Estates that exist in memory only, taken through all stages without a disk.

use std::sync::Arc;

use archlint::extract::extract;
use archlint::extract::kinds::KINDS;
use archlint::facts::Facts;
use archlint::graph::LinkOptions;
use archlint::graph::environments::environment_of;
use archlint::graph::link::link;
use archlint::graph::model::Graph;
use archlint::graph::overlays;
use archlint::infer;
use archlint::infer::subject::Subject;
use archlint::infer::subjects::SUBJECTS;
use archlint::judge::builtin;
use archlint::judge::engine::{ActiveRule, Options, judge};
use archlint::judge::finding::Judgement;
use archlint::judge::rules::load_all;
use archlint::render::outcome::{Coverage, Outcome, RuleText};
use archlint::render::sources::{Sources, Texts};
use archlint::source::file::{FileId, SourceFile};
use archlint::source::path::EstatePath;
use archlint::source::redactions::Redactions;
use archlint::source::span::Span;

/// A linked estate.
pub struct Estate {
    files: Vec<(EstatePath, Arc<str>)>,
    paths: Vec<EstatePath>,
    facts: Vec<Facts>,
    /// Where secrets stand.
    pub redactions: Redactions,
    /// The estate.
    pub graph: Graph,
}

impl Estate {
    /// Extracts and links files: path and text, in any order. Files that no kind claims are
    /// left out, as a walk would do.
    pub fn new<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let mut files: Vec<(EstatePath, Arc<str>)> =
            files.into_iter().map(|(path, text)| (EstatePath::new(path), Arc::from(text))).collect();
        files.retain(|(path, _)| KINDS.iter().any(|kind| (kind.claims)(*path)));
        files.sort();
        let paths: Vec<EstatePath> = files.iter().map(|(path, _)| *path).collect();
        let mut facts: Vec<Facts> = files
            .iter()
            .enumerate()
            .map(|(at, (path, text))| extract(SourceFile { id: FileId(at as u32), path: *path, text }))
            .collect();
        let mut redactions = Redactions::default();
        for &span in facts.iter().flat_map(|of_file| &of_file.redactions) {
            redactions.add(span);
        }
        overlays::render(&mut facts, &paths, &environment_of);
        let graph = link(&facts, &paths, &LinkOptions::default());
        Self { files, paths, facts, redactions, graph }
    }

    /// What rules are asked about.
    pub fn subjects(&self) -> Vec<Subject> {
        let estate = infer::Estate {
            graph: &self.graph,
            facts: &self.facts,
            paths: &self.paths,
            public_services: None,
            popular: &[],
        };
        infer::subjects(&estate, &infer::Asked::everything(3))
    }

    /// What `rules` say.
    pub fn judgement(&self, rules: &[ActiveRule]) -> Judgement {
        let path_of = |file: FileId| self.path(file);
        judge(&self.subjects(), rules, &path_of, Options { passed: false })
    }

    /// Calls `render` with what renderers need.
    pub fn outcome<T>(&self, judgement: &Judgement, render: impl FnOnce(&Outcome<'_>) -> T) -> T {
        let sources = Sources::new(self, &self.redactions);
        let rules =
            std::collections::BTreeMap::from([(archlint::source::symbol::Symbol::new(""), RuleText::default())]);
        render(&Outcome {
            graph: &self.graph,
            judgement,
            sources: &sources,
            coverage: Coverage {
                files_read: self.files.len(),
                files_unreadable: 0,
                files_ignored: 0,
                files_left_out: 0,
            },
            version: "0.1.0",
            rules: &rules,
            prefix: "",
        })
    }

    /// `path:line` of where a span starts.
    pub fn place(&self, span: Span) -> (&'static str, usize) {
        let text = self.text(span.file).unwrap_or_default();
        let before = text.as_bytes().get(..span.start as usize).unwrap_or_default();
        (self.path(span.file).as_str(), 1 + before.iter().filter(|byte| **byte == b'\n').count())
    }
}

impl Texts for Estate {
    fn path(&self, file: FileId) -> EstatePath {
        self.paths[file.0 as usize]
    }

    fn text(&self, file: FileId) -> Option<Arc<str>> {
        self.files.get(file.0 as usize).map(|(_, text)| Arc::clone(text))
    }
}

/// The rules that ship with archlint.
pub fn rules() -> Vec<ActiveRule> {
    load_all(builtin::FILES, SUBJECTS).expect("built-in rules load")
}

/// All text files below a folder: path with `/` and text, sorted.
#[expect(clippy::disallowed_methods, reason = "tests read fixtures")]
pub fn files_of(folder: &std::path::Path) -> Vec<(String, String)> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let files = entries.map(|entry| entry.expect("an entry")).filter(|entry| entry.file_type().is_file());
    let text = |entry: walkdir::DirEntry| {
        let parts = entry.path().strip_prefix(folder).expect("below").iter();
        let path: Vec<String> = parts.map(|part| part.to_string_lossy().into_owned()).collect();
        Some((path.join("/"), std::fs::read_to_string(entry.path()).ok()?))
    };
    files.filter_map(text).collect()
}
