//! Dockerfiles in, instructions with places out.

use super::{Instruction, Start, parse};
use crate::source::file::FileId;

fn lines(text: &str) -> Vec<String> {
    let found = parse(FileId(0), text);
    let mut out: Vec<String> = found
        .instructions
        .iter()
        .map(|placed| {
            let shown = &text[placed.span.start as usize..placed.span.end as usize];
            let name = match &placed.instruction {
                Instruction::From(image, name) => {
                    format!("from {} {:?}", image.text, name.as_ref().map(|name| name.text.as_str()))
                }
                Instruction::Arg(word) => format!("arg {}", word.text),
                Instruction::Env(word) => format!("env {}", word.text),
                Instruction::User(word) => format!("user {}", word.text),
                Instruction::Expose(words) => format!("expose {}", words.len()),
                Instruction::Cmd(Start::Exec(words)) | Instruction::Entrypoint(Start::Exec(words)) => {
                    format!("exec {}", words.len())
                }
                Instruction::Cmd(Start::Shell(word)) | Instruction::Entrypoint(Start::Shell(word)) => {
                    format!("shell {}", word.text)
                }
                Instruction::Copy { sources, .. } => format!("copy {}", sources.len()),
                Instruction::Run(..) => "run".to_owned(),
                Instruction::Other => "other".to_owned(),
                Instruction::Broken(word) => format!("broken {word}"),
            };
            format!("{name} | {shown}")
        })
        .collect();
    out.extend(found.problems.iter().map(|problem| {
        format!("{} | {}", problem.message, &text[problem.span.start as usize..problem.span.end as usize])
    }));
    out
}

#[test]
fn instructions_have_their_places() {
    assert_eq!(
        lines(
            "\u{feff}# syntax=docker/dockerfile:1\nFROM node:20 AS b\r\nENV A=1 \\\n  B=2\nUSER app\nCMD [\"a\", \"b\"]\nCMD a b\n"
        ),
        [
            "from node:20 Some(\"b\") | FROM node:20",
            "env A=1   B=2 | ENV A=1 \\\n  B=2",
            "user app | USER app",
            "exec 2 | CMD [\"a\", \"b\"]",
            "shell a b | CMD a b",
        ]
    );
}

#[test]
fn reading_goes_on_behind_a_broken_instruction() {
    for (text, expected) in [
        (
            "FROM a\nFOO bar \\\n  baz\nUSER app\n",
            vec![
                "from a None | FROM a",
                "broken FOO | FOO bar \\",
                "user app | USER app",
                "unknown instruction 'FOO' | FOO bar \\",
            ],
        ),
        (
            "FROM a\nUSER\nEXPOSE 80\n",
            vec![
                "from a None | FROM a",
                "broken USER | USER",
                "expose 1 | EXPOSE 80",
                "USER instruction requires exactly one argument | USER",
            ],
        ),
        (
            "RUN x\nFROM a\nUSER app",
            vec!["broken RUN | RUN x", "from a None | FROM a", "user app | USER app", "expected FROM | RUN x"],
        ),
        (
            "FROM a\nRUN <<EOF\nUSER no\nEOF\nNOPE\nUSER app\n",
            vec![
                "from a None | FROM a",
                "run | RUN <<EOF",
                "broken NOPE | NOPE",
                "user app | USER app",
                "unknown instruction 'NOPE' | NOPE",
            ],
        ),
        (
            "FROM a\nRUN x \\\n # note\n\n y\nNOPE\nUSER b",
            vec![
                "from a None | FROM a",
                "run | RUN x \\\n # note\n\n y",
                "broken NOPE | NOPE",
                "user b | USER b",
                "unknown instruction 'NOPE' | NOPE",
            ],
        ),
        (
            "# escape=`\nFROM a\nNOPE `\n x\nUSER b\n",
            vec![
                "from a None | FROM a",
                "broken NOPE | NOPE `",
                "user b | USER b",
                "unknown instruction 'NOPE' | NOPE `",
            ],
        ),
    ] {
        assert_eq!(lines(text), expected, "{text}");
    }
    let open = lines("FROM a\nRUN <<EOF\nUSER no\n");
    assert_eq!(open.len(), 3, "{open:?}");
}

#[test]
fn a_flood_of_problems_ends() {
    let text = "FROM a\n".to_owned() + &"NOPE\n".repeat(10_000);
    assert_eq!(parse(FileId(0), &text).problems.len(), 16);
}

#[test]
fn cuts_and_lone_carriage_returns_do_no_harm() {
    let text = "# escape=`\nARG V=ä\nFROM --platform=$P \"a:${V}\" AS b\nRUN --mount=type=x <<-E `\n\tx\n\tE\nCOPY [\"a\", \"b\\u00e4\"]\nCOPY <<F /x\nF\nHEALTHCHECK CMD x\r\nONBUILD USER x\nSHELL [\"s\"]\rUSER z\nNOPE\n";
    for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
        let found = parse(FileId(0), &text[..end]);
        for placed in &found.instructions {
            assert!(placed.span.end as usize <= end, "{end}");
        }
    }
}
