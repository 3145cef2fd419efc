//! Whole rules against a small estate that is in order, and changes of it of which the
//! platforms' documentation says what they open: each change is a verdict for every rule.
//!
//! Beside the pages that the other tables name: kubernetes.io/docs/concepts/workloads/pods/
//! pod-lifecycle (probes, termination), kubernetes.io/docs/tasks/run-application/
//! horizontal-pod-autoscale, kubernetes.io/docs/concepts/security/service-accounts,
//! istio.io/latest/docs/concepts/security, istio.io/latest/docs/reference/config/networking,
//! kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations.

use std::collections::{BTreeMap, BTreeSet};

use super::memory::{Estate, rules};

/// Rules that are held here.
const RULES: [&str; 19] = [
    "host-namespace",
    "missing-authorization",
    "missing-graceful-shutdown",
    "missing-hpa",
    "missing-mtls",
    "missing-network-policy",
    "missing-pdb",
    "missing-progressive-delivery",
    "missing-readiness-probe",
    "missing-resources",
    "missing-workload-identity",
    "permissive-cors",
    "privilege-escalation",
    "privileged-container",
    "redundant-mesh",
    "run-as-root",
    "shallow-readiness-probe",
    "unisolated-database",
    "unpinned-image",
];

/// Least share of right findings among findings, and of findings among what is wrong.
const LEAST: f64 = 0.95;

const ESTATE: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec:
  mtls: {mode: STRICT}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: callers, namespace: shop}
spec:
  rules: [{from: [{source: {namespaces: [shop]}}]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/enable-cors: "true"
    nginx.ingress.kubernetes.io/cors-allow-origin: "https://shop.example"
    nginx.ingress.kubernetes.io/cors-allow-credentials: "true"
spec:
  rules:
    - host: shop.example
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: web
          image: registry.example/shop/web:1.4
          env: [{name: ORDERS_URL, value: "http://orders"}]
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
          livenessProbe: {httpGet: {path: /live, port: 8080}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 6
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{ports: [{port: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: orders, namespace: shop}
spec:
  selector: {app: orders}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment # of orders
metadata: {name: orders, namespace: shop}
spec:
  replicas: 3 # of orders
  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}} # of orders
  selector: {matchLabels: {app: orders}}
  template:
    metadata: {labels: {app: orders}} # pods of orders
    spec: # of pods of orders
      serviceAccountName: orders
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}} # of pods of orders
      terminationGracePeriodSeconds: 30
      containers:
        - name: orders
          image: registry.example/shop/orders:1.4
          env: [{name: DATABASE_URL, value: "postgres://db:5432/orders"}]
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}} # of orders
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}} # of orders
          readinessProbe: {httpGet: {path: /ready, port: 8080}} # of orders
          livenessProbe: {httpGet: {path: /live, port: 8080}} # of orders
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler # of orders
metadata: {name: orders, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: orders}
  minReplicas: 2
  maxReplicas: 6
---
apiVersion: policy/v1
kind: PodDisruptionBudget # of orders
metadata: {name: orders, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: orders}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy # of orders
metadata: {name: orders, namespace: shop}
spec:
  podSelector: {matchLabels: {app: orders}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec:
  selector: {app: db}
  ports: [{port: 5432}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      serviceAccountName: db
      securityContext: {runAsUser: 999, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: db
          image: postgres:17.2
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
          readinessProbe: {exec: {command: [pg_isready]}}
          livenessProbe: {tcpSocket: {port: 5432}}
  volumeClaimTemplates: [{metadata: {name: data}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy # of db
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: orders}}}], ports: [{port: 5432}]}] # to db
"#;

/// What is changed, and which rules have something to say then.
type Change = (&'static [(&'static str, &'static str)], &'static [&'static str]);

const CONTEXT: &str = "securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}} # of orders";
const POD: &str = "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}} # of pods of orders";
const RESOURCES: &str = "resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}} # of orders";
const READY: &str = "readinessProbe: {httpGet: {path: /ready, port: 8080}} # of orders";
const LIVE: &str = "livenessProbe: {httpGet: {path: /live, port: 8080}} # of orders";
const ROLLOUT: &str = "  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}} # of orders\n";
const BUDGET: &str = "spec: {maxUnavailable: 1, selector: {matchLabels: {app: orders}}}";
const IMAGE: &str = "image: registry.example/shop/orders:1.4";
const TO_DB: &str = "  ingress: [{from: [{podSelector: {matchLabels: {app: orders}}}], ports: [{port: 5432}]}] # to db";
const OF_ORDERS: &str = "  podSelector: {matchLabels: {app: orders}}\n";
const CONTAINERS: &str = "      terminationGracePeriodSeconds: 30\n";
const INIT: &str = r#"      initContainers:
        - name: schema
          image: registry.example/shop/schema:1.4
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
"#;
const INIT_IN_ORDER: &str = r#"      initContainers:
        - name: schema
          image: registry.example/shop/schema:1.4
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi}}
"#;
const JOB: &str = r#"  ingress: [{from: [{podSelector: {matchLabels: {app: orders}}}], ports: [{port: 5432}]}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: backup, namespace: shop}
spec:
  template:
    metadata: {labels: {app: backup}}
    spec:
      restartPolicy: Never
      serviceAccountName: backup
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: backup
          image: registry.example/shop/backup:1.4
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi}}
"#;
const ORIGIN: &str = "cors-allow-origin: \"https://shop.example\"";
const STRICT: &str = "mtls: {mode: STRICT}";

const CHANGES: &[Change] = &[
    (&[], &[]),
    // Rights, field by field; the pod's profile holds for its containers.
    (&[(CONTEXT, "")], &["privilege-escalation"]),
    (
        &[(CONTEXT, "securityContext: {readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}")],
        &["privilege-escalation"],
    ),
    (
        &[(
            CONTEXT,
            "securityContext: {allowPrivilegeEscalation: true, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}",
        )],
        &["privilege-escalation"],
    ),
    (
        &[(CONTEXT, "securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}")],
        &["privilege-escalation"],
    ),
    (
        &[(
            CONTEXT,
            "securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [NET_RAW]}}",
        )],
        &["privilege-escalation"],
    ),
    (
        &[(
            CONTEXT,
            "securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}",
        )],
        &[],
    ),
    (
        &[(
            CONTEXT,
            "securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL], add: [SYS_ADMIN]}}",
        )],
        &["privileged-container"],
    ),
    (
        &[(
            CONTEXT,
            "securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL], add: [BPF, MKNOD]}}",
        )],
        &["privileged-container"],
    ),
    (
        &[(CONTEXT, "securityContext: {privileged: true, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}")],
        &["privileged-container", "privilege-escalation"],
    ),
    (
        &[(
            CONTEXT,
            "securityContext: {privileged: false, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}",
        )],
        &[],
    ),
    (&[(POD, "securityContext: {runAsNonRoot: true}")], &["privilege-escalation"]),
    (
        &[
            (POD, "securityContext: {runAsNonRoot: true}"),
            (
                CONTEXT,
                "securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, seccompProfile: {type: RuntimeDefault}, capabilities: {drop: [ALL]}}",
            ),
        ],
        &[],
    ),
    (&[(POD, "securityContext: {runAsNonRoot: true, seccompProfile: {type: Unconfined}}")], &["privilege-escalation"]),
    // Users: the container's word wins, and `runAsNonRoot` is enough.
    (&[(POD, "securityContext: {seccompProfile: {type: RuntimeDefault}}")], &["run-as-root"]),
    (&[(POD, "securityContext: {runAsUser: 0, seccompProfile: {type: RuntimeDefault}}")], &["run-as-root"]),
    (&[(POD, "securityContext: {runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}")], &[]),
    (
        &[
            (POD, "securityContext: {runAsUser: 0, seccompProfile: {type: RuntimeDefault}}"),
            (
                CONTEXT,
                "securityContext: {runAsUser: 1000, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}",
            ),
        ],
        &[],
    ),
    (
        &[
            (POD, "securityContext: {runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}"),
            (
                CONTEXT,
                "securityContext: {runAsUser: 0, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}",
            ),
        ],
        &["run-as-root"],
    ),
    (&[(POD, "securityContext: {runAsNonRoot: false, seccompProfile: {type: RuntimeDefault}}")], &["run-as-root"]),
    // The host.
    (&[(CONTAINERS, "      hostNetwork: true\n")], &["host-namespace"]),
    (&[(CONTAINERS, "      hostPID: true\n")], &["host-namespace"]),
    (&[(CONTAINERS, "      hostIPC: true\n")], &["host-namespace"]),
    (&[(CONTAINERS, "      hostNetwork: false\n")], &[]),
    (
        &[
            (CONTAINERS, "      volumes: [{name: run, hostPath: {path: /var/run/docker.sock}}]\n"),
            (
                READY,
                "readinessProbe: {httpGet: {path: /ready, port: 8080}}\n          volumeMounts: [{name: run, mountPath: /run/docker.sock}]",
            ),
        ],
        &["host-namespace"],
    ),
    (
        &[
            (CONTAINERS, "      volumes: [{name: etc, hostPath: {path: /etc}}]\n"),
            (
                READY,
                "readinessProbe: {httpGet: {path: /ready, port: 8080}}\n          volumeMounts: [{name: etc, mountPath: /host}]",
            ),
        ],
        &["host-namespace"],
    ),
    (&[(CONTAINERS, "      volumes: [{name: run, hostPath: {path: /var/run/docker.sock}}]\n")], &[]),
    (
        &[
            (CONTAINERS, "      volumes: [{name: tmp, emptyDir: {}}]\n"),
            (
                READY,
                "readinessProbe: {httpGet: {path: /ready, port: 8080}}\n          volumeMounts: [{name: tmp, mountPath: /tmp}]",
            ),
        ],
        &[],
    ),
    (
        &[
            (CONTAINERS, "      volumes: [{name: data, hostPath: {path: /data/orders}}]\n"),
            (
                READY,
                "readinessProbe: {httpGet: {path: /ready, port: 8080}}\n          volumeMounts: [{name: data, mountPath: /data}]",
            ),
        ],
        &[],
    ),
    // Images.
    (&[(IMAGE, "image: registry.example/shop/orders")], &["unpinned-image"]),
    (&[(IMAGE, "image: registry.example/shop/orders:latest")], &["unpinned-image"]),
    (&[(IMAGE, "image: registry.example:5000/shop/orders")], &["unpinned-image"]),
    (&[(IMAGE, "image: registry.example:5000/shop/orders:2")], &[]),
    (
        &[(
            IMAGE,
            "image: registry.example/shop/orders@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
        )],
        &[],
    ),
    // Room: a limit is the request where no other is stated.
    (&[(RESOURCES, "")], &["missing-resources"]),
    (&[(RESOURCES, "resources: {requests: {cpu: 100m, memory: 64Mi}}")], &["missing-resources"]),
    (&[(RESOURCES, "resources: {requests: {memory: 64Mi}, limits: {memory: 128Mi}}")], &["missing-resources"]),
    (&[(RESOURCES, "resources: {limits: {cpu: 1, memory: 128Mi}}")], &[]),
    (&[(RESOURCES, "resources: {requests: {cpu: 100m}, limits: {memory: 128Mi}}")], &[]),
    (
        &[
            (RESOURCES, ""),
            (
                "apiVersion: apps/v1\nkind: Deployment # of orders",
                "apiVersion: v1\nkind: LimitRange\nmetadata: {name: room, namespace: shop}\nspec: {limits: [{type: Container, defaultRequest: {cpu: 100m, memory: 64Mi}, default: {memory: 128Mi}}]}\n---\napiVersion: apps/v1\nkind: Deployment",
            ),
        ],
        &[],
    ),
    // Probes.
    (&[(READY, "")], &["missing-readiness-probe"]),
    (&[(READY, "readinessProbe:")], &["missing-readiness-probe"]),
    (&[(READY, "startupProbe: {httpGet: {path: /ready, port: 8080}}")], &["missing-readiness-probe"]),
    (&[(READY, "readinessProbe: {tcpSocket: {port: 8080}}")], &[]),
    (&[(LIVE, "livenessProbe: {httpGet: {path: /ready, port: 8080}}")], &["shallow-readiness-probe"]),
    (
        &[(LIVE, "livenessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 30}")],
        &["shallow-readiness-probe"],
    ),
    (&[(LIVE, "livenessProbe: {httpGet: {path: /ready, port: 8081}}")], &[]),
    (&[(LIVE, "")], &[]),
    (
        &[(LIVE, "livenessProbe: {exec: {command: [check]}}"), (READY, "readinessProbe: {exec: {command: [check]}}")],
        &["shallow-readiness-probe"],
    ),
    // Scaling.
    (&[("kind: HorizontalPodAutoscaler # of orders", "kind: HorizontalPodAutoscalers")], &["missing-hpa"]),
    (&[("kind: Deployment, name: orders}", "kind: Deployment, name: order}")], &["missing-hpa"]),
    (&[("kind: Deployment, name: orders}", "kind: StatefulSet, name: orders}")], &["missing-hpa"]),
    (
        &[
            ("autoscaling/v2\nkind: HorizontalPodAutoscaler # of orders", "keda.sh/v1alpha1\nkind: ScaledObject"),
            (
                "kind: Deployment, name: orders}\n  minReplicas: 2",
                "kind: Deployment, name: orders}\n  minReplicaCount: 2",
            ),
        ],
        &[],
    ),
    (
        &[
            ("selector: {app: orders}", "selector: {app: none}"),
            ("kind: HorizontalPodAutoscaler # of orders", "kind: HorizontalPodAutoscalers"),
        ],
        &[],
    ),
    // Budgets.
    (&[("kind: PodDisruptionBudget # of orders", "kind: PodDisruptionBudgets")], &["missing-pdb"]),
    (&[(BUDGET, "spec: {maxUnavailable: 0, selector: {matchLabels: {app: orders}}}")], &["missing-pdb"]),
    (&[(BUDGET, "spec: {minAvailable: 100%, selector: {matchLabels: {app: orders}}}")], &["missing-pdb"]),
    (&[(BUDGET, "spec: {minAvailable: 2, selector: {matchLabels: {app: orders}}}")], &["missing-pdb"]),
    (&[(BUDGET, "spec: {minAvailable: 1, selector: {matchLabels: {app: orders}}}")], &[]),
    (&[(BUDGET, "spec: {minAvailable: 50%, selector: {matchLabels: {app: orders}}}")], &[]),
    (&[(BUDGET, "spec: {maxUnavailable: 1, selector: {matchLabels: {app: order}}}")], &["missing-pdb"]),
    (&[(BUDGET, "spec: {maxUnavailable: 1, selector: {}}")], &[]),
    (
        &[
            ("name: orders}\n  minReplicas: 2", "name: orders}\n  minReplicas: 1"),
            ("kind: PodDisruptionBudget # of orders", "kind: PodDisruptionBudgets"),
        ],
        &[],
    ),
    // Network policies of a workload, and who reaches the database.
    (&[("kind: NetworkPolicy # of orders", "kind: NetworkPolicies")], &["missing-network-policy"]),
    (&[(OF_ORDERS, "  podSelector: {matchLabels: {app: order}}\n")], &["missing-network-policy"]),
    (&[(OF_ORDERS, "  podSelector: {}\n")], &[]),
    (&[(OF_ORDERS, "  podSelector: {matchExpressions: [{key: app, operator: In, values: [orders, mail]}]}\n")], &[]),
    (
        &[(OF_ORDERS, "  podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [orders]}]}\n")],
        &["missing-network-policy"],
    ),
    (&[("kind: NetworkPolicy # of db", "kind: NetworkPolicies")], &["missing-network-policy", "unisolated-database"]),
    (&[(TO_DB, "  ingress: [{}]")], &["unisolated-database"]),
    (&[(TO_DB, "  ingress: [{from: [{podSelector: {}}]}]")], &["unisolated-database"]),
    (&[(TO_DB, "  ingress: [{from: [{namespaceSelector: {}}]}]")], &["unisolated-database"]),
    (&[(TO_DB, "  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]")], &["unisolated-database"]),
    (&[(TO_DB, "  ingress: [{ports: [{port: 9187}]}, {from: [{podSelector: {matchLabels: {app: orders}}}]}]")], &[]),
    (&[(TO_DB, "  ingress: []")], &[]),
    (&[(TO_DB, "  policyTypes: [Egress]")], &["unisolated-database"]),
    (
        &[(
            TO_DB,
            "  ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [orders]}]}}]}]",
        )],
        &[],
    ),
    // The mesh.
    (&[(STRICT, "mtls: {mode: PERMISSIVE}")], &["missing-mtls"]),
    (&[(STRICT, "mtls: {mode: DISABLE}")], &["missing-mtls"]),
    (&[(STRICT, "mtls: {}")], &["missing-mtls"]),
    (&[("name: default, namespace: shop}", "name: default, namespace: istio-system}")], &[]),
    (
        &[(
            STRICT,
            "mtls: {mode: STRICT}\n---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: orders, namespace: shop}\nspec:\n  selector: {matchLabels: {app: orders}}\n  mtls: {mode: PERMISSIVE}",
        )],
        &["missing-mtls"],
    ),
    (
        &[(
            STRICT,
            "mtls: {mode: PERMISSIVE}\n---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: orders, namespace: shop}\nspec:\n  selector: {matchLabels: {app: orders}}\n  mtls: {mode: STRICT}",
        )],
        &[],
    ),
    (
        &[(
            "kind: AuthorizationPolicy\nmetadata: {name: callers, namespace: shop}",
            "kind: AuthorizationPolicy\nmetadata: {name: callers, namespace: other}",
        )],
        &["missing-authorization"],
    ),
    (
        &[(
            "spec:\n  rules: [{from: [{source",
            "spec:\n  selector: {matchLabels: {app: web}}\n  rules: [{from: [{source",
        )],
        &["missing-authorization"],
    ),
    (
        &[(
            "spec:\n  rules: [{from: [{source",
            "spec:\n  selector: {matchLabels: {app: orders}}\n  rules: [{from: [{source",
        )],
        &[],
    ),
    (
        &[(STRICT, "mtls: {mode: PERMISSIVE}"), ("kind: AuthorizationPolicy\n", "kind: AuthorizationPolicies\n")],
        &["missing-mtls", "missing-authorization", "redundant-mesh"],
    ),
    (
        &[
            (STRICT, "mtls: {mode: PERMISSIVE}"),
            ("security.istio.io/v1\nkind: AuthorizationPolicy\n", "telemetry.istio.io/v1\nkind: Telemetry\n"),
        ],
        &["missing-mtls", "missing-authorization"],
    ),
    // Accounts.
    (&[("      serviceAccountName: orders\n", "")], &["missing-workload-identity"]),
    (&[("      serviceAccountName: db\n", "")], &["missing-workload-identity"]),
    (&[("      serviceAccountName: orders\n", "      serviceAccountName: default\n")], &["missing-workload-identity"]),
    (&[("      serviceAccountName: orders\n", "      serviceAccount: orders\n")], &[]),
    (&[("      serviceAccountName: orders\n", "      serviceAccountName: web\n")], &["missing-workload-identity"]),
    // Browsers.
    (&[(ORIGIN, "cors-allow-origin: \"*\"")], &["permissive-cors"]),
    (&[(ORIGIN, "cors-allow-origin: \"https://*.shop.example\"")], &[]),
    (
        &[
            (ORIGIN, "cors-allow-origin: \"*\""),
            ("cors-allow-credentials: \"true\"", "cors-allow-credentials: \"false\""),
        ],
        &[],
    ),
    (&[(ORIGIN, "cors-allow-origin: \"*\""), ("enable-cors: \"true\"", "enable-cors: \"false\"")], &[]),
    // What runs before the others, and what runs once: containers and pods like all.
    (&[(CONTAINERS, INIT)], &["missing-resources"]),
    (&[(CONTAINERS, INIT_IN_ORDER)], &[]),
    (&[(TO_DB, JOB)], &["missing-network-policy"]),
    (&[(TO_DB, JOB), (OF_ORDERS, "  podSelector: {}\n")], &[]),
    // New versions, and the end of old ones.
    (&[(ROLLOUT, "")], &["missing-progressive-delivery"]),
    (&[(ROLLOUT, "  strategy: {type: Recreate}\n")], &["missing-progressive-delivery"]),
    (&[(ROLLOUT, "  strategy: {type: RollingUpdate}\n")], &["missing-progressive-delivery"]),
    (&[(ROLLOUT, "  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}\n")], &[]),
    (&[(CONTAINERS, "      terminationGracePeriodSeconds: 0\n")], &["missing-graceful-shutdown"]),
    (&[(CONTAINERS, "      terminationGracePeriodSeconds: 60\n")], &[]),
    (&[(CONTAINERS, "")], &[]),
];

#[derive(Default)]
struct Score {
    right: usize,
    invented: usize,
    missed: usize,
}

#[test]
fn rules_find_what_the_platform_s_documentation_calls_open_and_nothing_else() {
    let active = rules();
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    for (edits, expected) in CHANGES {
        let mut text = ESTATE.to_owned();
        for (from, to) in *edits {
            assert!(text.contains(from), "the estate has no {from}");
            text = text.replacen(from, to, 1);
        }
        let estate = Estate::new([("deploy/shop.yaml", &*text)]);
        let judgement = estate.judgement(&active);
        let found: BTreeSet<&str> = judgement.findings.iter().map(|finding| finding.rule.as_str()).collect();
        for rule in RULES {
            let score = scores.entry(rule).or_default();
            match (found.contains(rule), expected.contains(&rule)) {
                (true, true) => score.right += 1,
                (false, false) => {}
                (true, false) => {
                    score.invented += 1;
                    wrong.push(format!("{rule} is invented for {edits:?}"));
                }
                (false, true) => {
                    score.missed += 1;
                    wrong.push(format!("{rule} is missed for {edits:?}"));
                }
            }
        }
    }
    let verdicts = CHANGES.len() * RULES.len();
    assert!(verdicts >= 1_900, "only {verdicts} verdicts");
    for (rule, score) in &scores {
        let share = |wrong: usize| score.right as f64 / (score.right + wrong) as f64;
        let (precision, recall) = (share(score.invented), share(score.missed));
        assert!(score.right + score.missed > 0, "no change is about {rule}");
        assert!(precision >= LEAST && recall >= LEAST, "{rule}: precision {precision}, recall {recall}: {wrong:#?}");
    }
    // Every single difference is known and shown; today there is none.
    assert_eq!(wrong, Vec::<String>::new());
}
