//! Both sides of every line that is drawn between a secret and what looks like one.

use super::{Piece, configured, configured_pieces, is_secret_key, look_of, look_under, secret_ranges};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::data::SecretPlace;
use crate::facts::value::{Form, Value};
use crate::source::file::{FileId, SourceFile};
use crate::source::path::EstatePath;
use crate::source::secret::SecretLook;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

fn reading(text: &str) -> Reading<'_> {
    Reading::new(SourceFile { id: FileId(0), path: EstatePath::new("x.env"), text })
}

fn span(start: u32, end: u32) -> Span {
    Span::new(FileId(0), start, end)
}

/// The secrets noted: their text in the file, and how they look.
fn secrets<'a>(reading: &Reading<'a>) -> Vec<(&'a str, SecretLook, SecretPlace)> {
    let uses = reading.facts.facts.iter().filter_map(|fact| if let Fact::Secret(it) = fact { Some(it) } else { None });
    uses.map(|it| (reading.text_of(it.span), it.secret.look(), it.place)).collect()
}

#[test]
fn keys_are_secret_by_their_last_words() {
    for key in [
        "PASSWORD",
        "DB_PASSWORD",
        "db.password",
        "dbPassword",
        "MYSQL_ROOT_PASSWORD",
        "PGPASSWORD",
        "pwd",
        "DB_PWD",
        "DB_PASS",
        "pass",
        "passwd",
        "JWT_SECRET",
        "JWT_SECRET_KEY",
        "jwt.secret",
        "clientSecret",
        "client-secret",
        "GITHUB_TOKEN",
        "apiKey",
        "API_KEY",
        "x.api-key",
        "PRIVATE_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "credentials",
        "SIGNING_KEY",
        "ENCRYPTION_KEY",
        "SECRET_KEY_BASE",
        "DJANGO_SECRET_KEY",
        "PASSWORD_1",
        "TOKEN_PROD",
        "Auth:ApiKey",
        "requirepass",
        "MSSQL_SA_PASSWORD",
        "rootpassword",
        "users.0.password",
        "accessToken",
    ] {
        assert!(is_secret_key(key), "{key}");
    }
}

#[test]
fn keys_that_speak_about_secrets_are_not_secret() {
    for key in [
        "DB_SECRET_NAME",
        "secretName",
        "passwordFile",
        "DB_PASSWORD_FILE",
        "tokenUrl",
        "TOKEN_EXPIRY",
        "TOKEN_TTL",
        "password_policy",
        "MIN_PASSWORD_LENGTH",
        "ALLOW_EMPTY_PASSWORD",
        "MYSQL_ALLOW_EMPTY_PASSWORD",
        "secretKeyRef",
        "publicKey",
        "JWT_PUBLIC_KEY",
        "csrfTokenName",
        "imagePullSecrets.0.name",
        "existingSecret",
        "keyPrefix",
        "MYSQL_RANDOM_ROOT_PASSWORD",
        "proxy_pass",
        "PWD",
        "max_tokens",
        "nextPageToken",
        "primaryKey",
        "cacheKey",
        "AWS_ACCESS_KEY_ID",
        "automountServiceAccountToken",
        "keyboard",
        "compass",
        "bypass",
        "monkey",
        "",
        "partitionKey",
        "STRIPE_PUBLISHABLE_KEY",
        "passwordPlaceholder",
        "invalidPassword",
        "secret.enabled",
    ] {
        assert!(!is_secret_key(key), "{key}");
    }
}

#[test]
fn weak_values_are_values_and_fill_ins_are_not() {
    for (text, look) in [
        ("password", SecretLook::Value),
        ("changeme", SecretLook::Value),
        ("guest", SecretLook::Value),
        ("secret", SecretLook::Value),
        ("$ecret1", SecretLook::Value),
        ("yourStrong(!)Password", SecretLook::Value),
        ("", SecretLook::Placeholder),
        ("xxx", SecretLook::Placeholder),
        ("*****", SecretLook::Placeholder),
        ("<token>", SecretLook::Placeholder),
        ("${DB_PASSWORD}", SecretLook::Placeholder),
        ("$DB_PASSWORD", SecretLook::Placeholder),
        ("$(DB_PASSWORD)", SecretLook::Placeholder),
        ("{{ .Values.pw }}", SecretLook::Placeholder),
        ("%(pw)s", SecretLook::Placeholder),
        ("#{pw}#", SecretLook::Placeholder),
        ("__DB_PASSWORD__", SecretLook::Placeholder),
        ("CHANGE_ME_PLEASE", SecretLook::Placeholder),
        ("REPLACE_ME", SecretLook::Placeholder),
        ("your-password-here", SecretLook::Placeholder),
        ("TODO", SecretLook::Placeholder),
        ("SHOP_API_KEY_VAL", SecretLook::Placeholder),
        ("PASSWORD", SecretLook::Value),
        ("AKIAIOSFODNN7EXAMPLE", SecretLook::Placeholder),
        ("ENC[AES256_GCM,data:x]", SecretLook::Sealed),
        ("{cipher}682bc583f4641835fa2db009355293665d", SecretLook::Sealed),
        ("vault:secret/data/orders#pw", SecretLook::Sealed),
        ("op://shop/db/password", SecretLook::Sealed),
        ("-----BEGIN PGP MESSAGE-----", SecretLook::Sealed),
        ("arn:aws:secretsmanager:eu-west-1:1:secret:x", SecretLook::Sealed),
        ("projects/shop/secrets/db/versions/1", SecretLook::Sealed),
    ] {
        assert_eq!(look_of(text), look, "{text}");
    }
}

#[test]
fn switches_paths_addresses_and_object_names_are_no_secrets() {
    for (key, text, expected) in [
        ("password", "hunter2", Some(SecretLook::Value)),
        ("password", "1234", Some(SecretLook::Value)),
        ("password", "true", None),
        ("token", "3600", None),
        ("token", "15m", None),
        ("password", "/run/secrets/db", None),
        ("privateKey", "certs/server.pem", None),
        ("token", "https://login.example/token", None),
        ("db.secret", "orders-db-secret", None),
        ("jwt.secret", "my-secret", Some(SecretLook::Value)),
        ("JWT_SECRET", "a-long-secret", Some(SecretLook::Value)),
        ("password", "Please enter your password", None),
        ("jwt.key", "-----BEGIN PUBLIC KEY-----", None),
        ("user", "hunter2", None),
    ] {
        assert_eq!(look_under(key, text), expected, "{key}={text}");
    }
}

#[test]
fn passwords_in_connection_texts_are_found() {
    for (text, expected) in [
        ("postgres://shop:hunter2@db.example:5432/shop", &["hunter2"][..]),
        ("redis://:hunter2@cache", &["hunter2"]),
        ("mongodb://a:p@ss@h1,h2/x", &["p@ss"]),
        ("postgres://shop@db.example/shop", &[]),
        ("amqp://guest:guest@localhost:5672", &[]),
        ("amqps://guest:guest@127.0.0.1/shop", &[]),
        ("amqp://guest:guest@rabbit.example:5672", &["guest"]),
        ("amqp://guest:hunter2@localhost:5672", &["hunter2"]),
        ("postgres://guest:guest@localhost/shop", &["guest"]),
        ("https://shop.example/a:b@c", &[]),
        ("Server=db;Database=x;User Id=sa;Password=hunter2;", &["hunter2"]),
        ("jdbc:sqlserver://db:1433;user=sa;password={hun;ter2}", &["hun;ter2"]),
        ("jdbc:mysql://db/x?user=root&password=hunter2&useSSL=false", &["hunter2"]),
        ("host=db user=shop password=hunter2 dbname=x", &["hunter2"]),
        ("host=db user=shop password='hun ter2' dbname=x", &["hun ter2"]),
        ("shop:hunter2@tcp(db:3306)/x", &["hunter2"]),
        ("if password == null", &[]),
        ("password=", &[]),
    ] {
        let found: Vec<&str> = secret_ranges(text).into_iter().filter_map(|found| text.get(found.range)).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn tokens_are_known_by_their_shape() {
    // Put together here, so that no scanner takes this file for a leak.
    let github = format!("gh{}_{}", "p", "a1".repeat(18));
    let text = format!("curl -H {github} x");
    let found = secret_ranges(&text);
    assert_eq!(found.len(), 1);
    assert_eq!(found.first().and_then(|found| text.get(found.range.clone())), Some(github.as_str()));
    assert!(secret_ranges("ghp_short and AKIA").is_empty());
    let block = format!("-----BEGIN {} KEY-----\n{}", "RSA PRIVATE", "MIIEpAIBAAKCAQEA");
    assert_eq!(secret_ranges(&block).len(), 1);
    assert!(secret_ranges("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0").is_empty());
}

#[test]
fn a_password_in_a_url_is_cut_out_of_the_literal() {
    let text = "amqp://shop:hunter2@mq:5672";
    let mut reading = reading(text);
    let value = configured(&mut reading, "BROKER_URL", text, span(0, text.len() as u32), SecretPlace::Manifest);
    let Form::Concat(parts) = &value.form else { panic!("{value:?}") };
    assert_eq!(parts.first().and_then(Value::as_literal), Some(Symbol::new("amqp://shop:")));
    assert_eq!(parts.get(2).and_then(Value::as_literal), Some(Symbol::new("@mq:5672")));
    assert_eq!(secrets(&reading), [("hunter2", SecretLook::Value, SecretPlace::ConnectionString)]);
    assert_eq!(reading.facts.redactions, [span(12, 19)]);
}

#[test]
fn a_variable_in_the_password_stays_and_its_default_is_secret() {
    let text = "redis://:${PW:-hunter2}@cache/1";
    let mut reading = reading(text);
    let default = Value::literal("hunter2", span(15, 22));
    let variable = Value { form: Form::DeployVariable(Symbol::new("PW")), span: span(9, 23) };
    let pieces = vec![
        Piece::Literal("redis://:", span(0, 9)),
        Piece::Other(Value { form: Form::FirstOf(vec![variable.clone(), default]), span: span(9, 23) }),
        Piece::Literal("@cache/1", span(23, 31)),
    ];
    let value = configured_pieces(&mut reading, "REDIS_URL", pieces, span(0, 31), SecretPlace::Manifest);
    let Form::Concat(parts) = &value.form else { panic!("{value:?}") };
    assert_eq!(parts.len(), 3);
    assert_eq!(secrets(&reading), [("hunter2", SecretLook::Value, SecretPlace::Manifest)]);

    let mut reading = self::reading(text);
    let pieces =
        vec![Piece::Literal("redis://:", span(0, 9)), Piece::Other(variable), Piece::Literal("@cache/1", span(23, 31))];
    configured_pieces(&mut reading, "REDIS_URL", pieces, span(0, 31), SecretPlace::Manifest);
    assert!(secrets(&reading).is_empty());
}

#[test]
fn a_literal_password_beside_variables_is_secret() {
    let text = "postgres://$U:hunter2@$H/shop";
    let mut reading = reading(text);
    let other = |start, end| Piece::Other(Value { form: Form::Env(Symbol::new("X")), span: span(start, end) });
    let pieces = vec![
        Piece::Literal("postgres://", span(0, 11)),
        other(11, 13),
        Piece::Literal(":hunter2@", span(13, 22)),
        other(22, 24),
        Piece::Literal("/shop", span(24, 29)),
    ];
    configured_pieces(&mut reading, "DATABASE_URL", pieces, span(0, 29), SecretPlace::Manifest);
    assert_eq!(secrets(&reading), [("hunter2", SecretLook::Value, SecretPlace::ConnectionString)]);
}

#[test]
fn cut_texts_do_not_panic() {
    let text = "Server=ä;Password={hünter2};postgres://ü:p@ß@h/x?password=ö&b=-----BEGIN PRIVATE KEY-----";
    for end in 0..text.len() {
        if let Some(cut) = text.get(..end) {
            secret_ranges(cut);
            look_of(cut);
            is_secret_key(cut);
        }
    }
}
