//! One Compose service: a workload with one container.

use super::environment;
use super::fields;
use super::mounts;
use super::ports;
use super::security::{self, Silence};
use super::traefik;
use crate::extract::interpolation;
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::code::ImageBuild;
use crate::facts::upkeep::{Care, Resources};
use crate::facts::value::Value;
use crate::facts::workload::{Build, Container, ContainerRole, Inherits, Label, Lifetime, Platform, Workload};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// Where a service stands.
#[derive(Clone, Copy)]
pub struct Place {
    /// The folder of the file, which its paths are relative to.
    pub folder: EstatePath,
    /// What kind of file it is.
    pub role: FileRole,
}

/// What a Compose file is among its neighbors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    /// `compose.yaml`, and every file that stands alone.
    Base,
    /// `compose.override.yaml`: taken in by itself where its base is used.
    Override,
    /// `docker-compose.dev.yml`: an alternative, or a change to `docker-compose.yml`; what
    /// its services lack tells.
    Variant,
}

/// Adds what the service says. True if it only changes one described elsewhere.
pub fn read(reading: &mut Reading<'_>, place: Place, key: Node<'_>, service: Node<'_>) -> bool {
    let Some(name) = key.raw() else {
        reading.problem(key.span(), "a service's name is no text", "name the service with a plain word");
        return false;
    };
    if !service.is_mapping() && !fields::is_nothing(service) {
        reading.problem(
            service.span(),
            &format!("service {name} is no mapping"),
            "indent the service's settings below its name, one `key: value` a line",
        );
        return false;
    }
    let silence = Silence { span: key.span(), cut_off: service.is_cut_off() };
    let name_value = Value::literal(name, key.span());
    let build = service.get("build").and_then(|node| build(reading, place.folder, node));
    let image = service.get("image").and_then(|node| fields::value(reading, node, "`image`"));
    if let (Some(image), Some(build)) = (&image, &build)
        && build.computed_dockerfile.is_none()
    {
        reading.add(Fact::ImageBuild(Box::new(ImageBuild {
            image: image.clone(),
            context: build.context,
            dockerfile: build.dockerfile,
            span: image.span,
        })));
    }
    let inherits = service.get("extends").and_then(|node| inherits(reading, place.folder, node));
    let lacks_all = image.is_none() && build.is_none() && inherits.is_none();
    let partial = match place.role {
        FileRole::Base => false,
        FileRole::Override => true,
        FileRole::Variant => lacks_all && !silence.cut_off,
    };
    let labels = labels(reading, service);
    traefik::routes(reading, &name_value, service);
    let mut container = container(reading, service, silence, name_value.clone());
    container.image = image;
    container.build = build;
    let (networks, mut aliases) = networks(reading, service);
    for own_name in ["container_name", "hostname"] {
        let node = service.get(own_name);
        aliases.extend(node.and_then(|node| fields::value(reading, node, &format!("`{own_name}`"))));
    }
    let workload = Workload {
        name: name_value,
        aliases,
        kind: Symbol::new("compose service"),
        platform: Platform::Compose,
        lifetime: lifetime(service),
        namespace: None,
        labels: labels.clone(),
        pod_labels: labels,
        annotations: Vec::new(),
        replicas: replicas(reading, service, silence),
        service_account: silence.answer(),
        security: security::nothing_set(silence),
        operating_system: silence.answer(),
        host_namespaces: host_namespaces(service),
        host_paths: mounts::host_paths(reading, service),
        keeps_data: silence.answer(),
        grace_seconds: silence.answer(),
        rollout: silence.answer(),
        mounts_token: silence.answer(),
        networks,
        depends_on: symbols(reading, service, "depends_on"),
        profiles: symbols(reading, service, "profiles").into_iter().map(|(name, _)| name).collect(),
        inherits,
        env_files: match service.get("env_file") {
            Some(node) => environment::files(reading, place.folder, node),
            None => Vec::new(),
        },
        containers: vec![container],
        ignored_settings: Vec::new(),
        conditional: false,
        partial,
        span: key.span(),
    };
    reading.add(Fact::Workload(Box::new(workload)));
    partial
}

fn container(reading: &mut Reading<'_>, service: Node<'_>, silence: Silence, name: Value) -> Container {
    let mut words = |key: &str| match service.get(key) {
        Some(node) => fields::words(reading, node, &format!("`{key}`")),
        None => Vec::new(),
    };
    let (command, arguments) = (words("entrypoint"), words("command"));
    let env = match service.get("environment") {
        Some(node) => environment::variables(reading, node, "`environment`"),
        None => Vec::new(),
    };
    let mut ports = service.get("ports").map_or_else(Vec::new, |node| ports::published(reading, node));
    ports.extend(service.get("expose").map_or_else(Vec::new, |node| ports::exposed(reading, node)));
    let security = security::security(reading, service, silence);
    Container {
        name,
        role: ContainerRole::Main,
        image: None,
        build: None,
        command,
        arguments,
        env,
        env_from: Vec::new(),
        ports,
        security,
        resources: Resources {
            cpu_request: silence.answer(),
            memory_request: silence.answer(),
            cpu_limit: silence.answer(),
            memory_limit: silence.answer(),
        },
        care: Care { readiness: silence.answer(), liveness: silence.answer(), pre_stop: silence.answer() },
        span: silence.span,
    }
}

fn lifetime(service: Node<'_>) -> Lifetime {
    match service.at(&["deploy", "mode"]).and_then(Node::raw) {
        Some("global") => Lifetime::PerNode,
        Some("replicated-job" | "global-job") => Lifetime::Task,
        Some(_) | None => Lifetime::Replicated,
    }
}

fn replicas(reading: &mut Reading<'_>, service: Node<'_>, silence: Silence) -> Answer<i64> {
    let Some(node) = service.at(&["deploy", "replicas"]).or_else(|| service.get("scale")) else {
        return silence.answer();
    };
    let Some(placed) = fields::text(reading, node, "the number of replicas") else { return silence.answer() };
    match interpolation::with_defaults(placed) {
        Err(name) => Answer::unknown(&format!("the variable {name} decides and has no default")),
        Ok(text) => match text.trim().parse() {
            Ok(replicas) => Answer::present(replicas, placed.span),
            Err(_) => {
                reading.problem(placed.span, "the number of replicas is no whole number", "write a number such as `2`");
                Answer::unknown("the number of replicas is no whole number")
            }
        },
    }
}

/// `build: ./orders`, or a mapping. Paths in it are relative to the file's folder, the
/// Dockerfile's to the context.
fn build(reading: &mut Reading<'_>, folder: EstatePath, node: Node<'_>) -> Option<Build> {
    if fields::is_nothing(node) {
        return None;
    }
    if node.is_sequence() {
        reading.problem(node.span(), "`build` is a list", "write the folder, or a mapping with `context:`");
        return None;
    }
    let context_node = if node.is_mapping() { node.get("context") } else { Some(node) };
    let context = match context_node {
        // The specification's default is the folder of the project.
        None => Some(folder),
        Some(context) => {
            let text = fields::resolved(reading, context, "the build context");
            text.filter(|text| !is_remote(text)).and_then(|text| folder.join(&text))
        }
    };
    let (mut dockerfile, mut computed_dockerfile) = (None, None);
    if let Some(name) = node.get("dockerfile").and_then(|node| fields::text(reading, node, "the Dockerfile of a build"))
    {
        match interpolation::with_defaults(name) {
            Ok(name) => dockerfile = context.and_then(|context| context.join(&name)),
            // `.env` may know.
            Err(_) => computed_dockerfile = Some(fields::literal(name)),
        }
    }
    let target = node.get("target").and_then(|node| fields::resolved(reading, node, "the target of a build"));
    let arguments = match node.get("args") {
        Some(node) => environment::variables(reading, node, "`args`"),
        None => Vec::new(),
    };
    let span = context_node.map_or(node.span(), Node::span);
    Some(Build {
        context,
        dockerfile,
        computed_dockerfile,
        target: target.as_deref().map(Symbol::new),
        arguments,
        span,
    })
}

/// True for contexts that a builder fetches: `https://…`, `git@…`, `github.com/…`.
fn is_remote(context: &str) -> bool {
    context.contains("://") || context.starts_with("git@") || context.starts_with("github.com/")
}

/// `extends: base`, or `extends: {file: common.yml, service: base}`.
fn inherits(reading: &mut Reading<'_>, folder: EstatePath, node: Node<'_>) -> Option<Inherits> {
    if !node.is_mapping() {
        let (name, span) = fields::symbol(reading, node, "`extends`")?;
        return Some(Inherits { file: None, name, span });
    }
    let Some(service) = node.get("service") else {
        reading.problem(node.span(), "this `extends` names no service", "add `service:` with the service to extend");
        return None;
    };
    let (name, span) = fields::symbol(reading, service, "the extended service")?;
    let file = match node.get("file") {
        None => None,
        // Without its file the name would mean a service of this one.
        Some(file) => Some(fields::path(reading, folder, file, "the file of `extends`")?),
    };
    Some(Inherits { file, name, span })
}

fn labels(reading: &mut Reading<'_>, service: Node<'_>) -> Vec<Label> {
    let mut found = Vec::new();
    for node in [service.get("labels"), service.at(&["deploy", "labels"])].into_iter().flatten() {
        found.extend(environment::labels(reading, node));
    }
    found
}

/// Networks by name, and the names that the service has in them. `network_mode` counts as
/// a network of that name, so that such a service is not in the deployment's default one:
/// `service:orders` with the value `orders`, `none`, `host`.
fn networks(reading: &mut Reading<'_>, service: Node<'_>) -> (Vec<Label>, Vec<Value>) {
    let (mut networks, mut aliases) = (Vec::new(), Vec::new());
    if let Some(node) = service.get("network_mode")
        && let Some((mode, span)) = fields::symbol(reading, node, "`network_mode`")
    {
        let name = mode.as_str().split_once(':').map_or(mode.as_str(), |(_, other)| other);
        networks.push(Label { key: mode, value: Value::literal(name, span), span });
    }
    let Some(node) = service.get("networks") else { return (networks, aliases) };
    for (name, settings) in fields::names(reading, node, "`networks`") {
        let (key, span) = (Symbol::new(name.text), name.span);
        networks.push(Label { key, value: Value::literal(name.text, span), span });
        let Some(list) = settings.and_then(|settings| settings.get("aliases")) else { continue };
        for alias in fields::items(reading, list, "`aliases`", false) {
            aliases.extend(fields::value(reading, alias, "an alias"));
        }
    }
    (networks, aliases)
}

fn host_namespaces(service: Node<'_>) -> Vec<(Symbol, Span)> {
    let mut found = Vec::new();
    for (key, namespace) in [("network_mode", "network"), ("pid", "pid"), ("ipc", "ipc")] {
        let Some(node) = service.get(key) else { continue };
        if node.raw() == Some("host") {
            found.push((Symbol::new(namespace), node.span()));
        }
    }
    found
}

fn symbols(reading: &mut Reading<'_>, service: Node<'_>, key: &str) -> Vec<(Symbol, Span)> {
    let Some(node) = service.get(key) else { return Vec::new() };
    let names = fields::names(reading, node, &format!("`{key}`"));
    names.into_iter().map(|(name, _)| (Symbol::new(name.text), name.span)).collect()
}
