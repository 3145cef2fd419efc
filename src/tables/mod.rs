//! What is known about libraries and images, whatever the estate?
//!
//! YAML files of the folder `tables/` go in, look-ups come out. Each row names its source
//! and the month in which somebody last compared the two. A row that cannot be read is left
//! out and becomes a problem with its place; for the rows that archlint ships, tests hold
//! that there is none. Knows no estate, no file of one, and no rule.

pub mod adding;
pub mod brokers;
pub mod bundlers;
pub mod certificates;
pub mod clients;
pub mod configuration;
pub mod connection_keys;
pub mod containers;
pub mod contracts;
pub mod correlation;
pub mod cors;
pub mod dispatch;
pub mod drivers;
pub mod engines;
pub mod frameworks;
pub mod generated;
pub mod identifiers;
pub mod images;
pub mod installs;
pub mod interfaces;
pub mod library;
pub mod logging;
pub mod messaging;
pub mod migrations;
pub mod observability;
pub mod operation_steps;
pub mod operations;
pub mod outboxes;
pub mod pools;
pub mod popular;
pub mod pushes;
pub mod queues;
pub mod removing;
pub mod resilience;
pub mod row;
pub mod servers;
pub mod shape;
pub mod shutdown;
pub mod signs;
pub mod steps;
pub mod stores;
pub mod transactions;
pub mod workflows;
pub mod wrappers;
