//! Who a Compose service runs as, and what it may do.

use super::fields;
use crate::extract::interpolation;
use crate::extract::reading::Reading;
use crate::facts::answer::Answer;
use crate::facts::workload::{Security, User};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// What the lack of a key in a mapping means.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    /// The name of what the mapping describes.
    pub span: Span,
    /// True if the file breaks off inside of the mapping.
    pub cut_off: bool,
}

impl Silence {
    /// Absent, or unknown where the file breaks off.
    pub fn answer<T>(self) -> Answer<T> {
        if self.cut_off {
            Answer::unknown("the file breaks off inside of this service")
        } else {
            Answer::absent(self.span)
        }
    }
}

/// Settings of which none is made.
pub fn nothing_set(silence: Silence) -> Security {
    Security {
        user: silence.answer(),
        group: silence.answer(),
        non_root: silence.answer(),
        privileged: silence.answer(),
        added_capabilities: Vec::new(),
        dropped_capabilities: Vec::new(),
        drops_all: silence.answer(),
        privilege_escalation: silence.answer(),
        read_only_root: silence.answer(),
        seccomp: silence.answer(),
    }
}

/// The settings of one service. Compose knows no `runAsNonRoot`.
pub fn security(reading: &mut Reading<'_>, service: Node<'_>, silence: Silence) -> Security {
    let mut security = nothing_set(silence);
    if let Some(node) = service.get("user") {
        user(reading, node, &mut security);
    }
    for (key, answer) in [("privileged", &mut security.privileged), ("read_only", &mut security.read_only_root)] {
        let flag = service.get(key).and_then(|node| fields::flag(reading, node, &format!("`{key}`")));
        if let Some(flag) = flag {
            *answer = flag;
        }
    }
    security.added_capabilities = capabilities(reading, service, "cap_add");
    security.dropped_capabilities = capabilities(reading, service, "cap_drop");
    if let Some((_, span)) = security.dropped_capabilities.iter().find(|(name, _)| *name == "ALL") {
        security.drops_all = Answer::present(true, *span);
    }
    if let Some(node) = service.get("security_opt") {
        options(reading, node, &mut security);
    }
    security
}

/// `1000`, `app`, `1000:1000`, `${UID:-1000}:${GID:-1000}`. A default counts, since it is
/// what holds where nobody says otherwise.
fn user(reading: &mut Reading<'_>, node: Node<'_>, security: &mut Security) {
    let Some(placed) = fields::text(reading, node, "`user`") else { return };
    let colon = colon_outside_variables(placed.text);
    let whole = placed.text.len();
    let user = placed.part(0..colon.unwrap_or(whole));
    let answer = |part: interpolation::Placed<'_>| match interpolation::with_defaults(part) {
        Ok(text) => parsed_user(&text).map(|user| Answer::present(user, placed.span)),
        Err(name) => Some(Answer::unknown(&format!("the variable {name} decides and has no default"))),
    };
    match interpolation::with_defaults(placed) {
        // A default such as `${OWNER:-1000:1000}` holds both.
        Ok(text) => {
            let (user, group) = text.split_once(':').unwrap_or((&text, ""));
            if let Some(user) = parsed_user(user) {
                security.user = Answer::present(user, placed.span);
            }
            if let Some(group) = parsed_user(group) {
                security.group = Answer::present(group, placed.span);
            }
        }
        Err(_) => {
            if let Some(answer) = answer(user) {
                security.user = answer;
            }
            if let Some(answer) = colon.and_then(|colon| answer(placed.part(colon + 1..whole))) {
                security.group = answer;
            }
        }
    }
}

fn colon_outside_variables(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

fn parsed_user(text: &str) -> Option<User> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    Some(text.parse().map_or_else(|_| User::Name(Symbol::new(text)), User::Id))
}

fn capabilities(reading: &mut Reading<'_>, service: Node<'_>, key: &str) -> Vec<(Symbol, Span)> {
    let Some(node) = service.get(key) else { return Vec::new() };
    let what = format!("`{key}`");
    let mut found = Vec::new();
    for item in fields::items(reading, node, &what, false) {
        let Some(placed) = fields::text(reading, item, &what) else { continue };
        let upper = placed.text.to_ascii_uppercase();
        found.push((Symbol::new(upper.strip_prefix("CAP_").unwrap_or(&upper)), placed.span));
    }
    found
}

/// `no-new-privileges:true`, `seccomp:unconfined`; `=` does as well as `:`.
fn options(reading: &mut Reading<'_>, node: Node<'_>, security: &mut Security) {
    for item in fields::items(reading, node, "`security_opt`", false) {
        let Some(placed) = fields::text(reading, item, "`security_opt`") else { continue };
        let (name, value) = placed.text.split_once([':', '=']).unwrap_or((placed.text, ""));
        match name.trim() {
            "no-new-privileges" => {
                let escalation = value.trim() == "false";
                security.privilege_escalation = Answer::present(escalation, placed.span);
            }
            "seccomp" => {
                // Spelled like Kubernetes' profile types: a file is a localhost profile.
                let profile = if value.trim() == "unconfined" { "Unconfined" } else { "Localhost" };
                security.seccomp = Answer::present(Symbol::new(profile), placed.span);
            }
            _ => {}
        }
    }
}
