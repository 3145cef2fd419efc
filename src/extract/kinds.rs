//! The list of artifact kinds: which paths each claims, and its entry.

use super::manifests::{
    cargo_toml, catalog_info, codeowners, composer_json, csproj, entrances, go_mod, gradle, nest_cli, node_workspaces,
    package_entry, package_json, pom_xml, python, requirements, scripted, service_yaml, tsconfig,
};
use super::reading::Reading;
use super::{
    dockerfile, graphql, image_builds, javascript, lockfiles, manifest_file, mentions, nginx, pipelines, prisma, proto,
    runbooks, settings, source_literals, sql,
};
use crate::source::path::EstatePath;

/// A kind of artifact.
pub struct Kind {
    /// For people: `Dockerfile`, `YAML manifest`.
    pub name: &'static str,
    /// True if files of this path are worth reading. A path may be claimed by several
    /// kinds; a path that none claims is not read.
    pub claims: fn(EstatePath) -> bool,
    /// Adds what the file says to the reading.
    pub read: fn(&mut Reading<'_>),
}

/// All kinds, in the order in which they read a file.
pub const KINDS: &[Kind] = &[
    Kind { name: "package.json", claims: package_json::claims, read: package_json::read },
    Kind { name: "package.json, for modules", claims: package_json::claims, read: package_entry::read },
    Kind { name: "tsconfig.json", claims: tsconfig::claims, read: tsconfig::read },
    Kind { name: "Node workspace", claims: node_workspaces::claims, read: node_workspaces::read },
    Kind { name: "Nest monorepo", claims: nest_cli::claims, read: nest_cli::read },
    Kind { name: "Cargo.toml", claims: cargo_toml::claims, read: cargo_toml::read },
    Kind { name: "go.mod", claims: go_mod::claims, read: go_mod::read },
    Kind { name: "CODEOWNERS", claims: codeowners::claims, read: codeowners::read },
    Kind { name: "entry file", claims: entrances::claims, read: entrances::read },
    Kind { name: "pom.xml", claims: pom_xml::claims, read: pom_xml::read },
    Kind { name: "Gradle build", claims: gradle::claims, read: gradle::read },
    Kind { name: ".NET project", claims: csproj::claims, read: csproj::read },
    Kind { name: "composer.json", claims: composer_json::claims, read: composer_json::read },
    Kind { name: "catalog-info.yaml", claims: catalog_info::claims, read: catalog_info::read },
    Kind { name: "service.yaml", claims: service_yaml::claims, read: service_yaml::read },
    Kind { name: "Python project", claims: python::claims, read: python::read },
    Kind { name: "Gemfile or mix.exs", claims: scripted::claims, read: scripted::read },
    Kind { name: "requirements.txt", claims: requirements::claims, read: requirements::read },
    Kind { name: "lock file", claims: lockfiles::claims, read: lockfiles::read },
    Kind { name: "protocol buffers", claims: proto::claims, read: proto::read },
    Kind { name: "GraphQL schema", claims: graphql::claims, read: graphql::read },
    Kind { name: "Dockerfile", claims: dockerfile::claims, read: dockerfile::read },
    Kind { name: "nginx configuration", claims: nginx::claims, read: nginx::read },
    Kind { name: "Tiltfile", claims: image_builds::claims_tilt, read: image_builds::read_tilt },
    Kind { name: "pipeline", claims: pipelines::claims, read: pipelines::read },
    Kind { name: "YAML or JSON manifest", claims: manifest_file::claims, read: manifest_file::read },
    Kind { name: "configuration file", claims: settings::claims, read: settings::read },
    Kind { name: "runbook", claims: runbooks::claims, read: runbooks::read },
    Kind { name: "Prisma schema", claims: prisma::claims, read: prisma::read },
    Kind { name: "SQL script", claims: sql::claims, read: sql::read },
    Kind { name: "JavaScript or TypeScript", claims: javascript::claims, read: javascript::read },
    Kind { name: "source code", claims: source_literals::claims, read: source_literals::read },
    Kind { name: "source code, for variables", claims: mentions::claims, read: mentions::read },
];
