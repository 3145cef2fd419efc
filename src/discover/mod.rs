//! Which files are there? Walks the folders given and reads single files, safely.
//!
//! Paths to walk go in, a list of files sorted by path comes out; what no artifact kind
//! claims is not in it, and the kinds are handed in as a closure. Beside `commands` the only
//! folder that touches the disk. Knows no file format, no configuration and no rule.

mod ignored;
pub mod read;
pub mod roots;
pub mod walk;
