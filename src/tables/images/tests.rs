//! Which row an image name meets, and what the tables may say.

use std::collections::BTreeSet;

use super::{FILES, ImageKind, ImageUser, Weight, images, matches_glob, read_file};
use crate::source::symbol::Symbol;

fn user(image: &str) -> Option<ImageUser> {
    images().find(image).map(|row| row.user)
}

fn engine(image: &str) -> Option<(ImageKind, &'static str)> {
    images().find(image).map(|row| (row.kind, row.engine.as_str()))
}

#[test]
fn every_shipped_row_is_sound() {
    let mut seen = BTreeSet::new();
    for (name, text) in FILES {
        let (rows, problems) = read_file(text);
        let messages: Vec<_> = problems
            .iter()
            .map(|problem| {
                let line = text.get(..problem.span.start as usize).unwrap_or("").lines().count();
                format!("tables/images/{name}:{line}: {}", problem.message)
            })
            .collect();
        assert_eq!(messages, Vec::<String>::new());
        assert!(!rows.is_empty(), "{name}");
        for row in &rows {
            assert_eq!(format!("{}.yaml", row.kind.word()), **name, "a file holds one kind");
            for pattern in &row.patterns {
                let key = (pattern.clone(), row.segment, row.tags.clone());
                assert!(seen.insert(key), "{pattern} stands twice (again in {name})");
            }
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "compares the list with the folder")]
fn every_file_of_the_folder_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tables/images");
    let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    let listed: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(on_disk, listed);
}

#[test]
fn images_are_known_by_repository_whatever_registry_tag_and_digest() {
    let postgres = Some((ImageKind::Database, "postgresql"));
    for (image, expected) in [
        ("postgres", postgres),
        ("postgres:16-alpine", postgres),
        ("library/postgres", postgres),
        ("docker.io/library/postgres:16@sha256:00", postgres),
        ("registry.example:5000/postgres:16", postgres),
        ("mirror.example/docker-hub/library/postgres", postgres),
        ("bitnami/postgresql:16", postgres),
        ("mirror.example/hub/bitnami/postgresql", postgres),
        ("rabbitmq:3-management", Some((ImageKind::Broker, "rabbitmq"))),
        ("quay.io/keycloak/keycloak:26.0", Some((ImageKind::Identity, "keycloak"))),
        ("mcr.microsoft.com/mssql/server:2022-latest", Some((ImageKind::Database, "sqlserver"))),
        ("docker.elastic.co/kibana/kibana:8.15.0", Some((ImageKind::Observability, "kibana"))),
        ("registry.k8s.io/ingress-nginx/controller:v1.11.2", Some((ImageKind::Proxy, "ingress-nginx"))),
        ("gcr.io/distroless/static-debian12", Some((ImageKind::Base, "distroless"))),
        ("bitnami/something-new", Some((ImageKind::Base, "bitnami"))),
    ] {
        assert_eq!(engine(image), expected, "{image}");
    }
}

#[test]
fn an_estates_own_images_are_not_taken_for_others() {
    for image in [
        "acme/redis-proxy",
        "acme/nginx",
        "acme/node",
        "acme/orders:postgres",
        "registry.example/acme/kafka-consumer",
        "postgres-migrations",
        "mypostgres",
        "acme/distroless",
        "library",
        "${IMAGE}",
        "",
    ] {
        assert_eq!(engine(image), None, "{image}");
    }
}

#[test]
fn a_product_in_a_namespace_of_its_own_is_known_by_its_last_segment_but_not_its_user() {
    assert_eq!(engine("acme/postgres:16"), Some((ImageKind::Database, "postgresql")));
    assert_eq!(user("acme/postgres:16"), Some(ImageUser::Unknown));
    assert_eq!(user("postgres:16"), Some(ImageUser::RootThenDrops));
}

#[test]
fn the_user_is_the_one_of_the_tag() {
    let named = |name| Some(ImageUser::Unprivileged(Symbol::new(name)));
    for (image, expected) in [
        ("gcr.io/distroless/static-debian12:nonroot", named("65532")),
        ("gcr.io/distroless/static-debian12:debug-nonroot", named("65532")),
        ("gcr.io/distroless/static-debian12:latest", Some(ImageUser::Root)),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled", named("1654")),
        ("mcr.microsoft.com/dotnet/aspnet:8.0", Some(ImageUser::Root)),
        ("confluentinc/cp-kafka:7.5.0", named("appuser")),
        ("confluentinc/cp-kafka:5.5.1", Some(ImageUser::Root)),
        ("elasticsearch:8.15.0", named("1000")),
        ("elasticsearch:7.17.0", Some(ImageUser::RootThenDrops)),
        ("nginx", Some(ImageUser::Root)),
        ("nginxinc/nginx-unprivileged:1.27", named("101")),
        ("cgr.dev/chainguard/node", named("65532")),
        ("memcached", named("memcache")),
    ] {
        assert_eq!(user(image), expected, "{image}");
    }
}

#[test]
fn the_weight_is_the_one_of_the_tag() {
    let weight = |image: &str, tag| images().find(image).and_then(|row| row.weight(tag));
    assert_eq!(weight("node", None), Some(Weight::Full));
    assert_eq!(weight("node", Some("22-alpine")), Some(Weight::Slim));
    assert_eq!(weight("node", Some("22-bookworm-slim")), Some(Weight::Slim));
    assert_eq!(weight("alpine", None), Some(Weight::Slim));
    assert_eq!(weight("postgres", None), None);
}

#[test]
fn a_users_rows_win() {
    let text = "kind: proxy\nrows:\n- {match: [acme/edge, postgres], engine: edge, user: app, source: https://acme.example/edge, checked: 2026-11}\n";
    let (rows, problems) = read_file(text);
    assert!(problems.is_empty());
    let extended = images().with(rows);
    let found = |image| extended.find(image).map(|row| row.engine.as_str());
    assert_eq!(found("acme/edge:2"), Some("edge"));
    assert_eq!(found("postgres"), Some("edge"));
    assert_eq!(found("redis"), Some("redis"));
    assert_eq!(images().find("acme/edge").map(|row| row.engine), None);
}

#[test]
fn a_row_that_is_wrong_is_named_and_left_out() {
    let row = |rest: &str| format!("kind: proxy\nrows:\n- {{{rest}}}\n");
    let sound = "match: [a], engine: a, user: root, source: https://a.example, checked: 2026-11";
    for (rest, message) in [
        (format!("{sound}, users: b"), "users is no key of a row"),
        (format!("{sound}, kind: databse"), "databse is no kind"),
        (sound.replace("[a]", "[]"), "match lists the repositories"),
        (sound.replace("[a]", "['*']"), "match lists the repositories"),
        (sound.replace("[a]", "a"), "match is not a list"),
        (sound.replace("[a]", "[a/b]") + ", segment: last", "has no slash"),
        (sound.replace("2026-11", "yesterday"), "checked is a month"),
        (sound.replace("https", "http"), "source is an address"),
        (sound.replace(", user: root", ""), "the row has no user"),
    ] {
        let (rows, problems) = read_file(&row(&rest));
        assert!(problems.iter().any(|problem| problem.message.contains(message)), "{rest}: {problems:?}");
        assert!(rows.is_empty(), "{rest}");
    }
    assert_eq!(read_file(&row(sound)).0.len(), 1);
}

#[test]
fn globs_match_as_people_read_them() {
    for (pattern, text, expected) in [
        ("*", "", true),
        ("a", "a", true),
        ("a", "ab", false),
        ("a*", "ab", true),
        ("*b*", "abc", true),
        ("*nonroot*", "debug-nonroot", true),
        ("a*a", "a", false),
        ("7.*", "17.1", false),
        ("a**b", "ab", true),
    ] {
        assert_eq!(matches_glob(pattern, text), expected, "{pattern} {text}");
    }
}
