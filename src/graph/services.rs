//! Which code, workloads and declarations are one service, and what is infrastructure.
//!
//! Joins go from the surest evidence to the weakest; each leaves a sentence for
//! `graph --explain`. Ambiguity leaves things apart, and says so.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::unionfind::UnionFind;
use rustc_hash::{FxHashMap, FxHashSet};

use super::code::Code;
use super::deployments::{ContainerLayers, Deployments, InstanceId, ScopeId};
use super::inputs::Inputs;
use super::labels::{Labels, Selector};
use super::model::{Environment, Join};
use super::names::{Affixes, squeezed, words};
use super::programs::{collections, own_program};
use super::servers::server_of;
use super::values::{Evaluator, Scope};
use crate::facts::code::{Base, Recipe};
use crate::facts::workload::{Build, ContainerRole, Lifetime, Platform};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::images::{ImageKind, Images, images};

/// What an instance turned out to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Code of a service, as far as known.
    Service,
    /// Known software: (kind, engine).
    Infrastructure(ImageKind, Symbol),
}

/// An instance's image.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// `shop/orders`, without tag; empty where unknown.
    pub repository: Symbol0,
    /// As evaluated, with tag; empty where unknown.
    pub text: Symbol0,
}

/// A symbol that may be empty.
pub type Symbol0 = Option<Symbol>;

/// Code and instances that are one thing.
#[derive(Debug, Default)]
pub struct Group {
    /// Code folders, sorted.
    pub folders: Vec<EstatePath>,
    /// Instances, sorted.
    pub instances: Vec<InstanceId>,
    /// What it is.
    pub infrastructure: Option<(ImageKind, Symbol)>,
}

/// The outcome of joining.
pub struct Grouping {
    /// Services and infrastructure.
    pub groups: Vec<Group>,
    /// Group of each instance.
    pub group_of_instance: Vec<usize>,
    /// Group of each code folder that is in one.
    pub group_of_folder: BTreeMap<EstatePath, usize>,
    /// Image of each instance's main container.
    pub images: Vec<Image>,
    /// The reasons: (group, text, place).
    pub joins: Vec<(usize, String, Span)>,
    /// What is known of names in this estate.
    pub affixes: Affixes,
    /// What was left apart: (subject, text, place).
    pub apart: Vec<Join>,
}

struct Joiner<'a, 'e> {
    deployments: &'e Deployments<'a>,
    code: &'e Code<'a>,
    folders: Vec<EstatePath>,
    sets: UnionFind<usize>,
    /// The first code folder of each set, at the set's representative.
    code_of_set: Vec<Option<usize>>,
    reasons: Vec<(usize, String, Span)>,
    apart: Vec<Join>,
}

/// The main container of an instance: the first that runs the workload.
pub fn main_container<'a>(containers: &[ContainerLayers<'a>]) -> Option<ContainerLayers<'a>> {
    containers.iter().find(|container| container.top().role == ContainerRole::Main).cloned()
}

/// The build of a container, from the last layer that has one.
pub fn build_of<'a>(container: &ContainerLayers<'a>) -> Option<&'a Build> {
    container.last(|layer| layer.build.as_ref())
}

/// What an image's shipped stage is based on, followed through the stages of its recipe:
/// the foreign image, where known.
pub fn final_base(recipe: &Recipe, target: Option<Symbol>) -> Option<Symbol> {
    let mut at = shipped_stage(recipe, target)?;
    for _ in 0..recipe.stages.len() {
        match &recipe.stages.get(at)?.base {
            Base::Stage(earlier) => at = *earlier,
            Base::Image(image) => return Some(*image),
            Base::Unknown(_) => return None,
        }
    }
    None
}

/// True for a recipe whose image starts nothing by itself: no stage up to its base names a
/// command, and the base starts a shell. Such images are tools for builds, like a compiler
/// of contracts, where no workload says what they run.
pub fn starts_nothing(recipe: &Recipe, images: &Images) -> bool {
    let mut at = shipped_stage(recipe, None);
    for _ in 0..recipe.stages.len() {
        let Some(stage) = at.and_then(|at| recipe.stages.get(at)) else { return false };
        if stage.command.is_some() {
            return false;
        }
        match &stage.base {
            Base::Stage(earlier) => at = Some(*earlier),
            Base::Image(image) => return images.find(image).is_some_and(|row| row.idle),
            Base::Unknown(_) => return false,
        }
    }
    false
}

/// The stage that is shipped: the target's, else the last.
pub fn shipped_stage(recipe: &Recipe, target: Option<Symbol>) -> Option<usize> {
    let by_name = target.and_then(|name| recipe.stages.iter().position(|stage| stage.name == Some(name)));
    by_name.or_else(|| recipe.stages.len().checked_sub(1))
}

/// An image's repository without tag and digest: `registry.example/shop/orders`.
pub fn repository_of(image: &str) -> &str {
    let without_digest = image.split('@').next().unwrap_or(image);
    match without_digest.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => without_digest,
    }
}

/// Joins code and instances. Near-linear in both, apart from name comparisons within
/// candidates of equal key.
pub fn group<'a>(
    inputs: &Inputs<'a>,
    deployments: &Deployments<'a>,
    code: &Code<'a>,
    evaluator: &Evaluator<'a>,
    labels: &Labels,
    images: &Images,
) -> Grouping {
    let folders: Vec<EstatePath> = code.iter().map(|(path, _)| path).collect();
    let index_of: FxHashMap<EstatePath, usize> = folders.iter().enumerate().map(|(at, path)| (*path, at)).collect();
    let base = folders.len();
    let total = base + deployments.instances.len();
    let mut joiner = Joiner {
        deployments,
        code,
        folders: folders.clone(),
        sets: UnionFind::new(total),
        code_of_set: (0..total).map(|node| Some(node).filter(|node| *node < base)).collect(),
        reasons: Vec::new(),
        apart: Vec::new(),
    };
    let mut contents: Vec<Contents<'a>> =
        deployments.instances.iter().map(|instance| Contents::of(instance, evaluator)).collect();
    let several =
        collections(contents.iter().filter_map(|content| Some((content.image.repository?, content.program?))));
    for content in &mut contents {
        content.program = content.program.filter(|_| content.image.repository.is_some_and(|of| several.contains(&of)));
        if let Some(program) = content.program {
            // The image's name is that of a box; the program's tells what is run of it.
            let of_image = content.image.repository.and_then(last_segment);
            content.names.retain(|name| Some(*name) != of_image);
            content.names.push(program);
        }
    }
    let contents = contents;
    let affixes = {
        let of_instances = deployments.instances.iter().filter_map(|instance| instance.name);
        let mut all: BTreeSet<Symbol> = of_instances.collect();
        for (path, folder) in code.iter() {
            all.extend(folder.names(path));
        }
        let all: Vec<Symbol> = all.into_iter().collect();
        Affixes::common_to(all.iter().map(|name| name.as_str()))
    };

    // Builds: an image name leads to a folder.
    let builds = Builds::new(&contents, deployments, code, &affixes);
    let mut built: FxHashMap<Symbol, BTreeSet<EstatePath>> = FxHashMap::default();
    for (id, content) in contents.iter().enumerate() {
        let Some(folder) = content.build.and_then(|build| builds.folder_for(build, id)) else {
            continue;
        };
        if let Some(at) = index_of.get(&folder) {
            let text = format!("{} is built from {}", describe(deployments, id), place(folder));
            joiner.join(
                base + id,
                *at,
                text,
                content.build.map(|build| build.span).unwrap_or(deployments.instances[id].span()),
            );
        }
        if let Some(repository) = content.image.repository {
            built.entry(repository).or_default().insert(folder);
            if let Some(last) = last_segment(repository) {
                built.entry(last).or_default().insert(folder);
            }
        }
    }
    for build in &inputs.image_builds {
        let scope = Scope { path: Some(build.path), ..Scope::default() };
        let image = evaluator.text(&build.fact.image, &scope);
        let as_build = Build {
            context: build.fact.context,
            dockerfile: build.fact.dockerfile,
            computed_dockerfile: None,
            target: None,
            arguments: Vec::new(),
            span: build.fact.span,
        };
        if let (Some(image), Some(folder)) = (image, code.folder_of_build(&as_build)) {
            let repository = Symbol::new(repository_of(&image));
            built.entry(repository).or_default().insert(folder);
            if let Some(last) = last_segment(repository) {
                built.entry(last).or_default().insert(folder);
            }
        }
    }

    // Names of code folders that can be a service.
    let mut by_squeezed: FxHashMap<String, BTreeSet<EstatePath>> = FxHashMap::default();
    let mut by_key: FxHashMap<String, BTreeSet<EstatePath>> = FxHashMap::default();
    for (path, folder) in code.iter() {
        let library = !folder.units.is_empty() && folder.units.iter().all(|unit| unit.fact.library);
        if folder.is_test || path == EstatePath::root() || (library && folder.recipes.is_empty()) {
            continue;
        }
        for name in folder.names(path) {
            by_squeezed.entry(squeezed(&name)).or_default().insert(path);
            by_key.entry(affixes.key(&name)).or_default().insert(path);
        }
    }

    // Foreign software is known by its image before names are compared.
    let mut roles: Vec<Option<Role>> = Vec::with_capacity(contents.len());
    for content in &contents {
        let built_here = content.image.repository.is_some_and(|repository| built.contains_key(&repository));
        let last = content.image.repository.and_then(last_segment);
        let built_elsewhere = built_here || last.is_some_and(|last| built.contains_key(&last));
        // `${REGISTRY}/postgres` has no known text, but the repository behind the registry.
        let image = content.image.text.or(content.image.repository);
        let known = image.filter(|_| content.build.is_none() && !built_here).and_then(|text| images.find(&text));
        roles.push(match known {
            Some(row) if row.kind != ImageKind::Base => Some(Role::Infrastructure(row.kind, row.engine)),
            Some(_) => None,
            // Images are pushed to other registries than the one they are built for.
            None => content.main.as_ref().filter(|_| content.build.is_none() && !built_elsewhere).and_then(|main| {
                server_of(&content.names, main).map(|(kind, engine)| Role::Infrastructure(kind, engine))
            }),
        });
    }
    // A task that runs a server's image uses the client in it: it loads a schema, or makes
    // a copy.
    for (role, instance) in roles.iter_mut().zip(&deployments.instances) {
        if let Some(Role::Infrastructure(kind, _)) = role
            && matches!(kind, ImageKind::Database | ImageKind::Cache | ImageKind::Broker)
            && instance.top().lifetime == Lifetime::Task
        {
            *kind = ImageKind::Tool;
        }
    }
    // Another deployment of the same image says less about it and runs the same.
    let mut of_image: FxHashMap<Symbol, Role> = FxHashMap::default();
    for (content, role) in contents.iter().zip(&roles) {
        if let (Some(repository), Some(role)) = (content.image.repository, role) {
            of_image.entry(repository).or_insert(*role);
        }
    }
    for (content, role) in contents.iter().zip(&mut roles) {
        if content.build.is_none() && role.is_none() {
            *role = content.image.repository.and_then(|repository| of_image.get(&repository)).copied();
        }
    }

    for (id, content) in contents.iter().enumerate() {
        let node = base + id;
        if content.build.is_some() || matches!(roles[id], Some(Role::Infrastructure(..))) {
            continue;
        }
        let span = deployments.instances[id].span();
        let of_image = content.image.repository.filter(|_| content.program.is_none()).and_then(|repository| {
            let found =
                built.get(&repository).or_else(|| last_segment(repository).and_then(|last| built.get(&last)))?;
            (found.len() == 1).then(|| found.iter().next().copied()).flatten().map(|folder| (folder, repository))
        });
        if let Some((folder, repository)) = of_image
            && let Some(at) = index_of.get(&folder)
        {
            let text = format!(
                "{} is the code in {}: the image {repository} is built there",
                describe(deployments, id),
                place(folder)
            );
            joiner.join(node, *at, text, span);
            continue;
        }
        joiner.by_name(id, node, content, &by_squeezed, &by_key, &affixes, &index_of);
    }

    joiner.same_names(&contents, &roles, base, images);
    joiner.behind_one_address(inputs, &contents, labels, evaluator, base);

    // What a folder's recipe ships decides what its instances run.
    let recipe_role = |folder: EstatePath| -> Option<Role> {
        let folder = code.get(folder)?;
        let mut roles = folder.recipes.iter().map(|recipe| {
            let row = final_base(recipe.fact, None).and_then(|image| images.find(&image))?;
            matches!(row.kind, ImageKind::Base | ImageKind::Proxy)
                .then_some(None)
                .unwrap_or(Some(Role::Infrastructure(row.kind, row.engine)))
        });
        let first = roles.next()??;
        // What is put into an image of a load generator are its scripts and extensions.
        let scripts = matches!(first, Role::Infrastructure(ImageKind::LoadGenerator, _));
        ((folder.units.is_empty() || scripts) && roles.all(|role| role == Some(first))).then_some(first)
    };
    finish(joiner, base, contents, roles, &recipe_role, affixes)
}

/// What an instance contains, as far as joining needs it.
struct Contents<'a> {
    main: Option<ContainerLayers<'a>>,
    build: Option<&'a Build>,
    image: Image,
    names: Vec<Symbol>,
    /// The program of the workload's own name that it runs, where the image holds others'.
    program: Option<Symbol>,
}

impl<'a> Contents<'a> {
    fn of(instance: &super::deployments::Instance<'a>, evaluator: &Evaluator<'a>) -> Self {
        let containers = instance.containers();
        let scope = Scope { path: Some(instance.path), ..Scope::default() };
        let main = main_container(&containers);
        let text = main.as_ref().and_then(|container| container.last(|layer| layer.image.as_ref())).and_then(|image| {
            match evaluator.resolve(image, &scope) {
                super::values::Resolved::Text(known) => Some(known.text),
                super::values::Resolved::Hidden { .. } | super::values::Resolved::Unknown(_) => None,
            }
        });
        // `shop/orders:${TAG}` names the repository; `${REGISTRY}/orders` its last part.
        let repository = text
            .as_deref()
            .map(repository_of)
            .map(|repository| repository.trim_start_matches("${?}").trim_matches('/'));
        let repository =
            repository.filter(|repository| !repository.is_empty() && !repository.contains("${?}")).map(Symbol::new);
        let mut names = Vec::new();
        let labels =
            instance.labels(|workload| &workload.pod_labels).chain(instance.labels(|workload| &workload.labels));
        for label in labels {
            if matches!(label.key.as_str(), "app.kubernetes.io/name" | "app" | "io.kompose.service")
                && let Some(text) = evaluator.text(&label.value, &scope)
            {
                names.push(Symbol::new(&text));
            }
        }
        names.extend(instance.name);
        if let Some(last) = repository.and_then(last_segment) {
            names.insert(0, last);
        }
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        let build = main.as_ref().and_then(build_of);
        let program = instance.name.zip(main.as_ref()).filter(|_| build.is_none());
        let program = program.and_then(|(name, main)| own_program(name, main, evaluator));
        Self {
            program,
            main,
            build,
            image: Image {
                repository,
                text: text.filter(|text| !text.starts_with("${?}")).as_deref().map(Symbol::new),
            },
            names,
        }
    }
}

fn last_segment(repository: Symbol) -> Option<Symbol> {
    repository.rsplit('/').next().filter(|last| !last.is_empty()).map(Symbol::new)
}

/// What tells the folders of builds apart.
struct Builds<'a, 'e> {
    deployments: &'e Deployments<'a>,
    code: &'e Code<'a>,
    affixes: &'e Affixes,
    /// Code folders by the keys of their names, sorted.
    by_key: FxHashMap<String, Vec<EstatePath>>,
    /// The names of the instances that are built from a folder.
    names: FxHashMap<EstatePath, FxHashSet<Option<Symbol>>>,
}

impl<'a, 'e> Builds<'a, 'e> {
    fn new(
        contents: &[Contents<'_>],
        deployments: &'e Deployments<'a>,
        code: &'e Code<'a>,
        affixes: &'e Affixes,
    ) -> Self {
        let mut names: FxHashMap<EstatePath, FxHashSet<Option<Symbol>>> = FxHashMap::default();
        for (content, instance) in contents.iter().zip(&deployments.instances) {
            if let Some(folder) = content.build.and_then(|build| code.folder_of_build(build)) {
                names.entry(folder).or_default().insert(instance.name);
            }
        }
        let mut by_key: FxHashMap<String, Vec<EstatePath>> = FxHashMap::default();
        // Only where folders hold others does a name have to choose.
        if names.keys().any(|folder| code.holds_others(*folder)) {
            for (path, folder) in code.iter() {
                let keys: BTreeSet<String> = folder.names(path).iter().map(|name| affixes.key(name)).collect();
                for key in keys {
                    by_key.entry(key).or_default().push(path);
                }
            }
        }
        Self { deployments, code, affixes, by_key, names }
    }

    /// The folder that a build is about. Where several workloads are built from one folder
    /// that holds other code, the workload's name chooses among them.
    fn folder_for(&self, build: &Build, id: InstanceId) -> Option<EstatePath> {
        let (code, affixes) = (self.code, self.affixes);
        let folder = code.folder_of_build(build)?;
        if !code.holds_others(folder) {
            return Some(folder);
        }
        let name = self.deployments.instances[id].name?;
        let mut wanted: Vec<String> = vec![affixes.key(&name)];
        wanted.extend(build.target.map(|target| affixes.key(&target)));
        wanted.extend(
            build.arguments.iter().filter_map(|argument| argument.value.as_literal()).map(|text| affixes.key(&text)),
        );
        for key in wanted {
            let all = self.by_key.get(&key).into_iter().flatten();
            let mut inside = all.filter(|path| **path != folder && path.is_within(folder));
            if let (Some(path), None) = (inside.next(), inside.next()) {
                return Some(*path);
            }
        }
        // Different workloads from one folder of many: which code each runs is not known.
        let shared = self.names.get(&folder).is_some_and(|names| names.iter().any(|other| *other != Some(name)));
        let own_code = code.get(folder).is_some_and(|own| !own.is_workspace);
        (!shared || own_code).then_some(folder)
    }
}

impl<'a> Joiner<'a, '_> {
    fn join(&mut self, a: usize, b: usize, text: String, span: Span) {
        let code = match (self.code_of(a), self.code_of(b)) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.sets.union(a, b);
        let set = self.sets.find(a);
        self.code_of_set[set] = code;
        self.reasons.push((a, text, span));
    }

    #[expect(clippy::too_many_arguments, reason = "the indexes are built once by the caller and borrowed")]
    fn by_name(
        &mut self,
        id: InstanceId,
        node: usize,
        content: &Contents<'_>,
        by_squeezed: &FxHashMap<String, BTreeSet<EstatePath>>,
        by_key: &FxHashMap<String, BTreeSet<EstatePath>>,
        affixes: &Affixes,
        index_of: &FxHashMap<EstatePath, usize>,
    ) {
        let instance = &self.deployments.instances[id];
        for name in &content.names {
            let exact = by_squeezed.get(&squeezed(name));
            let found = exact.or_else(|| by_key.get(&affixes.key(name)));
            let Some(found) = found else { continue };
            let near = super::inputs::nearest(
                instance.path,
                found.iter().map(|path| (path.join("file").unwrap_or(*path), *path)),
            );
            let candidates: Vec<EstatePath> = if found.len() == 1 { found.iter().copied().collect() } else { near };
            match candidates.as_slice() {
                [folder] => {
                    if let Some(at) = index_of.get(folder) {
                        let text = format!(
                            "{} is the code in {}: both are called {name}",
                            describe(self.deployments, id),
                            place(*folder)
                        );
                        self.join(node, *at, text, instance.span());
                    }
                    return;
                }
                several => {
                    let list: Vec<&str> = several.iter().map(|path| path.as_str()).collect();
                    self.apart.push(Join {
                        subject: instance.name.unwrap_or(*name),
                        text: format!(
                            "{} was not joined with code: {} are all called {name}",
                            describe(self.deployments, id),
                            list.join(", ")
                        ),
                        span: instance.span(),
                    });
                    return;
                }
            }
        }
    }

    /// Instances of one name are one workload in several variants, unless their code differs.
    fn same_names(&mut self, contents: &[Contents<'_>], roles: &[Option<Role>], base: usize, images: &Images) {
        let mut by_name: BTreeMap<String, Vec<InstanceId>> = BTreeMap::new();
        let mut by_image: BTreeMap<Symbol, Vec<InstanceId>> = BTreeMap::new();
        for (id, content) in contents.iter().enumerate() {
            if matches!(roles[id], Some(Role::Infrastructure(..))) {
                continue;
            }
            if let Some(name) = self.deployments.instances[id].name {
                by_name.entry(squeezed(&name)).or_default().push(id);
            }
            // Two that run a bare runtime or a shell run scripts of their own.
            let is_base =
                content.image.text.and_then(|text| images.find(&text)).is_some_and(|row| row.kind == ImageKind::Base);
            if let Some(repository) =
                content.image.repository.filter(|_| content.build.is_none() && content.program.is_none() && !is_base)
            {
                by_image.entry(repository).or_default().push(id);
            }
        }
        for ids in by_name.values() {
            let with_code: BTreeSet<usize> = ids.iter().filter_map(|id| self.code_of(base + id)).collect();
            for (at, &id) in ids.iter().enumerate().skip(1) {
                // Without code, what runs another image is another thing of the same name.
                let image = |id: InstanceId| contents[id].image.repository.and_then(last_segment);
                let alike = |first: InstanceId| match (image(first), image(id)) {
                    (Some(one), Some(other)) => one == other,
                    (None, _) | (_, None) => true,
                };
                let earlier = ids.get(..at).unwrap_or_default();
                let first = if with_code.is_empty() { earlier.iter().copied().find(|one| alike(*one)) } else { None };
                let first = first.unwrap_or(ids[0]);
                let lonely = self.code_of(base + id).is_none();
                if !lonely && self.code_of(base + first).is_some() {
                    continue;
                }
                if with_code.len() > 1 {
                    self.apart.push(Join {
                        subject: self.deployments.instances[id].name.unwrap_or(Symbol::new("")),
                        text: format!("{} has the name of several services", describe(self.deployments, id)),
                        span: self.deployments.instances[id].span(),
                    });
                    continue;
                }
                if with_code.is_empty() && !alike(first) {
                    continue;
                }
                let text = format!(
                    "{} and {} have one name",
                    describe(self.deployments, first),
                    describe(self.deployments, id)
                );
                self.join(base + id, base + first, text, self.deployments.instances[id].span());
            }
        }
        for (image, ids) in by_image {
            for pair in ids.windows(2) {
                if self.sets.find(base + pair[0]) != self.sets.find(base + pair[1]) {
                    let text = format!(
                        "{} and {} run the image {image}",
                        describe(self.deployments, pair[0]),
                        describe(self.deployments, pair[1])
                    );
                    self.join(base + pair[1], base + pair[0], text, self.deployments.instances[pair[1]].span());
                }
            }
        }
    }

    /// The first code folder of a node's set, if it has one.
    fn code_of(&self, node: usize) -> Option<usize> {
        self.code_of_set[self.sets.find(node)]
    }

    /// A canary or a second version behind one address is no second service.
    fn behind_one_address(
        &mut self,
        inputs: &Inputs<'a>,
        contents: &[Contents<'_>],
        labels: &Labels,
        evaluator: &Evaluator<'a>,
        base: usize,
    ) {
        let deployments = self.deployments;
        for address in &inputs.addresses {
            let selector = Selector { labels: &address.fact.selector, path: address.path, deployments, evaluator };
            let selected = labels.selected(selector);
            let named = |id: &InstanceId| deployments.instances[*id].name;
            let namesake = address.fact.name.as_literal();
            let anchor = selected.iter().find(|id| namesake.is_some() && named(id) == namesake).or(selected.first());
            let Some(&anchor) = anchor else { continue };
            for &id in &selected {
                let (Some(a), Some(b)) = (named(&anchor), named(&id)) else { continue };
                if a == b || self.code_of(base + id).is_some() {
                    continue;
                }
                let same_scope = deployments.instances[anchor].scope == deployments.instances[id].scope;
                let one_image = same_scope && contents[anchor].image.repository == contents[id].image.repository;
                if is_prefix(&words(&a), &words(&b)) || one_image {
                    let text = format!(
                        "{} and {} stand behind one address",
                        describe(deployments, anchor),
                        describe(deployments, id)
                    );
                    self.join(base + id, base + anchor, text, address.fact.span);
                }
            }
        }
    }
}

fn is_prefix(a: &[String], b: &[String]) -> bool {
    let shorter = a.len().min(b.len());
    shorter > 0 && a[..shorter] == b[..shorter]
}

/// `Deployment orders (deploy/orders.yaml)`
pub fn describe(deployments: &Deployments<'_>, id: InstanceId) -> String {
    let instance = &deployments.instances[id];
    let name = instance.name.map_or("without a known name", Symbol::as_str);
    format!("{} {name} ({})", instance.top().kind, instance.path)
}

fn place(folder: EstatePath) -> String {
    if folder == EstatePath::root() { "the root folder".to_owned() } else { folder.as_str().to_owned() }
}

fn finish<'a>(
    joiner: Joiner<'a, '_>,
    base: usize,
    contents: Vec<Contents<'a>>,
    roles: Vec<Option<Role>>,
    recipe_role: &dyn Fn(EstatePath) -> Option<Role>,
    affixes: Affixes,
) -> Grouping {
    let Joiner { deployments, code, folders, sets, code_of_set: _, reasons, apart } = joiner;
    let mut by_set: BTreeMap<usize, Group> = BTreeMap::new();
    for (at, folder) in folders.iter().enumerate() {
        by_set.entry(sets.find(at)).or_default().folders.push(*folder);
    }
    // Infrastructure of one name is one server where its deployments go together.
    let mut infra: BTreeMap<(Symbol, Symbol, usize), Vec<InstanceId>> = BTreeMap::new();
    for (id, role) in roles.iter().enumerate() {
        if let Some(Role::Infrastructure(_, engine)) = *role {
            let name = deployments.instances[id].name;
            // What has no name is nothing else's variant.
            let key = (name.unwrap_or(Symbol::new("")), engine, name.map_or(id, |_| usize::MAX));
            infra.entry(key).or_default().push(id);
        } else {
            by_set.entry(sets.find(base + id)).or_default().instances.push(id);
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    for mut group in by_set.into_values() {
        let from_recipe = group.folders.iter().find_map(|folder| recipe_role(*folder));
        if let Some(Role::Infrastructure(kind, engine)) = from_recipe {
            group.infrastructure = Some((kind, engine));
        }
        let tries_others = |path: &EstatePath| code.get(*path).is_some_and(|folder| folder.is_load_generator(*path));
        if group.folders.iter().any(tries_others) {
            group.infrastructure = Some((ImageKind::LoadGenerator, Symbol::new("")));
        }
        if from_recipe.is_some() {
            groups.extend(by_workload_name(group, deployments));
        } else if group.infrastructure.is_some()
            || (is_service(&group, code, deployments) && !is_workplace(&group, deployments))
        {
            groups.push(group);
        }
    }
    let mut deployed: FxHashMap<ScopeId, Vec<usize>> = FxHashMap::default();
    for (at, group) in groups.iter().enumerate() {
        let scopes: BTreeSet<ScopeId> = group.instances.iter().map(|id| deployments.instances[*id].scope).collect();
        for scope in scopes {
            deployed.entry(scope).or_default().push(at);
        }
    }
    let mut more_reasons: Vec<(usize, String, Span)> = Vec::new();
    for (_, ids) in infra {
        let mut sets: UnionFind<usize> = UnionFind::new(ids.len());
        // Two of one scope, or of scopes that deploy one group, go together.
        let mut of_scope: FxHashMap<ScopeId, usize> = FxHashMap::default();
        // Compose files of one folder make one project unless they are told otherwise, and a
        // service of one name in two of them is one service (docs.docker.com, `-p`, 2026).
        let mut of_project: FxHashMap<EstatePath, usize> = FxHashMap::default();
        // What watches an estate holds nothing that its services could share.
        let watches = |id: &InstanceId| matches!(roles[*id], Some(Role::Infrastructure(ImageKind::Observability, _)));
        for (at, id) in ids.iter().enumerate() {
            let instance = &deployments.instances[*id];
            if watches(id) && watches(&ids[0]) {
                sets.union(0, at);
            }
            sets.union(*of_scope.entry(instance.scope).or_insert(at), at);
            if instance.platform() == Platform::Compose {
                sets.union(*of_project.entry(instance.path.parent()).or_insert(at), at);
            }
        }
        if of_scope.len() > 1 {
            let mut of_group: FxHashMap<usize, usize> = FxHashMap::default();
            for (scope, at) in &of_scope {
                for group in deployed.get(scope).into_iter().flatten() {
                    sets.union(*of_group.entry(*group).or_insert(*at), *at);
                }
            }
            servers_alone(&ids, deployments, &deployed, &mut sets);
        }
        let mut part_of: FxHashMap<usize, usize> = FxHashMap::default();
        let mut parts: Vec<Vec<InstanceId>> = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let part = *part_of.entry(sets.find(at)).or_insert(parts.len());
            match parts.get_mut(part) {
                Some(known) => known.push(*id),
                None => parts.push(vec![*id]),
            }
        }
        for part in parts {
            let Some(Role::Infrastructure(kind, engine)) = part.first().and_then(|id| roles[*id]) else { continue };
            // A chart whose image is computed was left with the services; its name says what it is.
            let at = groups.len();
            for id in &part {
                let text = format!("{} is {}: its image says so", describe(deployments, *id), kind.word());
                more_reasons.push((at, text, deployments.instances[*id].span()));
            }
            groups.push(Group { folders: Vec::new(), instances: part, infrastructure: Some((kind, engine)) });
        }
    }
    let moved_to = absorb_unnamed_images(&mut groups, deployments, &contents);
    for (at, _, _) in &mut more_reasons {
        *at = moved_to.get(*at).copied().unwrap_or(*at);
    }
    let mut group_of_instance = vec![usize::MAX; deployments.instances.len()];
    let mut group_of_folder = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        for id in &group.instances {
            group_of_instance[*id] = at;
        }
        for folder in &group.folders {
            group_of_folder.insert(*folder, at);
        }
    }
    let mut joins: Vec<(usize, String, Span)> = Vec::new();
    for (node, text, span) in reasons {
        let at = match node.checked_sub(base) {
            Some(id) => group_of_instance.get(id).copied().unwrap_or(usize::MAX),
            None => folders.get(node).and_then(|folder| group_of_folder.get(folder)).copied().unwrap_or(usize::MAX),
        };
        if at != usize::MAX {
            joins.push((at, text, span));
        }
    }
    joins.extend(more_reasons);
    let images = contents.into_iter().map(|content| content.image).collect();
    Grouping { groups, group_of_instance, group_of_folder, images, joins, affixes, apart }
}

/// Joins the servers of a file that deploys no service (`scripts/infrastructure.yaml`) with
/// those of one name that stand beside services nearest above it: whoever starts services by
/// hand starts their servers with the one instead of the other.
fn servers_alone(
    ids: &[InstanceId],
    deployments: &Deployments<'_>,
    deployed: &FxHashMap<ScopeId, Vec<usize>>,
    sets: &mut UnionFind<usize>,
) {
    let has_services = |id: &InstanceId| deployed.contains_key(&deployments.instances[*id].scope);
    let mut beside_services: FxHashMap<EstatePath, usize> = FxHashMap::default();
    for (at, id) in ids.iter().enumerate().filter(|(_, id)| has_services(id)) {
        beside_services.entry(deployments.instances[*id].path.parent()).or_insert(at);
    }
    for (at, id) in ids.iter().enumerate().filter(|(_, id)| !has_services(id)) {
        let mut folder = deployments.instances[*id].path.parent();
        loop {
            if let Some(other) = beside_services.get(&folder) {
                sets.union(at, *other);
                break;
            }
            if folder == EstatePath::root() {
                break;
            }
            folder = folder.parent();
        }
    }
}

/// Servers of different names that run one image built here are different servers, as they
/// are where the image is foreign. The first takes the code.
fn by_workload_name(group: Group, deployments: &Deployments<'_>) -> Vec<Group> {
    let mut by_name: BTreeMap<Option<Symbol>, Vec<InstanceId>> = BTreeMap::new();
    for id in group.instances {
        by_name.entry(deployments.instances[id].name).or_default().push(id);
    }
    let mut groups: Vec<Group> = by_name
        .into_values()
        .map(|instances| Group { folders: Vec::new(), instances, infrastructure: group.infrastructure })
        .collect();
    groups.sort_by_key(|group| group.instances.first().copied());
    match groups.first_mut() {
        Some(first) => first.folders = group.folders,
        None => groups.push(Group { folders: group.folders, instances: Vec::new(), ..group }),
    }
    groups
}

/// An instance whose image nobody can tell and that has the name of infrastructure is a
/// variant of it. Gives the new place of each group.
fn absorb_unnamed_images(
    groups: &mut Vec<Group>,
    deployments: &Deployments<'_>,
    contents: &[Contents<'_>],
) -> Vec<usize> {
    let mut infra_names: FxHashMap<Symbol, Vec<usize>> = FxHashMap::default();
    for (at, group) in groups.iter().enumerate() {
        if group.infrastructure.is_some() {
            for id in &group.instances {
                if let Some(name) = deployments.instances[*id].name {
                    infra_names.entry(name).or_default().push(at);
                }
            }
        }
    }
    let mut moved: Vec<(usize, usize)> = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        let computed = group.infrastructure.is_none()
            && group.folders.is_empty()
            && !group.instances.is_empty()
            && group.instances.iter().all(|id| contents[*id].image.text.is_none() && contents[*id].build.is_none());
        let name = group.instances.first().and_then(|id| deployments.instances[*id].name);
        if computed
            && let Some(targets) = name.and_then(|name| infra_names.get(&name))
            && let Some(first) = targets.first()
            && targets.iter().all(|target| target == first)
        {
            moved.push((at, *first));
        }
    }
    for (from, to) in &moved {
        let instances = std::mem::take(&mut groups[*from].instances);
        groups[*to].instances.extend(instances);
    }
    let target: BTreeMap<usize, usize> = moved.into_iter().collect();
    let mut places: Vec<usize> = Vec::with_capacity(groups.len());
    let mut kept = 0;
    for at in 0..groups.len() {
        places.push(kept);
        kept += usize::from(!target.contains_key(&at));
    }
    // What takes others in stays itself, so its place is already right.
    for (from, to) in &target {
        places[*from] = places[*to];
    }
    let mut at = 0;
    groups.retain(|_| {
        at += 1;
        !target.contains_key(&(at - 1))
    });
    places
}

/// True if a group is a service: something is deployed, and not only to test others, or its
/// code starts a process, is shipped as an image or declared to be one.
fn is_service(group: &Group, code: &Code<'_>, deployments: &Deployments<'_>) -> bool {
    if group.instances.iter().any(|id| deployments.instances[*id].environment != Environment::Test) {
        return true;
    }
    group.folders.iter().any(|path| {
        let Some(folder) = code.get(*path) else { return false };
        if folder.is_test
            || super::environments::environment_of(path.join("file").unwrap_or(*path)) == Environment::Test
        {
            return false;
        }
        let holds = code.holds_others(*path);
        let shipped = !folder.units.is_empty()
            && folder.recipes.iter().any(|recipe| ships(recipe.path) && !starts_nothing(recipe.fact, images()));
        let declared = folder.declared.is_some();
        (declared || shipped || folder.is_built || folder.starts_a_process()) && !(holds && folder.is_workspace)
    })
}

/// True for the container that people work in, which is no part of what runs
/// (containers.dev, `.devcontainer`).
fn is_workplace(group: &Group, deployments: &Deployments<'_>) -> bool {
    let within = |path: EstatePath| path.as_str().split('/').any(|folder| folder == ".devcontainer");
    let mut paths =
        group.instances.iter().map(|id| deployments.instances[*id].path).chain(group.folders.iter().copied());
    (!group.instances.is_empty() || !group.folders.is_empty()) && paths.all(within)
}

/// True for a recipe that ships a service, by its name: not `Dockerfile.dev`, `Dockerfile.test`.
fn ships(path: EstatePath) -> bool {
    // `.gitpod.Dockerfile` and its kin make an editor's workspace.
    !path.name().starts_with('.')
        && !matches!(super::environments::environment_of(path), Environment::Test | Environment::Development)
}
