//! Whether the credentials that a client is given encrypt what it sends. Knows rows of tables, no
//! addresses.

use super::lookup::Lookup;
use super::value::{Foreign, Known, Step, Value};
use crate::source::symbol::Symbol;
use crate::tables::clients::CredentialsRow;
use crate::tables::shape::Path;

/// `None` where nothing tells. `stated` looks a path up in the call and its client.
pub fn encrypts(row: &CredentialsRow, stated: impl Fn(&Path) -> Lookup) -> Option<bool> {
    let mut left_open = false;
    for path in &row.at {
        match stated(path) {
            Lookup::Present(known) => return of_value(row, &known),
            Lookup::Unknown(_) => left_open = true,
            Lookup::Absent => {}
        }
    }
    (row.plain_by_default && !left_open).then_some(false)
}

fn of_value(row: &CredentialsRow, known: &Known) -> Option<bool> {
    match &known.value {
        Value::Foreign(trace) => of_trace(row, trace),
        // They have to agree.
        Value::FirstOf(all) | Value::OneOf(all) => {
            let each: Vec<Option<bool>> = all.iter().map(|one| of_value(row, one)).collect();
            let same = each.iter().all(|one| Some(*one) == each.first().copied());
            each.first().copied().flatten().filter(|_| same)
        }
        // `tlsOptions: {…}`
        Value::Object(_) => Some(true).filter(|_| row.encrypted.iter().any(|name| *name == "object")),
        Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => None,
    }
}

/// Whether credentials of gRPC encrypt: `ServerCredentials.createInsecure()` do not; `None` where
/// what they are cannot be told.
pub fn credentials_encrypt(known: &Known) -> Option<bool> {
    let names = |names: &[&str]| names.iter().map(|name| Symbol::new(name)).collect();
    let row = CredentialsRow {
        plain: names(&["createInsecure"]),
        encrypted: names(&["createSsl"]),
        ..CredentialsRow::default()
    };
    of_value(&row, known)
}

fn of_trace(row: &CredentialsRow, trace: &Foreign) -> Option<bool> {
    let made_by = match (&trace.step, &trace.before) {
        (Step::Call(_), Some(before)) => &before.step,
        (step, _) => step,
    };
    let name: Symbol = match made_by {
        Step::Member(name) | Step::Import { name, .. } => *name,
        Step::Global(_)
        | Step::Injected(_)
        | Step::Call(_)
        | Step::New(_)
        | Step::Subclass(_)
        | Step::Element
        | Step::Handed { .. } => return None,
    };
    if row.plain.contains(&name) { Some(false) } else { row.encrypted.contains(&name).then_some(true) }
}
