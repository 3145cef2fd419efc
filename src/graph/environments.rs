//! What a deployment file is for, read from its path: production, development, test.

use crate::source::path::EstatePath;

use super::model::Environment;

/// Words of paths, in lower case. A folder counts with its whole name, a file with each
/// word of its name.
const WORDS: &[(Environment, &[&str])] = &[
    (
        Environment::Test,
        &[
            "test",
            "tests",
            "testing",
            "e2e",
            "ci",
            "integration-test",
            "integration-tests",
            "it",
            "mock",
            "mocks",
            "spec",
            "__tests__",
            "fixtures",
            "testdata",
        ],
    ),
    (
        Environment::Development,
        &[
            "dev",
            "development",
            "local",
            "override",
            "devcontainer",
            ".devcontainer",
            "debug",
            "sandbox",
            "minikube",
            "kind",
            "develop",
        ],
    ),
    (Environment::Production, &["prod", "production", "live", "prd"]),
];

/// The environment that a path states; the word nearest to the file's name wins.
pub fn environment_of(path: EstatePath) -> Environment {
    let name = path.name().to_ascii_lowercase();
    let words: Vec<&str> = name.split(['.', '-', '_']).filter(|word| !word.is_empty()).collect();
    // Workspaces that a browser opens are for nothing else.
    if name.starts_with(".gitpod") {
        return Environment::Development;
    }
    // The first word is what the file is (`test.yaml` of a folder is no statement about the
    // environment, `values-test.yaml` is), and so is a lone name.
    let found = words.iter().skip(1).rev().find_map(|word| of_word(word));
    if let Some(environment) = found {
        return environment;
    }
    path.parent()
        .as_str()
        .rsplit('/')
        .find_map(|folder| of_folder(&folder.to_ascii_lowercase()))
        .unwrap_or(Environment::Unknown)
}

/// A folder counts with its whole name, and `ui-tests` and `orders.tests` by how they end.
fn of_folder(name: &str) -> Option<Environment> {
    let ends = name.rsplit_once(['.', '-', '_']).is_some_and(|(_, last)| last == "tests");
    of_word(name).or(ends.then_some(Environment::Test))
}

fn of_word(word: &str) -> Option<Environment> {
    WORDS.iter().find(|(_, words)| words.contains(&word)).map(|(environment, _)| *environment)
}

#[cfg(test)]
mod tests {
    use super::environment_of;
    use crate::graph::model::Environment;
    use crate::source::path::EstatePath;

    #[test]
    fn paths_state_what_a_file_is_for() {
        for (path, expected) in [
            ("docker-compose.yml", Environment::Unknown),
            ("docker-compose.dev.yml", Environment::Development),
            ("compose.override.yaml", Environment::Development),
            (".gitpod.Dockerfile", Environment::Development),
            ("gitpod/Dockerfile", Environment::Unknown),
            ("deploy/overlays/dev/kustomization.yaml", Environment::Development),
            ("deploy/overlays/production/orders.yaml", Environment::Production),
            ("orders/.env.test", Environment::Test),
            ("chart/values-prod.yaml", Environment::Production),
            ("tests/compose.yaml", Environment::Test),
            ("contest/compose.yaml", Environment::Unknown),
            ("test.yaml", Environment::Unknown),
        ] {
            assert_eq!(environment_of(EstatePath::new(path)), expected, "{path}");
        }
    }
}
