//! Services, ways in, and meshes.

use super::{addresses_in, answered, at, facts_of, gateways_in, policies_in, problems_in, routes_in, shown};
use crate::facts::network::{Reach, Route};

fn line(text: &str, route: &Route) -> String {
    let part = |value: &Option<_>| value.as_ref().map_or("*".to_owned(), shown);
    format!(
        "{}{} -> {}:{} @ {}",
        part(&route.host),
        part(&route.path),
        shown(&route.backend),
        route.port,
        at(text, route.span)
    )
}

fn lines(text: &str) -> Vec<String> {
    let facts = facts_of(text);
    assert_eq!(problems_in(text, &facts), Vec::<String>::new());
    routes_in(&facts).into_iter().map(|route| line(text, route)).collect()
}

#[test]
fn services_reach_as_far_as_their_type_and_annotations_say() {
    for (metadata, spec, expected) in [
        ("", "{}", "inside"),
        ("", "{clusterIP: None}", "inside"),
        ("", "{type: NodePort}", "node port 6:14-6:22"),
        ("", "{type: LoadBalancer}", "load balancer 6:14-6:26"),
        (
            "service.beta.kubernetes.io/aws-load-balancer-internal: \"true\"",
            "{type: LoadBalancer}",
            "internal 5:74-5:78",
        ),
        (
            "service.beta.kubernetes.io/aws-load-balancer-internal: \"false\"",
            "{type: LoadBalancer}",
            "load balancer 6:14-6:26",
        ),
        ("networking.gke.io/load-balancer-type: Internal", "{type: LoadBalancer}", "internal 5:56-5:64"),
    ] {
        let text = format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: orders\n  annotations: {{ {metadata} }}\nspec: {spec}\n"
        );
        let facts = facts_of(&text);
        let reach = match addresses_in(&facts)[0].reach {
            Reach::Inside => "inside".to_owned(),
            Reach::LoadBalancer(span) => format!("load balancer {}", at(&text, span)),
            Reach::NodePort(span) => format!("node port {}", at(&text, span)),
            Reach::InternalLoadBalancer(span) => format!("internal {}", at(&text, span)),
            Reach::Unknown(span) => format!("unknown {}", at(&text, span)),
        };
        assert_eq!(reach, expected, "{text}");
    }
}

#[test]
fn a_service_has_ports_a_selector_and_perhaps_an_external_name() {
    let text = "\
apiVersion: v1
kind: Service
metadata: {name: orders, namespace: shop}
spec:
  selector: {app: orders}
  externalName: orders.example
  ports:
    - {name: grpc, port: 80, targetPort: api, appProtocol: grpc}
    - port: \"81\"
";
    let facts = facts_of(text);
    let [address] = addresses_in(&facts)[..] else { panic!("one address") };
    assert_eq!(address.external_name.as_ref().map(shown).as_deref(), Some("orders.example"));
    assert_eq!(address.selector[0].key, "app");
    let ports: Vec<_> = address
        .ports
        .iter()
        .map(|port| {
            format!("{}/{:?}/{}/{} @ {}", port.name, port.port, port.target, port.protocol, at(text, port.span))
        })
        .collect();
    assert_eq!(ports, ["grpc/Some(80)/api/grpc @ 8:26-8:28", "/Some(81)// @ 9:14-9:16"]);
}

#[test]
fn ingresses_of_all_versions_lead_to_services() {
    let current = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  defaultBackend:
    service: {name: web, port: {name: http}}
  rules:
    - host: shop.example
      http:
        paths:
          - path: /api
            backend:
              service:
                name: orders
                port:
                  number: 80
          - backend: {resource: {kind: Bucket, name: static}}
";
    assert_eq!(lines(current), ["** -> web:http @ 6:21-6:24", "shop.example/api -> orders:80 @ 14:23-14:29"]);
    let old = "\
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: web}
spec:
  backend: {serviceName: web, servicePort: 80}
";
    assert_eq!(lines(old), ["** -> web:80 @ 5:26-5:29"]);
}

#[test]
fn ingresses_are_public_unless_their_class_or_scheme_is_internal() {
    for (annotation, class, expected) in [
        ("", "", "present true @ 4:9-4:12"),
        ("", "nginx", "present true @ 4:9-4:12"),
        ("", "nginx-internal", "absent @ 7:21-7:35"),
        ("kubernetes.io/ingress.class: gce-internal", "", "absent @ 5:47-5:59"),
        ("alb.ingress.kubernetes.io/scheme: internal", "alb", "absent @ 5:52-5:60"),
        ("alb.ingress.kubernetes.io/scheme: internet-facing", "alb", "present true @ 4:9-4:12"),
        ("", "alb", "unknown: the parameters of the ingress class decide whether it is internal"),
    ] {
        let class = if class.is_empty() { "~" } else { class };
        let text = format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  annotations: {{ {annotation} }}\n\
             spec:\n  ingressClassName: {class}\n  defaultBackend: {{service: {{name: web}}}}\n"
        );
        let facts = facts_of(&text);
        assert_eq!(answered(&text, &routes_in(&facts)[0].public), expected, "{text}");
    }
}

#[test]
fn gateway_routes_combine_hosts_matches_and_backends() {
    let text = "\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web}
spec:
  parentRefs:
    - {name: edge, namespace: infra}
  hostnames: [a.example, b.example]
  rules:
    - matches:
        - path: {type: PathPrefix, value: /api}
      backendRefs:
        - {name: orders, port: 80}
        - {name: pay, namespace: money, port: 81}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: rpc}
spec:
  parentRefs: [{kind: Service, name: orders}]
  rules:
    - matches: [{method: {service: shop.Orders, method: Place}}]
      backendRefs: [{name: orders}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec: {gatewayClassName: gke-l7-rilb}
";
    let facts = facts_of(text);
    let routes = routes_in(&facts);
    let all: Vec<_> = routes.iter().map(|route| line(text, route)).collect();
    assert_eq!(
        all,
        [
            "a.example/api -> orders:80 @ 12:18-12:24",
            "b.example/api -> orders:80 @ 12:18-12:24",
            "a.example/api -> pay:81 @ 13:18-13:21",
            "b.example/api -> pay:81 @ 13:18-13:21",
            "*/shop.Orders/Place -> orders: @ 22:28-22:34",
        ]
    );
    assert_eq!(shown(&routes[0].gateways[0]), "infra/edge");
    assert_eq!(routes[2].backend_namespace.as_ref().map(shown).as_deref(), Some("money"));
    assert!(routes[4].grpc && routes[4].public.is_absent() && routes[0].public.is_present());
    assert_eq!(answered(text, &gateways_in(&facts)[0].public), "absent @ 27:26-27:37");
}

#[test]
fn openshift_and_traefik_routes_lead_to_services() {
    let openshift = "\
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: web}
spec:
  host: shop.example
  path: /a
  to: {kind: Service, name: web, weight: 90}
  alternateBackends:
    - {kind: Service, name: web-next, weight: 10}
  port: {targetPort: http}
";
    assert_eq!(
        lines(openshift),
        ["shop.example/a -> web:http @ 7:29-7:32", "shop.example/a -> web-next:http @ 9:29-9:37"]
    );
    let traefik = "\
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: web}
spec:
  routes:
    - match: Host(`a.example`, `b.example`) && PathPrefix(`/api`) && !Path(`/x`)
      services:
        - {name: orders, port: 80}
        - {name: api@internal, kind: TraefikService}
";
    assert_eq!(lines(traefik), ["a.example/api -> orders:80 @ 8:18-8:24", "b.example/api -> orders:80 @ 8:18-8:24"]);
}

#[test]
fn knative_services_are_public_unless_local() {
    let text = "\
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: orders
  labels: {networking.knative.dev/visibility: cluster-local}
spec:
  template:
    spec:
      containers: [{image: shop/orders}]
";
    let facts = facts_of(text);
    assert_eq!(answered(text, &routes_in(&facts)[0].public), "absent @ 5:47-5:60");
    assert_eq!(shown(&addresses_in(&facts)[0].selector[0].value), "orders");
    let open = text.replace("  labels: {networking.knative.dev/visibility: cluster-local}\n", "");
    assert_eq!(answered(&open, &routes_in(&facts_of(&open))[0].public), "present true @ 4:9-4:15");
}

#[test]
fn virtual_services_set_timeouts_and_open_ways_in() {
    let text = "\
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [shop.example]
  gateways: [edge, mesh]
  http:
    - match:
        - uri: {prefix: /api}
          method: {exact: get}
      timeout: 1.5s
      retries: {attempts: 2, perTryTimeout: 500ms, retryOn: 5xx}
      route:
        - destination: {host: orders, port: {number: 80}}
    - route:
        - destination: {host: web}
      timeout: 0s
    - redirect: {uri: /new}
    - match: [{gateways: [mesh]}]
      timeout: 5
      retries: {attempts: 0}
      route: [{destination: {host: mail}}]
";
    let facts = facts_of(text);
    assert_eq!(problems_in(text, &facts), ["20:16-20:17 `timeout` must be a duration such as 500ms or 2s"]);
    let routes: Vec<_> = routes_in(&facts).into_iter().map(|route| line(text, route)).collect();
    assert_eq!(routes, ["shop.example/api -> orders:80 @ 14:31-14:37", "shop.example* -> web: @ 16:31-16:34"]);
    let [api, web, mail] = policies_in(&facts)[..] else { panic!("three policies") };
    assert_eq!(answered(text, &api.timeout_ms), "present 1500 @ 11:16-11:20");
    assert_eq!(answered(text, &api.retries), "present Retries { retries: 2, per_try_ms: Some(500) } @ 12:27-12:28");
    assert_eq!((api.retry_on.as_str(), api.methods[0].as_str(), api.paths[0].as_str()), ("5xx", "GET", "/api"));
    assert_eq!(answered(text, &web.timeout_ms), "present 0 @ 17:16-17:18");
    assert_eq!(answered(text, &web.retries), "absent @ 16:31-16:34");
    assert!(answered(text, &mail.timeout_ms).starts_with("unknown"));
    assert_eq!(answered(text, &mail.retries), "present Retries { retries: 0, per_try_ms: None } @ 21:27-21:28");
    assert_eq!(shown(&mail.gateways[0]), "mesh");
}

#[test]
fn virtual_services_inside_the_mesh_are_no_way_in() {
    let text = "\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: orders}
spec:
  hosts: [orders]
  http: [{route: [{destination: {host: orders}}]}]
";
    assert_eq!(lines(text), Vec::<String>::new());
    assert_eq!(policies_in(&facts_of(text)).len(), 1);
}

#[test]
fn destination_rules_eject_failing_hosts_or_leave_it_open() {
    for (policy, outlier, tls) in [
        (
            "  trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}, tls: {mode: DISABLE}}\n",
            "present true @ 6:19-6:35",
            "present \"DISABLE\" @ 6:76-6:83",
        ),
        ("  trafficPolicy: {connectionPool: {}}\n", "absent @ 5:9-5:15", "absent @ 5:9-5:15"),
        ("", "absent @ 5:9-5:15", "absent @ 5:9-5:15"),
        (
            "  subsets: [{name: v1, trafficPolicy: {outlierDetection: {interval: 1s}}}]\n",
            "unknown: only some subsets or ports of the host have outlier detection",
            "absent @ 5:9-5:15",
        ),
    ] {
        let text = format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: orders}}\nspec:\n  host: orders\n{policy}"
        );
        let facts = facts_of(&text);
        let [rule] = policies_in(&facts)[..] else { panic!("one policy") };
        assert_eq!(answered(&text, &rule.outlier_detection), outlier, "{text}");
        assert_eq!(answered(&text, &rule.tls_mode), tls, "{text}");
    }
}

#[test]
fn istio_gateways_are_public_by_the_pods_they_select() {
    for (selector, expected) in [
        ("istio: ingressgateway", "present true @ 5:21-5:35"),
        ("istio: egressgateway", "absent @ 5:21-5:34"),
        ("istio: ingressgateway-internal", "absent @ 5:21-5:44"),
        ("app: edge", "unknown: whether the gateway's pods are open to the world stands elsewhere"),
    ] {
        let text = format!(
            "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{name: edge}}\nspec:\n  selector: {{{selector}}}\n"
        );
        assert_eq!(answered(&text, &gateways_in(&facts_of(&text))[0].public), expected);
    }
}

#[test]
fn service_profiles_set_timeouts_of_single_routes() {
    let text = "\
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: {name: orders.shop.svc.cluster.local}
spec:
  routes:
    - name: GET /items
      condition: {method: GET, pathRegex: /items}
      timeout: 300ms
      isRetryable: true
    - name: POST /items
";
    let facts = facts_of(text);
    let [get, post] = policies_in(&facts)[..] else { panic!("two policies") };
    assert_eq!(answered(text, &get.timeout_ms), "present 300 @ 8:16-8:21");
    assert!(answered(text, &get.retries).starts_with("unknown"));
    assert_eq!(answered(text, &post.timeout_ms), "absent @ 10:13-10:24");
    assert!(post.retries.is_absent());
}
