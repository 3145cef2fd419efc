//! Containers of a pod: image, command, ports, environment and their own security.

use crate::extract::secrets::is_secret_key;
use crate::facts::answer::Answer;
use crate::facts::value::{Form, Value};
use crate::facts::workload::{Container, ContainerRole, Port, Published};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::environment;
use super::manifest::{Manifest, Section, definition_text_span, text_span};
use super::parts::References;
use super::security;
use super::upkeep;

/// Adds the containers of a pod's spec, and the settings that Kubernetes ignores in them.
pub(super) fn read_all(
    manifest: &mut Manifest<'_, '_>,
    pod: Node<'_>,
    section: Section<'_>,
    containers: &mut Vec<Container>,
    ignored: &mut Vec<(Symbol, Span)>,
) {
    let lists = [
        ("initContainers", ContainerRole::Init),
        ("containers", ContainerRole::Main),
        ("ephemeralContainers", ContainerRole::Ephemeral),
    ];
    for (key, role) in lists {
        for node in manifest.mappings(pod, key) {
            ignored.extend(security::ignored_in_container(node));
            let container = read(manifest, node, role, section.anchor);
            containers.push(container);
        }
        let Some((name, value)) = pod.entry(key) else { continue };
        let open = if value.raw().is_some() { name.span() } else { value.span() };
        if let Some(expression) = manifest.template.fillers(open).first().copied() {
            let reason = super::template::computed(&expression);
            manifest.reading.unclear(name.span(), &format!("{key} of a workload"), &reason.0);
        }
    }
}

fn read(manifest: &mut Manifest<'_, '_>, node: Node<'_>, role: ContainerRole, workload: Span) -> Container {
    let name = manifest.value_at(node, "name");
    let span = match node.entry("name") {
        Some((key, value)) => key.span().cover(value.span()),
        None => node.own_entries().next().map_or(workload, |(key, _)| key.span()),
    };
    let role = match manifest.text_at(node, "restartPolicy") {
        Some("Always") if role == ContainerRole::Init => ContainerRole::Sidecar,
        Some(_) | None => role,
    };
    let container = Section::of(node, span);
    let context = manifest.section(container, "securityContext");
    let environment = environment::read(manifest, node, span);
    Container {
        name: name.unwrap_or_else(|| Value::unknown("the manifest gives it no name", span)),
        role,
        image: manifest.value_at(node, "image"),
        build: None,
        command: words(manifest, node, "command"),
        arguments: words(manifest, node, "args"),
        env: environment.variables,
        env_from: environment.objects,
        ports: ports(manifest, node),
        security: security::read(manifest, context, security::Level::Container),
        resources: upkeep::resources(manifest, container),
        care: upkeep::care(manifest, container),
        span,
    }
}

/// The words of a command line, with the values of secret options taken out.
fn words(manifest: &mut Manifest<'_, '_>, container: Node<'_>, key: &str) -> Vec<Value> {
    let mut words = Vec::new();
    // `--password`, `hunter2`: the word before names what a word is.
    let mut option = "";
    for item in manifest.items(container, key) {
        let text = manifest.text(item).unwrap_or_default();
        let flag = text.trim_start_matches('-');
        let assigned = text.split_once('=').filter(|(name, _)| text.starts_with('-') && is_secret_key(name));
        words.push(match assigned {
            Some((name, secret)) => assignment(manifest, name, secret, definition_text_span(item)),
            None => {
                let key = if is_secret_key(option) { option } else { "" };
                manifest.configured(key, item, References::Expanded)
            }
        });
        option = if flag.len() < text.len() && !flag.contains(['=', ' ']) { flag } else { "" };
    }
    words
}

/// `--password=hunter2`
fn assignment(manifest: &mut Manifest<'_, '_>, name: &str, secret: &str, span: Span) -> Value {
    let exact = manifest.reading.text_of(span).ends_with(secret) && span.end - span.start > secret.len() as u32;
    let secret_span = if exact { Span::new(span.file, span.end - secret.len() as u32, span.end) } else { span };
    let before = Span::new(span.file, span.start, secret_span.start);
    let parts = manifest.literal_parts(secret, secret_span, References::Expanded);
    let value = manifest.configured_parts(name.trim_start_matches('-'), &parts, secret_span);
    Value { form: Form::Concat(vec![Value::literal(&format!("{name}="), before), value]), span }
}

fn ports(manifest: &mut Manifest<'_, '_>, container: Node<'_>) -> Vec<Port> {
    let mut ports = Vec::new();
    for node in manifest.mappings(container, "ports") {
        let number = node.get("containerPort");
        let published = node.get("hostPort").filter(|port| !port.is_null()).map(|port| Published {
            host_port: manifest.port(port).filter(|&port| port != 0),
            host_address: Answer::absent(text_span(port)),
        });
        let published = published.filter(|published| published.host_port != Some(0)).map(|mut published| {
            let at = published.host_address.evidence().first().copied();
            if let Some(anchor) = at {
                published.host_address = manifest.word(Section::of(node, anchor), "hostIP");
            }
            published
        });
        ports.push(Port {
            name: manifest.symbol_at(node, "name"),
            container_port: number.and_then(|number| manifest.port(number)),
            published,
            span: number.map_or(super::manifest::place(node), text_span),
        });
    }
    ports
}
