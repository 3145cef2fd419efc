//! `privileged` and capabilities.

use super::Differences;

const FLAGS: [&str; 3] = ["", "privileged: true", "privileged: false"];

fn word(flag: &str) -> &str {
    if flag.is_empty() { "absent" } else { flag.trim_start_matches("privileged: ") }
}

#[test]
fn only_containers_are_privileged() {
    let mut differences = Differences::default();
    for of_pod in FLAGS {
        for of_container in FLAGS {
            for list in ["containers", "initContainers", "ephemeralContainers"] {
                let pod = format!(
                    "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  securityContext: {{{of_pod}}}\n  \
                     {list}:\n  - name: app\n    image: registry.example/web:1\n    securityContext: {{{of_container}}}\n"
                );
                differences.compare(&[("web.yaml", &pod)], "app", "privileged", word(of_container));
            }
        }
    }
    for of_service in FLAGS {
        let compose = format!("services:\n  app:\n    image: registry.example/web:1\n    {of_service}\n");
        differences.compare(&[("compose.yaml", &compose)], "app", "privileged", word(of_service));
    }
    differences.none_in_at_least(30);
}

#[test]
fn capabilities_have_one_spelling() {
    let lists = [
        ("[]", ""),
        ("[SYS_ADMIN]", "SYS_ADMIN"),
        ("[CAP_SYS_ADMIN]", "SYS_ADMIN"),
        ("[cap_net_admin]", "NET_ADMIN"),
        ("[all]", "ALL"),
        ("[ALL]", "ALL"),
        ("[NET_BIND_SERVICE, CAP_NET_BIND_SERVICE]", "NET_BIND_SERVICE"),
        ("[NET_ADMIN, CAP_SYS_PTRACE]", "NET_ADMIN SYS_PTRACE"),
        ("[\"NET_RAW\"]", "NET_RAW"),
    ];
    let mut differences = Differences::default();
    for (list, expected) in lists {
        for (of_pod, of_container, expected) in [
            ("", format!("capabilities: {{add: {list}}}"), expected),
            ("", format!("capabilities: {{drop: {list}}}"), ""),
            ("", format!("capabilities: {{drop: [ALL], add: {list}}}"), expected),
            ("capabilities: {add: [SYS_ADMIN]}", String::new(), ""),
        ] {
            let pod = format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  securityContext: {{{of_pod}}}\n  \
                 containers:\n  - name: app\n    image: registry.example/web:1\n    securityContext: {{{of_container}}}\n"
            );
            differences.compare(&[("web.yaml", &pod)], "app", "capabilities", expected);
        }
        for (key, expected) in [("cap_add", expected), ("cap_drop", "")] {
            let compose = format!("services:\n  app:\n    image: registry.example/web:1\n    {key}: {list}\n");
            differences.compare(&[("compose.yaml", &compose)], "app", "capabilities", expected);
        }
    }
    differences.none_in_at_least(54);
}

/// Rights are added up by an override and a base that it extends.
#[test]
fn compose_layers_add_their_rights() {
    let base = "services:\n  base:\n    image: registry.example/web:1\n    cap_add: [SYS_TIME]\n    privileged: true\n";
    let mut differences = Differences::default();
    for (more, attribute, expected) in [
        ("", "privileged", "true"),
        ("privileged: false", "privileged", "false"),
        ("", "capabilities", "SYS_TIME"),
        ("cap_add: [CAP_NET_ADMIN]", "capabilities", "SYS_TIME NET_ADMIN"),
    ] {
        let compose = format!("services:\n  app:\n    extends: {{file: common.yml, service: base}}\n    {more}\n");
        differences.compare(&[("common.yml", base), ("compose.yaml", &compose)], "app", attribute, expected);
    }
    differences.none_in_at_least(4);
}
