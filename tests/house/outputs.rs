//! The page about outputs names every format, and shows what the formats are held to.

use archlint::commands::format::Format;
use clap::ValueEnum;

use super::docs::assert_section;
use super::tree;

fn formats() -> Vec<String> {
    let name = |format: &Format| format.to_possible_value().expect("a name").get_name().to_owned();
    Format::value_variants().iter().map(name).collect()
}

#[test]
fn every_format_has_its_row() {
    let page = tree::text("docs/outputs.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    for format in formats() {
        let cell = |row: &&str| row.split('|').nth(1).is_some_and(|names| names.contains(&format!("`{format}`")));
        assert_eq!(rows.iter().filter(|row| cell(row)).count(), 1, "{format}");
    }
}

#[test]
fn the_help_of_check_names_every_format() {
    let help = tree::text("src/commands/check.rs");
    let (_, about) = help.split_once("/// Output format,").expect("the flag");
    let (about, _) = about.split_once("#[arg").expect("its end");
    for format in formats() {
        assert!(about.split(|one: char| !one.is_ascii_alphanumeric()).any(|word| word == format), "{format}");
    }
}

#[test]
fn the_examples_are_what_the_formats_are_held_to() {
    for (format, language) in [
        ("gcc", "text"),
        ("vscode", "text"),
        ("github", "text"),
        ("azure", "text"),
        ("teamcity", "text"),
        ("gitlab", "json"),
        ("checkstyle", "xml"),
        ("junit", "xml"),
    ] {
        let snapshot = tree::text(&format!("fixtures/renders/{format}-one.snap")).replace("\r\n", "\n");
        let shown = snapshot.splitn(3, "---\n").nth(2).expect("a head and a body").trim_end().to_owned();
        assert_section("docs/outputs.md", format, &format!("```{language}\n{shown}\n```\n"));
    }
}
