//! What every row about a library of source code begins with: its packages, versions and origin,
//! and what it makes; and the few kinds of values that such rows are written in.

use semver::{Comparator, Op, Version, VersionReq};

use super::row::{RowReader, each_row};
use super::shape::{Head, Path, Shape};
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};

/// The keys that [`Library::read`] takes.
pub const KEYS: [&str; 6] = ["library", "packages", "versions", "makes", "source", "checked"];

/// A library, as a row knows it.
#[derive(Clone, Debug)]
pub struct Library {
    /// `axios`; as findings call it.
    pub name: Symbol,
    /// Packages that its shapes without a package start in. One that ends in `*` is a beginning:
    /// `@aws-sdk/client-*`.
    pub packages: Vec<Symbol>,
    /// The versions that the row is about; `None`: all.
    pub versions: Option<VersionReq>,
    /// What its shapes may start from, by name: `client` for `{client}`.
    pub makes: Vec<(Symbol, Shape)>,
}

impl Library {
    /// Reads [`KEYS`]; wants a source and the month of its check.
    pub fn read(node: Node<'_>, reader: &mut RowReader<'_, '_>) -> Option<Self> {
        let name = reader.required("library").map(Symbol::new);
        let packages: Vec<Symbol> = reader.list("packages").iter().map(|name| Symbol::new(name)).collect();
        let versions = reader.optional("versions").map(VersionReq::parse);
        let versions = match versions {
            Some(Err(_)) => {
                reader.problem_here("versions is a range such as `>=1, <3`".to_owned());
                return None;
            }
            Some(Ok(range)) => Some(range),
            None => None,
        };
        reader.origin();
        let mut makes = Vec::new();
        for (key, value) in node.get("makes").map(Node::entries).unwrap_or_default() {
            let Some(name) = key.raw().map(Symbol::new) else { continue };
            makes.extend(shapes(value, reader).into_iter().map(|shape| (name, shape)));
        }
        let library = Self { name: name?, packages, versions, makes };
        for (_, shape) in &library.makes {
            library.check(shape, reader);
        }
        Some(library)
    }

    /// Notes a start of `shape` that the row does not make.
    pub fn check(&self, shape: &Shape, reader: &mut RowReader<'_, '_>) {
        match &shape.head {
            Head::Made(name) if *name != "call" && !self.makes.iter().any(|(made, _)| made == name) => {
                reader.problem_here(format!("nothing of the row makes {{{name}}}"));
            }
            Head::Export { package: None, .. } if self.packages.is_empty() => {
                reader.problem_here("a shape without a package is in a row without packages".to_owned());
            }
            Head::Made(_) | Head::Export { .. } | Head::Global(_) => {}
        }
    }

    /// True if shapes without a package may start in `package`.
    pub fn is_of(&self, package: Symbol) -> bool {
        self.packages.iter().any(|known| matches_package(known, &package))
    }

    /// Packages that the row's shapes can start in, and `global` for names of the environment;
    /// of shapes given, and of what those start from. What is only handed to one of them starts
    /// nothing.
    pub fn starts<'a>(&'a self, shapes: impl IntoIterator<Item = &'a Shape>) -> Vec<Symbol> {
        let mut starts = self.packages.clone();
        let mut wanted: Vec<Symbol> = Vec::new();
        let mut queue: Vec<&Shape> = shapes.into_iter().collect();
        while let Some(shape) = queue.pop() {
            match &shape.head {
                Head::Export { package: Some(package), .. } => starts.push(*package),
                Head::Global(_) => starts.push(Symbol::new("global")),
                Head::Made(name) if !wanted.contains(name) => {
                    wanted.push(*name);
                    queue.extend(self.makes.iter().filter(|(made, _)| made == name).map(|(_, shape)| shape));
                }
                Head::Export { package: None, .. } | Head::Made(_) => {}
            }
        }
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// True if the row is about `version`; a version that nobody states is about every row.
    pub fn covers(&self, version: Option<&Version>) -> bool {
        match (&self.versions, version) {
            (Some(range), Some(version)) => range.matches(version) || lies_before(range, version),
            (None, _) | (_, None) => true,
        }
    }
}

/// A pre-release counts as the release that it leads to.
fn lies_before(range: &VersionReq, version: &Version) -> bool {
    let release = Version::new(version.major, version.minor, version.patch);
    !version.pre.is_empty() && range.matches(&release)
}

/// True for `@aws-sdk/client-sqs` and `@aws-sdk/client-*`.
pub fn matches_package(known: &str, package: &str) -> bool {
    match known.strip_suffix('*') {
        Some(start) => package.starts_with(start),
        None => known == package,
    }
}

/// The version that a requirement asks for at least: 10.2.0 for `^10.2.0`, `~10.2`, `>=10.2 <12`
/// or `10.2.0`. `None` for `*`, `latest`, an address or a workspace's own.
pub fn version_of(requirement: &str) -> Option<Version> {
    let text = requirement.trim();
    // `npm:name@^1.2.0`, `workspace:^1.2.0`
    let text = text.rsplit_once('@').map_or(text, |(_, after)| after);
    let text = text.strip_prefix("workspace:").unwrap_or(text);
    if let Ok(version) = Version::parse(text.trim_start_matches(['v', '='])) {
        return Some(version);
    }
    let first = text.split("||").last()?.trim().split([' ', ',']).next()?;
    let range = VersionReq::parse(first.trim_start_matches('v')).ok()?;
    let Comparator { op, major, minor, patch, .. } = range.comparators.first()?;
    match op {
        Op::Exact | Op::Greater | Op::GreaterEq | Op::Tilde | Op::Caret | Op::Wildcard => {
            Some(Version::new(*major, minor.unwrap_or(0), patch.unwrap_or(0)))
        }
        _ => None,
    }
}

/// A unit of time, or what stands for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `ms`; where nothing is said.
    Millis,
    /// `s`
    Seconds,
    /// `signal`: an object that ends the call some time, whenever.
    Signal,
    /// `deadline`: a point in time, as a date or in ms since 1970.
    Deadline,
    /// `duration`: text such as `5s` or `PT5S`, or a number of ms.
    Duration,
}

/// Where a time may be set: `options.timeout`, `options.deadline as deadline`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knob {
    /// Where.
    pub path: Path,
    /// What its value is.
    pub unit: Unit,
}

/// A condition on a value: `options.responseType is stream`. Words are compared with texts,
/// numbers and booleans; for something of a library with its last name (`Transport.KAFKA`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Whose value.
    pub path: Path,
    /// What it has to be; empty: anything but nothing.
    pub is: Symbol,
}

/// A word of a list that is either a place or a value: `[options.retries, 10]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Where it may be set.
    Path(Path),
    /// What it is where nobody sets it.
    Value(Symbol),
}

/// The texts of one scalar or of a list of them, as written.
pub fn words<'t>(node: Node<'t>) -> Vec<&'t str> {
    if node.is_sequence() { node.items().filter_map(Node::raw).collect() } else { node.raw().into_iter().collect() }
}

/// One shape or a list of them.
pub fn shapes(node: Node<'_>, reader: &mut RowReader<'_, '_>) -> Vec<Shape> {
    words(node)
        .into_iter()
        .filter_map(|text| match Shape::parse(text) {
            Ok(shape) => Some(shape),
            Err(why) => {
                reader.problem(node.span(), format!("{text}: {why}"));
                None
            }
        })
        .collect()
}

/// The knobs of `key`.
pub fn knobs(node: Node<'_>, key: &str, reader: &mut RowReader<'_, '_>) -> Vec<Knob> {
    let Some(value) = node.get(key) else { return Vec::new() };
    words(value)
        .into_iter()
        .filter_map(|text| {
            let (path, unit) = text.split_once(" as ").unwrap_or((text, "ms"));
            let unit = match unit {
                "ms" => Some(Unit::Millis),
                "s" => Some(Unit::Seconds),
                "signal" => Some(Unit::Signal),
                "deadline" => Some(Unit::Deadline),
                "duration" => Some(Unit::Duration),
                _ => None,
            };
            let knob = Path::parse(path).zip(unit).map(|(path, unit)| Knob { path, unit });
            if knob.is_none() {
                reader.problem(value.span(), format!("{text} is not like `options.timeout as s`"));
            }
            knob
        })
        .collect()
}

/// The paths of `key`.
pub fn paths(node: Node<'_>, key: &str, reader: &mut RowReader<'_, '_>) -> Vec<Path> {
    let Some(value) = node.get(key) else { return Vec::new() };
    words(value)
        .into_iter()
        .filter_map(|text| {
            let path = Path::parse(text);
            if path.is_none() {
                reader.problem(value.span(), format!("{text} is not like `options.timeout`"));
            }
            path
        })
        .collect()
}

/// Paths and values of `key`: what starts with a name of `names`, or holds a dot, is a path.
pub fn choices(node: Node<'_>, key: &str, names: &[Symbol]) -> Vec<Word> {
    let Some(value) = node.get(key) else { return Vec::new() };
    words(value)
        .into_iter()
        .map(|text| match Path::parse(text) {
            Some(path) if names.contains(&path.name) && text.parse::<f64>().is_err() => Word::Path(path),
            _ => Word::Value(Symbol::new(text)),
        })
        .collect()
}

/// The conditions of `key`: `options.responseType is stream`, or a path alone.
pub fn conditions(node: Node<'_>, key: &str, reader: &mut RowReader<'_, '_>) -> Vec<Condition> {
    let Some(value) = node.get(key) else { return Vec::new() };
    words(value)
        .into_iter()
        .filter_map(|text| {
            let (path, is) = text.split_once(" is ").unwrap_or((text, ""));
            let condition = Path::parse(path).map(|path| Condition { path, is: Symbol::new(is) });
            if condition.is_none() {
                reader.problem(value.span(), format!("{text} is not like `options.responseType is stream`"));
            }
            condition
        })
        .collect()
}

/// Reads the rows of a table's texts, each by `read`, which gives `None` for one that it has
/// noted a problem of. The second list holds what is wrong with the tables.
pub fn read_rows<T>(
    texts: &[&str],
    keys: &[&str],
    mut read: impl FnMut(Node<'_>, &mut RowReader<'_, '_>) -> Option<T>,
) -> (Vec<T>, Vec<SyntaxProblem>) {
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    let keys: Vec<&str> = KEYS.iter().chain(keys).copied().collect();
    for text in texts {
        problems.extend(each_row(text, &["rows"], &keys, |node, reader| {
            let row = read(node, reader);
            if reader.is_sound() {
                rows.extend(row);
            }
        }));
    }
    (rows, problems)
}

#[cfg(test)]
mod tests {
    use super::{matches_package, version_of};

    #[test]
    fn requirements_give_the_least_version() {
        for (requirement, expected) in [
            ("^10.2.0", Some("10.2.0")),
            ("~1.7", Some("1.7.0")),
            (">=2 <4", Some("2.0.0")),
            ("3", Some("3.0.0")),
            ("v3.1.0", Some("3.1.0")),
            ("2.x", Some("2.0.0")),
            ("npm:axios@^1.2.0", Some("1.2.0")),
            ("workspace:*", None),
            ("^0.27.2 || ^1.0.0", Some("1.0.0")),
            ("latest", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(
                version_of(requirement).map(|version| version.to_string()).as_deref(),
                expected,
                "{requirement}"
            );
        }
    }

    #[test]
    fn packages_may_be_beginnings() {
        assert!(matches_package("@aws-sdk/client-*", "@aws-sdk/client-sqs"));
        assert!(!matches_package("axios", "axios-retry"));
    }
}
