//! Templates of charts: what they compute is unknown, and what surrounds it is kept.

use super::{addresses_in, answered, at, facts_of, objects_in, routes_in, shown, workloads_in};
use crate::facts::network::Reach;

fn deployment(container: &str) -> String {
    format!(
        "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{{{ .Release.Name }}}}-orders
spec:
  template:
    spec:
      containers:
        - name: web
{container}"
    )
}

#[test]
fn values_are_made_of_holes() {
    for (image, expected) in [
        ("shop/orders:{{ .Values.tag }}", "shop/orders:{Values.tag}"),
        ("\"{{ .Values.image }}\"", "{Values.image}"),
        ("{{ .Values.image | quote }}", "{Values.image}"),
        ("'a/{{ .Values.name }}:{{ .Values.tag | default \"1.0\" }}-x'", "a/{Values.name}:{Values.tag} else 1.0-x"),
        (
            "a:{{ .Values.tag | default .Chart.AppVersion }}",
            "a:{Values.tag} else ?`.Chart.AppVersion` is known only when the chart is installed",
        ),
        (
            "a:{{ default .Chart.AppVersion .Values.tag }}",
            "a:{Values.tag} else ?`.Chart.AppVersion` is known only when the chart is installed",
        ),
        ("{{ include \"shop.image\" . }}", "?the template computes it: include \"shop.image\" ."),
    ] {
        let text = deployment(&format!("          image: {image}\n"));
        let facts = facts_of(&text);
        let image = workloads_in(&facts)[0].containers[0].image.as_ref().expect("an image");
        assert_eq!(shown(image), expected, "{text}");
    }
    let facts = facts_of(&deployment(""));
    let name = &workloads_in(&facts)[0].name;
    assert_eq!(shown(name), "?`.Release.Name` is known only when the chart is installed-orders");
}

#[test]
fn what_a_template_may_add_is_unknown_and_not_absent() {
    let computed = "unknown: the template computes it: ";
    let conditional =
        "unknown: only some condition of the template includes it; render the chart with its values, and check that";
    for (container, expected) in [
        ("          image: a\n", "absent @ 9:11-9:20"),
        ("          securityContext: {{ toYaml .Values.s | nindent 12 }}\n", computed),
        (
            "          securityContext:\n            {{- toYaml .Values.s | nindent 12 }}\n          image: a\n",
            computed,
        ),
        ("          securityContext:\n{{ toYaml .Values.s | indent 12 }}\n", computed),
        (
            "          securityContext:\n            privileged: false\n            {{- toYaml .Values.s | nindent 12 }}\n",
            computed,
        ),
        ("          {{- include \"sec\" . | nindent 10 }}\n", computed),
        ("          image: a\n{{ include \"sec\" . | indent 10 }}\n", computed),
        // It belongs to the list of ports, not to the container.
        ("          ports:\n            {{- include \"p\" . | nindent 12 }}\n", "absent @ 9:11-9:20"),
        // It belongs to the pod.
        ("          image: a\n      {{- include \"pod\" . | nindent 6 }}\n", "absent @ 9:11-9:20"),
        (
            "          {{- if .Values.x }}\n          securityContext:\n            runAsUser: 5\n          {{- end }}\n",
            conditional,
        ),
        (
            "          securityContext:\n            {{- if .Values.x }}\n            runAsUser: 5\n            {{- else }}\n            runAsUser: 6\n            {{- end }}\n",
            conditional,
        ),
        ("          securityContext:\n            runAsUser: {{ .Values.uid }}\n", computed),
        (
            "          securityContext:\n            runAsUser: 5\n            {{- if .Values.x }}\n            privileged: true\n            {{- end }}\n",
            "present Id(5) @ 11:24-11:25",
        ),
    ] {
        let text = deployment(container);
        let facts = facts_of(&text);
        let answer = answered(&text, &workloads_in(&facts)[0].containers[0].security.user);
        assert!(answer.starts_with(expected), "{text}\n{answer}");
        assert!(facts.problems.is_empty(), "{text}\n{:?}", facts.problems);
    }
}

#[test]
fn a_condition_around_all_makes_the_object_conditional_and_leaves_its_answers() {
    let text = "\
{{- if .Values.orders.enabled }}
apiVersion: v1
kind: Pod
metadata: {name: orders}
spec:
  containers:
    - name: web
      securityContext: {privileged: true}
{{- end }}
---
apiVersion: v1
kind: Pod
metadata: {name: mail}
";
    let facts = facts_of(text);
    let [orders, mail] = workloads_in(&facts)[..] else { panic!("two workloads") };
    assert!(orders.conditional && !mail.conditional);
    assert_eq!(answered(text, &orders.containers[0].security.privileged), "present true @ 8:37-8:41");
}

#[test]
fn labels_of_one_template_have_their_expression_in_common() {
    let text = "\
apiVersion: v1
kind: Service
metadata: {name: orders}
spec:
  selector:
    {{- include \"shop.selectorLabels\" . | nindent 4 }}
    tier: back
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders}
spec:
  template:
    metadata:
      labels:
        {{- include \"shop.selectorLabels\" . | nindent 8 }}
";
    let facts = facts_of(text);
    let keys: Vec<_> = addresses_in(&facts)[0].selector.iter().map(|label| label.key.as_str()).collect();
    assert_eq!(keys, ["tier", "{{ include \"shop.selectorLabels\" . }}"]);
    assert_eq!(workloads_in(&facts)[0].pod_labels[0].key, "{{ include \"shop.selectorLabels\" . }}");
}

#[test]
fn the_widest_branch_of_a_service_type_counts() {
    for (types, expected, conditional) in [
        (
            "  {{ if .Values.n }}\n  type: NodePort\n  {{ else }}\n  type: LoadBalancer\n  {{ end }}\n",
            "9:9-9:21",
            false,
        ),
        ("  {{ if .Values.n }}\n  type: NodePort\n  {{ end }}\n", "7:9-7:17", true),
        ("  {{ if .Values.n }}\n  type: NodePort\n  {{ else }}\n  type: ClusterIP\n  {{ end }}\n", "7:9-7:17", true),
        ("  type: {{ .Values.type }}\n", "unknown 6:9-6:27", false),
        ("  {{- toYaml .Values.spec | nindent 2 }}\n", "unknown 4:9-4:15", false),
        ("  type: ClusterIP\n", "inside", false),
    ] {
        let text = format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: orders\nspec:\n{types}  ports: [{{port: 80}}]\n"
        );
        let facts = facts_of(&text);
        let address = addresses_in(&facts)[0];
        let reach = match &address.reach {
            Reach::Inside => "inside".to_owned(),
            Reach::LoadBalancer(span) | Reach::NodePort(span) | Reach::InternalLoadBalancer(span) => at(&text, *span),
            Reach::Unknown(span) => format!("unknown {}", at(&text, *span)),
        };
        assert_eq!((reach.as_str(), address.conditional), (expected, conditional), "{text}");
    }
}

#[test]
fn computed_annotations_leave_open_whether_an_ingress_is_public() {
    let text = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  {{- with .Values.ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  defaultBackend: {service: {name: {{ .Values.name }}, port: {number: 80}}}
";
    let facts = facts_of(text);
    let [route] = routes_in(&facts)[..] else { panic!("one route") };
    assert_eq!(shown(&route.backend), "{Values.name}");
    assert!(answered(text, &route.public).starts_with("unknown: "));
}

#[test]
fn literal_text_around_holes_in_a_secret_is_kept_from_view() {
    let text = "\
apiVersion: v1
kind: Secret
metadata: {name: db}
data:
  host: {{ .Values.db.host | b64enc }}
  password: {{ .Values.db.password | default \"hunter2\" | b64enc | quote }}
stringData:
  url: postgres://shop:hunter2@{{ .Values.db.host }}/shop
";
    let facts = facts_of(text);
    let shown_values: Vec<_> = objects_in(&facts)[0].entries.iter().map(|entry| shown(&entry.value)).collect();
    assert!(shown_values.iter().all(|value| !value.contains("hunter2")), "{shown_values:?}");
    let redacted: Vec<_> = facts.redactions.iter().map(|&span| at(text, span)).collect();
    assert!(redacted.len() >= 2, "{redacted:?}");
}

#[test]
fn pods_that_only_a_template_shows_are_counted_as_unclear() {
    let text = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders}
spec:
  template: {{- include \"shop.pod\" . | nindent 4 }}
";
    let facts = facts_of(text);
    assert!(workloads_in(&facts).is_empty());
    assert_eq!(facts.unclear[0].what, "pods of a Deployment");
    // A patch that only changes the replicas shows no pods, and hides none.
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: orders}\nspec: {replicas: 3}\n";
    assert!(facts_of(patch).unclear.is_empty());
}
