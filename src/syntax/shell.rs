//! Shell commands as words with places: enough to see which programs a step starts with which
//! arguments. No expansion: a word that holds a variable keeps it.

use std::ops::Range;

/// Most commands read of one text.
const LIMIT: usize = 2_000;

/// Words that stand in front of a command and change nothing about what it is.
const LEADING: &[&str] =
    &["if", "then", "else", "elif", "do", "while", "until", "!", "time", "sudo", "exec", "command", "nohup", "env"];
/// Words that are no commands.
const KEYWORDS: &[&str] = &["fi", "done", "esac", "case", "for", "in", "function", "{", "}", "(", ")"];

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellWord {
    /// Without quotes.
    pub text: String,
    /// Bytes of the text.
    pub range: Range<usize>,
}

/// One command: `npm ci --omit=dev`, without what is in front of it (`CI=true`, `sudo`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments; never empty.
    pub words: Vec<ShellWord>,
    /// Variables set for it: `CI=true`.
    pub variables: Vec<String>,
}

impl Command {
    /// The program without its folder: `npm` of `/usr/local/bin/npm`.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", |word| word.text.rsplit('/').next().unwrap_or(&word.text))
    }

    /// The words behind the program.
    pub fn arguments(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(1).map(|word| word.text.as_str())
    }

    /// From the first word to the last.
    pub fn range(&self) -> Range<usize> {
        let start = self.words.first().map_or(0, |word| word.range.start);
        start..self.words.last().map_or(start, |word| word.range.end)
    }
}

/// The commands of a text in order. `lines`: a line's end ends a command, as in a script; in an
/// instruction of a Dockerfile it does not.
pub fn commands(text: &str, lines: bool) -> Vec<Command> {
    let mut reader = Reader { text, at: 0, lines, found: Vec::new(), words: Vec::new(), documents: Vec::new() };
    reader.read();
    reader.found
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    lines: bool,
    found: Vec<Command>,
    words: Vec<ShellWord>,
    /// Ends of here-documents that begin with the next line.
    documents: Vec<String>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn read(&mut self) {
        while let Some(sign) = self.rest().chars().next() {
            if self.found.len() >= LIMIT {
                return;
            }
            match sign {
                '\n' => {
                    self.at += 1;
                    if self.lines {
                        self.finish();
                    }
                    self.skip_documents();
                }
                '\\' if self.rest().starts_with("\\\n") => self.at += 2,
                '\\' if self.rest().starts_with("\\\r\n") => self.at += 3,
                '#' => {
                    let end = self.rest().find('\n').unwrap_or(self.rest().len());
                    self.at += end;
                }
                ';' | '|' | '&' | '(' | ')' => {
                    self.at += 1;
                    self.finish();
                }
                '<' | '>' => self.redirection(),
                sign if sign.is_whitespace() => self.at += sign.len_utf8(),
                _ => self.word(),
            }
        }
        self.finish();
    }

    /// Skips `> file`, `2>&1`, and notes `<< END`.
    fn redirection(&mut self) {
        // A number in front of it is no argument.
        if self
            .words
            .last()
            .is_some_and(|word| word.range.end == self.at && word.text.bytes().all(|byte| byte.is_ascii_digit()))
        {
            self.words.pop();
        }
        let is_document = self.rest().starts_with("<<") && !self.rest().starts_with("<<<");
        while self.rest().starts_with(['<', '>', '&', '-']) {
            self.at += 1;
        }
        while self.rest().starts_with([' ', '\t']) {
            self.at += 1;
        }
        let kept = self.words.len();
        if !self.rest().starts_with(['\n', '\r']) && !self.rest().is_empty() {
            self.word();
        }
        let target = self.words.drain(kept..).next();
        if let Some(target) = target.filter(|_| is_document) {
            self.documents.push(target.text);
        }
    }

    fn skip_documents(&mut self) {
        for end in std::mem::take(&mut self.documents) {
            while !self.rest().is_empty() {
                let line_end = self.rest().find('\n').map_or(self.rest().len(), |at| at + 1);
                let is_end = self.rest().get(..line_end).unwrap_or("").trim() == end;
                self.at += line_end;
                if is_end {
                    break;
                }
            }
        }
    }

    /// One word, with what stands in quotes and in `$(…)` or `${…}` whole.
    fn word(&mut self) {
        let start = self.at;
        let mut text = String::new();
        let mut depth = 0_usize;
        while let Some(sign) = self.rest().chars().next() {
            match sign {
                '\'' | '"' if depth == 0 => {
                    self.at += 1;
                    self.quoted(sign, &mut text);
                    continue;
                }
                '\\' if depth == 0 && self.rest().starts_with("\\\n") => break,
                '\\' if depth == 0 => {
                    self.at += 1;
                    if let Some(next) = self.rest().chars().next() {
                        text.push(next);
                        self.at += next.len_utf8();
                    }
                    continue;
                }
                '$' if self.rest().starts_with("$(") || self.rest().starts_with("${") => {
                    text.push('$');
                    self.at += 1;
                    continue;
                }
                '(' | '{' if depth > 0 || text.ends_with('$') => depth += 1,
                ')' | '}' if depth > 0 => depth -= 1,
                '\n' | ';' | '|' | '&' | '(' | ')' | '<' | '>' if depth == 0 => break,
                sign if depth == 0 && sign.is_whitespace() => break,
                _ => {}
            }
            text.push(sign);
            self.at += sign.len_utf8();
        }
        if self.at == start {
            // Nothing that a word can start with.
            self.at += self.rest().chars().next().map_or(1, char::len_utf8);
            return;
        }
        self.words.push(ShellWord { text, range: start..self.at });
    }

    fn quoted(&mut self, quote: char, text: &mut String) {
        while let Some(sign) = self.rest().chars().next() {
            self.at += sign.len_utf8();
            if sign == quote {
                return;
            }
            if sign == '\\' && quote == '"' {
                if let Some(next) = self.rest().chars().next() {
                    self.at += next.len_utf8();
                    text.push(next);
                }
                continue;
            }
            text.push(sign);
        }
    }

    fn finish(&mut self) {
        let mut words = std::mem::take(&mut self.words).into_iter().peekable();
        let mut variables = Vec::new();
        while let Some(word) = words.peek() {
            let is_assignment = word.text.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            });
            if is_assignment {
                variables.extend(words.next().map(|word| word.text));
            } else if LEADING.contains(&word.text.as_str()) {
                words.next();
            } else {
                break;
            }
        }
        let words: Vec<ShellWord> = words.collect();
        if words.first().is_some_and(|word| !KEYWORDS.contains(&word.text.as_str())) {
            self.found.push(Command { words, variables });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::commands;

    fn shown(text: &str, lines: bool) -> Vec<String> {
        commands(text, lines)
            .iter()
            .map(|command| command.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join("|"))
            .collect()
    }

    #[test]
    fn commands_are_told_apart() {
        for (text, lines, expected) in [
            ("npm ci && npm run build", true, vec!["npm|ci", "npm|run|build"]),
            ("apk add x \\\n  && npm install", false, vec!["apk|add|x", "npm|install"]),
            ("a b\nc d", true, vec!["a|b", "c|d"]),
            ("a b\nc d", false, vec!["a|b|c|d"]),
            ("a \\\n# why\nb", false, vec!["a|b"]),
            ("CI=true sudo npm ci 2>&1 > /dev/null | tee log", true, vec!["npm|ci", "tee|log"]),
            ("echo 'a && b' \"c; d\"", true, vec!["echo|a && b|c; d"]),
            ("for S in a b; do cd $S; npm test; done", true, vec!["cd|$S", "npm|test"]),
            ("x $(git rev-parse HEAD) ${A:-b c}", true, vec!["x|$(git rev-parse HEAD)|${A:-b c}"]),
            ("cat <<EOF | sh\nnpm install\nEOF\nls", true, vec!["cat", "sh", "ls"]),
            ("if ! npm test; then exit 1; fi", true, vec!["npm|test", "exit|1"]),
            ("docker build -t ${{ matrix.name }} .", true, vec!["docker|build|-t|${{ matrix.name }}|."]),
            ("", true, vec![]),
            ("&& ; '", true, vec![""]),
        ] {
            assert_eq!(shown(text, lines), expected, "{text}");
        }
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "CI=1 /usr/bin/npm 'install' x";
        let found = commands(text, true);
        let command = found.first().expect("a command");
        assert_eq!((command.program(), &text[command.range()]), ("npm", "/usr/bin/npm 'install' x"));
        assert_eq!(command.variables, ["CI=1"]);
    }
}
