//! GraphQL schemas: the queries and mutations that they declare, and whether what a mutation is
//! handed can be told from its repetition.

use rustc_hash::FxHashSet;

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::contract::{Contract, ContractKind, Effect, EffectBasis, IdempotencyBasis, Operation};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::graphql::{self, GraphQlField, GraphQlFile};
use crate::tables::operations::{KeyPlace, NamedEffect, operations};

/// True for files of schemas.
pub fn claims(path: EstatePath) -> bool {
    [".graphql", ".graphqls", ".gql"].iter().any(|ending| path.as_str().ends_with(ending))
}

/// What generators write at the top of a schema that code is the source of.
const GENERATED: [&str; 3] = ["generated", "do not modify", "do not edit"];

/// Directives of schemas that a tool puts together of others
/// (apollographql.com/docs/federation, specs.apollo.dev/join).
const COMPOSED: [&str; 4] = ["join__graph", "join__type", "join__field", "core"];

/// How deep inputs within inputs are searched.
const DEPTH: usize = 3;

/// Types that every schema has (spec.graphql.org, Built-in Scalars).
const BUILT_IN: [&str; 5] = ["ID", "String", "Int", "Float", "Boolean"];

/// Adds one contract for the root fields of the file. What was made of code says nothing that the
/// code does not say.
pub fn read(reading: &mut Reading<'_>) {
    let file = graphql::parse(reading.file.id, reading.file.text);
    reading.syntax_problems(&file.problems, "correct the file so that it is a schema");
    let opening = file.opening.to_ascii_lowercase();
    let is_made = GENERATED.iter().any(|words| opening.contains(words))
        || file.directives.iter().any(|name| COMPOSED.contains(&&**name));
    if is_made {
        return;
    }
    let mut operations = Vec::new();
    for (root, asked) in [("Query", "query"), ("Mutation", "mutation"), ("Subscription", "subscription")] {
        let stated = file.roots.iter().find(|(what, _)| **what == *asked).map_or(root, |(_, name)| &**name);
        for field in file.types.iter().filter(|one| *one.name == *stated).flat_map(|one| &one.fields) {
            operations.push(operation(&file, root, field));
        }
    }
    let Some(first) = operations.first() else { return };
    let span = first.span;
    reading.add(Fact::Contract(Box::new(Contract {
        kind: ContractKind::GraphQl,
        name: Symbol::new("schema"),
        servers: Vec::new(),
        operations,
        span,
    })));
}

fn operation(file: &GraphQlFile, root: &str, field: &GraphQlField) -> Operation {
    let (effect, effect_basis) = match root {
        "Mutation" => match operations().effect_of_mutation(&field.name) {
            Some(NamedEffect::Reads) => (Effect::Reads, EffectBasis::Name),
            Some(NamedEffect::Session) => (Effect::Session, EffectBasis::Name),
            Some(NamedEffect::MutatesIdempotently) => (Effect::MutatesIdempotently, EffectBasis::Name),
            Some(NamedEffect::Mutates) | None => (Effect::Mutates, EffectBasis::Verb),
        },
        _reading => (Effect::Reads, EffectBasis::Verb),
    };
    Operation {
        name: Symbol::new(&format!("{root}.{}", field.name)),
        method: None,
        path: None,
        effect,
        effect_basis,
        idempotency: idempotency_of(file, field),
        streaming: root == "Subscription",
        span: field.span,
    }
}

/// Looks for a key among a field's arguments and in the inputs that they are.
fn idempotency_of(file: &GraphQlFile, field: &GraphQlField) -> Answer<IdempotencyBasis> {
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let mut elsewhere: Option<&str> = None;
    let mut level: Vec<&GraphQlField> = field.arguments.iter().collect();
    for _ in 0..DEPTH {
        if let Some(key) = level.iter().find(|one| operations().is_key(KeyPlace::Field, &one.name)) {
            return Answer::present(IdempotencyBasis::Field, key.span);
        }
        let mut next = Vec::new();
        for one in level {
            let name = &*one.type_name;
            if BUILT_IN.contains(&name) || file.leaves.iter().any(|leaf| **leaf == *name) || !seen.insert(name) {
                continue;
            }
            let inputs: Vec<&graphql::GraphQlType> = file.types.iter().filter(|it| *it.name == *name).collect();
            if inputs.is_empty() {
                elsewhere = elsewhere.or(Some(name));
            }
            next.extend(inputs.into_iter().flat_map(|input| &input.fields));
        }
        level = next;
    }
    match elsewhere {
        Some(name) => Answer::unknown(&format!("the fields of {name} are not declared in this file")),
        None => Answer::absent(field.span),
    }
}

#[cfg(test)]
mod tests {
    use super::{claims, read};
    use crate::extract::reading::Reading;
    use crate::facts::Fact;
    use crate::facts::answer::Answer;
    use crate::source::file::{FileId, SourceFile};
    use crate::source::path::EstatePath;

    fn lines(text: &str) -> Vec<String> {
        let path = EstatePath::new("orders/schema.graphql");
        assert!(claims(path));
        let mut reading = Reading::new(SourceFile { id: FileId(0), path, text });
        read(&mut reading);
        let mut found = Vec::new();
        for fact in &reading.facts.facts {
            let Fact::Contract(contract) = fact else { continue };
            for one in &contract.operations {
                let key = match &one.idempotency {
                    Answer::Present(basis, _) => format!("{basis:?}"),
                    Answer::Absent(_) => "none".to_owned(),
                    Answer::Unknown(reason) => reason.0.to_string(),
                };
                found.push(format!("{} {:?} {:?} {key}", one.name, one.effect, one.effect_basis));
            }
        }
        found
    }

    #[test]
    fn root_fields_are_operations() {
        for (text, expected) in [
            ("type Query { orders: [Int] }", vec!["Query.orders Reads Verb none"]),
            ("type Mutation { placeOrder(sku: ID!): Int }", vec!["Mutation.placeOrder Mutates Verb none"]),
            ("type Mutation { deleteOrder(id: ID!): Int }", vec!["Mutation.deleteOrder MutatesIdempotently Name none"]),
            ("type Mutation { signIn(name: String): Int }", vec!["Mutation.signIn Session Name none"]),
            ("type Mutation { validateCart(id: ID): Int }", vec!["Mutation.validateCart Reads Name none"]),
            (
                "input I { meta: M } input M { requestId: ID } extend type Mutation { place(input: I!): Int }",
                vec!["Mutation.place Mutates Verb Field"],
            ),
            (
                "extend type Mutation { place(input: PlaceInput!): Int }",
                vec!["Mutation.place Mutates Verb the fields of PlaceInput are not declared in this file"],
            ),
            (
                "scalar Money\ninput I { of: I price: Money } type Mutation { place(input: I): Int }",
                vec!["Mutation.place Mutates Verb none"],
            ),
            ("schema { mutation: M } type M { place: Int }", vec!["Mutation.place Mutates Verb none"]),
            ("# THIS FILE WAS GENERATED\ntype Mutation { place: Int }", vec![]),
            ("type Mutation @join__type(graph: A) { place: Int @join__field(graph: A) }", vec![]),
            ("mutation Place { place }", vec![]),
            ("type Order { place: Int }", vec![]),
        ] {
            assert_eq!(lines(text), expected, "{text}");
        }
    }
}
