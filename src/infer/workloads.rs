//! Workloads as rules see them: by the variant that their owner would edit, with what
//! policies of other files say of it.

use std::collections::{BTreeMap, BTreeSet};

use super::containers::environment_word;
use super::mesh::Namespaces;
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT, host_access, mesh};
use crate::facts::Fact;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::network::Address;
use crate::facts::policy::{Account, Policy, Says};
use crate::facts::upkeep::Rollout;
use crate::facts::workload::{Lifetime, Platform, Workload as WorkloadFact};
use crate::graph::model::{Concern, Confidence, Environment, ServiceId, Target, Workload, WorkloadVariant};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

impl<'a> Estate<'a> {
    /// The policy of a place; `None` for another fact.
    pub fn policy(&self, concern: Concern) -> Option<&'a Policy> {
        let Fact::Policy(policy) = self.facts.get(concern.file as usize)?.facts.get(concern.fact as usize)? else {
            return None;
        };
        Some(policy)
    }

    /// The address of a place; `None` for another fact.
    pub fn address(&self, concern: Concern) -> Option<&'a Address> {
        let Fact::Address(address) = self.facts.get(concern.file as usize)?.facts.get(concern.fact as usize)? else {
            return None;
        };
        Some(address)
    }

    /// The facts of a variant, the one that is overridden first.
    pub fn layers(&self, variant: &WorkloadVariant) -> Vec<&'a WorkloadFact> {
        let facts = variant.layers.iter().filter_map(|layer| {
            let Fact::Workload(workload) = self.facts.get(layer.file as usize)?.facts.get(layer.fact as usize)? else {
                return None;
            };
            Some(&**workload)
        });
        facts.collect()
    }
}

/// What policies answer: the first one that surely concerns the workload and that `pick`
/// takes; unknown where only one that perhaps concerns it does.
pub fn said_by<T>(
    estate: &Estate<'_>,
    concerns: &[Concern],
    place: Span,
    pick: impl Fn(&Policy) -> Option<T>,
) -> Answer<T> {
    let mut answer = Answer::absent(place);
    for concern in concerns {
        let Some(policy) = estate.policy(*concern) else { continue };
        let Some(value) = pick(policy) else { continue };
        if concern.sure {
            return Answer::present(value, policy.span);
        }
        answer = Answer::unknown(&format!(
            "whether a {} of the estate concerns it depends on what is deployed; render what is deployed, and check that",
            policy.kind
        ));
    }
    answer
}

/// The variants that matter, in the order in which its owner would edit them: deployed ones,
/// else those for development. Changes of others are apart.
pub fn main_variants(workload: &Workload) -> Vec<&WorkloadVariant> {
    let whole = || workload.variants.iter().filter(|variant| !variant.patch);
    let deployed: Vec<_> = whole().filter(|variant| variant.environment <= Environment::Unknown).collect();
    if deployed.is_empty() {
        whole().filter(|variant| variant.environment == Environment::Development).collect()
    } else {
        deployed
    }
}

/// All workloads.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let mut callers: BTreeMap<ServiceId, BTreeSet<Symbol>> = BTreeMap::new();
    for call in estate.graph.calls.iter().filter(|call| call.from != call.to) {
        callers.entry(call.to).or_default().insert(estate.graph.service(call.from).name);
    }
    let known = Known { accounts: Accounts::new(estate), namespaces: Namespaces::new(estate), callers };
    for workload in &estate.graph.workloads {
        found.extend(subject(estate, &known, workload));
    }
}

/// What is looked up for every workload.
struct Known<'a> {
    accounts: Accounts<'a>,
    namespaces: Namespaces<'a>,
    /// Names of the services that call a service.
    callers: BTreeMap<ServiceId, BTreeSet<Symbol>>,
}

fn subject(estate: &Estate<'_>, known: &Known<'_>, workload: &Workload) -> Option<Subject> {
    let mut variants = main_variants(workload);
    // What is deployed in any case tells more than what a template's condition includes.
    variants.sort_by_key(|variant| estate.layers(variant).last().is_some_and(|top| top.conditional));
    let variant = *variants.first()?;
    let layers = estate.layers(variant);
    let top = *layers.last()?;
    let place = variant.span;
    let platform = match variant.platform {
        Platform::Kubernetes => "kubernetes",
        Platform::Compose => "compose",
    };
    let lifetime = match top.lifetime {
        Lifetime::Replicated => "replicated",
        Lifetime::Stateful => "stateful",
        Lifetime::PerNode => "per-node",
        Lifetime::Task => "task",
    };
    let infrastructure = match workload.owner {
        Target::Service(_) => None,
        Target::Infra(id) => Some(estate.graph.infra(id).kind),
    };
    let said = |pick: &dyn Fn(&Policy) -> Option<Datum>| said_by(estate, &variant.concerns, place, pick);
    let kind_of = |policy: &Policy| Datum::Text(policy.kind);
    let scaler = said(&|policy| matches!(policy.says, Says::Scaling { .. }).then(|| kind_of(policy)));
    let replicas = replicas(estate, workload, variant, top);
    let budget = said(&|policy| matches!(policy.says, Says::Disruption { .. }).then(|| kind_of(policy)));
    let drains = drains(estate, variant, &replicas);
    let (ingress, egress) = (
        said(&|policy| {
            matches!(&policy.says, Says::Traffic(traffic) if traffic.ingress.is_some()).then(|| kind_of(policy))
        }),
        said(&|policy| {
            matches!(&policy.says, Says::Traffic(traffic) if traffic.egress.is_some()).then(|| kind_of(policy))
        }),
    );
    let canary = said(&|policy| matches!(policy.says, Says::Canary).then(|| kind_of(policy)));
    let host = host_access::of(estate, &variants, infrastructure, top.lifetime);
    let account = known.accounts.of(estate, workload, variant, top);
    let mesh = mesh::of(estate, &known.namespaces, variant, top);
    let authorization = said(&|policy| matches!(policy.says, Says::Authorization).then(|| kind_of(policy)));
    let authorization = if authorization.is_absent() && !mesh.name.is_present() {
        Answer::unknown(
            "outside of a mesh its code, or a service that it asks, decides its requests; look there for who is let in",
        )
    } else {
        authorization
    };
    let callers = match workload.owner {
        Target::Service(id) => known.callers.get(&id).cloned().unwrap_or_default(),
        Target::Infra(_) => BTreeSet::new(),
    };
    let grace = top.grace_seconds.clone().map(Datum::Int);
    let (def, row) = RowBuilder::new("workload", place)
        .text("service", &estate.graph.target_name(workload.owner))
        .bool("infrastructure", infrastructure.is_some())
        .text("software", infrastructure.map_or("", Symbol::as_str))
        .text("kind", &top.kind)
        .text("platform", platform)
        .text("lifetime", lifetime)
        .text("environment", environment_word(variant.environment))
        .texts("callers", callers.into_iter())
        .set("routed", routed(estate, variant))
        .set("keeps_data", top.keeps_data.clone().map(Datum::Bool))
        .set("replicas", replicas)
        .set("autoscaler", scaler)
        .set("disruption_budget", budget)
        .set("drains", drains)
        .set("ingress_policy", ingress)
        .set("egress_policy", egress)
        .set("account", account.name)
        .texts("account_users", account.users.into_iter())
        .set("identity", account.identity)
        .set("mesh", mesh.name)
        .set("mutual_tls", mesh.mutual_tls)
        .text("mutual_tls_reason", &mesh.reason)
        .set("authorization", authorization)
        .set("rollout", rollout(top, canary))
        .set("grace_seconds", grace)
        .text("host_words", &host.words)
        .set("host_access", host.serious)
        .set("host_glimpses", host.glimpses)
        .finish();
    let others = variants.iter().skip(1).map(|variant| (variant.span, "also deployed here".to_owned()));
    Some(Subject {
        def,
        name: workload.name.as_str().to_owned(),
        anchor: format!("workload {} {}", workload.name, environment_word(variant.environment)),
        span: place,
        services: estate.services_of(workload.owner),
        confidence: Confidence::Observed,
        row,
        related: others.take(RELATED_LIMIT).collect(),
    })
}

/// How many replicas it has at least: what it states, or what its autoscaler starts from.
fn replicas(estate: &Estate<'_>, workload: &Workload, variant: &WorkloadVariant, top: &WorkloadFact) -> Answer<Datum> {
    let scaled = said_by(estate, &variant.concerns, variant.span, |policy| {
        let Says::Scaling { min } = &policy.says else { return None };
        min.value().copied()
    });
    let changed = workload
        .variants
        .iter()
        .filter(|other| other.patch)
        .any(|patch| estate.layers(patch).iter().any(|layer| !layer.replicas.is_absent()));
    match (&scaled, &top.replicas) {
        (Answer::Present(min, evidence), _) => Answer::Present(Datum::Int(*min), evidence.clone()),
        (_, Answer::Present(number, evidence)) => Answer::Present(Datum::Int(*number), evidence.clone()),
        (Answer::Unknown(reason), _) | (_, Answer::Unknown(reason)) => Answer::Unknown(*reason),
        (Answer::Absent(_), Answer::Absent(_)) if changed => Answer::unknown("another file changes the replicas"),
        (Answer::Absent(_), Answer::Absent(_)) => Answer::absent(variant.span),
    }
}

/// Whether its disruption budget lets a pod go at all (kubernetes.io/docs/tasks/run-application,
/// "Specifying a Disruption Budget": `maxUnavailable: 0` and `minAvailable: 100%` let none).
fn drains(estate: &Estate<'_>, variant: &WorkloadVariant, replicas: &Answer<Datum>) -> Answer<Datum> {
    let replicas = match replicas {
        Answer::Present(Datum::Int(number), _) => Some(*number),
        Answer::Absent(_) => Some(1),
        Answer::Present(..) | Answer::Unknown(_) => None,
    };
    let blocked = |text: &str, is_max: bool| -> Option<bool> {
        let number: i64 = text.trim_end_matches('%').trim().parse().ok()?;
        match (is_max, text.ends_with('%')) {
            (true, _) => Some(number == 0),
            (false, true) => Some(number >= 100),
            (false, false) => replicas.map(|replicas| number >= replicas),
        }
    };
    let answer = said_by(estate, &variant.concerns, variant.span, |policy| {
        let Says::Disruption { min_available, max_unavailable } = &policy.says else { return None };
        Some(match (min_available, max_unavailable) {
            (Answer::Present(min, _), _) => blocked(min.as_str(), false),
            (_, Answer::Present(max, _)) => blocked(max.as_str(), true),
            // Without either, as many as `maxUnavailable: 1` lets go... none are kept back.
            (Answer::Absent(_), Answer::Absent(_)) => Some(false),
            (Answer::Unknown(_), _) | (_, Answer::Unknown(_)) => None,
        })
    });
    match answer {
        Answer::Present(Some(blocked), evidence) => Answer::Present(Datum::Bool(!blocked), evidence),
        Answer::Present(None, _) => Answer::unknown("the disruption budget is computed"),
        Answer::Absent(evidence) => Answer::Absent(evidence),
        Answer::Unknown(reason) => Answer::Unknown(reason),
    }
}

fn routed(estate: &Estate<'_>, variant: &WorkloadVariant) -> Answer<Datum> {
    let place = |concern: &Concern| estate.address(*concern).map_or(variant.span, |address| address.span);
    match variant.addresses.iter().find(|concern| concern.sure) {
        Some(concern) => Answer::present(Datum::Bool(true), place(concern)),
        None if variant.addresses.is_empty() => Answer::present(Datum::Bool(false), variant.span),
        None => Answer::unknown(
            "a template or another deployment decides whether a Service leads to it; render what is deployed, and check that",
        ),
    }
}

fn rollout(top: &WorkloadFact, canary: Answer<Datum>) -> Answer<Datum> {
    if !canary.is_absent() {
        return canary.map(|_| Datum::Text(Symbol::new("canary")));
    }
    top.rollout.clone().map(|rollout| {
        Datum::Text(Symbol::new(match rollout {
            Rollout::Recreate => "recreate",
            Rollout::Rolling => "rolling",
            Rollout::Bounded => "bounded",
            Rollout::Canary => "canary",
            Rollout::BlueGreen => "blue-green",
        }))
    })
}

/// An account of one deployment: scope, namespace and name.
type AccountKey = (u32, Option<Symbol>, Symbol);

/// Service accounts, and which services run under them.
struct Accounts<'a> {
    users: BTreeMap<AccountKey, BTreeSet<Symbol>>,
    by_name: BTreeMap<Symbol, Vec<&'a Account>>,
}

/// What is known of a workload's account.
struct AccountOf {
    name: Answer<Datum>,
    users: BTreeSet<Symbol>,
    identity: Answer<Datum>,
}

/// Annotations of service accounts that stand for an identity in a cloud: EKS "IAM roles for
/// service accounts", GKE "Workload Identity Federation", AKS "Workload identity"; 2026-11.
const IDENTITIES: &[(&str, &str)] = &[
    ("eks.amazonaws.com/role-arn", "IRSA"),
    ("iam.gke.io/gcp-service-account", "GKE Workload Identity"),
    ("azure.workload.identity/client-id", "Azure workload identity"),
];

impl<'a> Accounts<'a> {
    fn new(estate: &Estate<'a>) -> Self {
        let mut users: BTreeMap<AccountKey, BTreeSet<Symbol>> = BTreeMap::new();
        for workload in &estate.graph.workloads {
            for variant in main_variants(workload).into_iter().take(1) {
                if let Some(key) = account_key(estate, variant) {
                    users.entry(key).or_default().insert(estate.graph.target_name(workload.owner));
                }
            }
        }
        let mut by_name: BTreeMap<Symbol, Vec<&Account>> = BTreeMap::new();
        for fact in estate.facts.iter().flat_map(|facts| &facts.facts) {
            if let Fact::Account(account) = fact
                && let Some(name) = account.name.as_literal()
            {
                by_name.entry(name).or_default().push(account);
            }
        }
        Self { users, by_name }
    }

    fn of(&self, estate: &Estate<'a>, workload: &Workload, variant: &WorkloadVariant, top: &WorkloadFact) -> AccountOf {
        let changed = workload
            .variants
            .iter()
            .filter(|other| other.patch)
            .any(|patch| estate.layers(patch).iter().any(|layer| !layer.service_account.is_absent()));
        let name = match &top.service_account {
            Answer::Present(value, evidence) => match value.as_literal() {
                Some(name) => Answer::Present(Datum::Text(name), evidence.clone()),
                None => Answer::unknown("the service account's name is computed"),
            },
            Answer::Absent(_) if changed => Answer::unknown("another file changes the service account"),
            Answer::Absent(evidence) => Answer::Absent(evidence.clone()),
            Answer::Unknown(reason) => Answer::Unknown(*reason),
        };
        let key = account_key(estate, variant);
        let users = key.and_then(|key| self.users.get(&key).cloned()).unwrap_or_default();
        let accounts = key.and_then(|(_, _, name)| self.by_name.get(&name)).map_or(&[][..], Vec::as_slice);
        let mut identity = Answer::absent(variant.span);
        for account in accounts {
            for label in &account.annotations {
                if let Some((_, word)) = IDENTITIES.iter().find(|(key, _)| label.key == *key) {
                    identity = Answer::present(Datum::Text(Symbol::new(word)), label.span);
                }
            }
        }
        AccountOf { name, users, identity }
    }
}

/// The account that a variant runs under; `None` where its name is not known, and outside of
/// Kubernetes.
fn account_key(estate: &Estate<'_>, variant: &WorkloadVariant) -> Option<AccountKey> {
    let top = *estate.layers(variant).last()?;
    let name = match &top.service_account {
        Answer::Present(value, _) => value.as_literal()?,
        Answer::Absent(_) => Symbol::new("default"),
        Answer::Unknown(_) => return None,
    };
    (variant.platform == Platform::Kubernetes).then_some((variant.scope, variant.namespace, name))
}

/// A list with its places; the workload's own place where it is empty.
pub fn listed(found: Vec<(String, Span)>, place: Span) -> Answer<Datum> {
    let mut words: Vec<Datum> = Vec::new();
    let mut spans = Vec::new();
    for (text, span) in found {
        let word = Datum::Text(Symbol::new(&text));
        if !words.contains(&word) {
            words.push(word);
            spans.push(span);
        }
    }
    if spans.is_empty() {
        spans.push(place);
    }
    Answer::Present(Datum::List(words), Evidence(spans))
}
