//! What the text of a secret looks like: a value, something to be filled in, or sealed; and
//! which texts under a secret key are no secrets at all.

use super::keys::{self, KeyKind};
use crate::source::secret::SecretLook;
use crate::syntax::words::words_of;

/// How a text begins that names where a secret lies, or is encrypted or hashed: Vault, vals,
/// 1Password, cloud secret managers, Jasypt, SOPS, Spring Cloud Config, Ansible, age, PGP,
/// bcrypt and its kin. In lower case.
const SEALED_STARTS: &[&str] = &[
    "enc[",
    "enc(",
    "{cipher}",
    "vault:",
    "ref+",
    "op://",
    "sm://",
    "secret://",
    "file://",
    "file:/",
    "!vault",
    "$ansible_vault",
    "gcp:secretmanager",
    "aws:secretsmanager",
    "awssm:",
    "azurekv:",
    "arn:aws",
    "secretsmanager:",
    "kms:",
    "akv:",
    "keyvault:",
    "@microsoft.keyvault(",
    "-----begin age",
    "-----begin pgp message",
    "$2a$",
    "$2b$",
    "$2y$",
    "$argon2",
    "{bcrypt}",
    "pbkdf2_sha",
    "pbkdf2:",
    "scrypt:",
    "$scrypt$",
    "$6$",
    "$5$",
    "scram-sha-256$",
];

/// How a text begins that asks to be filled in. In lower case, separators as `-`.
const FILL_IN_STARTS: &[&str] = &[
    "change-me-",
    "replace",
    "todo",
    "tbd",
    "fixme",
    "insert-",
    "enter-",
    "put-",
    "set-me",
    "fill-",
    "your-",
    "my-own-",
    "add-your",
    "redacted",
    "placeholder",
    "xxx",
    "to-be-",
    "paste-",
    "here-goes",
    "<",
    "…",
    "...",
    "***",
    "n/a",
    "dummy",
    "not-set",
    "notset",
    "unset",
    "<none>",
];

/// What a secret's text looks like. Weak passwords (`password`, `changeme`) are values.
pub fn look_of(text: &str) -> SecretLook {
    let text = text.trim();
    let start: String = text.chars().take(32).collect::<String>().to_lowercase();
    if SEALED_STARTS.iter().any(|sealed| start.starts_with(sealed)) || is_sealed_secret(text) {
        return SecretLook::Sealed;
    }
    if start.starts_with("projects/") && text.contains("/secrets/") {
        return SecretLook::Sealed;
    }
    if is_placeholder(text) { SecretLook::Placeholder } else { SecretLook::Value }
}

/// True for the half of a key pair that is meant to be shown, and for certificates.
pub fn is_public_key(text: &str) -> bool {
    let text = text.trim_start();
    ["-----BEGIN PUBLIC KEY", "-----BEGIN RSA PUBLIC KEY", "-----BEGIN CERTIFICATE", "ssh-rsa ", "ssh-ed25519 "]
        .iter()
        .any(|public| text.starts_with(public))
}

/// What `text` is as the value of a secret key; `None`: no secret at all.
pub fn look_under(kind: KeyKind, key: &str, text: &str) -> Option<SecretLook> {
    let text = text.trim();
    if text.is_empty() || is_switch(text) || is_small_number(kind, text) || is_path(text) || is_plain_url(text) {
        return None;
    }
    if text.split_whitespace().nth(3).is_some() && !text.starts_with("-----BEGIN") {
        // Four words and more are a sentence about a secret.
        return None;
    }
    if is_public_key(text) {
        return None;
    }
    if is_object_name(kind, key, text) {
        return None;
    }
    Some(look_of(text))
}

fn is_switch(text: &str) -> bool {
    const SWITCHES: &[&str] = &[
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "null",
        "none",
        "nil",
        "undefined",
        "~",
        "{}",
        "[]",
        "optional",
        "required",
    ];
    SWITCHES.iter().any(|switch| text.eq_ignore_ascii_case(switch))
}

/// A number is a weak password, but no token: it is how many or how long.
fn is_small_number(kind: KeyKind, text: &str) -> bool {
    let numeric = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    match kind {
        KeyKind::Password => numeric && text.len() < 3,
        KeyKind::Secret | KeyKind::Token | KeyKind::Key => {
            let duration = text.trim_end_matches(['s', 'm', 'h', 'd']);
            (numeric && text.len() < 16) || (!duration.is_empty() && duration.bytes().all(|b| b.is_ascii_digit()))
        }
    }
}

fn is_path(text: &str) -> bool {
    if text.len() > 200 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-\\:~@".contains(&b)) {
        return false;
    }
    const ENDINGS: &[&str] =
        &[".pem", ".key", ".crt", ".cer", ".json", ".txt", ".jks", ".p12", ".pfx", ".yaml", ".yml", ".asc", ".env"];
    let rooted = ["/", "./", "../", "~/"].iter().any(|root| text.starts_with(root));
    let drive = text.as_bytes().get(1) == Some(&b':') && text.as_bytes().get(2) == Some(&b'\\');
    (rooted && text.len() < 100) || drive || ENDINGS.iter().any(|ending| text.ends_with(ending))
}

fn is_plain_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b))
            && !rest.split('/').next().unwrap_or("").contains('@')
            && !matches!(scheme, "op" | "sm" | "secret" | "file")
    })
}

/// `orders-db-secret` under `secret`: the object that holds it.
fn is_object_name(kind: KeyKind, key: &str, text: &str) -> bool {
    if kind == KeyKind::Password || key.bytes().all(|b| !b.is_ascii_lowercase()) {
        return false;
    }
    let parts: Vec<&str> = text.split('-').collect();
    let plain = parts.iter().all(|part| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) && part.len() < 20
    });
    const HOLDERS: &[&str] =
        &["secret", "secrets", "creds", "credentials", "tls", "cert", "token", "key", "keys", "auth"];
    plain && parts.len() >= 3 && parts.last().is_some_and(|last| HOLDERS.contains(last))
}

/// The ciphertext of Bitnami's SealedSecret: base64 of a length prefix that starts with `Ag`.
fn is_sealed_secret(text: &str) -> bool {
    text.starts_with("Ag") && text.len() > 200 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
}

fn is_placeholder(text: &str) -> bool {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return true };
    if characters.all(|c| c == first) {
        return true;
    }
    if text.contains("${") || text.contains("{{") || text.contains("<%") || text.contains('\u{1a}') {
        return true;
    }
    let wrapped = |open: &str, close: &str| {
        text.len() > open.len() + close.len() && text.starts_with(open) && text.ends_with(close)
    };
    const WRAPS: &[(&str, &str)] = &[
        ("<", ">"),
        ("$(", ")"),
        ("%(", ")s"),
        ("#{", "}"),
        ("#{", "}#"),
        ("__", "__"),
        ("@", "@"),
        ("%", "%"),
        ("[", "]"),
        ("{", "}"),
    ];
    if WRAPS.iter().any(|(open, close)| wrapped(open, close)) {
        return true;
    }
    if let Some(name) = text.strip_prefix('$') {
        let variable = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
        // `$ecret1` is a password that begins with a dollar; variables are in one case.
        if variable
            && (name.bytes().all(|b| !b.is_ascii_lowercase())
                || name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        {
            return true;
        }
    }
    if matches!(text, "CHANGE_ME" | "CHANGE-ME" | "CHANGE ME" | "%s" | "%v" | "?") {
        return true;
    }
    let flat = text.to_lowercase().replace(['_', ' '], "-");
    if FILL_IN_STARTS.iter().any(|start| flat.starts_with(start)) {
        return true;
    }
    // `DB_PASSWORD`, `API_KEY_VALUE`: the name of what a script puts in its place.
    let is_constant = text.contains('_') && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    if is_constant && keys::kind_of(text).is_some() {
        return true;
    }
    // The keys of AWS's documentation end so.
    if text.ends_with("EXAMPLE") || text.ends_with("EXAMPLEKEY") {
        return true;
    }
    flat.ends_with("-here")
        || flat.ends_with("-goes-here")
        || flat.contains("xxxx")
        || flat.contains("-placeholder")
        || flat.contains("****")
        || asks_in_words(text)
}

/// `yourpassword`, `YourStrongToken`: a word that speaks to the reader. What goes on behind
/// it must be words too: `yourStrong(!)Password` is the password of a documented command.
fn asks_in_words(text: &str) -> bool {
    let words = words_of(text);
    words.first().is_some_and(|word| word == "your" || word == "insert" || word == "replace")
        && text.bytes().all(|b| b.is_ascii_alphabetic() || b"-_ ".contains(&b))
        || matches!(text, "yourpassword" | "yoursecret" | "yourtoken" | "yourkey" | "yourapikey")
}
