//! Manifests that are programs of a few fixed statements: `Gemfile` of Ruby (bundler.io/man/gemfile.5.html)
//! and `mix.exs` of Elixir (hexdocs.pm/mix/Mix.Tasks.Deps.html).

use std::sync::LazyLock;

use regex::Regex;

use super::credentials::note_credentials;
use super::dependencies::{blank_unit, framework_entrances, named};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{DependencyScope, Runtime, Unit};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::tables::frameworks::Ecosystem;

/// `Gemfile`, `gems.rb` and `mix.exs` in any folder.
pub fn claims(path: EstatePath) -> bool {
    matches!(path.name(), "Gemfile" | "gems.rb" | "mix.exs")
}

/// Adds the unit.
pub fn read(reading: &mut Reading<'_>) {
    note_credentials(reading);
    let unit = if reading.file.path.name() == "mix.exs" { mix(reading) } else { gemfile(reading) };
    if unit.name.is_some() || !unit.dependencies.is_empty() {
        reading.add(Fact::Unit(Box::new(unit)));
    }
}

static GEM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^\s*gem[ (]+["']([^"']+)["'](?:\s*,\s*["']([^"']*)["'])?(.*)"#).ok());
static PATH: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"\bpath:\s*["']([^"'\n]+)["']"#).ok());

/// `gem "rails", "~> 7"`, in `group :test do … end` or with `group: :test`.
fn gemfile(reading: &Reading<'_>) -> Unit {
    let folder = reading.file.path.parent();
    let mut unit = blank_unit(folder, Runtime::Ruby, reading.file_start());
    let is_development = |line: &str| [":development", ":test"].iter().any(|group| line.contains(group));
    // One entry for each open `do`: whether it or one around it is for development.
    let mut blocks: Vec<bool> = Vec::new();
    let mut offset = 0;
    for line in reading.file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let code = line.split('#').next().unwrap_or_default();
        let words = code.trim();
        if words.ends_with(" do") {
            let outer = blocks.last() == Some(&true);
            let own = words.starts_with("group") && is_development(words) && !words.contains(":production");
            blocks.push(outer || own);
        } else if words == "end" {
            blocks.pop();
        }
        let Some(captures) = GEM.as_ref().and_then(|gem| gem.captures(code)) else { continue };
        let Some(name) = captures.get(1) else { continue };
        let rest = captures.get(3).map_or("", |rest| rest.as_str());
        let scope = if blocks.last() == Some(&true) || rest.contains("group") && is_development(rest) {
            DependencyScope::Development
        } else {
            DependencyScope::Runtime
        };
        let version = captures.get(2).map_or("", |version| version.as_str());
        let span = reading.span(start + name.start(), start + name.end());
        let mut dependency = named(name.as_str(), version, scope, span);
        let path = PATH.as_ref().and_then(|path| path.captures(rest)?.get(1));
        dependency.path = path.and_then(|path| folder.join(path.as_str()));
        unit.dependencies.push(dependency);
    }
    unit.entrances = framework_entrances(Ecosystem::Rubygems, &unit.dependencies);
    unit
}

static APP: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bapp:\s*:([a-z_][a-z0-9_]*)").ok());
static DEPENDENCY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"\{\s*:([a-z_][a-z0-9_]*)\s*,\s*(?:"([^"\n]*)"|[a-z_]+:)([^}\n]*)\}"#).ok());

/// How far before a dependency its line is searched for a comment's sign.
const COMMENT_REACH: usize = 200;

/// `{:phoenix, "~> 1.7"}` in `deps`, the name in `app: :orders`.
fn mix(reading: &Reading<'_>) -> Unit {
    let text = reading.file.text;
    let mut unit = blank_unit(reading.file.path.parent(), Runtime::Elixir, reading.file_start());
    if let Some(name) = APP.as_ref().and_then(|app| app.captures(text)?.get(1)) {
        unit.name = Some(Symbol::new(name.as_str()));
        unit.span = reading.span(name.start(), name.end());
    }
    for captures in DEPENDENCY.as_ref().into_iter().flat_map(|dependency| dependency.captures_iter(text)) {
        let Some(name) = captures.get(1) else { continue };
        let before = text.as_bytes().get(name.start().saturating_sub(COMMENT_REACH)..name.start()).unwrap_or_default();
        if before.rsplit(|&byte| byte == b'\n').next().is_some_and(|line| line.contains(&b'#')) {
            continue;
        }
        let options = captures.get(3).map_or("", |options| options.as_str());
        let is_development = options.contains("only:") && !options.contains(":prod");
        let scope = if is_development { DependencyScope::Development } else { DependencyScope::Runtime };
        let version = captures.get(2).map_or("", |version| version.as_str());
        unit.dependencies.push(named(name.as_str(), version, scope, reading.span(name.start(), name.end())));
    }
    unit.entrances = framework_entrances(Ecosystem::Hex, &unit.dependencies);
    unit
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    const GEMS: &str = "source 'https://gems.example'
gem 'rails', '~> 7.1' # web
gem \"money\", path: \"../money\"
group :development, :test do
  gem 'rspec'
end
# gem 'grape'
gem('puma')
gem 'minitest', group: :test
";

    #[test]
    fn gems_have_their_group_and_place() {
        assert_eq!(
            sketch("services/orders/Gemfile", GEMS, read),
            [
                "unit ? in services/orders ruby at 1:1",
                "  entrance ServerFramework at 2:6",
                "  entrance ServerFramework at 8:6",
                "  needs rails ~> 7.1 Runtime at 2:6",
                "  needs money Runtime from services/money at 3:6",
                "  needs rspec Development at 5:8",
                "  needs puma Runtime at 8:6",
                "  needs minitest Development at 9:6",
            ]
        );
        survives_truncation("Gemfile", GEMS, read);
        assert!(sketch("Gemfile", "source 'x'\n", read).is_empty());
    }

    const MIX: &str = "defmodule Orders.MixProject do
  def project, do: [app: :orders, version: \"0.1.0\"]
  defp deps do
    [
      {:phoenix, \"~> 1.7\"},
      {:money, path: \"../money\"},
      # {:oban, \"~> 2\"},
      {:credo, \"~> 1.7\", only: [:dev, :test]}
    ]
  end
end
";

    #[test]
    fn mix_projects_have_their_dependencies_in_place() {
        assert_eq!(
            sketch("orders/mix.exs", MIX, read),
            [
                "unit orders in orders elixir at 2:27",
                "  entrance ServerFramework at 5:9",
                "  needs phoenix ~> 1.7 Runtime at 5:9",
                "  needs money Runtime at 6:9",
                "  needs credo ~> 1.7 Development at 8:9",
            ]
        );
        survives_truncation("mix.exs", MIX, read);
    }
}
