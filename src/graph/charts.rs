//! Which values does a chart's template get? Values of all files in, what is known of a value
//! in one chart out.
//!
//! A chart's own `values.yaml` says how it is installed, unless another file that may be given
//! to it says otherwise: then nobody knows. Does not know how templates ask.

use rustc_hash::{FxHashMap, FxHashSet};

use super::model::Environment;
use crate::facts::chart::{ChartValues, Given};
use crate::facts::{Fact, Facts};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// Deepest nesting of charts within charts.
const DEPTH_LIMIT: usize = 8;

/// The values of the estate's charts.
#[derive(Debug, Default)]
pub struct Charts {
    charts: FxHashMap<EstatePath, Chart>,
    /// What files outside of charts set: they may be given to any chart.
    loose: Overrides,
}

/// The values of one chart.
#[derive(Debug, Default)]
struct Chart {
    own: FxHashMap<Symbol, Given>,
    overrides: Overrides,
}

/// What files set that are given to a chart beside its own values.
type Overrides = FxHashMap<Symbol, Vec<Given>>;

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known {
    /// It is not set, or null.
    Missing,
    /// It is this.
    Given(Given),
    /// It is something, and not empty.
    Full,
}

/// The values that one chart is installed with.
#[derive(Clone, Copy)]
pub struct ValuesOf<'c> {
    charts: &'c Charts,
    chart: &'c Chart,
}

/// True for files of `templates` of a chart, which are read with its values.
pub fn template_folder(path: EstatePath) -> Option<EstatePath> {
    let mut folder = path.parent();
    while folder != EstatePath::root() {
        if folder.name() == "templates" {
            return Some(folder.parent());
        }
        folder = folder.parent();
    }
    None
}

/// Folders of charts: those with a `Chart.yaml`, and those with `values.yaml` beside their
/// templates.
pub fn chart_folders(paths: &[EstatePath]) -> FxHashSet<EstatePath> {
    let mut folders = FxHashSet::default();
    let with_templates: FxHashSet<EstatePath> = paths.iter().copied().filter_map(template_folder).collect();
    for path in paths {
        let folder = path.parent();
        let is_chart = match path.name() {
            "Chart.yaml" | "Chart.yml" => true,
            "values.yaml" | "values.yml" => with_templates.contains(&folder),
            _ => false,
        };
        if is_chart {
            folders.insert(folder);
        }
    }
    folders
}

impl Charts {
    /// Puts values together. `environment` says what a file is for: what only developers and
    /// tests install decides nothing.
    pub fn new<'f>(
        facts: impl Iterator<Item = (EstatePath, &'f Facts)>,
        folders: &FxHashSet<EstatePath>,
        environment: &dyn Fn(EstatePath) -> Environment,
    ) -> Self {
        let mut own: FxHashMap<EstatePath, Vec<&'f ChartValues>> = FxHashMap::default();
        let mut beside: FxHashMap<EstatePath, Vec<&'f ChartValues>> = FxHashMap::default();
        // By their first keys, since a chart's values may stand below its name.
        let mut by_name: FxHashMap<Symbol, Vec<(EstatePath, &'f ChartValues)>> = FxHashMap::default();
        // Charts that take another one in, and the key of its values.
        let mut takers: FxHashMap<EstatePath, Vec<(EstatePath, Symbol)>> = FxHashMap::default();
        let mut charts = Self::default();
        for (path, of_file) in facts {
            for fact in &of_file.facts {
                if let Fact::ChartParts(chart) = fact {
                    for (key, part) in &chart.parts {
                        takers.entry(*part).or_default().push((path.parent(), *key));
                    }
                }
                let Fact::ChartValues(values) = fact else { continue };
                let folder = path.parent();
                let is_own = folders.contains(&folder) && matches!(path.name(), "values.yaml" | "values.yml");
                if !is_own && environment(path) > Environment::Unknown {
                    continue;
                }
                for (key, given) in &values.values {
                    if matches!(given, Given::Mapping(true)) && !key.as_str().contains('.') {
                        by_name.entry(*key).or_default().push((folder, values));
                    }
                }
                match chart_of(folder, folders) {
                    Some(_) if is_own => own.entry(folder).or_default().push(values),
                    Some(chart) => beside.entry(chart).or_default().push(values),
                    None => add(&mut charts.loose, &values.values),
                }
            }
        }
        for folder in folders.iter().filter(|folder| own.contains_key(*folder)) {
            let mut chart = Chart { own: own_values(*folder, &own, 0), ..Chart::default() };
            for values in beside.get(folder).into_iter().flatten() {
                add(&mut chart.overrides, &values.values);
            }
            let name = folder.name();
            let parents = parents_of(*folder);
            for (other, values) in by_name.get(&Symbol::new(name)).into_iter().flatten() {
                // What the chart above it states holds already.
                let holds = other == folder || parents.contains(other) && own.contains_key(other);
                if !holds {
                    add(&mut chart.overrides, &below(values, name));
                }
            }
            for (taker, key) in takers.get(folder).into_iter().flatten() {
                for values in [&own, &beside].into_iter().filter_map(|of| of.get(taker)).flatten() {
                    add(&mut chart.overrides, &below(values, key));
                }
            }
            charts.charts.insert(*folder, chart);
        }
        charts
    }

    /// The values of the chart that a template belongs to; `None` for other files, and where
    /// the chart states none.
    pub fn values_of(&self, template: EstatePath) -> Option<ValuesOf<'_>> {
        let chart = self.charts.get(&template_folder(template)?)?;
        Some(ValuesOf { charts: self, chart })
    }
}

/// The nearest folder of a chart, from `folder` upwards.
fn chart_of(folder: EstatePath, folders: &FxHashSet<EstatePath>) -> Option<EstatePath> {
    let mut at = folder;
    loop {
        if folders.contains(&at) {
            return Some(at);
        }
        if at == EstatePath::root() {
            return None;
        }
        at = at.parent();
    }
}

/// The folder of the chart that this one is a part of: `shop` of `shop/charts/cart`.
fn parent_of(folder: EstatePath) -> Option<EstatePath> {
    let charts = folder.parent();
    (charts.name() == "charts").then(|| charts.parent())
}

fn parents_of(folder: EstatePath) -> Vec<EstatePath> {
    let mut parents = Vec::new();
    let mut at = folder;
    while let Some(parent) = parent_of(at) {
        parents.push(parent);
        at = parent;
    }
    parents
}

/// What the chart states, with what the charts above it state for it.
fn own_values(
    folder: EstatePath,
    own: &FxHashMap<EstatePath, Vec<&ChartValues>>,
    depth: usize,
) -> FxHashMap<Symbol, Given> {
    let mut values = FxHashMap::default();
    for stated in own.get(&folder).into_iter().flatten() {
        values.extend(stated.values.iter().copied());
    }
    let Some(parent) = parent_of(folder).filter(|parent| own.contains_key(parent) && depth < DEPTH_LIMIT) else {
        return values;
    };
    let prefix = format!("{}.", folder.name());
    for (key, given) in own_values(parent, own, depth + 1) {
        let inner = key.as_str().strip_prefix(prefix.as_str());
        let is_global = key.as_str() == "global" || key.as_str().starts_with("global.");
        if let Some(inner) = inner.or_else(|| is_global.then_some(key.as_str())) {
            let known = values.entry(Symbol::new(inner)).or_insert(given);
            *known = merged(*known, given);
        }
    }
    values
}

/// Mappings are merged key by key, everything else is replaced.
fn merged(known: Given, given: Given) -> Given {
    match (known, given) {
        (Given::Mapping(some), Given::Mapping(more)) => Given::Mapping(some || more),
        (_, given) => given,
    }
}

/// The values below `name`.
fn below(values: &ChartValues, name: &str) -> Vec<(Symbol, Given)> {
    let prefix = format!("{name}.");
    let inner = values.values.iter().filter_map(|(key, given)| {
        let inner = key.as_str().strip_prefix(prefix.as_str())?;
        Some((Symbol::new(inner), *given))
    });
    inner.collect()
}

fn add(overrides: &mut Overrides, values: &[(Symbol, Given)]) {
    for (key, given) in values {
        let known = overrides.entry(*key).or_default();
        if !known.contains(given) {
            known.push(*given);
        }
    }
}

impl ValuesOf<'_> {
    /// What is known of the value at `path`: `None` where another file may make it something
    /// else, and where asking fails, since there is no mapping above it.
    pub fn get(&self, path: &str) -> Option<Known> {
        let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
        let mut known = Known::Given(Given::Mapping(true));
        for end in ends {
            let Known::Given(Given::Mapping(_)) = known else { return None };
            let key = Symbol::new(path.get(..end)?);
            let own = self.chart.own.get(&key).copied().unwrap_or(Given::Null);
            known = of(own);
            let others = [&self.chart.overrides, &self.charts.loose];
            for given in others.into_iter().filter_map(|overrides| overrides.get(&key)).flatten() {
                known = together(known, of(merged(own, *given)))?;
            }
        }
        Some(known)
    }
}

fn of(given: Given) -> Known {
    if given == Given::Null { Known::Missing } else { Known::Given(given) }
}

/// What holds for both; `None` where one is empty and the other is not.
fn together(one: Known, other: Known) -> Option<Known> {
    if one == other {
        return Some(one);
    }
    (!is_empty(one) && !is_empty(other)).then_some(Known::Full)
}

fn is_empty(known: Known) -> bool {
    match known {
        Known::Missing => true,
        Known::Full => false,
        Known::Given(given) => match given {
            Given::Null => true,
            Given::Bool(truth) => !truth,
            Given::Number(number) => number == 0.0,
            Given::Text(text) => text.as_str().is_empty(),
            Given::Kept => false,
            Given::Mapping(some) | Given::List(some) => !some,
        },
    }
}
