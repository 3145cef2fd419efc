//! An earlier report, read for what changed since.

use std::path::Path;

use serde_json::Value;

use super::failure::Failure;
use crate::judge::finding::Severity;
use crate::render::trend::PreviousFinding;

/// Largest file taken, in bytes: some hundred thousand findings.
const LARGEST: u64 = 512 << 20;

/// The findings of `report --format json` or `check --format json`.
#[expect(clippy::disallowed_methods, reason = "the user names the file")]
pub fn read(path: &Path) -> Result<Vec<PreviousFinding>, Failure> {
    let unreadable = |why: String| Failure::Unreadable("earlier report", path.to_path_buf(), why);
    let length = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if length > LARGEST {
        return Err(unreadable("it is larger than any report".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let document: Value = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    findings(&document).map_err(unreadable)
}

fn findings(document: &Value) -> Result<Vec<PreviousFinding>, String> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    match text(document, "schema").as_str() {
        "archlint.report/v1" | "archlint.findings/v1" => {}
        "" => return Err("it is no JSON report of archlint: it has no schema".to_owned()),
        other => return Err(format!("this version reads archlint.report/v1 and archlint.findings/v1, not {other}")),
    }
    let Some(all) = document.get("findings").and_then(Value::as_array) else {
        return Err("it has no list of findings".to_owned());
    };
    let one = |value: &Value| {
        let severity = Severity::from_word(&text(value, "severity")).ok_or("a finding has no severity")?;
        let fingerprint = text(value, "fingerprint");
        if fingerprint.is_empty() {
            return Err("a finding has no fingerprint");
        }
        let line = value.get("line").and_then(Value::as_u64).unwrap_or(1);
        Ok(PreviousFinding {
            rule: text(value, "rule"),
            theme: text(value, "theme"),
            severity,
            message: text(value, "message"),
            place: format!("{}:{line}", text(value, "path")),
            fingerprint,
        })
    };
    all.iter().map(one).collect::<Result<_, _>>().map_err(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::findings;

    #[test]
    fn only_documents_of_ours_are_taken() {
        for (text, expected) in [
            ("[]", Err("it is no JSON report of archlint: it has no schema")),
            (
                r#"{"schema": "other/v1"}"#,
                Err("this version reads archlint.report/v1 and archlint.findings/v1, not other/v1"),
            ),
            (r#"{"schema": "archlint.report/v1"}"#, Err("it has no list of findings")),
            (r#"{"schema": "archlint.report/v1", "findings": [{}]}"#, Err("a finding has no severity")),
            (
                r#"{"schema": "archlint.findings/v1", "findings": [{"severity": "error"}]}"#,
                Err("a finding has no fingerprint"),
            ),
            (r#"{"schema": "archlint.findings/v1", "findings": [{"severity": "error", "fingerprint": "a"}]}"#, Ok(1)),
        ] {
            let document = serde_json::from_str(text).expect("JSON");
            let found = findings(&document).map(|all| all.len());
            assert_eq!(found, expected.map_err(str::to_owned), "{text}");
        }
    }
}
