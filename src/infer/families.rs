//! Which part of inference makes subjects of which kind, so that only what rules ask for is
//! worked out.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::ownership::Owners;
use super::subject::Subject;
use super::{
    Estate, calls, certificates, connections, consumers, containers, data, dead_letters, declarations, exposure,
    functions, images, installs, manifests, meshes, migrations, operations, ownership, pipelines, pushes, recipes,
    requests, routes, splits, tables, traffic, transactions, various, workloads,
};

/// What bounds the computation; set from what the enabled rules ask for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Chains of more services than this are worth telling.
    pub chain_services: usize,
    kinds: BTreeSet<&'static str>,
}

impl Asked {
    /// Subjects of these kinds, at least.
    pub fn of(kinds: impl IntoIterator<Item = &'static str>, chain_services: usize) -> Self {
        Self { chain_services, kinds: kinds.into_iter().collect() }
    }

    /// Subjects of all kinds.
    pub fn everything(chain_services: usize) -> Self {
        Self::of(FAMILIES.iter().flat_map(|family| family.kinds).copied(), chain_services)
    }

    /// True if subjects of this kind are wanted.
    pub fn wants(&self, kind: &str) -> bool {
        self.kinds.contains(kind)
    }
}

/// What several families need, worked out when the first one does.
pub struct Common<'a> {
    asked: &'a Asked,
    owners: OnceCell<Owners>,
}

impl<'a> Common<'a> {
    fn owners(&self, estate: &Estate<'_>) -> &Owners {
        self.owners.get_or_init(|| Owners::new(estate))
    }
}

type Build = fn(&Estate<'_>, &Common<'_>, &mut Vec<Subject>);

/// Subjects that are worked out together.
struct Family {
    kinds: &'static [&'static str],
    build: Build,
}

const fn family(kinds: &'static [&'static str], build: Build) -> Family {
    Family { kinds, build }
}

/// All families. Suppressions are no part of the estate; judging them is the engine's.
const FAMILIES: &[Family] = &[
    family(&["connection"], |estate, _, found| {
        connections::subjects(estate, found);
        pushes::subjects(estate, found);
    }),
    family(&["consumer", "queue"], |estate, _, found| consumers::subjects(estate, found)),
    family(&["call"], |estate, _, found| calls::subjects(estate, found)),
    family(&["chain", "cycle", "retry_chain"], |estate, common, found| routes::subjects(estate, common.asked, found)),
    family(&["request"], |estate, _, found| requests::subjects(estate, found)),
    family(&["container"], |estate, _, found| containers::subjects(estate, found)),
    family(&["database", "database_server", "credential"], |estate, _, found| data::subjects(estate, found)),
    family(&["dead_letter_queue"], |estate, _, found| dead_letters::subjects(estate, found)),
    family(&["serverless_function"], |estate, _, found| functions::subjects(estate, found)),
    family(&["cors_policy", "route"], |estate, _, found| exposure::subjects(estate, found)),
    family(&["traffic"], |estate, _, found| traffic::subjects(estate, found)),
    family(&["endpoint"], |estate, _, found| various::endpoints(estate, found)),
    family(&["file"], |estate, _, found| various::files(estate, found)),
    family(&["secret"], |estate, _, found| various::secrets(estate, found)),
    family(&["service", "runbook"], |estate, common, found| various::services(estate, common.owners(estate), found)),
    family(&["estate"], |estate, common, found| ownership::subjects(estate, common.owners(estate), found)),
    family(&["certificate_check"], |estate, _, found| certificates::subjects(estate, found)),
    family(&["migration_folder", "schema"], |estate, _, found| migrations::subjects(estate, found)),
    family(&["table_use"], |estate, _, found| tables::subjects(estate, found)),
    family(&["split"], |estate, common, found| splits::subjects(estate, common.owners(estate), found)),
    family(&["image"], |estate, _, found| images::subjects(estate, found)),
    family(&["install"], |estate, _, found| installs::subjects(estate, found)),
    family(&["dependency", "manifest"], |estate, _, found| manifests::subjects(estate, found)),
    family(&["mesh"], |estate, _, found| meshes::subjects(estate, found)),
    family(&["pipeline"], |estate, _, found| pipelines::subjects(estate, found)),
    family(&["recipe"], |estate, _, found| recipes::subjects(estate, found)),
    family(&["operation"], |estate, _, found| operations::subjects(estate, found)),
    family(&["transaction"], |estate, _, found| transactions::subjects(estate, found)),
    family(&["workload"], |estate, _, found| workloads::subjects(estate, found)),
    family(&["declaration"], |estate, _, found| declarations::subjects(estate, found)),
];

/// The subjects of the estate that are asked for, in no order that matters. Subjects of other
/// kinds may be among them, where they come along.
pub fn subjects(estate: &Estate<'_>, asked: &Asked) -> Vec<Subject> {
    let common = Common { asked, owners: OnceCell::new() };
    let mut found: Vec<Subject> = Vec::new();
    for family in FAMILIES.iter().filter(|family| family.kinds.iter().any(|kind| asked.wants(kind))) {
        let before = found.len();
        (family.build)(estate, &common, &mut found);
        let new = found.get(before..).unwrap_or_default();
        debug_assert!(new.iter().all(|one| family.kinds.contains(&one.def.kind)), "{:?} make others", family.kinds);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infer::subjects::SUBJECTS;

    #[test]
    fn every_kind_is_made_by_one_family() {
        for kind in SUBJECTS.iter().map(|def| def.kind).filter(|kind| *kind != "suppression") {
            let makers = FAMILIES.iter().filter(|family| family.kinds.contains(&kind)).count();
            assert_eq!(makers, 1, "{kind}");
        }
        for kind in FAMILIES.iter().flat_map(|family| family.kinds) {
            assert!(SUBJECTS.iter().any(|def| def.kind == *kind), "{kind} is no kind");
        }
    }
}
