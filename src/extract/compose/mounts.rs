//! Folders and sockets of the host that a Compose service sees
//! (docs.docker.com/reference/compose-file/services/#volumes).

use super::fields;
use crate::extract::interpolation::{self, Placed};
use crate::extract::reading::Reading;
use crate::facts::upkeep::HostPath;
use crate::facts::value::Value;
use crate::source::span::Span;
use crate::syntax::tree::Node;

/// Bind mounts with an absolute path on the host. Named volumes, and folders of the estate
/// itself, show nothing of the host.
pub fn host_paths(reading: &mut Reading<'_>, service: Node<'_>) -> Vec<HostPath> {
    let Some(node) = service.get("volumes") else { return Vec::new() };
    let mut found = Vec::new();
    for item in fields::items(reading, node, "`volumes`", false) {
        if item.is_mapping() {
            let bind = item.get("type").and_then(Node::raw).is_none_or(|kind| kind == "bind");
            let read_only = item.get("read_only").and_then(Node::raw) == Some("true");
            let Some(source) = item.get("source").filter(|_| bind) else { continue };
            let Some(placed) = fields::text(reading, source, "the source of a volume") else { continue };
            found.extend(text_of(placed).and_then(|text| host_path(&text, read_only, placed.span)));
        } else if let Some(placed) = fields::text(reading, item, "an item of `volumes`") {
            let Some(text) = text_of(placed) else { continue };
            let mut parts = text.split(':');
            let (Some(source), Some(_)) = (parts.next(), parts.next()) else { continue };
            let read_only = parts.next().is_some_and(|options| options.split(',').any(|option| option == "ro"));
            found.extend(host_path(source, read_only, placed.span));
        }
    }
    found
}

/// With the defaults of variables; a variable without default hides the path.
fn text_of(placed: Placed<'_>) -> Option<String> {
    interpolation::with_defaults(placed).ok()
}

fn host_path(source: &str, read_only: bool, span: Span) -> Option<HostPath> {
    source.starts_with('/').then(|| HostPath { path: Value::literal(source, span), read_only, span })
}
