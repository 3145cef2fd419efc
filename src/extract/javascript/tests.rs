//! What becomes of source texts, in compact lines.

mod dump;
mod files;
mod limits;
mod modules;
mod values;
