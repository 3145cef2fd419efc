//! Workloads and containers.

use super::{answered, at, facts_of, problems_in, shown, workloads_in};
use crate::facts::workload::{ContainerRole, Lifetime};

const ORDERS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  namespace: shop
  labels: {app: orders}
spec:
  replicas: 3
  template:
    metadata:
      labels:
        app: orders
        tier: \"back\"
    spec:
      serviceAccountName: orders-sa
      hostNetwork: true
      securityContext:
        runAsUser: 1000
      initContainers:
        - name: migrate
          image: shop/orders:1
        - name: proxy
          image: mesh/proxy:2
          restartPolicy: Always
      containers:
        - name: web
          image: \"shop/orders:1\"
          args: [--db-password=hunter2, --port, '8080']
          securityContext:
            privileged: false
            capabilities:
              drop: [ALL]
              add: [cap_net_raw]
          ports:
            - name: http
              containerPort: 8080
              hostPort: 80
          env:
            - name: HOST
              value: pay
            - name: PAY_URL
              value: http://$(HOST):80/$$(x)
            - name: DB_PASSWORD
              valueFrom:
                secretKeyRef: {name: db, key: password}
            - name: NODE
              valueFrom:
                fieldRef: {fieldPath: spec.nodeName}
            - name: EMPTY
          envFrom:
            - prefix: C_
              configMapRef: {name: common}
";

#[test]
fn a_deployment_gives_all_its_settings_with_their_places() {
    for text in [ORDERS.to_owned(), ORDERS.replace('\n', "\r\n")] {
        let facts = facts_of(&text);
        assert_eq!(problems_in(&text, &facts), Vec::<String>::new());
        let [workload] = workloads_in(&facts)[..] else { panic!("one workload") };
        assert_eq!(shown(&workload.name), "orders");
        assert_eq!(at(&text, workload.span), "4:9-4:15");
        assert_eq!(workload.namespace.as_ref().map(shown).as_deref(), Some("shop"));
        assert_eq!(workload.lifetime, Lifetime::Replicated);
        assert_eq!(answered(&text, &workload.replicas), "present 3 @ 8:13-8:14");
        let labels: Vec<_> =
            workload.pod_labels.iter().map(|label| format!("{}={}", label.key, shown(&label.value))).collect();
        assert_eq!(labels, ["app=orders", "tier=back"]);
        assert_eq!(workload.service_account.value().map(shown).as_deref(), Some("orders-sa"));
        assert_eq!(answered(&text, &workload.security.user), "present Id(1000) @ 18:20-18:24");
        assert_eq!(answered(&text, &workload.security.non_root), "absent @ 17:7-17:22");
        assert_eq!(answered(&text, &workload.operating_system), "absent @ 4:9-4:15");
        let shared: Vec<_> =
            workload.host_namespaces.iter().map(|(name, span)| (name.as_str(), at(&text, *span))).collect();
        assert_eq!(shared, [("network", "16:20-16:24".to_owned())]);
        let roles: Vec<_> = workload.containers.iter().map(|container| container.role).collect();
        assert_eq!(roles, [ContainerRole::Init, ContainerRole::Sidecar, ContainerRole::Main]);

        let web = &workload.containers[2];
        assert_eq!(at(&text, web.span), "26:11-26:20");
        assert_eq!(
            web.image.as_ref().map(|image| (shown(image), at(&text, image.span))),
            Some(("shop/orders:1".to_owned(), "27:19-27:32".to_owned()))
        );
        assert_eq!(
            web.arguments.iter().map(shown).collect::<Vec<_>>(),
            ["--db-password=Secret(Value)", "--port", "8080"]
        );
        assert_eq!(answered(&text, &web.security.privileged), "present false @ 30:25-30:30");
        assert_eq!(answered(&text, &web.security.privilege_escalation), "absent @ 29:11-29:26");
        assert_eq!(web.security.dropped_capabilities[0].0, "ALL");
        assert_eq!(at(&text, web.security.dropped_capabilities[0].1), "32:22-32:25");
        assert_eq!(web.security.added_capabilities[0].0, "NET_RAW");
        assert_eq!(web.ports[0].container_port, Some(8080));
        let published = web.ports[0].published.as_ref().expect("a host port");
        assert_eq!(published.host_port, Some(80));
        assert_eq!(answered(&text, &published.host_address), "absent @ 37:25-37:27");
        let env: Vec<_> =
            web.env.iter().map(|variable| format!("{}={}", variable.name, shown(&variable.value))).collect();
        assert_eq!(
            env,
            [
                "HOST=pay",
                "PAY_URL=http://$(HOST):80/$(x)",
                "DB_PASSWORD=secret:db[password]",
                "NODE=?the value comes from a field of the running pod",
                "EMPTY=",
            ]
        );
        assert_eq!(at(&text, web.env[1].value.span), "42:22-42:45");
        assert_eq!(web.env_from[0].prefix, "C_");
        assert_eq!(shown(&web.env_from[0].object), "common");
        let redacted: Vec<_> = facts.redactions.iter().map(|&span| at(&text, span)).collect();
        assert_eq!(redacted, ["28:32-28:39"]);
    }
}

fn pod(metadata: &str, spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: orders{metadata}}}\nspec:\n{spec}")
}

#[test]
fn objects_that_run_pods_live_as_their_kind_says() {
    let template = "template: {spec: {containers: [{name: web, image: a}]}}";
    for (version, kind, spec, lifetime) in [
        ("apps/v1", "Deployment", template, Some(Lifetime::Replicated)),
        ("apps/v1", "ReplicaSet", template, Some(Lifetime::Replicated)),
        ("v1", "ReplicationController", template, Some(Lifetime::Replicated)),
        ("apps/v1", "StatefulSet", template, Some(Lifetime::Stateful)),
        ("apps/v1", "DaemonSet", template, Some(Lifetime::PerNode)),
        ("batch/v1", "Job", template, Some(Lifetime::Task)),
        ("apps.openshift.io/v1", "DeploymentConfig", template, Some(Lifetime::Replicated)),
        ("argoproj.io/v1alpha1", "Rollout", template, Some(Lifetime::Replicated)),
        ("serving.knative.dev/v1", "Service", template, Some(Lifetime::Replicated)),
        ("ops.example/v1", "Fleet", template, Some(Lifetime::Replicated)),
        ("v1", "Pod", "containers: [{name: web}]", Some(Lifetime::Replicated)),
        ("v1", "Pod", "restartPolicy: Never, containers: [{name: web}]", Some(Lifetime::Task)),
        ("v1", "Service", "ports: []", None),
        ("ops.example/v1", "Fleet", "template: {spec: {containers: web}}", None),
        ("policy/v1", "PodDisruptionBudget", "maxUnavailable: 1", None),
    ] {
        let text = format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: orders}}\nspec: {{{spec}}}\n");
        let facts = facts_of(&text);
        assert_eq!(workloads_in(&facts).first().map(|workload| workload.lifetime), lifetime, "{text}");
        assert_eq!(problems_in(&text, &facts), Vec::<String>::new(), "{text}");
    }
    let job = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tidy}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{name: tidy}]}}}}}\n";
    assert_eq!(workloads_in(&facts_of(job))[0].lifetime, Lifetime::Task);
    let hook = pod(", annotations: {helm.sh/hook: pre-install}", "  containers: [{name: web}]\n");
    assert_eq!(workloads_in(&facts_of(&hook))[0].lifetime, Lifetime::Task);
}

#[test]
fn settings_that_kubernetes_ignores_are_named_with_their_place() {
    let text = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  securityContext: {runAsUser: 1}
spec:
  securityContext: {runAsUser: 1}
  template:
    metadata: {securityContext: {}}
    spec:
      runAsNonRoot: true
      securityContext: {privileged: true, fsGroup: 1, runAsUser: 1}
      containers:
        - name: web
          image: a
          runAsUser: 1
          privileged: true
          securityContext: {fsGroup: 1, privileged: true}
";
    let facts = facts_of(text);
    let workload = workloads_in(&facts)[0];
    let ignored: Vec<_> =
        workload.ignored_settings.iter().map(|(key, span)| format!("{key} @ {}", at(text, *span))).collect();
    assert_eq!(
        ignored,
        [
            "securityContext @ 5:3-5:18",
            "securityContext @ 7:3-7:18",
            "securityContext @ 9:16-9:31",
            "runAsNonRoot @ 11:7-11:19",
            "privileged @ 12:25-12:35",
            "runAsUser @ 16:11-16:20",
            "privileged @ 17:11-17:21",
            "fsGroup @ 18:29-18:36",
        ]
    );
    assert_eq!(answered(text, &workload.security.privileged), "absent @ 12:7-12:22");
    assert_eq!(answered(text, &workload.containers[0].security.user), "absent @ 18:11-18:26");
}

#[test]
fn windows_pods_say_so_in_one_of_four_places() {
    for (spec, expected) in [
        ("  os: {name: windows}\n", "present \"windows\" @ 5:14-5:21"),
        ("  nodeSelector: {kubernetes.io/os: windows}\n", "present \"windows\" @ 5:36-5:43"),
        ("  nodeSelector:\n    beta.kubernetes.io/os: \"linux\"\n", "present \"linux\" @ 6:29-6:34"),
        ("  securityContext: {windowsOptions: {hostProcess: true}}\n", "present \"windows\" @ 5:51-5:55"),
        ("  nodeSelector: {disk: fast}\n", "absent @ 3:18-3:24"),
    ] {
        let text = pod("", spec);
        assert_eq!(answered(&text, &workloads_in(&facts_of(&text))[0].operating_system), expected);
    }
}

#[test]
fn anchors_and_merges_show_the_use_and_then_the_definition() {
    let text = pod(
        "",
        "  \
  initContainers:
    - name: migrate
      securityContext: &safe
        runAsUser: 1000
        privileged: false
      env: &env
        - {name: DB_PASSWORD, value: hunter2}
  containers:
    - name: web
      securityContext: *safe
      env: *env
    - name: side
      securityContext:
        <<: *safe
        privileged: true
",
    );
    let facts = facts_of(&text);
    let containers = &workloads_in(&facts)[0].containers;
    assert_eq!(answered(&text, &containers[0].security.user), "present Id(1000) @ 8:20-8:24");
    assert_eq!(answered(&text, &containers[1].security.user), "present Id(1000) @ 14:24-14:29, 8:20-8:24");
    assert_eq!(answered(&text, &containers[2].security.user), "present Id(1000) @ 18:13-18:18, 8:20-8:24");
    assert_eq!(answered(&text, &containers[2].security.privileged), "present true @ 19:21-19:25");
    assert_eq!(answered(&text, &containers[2].security.read_only_root), "absent @ 17:7-17:22");
    let secrets = facts.facts.iter().filter(|fact| matches!(fact, crate::facts::Fact::Secret(_)));
    assert_eq!(secrets.count(), 1);
}

#[test]
fn lists_and_the_documents_beside_a_broken_one_are_read() {
    let list = "\
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Pod, metadata: {name: a}}
  - text
  - {apiVersion: v1, kind: Pod, metadata: {name: b}}
";
    let facts = facts_of(list);
    let names: Vec<_> = workloads_in(&facts).iter().map(|workload| shown(&workload.name)).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(problems_in(list, &facts), ["5:5-5:9 an entry of `items` is a single value, but must be a mapping"]);

    let broken = "\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
    - name: web
      securityContext: {runAsUser: 5
---
apiVersion: v1
kind: Pod
metadata: {name: b}
";
    let facts = facts_of(broken);
    let workloads = workloads_in(&facts);
    assert_eq!(workloads.len(), 2);
    assert!(answered(broken, &workloads[0].containers[0].security.privileged).starts_with("unknown"));
}

#[test]
fn wrong_shapes_are_problems_at_their_place_and_the_rest_is_kept() {
    for (spec, expected) in [
        ("  containers:\n    name: web\n", "6:5-6:9 `containers` is a mapping, but must be a list"),
        ("  containers: [web]\n", "5:16-5:19 an entry of `containers` is a single value, but must be a mapping"),
        (
            "  containers:\n    - name: web\n      env: PORT=80\n",
            "7:12-7:19 `env` is a single value, but must be a list",
        ),
        ("  containers:\n    - name: web\n      env: [{value: x}]\n", "7:14-7:19 an entry of `env` has no `name`"),
        (
            "  containers:\n    - name: web\n      env:\n        - {name: A, value: [1]}\n",
            "8:28-8:28 the value of `A` is no text",
        ),
        ("  securityContext: {runAsNonRoot: sure}\n", "5:35-5:39 `runAsNonRoot` must be true or false"),
        ("  securityContext: root\n", "5:20-5:24 `securityContext` is a single value, but must be a mapping"),
    ] {
        let text = pod("", spec);
        let facts = facts_of(&text);
        assert_eq!(problems_in(&text, &facts), [expected], "{text}");
        assert_eq!(workloads_in(&facts).len(), 1);
    }
}

#[test]
fn secrets_on_command_lines_are_taken_out() {
    let text = pod(
        "",
        "  containers:\n    - name: web\n      command: [run, --db-password, hunter2, --port, $(PORT)]\n      args: ['--token=$(TOKEN)', 'redis://:hunter2@cache:6379', '--password-file=/run/pw']\n",
    );
    let facts = facts_of(&text);
    let web = &workloads_in(&facts)[0].containers[0];
    let words = |words: &[crate::facts::value::Value]| words.iter().map(shown).collect::<Vec<_>>();
    assert_eq!(words(&web.command), ["run", "--db-password", "Secret(Value)", "--port", "$(PORT)"]);
    assert_eq!(
        words(&web.arguments),
        ["--token=$(TOKEN)", "redis://:Secret(Value)@cache:6379", "--password-file=/run/pw"]
    );
}

#[test]
fn text_cut_anywhere_does_no_harm() {
    let template = ORDERS.replace("value: pay", "value: {{ .Values.pay | default \"x\" }}");
    let template = format!("{{{{- if .Values.x }}}}\n{template}{{{{- end }}}}\n");
    for text in [ORDERS, &template] {
        for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
            facts_of(&text[..end]);
        }
    }
}

#[test]
fn aliases_that_blow_a_document_up_are_cut_short() {
    let mut text = pod("", "  containers:\n    - &c\n      name: web\n      env: &env\n");
    text.push_str(&"        - {name: A, value: b}\n".repeat(400));
    text.push_str(&"    - *c\n".repeat(1_000));
    let facts = facts_of(&text);
    let variables: usize = workloads_in(&facts)[0].containers.iter().map(|container| container.env.len()).sum();
    assert!(variables < 3 * text.len(), "{variables}");
    assert_eq!(facts.problems.len(), 1);
}
