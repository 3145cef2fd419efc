//! Which facts of different files are about the same thing?
//!
//! All facts go in, one [`model::Graph`] comes out: services, infrastructure, databases,
//! calls, routes, each with its evidence and the reasons for every join. Knows no file
//! format and no rule.

mod apart;
mod belonging;
pub mod calls;
pub mod channels;
pub mod charts;
pub mod code;
pub mod code_calls;
pub mod code_databases;
pub mod connections;
pub mod consumers;
pub mod containers;
pub mod cors;
pub mod databases;
mod declared;
pub mod deployments;
pub mod directory;
pub mod endpoints;
pub mod environments;
pub mod flows;
mod forwarded;
mod hosts;
pub mod inputs;
pub mod labels;
mod landings;
pub mod link;
pub mod logging;
mod mentions;
pub mod model;
pub mod names;
pub mod naming;
pub mod operations;
pub mod outgoing;
pub mod overlays;
pub mod owners;
mod ports;
pub mod process;
pub mod program;
mod programs;
mod refusals;
pub mod repeated;
mod repeating;
pub mod routes;
pub mod servers;
pub mod services;
pub mod sources;
pub mod tables;
pub mod transactions;
pub mod values;
pub mod words;
pub mod workloads;

use crate::facts::declaration::Exposure;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::images::ImageRow;

/// What a user's configuration adds to linking.
#[derive(Debug, Default)]
pub struct LinkOptions {
    /// Settings of single services.
    pub services: Vec<ServiceOptions>,
    /// Images that are infrastructure in this estate.
    pub infrastructure: Vec<ImageRow>,
    /// What files are for, where their paths do not say: the first pattern that matches.
    pub environments: Vec<(globset::GlobMatcher, model::Environment)>,
    /// Packages whose clients come with protection.
    pub trusted: Vec<program::protection::TrustedPackage>,
}

/// What the configuration says of one service.
#[derive(Debug)]
pub struct ServiceOptions {
    /// Its name or one of its aliases.
    pub name: Symbol,
    /// Other names it goes by.
    pub aliases: Vec<Symbol>,
    /// Who may reach it.
    pub exposure: Option<(Exposure, Span)>,
    /// Its owners.
    pub owners: Vec<Symbol>,
    /// Its compliance scopes.
    pub scopes: Vec<Symbol>,
}
