//! The names under which programs are told of their database, key by key: `DB_HOST`,
//! `PGDATABASE`, `spring.datasource.username`, `ConnectionStrings:Default`.

use std::collections::BTreeMap;

use super::engines::engines;
use crate::source::symbol::Symbol;
use crate::syntax::words::words_of;

/// What a key says of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The whole connection: `DATABASE_URL`.
    Url,
    /// `DB_HOST`; its value may have a port: `REDIS_ADDR=cache:6379`.
    Host,
    /// `DB_PORT`
    Port,
    /// `DB_NAME`
    Database,
    /// `DB_SCHEMA`; the database's own name for MySQL.
    Schema,
    /// `DB_USER`
    User,
    /// `DB_PASSWORD`
    Password,
    /// `DB_DIALECT`, `driver-class-name`
    Engine,
}

/// Keys that together state one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyGroup {
    /// What the keys have in common, in lower case, with `db` for `database`: `orders.db` of
    /// `ORDERS_DATABASE_HOST`, `spring.datasource`.
    pub prefix: String,
    /// Canonical engine that the prefix, a dialect's value or a default port names; `None`:
    /// some database.
    pub engine: Option<Symbol>,
    /// Role and index of the key as given, one for each role, in order of the roles.
    pub keys: Vec<(Role, usize)>,
}

impl KeyGroup {
    /// Index of the key with a role.
    pub fn key(&self, role: Role) -> Option<usize> {
        self.keys.iter().find(|(known, _)| *known == role).map(|(_, index)| *index)
    }
}

/// Endings of keys and what they say. Longer ones first, so that `DB_NAME` behind `MYSQL_`
/// is the database's name of `MYSQL`.
const ENDINGS: &[(&[&str], Role)] = &[
    (&["driver", "class", "name"], Role::Engine),
    (&["connection", "string"], Role::Url),
    (&["connection", "url"], Role::Url),
    (&["connection", "uri"], Role::Url),
    (&["jdbc", "url"], Role::Url),
    (&["database", "url"], Role::Url),
    (&["db", "name"], Role::Database),
    (&["database", "name"], Role::Database),
    (&["host", "name"], Role::Host),
    (&["user", "name"], Role::User),
    (&["url"], Role::Url),
    (&["uri"], Role::Url),
    (&["dsn"], Role::Url),
    (&["connstr"], Role::Url),
    (&["connectionstring"], Role::Url),
    (&["host"], Role::Host),
    (&["hostname"], Role::Host),
    (&["hostaddr"], Role::Host),
    (&["server"], Role::Host),
    (&["address"], Role::Host),
    (&["addr"], Role::Host),
    (&["endpoint"], Role::Host),
    (&["hosts"], Role::Host),
    (&["nodes"], Role::Host),
    (&["port"], Role::Port),
    (&["database"], Role::Database),
    (&["db"], Role::Database),
    (&["dbname"], Role::Database),
    (&["name"], Role::Database),
    (&["keyspace"], Role::Database),
    (&["schema"], Role::Schema),
    (&["user"], Role::User),
    (&["username"], Role::User),
    (&["login"], Role::User),
    (&["password"], Role::Password),
    (&["passwd"], Role::Password),
    (&["pass"], Role::Password),
    (&["pwd"], Role::Password),
    (&["dialect"], Role::Engine),
    (&["client"], Role::Engine),
    (&["driver"], Role::Engine),
    (&["type"], Role::Engine),
    (&["engine"], Role::Engine),
    (&["provider"], Role::Engine),
    (&["adapter"], Role::Engine),
    (&["connection"], Role::Engine),
];

/// Words that make the key before them one of a database.
const DATABASE_WORDS: &[&str] = &[
    "db",
    "database",
    "databases",
    "datasource",
    "datasources",
    "jdbc",
    "r2dbc",
    "sql",
    "rdbms",
    "typeorm",
    "sequelize",
    "knex",
    "sqlalchemy",
];

/// Words between a prefix and its role that say how, not which.
const FILLERS: &[&str] =
    &["jdbc", "r2dbc", "reactive", "hikari", "connection", "config", "options", "credentials", "auth"];

/// Words that name one of several connections of a kind, behind the word of the kind.
const NAMED: &[&str] = &[
    "default",
    "primary",
    "secondary",
    "main",
    "master",
    "replica",
    "write",
    "writer",
    "read",
    "reader",
    "cluster",
    "dev",
    "development",
    "test",
    "prod",
    "production",
    "staging",
    "local",
    "0",
    "1",
    "2",
];

/// Finds the connections that keys state. Keys are dotted, `:`- or `_`-separated, given with
/// their value where it is known: it is asked for dialects and ports only. Groups come in
/// order of their prefix; a group has a URL, a host or a database.
pub fn group<'k>(keys: impl Iterator<Item = (&'k str, Option<&'k str>)>) -> Vec<KeyGroup> {
    let read: Vec<(Vec<String>, &str, Option<&str>)> = keys.map(|(key, value)| (split(key), key, value)).collect();
    // Mappings without a telling name, but with a dialect: `development: {dialect: postgres}`.
    let mut dialects: BTreeMap<String, Symbol> = BTreeMap::new();
    for (words, _, value) in &read {
        if let Some(value) = value
            && !value.contains("://")
            && let Some((prefix, Role::Engine)) = ending(words, &|_| true)
            && let Some(engine) = engines().by_alias(value)
        {
            dialects.insert(canonical(prefix), engine.name);
        }
    }
    let mut groups: BTreeMap<String, KeyGroup> = BTreeMap::new();
    for (index, (words, key, value)) in read.iter().enumerate() {
        let Some((prefix, role)) = role_of(words, key, *value, &dialects) else { continue };
        let group = groups.entry(prefix.clone()).or_insert_with(|| KeyGroup {
            engine: dialects.get(&prefix).copied().or_else(|| engine_of_prefix(&prefix)),
            prefix,
            keys: Vec::new(),
        });
        if group.key(role).is_none() {
            group.keys.push((role, index));
        }
        if role == Role::Port && group.engine.is_none() {
            let port = value.and_then(|value| value.trim().parse().ok());
            group.engine = port.and_then(|port| engines().by_port(port)).map(|engine| engine.name);
        }
    }
    let mut groups: Vec<KeyGroup> = groups.into_values().collect();
    groups.retain(|group| [Role::Url, Role::Host, Role::Database].iter().any(|&role| group.key(role).is_some()));
    for group in &mut groups {
        group.keys.sort();
    }
    groups
}

/// The canonical prefix and role of a key.
fn role_of(
    words: &[String],
    key: &str,
    value: Option<&str>,
    dialects: &BTreeMap<String, Symbol>,
) -> Option<(String, Role)> {
    // .NET keeps connections under one section, each by its name.
    if let [first, second, name, ..] = words
        && first == "connection"
        && second == "strings"
        && !name.is_empty()
    {
        return Some((canonical(words), Role::Url));
    }
    if let [first, second] = words
        && first == "connection"
        && second == "string"
    {
        return Some((String::new(), Role::Url));
    }
    let is_environment = key.bytes().all(|b| !b.is_ascii_lowercase()) && !key.contains(['.', ':']);
    let fits =
        |prefix: &[String]| speaks_of_database(prefix, is_environment) || dialects.contains_key(&canonical(prefix));
    let (prefix, role) = ending(words, &fits)?;
    let is_dialect = value.is_some_and(|value| !value.contains("://") && engines().by_alias(value).is_some());
    let role = match role {
        // Laravel's `DB_CONNECTION=mysql`, or a connection text.
        Role::Engine if words.last().is_some_and(|word| word == "connection") && !is_dialect => Role::Url,
        // `db.type: ClusterIP`, `mysql.client: …` say something else.
        Role::Engine if !is_dialect => return None,
        role => role,
    };
    Some((canonical(prefix), role))
}

/// The longest ending whose rest fits.
fn ending<'w>(words: &'w [String], fits: &dyn Fn(&[String]) -> bool) -> Option<(&'w [String], Role)> {
    ENDINGS.iter().find_map(|(ending, role)| {
        let rest = words.len().checked_sub(ending.len())?;
        let (prefix, last) = words.split_at_checked(rest)?;
        (last.iter().zip(*ending).all(|(word, part)| word == part) && fits(prefix)).then_some((prefix, *role))
    })
}

fn speaks_of_database(prefix: &[String], is_environment: bool) -> bool {
    let mut rest = prefix;
    while let Some((last, before)) = rest.split_last() {
        if is_database_word(last) {
            return true;
        }
        if !FILLERS.contains(&last.as_str()) && !NAMED.contains(&last.as_str()) {
            break;
        }
        rest = before;
    }
    // `DB_ORDERS_HOST`: which of several databases, behind the word.
    is_environment && prefix.len() == 2 && prefix.first().is_some_and(|word| DATABASE_WORDS.contains(&word.as_str()))
}

fn is_database_word(word: &str) -> bool {
    DATABASE_WORDS.contains(&word) || engine_of_word(word).is_some()
}

fn engine_of_word(word: &str) -> Option<Symbol> {
    let upper = word.to_ascii_uppercase();
    engines()
        .iter()
        .find(|engine| engine.prefixes.iter().any(|prefix| prefix.as_str() == upper))
        .map(|engine| engine.name)
}

fn engine_of_prefix(prefix: &str) -> Option<Symbol> {
    prefix.rsplit('.').find_map(engine_of_word)
}

fn canonical(prefix: &[String]) -> String {
    let kept = prefix.iter().rposition(|word| !FILLERS.contains(&word.as_str())).map_or(0, |at| at + 1);
    // A prefix that is nothing but `JDBC` stays.
    let kept = if kept == 0 { prefix.len() } else { kept };
    let words = prefix.iter().take(kept).map(|word| if word == "database" { "db" } else { word.as_str() });
    words.collect::<Vec<_>>().join(".")
}

/// The words of a key, with those apart that are written together: `PGHOST`, `dbname`.
fn split(key: &str) -> Vec<String> {
    if key.len() > 256 {
        return Vec::new();
    }
    let mut words = Vec::new();
    for word in words_of(key) {
        let together = ["pg", "db", "mysql", "mongo", "postgres", "redis"].iter().find_map(|prefix| {
            // `mongodb` is a name of its own.
            let rest = word.strip_prefix(prefix).filter(|_| !is_database_word(&word))?;
            ENDINGS.iter().any(|(ending, _)| *ending == [rest]).then(|| ((*prefix).to_owned(), rest.to_owned()))
        });
        match together {
            Some((prefix, rest)) => words.extend([prefix, rest]),
            None => words.push(word),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Role, group};

    /// `prefix(engine) role=KEY …` for each group.
    fn shown(keys: &[&str]) -> Vec<String> {
        let pairs: Vec<(&str, Option<&str>)> = keys
            .iter()
            .map(|key| key.split_once('=').map_or((*key, None), |(key, value)| (key, Some(value))))
            .collect();
        let line = |group: &super::KeyGroup| {
            let roles = group.keys.iter().map(|(role, at)| format!(" {}={}", name(*role), pairs[*at].0));
            format!(
                "{}({}){}",
                group.prefix,
                group.engine.map_or("", |engine| engine.as_str()),
                roles.collect::<String>()
            )
        };
        group(pairs.iter().copied()).iter().map(line).collect()
    }

    fn name(role: Role) -> &'static str {
        match role {
            Role::Url => "url",
            Role::Host => "host",
            Role::Port => "port",
            Role::Database => "database",
            Role::Schema => "schema",
            Role::User => "user",
            Role::Password => "password",
            Role::Engine => "engine",
        }
    }

    #[test]
    fn environment_variables_form_one_group_for_each_prefix() {
        for (keys, expected) in [
            (
                &["DB_HOST", "DB_PORT=5432", "DB_NAME", "DB_USER", "DB_PASSWORD", "LOG_LEVEL"][..],
                &["db(postgresql) host=DB_HOST port=DB_PORT database=DB_NAME user=DB_USER password=DB_PASSWORD"][..],
            ),
            (&["PGHOST", "PGDATABASE", "PGUSER"], &["pg(postgresql) host=PGHOST database=PGDATABASE user=PGUSER"]),
            (&["POSTGRES_DB", "POSTGRES_USER"], &["postgres(postgresql) database=POSTGRES_DB user=POSTGRES_USER"]),
            (&["MYSQL_HOST", "MYSQL_DB_NAME"], &["mysql(mysql) host=MYSQL_HOST database=MYSQL_DB_NAME"]),
            (
                &["ORDERS_DB_HOST", "ORDERS_DATABASE_NAME", "BILLING_DB_HOST"],
                &["billing.db() host=BILLING_DB_HOST", "orders.db() host=ORDERS_DB_HOST database=ORDERS_DATABASE_NAME"],
            ),
            (&["DB_CONNECTION=mysql", "DB_HOST"], &["db(mysql) host=DB_HOST engine=DB_CONNECTION"]),
            (&["REDIS_HOST", "REDIS_DB"], &["redis(redis) host=REDIS_HOST database=REDIS_DB"]),
            (&["DATABASE_URL"], &["db() url=DATABASE_URL"]),
            (&["ORDERS_DATABASE_URL"], &["orders.db() url=ORDERS_DATABASE_URL"]),
            (&["MONGO_URI"], &["mongo(mongodb) url=MONGO_URI"]),
            (&["JDBC_URL"], &["jdbc() url=JDBC_URL"]),
            (
                &["TYPEORM_CONNECTION=postgres", "TYPEORM_HOST"],
                &["typeorm(postgresql) host=TYPEORM_HOST engine=TYPEORM_CONNECTION"],
            ),
        ] {
            assert_eq!(shown(keys), expected, "{keys:?}");
        }
    }

    #[test]
    fn dotted_keys_of_frameworks_are_known() {
        for (keys, expected) in [
            (
                &["spring.datasource.url", "spring.datasource.username", "spring.datasource.password"][..],
                &[
                    "spring.datasource() url=spring.datasource.url user=spring.datasource.username password=spring.datasource.password",
                ][..],
            ),
            (
                &["quarkus.datasource.jdbc.url", "quarkus.datasource.username"],
                &["quarkus.datasource() url=quarkus.datasource.jdbc.url user=quarkus.datasource.username"],
            ),
            (
                &["spring.data.mongodb.host", "spring.data.mongodb.database"],
                &["spring.data.mongodb(mongodb) host=spring.data.mongodb.host database=spring.data.mongodb.database"],
            ),
            (
                &["ConnectionStrings:Default", "ConnectionStrings__Orders"],
                &[
                    "connection.strings.default() url=ConnectionStrings:Default",
                    "connection.strings.orders() url=ConnectionStrings__Orders",
                ],
            ),
            (
                &[
                    "DATABASES.default.ENGINE=django.db.backends.mysql",
                    "DATABASES.default.HOST",
                    "DATABASES.default.NAME",
                ],
                &[
                    "databases.default(mysql) host=DATABASES.default.HOST database=DATABASES.default.NAME engine=DATABASES.default.ENGINE",
                ],
            ),
            (
                &["development.client=pg", "development.connection.host", "development.connection.database"],
                &[
                    "development(postgresql) host=development.connection.host database=development.connection.database engine=development.client",
                ],
            ),
            (
                &["database.host", "database.port", "database.name"],
                &["db() host=database.host port=database.port database=database.name"],
            ),
        ] {
            assert_eq!(shown(keys), expected, "{keys:?}");
        }
    }

    #[test]
    fn keys_about_other_things_form_no_group() {
        for keys in [
            &["HOST", "PORT", "NAME", "USER", "PASSWORD"][..],
            &["mysql.image.name", "mysql.service.type=ClusterIP", "postgres.resources.limits.memory"],
            &["SENTRY_DSN", "CATALOG_URL", "API_HOST", "SMTP_HOST", "SMTP_USER"],
            &["DB_USER", "DB_PASSWORD"],
            &["development.type=web", "development.host"],
            &["MYSQL_EXPORTER_METRICS_HOST", "database.pool.size", ""],
        ] {
            assert_eq!(shown(keys), Vec::<String>::new(), "{keys:?}");
        }
    }
}
