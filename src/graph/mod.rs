//! Which facts of different files are about the same thing?
//!
//! All facts go in, one [`model::Graph`] comes out: services, infrastructure, databases,
//! calls, routes, each with its evidence and the reasons for every join. Knows no file
//! format and no rule.

pub mod model;
