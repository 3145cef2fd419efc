//! Windows pods, all kinds of workloads, and Compose.

use super::images::{BUILT_AS_OTHER, BUILT_AS_ROOT, IMAGES, Image};
use super::{Differences, Expected};

const IMAGE: &str = "image: debian:13";

#[test]
fn pods_of_windows_have_no_root() {
    let mut differences = Differences::default();
    for (setting, expected) in [
        ("os: {name: windows}", Expected::Other),
        ("os: {name: linux}", Expected::Root),
        ("nodeSelector: {kubernetes.io/os: windows}", Expected::Other),
        ("nodeSelector: {kubernetes.io/os: linux}", Expected::Root),
        ("nodeSelector: {beta.kubernetes.io/os: windows}", Expected::Other),
        ("nodeSelector: {pool: windows}", Expected::Root),
        ("securityContext: {windowsOptions: {hostProcess: true}}", Expected::Other),
    ] {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  {setting}\n  containers:\n  - {{name: app, {IMAGE}}}\n"
        );
        differences.compare(&[("web.yaml", &pod)], "app", "root", expected.word());
    }
    differences.none_in_at_least(7);
}

#[test]
fn every_kind_of_workload_has_its_context_where_its_pods_are() {
    let mut differences = Differences::default();
    for (api, kind, template) in [
        ("v1", "Pod", ""),
        ("apps/v1", "Deployment", "template"),
        ("apps/v1", "StatefulSet", "template"),
        ("apps/v1", "DaemonSet", "template"),
        ("apps/v1", "ReplicaSet", "template"),
        ("v1", "ReplicationController", "template"),
        ("batch/v1", "Job", "template"),
        ("batch/v1", "CronJob", "jobTemplate.spec.template"),
        ("argoproj.io/v1alpha1", "Rollout", "template"),
    ] {
        for (at_pod, beside_pod, expected) in [
            ("runAsNonRoot: true", "", Expected::Other),
            ("runAsUser: 1000", "", Expected::Other),
            ("runAsUser: 0", "", Expected::Root),
            // Where nothing reads it.
            ("", "securityContext: {runAsNonRoot: true}", Expected::Root),
            ("", "", Expected::Root),
        ] {
            let mut inner = format!("{{securityContext: {{{at_pod}}}, containers: [{{name: app, {IMAGE}}}]}}");
            for key in template.rsplit('.').filter(|key| !key.is_empty()) {
                inner = if key == "spec" { inner } else { format!("{{{key}: {{spec: {inner}}}}}") };
            }
            let manifest =
                format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: web}}\n{beside_pod}\nspec: {inner}\n");
            differences.compare(&[("web.yaml", &manifest)], "app", "root", expected.word());
        }
    }
    differences.none_in_at_least(45);
}

/// Compose has the container's user only, and no `runAsNonRoot`.
#[test]
fn compose_user_wins_over_the_image() {
    let users = [
        ("", None),
        ("user: root", Some(Expected::Root)),
        ("user: \"0\"", Some(Expected::Root)),
        ("user: 0", Some(Expected::Root)),
        ("user: \"0:0\"", Some(Expected::Root)),
        ("user: root:app", Some(Expected::Root)),
        ("user: \"0:1000\"", Some(Expected::Root)),
        ("user: 1000", Some(Expected::Other)),
        ("user: \"1000:0\"", Some(Expected::Other)),
        ("user: app", Some(Expected::Other)),
        ("user: app:root", Some(Expected::Other)),
        ("user: \"${OWNER:-1000}\"", Some(Expected::Other)),
        ("user: \"${OWNER:-0}:0\"", Some(Expected::Root)),
        ("user: \"${OWNER}\"", Some(Expected::Hidden)),
        ("user: \"${OWNER}:${GROUP:-0}\"", Some(Expected::Hidden)),
    ];
    let mut differences = Differences::default();
    for (line, user) in users {
        let all = IMAGES.iter().copied().filter(|_| line.is_empty());
        for Image { name, recipe, user: of_image } in all.chain([BUILT_AS_ROOT, BUILT_AS_OTHER]) {
            let how = if recipe.is_some() { "build: ./orders".to_owned() } else { format!("image: {name}") };
            let compose = format!("services:\n  app:\n    {how}\n    {line}\n");
            let recipe = recipe.map(|recipe| ("orders/Dockerfile", recipe));
            let files: Vec<(&str, &str)> = recipe.into_iter().chain([("compose.yaml", compose.as_str())]).collect();
            differences.compare(&files, "app", "root", user.unwrap_or(of_image).word());
        }
    }
    differences.none_in_at_least(60);
}
