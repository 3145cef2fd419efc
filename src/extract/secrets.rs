//! Which texts are secret, and what they look like. Every reader hands configuration
//! values through [`configured`], so that no secret's text gets into a fact.

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::data::{SecretPlace, SecretUse};
use crate::facts::value::{Form, Value};
use crate::source::secret::{Secret, SecretLook};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// The value that `key` is set to in a file: the literal, unless the key's name says that it
/// is secret or the text is a connection URL with a password in it. Secret parts become
/// [`Form::Secret`], are noted as [`SecretUse`] and are entered in the file's redactions.
///
/// `text` is the value after unquoting and `span` its range in the file; `place` says what
/// kind of file it is. Interpolation is the caller's: hand in literal parts only.
pub fn configured(reading: &mut Reading<'_>, key: &str, text: &str, span: Span, place: SecretPlace) -> Value {
    if is_secret_key(key) && !text.is_empty() {
        let secret = Secret::new(text, look_of(text));
        reading.facts.redactions.push(span);
        reading.add(Fact::Secret(Box::new(SecretUse { key: Symbol::new(key), secret, place, span })));
        return Value { form: Form::Secret(secret), span };
    }
    Value::literal(text, span)
}

/// True for keys whose value is secret by their name: `DB_PASSWORD`, `jwt.secret`, `apiKey`.
pub fn is_secret_key(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    ["password", "passwd", "secret", "token", "api_key", "apikey"].iter().any(|word| lower.ends_with(word))
}

/// What a secret's text looks like.
pub fn look_of(text: &str) -> SecretLook {
    if text.starts_with('<') && text.ends_with('>') { SecretLook::Placeholder } else { SecretLook::Value }
}
