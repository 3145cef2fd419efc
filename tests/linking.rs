//! Linking as a whole, on estates written here and on generated ones.

#[expect(dead_code, reason = "the generator writes to the disk for benchmarks only")]
#[path = "../benches/estate/mod.rs"]
mod estate;

use archlint::extract::extract;
use archlint::facts::Facts;
use archlint::graph::LinkOptions;
use archlint::graph::link::link;
use archlint::graph::model::Graph;
use archlint::source::file::{FileId, SourceFile};
use archlint::source::path::EstatePath;

/// The graph of files given as (path, text), sorted by path.
fn linked(files: &[(String, String)]) -> Graph {
    let paths: Vec<EstatePath> = files.iter().map(|(path, _)| EstatePath::new(path)).collect();
    let facts: Vec<Facts> = files
        .iter()
        .zip(&paths)
        .enumerate()
        .map(|(number, ((_, text), path))| extract(SourceFile { id: FileId(number as u32), path: *path, text }))
        .collect();
    link(&facts, &paths, &LinkOptions::default())
}

#[test]
fn a_workload_without_a_known_image_is_a_variant_of_the_server_of_its_name() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cache\nspec:\n  template:\n    spec:\n      \
                      containers:\n        - name: cache\n";
    let compose = "services:\n  cache:\n    image: redis:7\n  store:\n    image: postgres:16\n";
    let files =
        [("compose.yaml", compose), ("deploy/cache.yaml", deployment)].map(|(path, text)| (path.into(), text.into()));
    let graph = linked(&files);
    let names: Vec<&str> = graph.infrastructure.iter().map(|infra| infra.name.as_str()).collect();
    assert_eq!(names, ["cache", "store"]);
    assert!(graph.services.is_empty(), "{:?}", graph.services);
    // Each explanation stays with what it explains.
    for join in &graph.joins {
        assert!(join.text.contains(join.subject.as_str()), "{}: {}", join.subject, join.text);
    }
}

#[test]
fn a_generated_estate_has_the_services_and_databases_that_it_was_planned_with() {
    let planned = estate::plan(60, 11);
    let graph = linked(&estate::files(60, 11));
    let names: Vec<&str> = graph.services.iter().map(|service| service.name.as_str()).collect();
    let mut expected: Vec<&str> = planned.iter().map(|service| service.name.as_str()).collect();
    expected.sort();
    assert_eq!(names, expected);
    let calls: usize = planned.iter().map(|service| service.calls.len()).sum();
    // A broken file takes its own calls along, and the other file of the same calls mostly not.
    assert!(graph.calls.len() + 4 >= calls, "{} of {calls} calls", graph.calls.len());
    assert!(graph.dangling.is_empty(), "{:?}", graph.dangling);
}
