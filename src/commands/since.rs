//! `check --since REV`: only findings that the merge base does not have. The older tree is
//! read out of git into a folder of its own and judged by the same rules; the working tree
//! and the index stay as they are.

use std::collections::BTreeSet;

use super::baseline::hidden;
use super::estate::{Estate, EstateArgs};
use super::failure::Failure;
use super::git::Git;
use super::older_tree::OlderTree;
use super::{console, git};
use crate::config::model::Config;
use crate::judge::baseline::{self, Baseline};
use crate::judge::engine::Options;
use crate::judge::finding::{Finding, Judgement};
use crate::judge::fingerprint::{fingerprint, first_name, number_equal_ones};
use crate::pipeline::{self, ConfigFile, Judging, Silent};
use crate::source::path::EstatePath;

/// What became of the findings of the merge base.
pub struct Since {
    /// The merge base, shortened: `1a2b3c4d5e`.
    base: String,
    /// As the user wrote it.
    revision: String,
    new: usize,
    known: usize,
    gone: usize,
}

impl Since {
    /// `archlint: 2 new since 1a2b3c4d5e, the merge base with origin/main; 41 known, 3 gone`
    ///
    /// Of the new findings `told` are shown.
    pub fn render(&self, told: usize) -> String {
        let Self { base, revision, new, known, gone } = self;
        let revision = crate::render::escape::line(revision);
        let hidden = hidden(*new, told);
        format!(
            "archlint: {new} new{hidden} since {base}, the merge base with {revision}; {known} known, {gone} gone\n"
        )
    }
}

/// How many changed files a message names.
const NAMED: usize = 3;

/// Takes the findings out of a judgement that the merge base of HEAD and `revision` has too.
pub fn apply(revision: &str, args: &EstateArgs, estate: &Estate, judgement: &mut Judgement) -> Result<Since, Failure> {
    let roots = &estate.roots;
    let git = Git::asked(&roots.root).map_err(|reason| {
        let message = format!("--since {revision:?} needs git's history of {:?}: {reason}", roots.root);
        let help = if reason.contains("dubious ownership") {
            "the files belong to another user: `git config --global --add safe.directory FOLDER`"
        } else {
            "leave it out, or accept what is there with `archlint baseline`"
        };
        Failure::Usage(message, help.to_owned())
    })?;
    if let Some(outside) = roots.starts.iter().find(|start| !start.starts_with(&git.top)) {
        let message = format!("--since {revision:?}: {outside:?} lies outside of the repository {:?}", git.top);
        return Err(Failure::Usage(message, "check each repository in a run of its own".to_owned()));
    }
    let base = merge_base(&git, revision)?;
    let tree = OlderTree::read(&git, &base, roots)?;
    let changes = git::Changes::since(&git, &base, &roots.root)?;
    let before = judged(&tree, args, estate)?;

    let mut before_now = before.findings;
    for finding in &mut before_now {
        follow(finding, &before.paths, &changes, estate);
    }
    number_equal_ones(&mut before_now);
    let known = Baseline::of(&before_now, None, console::today()?, &|_| EstatePath::root());
    let asked: BTreeSet<&str> = estate.rules.iter().map(|active| active.rule.id.as_str()).collect();
    // Git has said which files were renamed, so nothing is guessed from names.
    let found = known.compare(&judgement.findings, &asked, &estate.names, &BTreeSet::new(), &|file| estate.path(file));
    let mut new = Vec::new();
    let all = std::mem::take(&mut judgement.findings).into_iter();
    for ((mut finding, known), joined) in all.zip(&found.known).zip(&found.joined) {
        if known.is_some() && joined.is_empty() {
            judgement.baselined.push(finding);
            continue;
        }
        finding.message.push_str(&baseline::joined(joined));
        explain(&mut finding, &changes, estate);
        new.push(finding);
    }
    let met = found.known.iter().flatten().count();
    let known = met - found.joined.iter().filter(|joined| !joined.is_empty()).count();
    let since = Since {
        base: base.chars().take(10).collect(),
        revision: revision.to_owned(),
        new: new.len(),
        known,
        gone: before_now.len() - met,
    };
    judgement.findings = new;
    Ok(since)
}

/// The commit from which HEAD and the revision went apart.
fn merge_base(git: &Git, revision: &str) -> Result<String, Failure> {
    let shallow = |message: String| {
        let help = "the clone is shallow; fetch its history: `fetch-depth: 0` in GitHub's checkout, `GIT_DEPTH: 0` in \
                    GitLab, or `git fetch --unshallow`";
        let plain = "fetch it first, as in `git fetch origin main`";
        Failure::Usage(message, if git.is_shallow() { help } else { plain }.to_owned())
    };
    let wanted = format!("{revision}^{{commit}}");
    let commit = git
        .line(&["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])
        .map_err(|_| shallow(format!("git knows no revision {revision:?}")))?;
    git.line(&["merge-base", "HEAD", &commit])
        .map_err(|_| shallow(format!("HEAD and {revision:?} have no commit in common that is here")))
}

/// What the rules say of the older tree.
struct Before {
    findings: Vec<Finding>,
    paths: Vec<EstatePath>,
}

fn judged(tree: &OlderTree, args: &EstateArgs, estate: &Estate) -> Result<Before, Failure> {
    let Some(roots) = tree.roots() else { return Ok(Before { findings: Vec::new(), paths: Vec::new() }) };
    let config: &Config = &estate.config.config;
    let today = estate.config.places();
    let disks: Vec<_> =
        today.iter().map(|(_, disk)| tree.path_of(disk).unwrap_or_else(|| disk.to_path_buf())).collect();
    let places: Vec<_> = today.iter().zip(&disks).map(|((path, _), disk)| (*path, disk.as_path())).collect();
    let judging = Judging {
        rules: &estate.rules,
        names: &estate.names,
        options: Options { passed: false },
        inline_ignores: !args.no_inline_ignores,
        today: console::today()?,
    };
    let run = pipeline::run(roots, ConfigFile { config, places: &places }, judging, &Silent);
    Ok(Before { findings: run.judgement.findings, paths: run.extraction.paths })
}

/// Gives a finding of the older tree the identity that it has where its file was renamed.
fn follow(finding: &mut Finding, paths: &[EstatePath], changes: &git::Changes, estate: &Estate) {
    let rule = estate.rules.iter().find(|active| finding.rule == *active.rule.id);
    let Some(rule) = rule else { return };
    if let Some(path) = paths.get(finding.span.file.0 as usize)
        && let Some(new) = changes.renamed.get(path.as_str())
    {
        finding.anchor = baseline::renamed(&finding.anchor, path.as_str(), new);
    }
    finding.fingerprint = fingerprint(first_name(&rule.rule), &finding.anchor);
}

/// A finding in a file that nobody touched says which change brought it: whoever reads the
/// merge request would take it for an old one.
fn explain(finding: &mut Finding, changes: &git::Changes, estate: &Estate) {
    let path = estate.path(finding.span.file);
    if changes.touched.contains(path.as_str()) {
        return;
    }
    let mut brought: Vec<&str> = finding.related.iter().map(|place| estate.path(place.span.file).as_str()).collect();
    brought.retain(|path| changes.touched.contains(*path));
    brought.sort_unstable();
    brought.dedup();
    brought.truncate(NAMED);
    let by = if brought.is_empty() { "elsewhere".to_owned() } else { format!("in {}", brought.join(", ")) };
    finding.message.push_str(&format!("; new by a change {by}, though nothing changed here"));
}
