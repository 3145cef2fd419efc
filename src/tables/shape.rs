//! The language in which tables say what the use of a library looks like:
//! `#default.create(options)`, `new kafkajs#Kafka(options).producer(settings)`,
//! `{client}.get|delete(url, options)`. Text in the tables, typed steps once read.

use crate::source::symbol::Symbol;

/// How a use of a library looks, from the library's export to the call.
///
/// - `package#export` names an export of a package; without a package, of the packages of the
///   row. `default` stands for a module that is its own value too (`require('axios')`).
///   Several exports: `#get|post`; all that end alike: `#*Client`. The package `generated` is
///   code that generators make of contracts, `generated/axios` what of it sends with axios.
/// - `global#fetch` is a name that the language's environment gives.
/// - `of #HttpService` is an object of the class: injected, constructed, or of a subclass.
/// - `{client}` is what another shape of the row makes.
/// - `.name`, `.get|post`, `.*` are members; the one that was found is bound to `member`.
///   `.**` is one member or more, one after the other.
/// - `(a, b, ...rest)` is a call and names its arguments; `_` is an argument that does not
///   matter. `a:object` matches only if the argument is known to be one; see [`Kind`].
///   `a:{name}` matches only what another shape of the row makes. What is
///   left out at the end may be given, and what is given beyond may be more.
/// - `new X(…)` constructs, and so does ` new(…)` after steps.
/// - `[]` is an element; `[handler:1]` is the second parameter of the callback `handler`.
/// - `...` at the end is whatever is done to it further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Where it starts.
    pub head: Head,
    /// What follows, in order.
    pub steps: Vec<ShapeStep>,
}

/// Where a shape starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// An export.
    Export {
        /// The package; `None`: those of the row.
        package: Option<Symbol>,
        /// The exports that it may be.
        names: Vec<Symbol>,
        /// True for `of`: not the class, an object of it.
        instance: bool,
    },
    /// A name of the environment.
    Global(Symbol),
    /// What shapes of the row with this name make.
    Made(Symbol),
}

/// One step of a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShapeStep {
    /// `.get`, `.get|post`
    Member(Vec<Symbol>),
    /// `.*`
    AnyMember,
    /// `.**`
    Members,
    /// `(…)`
    Call(Vec<Parameter>),
    /// ` new(…)`
    New(Vec<Parameter>),
    /// `[]`
    Element,
    /// `[handler:1]`
    Handed {
        /// The argument of the call before.
        argument: Symbol,
        /// Which parameter of it.
        parameter: u8,
    },
    /// `...`
    Whatever,
}

/// An argument that a shape names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; `_` for one that does not matter.
    pub name: Symbol,
    /// What it has to be.
    pub kind: Option<Kind>,
    /// True for `...name`: it and all that follow.
    pub rest: bool,
}

/// What an argument has to be for its shape to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `object`: an object literal, or something known to be one.
    Object,
    /// `text`: text, a variable, a URL object; anything that is not known to be an object, a
    /// list or a function.
    Text,
    /// `function`: a function of the estate.
    Function,
    /// `present`: something, whatever.
    Present,
    /// `environment`: `process.env`.
    Environment,
    /// `{name}`: what shapes of the row with this name make.
    Made(Symbol),
}

const KINDS: [(&str, Kind); 5] = [
    ("object", Kind::Object),
    ("text", Kind::Text),
    ("function", Kind::Function),
    ("present", Kind::Present),
    ("environment", Kind::Environment),
];

/// The way from a name of a shape to what a row speaks of: `options.timeout.request`. A `/` stands
/// for a point that is part of a key: `options.grpc/service_config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The name in the shape.
    pub name: Symbol,
    /// Keys, outermost first.
    pub keys: Vec<Symbol>,
}

impl Path {
    /// Reads `options.timeout.request`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| is_name(part).then(|| Symbol::new(&part.replace('/', "."))));
        let name = parts.next()??;
        let keys = parts.collect::<Option<Vec<_>>>()?;
        Some(Self { name, keys })
    }
}

/// True if an export is the one that a shape names, or one of those: `*Client`.
pub fn names_export(pattern: &str, export: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(ending) => export.len() > ending.len() && export.ends_with(ending),
        None => pattern == export,
    }
}

impl Shape {
    /// Reads a shape; the error says what was expected where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text.trim() };
        let constructs = reader.word("new ");
        let instance = !constructs && reader.word("of ");
        let head = reader.head(instance)?;
        let mut steps = Vec::new();
        while !reader.rest.is_empty() {
            steps.push(reader.step()?);
        }
        if steps.iter().rev().skip(1).any(|step| *step == ShapeStep::Whatever) {
            return Err("`...` stands at the end of a shape only".to_owned());
        }
        if constructs {
            let call = steps.iter_mut().find(|step| matches!(step, ShapeStep::Call(_)));
            let Some(ShapeStep::Call(parameters)) = call else {
                return Err("`new` is followed by a call".to_owned());
            };
            let parameters = std::mem::take(parameters);
            if let Some(call) = steps.iter_mut().find(|step| matches!(step, ShapeStep::Call(_))) {
                *call = ShapeStep::New(parameters);
            }
        }
        if steps.is_empty() && matches!(head, Head::Made(_)) {
            return Err("a shape does more than what makes its start".to_owned());
        }
        Ok(Self { head, steps })
    }

    /// The names that it gives to arguments, and `member` where it names one.
    pub fn names(&self) -> Vec<Symbol> {
        let mut names = Vec::new();
        for step in &self.steps {
            match step {
                ShapeStep::Call(parameters) | ShapeStep::New(parameters) => {
                    names.extend(parameters.iter().map(|parameter| parameter.name));
                }
                ShapeStep::Member(_) | ShapeStep::AnyMember | ShapeStep::Members => names.push(Symbol::new("member")),
                ShapeStep::Element | ShapeStep::Handed { .. } | ShapeStep::Whatever => {}
            }
        }
        names
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn word(&mut self, word: &str) -> bool {
        let found = self.rest.strip_prefix(word);
        if let Some(rest) = found {
            self.rest = rest;
        }
        found.is_some()
    }

    fn until(&mut self, stop: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(stop).unwrap_or(self.rest.len());
        let (start, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        start
    }

    fn wrong<T>(&self, expected: &str) -> Result<T, String> {
        let found = if self.rest.is_empty() { "the end" } else { self.rest };
        Err(format!("{expected} was expected at `{found}`"))
    }

    fn head(&mut self, instance: bool) -> Result<Head, String> {
        if self.word("{") {
            let name = self.name()?;
            return if self.word("}") { Ok(Head::Made(name)) } else { self.wrong("`}`") };
        }
        let package = self.until(|letter| letter == '#' || letter.is_whitespace());
        if !self.word("#") {
            return self.wrong("`#` and an export");
        }
        let names = self.exports()?;
        match (package, names.as_slice()) {
            ("global", [name]) => Ok(Head::Global(*name)),
            ("global", _) => self.wrong("one name after `global#`"),
            _ => {
                let package = (!package.is_empty()).then(|| Symbol::new(package));
                Ok(Head::Export { package, names, instance })
            }
        }
    }

    fn name(&mut self) -> Result<Symbol, String> {
        let name = self.until(|letter| !is_of_name(letter));
        if name.is_empty() { self.wrong("a name") } else { Ok(Symbol::new(name)) }
    }

    fn names(&mut self) -> Result<Vec<Symbol>, String> {
        let mut names = vec![self.name()?];
        while self.word("|") {
            names.push(self.name()?);
        }
        Ok(names)
    }

    /// Names of exports; one that begins with `*` stands for all that end alike.
    fn exports(&mut self) -> Result<Vec<Symbol>, String> {
        let mut names = Vec::new();
        loop {
            let any = self.word("*");
            let name = self.name()?;
            names.push(if any { Symbol::new(&format!("*{name}")) } else { name });
            if !self.word("|") {
                return Ok(names);
            }
        }
    }

    fn step(&mut self) -> Result<ShapeStep, String> {
        if self.word("...") {
            return Ok(ShapeStep::Whatever);
        }
        if self.word(".**") {
            return Ok(ShapeStep::Members);
        }
        if self.word(".*") {
            return Ok(ShapeStep::AnyMember);
        }
        if self.word(".") {
            return Ok(ShapeStep::Member(self.names()?));
        }
        if self.word(" new(") {
            return Ok(ShapeStep::New(self.parameters()?));
        }
        if self.word("(") {
            return Ok(ShapeStep::Call(self.parameters()?));
        }
        if self.word("[]") {
            return Ok(ShapeStep::Element);
        }
        if self.word("[") {
            let argument = self.name()?;
            let index = if self.word(":") { self.until(|letter| !letter.is_ascii_digit()).parse().ok() } else { None };
            return match index {
                Some(parameter) if self.word("]") => Ok(ShapeStep::Handed { argument, parameter }),
                _ => self.wrong("`:`, a number and `]`"),
            };
        }
        self.wrong("`.`, `(`, `[` or ` new(`")
    }

    fn parameters(&mut self) -> Result<Vec<Parameter>, String> {
        let mut found: Vec<Parameter> = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            if self.word(")") {
                return Ok(found);
            }
            if !found.is_empty() {
                if found.last().is_some_and(|last| last.rest) || !self.word(",") {
                    return self.wrong("`)`");
                }
                self.rest = self.rest.trim_start();
            }
            let rest = self.word("...");
            let name = self.name()?;
            let kind = if self.word(":{") {
                let made = self.name()?;
                if !self.word("}") {
                    return self.wrong("`}`");
                }
                Some(Kind::Made(made))
            } else if self.word(":") {
                let word = self.name()?;
                match KINDS.iter().find(|(known, _)| word == **known) {
                    Some((_, kind)) => Some(*kind),
                    None => {
                        let words: Vec<_> = KINDS.iter().map(|(word, _)| *word).collect();
                        return Err(format!("{word} is no kind of argument; kinds are {}", words.join(", ")));
                    }
                }
            } else {
                None
            };
            found.push(Parameter { name, kind, rest });
        }
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$' | '-')
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| is_of_name(letter) || letter == '/')
}

#[cfg(test)]
mod tests {
    use super::{Head, Kind, Path, Shape, ShapeStep};
    use crate::source::symbol::Symbol;

    #[test]
    fn shapes_become_steps() {
        let shape = Shape::parse("new kafkajs#Kafka(options).producer(_, ...more).send|sendBatch(message:object)");
        let shape = shape.expect("a sound shape");
        assert_eq!(
            shape.head,
            Head::Export { package: Some(Symbol::new("kafkajs")), names: vec![Symbol::new("Kafka")], instance: false }
        );
        let words: Vec<String> = shape
            .steps
            .iter()
            .map(|step| match step {
                ShapeStep::New(all) => format!("new {}", all.len()),
                ShapeStep::Call(all) => {
                    format!("call {} {:?} {:?}", all.len(), all[0].kind, all.last().map(|last| last.rest))
                }
                ShapeStep::Member(names) => format!("{names:?}"),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            words,
            [
                "new 1",
                "[\"producer\"]",
                "call 2 None Some(true)",
                "[\"send\", \"sendBatch\"]",
                "call 1 Some(Object) Some(false)"
            ]
        );
        assert_eq!(Kind::Object, Kind::Object);
    }

    #[test]
    fn other_starts_and_steps_are_read() {
        for (text, expected) in [
            ("global#fetch(url, options)", 1),
            ("of @nestjs/axios#HttpService", 0),
            ("{client}.defaults.timeout", 2),
            ("#loadPackageDefinition(definition).** new(address)", 3),
            ("#default(...)", 0),
            ("{app}.register(plugin)[plugin:0]", 3),
            ("#default.get(name)...", 3),
            ("#createPool(options)[].*", 3),
            ("new generated#*Client|*Stub(address, credentials:{secret})", 1),
            ("{schema}.parse(source:environment).*", 3),
        ] {
            let read = Shape::parse(text).map(|shape| shape.steps.len());
            match text {
                "#default(...)" => assert!(read.is_err(), "{text}"),
                _ => assert_eq!(read, Ok(expected), "{text}"),
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, expected) in [
            ("axios.create()", "`#` and an export was expected at `the end`"),
            ("#default.create(", "a name was expected at `the end`"),
            ("#default..x", "a name was expected at `.x`"),
            ("#a(...b, c)", "`)` was expected at `, c)`"),
            ("#a(b:{thing)", "`}` was expected at `)`"),
            ("#a(b:thing)", "thing is no kind of argument; kinds are object, text, function, present, environment"),
            ("new #a.b", "`new` is followed by a call"),
            ("{client}", "a shape does more than what makes its start"),
            ("#a....b", "`...` stands at the end of a shape only"),
        ] {
            assert_eq!(Shape::parse(text), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn paths_start_with_a_name() {
        let path = Path::parse("options.timeout.request").expect("a path");
        assert_eq!((path.name.as_str(), path.keys.len()), ("options", 2));
        assert!(Path::parse("options..x").is_none());
        assert!(Path::parse("").is_none());
    }
}
