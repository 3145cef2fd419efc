//! How deep is a text nested? Asked before it is parsed, since the parser and the reader of
//! its tree go down with it on the stack.

/// Deeper texts are not parsed.
const DEPTH_LIMIT: usize = 200;

/// True if the text may be nested deeper than can be read.
pub fn too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_LIMIT {
            return true;
        }
    }
    false
}
