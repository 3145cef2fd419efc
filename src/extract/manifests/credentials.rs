//! Logins inside the addresses of a manifest: `git+https://user:token@git.example/x.git`,
//! `--index-url https://user:password@pypi.example/simple`.

use memchr::memmem;

use crate::extract::reading::Reading;
use crate::extract::secrets::{is_secret_key, look_of};
use crate::facts::Fact;
use crate::facts::data::{SecretPlace, SecretUse};
use crate::source::secret::Secret;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// Fewest letters of a login without password that count as a token: `git@` and the like
/// are users. Tokens of code hosts have 20 and more.
const TOKEN_LENGTH: usize = 16;

/// Notes each login's secret part and enters it in the redactions.
pub fn note_credentials(reading: &mut Reading<'_>) {
    let text = reading.file.text;
    let mut secrets = Vec::new();
    for at in memmem::find_iter(text.as_bytes(), b"://") {
        let start = at + 3;
        let rest = text.get(start..).unwrap_or_default();
        let end =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '<' | '>' | '#' | '?' | ',' | ')'));
        let authority = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let Some((login, _)) = authority.rsplit_once('@') else { continue };
        let (user, secret) = login.split_once(':').unwrap_or(("", login));
        let is_password = login.len() > secret.len();
        let is_variable = secret.contains(['$', '%', '{']);
        if secret.is_empty() || is_variable || !is_password && secret.len() < TOKEN_LENGTH {
            continue;
        }
        let start = start + if is_password { user.len() + 1 } else { 0 };
        secrets.push((start, secret));
    }
    for (start, secret) in secrets {
        let span = reading.span(start, start + secret.len());
        reading.facts.redactions.push(span);
        let secret = Secret::new(secret, look_of(secret));
        let key = Symbol::new("login in an address");
        reading.add(Fact::Secret(Box::new(SecretUse { key, secret, place: SecretPlace::Configuration, span })));
    }
}

/// Keys of a `package.json` whose entries are names of packages and their versions.
const PACKAGES: [&str; 6] =
    ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "overrides", "resolutions"];
/// No manifest that people write is deeper.
const DEEPEST: usize = 32;

/// Enters what stands under keys that name secrets in the redactions, such as `password` in
/// npm's `config`: a finding about the manifest may show the very line.
pub fn redact_secret_keys(reading: &mut Reading<'_>, root: Node<'_>) {
    let mut left = vec![(root, 0)];
    while let Some((node, depth)) = left.pop() {
        for (key, value) in node.own_entries() {
            let name = key.raw().unwrap_or_default();
            if value.raw().is_some() && is_secret_key(name) {
                reading.facts.redactions.push(value.definition());
            } else if depth < DEEPEST && !PACKAGES.contains(&name) {
                left.push((value, depth + 1));
            }
        }
        if depth < DEEPEST {
            left.extend(node.items().map(|item| (item, depth + 1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::note_credentials;
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    #[test]
    fn passwords_and_tokens_are_secret_and_users_are_not() {
        for (text, found) in [
            ("https://user:hunter2@pypi.example/simple", Some("secret at 1:14")),
            ("git+https://abcdefghijklmnop1234@git.example/x", Some("secret at 1:13")),
            ("ssh://git@git.example/x", None),
            ("https://user:${TOKEN}@pypi.example/", None),
            ("https://git.example/x@1.0", None),
            ("https://user:@git.example/", None),
        ] {
            let lines = sketch("a", text, note_credentials);
            assert_eq!(lines.first().map(String::as_str), found, "{text}");
            survives_truncation("a", text, note_credentials);
        }
    }
}
