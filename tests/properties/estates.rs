//! Which estates are asked, and what is compared of them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use archlint::judge::engine::ActiveRule;

use crate::memory::{Estate, files_of, rules};

/// An estate: its name, and its files by path.
#[derive(Clone)]
pub struct Files {
    /// For messages.
    pub name: String,
    /// Path and text.
    pub files: Vec<(String, String)>,
}

impl Files {
    /// Taken through all stages.
    pub fn estate(&self) -> Estate {
        Estate::new(self.files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
    }

    /// The same files with each text changed.
    pub fn changed(&self, change: impl Fn(&str, &str) -> String) -> Self {
        let files = self.files.iter().map(|(path, text)| (path.clone(), change(path, text))).collect();
        Self { name: self.name.clone(), files }
    }
}

/// The folder of fixtures.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Folders of estates below `fixtures/`, sorted.
#[expect(clippy::disallowed_methods, reason = "tests read fixtures")]
pub fn folders() -> Vec<PathBuf> {
    let below = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        entries.filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    let mut found = below(fixtures().join("estates"));
    found.extend(below(fixtures().join("rules")).into_iter().flat_map(below));
    found.sort();
    found
}

/// All estates: those of `fixtures/` and the invented ones.
pub fn estates() -> &'static [Files] {
    static ALL: LazyLock<Vec<Files>> = LazyLock::new(read);
    &ALL
}

/// All estates, and what is seen of each as it lies there: what changed ones are compared with.
pub fn untouched() -> impl Iterator<Item = (&'static Files, &'static [Seen])> {
    static SEEN: LazyLock<Vec<Vec<Seen>>> = LazyLock::new(|| {
        let rules = rules();
        estates().iter().map(|files| seen(&files.estate(), &rules)).collect()
    });
    estates().iter().zip(SEEN.iter().map(Vec::as_slice))
}

fn read() -> Vec<Files> {
    let mut all: Vec<Files> = folders()
        .into_iter()
        .map(|folder| {
            let name = folder.strip_prefix(fixtures()).expect("below").display().to_string();
            Files { name, files: files_of(&folder) }
        })
        .collect();
    all.extend(invented());
    all
}

/// Estates in which several kinds of files meet.
pub fn invented() -> Vec<Files> {
    let of = |name: &str, files: &[(&str, &str)]| Files {
        name: name.to_owned(),
        files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect(),
    };
    vec![
        of("invented/shop", SHOP),
        of("invented/secrets", crate::secrets::PLANTED),
        of(
            "invented/words",
            &[
                (
                    "compose.yaml",
                    "services:\n  größe:\n    image: registry.example/größe:1\n    user: root\n  \"日本\":\n    image: registry.example/jp:1\n    privileged: true\n    environment: {GRÖSSE_URL: \"http://größe\"}\n",
                ),
                ("a b/Dockerfile", "FROM debian:13\nUSER root\n"),
            ],
        ),
    ]
}

const SHOP: &[(&str, &str)] = &[
    (
        "orders/package.json",
        "{\n  \"name\": \"orders\",\n  \"scripts\": {\"start\": \"node .\"},\n  \"dependencies\": {\"pg\": \"8.0.0\"}\n}\n",
    ),
    ("orders/Dockerfile", "FROM node:22\nENV PORT=8080\nCMD [\"node\", \".\"]\n"),
    ("orders/.env", "DATABASE_URL=postgresql://shop@db:5432/shop\nBILLING_URL=http://billing:8080\n"),
    (
        "orders/openapi.json",
        "{\n  \"openapi\": \"3.0.0\",\n  \"paths\": {\n    \"/orders\": {\n      \"post\": {\"operationId\": \"place\"}\n    }\n  }\n}\n",
    ),
    ("billing/pyproject.toml", "[project]\nname = \"billing\"\ndependencies = [\"fastapi\"]\n"),
    ("billing/Dockerfile", "FROM python:3.13\nUSER root\n"),
    (
        "billing/billing.proto",
        "syntax = \"proto3\";\npackage billing.v1;\nservice Billing {\n  rpc Charge(Request) returns (Reply);\n}\nmessage Request {}\nmessage Reply {}\n",
    ),
    (
        "compose.yaml",
        "services:\n  db:\n    image: postgres:17\n    ports: [\"5432:5432\"]\n  orders:\n    build: ./orders\n    env_file: orders/.env\n    ports: [\"8080:8080\"]\n  billing:\n    build: ./billing\n    privileged: true\n    environment:\n      DATABASE_URL: postgresql://shop@db:5432/shop\n      LEDGER_URL: http://legder:8080\n      ORDERS_URL: http://orders:8080\n",
    ),
    (
        "deploy/orders.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: orders}\nspec:\n  template:\n    metadata: {labels: {app: orders}}\n    spec:\n      containers:\n        - name: orders\n          image: registry.example/shop/orders:1\n          securityContext: {capabilities: {add: [SYS_ADMIN]}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: orders}\nspec: {type: LoadBalancer, selector: {app: orders}, ports: [{port: 80}]}\n",
    ),
];

/// What a finding is known by: rule, subject, fingerprint, where it stands and all places
/// that it shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Rule, severity, subject and message.
    pub what: String,
    /// Rule and subject.
    pub about: String,
    /// Survives what moves lines; empty for what could not be decided.
    pub fingerprint: String,
    /// Path and line; the finding's own first.
    pub places: Vec<(String, usize)>,
}

/// All findings and undecided subjects.
pub fn seen(estate: &Estate, rules: &[ActiveRule]) -> Vec<Seen> {
    let judgement = estate.judgement(rules);
    let place = |span| {
        let (path, line) = estate.place(span);
        (path.to_owned(), line)
    };
    let mut seen: Vec<Seen> = judgement
        .findings
        .iter()
        .map(|one| {
            let mut places = vec![place(one.span)];
            let mut related: Vec<_> = one.related.iter().map(|related| place(related.span)).collect();
            related.sort();
            places.extend(related);
            Seen {
                what: format!("{} {:?} {}: {}", one.rule, one.severity, one.subject, one.message),
                about: format!("{} {}", one.rule, one.subject),
                fingerprint: one.fingerprint.clone(),
                places,
            }
        })
        .collect();
    seen.extend(judgement.undecided.iter().map(|one| Seen {
        what: format!("{} cannot tell for {}: {}", one.rule, one.subject, one.why),
        about: format!("{} {}", one.rule, one.subject),
        fingerprint: String::new(),
        places: vec![place(one.span)],
    }));
    seen.sort();
    seen
}
