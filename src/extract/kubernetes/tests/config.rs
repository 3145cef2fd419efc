//! ConfigMaps and Secrets.

use super::{at, facts_of, objects_in, shown};

#[test]
fn secrets_are_decoded_and_only_what_is_secret_is_hidden() {
    let text = "\
apiVersion: v1
kind: Secret
metadata: {name: db}
data:
  host: b3JkZXJzLWRiLmV4YW1wbGU=
  password: aHVudGVyMg==
  url: cG9zdGdyZXM6Ly9zaG9wOmh1bnRlcjJAZGIuZXhhbXBsZS9zaG9w
  blob: 'cDR5bDA0ZHg='
stringData:
  DB_PORT: \"5432\"
  signing: zq81kdlq02
";
    let facts = facts_of(text);
    let [object] = objects_in(&facts)[..] else { panic!("one object") };
    let entries: Vec<_> = object.entries.iter().map(|entry| format!("{}={}", entry.key, shown(&entry.value))).collect();
    assert_eq!(
        entries,
        [
            "host=orders-db.example",
            "password=Secret(Value)",
            "url=postgres://shop:Secret(Value)@db.example/shop",
            "blob=Secret(Value)",
            "DB_PORT=5432",
            "signing=Secret(Value)",
        ]
    );
    let redacted: Vec<_> = facts.redactions.iter().map(|&span| at(text, span)).collect();
    assert_eq!(redacted, ["6:13-6:25", "7:8-7:60", "8:10-8:22", "11:12-11:22"]);
}

#[test]
fn config_maps_keep_settings_and_leave_files_alone() {
    let text = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: common, namespace: shop}
data:
  PAY_URL: http://pay:80
  RETRIES: 3
  application.yml: |
    spring: {}
";
    let facts = facts_of(text);
    let [object] = objects_in(&facts)[..] else { panic!("one object") };
    let entries: Vec<_> = object.entries.iter().map(|entry| format!("{}={}", entry.key, shown(&entry.value))).collect();
    assert_eq!(entries, ["PAY_URL=http://pay:80", "RETRIES=3", "application.yml=?it is a file inside a manifest"]);
    assert_eq!(facts.unclear.len(), 1);
}
