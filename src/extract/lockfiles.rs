//! Lock files of package managers: that one is there, and what it is for.

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{Lockfile, Runtime};
use crate::source::path::EstatePath;

/// Names of lock files as their tools' documentation gives them (2026), with what they lock.
const NAMES: &[(&str, Runtime)] = &[
    ("Cargo.lock", Runtime::Rust),
    ("Gemfile.lock", Runtime::Ruby),
    ("Pipfile.lock", Runtime::Python),
    ("bun.lock", Runtime::Node),
    ("bun.lockb", Runtime::Node),
    ("composer.lock", Runtime::Php),
    ("conda-lock.yml", Runtime::Python),
    ("constraints.txt", Runtime::Python),
    ("deno.lock", Runtime::Node),
    ("go.sum", Runtime::Go),
    ("go.work.sum", Runtime::Go),
    ("npm-shrinkwrap.json", Runtime::Node),
    ("package-lock.json", Runtime::Node),
    ("pdm.lock", Runtime::Python),
    ("pnpm-lock.yaml", Runtime::Node),
    ("poetry.lock", Runtime::Python),
    ("pylock.toml", Runtime::Python),
    ("shrinkwrap.yaml", Runtime::Node),
    ("uv.lock", Runtime::Python),
    ("yarn.lock", Runtime::Node),
];

fn locked(path: EstatePath) -> Option<Runtime> {
    NAMES.iter().find(|(name, _)| *name == path.name()).map(|(_, runtime)| *runtime)
}

/// A lock file of any package manager. Its text is not needed: some are binary, many are
/// longer than all other files of their estate together.
pub fn claims(path: EstatePath) -> bool {
    locked(path).is_some()
}

/// Adds that it is there. Rush keeps the lock file of its root in `common/config/rush`
/// (rushjs.io/pages/maintainer/setup_new_repo, 2026).
pub fn read(reading: &mut Reading<'_>) {
    let Some(runtime) = locked(reading.file.path) else { return };
    let folder = reading.file.path.parent();
    let rush = folder.as_str().strip_suffix("common/config/rush").map(|root| root.trim_end_matches('/'));
    let folder = rush.map_or(folder, EstatePath::new);
    reading.add(Fact::Lockfile(Box::new(Lockfile { folder, runtime, span: reading.file_start() })));
}

#[cfg(test)]
mod tests {
    use super::{claims, read};
    use crate::extract::reading::Reading;
    use crate::facts::Fact;
    use crate::source::file::{FileId, SourceFile};
    use crate::source::path::EstatePath;

    #[test]
    fn a_lock_file_is_known_by_its_whole_name() {
        assert!(claims(EstatePath::new("orders/bun.lockb")));
        assert!(!claims(EstatePath::new("orders/package-lock.json.bak")));
        assert!(!claims(EstatePath::new("flake.lock")));
    }

    #[test]
    fn a_lock_file_holds_for_its_folder() {
        for (path, folder) in [
            ("orders/yarn.lock", "orders"),
            ("common/config/rush/pnpm-lock.yaml", ""),
            ("shop/common/config/rush/pnpm-lock.yaml", "shop"),
        ] {
            let file = SourceFile { id: FileId(0), path: EstatePath::new(path), text: "" };
            let mut reading = Reading::new(file);
            read(&mut reading);
            let facts = reading.into_facts();
            let Some(Fact::Lockfile(lock)) = facts.facts.first() else { panic!("{path} is no lock file") };
            assert_eq!(lock.folder.as_str(), EstatePath::new(folder).as_str(), "{path}");
        }
    }
}
