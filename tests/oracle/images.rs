//! Images by all the ways in which they say as whom they run.

use super::Expected;

/// An image that a workload of the estate runs.
#[derive(Clone, Copy, Debug)]
pub struct Image {
    /// Its name in the workload.
    pub name: &'static str,
    /// The recipe that builds it in the folder `orders`; `None`: it is foreign.
    pub recipe: Option<&'static str>,
    /// As whom it runs where nobody says otherwise.
    pub user: Expected,
}

const fn built(recipe: &'static str, user: Expected) -> Image {
    Image { name: "registry.example/shop/orders:1.4", recipe: Some(recipe), user }
}

const fn foreign(name: &'static str, user: Expected) -> Image {
    Image { name, recipe: None, user }
}

/// An image that is built to run as somebody without rights.
pub const BUILT_AS_OTHER: Image = built("FROM debian:13\nUSER 1000\nCMD [\"/orders\"]\n", Expected::Other);
/// An image that is built to run as root.
pub const BUILT_AS_ROOT: Image = built("FROM debian:13\nCMD [\"/orders\"]\n", Expected::Root);
/// An image of which nothing is known.
pub const UNHEARD_OF: Image = foreign("registry.example/other/thing:1", Expected::Open);

/// All images. `debian` runs as root and `gcr.io/distroless/static:nonroot` as 65532
/// (their own documentation); nobody knows `registry.example/base`.
pub const IMAGES: &[Image] = &[
    BUILT_AS_ROOT,
    BUILT_AS_OTHER,
    built("FROM debian:13\nUSER root\n", Expected::Root),
    built("FROM debian:13\nUSER 0\n", Expected::Root),
    built("FROM debian:13\nUSER 0:0\n", Expected::Root),
    built("FROM debian:13\nUSER root:app\n", Expected::Root),
    built("FROM debian:13\nUSER app\n", Expected::Other),
    built("FROM debian:13\nUSER app:root\n", Expected::Other),
    built("FROM debian:13\nUSER 1000:0\n", Expected::Other),
    built("FROM debian:13\nUSER app\nRUN id\nUSER root\n", Expected::Root),
    built("FROM debian:13\nUSER root\nRUN id\nUSER app\n", Expected::Other),
    built("FROM debian:13\nARG OWNER=root\nUSER ${OWNER}\n", Expected::Root),
    built("FROM debian:13\nARG OWNER=1000\nUSER $OWNER\n", Expected::Other),
    built("FROM debian:13\nENV OWNER=app\nUSER $OWNER\n", Expected::Other),
    built("FROM debian:13\nARG OWNER\nUSER ${OWNER}\n", Expected::Hidden),
    built("FROM debian:13\nARG OWNER\nUSER ${OWNER:-0}\n", Expected::Root),
    built("FROM debian:13\nuser app\n", Expected::Other),
    built("FROM registry.example/base:1\n", Expected::Open),
    built("FROM registry.example/base:1\nUSER app\n", Expected::Other),
    built("FROM registry.example/base:1\nUSER root\n", Expected::Root),
    built("FROM gcr.io/distroless/static:nonroot\n", Expected::Other),
    built("FROM gcr.io/distroless/static:nonroot\nUSER 0\n", Expected::Root),
    built("FROM scratch\nCOPY orders /\n", Expected::Root),
    built("FROM scratch\nUSER 10001\n", Expected::Other),
    built("FROM debian:13 AS build\nUSER app\nFROM debian:13\nCOPY --from=build /o /o\n", Expected::Root),
    built("FROM debian:13 AS base\nUSER app\nFROM base\nRUN id\n", Expected::Other),
    built("FROM debian:13 AS base\nUSER app\nFROM base AS last\nUSER root\n", Expected::Root),
    built("FROM debian:13 AS build\nFROM gcr.io/distroless/static:nonroot\nCOPY --from=build /o /o\n", Expected::Other),
    built("ARG BASE=debian:13\nFROM $BASE\n", Expected::Root),
    built("ARG BASE\nFROM $BASE\n", Expected::Hidden),
    UNHEARD_OF,
    foreign("debian:13", Expected::Root),
    foreign("gcr.io/distroless/static:nonroot", Expected::Other),
    foreign("postgres:17", Expected::Drops),
];
