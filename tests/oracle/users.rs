//! `runAsUser` and `runAsNonRoot` of pods and containers over all images.

use super::images::{BUILT_AS_OTHER, BUILT_AS_ROOT, IMAGES, Image, UNHEARD_OF};
use super::{Differences, Expected};

const USERS: [Option<i64>; 3] = [None, Some(0), Some(1000)];
const FLAGS: [Option<bool>; 3] = [None, Some(true), Some(false)];

/// What one security context states.
#[derive(Clone, Copy)]
struct Context {
    user: Option<i64>,
    non_root: Option<bool>,
}

const SILENT: Context = Context { user: None, non_root: None };

impl Context {
    /// `securityContext: {…}`; nothing where it states nothing.
    fn yaml(self) -> String {
        let user = self.user.map(|user| format!("runAsUser: {user}"));
        let non_root = self.non_root.map(|flag| format!("runAsNonRoot: {flag}"));
        let fields: Vec<String> = user.into_iter().chain(non_root).collect();
        if fields.is_empty() { String::new() } else { format!("securityContext: {{{}}}", fields.join(", ")) }
    }
}

fn contexts() -> impl Iterator<Item = Context> {
    USERS.into_iter().flat_map(|user| FLAGS.into_iter().map(move |non_root| Context { user, non_root }))
}

/// The decision table.
fn expected(pod: Context, container: Context, image: Expected) -> Expected {
    // A container that would be root is refused then, and a refused one runs as nobody.
    if container.non_root.or(pod.non_root) == Some(true) {
        return Expected::Other;
    }
    match container.user.or(pod.user) {
        Some(0) => Expected::Root,
        Some(_) => Expected::Other,
        None => image,
    }
}

/// A Deployment `orders` in YAML.
fn deployment(pod: Context, lists: &str) -> String {
    let pod = pod.yaml();
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: orders}}\nspec:\n  template:\n    metadata: \
         {{labels: {{app: orders}}}}\n    spec:\n      {pod}\n{lists}"
    )
}

fn list(key: &str, name: &str, image: &str, container: Context, more: &str) -> String {
    let context = container.yaml();
    format!("      {key}:\n      - name: {name}\n        image: {image}\n        {more}\n        {context}\n")
}

fn compare(differences: &mut Differences, manifest: &str, image: Image, name: &str, expected: Expected) {
    let recipe = image.recipe.map(|recipe| ("orders/Dockerfile", recipe));
    let unit = recipe.map(|_| ("orders/package.json", "{\"name\": \"orders\", \"scripts\": {\"start\": \"node .\"}}"));
    let files: Vec<(&str, &str)> = recipe.into_iter().chain(unit).chain([("deploy/orders.yaml", manifest)]).collect();
    differences.compare(&files, name, "root", expected.word());
}

#[test]
fn contexts_of_container_and_pod_win_over_the_image() {
    let mut differences = Differences::default();
    for pod in contexts() {
        for container in contexts() {
            for image in [BUILT_AS_ROOT, BUILT_AS_OTHER, UNHEARD_OF] {
                let manifest = deployment(pod, &list("containers", "app", image.name, container, ""));
                compare(&mut differences, &manifest, image, "app", expected(pod, container, image.user));
            }
        }
    }
    differences.none_in_at_least(243);
}

#[test]
fn images_decide_where_no_context_does() {
    let mut differences = Differences::default();
    for &image in IMAGES {
        for pod in contexts().filter(|pod| pod.user != Some(1000)) {
            let manifest = deployment(pod, &list("containers", "app", image.name, SILENT, ""));
            compare(&mut differences, &manifest, image, "app", expected(pod, SILENT, image.user));
        }
    }
    differences.none_in_at_least(200);
}

#[test]
fn containers_beside_the_main_one_are_judged_alike() {
    let mut differences = Differences::default();
    let roles = [
        ("initContainers", ""),
        ("initContainers", "restartPolicy: Always"),
        ("ephemeralContainers", ""),
        // A second one in the list of the main one.
        ("", ""),
    ];
    for (key, more) in roles {
        for image in [BUILT_AS_ROOT, BUILT_AS_OTHER, UNHEARD_OF] {
            for container in contexts() {
                for pod in
                    [SILENT, Context { user: Some(0), non_root: None }, Context { user: None, non_root: Some(true) }]
                {
                    let silent = Context { user: Some(1000), non_root: None };
                    let main = list("containers", "app", image.name, silent, "");
                    let beside = match key {
                        "" => {
                            list("containers", "beside", image.name, container, more).replace("      containers:\n", "")
                        }
                        key => list(key, "beside", image.name, container, more),
                    };
                    let manifest = deployment(pod, &format!("{main}{beside}"));
                    compare(&mut differences, &manifest, image, "beside", expected(pod, container, image.user));
                }
            }
        }
    }
    differences.none_in_at_least(300);
}
