//! Protocol buffers: what one `.proto` file declares, on the parser `protox-parse`, which
//! reads a file without its imports; values of options on `prost-reflect`.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use prost_types::uninterpreted_option::NamePart;
use prost_types::{
    DescriptorProto, FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto, UninterpretedOption,
};
use rustc_hash::FxHashMap;

use super::tree::SyntaxProblem;
use crate::source::file::FileId;
use crate::source::span::Span;

/// What a file declares. Empty but for its problem where the file is not well-formed: the
/// parser does not go on after a mistake.
#[derive(Debug)]
pub struct ProtoFile {
    /// `shop.orders.v1`; empty where the file has none.
    pub package: Box<str>,
    /// `google/api/annotations.proto`, in order of the file.
    pub imports: Vec<Box<str>>,
    /// In order of the file.
    pub services: Vec<ProtoService>,
    /// All messages, those in other messages too.
    messages: FxHashMap<Box<str>, ProtoMessage>,
    /// At most one.
    pub problems: Vec<SyntaxProblem>,
}

/// `service Orders { … }`
#[derive(Debug)]
pub struct ProtoService {
    /// Without package: `Orders`.
    pub name: Box<str>,
    /// The name's place.
    pub span: Span,
    /// In order of the file.
    pub methods: Vec<ProtoMethod>,
}

/// `rpc Place(PlaceRequest) returns (Order);`
#[derive(Debug)]
pub struct ProtoMethod {
    /// `Place`
    pub name: Box<str>,
    /// The name's place.
    pub span: Span,
    /// The request's type as written: `PlaceRequest`, `.shop.v1.PlaceRequest`.
    pub request: Box<str>,
    /// True if requests or answers are streams.
    pub streaming: bool,
    /// `option idempotency_level = …`, where it is set and not `IDEMPOTENCY_UNKNOWN`.
    pub idempotency: Option<IdempotencyLevel>,
    /// The first binding of `option (google.api.http)`.
    pub http: Option<HttpRule>,
}

/// `google.protobuf.MethodOptions.IdempotencyLevel`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdempotencyLevel {
    /// `NO_SIDE_EFFECTS`
    NoSideEffects,
    /// `IDEMPOTENT`
    Idempotent,
}

/// The verb and path that a gateway offers a method under (google/api/http.proto).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRule {
    /// In upper case: `POST`.
    pub verb: Box<str>,
    /// `/v1/orders/{id}:cancel`; may be empty.
    pub path: Box<str>,
}

/// `message PlaceRequest { … }`
#[derive(Debug)]
pub struct ProtoMessage {
    /// With package and outer messages: `shop.v1.PlaceRequest`.
    pub name: Box<str>,
    /// In order of the file.
    pub fields: Vec<ProtoField>,
}

/// A field of a message.
#[derive(Debug)]
pub struct ProtoField {
    /// `request_id`
    pub name: Box<str>,
    /// The name's place.
    pub span: Span,
    /// The type's name as written, where it is not a scalar's.
    pub type_name: Option<Box<str>>,
}

impl ProtoFile {
    /// The message that `type_name` means inside `scope` (`shop.v1.Orders`): the innermost
    /// that is declared, as protobuf's language guide says. `None` where this file has none.
    pub fn find_message(&self, scope: &str, type_name: &str) -> Option<&ProtoMessage> {
        if let Some(absolute) = type_name.strip_prefix('.') {
            return self.messages.get(absolute);
        }
        let mut scope = scope;
        while !scope.is_empty() {
            if let Some(message) = self.messages.get(format!("{scope}.{type_name}").as_str()) {
                return Some(message);
            }
            scope = scope.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
        self.messages.get(type_name)
    }
}

/// Names of the fields of a message that every protobuf compiler brings along
/// (`google.protobuf.Empty`); `None` for others.
pub fn well_known_fields(type_name: &str) -> Option<Vec<String>> {
    let message = DescriptorPool::global().get_message_by_name(type_name.trim_start_matches('.'))?;
    Some(message.fields().map(|field| field.name().to_owned()).collect())
}

/// Reads a `.proto` file of syntax 2, syntax 3 or an edition. Spans are offsets in `text`.
pub fn parse(file: FileId, text: &str) -> ProtoFile {
    let mut read = ProtoFile {
        package: "".into(),
        imports: Vec::new(),
        services: Vec::new(),
        messages: FxHashMap::default(),
        problems: Vec::new(),
    };
    let text = without_edition(text);
    if let Some(at) = too_deep(&text, DEPTH_LIMIT) {
        let span = Span::new(file, offset(at), offset(at + 1));
        read.problems.push(SyntaxProblem { span, message: "brackets are nested too deeply".to_owned() });
        return read;
    }
    match protox_parse::parse("", &text) {
        Ok(descriptor) => Reader::new(file, &text, &descriptor).read(descriptor, &mut read),
        Err(error) => {
            let end = text.trim_end().len();
            let range = error.span().unwrap_or(end..end);
            let span = Span::new(file, offset(range.start), offset(range.end));
            read.problems.push(SyntaxProblem { span, message: error.to_string() });
        }
    }
    read
}

/// Texts are at most `u32::MAX` bytes (see `SourceFile`).
fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

/// Most brackets open at a time; the parsers of option values have no limit of their own.
/// protoc refuses messages nested deeper than 100.
const DEPTH_LIMIT: usize = 200;

/// The same for the value of one option: 150 overflow a thread's stack in a debug build.
const VALUE_DEPTH_LIMIT: usize = 16;

/// Where brackets are nested deeper than the limit. Brackets in comments and strings count
/// too, so a bracket that is never closed there is a risk taken: 200 of them are unheard of.
fn too_deep(text: &str, limit: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' | b'[' | b'<' => depth += 1,
            b'}' | b']' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return Some(at);
        }
    }
    None
}

/// The text with a byte order mark blanked and `edition = "2023";` written as syntax 3, each
/// in as many bytes as before: the parser knows neither (protox issue tracker: editions).
fn without_edition(text: &str) -> Cow<'_, str> {
    const SYNTAX: &str = "syntax=\"proto3\";";
    let (mark, rest) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("   ", rest),
        None => ("", text),
    };
    let statement = edition_statement(rest).filter(|range| range.len() >= SYNTAX.len());
    let Some(Range { start, end }) = statement else {
        return if mark.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(format!("{mark}{rest}")) };
    };
    let before = rest.get(..start).unwrap_or("");
    let behind = rest.get(end..).unwrap_or("");
    let blank = " ".repeat(end - start - SYNTAX.len());
    Cow::Owned(format!("{mark}{before}{SYNTAX}{blank}{behind}"))
}

/// Range of the first statement, if it is an edition's, with the white space behind it.
fn edition_statement(text: &str) -> Option<Range<usize>> {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n')?.1;
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/")?.1;
        } else {
            break;
        }
    }
    let value = rest.strip_prefix("edition")?.trim_start().strip_prefix('=')?;
    let behind = value.split_once(';')?.1.trim_start();
    Some(text.len() - rest.len()..text.len() - behind.len())
}

/// Numbers of fields in descriptor.proto, which the parser's places are keyed by.
mod tag {
    pub const NAME: i32 = 1;
    pub const FILE_MESSAGE: i32 = 4;
    pub const FILE_SERVICE: i32 = 6;
    pub const MESSAGE_FIELD: i32 = 2;
    pub const MESSAGE_NESTED: i32 = 3;
    pub const SERVICE_METHOD: i32 = 2;
}

struct Reader {
    file: FileId,
    /// Of the text given to the parser, which counts `\n` only.
    line_starts: Vec<u32>,
    places: FxHashMap<Vec<i32>, Vec<i32>>,
}

impl Reader {
    fn new(file: FileId, text: &str, descriptor: &FileDescriptorProto) -> Self {
        let mut line_starts = vec![0];
        line_starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| offset(at + 1)));
        let locations = descriptor.source_code_info.iter().flat_map(|info| &info.location);
        let names = locations.filter(|location| location.path.last() == Some(&tag::NAME));
        let places = names.map(|location| (location.path.clone(), location.span.clone())).collect();
        Self { file, line_starts, places }
    }

    fn read(&self, descriptor: FileDescriptorProto, read: &mut ProtoFile) {
        read.package = descriptor.package().into();
        read.imports = descriptor.dependency.iter().map(|path| path.as_str().into()).collect();
        for (index, service) in descriptor.service.iter().enumerate() {
            read.services.push(self.service(service, index as i32));
        }
        for (index, message) in descriptor.message_type.iter().enumerate() {
            let mut path = vec![tag::FILE_MESSAGE, index as i32];
            self.message(message, &read.package, &mut path, &mut read.messages);
        }
    }

    /// Where the name of the thing at `path` stands; the file's start where it has no place.
    fn name_span(&self, path: &[i32]) -> Span {
        let mut key = path.to_vec();
        key.push(tag::NAME);
        let place = self.places.get(&key).map_or(&[][..], Vec::as_slice);
        let (start, end) = match *place {
            [line, start, end] => ((line, start), (line, end)),
            [line, start, end_line, end] => ((line, start), (end_line, end)),
            _ => return Span::file_start(self.file),
        };
        Span::new(self.file, self.offset(start), self.offset(end))
    }

    /// The offset of a line and a column in bytes, both 0-based.
    fn offset(&self, (line, column): (i32, i32)) -> u32 {
        let start = self.line_starts.get(line as usize).copied().unwrap_or(0);
        start.saturating_add_signed(column)
    }

    fn service(&self, service: &ServiceDescriptorProto, index: i32) -> ProtoService {
        let path = [tag::FILE_SERVICE, index];
        let methods = service.method.iter().enumerate().map(|(at, method)| {
            let path = [tag::FILE_SERVICE, index, tag::SERVICE_METHOD, at as i32];
            let options = method.options.as_ref().map_or(&[][..], |options| &options.uninterpreted_option);
            ProtoMethod {
                name: method.name().into(),
                span: self.name_span(&path),
                request: method.input_type().into(),
                streaming: is_streaming(method),
                idempotency: options.iter().find_map(idempotency_level),
                http: options.iter().find_map(http_rule),
            }
        });
        ProtoService { name: service.name().into(), span: self.name_span(&path), methods: methods.collect() }
    }

    /// Recursion ends with the parser's limit on nested messages.
    fn message(
        &self,
        message: &DescriptorProto,
        scope: &str,
        path: &mut Vec<i32>,
        messages: &mut FxHashMap<Box<str>, ProtoMessage>,
    ) {
        let name = if scope.is_empty() { message.name().to_owned() } else { format!("{scope}.{}", message.name()) };
        let fields = message.field.iter().enumerate().map(|(at, field)| {
            path.extend([tag::MESSAGE_FIELD, at as i32]);
            let span = self.name_span(path);
            path.truncate(path.len() - 2);
            ProtoField { name: field.name().into(), span, type_name: field.type_name.as_deref().map(Box::from) }
        });
        let read = ProtoMessage { name: name.as_str().into(), fields: fields.collect() };
        messages.insert(read.name.clone(), read);
        for (at, nested) in message.nested_type.iter().enumerate() {
            path.extend([tag::MESSAGE_NESTED, at as i32]);
            self.message(nested, &name, path, messages);
            path.truncate(path.len() - 2);
        }
    }
}

fn is_streaming(method: &MethodDescriptorProto) -> bool {
    method.client_streaming() || method.server_streaming()
}

fn idempotency_level(option: &UninterpretedOption) -> Option<IdempotencyLevel> {
    let [NamePart { name_part, is_extension: false }] = option.name.as_slice() else { return None };
    match (name_part.as_str(), option.identifier_value.as_deref()?) {
        ("idempotency_level", "NO_SIDE_EFFECTS") => Some(IdempotencyLevel::NoSideEffects),
        ("idempotency_level", "IDEMPOTENT") => Some(IdempotencyLevel::Idempotent),
        _ => None,
    }
}

/// Reads `option (google.api.http) = { post: "/v1/orders" body: "*" }`, and the form
/// `option (google.api.http).get = "/v1/orders"`.
fn http_rule(option: &UninterpretedOption) -> Option<HttpRule> {
    let (first, rest) = option.name.split_first()?;
    if !first.is_extension || first.name_part.trim_start_matches('.') != "google.api.http" {
        return None;
    }
    if let [field] = rest {
        let path = String::from_utf8_lossy(option.string_value.as_deref()?);
        return verb_of(&field.name_part).map(|verb| HttpRule { verb: verb.into(), path: (*path).into() });
    }
    let descriptor = HTTP_RULE.clone()?;
    let text = option.aggregate_value.as_deref().filter(|text| too_deep(text, VALUE_DEPTH_LIMIT).is_none())?;
    let rule = DynamicMessage::parse_text_format(descriptor, text).ok()?;
    let (field, value) = rule.fields().find(|(field, _)| field.containing_oneof().is_some())?;
    if let Some(custom) = value.as_message() {
        let text = |name: &str| Some(Box::<str>::from(custom.get_field_by_name(name)?.as_str()?));
        return Some(HttpRule { verb: text("kind")?.to_uppercase().into(), path: text("path")? });
    }
    Some(HttpRule { verb: verb_of(field.name())?.into(), path: value.as_str()?.into() })
}

fn verb_of(field: &str) -> Option<&'static str> {
    match field {
        "get" => Some("GET"),
        "put" => Some("PUT"),
        "post" => Some("POST"),
        "delete" => Some("DELETE"),
        "patch" => Some("PATCH"),
        _ => None,
    }
}

/// The fields of `google.api.HttpRule` by name and number (google/api/http.proto): estates
/// rarely carry the file that they import.
const HTTP_RULE_SOURCE: &str = r#"
    syntax = "proto3";
    package google.api;
    message HttpRule {
        string selector = 1;
        oneof pattern {
            string get = 2; string put = 3; string post = 4; string delete = 5; string patch = 6;
            CustomHttpPattern custom = 8;
        }
        string body = 7;
        string response_body = 12;
        repeated HttpRule additional_bindings = 11;
    }
    message CustomHttpPattern { string kind = 1; string path = 2; }
"#;

static HTTP_RULE: LazyLock<Option<MessageDescriptor>> = LazyLock::new(|| {
    let descriptor = protox_parse::parse("google/api/http.proto", HTTP_RULE_SOURCE).ok()?;
    let mut pool = DescriptorPool::new();
    pool.add_file_descriptor_proto(descriptor).ok()?;
    pool.get_message_by_name("google.api.HttpRule")
});

#[cfg(test)]
mod tests;
