//! The parts of a container image's name: `registry.example:5000/shop/orders:1.4@sha256:…`.

/// An image name taken apart, as the reference grammar of the OCI distribution project does
/// (github.com/distribution/reference): all parts are slices of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageName<'t> {
    /// `registry.example:5000`; `None` where the name has none, so that Docker Hub is meant.
    pub registry: Option<&'t str>,
    /// `shop/orders`, without registry; never empty. Docker Hub's `library/` is kept.
    pub repository: &'t str,
    /// `1.4`; `None` where the name has none, so that `latest` is meant.
    pub tag: Option<&'t str>,
    /// `sha256:…`
    pub digest: Option<&'t str>,
}

impl<'t> ImageName<'t> {
    /// Takes `image` apart. `None` where its repository is empty or is no name, for example
    /// because a variable (`${IMAGE}`) is still in it; a variable in the tag does no harm.
    pub fn parse(image: &'t str) -> Option<Self> {
        let (rest, digest) = match image.trim().split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (image.trim(), None),
        };
        let (registry, path) = match rest.split_once('/') {
            Some((first, path)) if is_registry(first) => (Some(first), path),
            _ => (None, rest),
        };
        let (repository, tag) = match path.split_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (path, None),
        };
        let is_name = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        };
        if !repository.split('/').all(is_name) {
            return None;
        }
        Some(Self { registry, repository, tag: tag.filter(|tag| !tag.is_empty()), digest })
    }

    /// The repository's last part: `orders` of `shop/orders`.
    pub fn last_segment(&self) -> &'t str {
        self.repository.rsplit('/').next().unwrap_or(self.repository)
    }
}

/// The first part of a name is a registry if it could be a host: it has a dot or a port, or
/// is `localhost` (docker's `splitDockerDomain`).
fn is_registry(first: &str) -> bool {
    first == "localhost" || (first.contains(['.', ':']) && !first.contains(['$', '{']))
}

#[cfg(test)]
mod tests {
    use super::ImageName;

    #[test]
    fn names_are_taken_apart_as_docker_does() {
        for (image, registry, repository, tag, digest) in [
            ("postgres", None, "postgres", None, None),
            ("postgres:16-alpine", None, "postgres", Some("16-alpine"), None),
            ("shop/orders", None, "shop/orders", None, None),
            ("docker.io/library/redis:7", Some("docker.io"), "library/redis", Some("7"), None),
            ("localhost/orders", Some("localhost"), "orders", None, None),
            ("registry:5000/orders", Some("registry:5000"), "orders", None, None),
            ("registry.example:5000/shop/orders:1.4", Some("registry.example:5000"), "shop/orders", Some("1.4"), None),
            ("nginx@sha256:00", None, "nginx", None, Some("sha256:00")),
            ("nginx:1@sha256:00", None, "nginx", Some("1"), Some("sha256:00")),
            ("nginx:${TAG:-1}", None, "nginx", Some("${TAG:-1}"), None),
            ("nginx:", None, "nginx", None, None),
        ] {
            assert_eq!(ImageName::parse(image), Some(ImageName { registry, repository, tag, digest }), "{image}");
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        for image in ["", ":", "@", "/", "a//b", "shop/", "${IMAGE}", "${REGISTRY}/orders:1", "a b", "{{ .image }}"] {
            assert_eq!(ImageName::parse(image), None, "{image}");
        }
    }
}
