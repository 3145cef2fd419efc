//! Which files are Compose files, and which file another one changes, by their names.

use super::service::FileRole;
use crate::source::path::EstatePath;
use crate::syntax::tree::Node;

/// Keys at the top of other formats that have `services` too: pipelines of Drone and
/// Woodpecker, GitHub Actions, GitLab CI.
const FOREIGN_KEYS: &[&str] = &["apiVersion", "pipeline", "steps", "jobs", "stages", "kind"];

/// Keys that only a service has; a file without `services` whose entries have one of them
/// is of the first version of the format.
const SERVICE_KEYS: &[&str] = &["image", "build", "extends"];

/// Keys of services in files that others extend: a base has often no image of its own, and
/// its file any name (docs.docker.com/reference/compose-file/services, 2026-11).
const BASE_KEYS: &[&str] = &[
    "cap_add",
    "cap_drop",
    "deploy",
    "depends_on",
    "env_file",
    "environment",
    "extends",
    "healthcheck",
    "init",
    "logging",
    "networks",
    "privileged",
    "read_only",
    "restart",
    "security_opt",
    "user",
    "volumes",
];

/// True if the document is a Compose file.
pub fn is_compose(path: EstatePath, document: Node<'_>) -> bool {
    if !document.is_mapping() || FOREIGN_KEYS.iter().any(|key| document.get(key).is_some()) {
        return false;
    }
    if file_name(path).is_some() {
        return document.get("services").is_some() || document.get("include").is_some() || is_first_version(document);
    }
    let Some(services) = document.get("services") else { return false };
    let entries = services.entries();
    let only_base_keys = |service: Node<'_>| {
        let keys = service.entries();
        !keys.is_empty() && keys.iter().all(|(key, _)| key.raw().is_some_and(|key| BASE_KEYS.contains(&key)))
    };
    let runs = |service: Node<'_>| {
        service.get("build").is_some() || service.get("image").is_some_and(|image| image.text().is_some())
    };
    entries.iter().all(|(_, service)| service.is_mapping())
        && (entries.iter().any(|(_, service)| runs(*service))
            || (!entries.is_empty() && entries.iter().all(|(_, service)| only_base_keys(*service))))
}

/// True for files whose services stand at the top, without `services`.
pub fn is_first_version(document: Node<'_>) -> bool {
    let entries = document.entries();
    document.get("services").is_none()
        && !entries.is_empty()
        && entries.iter().all(|(_, service)| SERVICE_KEYS.iter().any(|key| service.get(key).is_some()))
}

/// The parts of a Compose file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileName {
    /// `docker-compose`, `compose`, `stack`; for `orders.compose.yml` all before `.yml`.
    base: &'static str,
    /// `dev` of `docker-compose.dev.yml` and of `docker-compose-dev.yml`; empty: none.
    variant: &'static str,
    /// `yml`
    extension: &'static str,
}

fn file_name(path: EstatePath) -> Option<FileName> {
    let name = path.name();
    let (stem, extension) = name.rsplit_once('.')?;
    if extension != "yml" && extension != "yaml" {
        return None;
    }
    for base in ["docker-compose", "podman-compose", "compose", "stack", "docker-stack"] {
        let Some(rest) = stem.strip_prefix(base) else { continue };
        if rest.is_empty() || rest.starts_with(['.', '-', '_']) {
            return Some(FileName { base, variant: rest.trim_start_matches(['.', '-', '_']), extension });
        }
    }
    let suffixed = [".compose", ".docker-compose", "-compose", "_compose"].iter().any(|end| stem.ends_with(end));
    suffixed.then_some(FileName { base: stem, variant: "", extension })
}

/// What the file is among its neighbors, by its name.
pub fn role_of(path: EstatePath) -> FileRole {
    match file_name(path) {
        Some(FileName { variant: "override", .. }) => FileRole::Override,
        Some(FileName { variant: "", .. }) | None => FileRole::Base,
        Some(_) => FileRole::Variant,
    }
}

/// The file that this one changes, by convention: `docker-compose.yml` beside it for
/// `docker-compose.dev.yml`. Whether it exists is not known here.
pub fn base_of(path: EstatePath) -> Option<EstatePath> {
    let name = file_name(path)?;
    path.parent().join(&format!("{}.{}", name.base, name.extension))
}

#[cfg(test)]
mod tests {
    use super::{base_of, role_of};
    use crate::extract::compose::service::FileRole;
    use crate::source::path::EstatePath;

    #[test]
    fn names_tell_base_override_and_variant() {
        for (name, role, base) in [
            ("compose.yaml", FileRole::Base, Some("d/compose.yaml")),
            ("compose.override.yaml", FileRole::Override, Some("d/compose.yaml")),
            ("docker-compose.override.yml", FileRole::Override, Some("d/docker-compose.yml")),
            ("docker-compose.dev.yml", FileRole::Variant, Some("d/docker-compose.yml")),
            ("docker-compose-load.yaml", FileRole::Variant, Some("d/docker-compose.yaml")),
            ("orders.compose.yml", FileRole::Base, Some("d/orders.compose.yml")),
            ("composer.yml", FileRole::Base, None),
            ("compose.json", FileRole::Base, None),
        ] {
            let path = EstatePath::new(&format!("d/{name}"));
            assert_eq!(role_of(path), role, "{name}");
            assert_eq!(base_of(path).map(EstatePath::as_str), base, "{name}");
        }
    }
}
