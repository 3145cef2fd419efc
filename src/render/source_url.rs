//! Addresses at which the estate's files can be looked at, made of the user's template.

use super::uri;

/// A template such as `https://git.example/shop/-/blob/main/{path}#L{line}`. It leads to an
/// https server that the template names: nothing from a file can change the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceUrl(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Path,
    Line,
}

impl SourceUrl {
    /// Reads a template; what is wrong with it comes in words, without a full stop.
    pub fn new(template: &str) -> Result<Self, String> {
        let rest = template.strip_prefix("https://").ok_or("it does not begin with https://")?;
        // Nothing that HTML or Markdown acts on, and no spaces: addresses have them encoded.
        let allowed = |one: char| one.is_ascii_alphanumeric() || "-._~:/?#[]@!$&*+,;=%{}".contains(one);
        if let Some(other) = rest.chars().find(|one| !allowed(*one)) {
            return Err(format!("{other:?} cannot stand in an address"));
        }
        let server = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if server.is_empty() || server.contains(['{', '}', '@']) {
            return Err("it has to name its server, without a login".to_owned());
        }
        let mut parts = vec![Part::Text("https://".to_owned())];
        let mut left = rest;
        while let Some((before, behind)) = left.split_once('{') {
            let (name, behind) = behind.split_once('}').ok_or("a brace is not closed")?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(match name {
                "path" => Part::Path,
                "line" => Part::Line,
                other => return Err(format!("{{{other}}} is not known; there are {{path}} and {{line}}")),
            });
            left = behind;
        }
        if left.contains('}') {
            return Err("a brace is not opened".to_owned());
        }
        parts.push(Part::Text(left.to_owned()));
        if parts.contains(&Part::Path) { Ok(Self(parts)) } else { Err("it has no {path}".to_owned()) }
    }

    /// The address of a line of a file. `path` counts from the repository's root.
    pub fn address(&self, path: &str, line: u32) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Path => uri::relative(path),
            Part::Line => line.to_string(),
        };
        self.0.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::SourceUrl;

    #[test]
    fn paths_are_encoded_and_stay_paths() {
        let url = SourceUrl::new("https://git.example/shop/blob/main/{path}#L{line}").expect("a template");
        for (path, expected) in [
            ("orders/.env", "https://git.example/shop/blob/main/orders/.env#L3"),
            ("a b/\"><x>#?.yaml", "https://git.example/shop/blob/main/a%20b/%22%3E%3Cx%3E%23%3F.yaml#L3"),
            ("{line}", "https://git.example/shop/blob/main/%7Bline%7D#L3"),
        ] {
            assert_eq!(url.address(path, 3), expected);
        }
    }

    #[test]
    fn only_addresses_on_a_named_https_server_are_taken() {
        for (template, expected) in [
            ("http://git.example/{path}", "it does not begin with https://"),
            ("javascript:alert(1)//{path}", "it does not begin with https://"),
            ("https://{path}", "it has to name its server, without a login"),
            ("https://git.example{path}/x", "it has to name its server, without a login"),
            ("https://git.example@other.example/{path}", "it has to name its server, without a login"),
            ("https:///{path}", "it has to name its server, without a login"),
            ("https://git.example/x", "it has no {path}"),
            ("https://git.example/{path}?{rev}", "{rev} is not known; there are {path} and {line}"),
            ("https://git.example/{path", "a brace is not closed"),
            ("https://git.example/{path}}", "a brace is not opened"),
            ("https://git.example/\"{path}", "'\"' cannot stand in an address"),
            ("https://git.example/ {path}", "' ' cannot stand in an address"),
        ] {
            assert_eq!(SourceUrl::new(template), Err(expected.to_owned()), "{template}");
        }
    }
}
