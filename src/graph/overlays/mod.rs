//! What do overlays deploy? Facts of all files in, the same facts with each workload as its
//! overlays deploy it out.
//!
//! A workload that an overlay changes becomes a workload of the overlay's file; each of its
//! parts keeps the place where it stands. What it was made of, and the patches, are then no
//! workloads of their own. Does not know what the files look like.

mod merge;
mod targets;

use rustc_hash::{FxHashMap, FxHashSet};

use super::model::Environment;
use crate::facts::answer::Answer;
use crate::facts::data::{ConfigObject, Settings};
use crate::facts::network::Address;
use crate::facts::overlay::{AddedLabel, Change, Generated, ImageChange, Overlay, Patch, PatchSource, PatchTarget};
use crate::facts::value::{Form, Value};
use crate::facts::workload::Workload;
use crate::facts::{Fact, Facts};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Deepest nesting of overlays that is followed.
const DEPTH_LIMIT: usize = 24;

/// Most workloads that overlays make in one run, for each that the estate has; honest estates
/// have a handful of environments.
const COPIES: usize = 64;

/// A fact by its file and its number in it.
type Place = (usize, usize);

/// A workload on its way through overlays.
struct Item {
    from: Place,
    workload: Workload,
    changed: bool,
    /// True if a patch takes it out.
    gone: bool,
}

/// What an overlay deploys, with that of the overlays below it.
#[derive(Default)]
struct Rendered {
    items: Vec<Item>,
    /// Files whose objects it deploys.
    files: Vec<usize>,
    /// Files of patches that changed something: (file, fact).
    patches: Vec<Place>,
    /// Prefix and suffix of names, all overlays together.
    prefix: String,
    suffix: String,
    namespace: Option<Value>,
    /// Objects with variables, and whether they are as their files state them.
    objects: Vec<(ConfigObject, bool)>,
}

/// Deploys what overlays deploy. `environment` says what a file is for. Facts of files without
/// overlay stay as they are.
pub fn render(facts: &mut [Facts], paths: &[EstatePath], environment: &dyn Fn(EstatePath) -> Environment) {
    let changes = {
        let estate = Estate::new(facts, paths);
        if estate.overlays.is_empty() {
            return;
        }
        estate.changes(environment)
    };
    changes.apply(facts);
}

/// What rendering makes of the facts.
#[derive(Default)]
struct Changes {
    removed: FxHashSet<Place>,
    added: Vec<(usize, Fact)>,
    /// The namespace that objects of a file are deployed to, `None` where overlays differ.
    namespaces: FxHashMap<usize, Option<Value>>,
}

impl Changes {
    fn apply(self, facts: &mut [Facts]) {
        for (number, of_file) in facts.iter_mut().enumerate() {
            if let Some(namespace) = self.namespaces.get(&number) {
                for fact in &mut of_file.facts {
                    deploy_to(fact, namespace.as_ref());
                }
            }
        }
        let files: FxHashSet<usize> = self.removed.iter().map(|(file, _)| *file).collect();
        for file in files {
            let Some(of_file) = facts.get_mut(file) else { continue };
            let mut number = 0;
            of_file.facts.retain(|_| {
                number += 1;
                !self.removed.contains(&(file, number - 1))
            });
        }
        for (file, fact) in self.added {
            if let Some(of_file) = facts.get_mut(file) {
                of_file.facts.push(fact);
            }
        }
    }
}

/// What states a namespace of its own is deployed to the overlay's.
fn deploy_to(fact: &mut Fact, namespace: Option<&Value>) {
    let own = if let Fact::Address(address) = fact {
        &mut address.namespace
    } else if let Fact::Policy(policy) = fact {
        &mut policy.namespace
    } else if let Fact::ConfigObject(object) = fact {
        &mut object.namespace
    } else {
        return;
    };
    if own.is_some() {
        *own = namespace.cloned();
    }
}

/// The facts by what overlays ask for.
struct Estate<'a> {
    facts: &'a [Facts],
    paths: &'a [EstatePath],
    by_path: FxHashMap<EstatePath, usize>,
    /// By folder: file and overlay.
    overlays: FxHashMap<EstatePath, (usize, &'a Overlay)>,
    settings: FxHashMap<EstatePath, &'a Settings>,
    workloads: usize,
}

impl<'a> Estate<'a> {
    fn new(facts: &'a [Facts], paths: &'a [EstatePath]) -> Self {
        let mut estate = Self {
            facts,
            paths,
            by_path: FxHashMap::default(),
            overlays: FxHashMap::default(),
            settings: FxHashMap::default(),
            workloads: 0,
        };
        for (file, (of_file, path)) in facts.iter().zip(paths).enumerate() {
            for fact in &of_file.facts {
                if let Fact::Overlay(overlay) = fact {
                    estate.overlays.entry(path.parent()).or_insert((file, overlay));
                }
            }
        }
        if estate.overlays.is_empty() {
            return estate;
        }
        for (file, (of_file, path)) in facts.iter().zip(paths).enumerate() {
            estate.by_path.insert(*path, file);
            for fact in &of_file.facts {
                if let Fact::Settings(settings) = fact {
                    estate.settings.entry(*path).or_insert(settings);
                }
                estate.workloads += usize::from(matches!(fact, Fact::Workload(_)));
            }
        }
        estate
    }

    fn changes(&self, environment: &dyn Fn(EstatePath) -> Environment) -> Changes {
        let mut changes = Changes::default();
        let mut left = self.workloads.saturating_mul(COPIES);
        // Where a workload is deployed: whether everything that is no rehearsal changes it.
        let mut replaced: FxHashMap<Place, bool> = FxHashMap::default();
        let tops = self.tops();
        self.generated_below(&tops, &mut changes);
        for folder in tops {
            let mut seen = FxHashSet::default();
            let Some(rendered) = self.rendered(folder, &mut seen, 0, &mut left) else { continue };
            let Some((file, _)) = self.overlays.get(&folder) else { continue };
            let Some(path) = self.paths.get(*file) else { continue };
            let deploys = environment(*path) <= Environment::Unknown;
            for item in &rendered.items {
                if deploys {
                    let all = replaced.entry(item.from).or_insert(true);
                    *all &= item.changed;
                }
            }
            self.note(&mut changes, *file, rendered);
        }
        changes.removed.extend(replaced.into_iter().filter(|(_, all)| *all).map(|(place, _)| place));
        changes
    }

    /// What overlays generate that others take in is there for workloads that stay there.
    fn generated_below(&self, tops: &[EstatePath], changes: &mut Changes) {
        let mut below: Vec<_> =
            self.overlays.iter().filter(|(folder, _)| tops.binary_search(folder).is_err()).collect();
        below.sort_by_key(|(folder, _)| **folder);
        for (_, (file, overlay)) in below {
            for generated in overlay.generated.iter().filter(|generated| !generated.merges) {
                let object = made(generated, &self.settings);
                changes.added.push((*file, Fact::ConfigObject(Box::new(object))));
            }
        }
    }

    /// Overlays that no other one takes in, by path.
    fn tops(&self) -> Vec<EstatePath> {
        let mut taken: FxHashSet<EstatePath> = FxHashSet::default();
        for (_, overlay) in self.overlays.values() {
            taken.extend(overlay.takes.iter().chain(&overlay.components).map(|(path, _)| self.folder_of(*path)));
        }
        let tops = self.overlays.iter().filter(|(folder, (_, overlay))| !overlay.optional && !taken.contains(folder));
        let mut tops: Vec<EstatePath> = tops.map(|(folder, _)| *folder).collect();
        tops.sort();
        tops
    }

    /// The folder of the overlay that a path means; the path itself for other files.
    fn folder_of(&self, path: EstatePath) -> EstatePath {
        let parent = path.parent();
        let is_overlay = |file: &usize| self.overlays.get(&parent).is_some_and(|(of_overlay, _)| of_overlay == file);
        if self.by_path.get(&path).is_some_and(is_overlay) { parent } else { path }
    }

    fn rendered(
        &self,
        folder: EstatePath,
        seen: &mut FxHashSet<EstatePath>,
        depth: usize,
        left: &mut usize,
    ) -> Option<Rendered> {
        let (_, overlay) = self.overlays.get(&folder)?;
        if depth > DEPTH_LIMIT || !seen.insert(folder) {
            return None;
        }
        let mut rendered = Rendered::default();
        for (path, _) in &overlay.takes {
            let path = self.folder_of(*path);
            if self.overlays.contains_key(&path) {
                if let Some(below) = self.rendered(path, seen, depth + 1, left) {
                    rendered.add(below);
                }
            } else if let Some(file) = self.by_path.get(&path) {
                self.take_file(*file, &mut rendered, left)?;
            }
        }
        for (path, _) in &overlay.components {
            self.component(*path, seen, depth + 1, left, &mut rendered)?;
        }
        self.transform(overlay, &mut rendered);
        Some(rendered)
    }

    /// Applies a component, and those that it takes in, to what is there.
    fn component(
        &self,
        folder: EstatePath,
        seen: &mut FxHashSet<EstatePath>,
        depth: usize,
        left: &mut usize,
        rendered: &mut Rendered,
    ) -> Option<()> {
        let Some((_, overlay)) = self.overlays.get(&folder) else { return Some(()) };
        if depth > DEPTH_LIMIT || !seen.insert(folder) {
            return Some(());
        }
        for (path, _) in &overlay.takes {
            let path = self.folder_of(*path);
            if self.overlays.contains_key(&path) {
                if let Some(below) = self.rendered(path, seen, depth + 1, left) {
                    rendered.add(below);
                }
            } else if let Some(file) = self.by_path.get(&path) {
                self.take_file(*file, rendered, left)?;
            }
        }
        for (path, _) in &overlay.components {
            self.component(*path, seen, depth + 1, left, rendered)?;
        }
        self.transform(overlay, rendered);
        Some(())
    }

    fn take_file(&self, file: usize, rendered: &mut Rendered, left: &mut usize) -> Option<()> {
        rendered.files.push(file);
        for (number, fact) in self.facts.get(file)?.facts.iter().enumerate() {
            if let Fact::Workload(workload) = fact {
                *left = left.checked_sub(1)?;
                let workload = (**workload).clone();
                rendered.items.push(Item { from: (file, number), workload, changed: false, gone: false });
            } else if let Fact::ConfigObject(object) = fact {
                rendered.objects.push(((**object).clone(), true));
            }
        }
        Some(())
    }

    /// What the overlay itself changes, in the order of Kustomize's own transformers.
    fn transform(&self, overlay: &Overlay, rendered: &mut Rendered) {
        for generated in &overlay.generated {
            rendered.generate(generated, &self.settings);
        }
        for patch in &overlay.patches {
            self.patch(patch, rendered);
        }
        if let Some(namespace) = &overlay.namespace {
            rendered.namespace = Some(namespace.clone());
            for item in &mut rendered.items {
                item.changed |= item.workload.namespace.as_ref().map(|own| &own.form) != Some(&namespace.form);
                item.workload.namespace = Some(namespace.clone());
            }
        }
        rendered.prefix.insert_str(0, &overlay.prefix);
        rendered.suffix.push_str(&overlay.suffix);
        for item in &mut rendered.items {
            item.label(&overlay.labels);
            item.scale(overlay);
            for image in &overlay.images {
                item.image(image);
            }
        }
    }

    fn patch(&self, patch: &Patch, rendered: &mut Rendered) {
        let target = patch.target.as_ref();
        match &patch.source {
            PatchSource::Inline(changes) => {
                for change in changes {
                    let own = target.or(change.target.as_ref());
                    rendered.change(own, |workload| merge::apply(workload, &change.change));
                    if let Change::Keys(object) = &change.change {
                        rendered.set_keys(own, object);
                    }
                }
            }
            PatchSource::File(path) => {
                let Some(file) = self.by_path.get(path) else { return };
                let facts = self.facts.get(*file).map_or(&[][..], |facts| facts.facts.as_slice());
                for (number, fact) in facts.iter().enumerate() {
                    let mut applied = false;
                    if let Fact::Workload(workload) = fact {
                        let own = own_target(workload);
                        let change = Change::Set(workload.clone(), None);
                        applied = rendered.change(target.or(own.as_ref()), |known| merge::apply(known, &change));
                    } else if let Fact::Change(change) = fact {
                        let own = target.or(change.target.as_ref());
                        applied = rendered.change(own, |known| merge::apply(known, &change.change));
                    } else if let Fact::ConfigObject(object) = fact {
                        rendered.set_keys(target, object);
                    }
                    if applied {
                        rendered.patches.push((*file, number));
                    }
                }
            }
        }
    }

    /// Writes down what a top overlay deploys.
    fn note(&self, changes: &mut Changes, file: usize, rendered: Rendered) {
        changes.removed.extend(&rendered.patches);
        let renamed = !rendered.prefix.is_empty() || !rendered.suffix.is_empty();
        for of_file in &rendered.files {
            if let Some(namespace) = &rendered.namespace {
                let known = changes.namespaces.entry(*of_file).or_insert_with(|| Some(namespace.clone()));
                if known.as_ref().map(|known| &known.form) != Some(&namespace.form) {
                    *known = None;
                }
            }
            let facts = self.facts.get(*of_file).map_or(&[][..], |facts| facts.facts.as_slice());
            for fact in facts.iter().filter(|_| renamed) {
                if let Fact::Address(address) = fact
                    && let Some(address) = rendered.renamed(address)
                {
                    changes.added.push((file, Fact::Address(Box::new(address))));
                }
            }
        }
        for item in rendered.items.into_iter().filter(|item| item.changed && !item.gone) {
            changes.added.push((file, Fact::Workload(Box::new(item.workload))));
        }
        for (object, _) in rendered.objects.into_iter().filter(|(_, as_stated)| !as_stated) {
            changes.added.push((file, Fact::ConfigObject(Box::new(object))));
        }
    }
}

/// A patch that names nothing else is applied to what it says itself.
fn own_target(workload: &Workload) -> Option<PatchTarget> {
    Some(PatchTarget { kind: workload.kind, name: workload.name.as_literal()?, labels: Symbol::new("") })
}

impl Rendered {
    fn add(&mut self, below: Rendered) {
        self.items.extend(below.items);
        self.files.extend(below.files);
        self.patches.extend(below.patches);
        self.objects.extend(below.objects);
        self.prefix.push_str(&below.prefix);
        self.suffix.push_str(&below.suffix);
        self.namespace = self.namespace.take().or(below.namespace);
    }

    /// Applies a change to what it is meant for; true if there is anything.
    fn change(&mut self, target: Option<&PatchTarget>, apply: impl Fn(&mut Workload) -> bool) -> bool {
        let Some(target) = target else { return false };
        let mut found = false;
        let meant =
            |workload: &Workload| targets::fits(target, workload.kind, workload.name.as_literal(), &workload.labels);
        for item in self.items.iter_mut().filter(|item| meant(&item.workload)) {
            found = true;
            item.changed = true;
            item.gone |= !apply(&mut item.workload);
        }
        found
    }

    fn set_keys(&mut self, target: Option<&PatchTarget>, patch: &ConfigObject) {
        let name = target.map(|target| target.name).filter(|name| !name.as_str().is_empty());
        let Some(name) = name.or_else(|| patch.name.as_literal()) else { return };
        for (object, as_stated) in &mut self.objects {
            if object.kind == patch.kind && object.name.as_literal() == Some(name) {
                add_entries(object, patch);
                *as_stated = false;
            }
        }
    }

    fn generate(&mut self, generated: &Generated, settings: &FxHashMap<EstatePath, &Settings>) {
        let object = made(generated, settings);
        let name = object.name.as_literal();
        let mut known = self.objects.iter_mut();
        match known.find(|(known, _)| known.kind == object.kind && known.name.as_literal() == name) {
            Some((known, as_stated)) => {
                match generated.merges {
                    true => add_entries(known, &object),
                    false => *known = object,
                }
                *as_stated = false;
            }
            None => self.objects.push((object, false)),
        }
    }

    /// An address under the name that it has when it is deployed.
    fn renamed(&self, address: &Address) -> Option<Address> {
        let name = address.name.as_literal()?;
        let name = Value::literal(&format!("{}{name}{}", self.prefix, self.suffix), address.name.span);
        let namespace = self.namespace.clone().or_else(|| address.namespace.clone());
        Some(Address { name, namespace, ..address.clone() })
    }
}

/// The object that a generator makes of literals and files.
fn made(generated: &Generated, settings: &FxHashMap<EstatePath, &Settings>) -> ConfigObject {
    let mut object = generated.object.clone();
    for file in &generated.files {
        object.entries.extend(settings.get(file).into_iter().flat_map(|settings| settings.entries.iter().cloned()));
    }
    object
}

fn add_entries(object: &mut ConfigObject, added: &ConfigObject) {
    for entry in &added.entries {
        match object.entries.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => *known = entry.clone(),
            None => object.entries.push(entry.clone()),
        }
    }
}

impl Item {
    fn label(&mut self, added: &[AddedLabel]) {
        self.changed |= !added.is_empty();
        merge::add_labels(&mut self.workload.labels, added.iter().map(|added| added.label.clone()));
        let of_pods = added.iter().filter(|added| added.pods).map(|added| added.label.clone());
        merge::add_labels(&mut self.workload.pod_labels, of_pods);
    }

    fn scale(&mut self, overlay: &Overlay) {
        let name = self.workload.name.as_literal();
        if let Some((_, count, span)) = overlay.replicas.iter().rev().find(|(own, _, _)| Some(*own) == name) {
            self.changed = true;
            self.workload.replicas = Answer::present(*count, *span);
        }
    }

    fn image(&mut self, change: &ImageChange) {
        for container in &mut self.workload.containers {
            let Some(value) = &mut container.image else { continue };
            let Some((text, span)) = value.as_literal().and_then(|text| changed_image(&text, change)) else { continue };
            *value = Value { form: Form::Literal(Symbol::new(&text)), span };
            self.changed = true;
        }
    }
}

/// The image's name after the change, and the place that says so; `None` for another image.
fn changed_image(image: &str, change: &ImageChange) -> Option<(String, Span)> {
    let (rest, digest) = match image.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (image, None),
    };
    let folder = rest.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match rest.get(folder..)?.rfind(':') {
        Some(at) => (rest.get(..folder + at)?, rest.get(folder + at + 1..)),
        None => (rest, None),
    };
    if name != change.name.as_str() {
        return None;
    }
    let place = change.digest.or(change.tag).or(change.new_name)?.1;
    let name = change.new_name.map_or(name, |(name, _)| name.as_str());
    let text = match (change.digest, change.tag) {
        (Some((digest, _)), _) => format!("{name}@{digest}"),
        (None, Some((tag, _))) => format!("{name}:{tag}"),
        (None, None) => {
            let tag = tag.map(|tag| format!(":{tag}")).unwrap_or_default();
            format!("{name}{tag}{}", digest.map(|digest| format!("@{digest}")).unwrap_or_default())
        }
    };
    Some((text, place))
}
