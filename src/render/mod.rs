//! How is it written down? One file for each format.
//!
//! A judged estate goes in, text comes out. Renderers lay out and write no prose about
//! findings: messages and repairs are made by `judge`. They know no rule by name, print
//! nothing, and see source lines only through [`sources::Sources::excerpt`], which masks
//! secrets. Text from files passes [`escape`] or the escaping of its format.

pub mod azure;
pub mod beside;
pub mod checkstyle;
pub mod collapse;
pub mod doors;
pub mod dot;
pub mod escape;
pub mod explain_join;
pub mod gcc;
pub mod github;
pub mod github_summary;
pub mod gitlab;
pub mod graph_json;
pub mod graphml;
pub mod html;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod layout;
pub mod line_hash;
pub mod markdown;
pub mod mermaid;
pub mod outcome;
pub mod picture;
pub mod rdjson;
pub mod region;
pub mod report_json;
pub mod routes;
pub mod rules_text;
pub mod sarif;
pub mod source_url;
pub mod sources;
pub mod steps;
pub mod structurizr;
pub mod suppressions;
pub mod svg;
pub mod teamcity;
pub mod text;
pub mod themes;
pub mod trend;
pub mod twins;
pub mod uri;
pub mod vscode;
pub mod xml;
