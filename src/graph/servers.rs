//! Which foreign images that no table lists are servers of a known engine: an estate's own
//! build of a database, made in a repository that is not read.

use super::deployments::ContainerLayers;
use super::names::words;
use crate::source::symbol::Symbol;
use crate::tables::engines::{Engine, EngineKind, engines};
use crate::tables::images::ImageKind;

/// Endings of variables that only the server's own image reads, behind the engine's prefix:
/// `MYSQL_ROOT_PASSWORD`, `MONGO_INITDB_DATABASE` (hub.docker.com, `mysql`, `mongo` and
/// `postgres`, 2026).
const SET_UP: &[&str] =
    &["ROOT_PASSWORD", "ALLOW_EMPTY_PASSWORD", "RANDOM_ROOT_PASSWORD", "INITDB_ROOT_USERNAME", "INITDB_DATABASE"];

/// What the container `main` serves, where `names` (of its image and its workload) end like a
/// database's, and its ports or variables say of which engine.
pub fn server_of(names: &[Symbol], main: &ContainerLayers<'_>) -> Option<(ImageKind, Symbol)> {
    let last_words: Vec<String> = names.iter().filter_map(|name| words(name).pop()).collect();
    let says_database = last_words.iter().any(|word| matches!(word.as_str(), "db" | "database"));
    let says = |engine: &Engine| {
        says_database || last_words.iter().any(|word| engines().by_alias(word).is_some_and(|of| of.name == engine.name))
    };
    let listens = |engine: &&Engine| {
        engine.port != 0 && main.ports().any(|port| port.container_port == Some(engine.port)) && says(engine)
    };
    let env = main.env();
    let is_set_up = |engine: &&Engine| {
        says(engine)
            && env.iter().any(|variable| {
                let rest = engine.prefixes.iter().find_map(|prefix| variable.name.strip_prefix(prefix.as_str()));
                rest.and_then(|rest| rest.strip_prefix('_')).is_some_and(|rest| SET_UP.contains(&rest))
            })
    };
    let engine = engines().iter().find(listens).or_else(|| engines().iter().find(is_set_up))?;
    let kind = match engine.kind {
        EngineKind::Database | EngineKind::Search => ImageKind::Database,
        EngineKind::Cache => ImageKind::Cache,
        EngineKind::Broker => ImageKind::Broker,
    };
    Some((kind, engine.name))
}
