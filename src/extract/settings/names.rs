//! Which files are configuration, by their names, and what their names say.

use crate::extract::secrets::Meaning;
use crate::facts::data::SettingsKind;
use crate::source::path::EstatePath;

/// How a configuration file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `.env`
    Env,
    /// `application.properties`
    Properties,
    /// `appsettings.json`
    Json,
    /// `config.toml`
    Toml,
    /// `alembic.ini`
    Ini,
    /// `application.yml`
    Yaml,
}

/// What a file's name says.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// How it is written.
    pub format: Format,
    /// What it is for.
    pub kind: SettingsKind,
    /// `dev` of `application-dev.yml`, in lower case; empty: none.
    pub profile: String,
    /// Whether it is used as it stands.
    pub meaning: Meaning,
    /// True where values are names of variables: node-config's `custom-environment-variables`.
    pub names_variables: bool,
}

/// Endings of names of files that people copy and fill in.
const EXAMPLES: &[&str] = &["example", "sample", "template", "dist", "tmpl", "tpl", "default", "defaults"];

/// Words that name a stage where a file is called after it: `config/production.json`.
const STAGES: &[&str] = &[
    "dev",
    "development",
    "local",
    "test",
    "testing",
    "ci",
    "qa",
    "stage",
    "staging",
    "uat",
    "prod",
    "production",
    "docker",
    "k8s",
    "kubernetes",
];

/// Files that lie in folders of configuration, or end like it, and are of another kind.
const OTHERS: &[&str] = &[
    "package.json",
    "package-lock.json",
    "composer.json",
    "tsconfig",
    "jsconfig",
    "openapi",
    "swagger",
    "asyncapi",
    "gradle.properties",
    "gradle-wrapper.properties",
    "maven-wrapper.properties",
    "log4j",
    "logback",
    "logging",
    "messages",
    "validationmessages",
    "sonar-project",
    "nest-cli",
    "angular",
    "renovate",
    "kustomization",
    "docker-compose",
    "compose",
    "jest",
    "eslint",
    "cypress",
    "launchsettings",
    "manifest",
    "cargo.toml",
    "pyproject",
    "babel",
    "webpack",
    "vite",
    "tslint",
    "prettier",
    "checkstyle",
    "i18n",
    "schema",
];

/// What the name of `path` says; `None`: it is no configuration file known here.
pub fn named(path: EstatePath) -> Option<Named> {
    let name = path.name().to_ascii_lowercase();
    if let Some(named) = dot_env(&name) {
        return Some(named);
    }
    if OTHERS.iter().any(|other| name.starts_with(other)) || name.ends_with(".schema.json") {
        return None;
    }
    let parent = path.parent();
    let folder = parent.name().to_ascii_lowercase();
    if folder.starts_with('.') {
        // Settings of editors and tools.
        return None;
    }
    let (stem, ending) = name.rsplit_once('.')?;
    let (stem, ending, example) = if EXAMPLES.contains(&ending) {
        let (stem, ending) = stem.rsplit_once('.')?;
        (stem, ending, true)
    } else {
        (stem, ending, false)
    };
    let format = match ending {
        "properties" => Format::Properties,
        "json" => Format::Json,
        "toml" => Format::Toml,
        "ini" => Format::Ini,
        "yml" | "yaml" => Format::Yaml,
        _ => return None,
    };
    let (first, rest) = stem.split_at(stem.find(['-', '.', '_']).unwrap_or(stem.len()));
    let mut profile = rest.trim_start_matches(['-', '.', '_']).to_owned();
    let kind = match (first, format) {
        ("values", Format::Yaml) => SettingsKind::ChartValues,
        // `orders-values.yaml`, `orders.values.yaml`
        (_, Format::Yaml) if stem.ends_with("-values") || stem.ends_with(".values") || stem.ends_with("_values") => {
            SettingsKind::ChartValues
        }
        ("application" | "bootstrap", Format::Properties | Format::Yaml | Format::Json | Format::Toml)
        | ("appsettings", Format::Json)
        | ("config" | "settings" | "configuration", _)
        | ("knexfile" | "ormconfig", Format::Json)
        | ("rocket", Format::Toml)
        | ("alembic", Format::Ini)
        | ("database", Format::Yaml | Format::Json | Format::Ini) => SettingsKind::Application,
        ("local", Format::Json) if profile == "settings" => SettingsKind::Application,
        _ if is_configuration_folder(parent.as_str(), &folder) => {
            let last = stem.rsplit(['-', '.', '_']).next().unwrap_or("");
            profile = if STAGES.contains(&last) { last.to_owned() } else { String::new() };
            SettingsKind::Application
        }
        (_, Format::Properties) => {
            profile.clear();
            SettingsKind::Application
        }
        _ => return None,
    };
    let example = example || EXAMPLES.iter().take(4).any(|word| profile == *word);
    let meaning = if example { Meaning::Example } else { Meaning::Used };
    if example {
        profile = "example".to_owned();
    }
    let names_variables = stem == "custom-environment-variables";
    Some(Named { format, kind, profile, meaning, names_variables })
}

/// `config/`, `config-repo/`, and what Java packs beside its classes, where configuration
/// servers keep the files of all services: `src/main/resources/shared/orders.yml`.
fn is_configuration_folder(path: &str, folder: &str) -> bool {
    let named = folder.starts_with("config") || matches!(folder, "conf" | "settings");
    let in_resources = format!("{path}/").contains("src/main/resources/");
    let is_content = ["db", "migration", "changelog", "static", "templates", "public", "i18n", "openapi", "proto"]
        .iter()
        .any(|part| path.split('/').any(|name| name == *part));
    named || (in_resources && !is_content)
}

/// `.env`, `.env.local`, `.env.production.example`, `prod.env`, `env.sample`.
fn dot_env(name: &str) -> Option<Named> {
    let rest = name.strip_prefix(".env").or_else(|| name.strip_prefix("env.").map(|_| name.get(3..).unwrap_or("")));
    let words = match (rest, name.strip_suffix(".env")) {
        (Some(rest), _) if rest.is_empty() || rest.starts_with(['.', '-', '_']) => rest,
        (_, Some(stem)) => stem,
        _ => return None,
    };
    let words: Vec<&str> = words.split(['.', '-', '_']).filter(|word| !word.is_empty()).collect();
    const CODE: &[&str] =
        &["js", "ts", "mjs", "cjs", "py", "rb", "go", "php", "sh", "d", "json", "yml", "yaml", "md", "java", "rs"];
    if words.last().is_some_and(|word| CODE.contains(word)) {
        return None;
    }
    // `env.x` without a dot before it is only an example by custom.
    let example = words.iter().any(|word| EXAMPLES.contains(word));
    if name.starts_with("env.") && !example {
        return None;
    }
    let profile = if example { "example" } else { words.first().copied().unwrap_or("") };
    Some(Named {
        format: Format::Env,
        kind: SettingsKind::DotEnv,
        profile: profile.to_owned(),
        meaning: if example { Meaning::Example } else { Meaning::Used },
        names_variables: false,
    })
}
