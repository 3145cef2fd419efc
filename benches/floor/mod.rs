//! One file by the bare parser of its format, without anything of archlint.

use std::path::Path;

use granit_parser::Event;
use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;

/// Reads and parses a file; the number of things that the parser saw, so that no work can be
/// left out. Files of formats without a parser count their bytes.
pub fn parse(path: &Path) -> usize {
    let Ok(bytes) = std::fs::read(path) else { return 0 };
    let Ok(text) = String::from_utf8(bytes) else { return 0 };
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match (name.as_str(), ending) {
        ("Dockerfile", _) => parse_dockerfile::parse(&text).map_or(0, |file| file.instructions.len()),
        (_, "yaml" | "yml") => yaml(&text),
        (_, "json") => jsonc_parser::parse_to_ast(&text, &Default::default(), &Default::default())
            .map_or(0, |parsed| usize::from(parsed.value.is_some())),
        (_, "toml") => toml_edit::Document::parse(text.as_str()).map_or(0, |document| document.len()),
        (_, "proto") => protox_parse::parse(&name, &text).map_or(0, |file| file.message_type.len()),
        (_, "xml" | "csproj") => xml(&text),
        (_, "js" | "ts") => script(path, &text),
        _ => text.len(),
    }
}

fn yaml(text: &str) -> usize {
    let mut count = 0;
    let mut parser = granit_parser::Parser::new_from_str(text);
    // Templates of charts end in an error, after which nothing comes.
    while let Some(Ok((event, _))) = parser.next_event() {
        count += 1;
        if matches!(event, Event::StreamEnd) {
            break;
        }
    }
    count
}

fn script(path: &Path, text: &str) -> usize {
    let arena = Allocator::default();
    let language = SourceType::from_path(path).unwrap_or_default();
    Parser::new(&arena, text, language).parse().program.body.len()
}

fn xml(text: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut count = 0;
    while let Ok(event) = reader.read_event() {
        if matches!(event, quick_xml::events::Event::Eof) {
            break;
        }
        count += 1;
    }
    count
}
