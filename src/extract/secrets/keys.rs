//! Which keys hold secrets, by the words of their names.

use crate::syntax::words::words_of;

/// What sort of secret a key names; a password may be a plain word or a number, a token not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// `DB_PASSWORD`, `pwd`, `passphrase`
    Password,
    /// `JWT_SECRET`, `credentials`
    Secret,
    /// `GITHUB_TOKEN`
    Token,
    /// `API_KEY`, `privateKey`
    Key,
}

/// Words anywhere in a key that make it a switch, a limit or a form's field.
const SWITCHES: &[&str] = &[
    "allow",
    "allowed",
    "enable",
    "enabled",
    "disable",
    "disabled",
    "require",
    "required",
    "requires",
    "has",
    "is",
    "show",
    "hide",
    "min",
    "max",
    "minimum",
    "maximum",
    "empty",
    "random",
    "generate",
    "validate",
    "forgot",
    "reset",
    "change",
    "update",
    "confirm",
    "skip",
    "ignore",
    "without",
    "should",
    "existing",
    "invalid",
    "missing",
    "wrong",
    "no",
    "label",
    "placeholder",
    "message",
    "error",
    "public",
    "publishable",
    "csrf",
    "xsrf",
    "encrypted",
    "sealed",
    "hashed",
    "hash",
];

/// Words before `token` that make it a unit of text or of paging.
const HARMLESS_TOKENS: &[&str] =
    &["next", "page", "continuation", "stop", "pad", "eos", "bos", "unk", "cls", "sep", "mask", "special", "account"];

/// Words before `secret` that make it the name of an object that holds the secret.
const SECRET_OBJECTS: &[&str] = &["pull", "tls", "existing", "image", "kubernetes", "k8s", "from", "use", "create"];

/// Words before `key` that make it a cryptographic or access key.
const KEY_OWNERS: &[&str] = &[
    "api",
    "secret",
    "private",
    "signing",
    "sign",
    "encryption",
    "encrypt",
    "encoding",
    "access",
    "jwt",
    "crypto",
    "cipher",
    "master",
    "hmac",
    "aes",
    "rsa",
    "account",
    "app",
    "application",
    "license",
    "licence",
    "sas",
    "write",
    "admin",
    "auth",
    "shared",
    "subscription",
    "ssh",
    "deploy",
];

/// Words behind the decisive one that change nothing: `PASSWORD_1`, `SECRET_VALUE`,
/// `TOKEN_PROD`.
const TAILS: &[&str] = &[
    "value",
    "val",
    "prod",
    "production",
    "dev",
    "development",
    "staging",
    "test",
    "local",
    "default",
    "base64",
    "b64",
    "plain",
];

/// Longest key looked at; no name of a setting is longer.
const KEY_LIMIT: usize = 256;

/// What sort of secret `key` names; `None`: it names none.
pub fn kind_of(key: &str) -> Option<KeyKind> {
    if key.is_empty() || key.len() > KEY_LIMIT || matches!(key, "PWD" | "OLDPWD") {
        return None;
    }
    let lower = key.to_ascii_lowercase();
    if !["pass", "pwd", "pw", "secret", "token", "key", "cred"].iter().any(|mark| lower.contains(mark)) {
        return None;
    }
    let mut words = words_of(key);
    while let Some(last) = words.last() {
        if words.len() > 1 && (last.bytes().all(|b| b.is_ascii_digit()) || TAILS.contains(&last.as_str())) {
            words.pop();
        } else {
            break;
        }
    }
    let last = words.last()?.trim_end_matches(|c: char| c.is_ascii_digit());
    let before = words.len().checked_sub(2).and_then(|at| words.get(at)).map_or("", String::as_str);
    if segment_words(key).iter().any(|word| SWITCHES.contains(&word.as_str())) {
        return None;
    }
    if lower.ends_with("secret_key_base") || lower.ends_with("secretkeybase") {
        return Some(KeyKind::Secret);
    }
    match last {
        "password" | "passwords" | "passwd" | "passphrase" | "passcode" | "requirepass" => Some(KeyKind::Password),
        "pwd" | "pw" | "psw" => Some(KeyKind::Password),
        "pass" => {
            (!matches!(before, "proxy" | "grpc" | "fastcgi" | "uwsgi" | "scgi" | "memcached" | "boarding" | "by"))
                .then_some(KeyKind::Password)
        }
        "secret" => (!SECRET_OBJECTS.contains(&before)).then_some(KeyKind::Secret),
        "credentials" | "credential" | "creds" => Some(KeyKind::Secret),
        "token" => (!HARMLESS_TOKENS.contains(&before)).then_some(KeyKind::Token),
        "key" => KEY_OWNERS.contains(&before).then_some(KeyKind::Key),
        "apikey" | "secretkey" | "privatekey" | "accesskey" | "signingkey" | "encryptionkey" | "licensekey"
        | "accountkey" => Some(KeyKind::Key),
        "authtoken" | "accesstoken" | "apitoken" | "bearertoken" | "refreshtoken" => Some(KeyKind::Token),
        "dbpass" | "userpass" | "rootpass" | "adminpass" | "mysqlpass" | "redispass" => Some(KeyKind::Password),
        run_together if run_together.len() > 8 && run_together.ends_with("password") => Some(KeyKind::Password),
        run_together if run_together.len() > 6 && run_together.ends_with("passwd") => Some(KeyKind::Password),
        "clientsecret" | "jwtsecret" | "appsecret" | "apisecret" | "sharedsecret" | "sessionsecret" => {
            Some(KeyKind::Secret)
        }
        _ => None,
    }
}

/// The words of the last segment of a dotted key, so that a parent such as `validation.no`
/// does not excuse its child.
fn segment_words(key: &str) -> Vec<String> {
    let segments: Vec<&str> = key.split(['.', ':', '/']).filter(|segment| !segment.is_empty()).collect();
    let last = segments.iter().rev().find(|segment| !segment.bytes().all(|b| b.is_ascii_digit()));
    last.map(|segment| words_of(segment)).unwrap_or_default()
}
