//! What brings the id of a request into log lines or on to others: `tables/correlation/`.

use std::sync::LazyLock;

use super::signs::{Sign, Signs};

pub(super) const NPM: &str = include_str!("../../tables/correlation/npm.yaml");

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorrelationSign {
    /// `request-logger`: a package whose lines about an HTTP request carry its id.
    RequestLogger,
    /// `carrier`: a package that keeps an id for a whole request.
    Carrier,
    /// `log-instrumentation`: a package that brings the id of the trace into log lines.
    LogInstrumentation,
    /// `silent-tracer`: a package that traces and leaves log lines as they are.
    SilentTracer,
    /// `name`: a name or text in code that holds such an id, in lower case and without `_`.
    Name,
}

impl Sign for CorrelationSign {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("request-logger", Self::RequestLogger),
        ("carrier", Self::Carrier),
        ("log-instrumentation", Self::LogInstrumentation),
        ("silent-tracer", Self::SilentTracer),
        ("name", Self::Name),
    ];
}

/// What archlint ships.
pub fn correlation() -> &'static Signs<CorrelationSign> {
    static TABLE: LazyLock<Signs<CorrelationSign>> = LazyLock::new(|| Signs::shipped(NPM));
    &TABLE
}
