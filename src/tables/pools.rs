//! The connections that clients share: the part of a row of `tables/clients/` that tells of them.

use super::clients::check_keys;
use super::library::paths;
use super::row::RowReader;
use super::shape::Path;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// The connections that calls go through.
#[derive(Clone, Debug)]
pub struct PoolRow {
    /// Where a pool is handed in: `options.httpAgent`.
    pub at: Vec<Path>,
    /// Where the most connections to one host are said.
    pub limit: Vec<Path>,
    /// What is used where none is handed in, and has no limit: `Node's global agent`.
    pub otherwise: Symbol,
    /// A line that gives a pool of its own with a limit, for people.
    pub help: Symbol,
    /// True where a client that is made has connections of its own: undici's `Pool`.
    pub own_clients: bool,
}

/// Reads `pool`.
pub fn pool_of(node: Node<'_>, reader: &mut RowReader<'_, '_>) -> Option<PoolRow> {
    check_keys(node, &["at", "limit", "otherwise", "help", "own_clients"], reader);
    let text = |key: &str| node.get(key).and_then(Node::text).map(Symbol::new);
    let (Some(otherwise), Some(help)) = (text("otherwise"), text("help")) else {
        reader.problem(node.span(), "a pool says what is used otherwise, and a line that helps".to_owned());
        return None;
    };
    let own_clients = node.get("own_clients").and_then(Node::bool) == Some(true);
    let (at, limit) = (paths(node, "at", reader), paths(node, "limit", reader));
    Some(PoolRow { at, limit, otherwise, help, own_clients })
}
