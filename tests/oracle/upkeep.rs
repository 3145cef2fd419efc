//! What containers give up, ask for and are probed by; what a budget lets go.

use super::Differences;

fn pod(of_pod: &str, of_container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  template:\n    metadata: \
         {{labels: {{app: web}}}}\n    spec:\n      securityContext: {{{of_pod}}}\n      containers:\n      - name: app\n        \
         image: registry.example/web:1\n{of_container}"
    )
}

#[test]
fn four_rights_are_given_up_one_by_one() {
    const ESCALATION: [(&str, bool); 3] =
        [("", false), ("allowPrivilegeEscalation: true, ", false), ("allowPrivilegeEscalation: false, ", true)];
    const DROPPED: [(&str, bool); 5] = [
        ("", false),
        ("capabilities: {drop: []}, ", false),
        ("capabilities: {drop: [NET_RAW]}, ", false),
        ("capabilities: {drop: [ALL]}, ", true),
        ("capabilities: {drop: [all], add: [NET_BIND_SERVICE]}, ", true),
    ];
    // Of the container, of the pod: the container's wins.
    const SECCOMP: [(&str, &str, bool); 6] = [
        ("", "", false),
        ("seccompProfile: {type: RuntimeDefault}, ", "", true),
        ("", "seccompProfile: {type: RuntimeDefault}", true),
        ("seccompProfile: {type: Unconfined}, ", "seccompProfile: {type: RuntimeDefault}", false),
        ("seccompProfile: {type: Localhost, localhostProfile: web.json}, ", "", true),
        ("", "seccompProfile: {type: Unconfined}", false),
    ];
    const ROOT: [(&str, bool); 3] =
        [("", false), ("readOnlyRootFilesystem: false", false), ("readOnlyRootFilesystem: true", true)];
    let mut differences = Differences::default();
    for (escalation, no_escalation) in ESCALATION {
        for (drop, dropped) in DROPPED {
            for (profile, of_pod, profiled) in SECCOMP {
                for (root, read_only) in ROOT {
                    let context = format!("        securityContext: {{{escalation}{drop}{profile}{root}}}\n");
                    let missing = [
                        (no_escalation, "a ban on escalation"),
                        (dropped, "dropped capabilities"),
                        (profiled, "a seccomp profile"),
                        (read_only, "a read-only root"),
                    ];
                    let expected: Vec<&str> =
                        missing.iter().filter(|(there, _)| !there).map(|(_, words)| *words).collect();
                    let files = [("web.yaml", &*pod(of_pod, &context))];
                    differences.compare(&files, "app", "hardening_missing", &expected.join(" "));
                }
            }
        }
    }
    differences.none_in_at_least(270);
}

#[test]
fn a_limit_is_the_request_where_no_other_is_stated() {
    const VALUES: [&str; 4] = ["", "cpu: 100m", "memory: 64Mi", "cpu: 100m, memory: 64Mi"];
    let mut differences = Differences::default();
    for requests in VALUES {
        for limits in VALUES {
            let states = |text: &str, name: &str| text.contains(name);
            let missing = [
                (states(requests, "cpu") || states(limits, "cpu"), "a CPU request"),
                (states(requests, "memory") || states(limits, "memory"), "a memory request"),
                (states(limits, "memory"), "a memory limit"),
            ];
            let expected: Vec<&str> = missing.iter().filter(|(there, _)| !there).map(|(_, words)| *words).collect();
            let resources = format!("        resources: {{requests: {{{requests}}}, limits: {{{limits}}}}}\n");
            let files = [("web.yaml", &*pod("", &resources))];
            differences.compare(&files, "app", "resources_missing", &expected.join(" "));
        }
    }
    differences.none_in_at_least(16);
}

#[test]
fn probes_are_told_apart_by_what_they_ask() {
    const PROBES: [(&str, &str); 7] = [
        ("", "absent"),
        ("readinessProbe:", "absent"),
        ("readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 5}", "http /ready 8080"),
        ("readinessProbe: {tcpSocket: {port: db}}", "tcp db"),
        ("readinessProbe: {grpc: {port: 9090}}", "grpc 9090 "),
        ("readinessProbe: {exec: {command: [pg_isready, -q]}}", "exec pg_isready -q"),
        ("livenessProbe: {tcpSocket: {port: 1}}", "absent"),
    ];
    let mut differences = Differences::default();
    for (probe, expected) in PROBES {
        let text = pod("", &format!("        {probe}\n"));
        differences.compare(&[("web.yaml", &text)], "app", "readiness", expected);
    }
    differences.none_in_at_least(7);
}

/// Which container of a pod a Service leads to: that with the port, or the only one.
#[test]
fn requests_go_to_the_container_that_listens() {
    let mut differences = Differences::default();
    for (service, own, other, expected) in [
        ("{port: 80, targetPort: 8080}", "{containerPort: 8080}", "", "true"),
        ("{port: 80, targetPort: web}", "{name: web, containerPort: 8080}", "", "true"),
        ("{port: 8080}", "{containerPort: 8080}", "", "true"),
        ("{port: 80, targetPort: 8080}", "{containerPort: 9090}", "", "true"),
        ("{port: 80, targetPort: 8080}", "{containerPort: 9090}", "{containerPort: 8080}", "false"),
        ("{port: 80, targetPort: 8080}", "{containerPort: 8080}", "{containerPort: 9090}", "true"),
        (
            "{port: 80, targetPort: web}",
            "{name: metrics, containerPort: 8080}",
            "{name: web, containerPort: 1}",
            "false",
        ),
    ] {
        for (selector, selects) in [("{app: web}", true), ("{app: other}", false), ("{app: web, tier: x}", false)] {
            let second = if other.is_empty() {
                String::new()
            } else {
                format!("      - name: proxy\n        image: registry.example/proxy:1\n        ports: [{other}]\n")
            };
            let web = pod("", &format!("        ports: [{own}]\n{second}"));
            let address = format!(
                "apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {selector}, ports: [{service}]}}\n"
            );
            let expected = if selects { expected } else { "false" };
            differences.compare(&[("web.yaml", &web), ("service.yaml", &address)], "app", "routed", expected);
        }
    }
    differences.none_in_at_least(21);
}

#[test]
fn budgets_let_a_pod_go_or_block_the_drain() {
    let mut differences = Differences::default();
    for (budget, lets_go) in [
        ("maxUnavailable: 1", [true, true, true]),
        ("maxUnavailable: 0", [false, false, false]),
        ("maxUnavailable: 0%", [false, false, false]),
        ("maxUnavailable: 30%", [true, true, true]),
        ("minAvailable: 1", [false, true, true]),
        ("minAvailable: 2", [false, false, true]),
        ("minAvailable: 100%", [false, false, false]),
        ("minAvailable: 50%", [true, true, true]),
    ] {
        for (replicas, lets_go) in [1, 2, 3].into_iter().zip(lets_go) {
            let web = pod("", "").replace("spec:\n  template", &format!("spec:\n  replicas: {replicas}\n  template"));
            let policy = format!(
                "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: web}}\nspec: {{{budget}, selector: \
                 {{matchLabels: {{app: web}}}}}}\n"
            );
            let files = [("web.yaml", &*web), ("budget.yaml", &*policy)];
            differences.compare_of(&files, ("workload", "web"), "drains", &lets_go.to_string());
        }
    }
    differences.none_in_at_least(24);
}

/// `latest` is what a name without a tag means; a digest is exact whatever the tag.
#[test]
fn names_of_images_say_which_image_it_is() {
    let mut differences = Differences::default();
    for registry in ["", "registry.example/", "registry.example:5000/team/"] {
        for (rest, expected) in [
            ("tool", "false"),
            ("tool:latest", "false"),
            ("tool:1.4", "true"),
            ("tool@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945", "true"),
            ("tool:latest@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945", "true"),
        ] {
            let web = pod("", "").replace("registry.example/web:1", &format!("{registry}{rest}"));
            differences.compare_of(&[("web.yaml", &web)], ("image", "web/app"), "pinned", expected);
        }
    }
    differences.none_in_at_least(15);
}
