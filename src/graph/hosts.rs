//! Hosts in the texts of variables and settings: which texts name one, and which names mean the
//! same.

use std::borrow::Cow;

use crate::source::symbol::Symbol;

/// A read-only endpoint is a door to the same data: `shop.cluster-ro-x.example` is
/// `shop.cluster-x.example`, `shop-replica.example` is `shop.example`.
pub fn primary_of(host: Symbol) -> Symbol {
    let mut labels: Vec<String> = host.split('.').map(str::to_owned).collect();
    for label in &mut labels {
        if let Some(rest) = label.strip_prefix("cluster-ro-") {
            *label = format!("cluster-{rest}");
        }
        for ending in ["-ro", "-read", "-reader", "-readonly", "-replica", "-readreplica", "-secondary"] {
            if let Some(rest) = label.strip_suffix(ending).filter(|rest| !rest.is_empty()) {
                *label = rest.to_owned();
                break;
            }
        }
    }
    Symbol::new(&labels.join("."))
}

/// Endings of variables whose value may be a bare host name.
const HOST_KEYS: &[&str] =
    &["HOST", "HOSTNAME", "ADDR", "ADDRESS", "ENDPOINT", "URL", "URI", "UPSTREAM", "BACKEND", "SERVICEID"];

/// Settings by which a program finds its own settings and its registry (Spring Cloud Config
/// and Netflix, reference documentation 2025.0): it asks them as it starts, not for a request.
const PLATFORM_KEYS: &[&str] = &["spring.cloud.config.", "spring.config.import", "eureka.", "spring.boot.admin."];

/// True for a setting of that kind.
pub fn is_of_platform(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    PLATFORM_KEYS.iter().any(|start| lower.starts_with(start))
}

/// Variables that name the world or the program itself rather than whom it calls.
const NOT_CALLED: &[&str] = &[
    "CORS",
    "ORIGIN",
    "PUBLIC",
    "EXTERNAL",
    "REDIRECT",
    "CALLBACK",
    "ISSUER",
    "AUDIENCE",
    "OTEL",
    "OTLP",
    "COLLECTOR",
    "TRACING",
    "JAEGER",
    "ZIPKIN",
    "SENTRY",
    "PROXY",
    "LISTEN",
    "BIND",
];

/// (scheme, host, port) of a value that names a host: a URL, `host:port`, or a bare name
/// under a key that asks for one.
pub fn host_in(key: &Symbol, text: &str) -> Option<(String, String, Option<u16>)> {
    let upper = key.to_ascii_uppercase();
    if text.len() > 512
        || text.contains(['\n', ' ', ','])
        || upper.split(['_', '.', '-']).any(|word| NOT_CALLED.contains(&word))
    {
        return None;
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https" | "grpc" | "grpcs" | "ws" | "wss" | "tcp" | "h2c" | "dns" | "lb")
        {
            return None;
        }
        let rest = rest.trim_start_matches('/');
        let authority = rest.split(['/', '?', '#']).next()?;
        let host_port = authority.rsplit('@').next()?;
        let (host, port) = split_port(host_port);
        let host = in_some_namespace(&host).to_owned();
        return plain_host(&host).then_some((scheme, host, port));
    }
    let bare = text.split('/').next()?;
    let (host, port) = split_port(bare);
    let host = in_some_namespace(&host).to_owned();
    if !plain_host(&host) || host.parse::<f64>().is_ok() {
        return None;
    }
    let asks = upper.split(['_', '.', '-']).next_back().is_some_and(|last| HOST_KEYS.contains(&last));
    (asks || (port.is_some() && bare.len() == text.len())).then_some((String::new(), host, port))
}

/// A host inside the cluster without its namespace, where only the deployment knows that:
/// `orders` of `orders.{{ .Release.Namespace }}.svc.cluster.local`.
pub fn in_some_namespace(host: &str) -> &str {
    match host.split_once(".${?}") {
        Some((name, rest))
            if !name.is_empty() && !name.contains(['.', '$']) && (rest.is_empty() || rest.starts_with(".svc")) =>
        {
            name
        }
        _other => host,
    }
}

/// A connection's text with such hosts in it.
pub fn without_namespaces(text: &str) -> Cow<'_, str> {
    if !text.contains(".${?}.svc") {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(".${?}.svc.cluster.local", "").replace(".${?}.svc", ""))
}

fn split_port(text: &str) -> (String, Option<u16>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host.to_owned(), port.parse().ok()),
        _ => (text.to_owned(), None),
    }
}

fn plain_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() < 254
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::{host_in, primary_of};
    use crate::source::symbol::Symbol;

    #[test]
    fn hosts_are_read_from_addresses_and_not_from_words() {
        for (key, text, expected) in [
            ("ORDERS_URL", "http://orders:8080/api", Some(("http", "orders", Some(8080)))),
            ("ORDERS_ADDR", "orders:50051", Some(("", "orders", Some(50051)))),
            ("ORDERS_HOST", "orders", Some(("", "orders", None))),
            ("LOG_LEVEL", "info", None),
            ("LISTEN_ADDR", "0.0.0.0:80", None),
            ("TIMEOUT", "10:30", None),
            ("CORS_ORIGIN", "https://shop.example", None),
            ("GREETING", "hello world", None),
        ] {
            let found = host_in(&Symbol::new(key), text);
            let found = found.as_ref().map(|(scheme, host, port)| (scheme.as_str(), host.as_str(), *port));
            assert_eq!(found, expected, "{key}={text}");
        }
    }

    #[test]
    fn read_only_endpoints_fold_into_their_primary() {
        assert_eq!(primary_of(Symbol::new("shop.cluster-ro-abc.db.example")).as_str(), "shop.cluster-abc.db.example");
        assert_eq!(primary_of(Symbol::new("shop-replica.db.example")).as_str(), "shop.db.example");
        assert_eq!(primary_of(Symbol::new("shop.db.example")).as_str(), "shop.db.example");
    }
}
