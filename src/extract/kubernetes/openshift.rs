//! Routes of OpenShift.

use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::network::{Route, RouteKind};

use super::manifest::Manifest;
use super::object::Object;

/// Reads a Route: one way in for its main backend and each of the alternate ones.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let host = manifest.value_at(spec, "host");
    let path = manifest.value_at(spec, "path");
    let port = manifest.mapping(spec, "port").map(|port| manifest.symbol_at(port, "targetPort")).unwrap_or("".into());
    let mut backends: Vec<_> = manifest.mapping(spec, "to").into_iter().collect();
    backends.extend(manifest.mappings(spec, "alternateBackends"));
    for backend in backends {
        // A backend of weight 0 gets nothing today and all of it after one command.
        let Some(name) = manifest.value_at(backend, "name") else { continue };
        let span = name.span;
        manifest.reading.add(Fact::Route(Box::new(Route {
            kind: RouteKind::OpenShiftRoute,
            name: object.name.clone(),
            namespace: object.namespace.clone(),
            host: host.clone(),
            path: path.clone(),
            backend: name,
            backend_namespace: None,
            port,
            gateways: Vec::new(),
            public: Answer::present(true, object.span),
            grpc: false,
            cors: Answer::absent(object.span),
            conditional: object.conditional || manifest.template.is_conditional(span.start),
            span,
        })));
    }
}
