//! Which instances carry which labels, so that a selector need not be held against all.

use rustc_hash::FxHashMap;

use super::deployments::{Deployments, InstanceId};
use super::inputs::Near;
use super::values::{Evaluator, Scope};
use crate::facts::workload::Label;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// Instances by the labels of their pods.
pub struct Labels {
    everywhere: FxHashMap<(Symbol, Symbol), Near<InstanceId>>,
}

impl Labels {
    /// Evaluates the labels of all instances.
    pub fn new<'a>(deployments: &Deployments<'a>, evaluator: &Evaluator<'a>) -> Self {
        let mut everywhere: FxHashMap<(Symbol, Symbol), Vec<(EstatePath, InstanceId)>> = FxHashMap::default();
        for (id, instance) in deployments.instances.iter().enumerate() {
            let scope = Scope { path: Some(instance.path), ..Scope::default() };
            for label in instance.labels(|workload| &workload.pod_labels) {
                let Some(text) = evaluator.text(&label.value, &scope) else { continue };
                let text = Symbol::new(&text);
                everywhere.entry((label.key, text)).or_default().push((instance.path, id));
            }
        }
        // Layers of one workload repeat their labels.
        let everywhere = everywhere.into_iter().map(|(label, mut all)| {
            all.dedup();
            (label, Near::new(all))
        });
        Self { everywhere: everywhere.collect() }
    }

    /// The instances that `selector` picks, in their order.
    pub fn selected(&self, selector: Selector<'_, '_>) -> Vec<InstanceId> {
        let lists = selector
            .texts()
            .and_then(|wanted| wanted.iter().map(|label| self.everywhere.get(label)).collect::<Option<Vec<_>>>());
        // The rarest label leaves the fewest to look at.
        let fewest = lists.and_then(|lists| lists.into_iter().min_by_key(|list| list.len()));
        let mut picked: Vec<InstanceId> =
            fewest.map_or(Vec::new(), |list| list.iter().filter(|id| selector.picks(*id)).collect());
        picked.sort_unstable();
        picked
    }

    /// Of the instances that `selector` picks, those nearest to its file.
    pub fn nearest(&self, selector: Selector<'_, '_>) -> Vec<InstanceId> {
        let lists = selector
            .texts()
            .and_then(|wanted| wanted.iter().map(|label| self.everywhere.get(label)).collect::<Option<Vec<_>>>());
        let fewest = lists.and_then(|lists| lists.into_iter().min_by_key(|list| list.len()));
        fewest.map_or(Vec::new(), |list| list.nearest(selector.path, |id| selector.picks(id)).collect())
    }
}

/// A selector, and what telling whom it picks needs.
#[derive(Clone, Copy)]
pub struct Selector<'a, 'e> {
    /// The labels wanted; without any nothing is picked.
    pub labels: &'a [Label],
    /// The file that states it.
    pub path: EstatePath,
    /// The workloads that [`Labels`] were made of.
    pub deployments: &'e Deployments<'a>,
    /// Values.
    pub evaluator: &'e Evaluator<'a>,
}

impl Selector<'_, '_> {
    /// The labels wanted; `None` where one is not known, so that nothing is picked.
    fn texts(&self) -> Option<Vec<(Symbol, Symbol)>> {
        let scope = Scope { path: Some(self.path), ..Scope::default() };
        let texts = self.labels.iter().map(|wanted| {
            let text = self.evaluator.text(&wanted.value, &scope)?;
            Some((wanted.key, Symbol::new(&text)))
        });
        texts.collect()
    }

    fn picks(&self, id: InstanceId) -> bool {
        let Some(instance) = self.deployments.instances.get(id) else { return false };
        let of_address = Scope { path: Some(self.path), ..Scope::default() };
        let of_instance = Scope { path: Some(instance.path), ..Scope::default() };
        self.labels.iter().all(|wanted| {
            instance.labels(|workload| &workload.pod_labels).any(|label| {
                label.key == wanted.key && {
                    let text = self.evaluator.text(&wanted.value, &of_address);
                    text.is_some() && text == self.evaluator.text(&label.value, &of_instance)
                }
            })
        })
    }
}
