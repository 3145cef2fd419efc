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

#[test]
fn sealed_and_external_secrets_give_their_keys() {
    let text = "\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: sealed}
spec:
  encryptedData: {password: AgBy3i4OJSWK}
  template: {metadata: {name: db}}
---
apiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
metadata: {name: fetched}
spec:
  target: {name: pay-db}
  data:
    - {secretKey: url, remoteRef: {key: shop/pay}}
";
    let facts = facts_of(text);
    let all: Vec<_> = objects_in(&facts)
        .iter()
        .map(|object| {
            let keys: Vec<_> = object.entries.iter().map(|entry| entry.key.as_str()).collect();
            format!("{} {} {}", shown(&object.name), object.external, keys.join(","))
        })
        .collect();
    assert_eq!(all, ["db true password", "pay-db true url"]);
    assert!(facts.facts.iter().all(|fact| !matches!(fact, crate::facts::Fact::Secret(_))));
}

#[test]
fn what_is_in_a_secret_is_judged_by_key_and_text() {
    for (key, text, expected) in [
        ("DB_HOST", "db.example", "db.example"),
        ("dbName", "shop", "shop"),
        ("enableTls", "true", "true"),
        ("pepper", "xk29dmw0", "Secret(Value)"),
        ("pepper", "<pepper>", "Secret(Placeholder)"),
        ("DB_HOST", "<host>", "<host>"),
        ("DB_PASSWORD", "changeme-77", "Secret(Value)"),
        ("SLACK_WEBHOOK_URL", "https://hooks.example/T1/B2/x9", "Secret(Value)"),
        ("empty", "''", ""),
    ] {
        let text = format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: db}}\nstringData:\n  {key}: {text}\n");
        assert_eq!(shown(&objects_in(&facts_of(&text))[0].entries[0].value), expected, "{text}");
    }
}

#[test]
fn whole_objects_in_annotations_are_kept_from_view() {
    let text = "\
apiVersion: v1
kind: Secret
metadata:
  name: db
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{\"data\":{\"pepper\":\"eGsyOWRtdzA=\"}}'
";
    let facts = facts_of(text);
    assert_eq!(facts.redactions.len(), 1);
}
