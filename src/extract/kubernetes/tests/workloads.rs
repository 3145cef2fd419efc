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
