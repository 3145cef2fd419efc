//! Which libraries and agents trace, measure, and measure the event loop: `tables/observability/`.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use semver::Version;

use super::frameworks::Ecosystem;
use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::span::Span;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

/// What a service can be seen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aspect {
    /// `tracing`: requests are followed from service to service.
    Tracing,
    /// `metrics`: its numbers are kept over time.
    Metrics,
    /// `lag`: the delay of Node's event loop is among them.
    Lag,
}

/// Where something that is no package stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sign {
    /// `variable`: a name among the variables of a process.
    Variable,
    /// `option`: a part of a command, of the options of a runtime, of a copied file's name.
    Option,
    /// `annotation`: an annotation or label of pods, or of their namespace.
    Annotation,
    /// `image`: an image that runs on every node.
    Image,
    /// `code`: a name in source code.
    Code,
}

/// How much a row promises of an aspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Promise {
    /// Only where a name in its code or a variable of its process tells it to.
    Told,
    /// It may, where something that is not looked at tells it to.
    Perhaps,
    /// It does.
    Sure,
}

/// What a row says.
#[derive(Debug, Default)]
pub struct Telemetry {
    gives: Vec<Aspect>,
    may: Vec<Aspect>,
    told: Vec<Aspect>,
    /// The first version that a variable can tell; `None`: any.
    told_since: Option<Version>,
    /// The first version that measures the event loop.
    lag_since: Option<Version>,
    /// True for a vendor who keeps dashboards and alerts, too.
    vendor: bool,
}

impl Telemetry {
    /// What it promises of `aspect`, in the version that is used; `None`: nothing.
    pub fn promise(&self, aspect: Aspect, version: Option<&Version>) -> Option<Promise> {
        if aspect == Aspect::Lag
            && let Some(since) = &self.lag_since
        {
            return match version {
                Some(version) => (version >= since).then_some(Promise::Sure),
                None => Some(Promise::Perhaps),
            };
        }
        if self.gives.contains(&aspect) {
            Some(Promise::Sure)
        } else if self.may.contains(&aspect) {
            Some(Promise::Perhaps)
        } else {
            self.told.contains(&aspect).then_some(Promise::Told)
        }
    }

    /// Whether a variable of the process can tell the version that is used, or only code.
    pub fn hears_variables(&self, version: Option<&Version>) -> bool {
        self.told_since.as_ref().zip(version).is_none_or(|(since, version)| version >= since)
    }
}

/// The rows of all tables.
#[derive(Debug, Default)]
pub struct Observability {
    packages: FxHashMap<(Ecosystem, String), Telemetry>,
    /// Beginnings of names of packages, from rows that end in `*`.
    families: Vec<(Ecosystem, String, Telemetry)>,
    /// In the order of the table.
    signs: Vec<(Sign, String, Telemetry)>,
}

impl Observability {
    /// What a package does; of rows with a beginning of its name the longest counts.
    pub fn package(&self, ecosystem: Ecosystem, name: &str) -> Option<&Telemetry> {
        let key = (ecosystem, normalized(ecosystem, name));
        if let Some(known) = self.packages.get(&key) {
            return Some(known);
        }
        let matching = self.families.iter().filter(|(of, start, _)| *of == ecosystem && key.1.starts_with(start));
        matching.max_by_key(|(_, start, _)| start.len()).map(|(_, _, telemetry)| telemetry)
    }

    /// What a sign of a kind shows. Variables and annotations are known by their names, of which
    /// the longest beginning counts; options and images by the longest part of the text.
    pub fn sign(&self, sign: Sign, text: &str) -> Option<&Telemetry> {
        let fits = |name: &str| match sign {
            Sign::Code => text == name,
            Sign::Variable | Sign::Annotation => match name.strip_suffix('*') {
                Some(start) => text.starts_with(start),
                None => text == name,
            },
            Sign::Option | Sign::Image => text.contains(name),
        };
        let matching = self.signs.iter().filter(|(of, name, _)| *of == sign && fits(name));
        matching.max_by_key(|(_, name, _)| name.len()).map(|(_, _, telemetry)| telemetry)
    }

    /// Names in source code that tell something.
    pub fn names_in_code(&self) -> impl Iterator<Item = &str> {
        self.signs.iter().filter(|(sign, ..)| *sign == Sign::Code).map(|(_, name, _)| name.as_str())
    }

    /// True where what measures, a package of npm or a sign, is a vendor's who keeps alerts, too.
    pub fn keeps_alerts(&self, name: &str) -> bool {
        let signs = [Sign::Variable, Sign::Option, Sign::Annotation, Sign::Image];
        let of_package = self.package(Ecosystem::Npm, name);
        of_package.into_iter().chain(signs.iter().filter_map(|sign| self.sign(*sign, name))).any(|row| row.vendor)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.packages.len() + self.families.len() + self.signs.len()
    }

    fn take_in(&mut self, other: Self) {
        self.packages.extend(other.packages);
        self.families.extend(other.families);
        self.signs.extend(other.signs);
    }
}

/// Lower case; for PyPI `_` and `.` are `-` (peps.python.org/pep-0503).
fn normalized(ecosystem: Ecosystem, name: &str) -> String {
    let lower = name.to_lowercase();
    if ecosystem == Ecosystem::Pypi { lower.replace(['_', '.'], "-") } else { lower }
}

const ECOSYSTEMS: [(&str, Ecosystem); 9] = [
    ("npm", Ecosystem::Npm),
    ("cargo", Ecosystem::Cargo),
    ("go", Ecosystem::Go),
    ("maven", Ecosystem::Maven),
    ("pypi", Ecosystem::Pypi),
    ("nuget", Ecosystem::Nuget),
    ("composer", Ecosystem::Composer),
    ("rubygems", Ecosystem::Rubygems),
    ("hex", Ecosystem::Hex),
];
const SIGNS: [(&str, Sign); 5] = [
    ("variable", Sign::Variable),
    ("option", Sign::Option),
    ("annotation", Sign::Annotation),
    ("image", Sign::Image),
    ("code", Sign::Code),
];
const ASPECTS: [(&str, Aspect); 3] = [("tracing", Aspect::Tracing), ("metrics", Aspect::Metrics), ("lag", Aspect::Lag)];
const ROW_KEYS: [&str; 10] =
    ["sign", "name", "gives", "may", "told", "told_since", "lag_since", "vendor", "source", "checked"];

fn of_word<T: Copy>(words: &[(&str, T)], text: &str) -> Option<T> {
    words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning)
}

/// Reads one table: of packages where it names its ecosystem, of signs otherwise. Rows that are
/// not understood are left out and named in the problems.
pub fn parse(file: FileId, text: &str) -> (Observability, Vec<SyntaxProblem>) {
    let tree = yaml::parse(file, text);
    let mut problems = tree.problems.clone();
    let mut table = Observability::default();
    let Some(root) = tree.documents().next() else {
        problems.push(SyntaxProblem { span: Span::file_start(file), message: "the table is empty".to_owned() });
        return (table, problems);
    };
    let stated = root.get("ecosystem").and_then(Node::text);
    let ecosystem = stated.and_then(|text| of_word(&ECOSYSTEMS, text));
    if let (Some(text), None) = (stated, ecosystem) {
        problems.push(SyntaxProblem { span: root.span(), message: format!("{text} is no ecosystem") });
    }
    for row in root.get("rows").into_iter().flat_map(Node::items) {
        let mut reader = RowReader::new(row, &ROW_KEYS, &mut problems);
        let name = reader.required("name");
        let words: Vec<&str> = SIGNS.iter().map(|(word, _)| *word).collect();
        let sign = reader.word("sign", &words, |text| of_word(&SIGNS, text));
        let telemetry = Telemetry {
            gives: aspects(&mut reader, "gives"),
            may: aspects(&mut reader, "may"),
            told: aspects(&mut reader, "told"),
            told_since: version(&mut reader, "told_since"),
            lag_since: version(&mut reader, "lag_since"),
            vendor: reader.word("vendor", &["yes"], |text| (text == "yes").then_some(())).is_some(),
        };
        reader.origin();
        if ecosystem.is_none() && sign.is_none() {
            reader.problem_here("a row without a sign stands in a table without an ecosystem".to_owned());
        }
        let (true, Some(name)) = (reader.is_sound(), name) else { continue };
        match (ecosystem, sign) {
            (Some(ecosystem), _) => match name.strip_suffix('*') {
                Some(start) => table.families.push((ecosystem, start.to_lowercase(), telemetry)),
                None => {
                    table.packages.insert((ecosystem, normalized(ecosystem, name)), telemetry);
                }
            },
            (None, Some(sign)) => table.signs.push((sign, name.to_owned(), telemetry)),
            (None, None) => {}
        }
    }
    (table, problems)
}

fn aspects(reader: &mut RowReader<'_, '_>, key: &str) -> Vec<Aspect> {
    let texts = reader.list(key);
    let known: Vec<Aspect> = texts.iter().filter_map(|text| of_word(&ASPECTS, text)).collect();
    if known.len() != texts.len() {
        reader.problem_here(format!("{key} holds tracing, metrics and lag only"));
    }
    known
}

fn version(reader: &mut RowReader<'_, '_>, key: &str) -> Option<Version> {
    let text = reader.optional(key)?;
    let version = Version::parse(text).ok();
    if version.is_none() {
        reader.problem_here(format!("{key} is a version such as 1.2.0, not {text}"));
    }
    version
}

const SHIPPED: [&str; 10] = [
    include_str!("../../tables/observability/npm.yaml"),
    include_str!("../../tables/observability/cargo.yaml"),
    include_str!("../../tables/observability/go.yaml"),
    include_str!("../../tables/observability/maven.yaml"),
    include_str!("../../tables/observability/pypi.yaml"),
    include_str!("../../tables/observability/nuget.yaml"),
    include_str!("../../tables/observability/composer.yaml"),
    include_str!("../../tables/observability/rubygems.yaml"),
    include_str!("../../tables/observability/hex.yaml"),
    include_str!("../../tables/observability/signs.yaml"),
];

/// The tables that archlint ships with; read once. That they have no problems is a test.
pub fn observability() -> &'static Observability {
    static TABLES: OnceLock<Observability> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut all = Observability::default();
        for text in SHIPPED {
            all.take_in(parse(FileId(0), text).0);
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::{Aspect, Promise, SHIPPED, Sign, observability, parse};
    use crate::source::file::FileId;
    use crate::tables::frameworks::Ecosystem;

    #[test]
    fn shipped_tables_have_no_problems_and_no_row_twice() {
        let mut rows = 0;
        for text in SHIPPED {
            let (table, problems) = parse(FileId(0), text);
            assert_eq!(problems, [], "{}", text.lines().next().unwrap_or_default());
            rows += table.rows();
        }
        assert_eq!(rows, observability().rows());
    }

    #[test]
    fn packages_promise_what_their_rows_say() {
        let promise = |ecosystem, name, aspect| observability().package(ecosystem, name)?.promise(aspect, None);
        for (ecosystem, name, aspect, expected) in [
            (Ecosystem::Npm, "prom-client", Aspect::Metrics, Some(Promise::Sure)),
            (Ecosystem::Npm, "prom-client", Aspect::Tracing, None),
            (Ecosystem::Npm, "@opentelemetry/api", Aspect::Tracing, Some(Promise::Perhaps)),
            (Ecosystem::Npm, "@google-cloud/profiler", Aspect::Tracing, None),
            (Ecosystem::Go, "github.com/DataDog/datadog-go/v5", Aspect::Metrics, Some(Promise::Sure)),
            (Ecosystem::Pypi, "prometheus_client", Aspect::Metrics, Some(Promise::Sure)),
            (Ecosystem::Maven, "io.micrometer:micrometer-core", Aspect::Metrics, Some(Promise::Perhaps)),
            (Ecosystem::Cargo, "tracing", Aspect::Tracing, None),
        ] {
            assert_eq!(promise(ecosystem, name, aspect), expected, "{name}");
        }
    }

    #[test]
    fn an_aspect_that_came_with_a_version_needs_it() {
        let row = observability().package(Ecosystem::Npm, "@opentelemetry/auto-instrumentations-node").unwrap();
        let lag = |version: &str| row.promise(Aspect::Lag, Version::parse(version).ok().as_ref());
        assert_eq!([lag("0.57.1"), lag("0.58.0")], [None, Some(Promise::Sure)]);
        assert_eq!(row.promise(Aspect::Lag, None), Some(Promise::Perhaps));
    }

    #[test]
    fn what_must_be_told_says_since_when_a_variable_can() {
        let row = observability().package(Ecosystem::Npm, "@opentelemetry/sdk-node").unwrap();
        let hears = |version: &str| row.hears_variables(Version::parse(version).ok().as_ref());
        assert_eq!(row.promise(Aspect::Metrics, None), Some(Promise::Told));
        assert_eq!([hears("0.56.0"), hears("0.57.0"), row.hears_variables(None)], [false, true, true]);
        assert!(observability().names_in_code().any(|name| name == "metricReader"));
    }

    #[test]
    fn signs_are_found_by_name_or_within_a_text() {
        let sure = |sign, text, aspect| {
            observability().sign(sign, text).and_then(|row| row.promise(aspect, None)) == Some(Promise::Sure)
        };
        assert!(sure(Sign::Option, "-javaagent:/app/opentelemetry-javaagent.jar", Aspect::Tracing));
        assert!(!sure(Sign::Option, "-javaagent:/app/jacocoagent.jar", Aspect::Tracing));
        assert!(sure(Sign::Annotation, "instrumentation.opentelemetry.io/inject-java", Aspect::Tracing));
        assert!(sure(Sign::Variable, "OTEL_EXPORTER_OTLP_ENDPOINT", Aspect::Tracing));
        assert!(!sure(Sign::Variable, "OTEL_SERVICE_NAME", Aspect::Tracing));
    }

    #[test]
    fn mistakes_in_a_table_are_named() {
        let (table, problems) = parse(
            FileId(0),
            "ecosystem: npm\nrows:\n  - { name: a, gives: [trace], source: https://a.example, checked: 2026-11 }\n",
        );
        assert_eq!((table.rows(), problems.len()), (0, 1));
    }
}
