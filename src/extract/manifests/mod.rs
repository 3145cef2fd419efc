//! Manifests of code units and declarations about services: one file for each kind.
//!
//! A manifest goes in; a unit with its dependencies, a workspace, or what people declared
//! comes out. Which role a dependency plays is asked of `tables`. Knows no second file:
//! which members a workspace pattern finds, and which folder an entry file belongs to, is
//! `graph`'s business.

pub mod cargo_toml;
pub mod catalog_info;
pub mod codeowners;
pub mod composer_json;
pub mod credentials;
pub mod csproj;
pub mod dependencies;
pub mod entrances;
pub mod go_mod;
pub mod gradle;
pub mod nest_cli;
pub mod node_workspaces;
pub mod package_entry;
pub mod package_json;
pub mod pom_xml;
pub mod python;
pub mod requirements;
pub mod scripted;
pub mod service_yaml;
#[cfg(test)]
mod sketch;
pub mod tsconfig;
