//! Which bytes, where? Files, spans in bytes, interned names, lines, secrets.
//!
//! The ground floor: everybody may stand on it, it knows nobody. It reads no disk:
//! `discover` hands the bytes in.

pub mod file;
pub mod image_name;
pub mod line_index;
pub mod path;
pub mod redactions;
pub mod secret;
pub mod span;
pub mod symbol;
