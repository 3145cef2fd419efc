//! Documents and what is read of them.

use super::parse;
use crate::source::file::FileId;

fn told(text: &str) -> Vec<String> {
    let file = parse(FileId(0), text);
    let mut lines = Vec::new();
    for one in &file.types {
        for field in &one.fields {
            let arguments: Vec<String> =
                field.arguments.iter().map(|argument| format!("{}: {}", argument.name, argument.type_name)).collect();
            let kind = if one.is_input { "input " } else { "" };
            lines.push(format!("{kind}{}.{}({}) {}", one.name, field.name, arguments.join(", "), field.type_name));
        }
    }
    lines.extend(file.roots.iter().map(|(what, name)| format!("{what} is {name}")));
    lines.extend(file.leaves.iter().map(|name| format!("leaf {name}")));
    lines.extend(file.problems.iter().map(|problem| format!("{} {}", problem.span.start, problem.message)));
    lines
}

#[test]
fn fields_and_arguments_are_read() {
    for (text, expected) in [
        ("type Query { order(id: ID!): Order }", vec!["Query.order(id: ID) Order"]),
        (
            "extend type Mutation @key(fields: \"id\") {\n  \"\"\"Places { it }\"\"\"\n  place(input: PlaceOrder! = {a: [1]}, at: Int = 3): [Order!]! @auth(requires: {role: ADMIN})\n  drop: Boolean\n}",
            vec!["Mutation.place(input: PlaceOrder, at: Int) Order", "Mutation.drop() Boolean"],
        ),
        (
            "input PlaceOrder { items: [Item!]! = []  requestId: ID }\nscalar Date @x(y: 1)\nenum Color { RED BLUE }\nunion Any = A | B",
            vec![
                "input PlaceOrder.items() Item",
                "input PlaceOrder.requestId() ID",
                "leaf Date",
                "leaf Color",
                "leaf Any",
            ],
        ),
        ("schema { query: Reads mutation: Changes }", vec!["query is Reads", "mutation is Changes"]),
        (
            "mutation Place($input: X!) { place(input: $input) { id } }\nfragment F on Order { id }\n{ orders { id } }\ntype A implements B & C { x: Int }",
            vec!["A.x() Int"],
        ),
        ("type Order\ntype Line { type: String input: String }", vec!["Line.type() String", "Line.input() String"]),
        ("directive @a(x: Int) repeatable on FIELD_DEFINITION | OBJECT\ntype A { x: Int }", vec!["A.x() Int"]),
        ("", vec![]),
        ("type", vec![]),
        ("type A { x: Int", vec!["A.x() Int", "7 this bracket is never closed"]),
        ("type A { x(: Int }", vec!["7 this bracket is never closed"]),
        ("\"\"\"open", vec!["0 this text is never closed"]),
        ("}}} type A { x: Int }", vec!["A.x() Int"]),
        ("\u{feff}type Ä { x: Int } type A { x: Int }", vec!["A.x() Int"]),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn comments_at_the_top_and_directives_are_kept() {
    let file = parse(FileId(0), "# made by a tool\n# by hand no more\ntype A @b { x: Int @c(d: \"@e\") }\n# later");
    assert_eq!(file.opening, " made by a tool\n by hand no more\n");
    assert_eq!(file.directives.iter().map(|one| &**one).collect::<Vec<_>>(), ["b", "c"]);
}
