//! All rule files of a run at once: the built-in ones and the user's, through one loader.

use std::collections::BTreeMap;

use super::engine::ActiveRule;
use super::load::load;
use super::problem::RuleProblem;
use crate::infer::vocabulary::SubjectDef;
use crate::source::file::FileId;
use crate::source::symbol::Symbol;

/// A rule file's text.
#[derive(Clone, Copy, Debug)]
pub struct RuleFile<'t> {
    /// The folder that holds it: `resilience`; findings are grouped by it.
    pub category: &'t str,
    /// Its name: `missing-timeout.yaml`.
    pub name: &'t str,
    /// Its text.
    pub text: &'t str,
}

/// A mistake, and the file it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    /// Position of the file in the list that was loaded. The problem's span numbers files
    /// likewise; such numbers mean nothing among the files of the estate.
    pub file: usize,
    /// What is wrong.
    pub problem: RuleProblem,
}

/// Loads all files; the rules are in their order. All mistakes of all files come at once.
/// An id, also a former one, belongs to one rule.
pub fn load_all(files: &[RuleFile<'_>], vocabulary: &[SubjectDef]) -> Result<Vec<ActiveRule>, Vec<FileProblem>> {
    let mut rules = Vec::new();
    let mut problems = Vec::new();
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for (number, file) in files.iter().enumerate() {
        let stem = file.name.rsplit_once('.').map_or(file.name, |(stem, _)| stem);
        let (rule, found) = load(FileId(number as u32), stem, file.text, vocabulary);
        problems.extend(found.into_iter().map(|problem| FileProblem { file: number, problem }));
        let Some(rule) = rule else { continue };
        for id in std::iter::once(&rule.id).chain(&rule.formerly) {
            if let Some(&other) = taken.get(id) {
                let place =
                    files.get(other).map_or(String::new(), |other| format!("{}/{}", other.category, other.name));
                let problem = RuleProblem::new(rule.id_span, format!("the id `{id}` belongs to {place} already"));
                let problem = problem.with_help("choose another id, and call the file after it");
                problems.push(FileProblem { file: number, problem });
            }
            taken.entry(id.clone()).or_insert(number);
        }
        rules.push(ActiveRule { rule, category: Symbol::new(file.category), local: Vec::new() });
    }
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

/// The names of all rules, those that are off and former ones included.
#[derive(Clone, Debug, Default)]
pub struct RuleNames {
    /// From each id, also a former one, to the present one.
    current: BTreeMap<String, String>,
}

impl RuleNames {
    /// The names of `rules`.
    pub fn of(rules: &[ActiveRule]) -> Self {
        let names = |active: &ActiveRule| {
            let id = active.rule.id.clone();
            let former = active.rule.formerly.iter().cloned();
            former.chain(std::iter::once(id.clone())).map(|name| (name, id.clone())).collect::<Vec<_>>()
        };
        Self { current: rules.iter().flat_map(names).collect() }
    }

    /// The present id of a rule that has or had this one; `None` where there is none.
    pub fn current(&self, id: &str) -> Option<&str> {
        self.current.get(id).map(String::as_str)
    }

    /// The present ids, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.current.iter().filter(|(name, id)| name == id).map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{RuleFile, load_all};
    use crate::judge::sample::{VOCABULARY, place};

    const ONE: &str =
        "id: one\nseverity: note\nsubject: service\nwhen: service.name == 'a'\nmessage: m\nwhy: w\nfix: f\n";

    #[test]
    fn rules_come_in_the_order_of_their_files_with_their_folders() {
        let two = ONE.replace("id: one", "id: two");
        let files = [
            RuleFile { category: "data", name: "two.yaml", text: &two },
            RuleFile { category: "ours", name: "one.yaml", text: ONE },
        ];
        let rules = load_all(&files, VOCABULARY).expect("loaded");
        let shown: Vec<_> = rules.iter().map(|rule| (rule.rule.id.as_str(), rule.category.as_str())).collect();
        assert_eq!(shown, [("two", "data"), ("one", "ours")]);
    }

    #[test]
    fn the_mistakes_of_all_files_come_at_once() {
        let broken = ONE.replace("service.name", "service.nam");
        let reused = ONE.replace("id: one", "id: new") + "formerly: [one]\n";
        let files = [
            RuleFile { category: "data", name: "one.yaml", text: ONE },
            RuleFile { category: "ours", name: "one.yml", text: ONE },
            RuleFile { category: "ours", name: "new.yaml", text: &reused },
            RuleFile { category: "more", name: "one.yaml", text: &broken },
        ];
        let problems = load_all(&files, VOCABULARY).expect_err("three mistakes");
        let shown: Vec<String> = problems
            .iter()
            .map(|problem| {
                let at = place(files[problem.file].text, problem.problem.span);
                assert_eq!(problem.problem.span.file.0 as usize, problem.file);
                format!("{} {at} {}", problem.file, problem.problem.message)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "1 1:5-1:8 the id `one` belongs to data/one.yaml already",
                "2 1:5-1:8 the id `one` belongs to data/one.yaml already",
                "3 4:15-4:18 `service` has no attribute `nam`",
            ]
        );
    }
}
