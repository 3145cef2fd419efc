//! `build.gradle`, `settings.gradle` and their Kotlin forms (docs.gradle.org/current/userguide,
//! 2026). They are programs; what is read are the statements that nearly all of them share.

use std::sync::LazyLock;

use regex::Regex;

use super::dependencies::{blank_unit, framework_entrances, named};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{DependencyScope, Entrance, Runtime, Workspace};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::tables::frameworks::Ecosystem;

/// Build and settings files in Groovy and Kotlin.
pub fn claims(path: EstatePath) -> bool {
    matches!(path.name(), "build.gradle" | "build.gradle.kts" | "settings.gradle" | "settings.gradle.kts")
}

/// Adds the unit of a build file, or the workspace of a settings file that includes projects.
pub fn read(reading: &mut Reading<'_>) {
    let code = without_comments(reading.file.text);
    if reading.file.path.name().starts_with("settings") {
        settings(reading, &code);
    } else {
        build(reading, &code);
    }
}

static INCLUDE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)^[ \t]*include\b[ \t]*\(?((?:\s*["'][^"'\n]*["']\s*,?)+)"#).ok());
static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"["']([^"'\n]*)["']"#).ok());
static ROOT_NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)^[ \t]*rootProject\.name[ \t]*=[ \t]*["']([^"'\n]+)["']"#).ok());
static COORDINATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"["']([A-Za-z0-9_.\-]+):([A-Za-z0-9_.\-]+)(?::([^"'\n]*))?["']"#).ok());
static COORDINATE_MAP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\bgroup[ \t]*[:=]\s*["']([A-Za-z0-9_.\-]+)["']\s*,\s*name[ \t]*[:=]\s*["']([A-Za-z0-9_.\-]+)["']"#)
        .ok()
});
static CONFIGURATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(implementation|api|compile|runtimeOnly|runtime|developmentOnly|compileOnly|annotationProcessor|kapt|ksp|testImplementation|testCompile|testRuntimeOnly|testFixturesApi|androidTestImplementation|integrationTestImplementation|classpath)\b").ok()
});
static PROJECT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"project\(\s*(?:path\s*[:=]\s*)?["'](:[^"'\n]*)["']"#).ok());
static PLUGIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)(?:\bid[ \t]*\(?[ \t]*|\bapply[ \t]+plugin:[ \t]*|\bapply\(plugin[ \t]*=[ \t]*|\bkotlin\()["']([A-Za-z0-9_.\-]+)["']|^[ \t]*(application|`java-library`)[ \t]*$"#).ok()
});

/// `include 'orders', ':libs:money'`: a colon parts folders.
fn settings(reading: &mut Reading<'_>, code: &str) {
    let (Some(include), Some(quoted)) = (INCLUDE.as_ref(), QUOTED.as_ref()) else { return };
    let folder = reading.file.path.parent();
    let mut members = Vec::new();
    let mut first = None;
    for captures in include.captures_iter(code) {
        let Some(list) = captures.get(1) else { continue };
        for name in quoted.captures_iter(list.as_str()).filter_map(|captures| captures.get(1)) {
            members.push(Symbol::new(&name.as_str().trim_start_matches(':').replace(':', "/")));
            let start = list.start() + name.start();
            first.get_or_insert((start, start + name.len()));
        }
    }
    if let Some((start, end)) = first {
        let span = reading.span(start, end);
        reading.add(Fact::Workspace(Box::new(Workspace { folder, members, excluded: Vec::new(), span })));
    }
    // The root project's name stands here; its build file is beside it.
    if let Some(name) = ROOT_NAME.as_ref().and_then(|name| name.captures(code)?.get(1)) {
        let mut unit = blank_unit(folder, Runtime::Java, reading.span(name.start(), name.end()));
        unit.name = Some(Symbol::new(name.as_str()));
        reading.add(Fact::Unit(Box::new(unit)));
    }
}

fn build(reading: &mut Reading<'_>, code: &str) {
    let folder = reading.file.path.parent();
    let mut unit = blank_unit(folder, Runtime::Java, reading.file_start());
    let mut started = Vec::new();
    for captures in PLUGIN.as_ref().into_iter().flat_map(|plugin| plugin.captures_iter(code)) {
        let Some(id) = captures.get(1).or_else(|| captures.get(2)) else { continue };
        match id.as_str() {
            "application"
            | "org.springframework.boot"
            | "io.quarkus"
            | "io.micronaut.application"
            | "io.ktor.plugin" => {
                // `apply false` only makes the plugin known to the projects below.
                let line = code.get(id.end()..).and_then(|rest| rest.lines().next()).unwrap_or_default();
                if !line.contains("apply false") && !line.contains("apply(false)") {
                    started.push((Entrance::Binary, reading.span(id.start(), id.end())));
                }
            }
            "java-library" | "`java-library`" => unit.library = true,
            "kotlin" | "jvm" | "org.jetbrains.kotlin.jvm" => unit.runtime = Runtime::Kotlin,
            _ => {}
        }
    }
    for captures in
        COORDINATE.as_ref().into_iter().flat_map(|coordinate| coordinate.captures_iter(code)).take(DEPENDENCIES)
    {
        let (Some(all), Some(group), Some(artifact)) = (captures.get(0), captures.get(1), captures.get(2)) else {
            continue;
        };
        let Some(scope) = scope_at(code, all.start()) else { continue };
        let version = captures.get(3).map_or("", |version| version.as_str());
        let span = reading.span(group.start(), artifact.end());
        unit.dependencies.push(named(&format!("{}:{}", group.as_str(), artifact.as_str()), version, scope, span));
    }
    for captures in COORDINATE_MAP.as_ref().into_iter().flat_map(|map| map.captures_iter(code)).take(DEPENDENCIES) {
        let (Some(group), Some(artifact)) = (captures.get(1), captures.get(2)) else { continue };
        let Some(scope) = scope_at(code, captures.get(0).map_or(0, |all| all.start())) else { continue };
        let span = reading.span(artifact.start(), artifact.end());
        unit.dependencies.push(named(&format!("{}:{}", group.as_str(), artifact.as_str()), "", scope, span));
    }
    for captures in PROJECT.as_ref().into_iter().flat_map(|project| project.captures_iter(code)).take(DEPENDENCIES) {
        let Some(path) = captures.get(1) else { continue };
        let Some(scope) = scope_at(code, path.start()) else { continue };
        // The path is relative to the root project, whose folder this file does not know.
        unit.dependencies.push(named(path.as_str(), "", scope, reading.span(path.start(), path.end())));
    }
    unit.entrances = framework_entrances(Ecosystem::Maven, &unit.dependencies);
    unit.library &= started.is_empty();
    unit.entrances.extend(started);
    reading.add(Fact::Unit(Box::new(unit)));
}

/// Most dependencies of each form read from one file: for each the text before it is searched.
const DEPENDENCIES: usize = 5000;

/// How far back a configuration's name may stand before one of its coordinates: a call may
/// list many over several lines.
const STATEMENT_LENGTH: usize = 2000;

/// The scope of the last configuration named before `at`; `None` where a coordinate stands
/// in no dependency (`artifact = "com.google.protobuf:protoc:3"`).
fn scope_at(code: &str, at: usize) -> Option<DependencyScope> {
    let mut start = at.saturating_sub(STATEMENT_LENGTH);
    while !code.is_char_boundary(start) {
        start += 1;
    }
    let before = code.get(start..at)?;
    let word = CONFIGURATION.as_ref()?.find_iter(before).last()?;
    let between = before.get(word.end()..)?;
    if !is_one_statement(between) {
        return None;
    }
    Some(match word.as_str() {
        "implementation" | "api" | "compile" | "runtimeOnly" | "runtime" => DependencyScope::Runtime,
        "compileOnly" | "annotationProcessor" | "kapt" | "ksp" | "classpath" => DependencyScope::Build,
        _ => DependencyScope::Development,
    })
}

/// True if only brackets, commas and quoted texts stand in `between`: a brace, an assignment
/// or a word that begins a line belongs to another statement.
fn is_one_statement(between: &str) -> bool {
    let mut quote = None;
    let mut line_is_blank = false;
    for character in between.chars() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character || character == '\n' => quote = None,
            (None, '{' | '}' | '=' | ';') => return false,
            (None, other) if line_is_blank && other.is_alphabetic() => return false,
            (None | Some(_), _) => {}
        }
        line_is_blank = character == '\n' || line_is_blank && character.is_whitespace();
    }
    true
}

/// The text with comments turned into spaces, so that places stay.
fn without_comments(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    let mut quote = None;
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte, bytes.get(at + 1)) {
            (Some(open), _, _) if byte == open || byte == b'\n' => quote = None,
            (Some(_), b'\\', _) => at += 1,
            (None, b'"' | b'\'', _) => quote = Some(byte),
            (None, b'/', Some(b'/')) => {
                while let Some(byte) = bytes.get_mut(at).filter(|byte| **byte != b'\n') {
                    *byte = b' ';
                    at += 1;
                }
                continue;
            }
            (None, b'/', Some(b'*')) => {
                let mut previous = 0;
                let begin = at;
                while let Some(byte) = bytes.get_mut(at) {
                    let this = *byte;
                    if this != b'\n' {
                        *byte = b' ';
                    }
                    at += 1;
                    if this == b'/' && previous == b'*' && at - begin > 3 {
                        break;
                    }
                    previous = this;
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{read, without_comments};
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    const ORDERS: &str = r#"plugins {
    id 'org.springframework.boot' version '3.2.0'
    id("org.jetbrains.kotlin.jvm") version "1.9"
}
// implementation 'io.javalin:javalin:6'
dependencies {
    implementation "org.springframework.boot:spring-boot-starter-web",
            "io.grpc:grpc-stub:${grpcVersion}"
    implementation(project(":libs:money"))
    runtimeOnly("org.postgresql:postgresql:42.7.0") { transitive = false }
    testImplementation 'org.junit.jupiter:junit-jupiter:5.10.0'
    compile group: 'io.javalin', name: 'javalin', version: '6.1'
    annotationProcessor("org.mapstruct:mapstruct-processor:1.5")
}
protobuf { protoc { artifact = "com.google.protobuf:protoc:3.25.0" } }
"#;

    #[test]
    fn a_build_has_its_evidence_and_its_dependencies_in_place() {
        assert_eq!(
            sketch("orders/build.gradle", ORDERS, read),
            [
                "unit ? in orders kotlin at 1:1",
                "  entrance ServerFramework at 7:21",
                "  entrance ServerFramework at 12:41",
                "  entrance Binary at 2:9",
                "  needs org.springframework.boot:spring-boot-starter-web Runtime at 7:21",
                "  needs io.grpc:grpc-stub ${grpcVersion} Runtime at 8:14",
                "  needs org.postgresql:postgresql 42.7.0 Runtime at 10:18",
                "  needs org.junit.jupiter:junit-jupiter 5.10.0 Development at 11:25",
                "  needs org.mapstruct:mapstruct-processor 1.5 Build at 13:26",
                "  needs io.javalin:javalin Runtime at 12:41",
                "  needs :libs:money Runtime at 9:29",
            ]
        );
        survives_truncation("build.gradle", ORDERS, read);
    }

    #[test]
    fn plugins_tell_applications_from_libraries() {
        for (text, expected) in [
            ("plugins {\n  application\n}\n", vec!["unit ? in . java at 1:1", "  entrance Binary at 2:3"]),
            ("apply plugin: 'application'\n", vec!["unit ? in . java at 1:1", "  entrance Binary at 1:16"]),
            ("plugins {\n  `java-library`\n}\n", vec!["unit ? in . java library at 1:1"]),
            ("plugins { id 'org.springframework.boot' version '3' apply false }", vec!["unit ? in . java at 1:1"]),
        ] {
            assert_eq!(sketch("build.gradle.kts", text, read), expected, "{text}");
        }
    }

    #[test]
    fn settings_list_projects() {
        let text =
            "rootProject.name = 'shop'\n/* include 'old' */\ninclude 'orders',\n  ':libs:money'\ninclude(\"mail\")\n";
        assert_eq!(
            sketch("settings.gradle", text, read),
            ["workspace . [orders libs/money mail] without [] at 3:10", "unit shop in . java at 1:21"]
        );
        survives_truncation("settings.gradle", text, read);
        assert!(sketch("settings.gradle", "includeBuild 'x'\n", read).is_empty());
    }

    #[test]
    fn comments_become_spaces_and_texts_stay() {
        assert_eq!(without_comments("a // b\nc /* d\n */ 'x//y'"), "a     \nc     \n    'x//y'");
        assert_eq!(without_comments("/*/ä*/x"), "       x");
    }
}
