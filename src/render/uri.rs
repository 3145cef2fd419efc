//! Paths as addresses (RFC 3986).

/// A relative path as a relative reference. All that is no unreserved character or `/` is
/// percent-encoded: `#`, `%` and `?` would end the path, a `:` in its first part would make
/// that a scheme.
pub fn relative(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn only_harmless_characters_stay() {
        for (path, expected) in [
            ("services/orders-1/.env", "services/orders-1/.env"),
            ("a b/c#d?e%20.yaml", "a%20b/c%23d%3Fe%2520.yaml"),
            ("c:/x", "c%3A/x"),
            ("größe", "gr%C3%B6%C3%9Fe"),
            ("two\nlines", "two%0Alines"),
        ] {
            assert_eq!(relative(path), expected);
        }
    }
}
