//! Texts that want to break the reader.

use super::dump::dump;
use crate::extract::javascript::read::summary;
use crate::source::file::FileId;

#[test]
fn deep_nesting_costs_no_stack_of_the_caller() {
    let levels = 10_000;
    let nested =
        |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
    let cases = [
        nested("(", "1", ")"),
        nested("[", "1", "]"),
        format!("x = {}", nested("{a:", "1", "}")),
        nested("{", "1", "}"),
        nested("function f(){", "1", "}"),
        nested("a=>", "1", ""),
        nested("(a = ", "1", ") => a"),
        nested("f(", "1", ")"),
        nested("a?b:", "1", ""),
        nested("a?", "1", ":b"),
        nested("!", "1", ""),
        nested("typeof ", "1", ""),
        nested("await ", "1", ""),
        nested("a=", "1", ""),
        nested("a.b=", "1", ""),
        nested("a**", "1", ""),
        nested("if(a)b;else ", "c", ""),
        nested("if(a)", "c", ""),
        nested("a:", "c", ""),
        nested("new ", "a", ""),
        nested("`${", "1", "}`"),
        nested("<a>", "b", ""),
        format!("let a: {}", nested("A<", "B", ">")),
        format!("let a: {}", nested("(", "B", ")")),
        format!("let a: {}", nested("(a: ", "B", ") => void")),
        format!("let a: {} = b", "A[]".repeat(levels)),
        format!("let {} = a", nested("{a:", "b", "}")),
        format!("let {} = a", nested("[", "b", "]")),
        format!("({} = a)", nested("{a:", "b", "}")),
        nested("class A{a=", "1", "}"),
        nested("(function(){return ", "1", "})()"),
        nested("try{", "a", "}catch{}"),
        nested("switch(a){case 1:", "a", "}"),
        nested("namespace a{", "b", "}"),
        nested("for(;;)", "a", ""),
        nested("@a(class{", "", "}) class A{}"),
        nested("f({a:[function(){return (", "1", ")}]})"),
    ];
    for text in cases {
        // Either answer will do; an overflow would end the process.
        let _ = summary(FileId(0), &text, "a.ts");
    }
    let _ = summary(FileId(0), &nested("<a>", "b", "</a>"), "a.tsx");
    let _ = summary(FileId(0), &nested("<a b={", "b", "}/>"), "a.tsx");
}

#[test]
fn what_is_deeper_than_any_stack_is_not_read() {
    assert!(summary(FileId(0), &"(".repeat(400_000), "a.js").is_none());
}

#[test]
fn long_chains_are_read_in_a_loop() {
    let length = 100_000;
    for (link, expected) in
        [("+a", "binary"), ("+'a'", "concat"), (".a", "member"), ("[a]", "index"), ("(a)", "call"), ("||a", "first")]
    {
        let text = format!("x = a{}", link.repeat(length));
        if let Some(summary) = summary(FileId(0), &text, "a.ts") {
            assert!(summary.module.nodes.len() > length, "{expected}");
            assert!(summary.mistakes.is_empty(), "{expected}");
        }
    }
}

const SAMPLE: &str = include_str!("sample.ts");

#[test]
fn every_cut_of_a_file_is_read_without_a_panic() {
    for (at, _) in SAMPLE.char_indices() {
        for cut in [SAMPLE.get(..at), SAMPLE.get(at..)] {
            dump("a.ts", cut.expect("a boundary"));
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,200}") {
        dump("a.tsx", &text);
    }

    #[test]
    fn any_mixture_of_code_is_read_without_a_panic(
        parts in proptest::collection::vec(proptest::sample::select(PARTS), 0..40)
    ) {
        dump("a.ts", &parts.concat());
        dump("a.js", &parts.concat());
    }
}

const PARTS: &[&str] = &[
    "const ",
    "let ",
    "var ",
    "a",
    "b",
    " = ",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    "=>",
    "async ",
    "await ",
    "class ",
    "extends ",
    "function ",
    "return ",
    "if",
    "else ",
    "for",
    " of ",
    " in ",
    "...",
    "?.",
    "??",
    "||",
    "&&",
    "!",
    "'x'",
    "`${",
    "}`",
    "1",
    "import ",
    "export ",
    "default ",
    "from ",
    "*",
    " as ",
    "@",
    "static ",
    "get ",
    "set ",
    "#",
    ".",
    ":",
    "<",
    ">",
    "enum ",
    "namespace ",
    "type ",
    "interface ",
    "declare ",
    "new ",
    "this",
    "super",
    "require('x')",
    "module.exports",
    "\n",
    "try",
    "catch",
    "finally",
    "switch",
    "case ",
    "yield ",
    "/",
    "é",
    "😀",
    "\\u{61}",
];
