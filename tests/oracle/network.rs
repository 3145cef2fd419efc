//! What network policies select and let through, in the forms of Kubernetes, Cilium and Calico.

use super::Differences;

fn deployment(name: &str, namespace: &str, labels: &str, env: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  template:\n    \
         metadata: {{labels: {{{labels}}}}}\n    spec:\n      containers:\n      - name: {name}\n        image: \
         registry.example/{name}:1\n{env}"
    )
}

fn policy(namespace: &str, spec: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: {namespace}}}\nspec: {spec}\n"
    )
}

/// Selector of a policy against labels `app: web, tier: front`.
#[test]
fn selectors_pick_by_all_their_conditions() {
    let mut differences = Differences::default();
    for (selector, picks) in [
        ("{}", true),
        ("{matchLabels: {app: web}}", true),
        ("{matchLabels: {app: web, tier: front}}", true),
        ("{matchLabels: {app: web, tier: back}}", false),
        ("{matchLabels: {app: api}}", false),
        ("{matchLabels: {role: web}}", false),
        ("{matchExpressions: [{key: app, operator: In, values: [api, web]}]}", true),
        ("{matchExpressions: [{key: app, operator: In, values: [api]}]}", false),
        ("{matchExpressions: [{key: app, operator: NotIn, values: [api]}]}", true),
        ("{matchExpressions: [{key: app, operator: NotIn, values: [web]}]}", false),
        ("{matchExpressions: [{key: role, operator: NotIn, values: [web]}]}", true),
        ("{matchExpressions: [{key: tier, operator: Exists}]}", true),
        ("{matchExpressions: [{key: role, operator: Exists}]}", false),
        ("{matchExpressions: [{key: role, operator: DoesNotExist}]}", true),
        ("{matchExpressions: [{key: tier, operator: DoesNotExist}]}", false),
        ("{matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [back]}]}", false),
    ] {
        for (namespace, same) in [("shop", true), ("other", false)] {
            for (rest, ingress, egress) in [
                ("", true, false),
                (", ingress: []", true, false),
                (", egress: [{}]", true, true),
                (", policyTypes: [Egress]", false, true),
                (", policyTypes: [Ingress, Egress]", true, true),
                (", policyTypes: [Ingress], egress: [{}]", true, false),
            ] {
                let web = deployment("web", "shop", "app: web, tier: front", "");
                let text = policy(namespace, &format!("{{podSelector: {selector}{rest}}}"));
                let files = [("web.yaml", &*web), ("policy.yaml", &*text)];
                for (attribute, about) in [("ingress_policy", ingress), ("egress_policy", egress)] {
                    let expected = if picks && same && about { "NetworkPolicy" } else { "absent" };
                    differences.compare_of(&files, ("workload", "web"), attribute, expected);
                }
            }
        }
    }
    differences.none_in_at_least(384);
}

/// Whether mail, which does not use the database, can reach it.
#[test]
fn connections_need_both_sides() {
    let orders = deployment(
        "orders",
        "shop",
        "app: orders",
        "        env: [{name: DATABASE_URL, value: \"postgres://orders-db:5432/orders\"}]\n",
    );
    let database = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: orders-db, namespace: shop}\nspec:\n  \
                    template:\n    metadata: {labels: {app: orders-db}}\n    spec:\n      containers:\n      - name: db\n        \
                    image: postgres:17\n        ports: [{name: sql, containerPort: 5432}]\n---\napiVersion: v1\nkind: \
                    Service\nmetadata: {name: orders-db, namespace: shop}\nspec: {selector: {app: orders-db}, ports: [{port: 5432}]}\n";
    let namespaces = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop}}\n---\napiVersion: \
                      v1\nkind: Namespace\nmetadata: {name: post, labels: {team: post}}\n";
    // (gates of the database's policy, reached from its namespace, from another one)
    let gates: [(&str, bool, bool); 16] = [
        ("ingress: []", false, false),
        ("ingress: [{}]", true, true),
        ("ingress: [{from: []}]", true, true),
        ("ingress: [{from: [{podSelector: {}}]}]", true, false),
        ("ingress: [{from: [{podSelector: {matchLabels: {app: orders}}}]}]", false, false),
        ("ingress: [{from: [{podSelector: {matchLabels: {app: mail}}}]}]", true, false),
        ("ingress: [{from: [{namespaceSelector: {}}]}]", true, true),
        ("ingress: [{from: [{namespaceSelector: {matchLabels: {team: post}}}]}]", false, true),
        ("ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}]", true, false),
        ("ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: orders}}}]}]", false, false),
        ("ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: mail}}}]}]", true, true),
        ("ingress: [{from: [{podSelector: {}}], ports: [{port: 5432}]}]", true, false),
        ("ingress: [{from: [{podSelector: {}}], ports: [{port: sql}]}]", true, false),
        ("ingress: [{from: [{podSelector: {}}], ports: [{port: 8080}]}]", false, false),
        ("ingress: [{from: [{podSelector: {matchLabels: {app: orders}}}]}, {ports: [{port: 5432}]}]", true, true),
        ("policyTypes: [Egress]", true, true),
    ];
    // (gates of mail's own policy, whether they let it out to the database)
    let ways: [(&str, bool); 6] = [
        ("", true),
        ("policyTypes: [Egress]", false),
        ("egress: [{}]", true),
        ("egress: [{ports: [{port: 25}]}]", false),
        ("egress: [{to: [{namespaceSelector: {}}], ports: [{port: 5432}]}]", true),
        ("policyTypes: [Ingress]", true),
    ];
    let mut differences = Differences::default();
    for (gate, from_same, from_other) in gates {
        for (way, out) in ways {
            for (namespace, lets_in) in [("shop", from_same), ("post", from_other)] {
                let mail = deployment("mail", namespace, "app: mail", "");
                let inwards = policy("shop", &format!("{{podSelector: {{matchLabels: {{app: orders-db}}}}, {gate}}}"));
                let outwards = match way {
                    "" => String::new(),
                    way => policy(namespace, &format!("{{podSelector: {{matchLabels: {{app: mail}}}}, {way}}}")),
                };
                let files = [
                    ("deploy/orders.yaml", &*orders),
                    ("deploy/mail.yaml", &*mail),
                    ("deploy/database.yaml", database),
                    ("deploy/namespaces.yaml", namespaces),
                    ("deploy/in.yaml", &*inwards),
                    ("deploy/out.yaml", &*outwards),
                ];
                let expected = if lets_in && out { "mail" } else { "" };
                differences.compare_of(&files, ("database_server", "orders-db"), "strangers", expected);
            }
        }
    }
    differences.none_in_at_least(192);
}

/// Mutual TLS of a workload by the policies of workload, namespace and mesh.
#[test]
fn the_narrowest_peer_authentication_wins() {
    const MODES: [&str; 4] = ["", "STRICT", "PERMISSIVE", "DISABLE"];
    let mut differences = Differences::default();
    let stated = |name: &str, namespace: &str, selector: &str, mode: &str| match mode {
        "" => String::new(),
        mode => format!(
            "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: {name}, namespace: \
             {namespace}}}\nspec: {{{selector}mtls: {{mode: {mode}}}}}\n"
        ),
    };
    for of_mesh in MODES {
        for of_namespace in MODES {
            for of_workload in MODES {
                let web = deployment("web", "shop", "app: web, sidecar.istio.io/inject: \"true\"", "");
                let text = web.clone()
                    + &stated("mesh", "istio-system", "", of_mesh)
                    + &stated("namespace", "shop", "", of_namespace)
                    + &stated("web", "shop", "selector: {matchLabels: {app: web}}, ", of_workload);
                let wins = [of_workload, of_namespace, of_mesh].into_iter().find(|mode| !mode.is_empty());
                let expected = if wins == Some("STRICT") { "STRICT" } else { "absent" };
                differences.compare_of(&[("web.yaml", &text)], ("workload", "web"), "mutual_tls", expected);
            }
        }
    }
    differences.none_in_at_least(64);
}
