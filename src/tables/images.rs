//! Images that everybody knows: what they are, and as whom they run unless told otherwise.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::image_name::ImageName;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

/// The files of `tables/images`: one for each kind.
const FILES: &[(&str, &str)] = &[
    ("base.yaml", include_str!("../../tables/images/base.yaml")),
    ("broker.yaml", include_str!("../../tables/images/broker.yaml")),
    ("cache.yaml", include_str!("../../tables/images/cache.yaml")),
    ("coordination.yaml", include_str!("../../tables/images/coordination.yaml")),
    ("database.yaml", include_str!("../../tables/images/database.yaml")),
    ("identity.yaml", include_str!("../../tables/images/identity.yaml")),
    ("load-generator.yaml", include_str!("../../tables/images/load-generator.yaml")),
    ("object-store.yaml", include_str!("../../tables/images/object-store.yaml")),
    ("observability.yaml", include_str!("../../tables/images/observability.yaml")),
    ("proxy.yaml", include_str!("../../tables/images/proxy.yaml")),
    ("tool.yaml", include_str!("../../tables/images/tool.yaml")),
];

/// What an image is for. All but [`ImageKind::Base`] are infrastructure, not services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ImageKind {
    /// `base`: runtimes and distributions that services are built on or run in.
    Base,
    /// `broker`: kafka, rabbitmq.
    Broker,
    /// `cache`: redis, memcached.
    Cache,
    /// `coordination`: consul, etcd, zookeeper.
    Coordination,
    /// `database`: postgres, elasticsearch.
    Database,
    /// `identity`: keycloak, vault.
    Identity,
    /// `load-generator`: k6, locust.
    LoadGenerator,
    /// `object-store`: minio.
    ObjectStore,
    /// `observability`: prometheus, jaeger, collectors, exporters.
    Observability,
    /// `proxy`: nginx, envoy, meshes, gateways.
    Proxy,
    /// `tool`: adminer, mailhog, controllers, debug shells.
    Tool,
}

impl ImageKind {
    /// All kinds, in order of their words.
    pub const ALL: [Self; 11] = [
        Self::Base,
        Self::Broker,
        Self::Cache,
        Self::Coordination,
        Self::Database,
        Self::Identity,
        Self::LoadGenerator,
        Self::ObjectStore,
        Self::Observability,
        Self::Proxy,
        Self::Tool,
    ];

    /// As tables, configuration and the graph spell it: `load-generator`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Broker => "broker",
            Self::Cache => "cache",
            Self::Coordination => "coordination",
            Self::Database => "database",
            Self::Identity => "identity",
            Self::LoadGenerator => "load-generator",
            Self::ObjectStore => "object-store",
            Self::Observability => "observability",
            Self::Proxy => "proxy",
            Self::Tool => "tool",
        }
    }

    /// The kind that `word` spells.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// As whom an image's process runs where nobody says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageUser {
    /// `root`: uid 0, for as long as it runs.
    Root,
    /// `root-then-drops`: the image's user is root, and its entrypoint steps down to a user
    /// without rights before the server starts. To the platform it is an image that runs as
    /// root: `runAsNonRoot` refuses it.
    RootThenDrops,
    /// `1001`, `nobody`: a number or a name that is not root.
    Unprivileged(Symbol),
    /// `unknown`: it depends on the version, or nobody looked.
    Unknown,
}

/// How much a base image carries beside what a program needs to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// `slim`: no more than a shell and libraries.
    Slim,
    /// `full`: a distribution's tools or a compiler.
    Full,
}

/// Which part of a repository a pattern must be equal to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    /// `last`: the part behind the last `/`, in whatever namespace.
    Last,
    /// `whole`, the default: all of it, or all behind a mirror's prefix.
    Whole,
}

/// What is known about a family of images.
#[derive(Clone, Debug)]
pub struct ImageRow {
    patterns: Vec<Box<str>>,
    segment: Segment,
    tags: Option<Box<str>>,
    slim_tags: Vec<Box<str>>,
    weight: Option<Weight>,
    /// True if it starts no more than a shell or a prompt unless told otherwise.
    pub idle: bool,
    /// What it is for.
    pub kind: ImageKind,
    /// Canonical name of the software: `postgresql`, `rabbitmq`. For a base image the
    /// runtime or distribution: `node`, `debian`.
    pub engine: Symbol,
    /// As whom it runs.
    pub user: ImageUser,
    /// Where this can be looked up: `https://hub.docker.com/_/postgres`.
    pub source: Box<str>,
    /// The month in which row and source were last compared: `2026-11`.
    pub checked: Box<str>,
}

impl ImageRow {
    /// A row of a user's configuration. A pattern without `/` means an image's last part in
    /// whatever namespace: users' registries have prefixes of their own.
    pub fn of_user(pattern: &str, kind: ImageKind, engine: Symbol, user: ImageUser) -> Self {
        let segment = if pattern.contains('/') { Segment::Whole } else { Segment::Last };
        Self {
            patterns: vec![pattern.into()],
            segment,
            tags: None,
            slim_tags: Vec::new(),
            weight: None,
            idle: false,
            kind,
            engine,
            user,
            source: Box::from(""),
            checked: Box::from(""),
        }
    }

    /// How heavy a base image of this family is with this tag (`None`: `latest`). `None`
    /// for images that nobody builds on.
    pub fn weight(&self, tag: Option<&str>) -> Option<Weight> {
        let tag = tag.unwrap_or("latest");
        if self.slim_tags.iter().any(|pattern| matches_glob(pattern, tag)) {
            return Some(Weight::Slim);
        }
        self.weight
    }
}

/// A table of images.
#[derive(Clone, Debug)]
pub struct Images {
    rows: Vec<ImageRow>,
    /// (row, pattern) by the last part of the pattern, where that holds no `*`.
    by_last: FxHashMap<Box<str>, Vec<(usize, usize)>>,
    /// (row, pattern) of the others.
    wild: Vec<(usize, usize)>,
    /// Rows from here on are a user's and win.
    shipped: usize,
}

/// The images that archlint knows.
pub fn images() -> &'static Images {
    static IMAGES: LazyLock<Images> = LazyLock::new(|| {
        let rows = FILES.iter().flat_map(|(_, text)| read_file(text).0).collect();
        Images::new(rows)
    });
    &IMAGES
}

impl Images {
    fn new(rows: Vec<ImageRow>) -> Self {
        let shipped = rows.len();
        let mut images = Self { rows: Vec::new(), by_last: FxHashMap::default(), wild: Vec::new(), shipped };
        images.append(rows);
        images
    }

    fn append(&mut self, rows: Vec<ImageRow>) {
        for row in rows {
            let index = self.rows.len();
            for (at, pattern) in row.patterns.iter().enumerate() {
                let last = pattern.rsplit('/').next().unwrap_or(pattern);
                if last.contains('*') {
                    self.wild.push((index, at));
                } else {
                    self.by_last.entry(last.into()).or_default().push((index, at));
                }
            }
            self.rows.push(row);
        }
    }

    /// This table with a user's rows, which win over the shipped ones.
    pub fn with(&self, extra: Vec<ImageRow>) -> Self {
        let mut images = self.clone();
        images.append(extra);
        images
    }

    /// All rows in the order of their files, a user's last.
    pub fn rows(&self) -> &[ImageRow] {
        &self.rows
    }

    /// What is known about `image` (`docker.io/library/postgres:16@sha256:…`); `None` where
    /// no row matches or it is no image name. Of several rows the closest wins: a user's
    /// before a shipped one, the whole repository before its last part, a tag's before every
    /// tag's, a plain name before one with `*`, then the longer pattern.
    pub fn find(&self, image: &str) -> Option<&ImageRow> {
        self.find_name(&ImageName::parse(image)?)
    }

    /// The same for a name taken apart.
    pub fn find_name(&self, name: &ImageName<'_>) -> Option<&ImageRow> {
        let tag = name.tag.unwrap_or("latest");
        let listed = self.by_last.get(name.last_segment()).map_or(&[][..], Vec::as_slice);
        let candidates = listed.iter().chain(&self.wild).filter_map(|&(index, at)| {
            let row = self.rows.get(index)?;
            let pattern = row.patterns.get(at)?;
            let tag_matches = row.tags.as_ref().is_none_or(|tags| matches_glob(tags, tag));
            let matches = tag_matches && matches_repository(pattern, row.segment, name.repository);
            let closeness =
                (index >= self.shipped, row.segment, row.tags.is_some(), !pattern.contains('*'), pattern.len());
            matches.then_some((closeness, row))
        });
        candidates.max_by_key(|(closeness, _)| *closeness).map(|(_, row)| row)
    }
}

/// Reads a file of the table: `kind`, then `rows`.
fn read_file(text: &str) -> (Vec<ImageRow>, Vec<SyntaxProblem>) {
    let tree = yaml::parse(FileId(0), text);
    let mut problems = tree.problems.clone();
    let mut rows = Vec::new();
    for document in tree.documents() {
        let mut reader = RowReader::new(document, &["kind", "rows"], &mut problems);
        reader.required("kind");
        reader.required_list("rows");
        let kind = reader.word("kind", &ImageKind::ALL.map(ImageKind::word), ImageKind::of_word);
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            rows.extend(read_row(row, kind, &mut problems));
        }
    }
    (rows, problems)
}

const KEYS: &[&str] =
    &["match", "segment", "tags", "kind", "engine", "user", "weight", "slim_tags", "idle", "source", "checked"];

/// Reads one row. `kind` holds for rows that state none. What is wrong is added to
/// `problems`, and the row is left out then.
pub fn read_row(row: Node<'_>, kind: Option<ImageKind>, problems: &mut Vec<SyntaxProblem>) -> Option<ImageRow> {
    let mut reader = RowReader::new(row, KEYS, problems);
    let patterns = reader.list("match");
    if patterns.is_empty() || patterns.iter().any(|pattern| pattern.trim_matches(['*', '/']).is_empty()) {
        reader.problem(row.span(), "match lists the repositories that the row is about".to_owned());
    }
    let segment = reader
        .word("segment", &["last", "whole"], |word| match word {
            "last" => Some(Segment::Last),
            "whole" => Some(Segment::Whole),
            _ => None,
        })
        .unwrap_or(Segment::Whole);
    if segment == Segment::Last && patterns.iter().any(|pattern| pattern.contains('/')) {
        reader.problem(row.span(), "a pattern for the last segment has no slash".to_owned());
    }
    let own_kind = reader.word("kind", &ImageKind::ALL.map(ImageKind::word), ImageKind::of_word);
    let weight = reader.word("weight", &["slim", "full"], |word| match word {
        "slim" => Some(Weight::Slim),
        "full" => Some(Weight::Full),
        _ => None,
    });
    let Some(kind) = own_kind.or(kind) else {
        reader.problem(row.span(), "the row has no kind".to_owned());
        return None;
    };
    let idle = reader.word("idle", &["true"], |word| (word == "true").then_some(true)).unwrap_or(false);
    let tags = reader.optional("tags").map(Box::from);
    let slim_tags = reader.list("slim_tags");
    let engine = Symbol::new(reader.required("engine")?);
    let user = match reader.required("user")? {
        "root" | "0" => ImageUser::Root,
        "root-then-drops" => ImageUser::RootThenDrops,
        "unknown" => ImageUser::Unknown,
        name => ImageUser::Unprivileged(Symbol::new(name)),
    };
    let (source, checked) = reader.origin()?;
    reader.is_sound().then_some(ImageRow {
        patterns,
        segment,
        tags,
        slim_tags,
        weight,
        idle,
        kind,
        engine,
        user,
        source,
        checked,
    })
}

/// True if `repository` (without registry) is what `pattern` means. A whole pattern also
/// matches behind a mirror's prefix: `bitnami/redis` matches `docker-hub/bitnami/redis`. One
/// without `/` is an official image, so only `library/` may stand before it.
fn matches_repository(pattern: &str, segment: Segment, repository: &str) -> bool {
    let parts = pattern.split('/').count();
    let before = repository.split('/').count().checked_sub(parts);
    let Some(before) = before else { return false };
    let official = || before == 0 || repository.split('/').nth(before - 1) == Some("library");
    let placed = match segment {
        Segment::Last => true,
        Segment::Whole => parts > 1 || official(),
    };
    let tail = repository.split('/').skip(before);
    placed && pattern.split('/').zip(tail).all(|(pattern, part)| matches_glob(pattern, part))
}

/// True if `text` is what `pattern` means; `*` stands for any characters.
fn matches_glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
