//! The configuration as the stages use it; the doc comments are the reference of its keys.

use globset::GlobSet;

use super::globs::PathGlobs;
use crate::facts::declaration::{Exposure, Stated};
use crate::facts::suppression::Suppression;
use crate::graph::model::Environment;
use crate::graph::program::protection::TrustedPackage;
use crate::graph::{LinkOptions, ServiceOptions};
use crate::judge::finding::Severity;
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, Tree};
use crate::tables::images::ImageRow;
use crate::tables::popular::{PopularList, Registry};

/// What `archlint.yaml` says. Without one everything is empty.
#[derive(Debug)]
pub struct Config {
    /// The files, for settings of rules: what they may say is known to the rules only. What
    /// is extended comes first. Spans of a configuration say by their file which of the files
    /// that were read they lie in, 0 being the one that was asked for.
    pub(super) trees: Vec<Tree>,
    /// `extends: [../policy/archlint.yaml]`
    pub extends: Vec<Stated>,
    /// `rule_paths: [rules/]`: folders with rules of the user's own, relative to the file.
    pub rule_paths: Vec<Stated>,
    /// `services: {public: …, aliases: …, owners: …, scopes: …}`
    pub services: Vec<ServiceConfig>,
    /// True where `services` has the key `public`: services not listed there are internal.
    pub lists_public: bool,
    /// `services: {public: ["web-*"]}`: names with `*` that the world may reach.
    pub public_patterns: Vec<Stated>,
    /// `infrastructure: [{match: acme/redis, kind: cache, engine: redis}]`: images that are
    /// no services. They win over the images that archlint knows.
    pub infrastructure: Vec<ImageRow>,
    /// `trusted_wrappers: [{import: "@acme/http", provides: [timeout]}]`
    pub trusted_wrappers: Vec<TrustedWrapper>,
    /// `environments: [{paths: deploy/dev, environment: development}]`; the first that
    /// matches a path decides.
    pub environments: Vec<EnvironmentRule>,
    /// `popular_packages: [{registry: npm, file: policy/npm.txt, as_of: 2027-03}]`: names that
    /// others are compared with, in place of those that archlint knows. Files are relative to
    /// the configuration that names them.
    pub popular_packages: Vec<PopularPackages>,
    /// What stands in those files.
    pub popular_lists: Vec<PopularList>,
    /// `ignore: [legacy, "**/testdata"]`: paths that are not looked at.
    pub left_out: PathGlobs,
    /// `overrides: [{paths: […], rules: {…}}]`; of several that match, later ones win.
    pub(super) overrides: Vec<PathGlobs>,
    /// `suppressions: [{rules: […], paths: […], subjects: […], reason: …, expires: …}]`
    pub suppressions: Vec<ConfigSuppression>,
}

/// Findings that the configuration accepts.
#[derive(Clone, Debug)]
pub struct ConfigSuppression {
    /// What was written; its file is the configuration, whatever number that has in a run.
    pub suppression: Suppression,
    /// Where; `None`: everywhere.
    pub paths: Option<PathGlobs>,
    /// Names of subjects with `*`: `"*/istio-proxy"`; `None`: all.
    pub subjects: Option<GlobSet>,
}

impl ConfigSuppression {
    /// True for what it accepts: the path of a finding and its subject's name.
    pub fn covers(&self, path: EstatePath, subject: &str) -> bool {
        self.paths.as_ref().is_none_or(|paths| paths.matches(path))
            && self.subjects.as_ref().is_none_or(|subjects| subjects.is_match(subject))
    }
}

/// What the configuration says of one service, known by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceConfig {
    /// Its name where it stands first.
    pub name: Stated,
    /// `public: [web]` or `exposure: {web: internal}`, with its place.
    pub exposure: Option<(Exposure, Span)>,
    /// `aliases: {orders: [order-api]}`
    pub aliases: Vec<Stated>,
    /// `owners: {orders: ["@shop"]}`
    pub owners: Vec<Stated>,
    /// `scopes: {billing: [pci]}`
    pub scopes: Vec<Stated>,
}

/// A package whose clients come with protection that their callers do not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedWrapper {
    /// As source code imports it: `@acme/http`.
    pub import: Stated,
    /// What its clients have, at least one.
    pub provides: Vec<Protection>,
}

/// A list of popular packages of the user's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopularPackages {
    /// `registry: npm`
    pub registry: Registry,
    /// The file: one name a line, the most popular first.
    pub file: Stated,
    /// The month that it is of: `2027-03`.
    pub as_of: Symbol,
}

/// What a wrapper gives to every call that goes through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protection {
    /// `breaker`: a circuit breaker.
    Breaker,
    /// `retry`: bounded retries of idempotent calls.
    Retry,
    /// `timeout`
    Timeout,
    /// `tracing`: trace context goes along.
    Tracing,
}

impl Protection {
    /// All, by their words.
    pub const WORDS: [(&'static str, Self); 4] =
        [("breaker", Self::Breaker), ("retry", Self::Retry), ("timeout", Self::Timeout), ("tracing", Self::Tracing)];
}

/// What deployment files below some paths are for.
#[derive(Clone, Debug)]
pub struct EnvironmentRule {
    /// The paths.
    pub paths: PathGlobs,
    /// The environment.
    pub environment: Environment,
}

/// How bad the configuration says a rule's findings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `off`: the rule is not asked.
    Off,
    /// `note`, `warning`, `error`
    At(Severity),
}

impl Level {
    /// All, by their words.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("error", Self::At(Severity::Error)),
        ("warning", Self::At(Severity::Warning)),
        ("note", Self::At(Severity::Note)),
        ("off", Self::Off),
    ];
}

/// What the configuration says of one rule.
#[derive(Clone, Copy)]
pub struct RuleSetting<'c> {
    /// `missing-timeout`
    pub rule: &'c str,
    /// Where the id stands.
    pub span: Span,
    /// `rules: {missing-timeout: warning}`, or `severity` of the mapping.
    pub level: Option<Level>,
    value: Node<'c>,
}

impl<'c> RuleSetting<'c> {
    /// Key and value of each parameter, in the order of the file; the rule checks them.
    pub fn parameters(self) -> impl Iterator<Item = (Node<'c>, Node<'c>)> {
        self.value.own_entries().filter(|(key, _)| key.raw() != Some("severity"))
    }
}

impl Config {
    /// No configuration.
    pub fn empty() -> Self {
        Self {
            trees: Vec::new(),
            extends: Vec::new(),
            rule_paths: Vec::new(),
            services: Vec::new(),
            lists_public: false,
            public_patterns: Vec::new(),
            infrastructure: Vec::new(),
            trusted_wrappers: Vec::new(),
            environments: Vec::new(),
            popular_packages: Vec::new(),
            popular_lists: Vec::new(),
            left_out: PathGlobs::empty(),
            overrides: Vec::new(),
            suppressions: Vec::new(),
        }
    }

    /// `rules: {…}` in the order of the file.
    pub fn rule_settings(&self) -> Vec<RuleSetting<'_>> {
        self.roots().filter_map(|root| root.get("rules")).flat_map(settings).collect()
    }

    /// The overrides in the order of the file: where they hold, and which severities they set.
    pub fn overrides(&self) -> Vec<(&PathGlobs, Vec<RuleSetting<'_>>)> {
        let items = self.roots().filter_map(|root| root.get("overrides")).flat_map(Node::items);
        let rules = items.map(|item| item.get("rules").map_or(Vec::new(), settings));
        self.overrides.iter().zip(rules).collect()
    }

    /// The environment of a path, where the configuration says one.
    pub fn environment(&self, path: EstatePath) -> Option<Environment> {
        self.environments.iter().find(|rule| rule.paths.matches(path)).map(|rule| rule.environment)
    }

    /// What linking takes from the configuration, whose files have these numbers in the run.
    pub fn link_options(&self, files: &[FileId]) -> LinkOptions {
        let words = |list: &[Stated]| list.iter().map(|one| one.text).collect();
        let service = |service: &ServiceConfig| ServiceOptions {
            name: service.name.text,
            aliases: words(&service.aliases),
            exposure: service.exposure.map(|(exposure, span)| (exposure, placed(span, files))),
            owners: words(&service.owners),
            scopes: words(&service.scopes),
        };
        let environment = |rule: &EnvironmentRule| {
            let environment = rule.environment;
            rule.paths.matchers().map(move |matcher| (matcher, environment)).collect::<Vec<_>>()
        };
        let trusted = |wrapper: &TrustedWrapper| TrustedPackage {
            import: wrapper.import.text.as_str().to_owned(),
            timeout: wrapper.provides.contains(&Protection::Timeout),
            retry: wrapper.provides.contains(&Protection::Retry),
            breaker: wrapper.provides.contains(&Protection::Breaker),
            span: Some(placed(wrapper.import.span, files)),
        };
        LinkOptions {
            services: self.services.iter().map(service).collect(),
            infrastructure: self.infrastructure.clone(),
            environments: self.environments.iter().flat_map(environment).collect(),
            trusted: self.trusted_wrappers.iter().map(trusted).collect(),
        }
    }

    /// What was written under `suppressions`, in the files of these numbers.
    pub fn suppressions_of(&self, files: &[FileId]) -> Vec<Suppression> {
        let at = |span: Span| placed(span, files);
        let stated = |one: &Stated| Stated { text: one.text, span: at(one.span) };
        let of_run = |one: &ConfigSuppression| Suppression {
            span: at(one.suppression.span),
            scope: at(one.suppression.scope),
            rules: one.suppression.rules.iter().map(stated).collect(),
            expires: one.suppression.expires.as_ref().map(stated),
            ..one.suppression.clone()
        };
        self.suppressions.iter().map(of_run).collect()
    }

    /// The pattern of `public` that means the service, in the files of these numbers.
    pub fn public_pattern(&self, service: &str, files: &[FileId]) -> Option<Span> {
        let matching = self.public_patterns.iter().find(|pattern| {
            globset::Glob::new(&pattern.text).is_ok_and(|glob| glob.compile_matcher().is_match(service))
        });
        matching.map(|pattern| placed(pattern.span, files))
    }

    fn roots(&self) -> impl Iterator<Item = Node<'_>> {
        self.trees.iter().filter_map(|tree| tree.documents().next())
    }

    /// This configuration with what `base` says in addition. Where both speak of the same,
    /// this one wins: a rule's severity, a service's exposure, the environment of a path.
    pub fn extending(mut self, mut base: Self) -> Self {
        base.trees.append(&mut self.trees);
        base.overrides.append(&mut self.overrides);
        base.rule_paths.append(&mut self.rule_paths);
        base.suppressions.append(&mut self.suppressions);
        base.trusted_wrappers.append(&mut self.trusted_wrappers);
        base.public_patterns.append(&mut self.public_patterns);
        for service in self.services {
            let known = service_named(&mut base.services, service.name);
            known.exposure = service.exposure.or(known.exposure);
            known.aliases.extend(service.aliases);
            known.owners = if service.owners.is_empty() { std::mem::take(&mut known.owners) } else { service.owners };
            known.scopes.extend(service.scopes);
        }
        // The first one that matches decides.
        self.infrastructure.append(&mut base.infrastructure);
        self.environments.append(&mut base.environments);
        self.popular_lists.append(&mut base.popular_lists);
        Self {
            trees: base.trees,
            extends: self.extends,
            rule_paths: base.rule_paths,
            services: base.services,
            lists_public: self.lists_public || base.lists_public,
            public_patterns: base.public_patterns,
            infrastructure: self.infrastructure,
            trusted_wrappers: base.trusted_wrappers,
            environments: self.environments,
            popular_packages: self.popular_packages,
            popular_lists: self.popular_lists,
            left_out: self.left_out.and(base.left_out),
            overrides: base.overrides,
            suppressions: base.suppressions,
        }
    }
}

/// A span of a configuration as one of a run, where `files` are the numbers of the files of
/// the configuration.
fn placed(span: Span, files: &[FileId]) -> Span {
    let file = files.get(span.file.0 as usize).copied().unwrap_or(FileId(0));
    Span::new(file, span.start, span.end)
}

fn settings<'c>(rules: Node<'c>) -> Vec<RuleSetting<'c>> {
    let setting = |(key, value): (Node<'c>, Node<'c>)| {
        let word = value.get("severity").unwrap_or(value).text();
        let level = Level::WORDS.into_iter().find(|(name, _)| Some(*name) == word).map(|(_, level)| level);
        Some(RuleSetting { rule: key.raw()?, span: key.span(), level, value })
    };
    rules.own_entries().filter_map(setting).collect()
}

/// The service of that name, made where it is new.
pub(super) fn service_named(services: &mut Vec<ServiceConfig>, name: Stated) -> &mut ServiceConfig {
    let at = services.iter().position(|service| service.name.text == name.text).unwrap_or_else(|| {
        services.push(ServiceConfig {
            name,
            exposure: None,
            aliases: Vec::new(),
            owners: Vec::new(),
            scopes: Vec::new(),
        });
        services.len() - 1
    });
    &mut services[at]
}

/// Shorthand for a word and its place.
pub(super) fn stated(text: &str, span: Span) -> Stated {
    Stated { text: Symbol::new(text), span }
}
