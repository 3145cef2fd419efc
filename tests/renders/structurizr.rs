//! What Structurizr's language takes, as far as archlint writes it: docs.structurizr.com/dsl
//! (language reference and basics, read in 2026-12).

use std::collections::{BTreeMap, BTreeSet};

/// How much of a workspace was read.
#[derive(Debug, Default)]
pub struct Workspace {
    pub elements: usize,
    pub relationships: usize,
}

/// Reads a workspace, or says on which line what is wrong.
pub fn workspace(text: &str) -> Result<Workspace, String> {
    let mut reader = Reader::default();
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        // A backslash at the end continues a line, and names in `${…}` are replaced first.
        if line.ends_with('\\') || line.contains("${") {
            return Err(format!("line {number} is continued or replaced"));
        }
        let tokens = tokens(line).ok_or_else(|| format!("line {number}: a quote is not closed"))?;
        reader.line(&tokens).map_err(|problem| format!("line {number}: {problem}"))?;
    }
    if reader.inside.is_empty() { Ok(reader.read) } else { Err(format!("{:?} is not closed", reader.inside)) }
}

/// Words, and texts between double quotes, in which `\"` is a quote.
fn tokens(line: &str) -> Option<Vec<String>> {
    let mut tokens = Vec::new();
    let mut characters = line.chars().peekable();
    while let Some(first) = characters.next() {
        if first.is_whitespace() {
            continue;
        }
        let mut token = String::new();
        if first == '"' {
            loop {
                match characters.next()? {
                    '"' => break,
                    '\\' if characters.peek() == Some(&'"') => token.extend(characters.next()),
                    other => token.push(other),
                }
            }
        } else {
            token.push(first);
            while let Some(next) = characters.next_if(|next| !next.is_whitespace()) {
                token.push(next);
            }
        }
        tokens.push(token);
    }
    Some(tokens)
}

#[derive(Default)]
struct Reader {
    inside: Vec<&'static str>,
    /// Elements that may be at the end of a relationship.
    identifiers: BTreeSet<String>,
    /// Names are told apart within their parent, whatever their case.
    names: BTreeSet<(usize, String)>,
    relationships: BTreeMap<(String, String), BTreeSet<String>>,
    views: usize,
    read: Workspace,
}

const SHAPES: &[&str] = &[
    "box",
    "roundedbox",
    "circle",
    "ellipse",
    "hexagon",
    "diamond",
    "person",
    "robot",
    "folder",
    "cylinder",
    "bucket",
    "pipe",
    "webbrowser",
    "window",
    "terminal",
    "shell",
    "mobiledeviceportrait",
    "mobiledevicelandscape",
    "component",
];

impl Reader {
    fn line(&mut self, tokens: &[String]) -> Result<(), String> {
        let words: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let parent = self.inside.last().copied().unwrap_or("");
        match (parent, words.as_slice()) {
            (_, []) => {}
            ("", ["workspace", name, "{"]) if !name.is_empty() => self.inside.push("workspace"),
            ("workspace", ["model", "{"]) => self.inside.push("model"),
            ("workspace", ["views", "{"]) => self.inside.push("views"),
            ("model", [id, "=", "person", name]) => self.element(id, name)?,
            ("model", [id, "=", "softwareSystem", name, "{"]) => {
                // Not one of the picture's boxes.
                self.element(id, name)?;
                self.read.elements -= 1;
                self.inside.push("softwareSystem");
            }
            ("softwareSystem", [id, "=", "container", name, _, _, tags]) if !tags.is_empty() => {
                self.element(id, name)?
            }
            ("model", [from, "->", to, words @ ..]) if (1..=3).contains(&words.len()) => {
                for end in [from, to] {
                    if !self.identifiers.contains(*end) {
                        return Err(format!("{end} is no element"));
                    }
                }
                if from == to {
                    return Err("an element of its own".to_owned());
                }
                let between = self.relationships.entry(((*from).to_owned(), (*to).to_owned())).or_default();
                if !between.insert(words[0].to_owned()) {
                    return Err("the relationship is there already".to_owned());
                }
                self.read.relationships += 1;
            }
            ("views", ["container", system, key, "{"]) => {
                if !self.identifiers.contains(*system) {
                    return Err(format!("{system} is no element"));
                }
                if key.is_empty() || !key.chars().all(|one| one.is_ascii_alphanumeric() || "-_".contains(one)) {
                    return Err(format!("{key} is no key of a view"));
                }
                self.views += 1;
                self.inside.push("view");
            }
            ("view", ["include", "*"]) | ("view", ["autoLayout", "lr"]) => {}
            ("views", ["styles", "{"]) => self.inside.push("styles"),
            ("styles", ["element" | "relationship", tag, "{"]) if !tag.is_empty() => self.inside.push("style"),
            ("style", ["shape", shape]) if SHAPES.contains(&shape.to_lowercase().as_str()) => {}
            ("style", ["style", "solid" | "dashed" | "dotted"]) => {}
            (_, ["}"]) => {
                self.inside.pop().ok_or("nothing is open")?;
            }
            (parent, words) => return Err(format!("{words:?} cannot stand in {parent:?}")),
        }
        Ok(())
    }

    fn element(&mut self, id: &str, name: &str) -> Result<(), String> {
        let word = |one: char| one.is_ascii_alphanumeric() || one == '_';
        if id.is_empty() || !id.chars().all(word) {
            return Err(format!("{id} is no identifier"));
        }
        if name.trim().is_empty() {
            return Err("an element without a name".to_owned());
        }
        if !self.identifiers.insert(id.to_owned()) {
            return Err(format!("{id} is there already"));
        }
        if !self.names.insert((self.inside.len(), name.to_lowercase())) {
            return Err(format!("{name} is there already"));
        }
        self.read.elements += 1;
        Ok(())
    }
}

#[test]
fn the_reader_refuses_what_the_language_refuses() {
    let whole = |model: &str| format!("workspace \"W\" {{\n  model {{\n{model}\n  }}\n}}\n");
    assert!(workspace(&whole("a = person \"A\"\nb = person \"B \\\" C\"\na -> b \"calls\"")).is_ok());
    for wrong in [
        "a = person \"A",
        "a = person \"\"",
        "a-b = person \"A\"",
        "a = person \"A\"\nb = person \"a\"",
        "a = person \"A\"\na -> b \"calls\"",
        "a = person \"A\"\nb = person \"B\"\na -> b \"calls\"\na -> b \"calls\"",
        "a = person \"${A}\"",
        "a = person \"A\" \\",
        "a = persona \"A\"",
        "a = person \"A\" {",
    ] {
        assert!(workspace(&whole(wrong)).is_err(), "{wrong}");
    }
}
