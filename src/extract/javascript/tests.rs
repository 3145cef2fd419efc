//! What becomes of source texts, in compact lines.

mod dump;
mod limits;
mod modules;
mod values;
