//! Deployment files: Kubernetes objects, a chart for one domain in ten, compose.

use super::{Dice, GeneratedFile, Service, home, variable};

/// True for domains that deploy by charts.
fn by_chart(service: &Service) -> bool {
    service.number / super::DOMAIN % 10 == 3
}

/// The folder of a service's objects: every other domain deploys from one common folder.
fn folder(service: &Service) -> String {
    if (service.number / super::DOMAIN).is_multiple_of(2) {
        format!("gitops/{}/{}", service.domain, service.name)
    } else {
        format!("{}/deploy", home(service))
    }
}

/// The deployment files of one service.
pub fn write(service: &Service, all: &[Service], dice: &mut Dice, files: &mut Vec<GeneratedFile>) {
    if by_chart(service) {
        return chart(service, all, files);
    }
    let folder = folder(service);
    let name = &service.name;
    let domain = &service.domain;
    files.push((format!("{folder}/deployment.yaml"), deployment(service, dice)));
    files.push((
        format!("{folder}/service.yaml"),
        format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  namespace: {domain}\n  labels:\n    app: {name}\n\
             spec:\n  type: {}\n  selector:\n    app: {name}\n  ports:\n    - name: http\n      port: 8080\n      \
             targetPort: 8080\n    - name: grpc\n      port: 9090\n      targetPort: 9090\n",
            if dice.once_in(20) { "LoadBalancer" } else { "ClusterIP" }
        ),
    ));
    files.push((format!("{folder}/configmap.yaml"), config(service, all)));
    if service.number.is_multiple_of(4) {
        files.push((
            format!("{folder}/ingress.yaml"),
            format!(
                "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: {name}\n  namespace: {domain}\nspec:\n  \
                 rules:\n    - host: {name}.shop.example\n      http:\n        paths:\n          - path: /\n            \
                 pathType: Prefix\n            backend:\n              service:\n                name: {name}\n                \
                 port:\n                  number: 8080\n"
            ),
        ));
    }
    if service.number % 10 == 5 {
        files.push((
            format!("{folder}/route.yaml"),
            format!(
                "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: {name}\n  namespace: {domain}\n\
                 spec:\n  hosts:\n    - {name}.{domain}.svc.cluster.local\n  http:\n    - route:\n        - destination:\n            \
                 host: {name}.{domain}.svc.cluster.local\n      timeout: {}s\n      retries:\n        attempts: {}\n        \
                 perTryTimeout: 1s\n",
                1 + dice.below(9),
                dice.below(4)
            ),
        ));
    }
}

fn deployment(service: &Service, dice: &mut Dice) -> String {
    let (name, domain) = (&service.name, &service.domain);
    let secure = if dice.once_in(3) {
        "          securityContext:\n            runAsNonRoot: true\n            runAsUser: 10001\n            \
         allowPrivilegeEscalation: false\n            capabilities:\n              drop:\n                - ALL\n"
    } else {
        ""
    };
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  namespace: {domain}\n  labels:\n    app: {name}\n    \
         app.kubernetes.io/part-of: {domain}\nspec:\n  replicas: {}\n  selector:\n    matchLabels:\n      app: {name}\n  \
         template:\n    metadata:\n      labels:\n        app: {name}\n        app.kubernetes.io/name: {name}\n    spec:\n      \
         containers:\n        - name: {name}\n          image: registry.example/{domain}/{name}:1.{}.{}\n          ports:\n            \
         - name: http\n              containerPort: 8080\n            - name: grpc\n              containerPort: 9090\n          \
         envFrom:\n            - configMapRef:\n                name: {name}-config\n          env:\n            - name: POD_NAME\n              \
         valueFrom:\n                fieldRef:\n                  fieldPath: metadata.name\n            - name: DB_PASSWORD\n              \
         valueFrom:\n                secretKeyRef:\n                  name: {name}-database\n                  key: password\n          \
         readinessProbe:\n            httpGet:\n              path: /ready\n              port: 8080\n            periodSeconds: 5\n          \
         livenessProbe:\n            httpGet:\n              path: /alive\n              port: 8080\n            periodSeconds: 10\n          \
         resources:\n            requests:\n              cpu: {}m\n              memory: 128Mi\n            limits:\n              memory: 256Mi\n{secure}      \
         terminationGracePeriodSeconds: 30\n",
        1 + dice.below(4),
        dice.below(40),
        dice.below(10),
        50 + dice.below(10) * 50,
    )
}

fn config(service: &Service, all: &[Service]) -> String {
    let mut text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}-config\n  namespace: {}\ndata:\n  LOG_LEVEL: info\n  PORT: \"8080\"\n  \
         DB_HOST: {}\n  DB_PORT: \"5432\"\n  DB_NAME: {}\n  DB_USER: {}\n",
        service.name, service.domain, service.store, service.database, service.database
    );
    for to in &service.calls {
        let to = &all[*to];
        let host = if to.domain == service.domain { to.name.clone() } else { format!("{}.{}", to.name, to.domain) };
        if to.number.is_multiple_of(3) {
            text.push_str(&format!("  {}_ADDR: {host}:9090\n", variable(to)));
        } else {
            text.push_str(&format!("  {}_URL: http://{host}:8080\n", variable(to)));
        }
    }
    text
}

fn chart(service: &Service, all: &[Service], files: &mut Vec<GeneratedFile>) {
    let (name, domain) = (&service.name, &service.domain);
    let chart = format!("{}/chart", home(service));
    files.push((
        format!("{chart}/Chart.yaml"),
        format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\nappVersion: \"1.4\"\n"),
    ));
    let mut values = format!(
        "replicas: 2\nimage:\n  repository: registry.example/{domain}/{name}\n  tag: 1.4.0\nservice:\n  port: 8080\nenv:\n  \
         DB_HOST: {}\n  DB_NAME: {}\n  DB_USER: {}\n",
        service.store, service.database, service.database
    );
    for to in &service.calls {
        let to = &all[*to];
        values.push_str(&format!("  {}_URL: http://{}.{}:8080\n", variable(to), to.name, to.domain));
    }
    files.push((format!("{chart}/values.yaml"), values));
    let mut variables = String::new();
    for key in ["DB_HOST", "DB_NAME", "DB_USER"] {
        variables.push_str(&format!(
            "            - name: {key}\n              value: {{{{ .Values.env.{key} | quote }}}}\n"
        ));
    }
    for to in &service.calls {
        let key = format!("{}_URL", variable(&all[*to]));
        variables.push_str(&format!(
            "            - name: {key}\n              value: {{{{ .Values.env.{key} | quote }}}}\n"
        ));
    }
    files.push((
        format!("{chart}/templates/deployment.yaml"),
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  labels:\n    app: {name}\nspec:\n  replicas: \
             {{{{ .Values.replicas }}}}\n  selector:\n    matchLabels:\n      app: {name}\n  template:\n    metadata:\n      labels:\n        \
             app: {name}\n    spec:\n      containers:\n        - name: {name}\n          image: \"{{{{ .Values.image.repository }}}}:\
             {{{{ .Values.image.tag }}}}\"\n          ports:\n            - containerPort: {{{{ .Values.service.port }}}}\n          \
             env:\n{variables}"
        ),
    ));
    files.push((
        format!("{chart}/templates/service.yaml"),
        format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  selector:\n    app: {name}\n  ports:\n    - port: \
             {{{{ .Values.service.port }}}}\n"
        ),
    ));
}

/// What a domain has once: its compose file with all services, its database server.
pub fn write_domain(of_domain: &[Service], files: &mut Vec<GeneratedFile>) {
    let Some(first) = of_domain.first() else { return };
    let (domain, store) = (&first.domain, &first.store);
    let mut compose = String::from("services:\n");
    for service in of_domain {
        let name = &service.name;
        compose.push_str(&format!(
            "  {name}:\n    build: ./{name}\n    ports:\n      - \"127.0.0.1:{}:8080\"\n    environment:\n      DATABASE_URL: \
             postgres://{}:${{DB_PASSWORD:-local}}@{store}:5432/{}\n    depends_on:\n      - {store}\n",
            10_000 + service.number % 40_000,
            service.database,
            service.database
        ));
    }
    compose.push_str(&format!(
        "  {store}:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: ${{DB_PASSWORD:-local}}\n    volumes:\n      - \
         data:/var/lib/postgresql/data\nvolumes:\n  data: {{}}\n"
    ));
    files.push((format!("systems/{domain}/compose.yaml"), compose));
    let mut folders: Vec<String> = vec![format!("systems/{domain}/deploy")];
    if !by_chart(first) && folder(first).starts_with("gitops/") {
        folders = vec![format!("gitops/{domain}")];
    }
    for folder in folders {
        files.push((
            format!("{folder}/{store}.yaml"),
            format!(
                "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: {store}\n  namespace: {domain}\nspec:\n  serviceName: {store}\n  \
                 replicas: 1\n  selector:\n    matchLabels:\n      app: {store}\n  template:\n    metadata:\n      labels:\n        app: {store}\n    \
                 spec:\n      containers:\n        - name: postgres\n          image: postgres:16\n          ports:\n            - \
                 containerPort: 5432\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: {store}\n  namespace: {domain}\nspec:\n  \
                 clusterIP: None\n  selector:\n    app: {store}\n  ports:\n    - port: 5432\n"
            ),
        ));
    }
}
