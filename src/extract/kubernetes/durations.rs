//! Durations as Go writes them.

/// `1h2m3s4ms` in ms, rounded down; `0` and `0s` are 0. `None` for what is no duration, such
/// as a number without unit (pkg.go.dev/time, `ParseDuration`). What does not fit is the
/// longest time there is.
pub(super) fn milliseconds(text: &str) -> Option<u64> {
    let text = text.trim();
    if text == "0" {
        return Some(0);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let unit = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(unit)?;
        let unit_ms = match unit {
            "h" => 3_600_000.0,
            "m" => 60_000.0,
            "s" => 1_000.0,
            "ms" => 1.0,
            "us" | "µs" | "μs" => 0.001,
            "ns" => 0.000_001,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * unit_ms;
        rest = tail;
    }
    // A cast from a float stops at the bounds.
    Some((total + 1e-9) as u64)
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, expected) in [
            ("1h2m3s4ms", Some(3_723_004)),
            ("0s", Some(0)),
            ("0", Some(0)),
            ("1.5s", Some(1_500)),
            ("0.1s", Some(100)),
            ("10us", Some(0)),
            ("5", None),
            ("s", None),
            ("", None),
            ("2 s", None),
            ("1d", None),
            ("99999999999999999999h", Some(u64::MAX)),
        ] {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}
