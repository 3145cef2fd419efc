//! From the text of `archlint.yaml` to a configuration, with every mistake at its place.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::globs::PathGlobs;
use super::model::{
    Config, ConfigSuppression, EnvironmentRule, Level, PopularPackages, Protection, TrustedWrapper, service_named,
};
use super::problem::ConfigProblem;
use super::reader::Reader;
use crate::facts::declaration::{Exposure, Stated};
use crate::facts::suppression::{Suppression, SuppressionForm};
use crate::graph::model::Environment;
use crate::source::file::FileId;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;
use crate::syntax::yaml;
use crate::tables::images::{ImageKind, ImageRow, ImageUser};
use crate::tables::popular::Registry;

/// The keys of the file.
pub const KEYS: &[&str] = &[
    "version",
    "extends",
    "rules",
    "rule_paths",
    "services",
    "infrastructure",
    "trusted_wrappers",
    "environments",
    "popular_packages",
    "ignore",
    "overrides",
    "suppressions",
];
/// The keys of `services`.
pub const SERVICE_KEYS: &[&str] = &["public", "exposure", "aliases", "owners", "scopes"];
/// The keys of an item of `infrastructure`.
pub const INFRASTRUCTURE_KEYS: &[&str] = &["match", "kind", "engine", "user"];
/// The keys of an item of `trusted_wrappers`.
pub const WRAPPER_KEYS: &[&str] = &["import", "provides"];
/// The keys of an item of `environments`.
pub const ENVIRONMENT_KEYS: &[&str] = &["paths", "environment"];
/// The keys of an item of `popular_packages`.
pub const POPULAR_KEYS: &[&str] = &["registry", "file", "as_of"];
/// The keys of an item of `overrides`.
pub const OVERRIDE_KEYS: &[&str] = &["paths", "rules"];
/// The keys of an item of `suppressions`.
pub const SUPPRESSION_KEYS: &[&str] = &["rules", "paths", "subjects", "reason", "expires"];

/// `2027-03`
fn is_month(text: &str) -> bool {
    text.split_once('-').is_some_and(|(year, month)| {
        year.len() == 4 && year.parse::<u16>().is_ok() && month.len() == 2 && matches!(month.parse::<u8>(), Ok(1..=12))
    })
}

const ENVIRONMENTS: [(&str, Environment); 3] =
    [("development", Environment::Development), ("test", Environment::Test), ("production", Environment::Production)];
const EXPOSURES: [(&str, Exposure); 2] = [("public", Exposure::Public), ("internal", Exposure::Internal)];

/// Longest configuration in bytes; keeps every check of hostile files short.
const LONGEST: usize = 1 << 20;

/// Reads a configuration. `prefix` is the estate's root as seen from the file's folder,
/// empty where they are the same. Mistakes come in the order of the file; with any of them
/// the configuration is not to be used.
pub fn read(file: FileId, text: &str, prefix: &str) -> (Config, Vec<ConfigProblem>) {
    let mut config = Config::empty();
    let mut reader = Reader::default();
    if text.len() > LONGEST {
        reader.wrong(Span::file_start(file), format!("a configuration has at most {LONGEST} bytes"), None);
        return (config, reader.problems);
    }
    let tree = yaml::parse(file, text);
    for problem in &tree.problems {
        reader.wrong(problem.span, problem.message.clone(), None);
    }
    if let Some(second) = tree.documents().nth(1) {
        reader.wrong(second.span(), "a configuration is one document".to_owned(), None);
    }
    // What follows a syntax error is not there, and reporting it missing would mislead.
    if reader.problems.is_empty()
        && let Some(root) = tree.documents().next()
    {
        Body { reader: &mut reader, config: &mut config, prefix }.root(root);
    }
    config.trees.push(tree);
    reader.problems.sort_by_key(|problem| problem.span);
    (config, reader.problems)
}

struct Body<'a> {
    reader: &'a mut Reader,
    config: &'a mut Config,
    prefix: &'a str,
}

impl Body<'_> {
    fn root(&mut self, root: Node<'_>) {
        if !self.reader.keys(root, "archlint.yaml", KEYS) {
            return;
        }
        if let Some(version) = root.get("version")
            && version.int() != Some(1)
        {
            let help = Some("write `version: 1`".to_owned());
            self.reader.wrong(version.span(), "this archlint reads version 1 only".to_owned(), help);
        }
        if let Some(extends) = root.get("extends") {
            self.config.extends = self.reader.texts(extends, "`extends`");
        }
        if let Some(rules) = root.get("rules") {
            self.rules(rules);
        }
        if let Some(paths) = root.get("rule_paths") {
            self.config.rule_paths = self.reader.texts(paths, "`rule_paths`");
        }
        if let Some(services) = root.get("services") {
            self.services(services);
        }
        for item in self.list(root, "infrastructure") {
            let rows = self.infrastructure(item);
            self.config.infrastructure.extend(rows.into_iter().flatten());
        }
        for item in self.list(root, "trusted_wrappers") {
            let wrapper = self.trusted_wrapper(item);
            self.config.trusted_wrappers.extend(wrapper);
        }
        for item in self.list(root, "environments") {
            let rule = self.environment(item);
            self.config.environments.extend(rule);
        }
        for item in self.list(root, "popular_packages") {
            let popular = self.popular(item);
            self.config.popular_packages.extend(popular);
        }
        if let Some(ignore) = root.get("ignore") {
            self.config.left_out = self.globs(ignore, "`ignore`");
        }
        for item in self.list(root, "overrides") {
            let globs = self.path_override(item);
            self.config.overrides.push(globs);
        }
        for item in self.list(root, "suppressions") {
            let suppression = self.suppression(item);
            self.config.suppressions.extend(suppression);
        }
    }

    fn list<'t>(&mut self, root: Node<'t>, key: &str) -> Vec<Node<'t>> {
        root.get(key).map_or(Vec::new(), |node| self.reader.items(node, &format!("`{key}`")))
    }

    /// Checks what can be checked without knowing the rules.
    fn rules(&mut self, rules: Node<'_>) {
        let mut seen: Vec<&str> = Vec::new();
        for (key, value) in self.reader.entries(rules, "`rules`") {
            let id = key.raw().unwrap_or("");
            if seen.contains(&id) {
                self.reader.wrong(key.span(), format!("`{id}` stands twice"), None);
            }
            seen.push(id);
            if !value.is_mapping() {
                self.reader.word(value, "severity", &Level::WORDS);
            } else if let Some(severity) = value.get("severity") {
                self.reader.word(severity, "severity", &Level::WORDS);
            }
        }
    }

    fn services(&mut self, services: Node<'_>) {
        if !self.reader.keys(services, "`services`", SERVICE_KEYS) {
            return;
        }
        if let Some(public) = services.get("public") {
            self.config.lists_public = true;
            for name in self.reader.texts(public, "`public`") {
                if name.text.contains('*') {
                    self.config.public_patterns.push(name);
                } else {
                    service_named(&mut self.config.services, name).exposure = Some((Exposure::Public, name.span));
                }
            }
        }
        if let Some(exposure) = services.get("exposure") {
            for (key, value) in self.reader.entries(exposure, "`exposure`") {
                let Some(name) = self.reader.text(key, "a service's name") else { continue };
                let word = self.reader.word(value, "exposure", &EXPOSURES);
                let service = service_named(&mut self.config.services, name);
                if let (Some((known, _)), Some(word)) = (service.exposure, word)
                    && known != word
                {
                    let message = format!("`{}` is listed under `public` as well", name.text);
                    self.reader.wrong(value.span(), message, None);
                } else {
                    service.exposure = word.map(|word| (word, value.span()));
                }
            }
        }
        for (key, list) in [("aliases", 0), ("owners", 1), ("scopes", 2)] {
            let Some(node) = services.get(key) else { continue };
            for (name, value) in self.reader.entries(node, &format!("`{key}`")) {
                let values = self.reader.texts(value, &format!("an entry of `{key}`"));
                let Some(name) = self.reader.text(name, "a service's name") else { continue };
                let service = service_named(&mut self.config.services, name);
                match list {
                    0 => service.aliases.extend(values),
                    1 => service.owners.extend(values),
                    _ => service.scopes.extend(values),
                }
            }
        }
    }

    fn infrastructure(&mut self, item: Node<'_>) -> Option<Vec<ImageRow>> {
        let owner = "an item of `infrastructure`";
        if !self.is_item(item, owner, INFRASTRUCTURE_KEYS) {
            return None;
        }
        let patterns = self.reader.required(item, owner, "match").map(|node| self.reader.texts(node, "`match`"));
        let kinds = ImageKind::ALL.map(|kind| (kind.word(), kind));
        let kind = self.reader.required(item, owner, "kind");
        let kind = kind.and_then(|node| self.reader.word(node, "kind of infrastructure", &kinds));
        let engine = item.get("engine").and_then(|node| self.reader.text(node, "`engine`"));
        let user = item.get("user").and_then(|node| self.reader.text(node, "`user`"));
        let patterns = patterns?;
        for pattern in &patterns {
            if pattern.text.trim_matches(['*', '/']).is_empty() {
                let help = Some("write an image's repository, such as `acme/redis`".to_owned());
                self.reader.wrong(pattern.span, format!("`{}` would match every image", pattern.text), help);
                return None;
            }
        }
        let user = user.map_or(ImageUser::Unknown, |user| match user.text.as_str() {
            "root" | "0" => ImageUser::Root,
            "root-then-drops" => ImageUser::RootThenDrops,
            "unknown" => ImageUser::Unknown,
            name => ImageUser::Unprivileged(Symbol::new(name)),
        });
        let engine = engine.map_or_else(|| Symbol::new(""), |engine| engine.text);
        let kind = kind?;
        Some(patterns.iter().map(|pattern| ImageRow::of_user(&pattern.text, kind, engine, user)).collect())
    }

    fn popular(&mut self, item: Node<'_>) -> Option<PopularPackages> {
        let owner = "an item of `popular_packages`";
        if !self.is_item(item, owner, POPULAR_KEYS) {
            return None;
        }
        let registry = self.reader.required(item, owner, "registry");
        let registry = registry.and_then(|node| self.reader.word(node, "registry", &Registry::WORDS));
        let file = self.reader.required(item, owner, "file").and_then(|node| self.reader.text(node, "`file`"));
        let as_of = self.reader.required(item, owner, "as_of").and_then(|node| self.reader.text(node, "`as_of`"));
        if let Some(as_of) = as_of.as_ref().filter(|as_of| !is_month(&as_of.text)) {
            let help = Some("write the year and the month, as in `2027-03`".to_owned());
            self.reader.wrong(as_of.span, format!("`{}` is no month", as_of.text), help);
        }
        Some(PopularPackages { registry: registry?, file: file?, as_of: as_of?.text })
    }

    fn trusted_wrapper(&mut self, item: Node<'_>) -> Option<TrustedWrapper> {
        let owner = "an item of `trusted_wrappers`";
        if !self.is_item(item, owner, WRAPPER_KEYS) {
            return None;
        }
        let import = self.reader.required(item, owner, "import");
        let import = import.and_then(|node| self.reader.text(node, "`import`"));
        let provides = self.reader.required(item, owner, "provides")?;
        let items = self.reader.items(provides, "`provides`");
        let provides =
            items.into_iter().filter_map(|item| self.reader.word(item, "protection", &Protection::WORDS)).collect();
        Some(TrustedWrapper { import: import?, provides })
    }

    fn environment(&mut self, item: Node<'_>) -> Option<EnvironmentRule> {
        let owner = "an item of `environments`";
        if !self.is_item(item, owner, ENVIRONMENT_KEYS) {
            return None;
        }
        let paths = self.reader.required(item, owner, "paths").map(|node| self.globs(node, "`paths`"));
        let environment = self.reader.required(item, owner, "environment");
        let environment = environment.and_then(|node| self.reader.word(node, "environment", &ENVIRONMENTS));
        Some(EnvironmentRule { paths: paths?, environment: environment? })
    }

    /// Always gives one, so that overrides and their places in the file stay in step.
    fn path_override(&mut self, item: Node<'_>) -> PathGlobs {
        let owner = "an item of `overrides`";
        if !self.is_item(item, owner, OVERRIDE_KEYS) {
            return PathGlobs::empty();
        }
        if let Some(rules) = self.reader.required(item, owner, "rules") {
            self.rules(rules);
        }
        let paths = self.reader.required(item, owner, "paths");
        paths.map_or_else(PathGlobs::empty, |node| self.globs(node, "`paths`"))
    }

    /// Reason and rules may be missing here: they are judged like those of comments.
    fn suppression(&mut self, item: Node<'_>) -> Option<ConfigSuppression> {
        let owner = "an item of `suppressions`";
        if !self.is_item(item, owner, SUPPRESSION_KEYS) {
            return None;
        }
        let rules = item.get("rules").map_or(Vec::new(), |node| self.reader.texts(node, "`rules`"));
        let paths = item.get("paths").map(|node| self.globs(node, "`paths`"));
        let subjects = item.get("subjects").map(|node| self.names(node, "`subjects`"));
        if paths.is_none() && subjects.is_none() {
            let help = Some("to switch a rule off everywhere write `rules: {the-rule: off}`".to_owned());
            self.reader.wrong(item.span(), format!("{owner} needs `paths` or `subjects`"), help);
        }
        let reason = item.get("reason").filter(|node| !node.is_null());
        let reason = reason.and_then(|node| self.reader.text(node, "`reason`"));
        let expires = item.get("expires").and_then(|node| self.reader.text(node, "`expires`"));
        let suppression = Suppression {
            span: item.span(),
            form: SuppressionForm::Configuration,
            scope: item.span(),
            rules,
            reason: reason.map(|reason| reason.text),
            expires,
            flaw: None,
        };
        Some(ConfigSuppression { suppression, paths, subjects })
    }

    /// Names with `*`, which stands for any characters.
    fn names(&mut self, node: Node<'_>, owner: &str) -> GlobSet {
        let mut names = GlobSetBuilder::new();
        for pattern in self.reader.texts(node, owner) {
            match GlobBuilder::new(&pattern.text).literal_separator(false).build() {
                Ok(glob) => {
                    names.add(glob);
                }
                Err(error) => {
                    let message = format!("the pattern is wrong: {}", error.kind());
                    self.reader.wrong(pattern.span, message, None);
                }
            }
        }
        names.build().unwrap_or_else(|_| GlobSet::empty())
    }

    /// An item of a list of mappings.
    fn is_item(&mut self, item: Node<'_>, owner: &str, keys: &[&str]) -> bool {
        if item.is_null() {
            self.reader.wrong(item.span(), format!("{owner} must be a mapping"), None);
        }
        self.reader.keys(item, owner, keys)
    }

    fn globs(&mut self, node: Node<'_>, owner: &str) -> PathGlobs {
        let patterns: Vec<Stated> = self.reader.texts(node, owner);
        match PathGlobs::new(patterns.iter().map(|pattern| pattern.text.as_str()), self.prefix) {
            Ok(globs) => globs,
            Err((index, reason)) => {
                let place = patterns.get(index).map_or(node.span(), |pattern| pattern.span);
                self.reader.wrong(place, format!("the pattern is wrong: {reason}"), None);
                PathGlobs::empty()
            }
        }
    }
}

#[cfg(test)]
mod tests;
