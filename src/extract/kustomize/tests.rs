//! What overlays say, and places in patches inside of them.

use crate::extract::extract;
use crate::facts::Fact;
use crate::facts::overlay::{Change, Overlay, PatchSource};
use crate::source::file::{FileId, SourceFile};
use crate::source::path::EstatePath;
use crate::source::span::Span;

fn overlay(text: &str) -> Option<Overlay> {
    let path = EstatePath::new("shop/overlays/eu/kustomization.yaml");
    let facts = extract(SourceFile { id: FileId(0), path, text });
    facts.facts.into_iter().find_map(|fact| if let Fact::Overlay(overlay) = fact { Some(*overlay) } else { None })
}

fn at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// Changes of inline patches, with the texts that their places show.
fn changes(text: &str) -> Vec<String> {
    let patches = overlay(text).map(|overlay| overlay.patches).unwrap_or_default();
    let inline = patches.into_iter().flat_map(|patch| match patch.source {
        PatchSource::Inline(changes) => changes,
        PatchSource::File(path) => panic!("{path} is no inline patch"),
    });
    let told = inline.map(|one| match one.change {
        Change::Set(workload, place) => {
            let images = workload.containers.iter().filter_map(|one| Some(at(text, one.image.as_ref()?.span)));
            let users = workload.containers.iter().map(|one| &one.security.user).filter(|user| user.is_present());
            let users = users.flat_map(|user| user.evidence());
            let places: Vec<&str> = images.chain(users.map(|span| at(text, *span))).collect();
            format!("set {place:?} {}", places.join(" "))
        }
        Change::Keys(object) => format!("keys {}", object.entries.len()),
        Change::Variable(place, number, value) => format!("variable {place:?} {number} {}", at(text, value.span)),
        Change::Clear(place, part, span) => format!("clear {place:?} {part:?} {}", at(text, span)),
    });
    told.collect()
}

#[test]
fn patches_inside_of_an_overlay_keep_their_places() {
    let strategic = "apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: a}\n      spec:\n        \
        template:\n          spec:\n            containers:\n              - name: a\n                image: x/a:1\n";
    let cases: [(String, &[&str]); 7] = [
        (format!("patches:\n  - patch: |-\n      {strategic}"), &["set None x/a:1"]),
        (format!("patchesStrategicMerge:\n  - |-\n      {strategic}"), &["set None x/a:1"]),
        (
            "patches:\n  - target: {kind: Deployment}\n    patch: |\n      - op: replace\n        \
             path: /spec/template/spec/containers/1/image\n        value: x/b:2\n      - op: remove\n        \
             path: /spec/template/spec/initContainers/0/securityContext/runAsUser\n"
                .to_owned(),
            &[
                "set Some(Main(1)) x/b:2",
                "clear Some(Init(0)) User /spec/template/spec/initContainers/0/securityContext/runAsUser",
            ],
        ),
        (
            "patches:\n  - target: {kind: Deployment}\n    patch: '[{\"op\": \"add\", \"path\": \
             \"/spec/template/spec/containers/0/env/2/value\", \"value\": \"http://b\"}]'\n"
                .to_owned(),
            &["variable Main(0) 2 http://b"],
        ),
        (
            "patches:\n  - target: {kind: CronJob}\n    patch: |\n      [{op: add, path: \
             /spec/jobTemplate/spec/template/spec/containers/0/securityContext, value: {runAsUser: 7}}]\n"
                .to_owned(),
            &["set Some(Main(0)) 7"],
        ),
        (
            "patches:\n  - target: {kind: ConfigMap}\n    patch: |\n      [{op: add, path: /data/A, value: b}]\n"
                .to_owned(),
            &["keys 1"],
        ),
        ("patches:\n  - target: {kind: Deployment}\n    patch: \"- op: \\x61dd\"\n".to_owned(), &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(changes(&text), expected, "{text}");
    }
}

#[test]
fn files_of_other_tools_under_its_name_are_no_overlays() {
    assert!(overlay("resources: [a.yaml]").is_some());
    assert!(overlay("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n").is_some());
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {path: ./eu}\n";
    assert!(overlay(flux).is_none());
}

#[test]
fn what_an_overlay_takes_in_is_relative_to_it() {
    let text = "resources: [../../base, orders.yaml, https://git.example/shop?ref=v1, ../../../../x]\n";
    let takes = overlay(text).map(|overlay| overlay.takes).unwrap_or_default();
    let paths: Vec<&str> = takes.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["shop/base", "shop/overlays/eu/orders.yaml"]);
}
