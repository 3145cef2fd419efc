//! Dockerfiles in, stages as compact lines out.

use super::{claims, read};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::code::{Base, Stage};
use crate::facts::value::{Form, Value};
use crate::source::file::{FileId, SourceFile};
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::path::EstatePath;
use crate::source::span::Span;

fn at(text: &str, span: Span) -> String {
    let index = LineIndex::new(text);
    let start = index.position(text, span.start, ColumnUnit::Characters);
    let end = index.position(text, span.end, ColumnUnit::Characters);
    format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
}

fn value(text: &str, value: &Value) -> String {
    let list = |values: &[Value]| values.iter().map(|part| self::value(text, part)).collect::<Vec<_>>().join(" ");
    match &value.form {
        Form::Literal(literal) => format!("{literal}@{}", at(text, value.span)),
        Form::Secret(_) => format!("<secret>@{}", at(text, value.span)),
        Form::Env(name) => format!("${name}@{}", at(text, value.span)),
        Form::Concat(parts) => format!("({})", list(parts)),
        Form::FirstOf(parts) => format!("first({})", list(parts)),
        Form::Unknown(reason) => format!("unknown({})", reason.0),
        Form::DeployVariable(_) | Form::ChartValue(_) | Form::Setting(_) | Form::ObjectKey(_) => "other".to_owned(),
    }
}

fn stage_lines(text: &str, stage: &Stage) -> Vec<String> {
    let base = match &stage.base {
        Base::Stage(number) => format!("stage {number}"),
        Base::Image(image) => image.to_string(),
        Base::Unknown(reason) => format!("unknown({})", reason.0),
    };
    let name = stage.name.map_or(String::new(), |name| format!(" as {name}"));
    let builds = if stage.builds { " builds" } else { "" };
    let mut out = vec![format!("from {base}{name}{builds}@{}", at(text, stage.span))];
    match &stage.user {
        Answer::Present(user, evidence) => out.push(format!("user {user:?}@{}", at(text, evidence.0[0]))),
        Answer::Unknown(reason) => out.push(format!("user unknown({})", reason.0)),
        Answer::Absent(evidence) => assert_eq!(evidence.0, [stage.span]),
    }
    out.extend(
        stage.env.iter().map(|env| format!("env {}@{} {}", env.name, at(text, env.span), value(text, &env.value))),
    );
    out.extend(stage.ports.iter().map(|(port, span)| format!("port {port}@{}", at(text, *span))));
    out.extend(stage.command.iter().map(|command| format!("start {}", value(text, command))));
    out.extend(stage.copies.iter().map(|(path, span)| format!("copy {path}@{}", at(text, *span))));
    out
}

fn lines(text: &str) -> Vec<String> {
    let mut reading = Reading::new(SourceFile { id: FileId(0), path: EstatePath::new("orders/Dockerfile"), text });
    read(&mut reading);
    let mut out = Vec::new();
    for fact in &reading.facts.facts {
        match fact {
            Fact::Recipe(recipe) => {
                assert_eq!(recipe.folder.as_str(), "orders");
                out.extend(recipe.stages.iter().flat_map(|stage| stage_lines(text, stage)));
            }
            Fact::Secret(secret) => out.push(format!("secret {}@{}", secret.key, at(text, secret.span))),
            other => out.push(format!("unexpected {other:?}")),
        }
    }
    let problems = reading.facts.problems.iter();
    out.extend(problems.map(|problem| format!("problem {}@{}", problem.message, at(text, problem.span))));
    out
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(lines(text), expected, "\n{text}");
}

/// The lines of a file with one stage, behind its `FROM`.
#[track_caller]
fn check_stage(instructions: &str, expected: &[&str]) {
    let text = format!("FROM a\n{instructions}\n");
    let found = lines(&text);
    let found: Vec<_> = found.iter().filter(|line| !line.starts_with("from ")).collect();
    assert_eq!(found, expected, "\n{text}");
}

#[test]
fn names_of_recipes_are_claimed() {
    for (name, expected) in [
        ("Dockerfile", true),
        ("dockerfile", true),
        ("Dockerfile.dev", true),
        ("Dockerfile-prod", true),
        ("api.Dockerfile", true),
        ("Containerfile", true),
        ("Containerfile.ci", true),
        ("Dockerfile.dockerignore", false),
        (".dockerignore", false),
        ("Dockerfile.md", false),
        ("Dockerfile.j2", false),
        ("Dockerfiles", false),
        ("dockerfile.go.md", false),
        ("dockerfile.go", false),
        ("Dockerfile.go", true),
        ("dockerfile.dev", true),
    ] {
        assert_eq!(claims(EstatePath::new(&format!("orders/{name}"))), expected, "{name}");
    }
}

#[test]
fn bases_are_followed_within_the_file() {
    check(
        "ARG V=20\nARG IMAGE=node:${V}-alpine\nFROM $IMAGE AS build\nRUN make\nFROM Build AS test\nFROM scratch\nCOPY --from=build /a /a\n",
        &[
            "from node:20-alpine as build builds@3:1-3:12",
            "from stage 0 as test@5:1-5:11",
            "from scratch builds@6:1-6:13",
        ],
    );
}

#[test]
fn arguments_decide_bases() {
    for (text, expected) in [
        ("FROM --platform=$BUILDPLATFORM golang:1.22", "from golang:1.22@1:1-1:43"),
        ("ARG T\nFROM a:${T:-1}", "from a:1@2:1-2:15"),
        ("ARG T=2\nFROM a${T:+-slim}", "from a-slim@2:1-2:18"),
        ("FROM a${T:+-slim}", "from a@1:1-1:18"),
        ("ARG T\nFROM a:$T", "from unknown(the build argument T has no default)@2:1-2:10"),
        ("FROM a:$T", "from unknown(nothing in the file sets T)@1:1-1:10"),
        ("FROM a:${TARGETARCH}", "from unknown(the builder sets TARGETARCH)@1:1-1:21"),
        ("ARG T=1.2\nFROM a:${T%.*}", "from unknown(it changes a variable's text by a pattern)@2:1-2:15"),
        ("ARG T=\nFROM $T", "from unknown(its variables are empty)@2:1-2:8"),
    ] {
        assert_eq!(lines(text)[0], expected, "{text}");
    }
}

#[test]
fn the_last_user_of_a_stage_counts() {
    for (instructions, expected) in [
        ("USER root\nUSER app", vec!["user Name(\"app\")@3:6-3:9"]),
        ("USER 1000:1000", vec!["user Id(1000)@2:6-2:15"]),
        ("USER 0", vec!["user Id(0)@2:6-2:7"]),
        ("USER \"app\"", vec!["user Name(\"app\")@2:6-2:11"]),
        ("USER ContainerAdministrator", vec!["user Name(\"ContainerAdministrator\")@2:6-2:28"]),
        ("ARG U=7\nUSER $U", vec!["user Id(7)@3:6-3:8"]),
        ("ARG U\nUSER ${U:-app}:app", vec!["user Name(\"app\")@3:6-3:19"]),
        ("USER $U", vec!["user unknown(nothing in the file sets U)"]),
        ("ARG U\nUSER $U", vec!["user unknown(the build argument U has no default)"]),
        ("ENV U=app\nUSER $U", vec!["user Name(\"app\")@3:6-3:8", "env U@2:5-2:6 app@2:7-2:10"]),
        ("RUN x", vec![]),
        (
            "USER app\nUSER",
            vec![
                "user unknown(an instruction of this stage could not be read)",
                "problem USER instruction requires exactly one argument@3:1-3:5",
            ],
        ),
        (
            "USER app\nEXPOSE",
            vec!["user Name(\"app\")@2:6-2:9", "problem EXPOSE instruction requires at least one argument@3:1-3:7"],
        ),
    ] {
        check_stage(instructions, &expected);
    }
}

#[test]
fn stages_inherit_variables_and_nothing_else_from_their_base() {
    check(
        "FROM a AS base\nENV U=app\nARG W=x\nFROM base\nUSER $U\nENV B=$W\n",
        &[
            "from a as base@1:1-1:7",
            "env U@2:5-2:6 app@2:7-2:10",
            "from stage 0@4:1-4:10",
            "user Name(\"app\")@5:6-5:8",
            "env B@6:5-6:6 $W@6:7-6:9",
        ],
    );
    check(
        "ARG G=1\nFROM a\nARG G\nENV A=$G\nFROM b\nENV A=$G\n",
        &["from a@2:1-2:7", "env A@4:5-4:6 1@4:7-4:9", "from b@5:1-5:7", "env A@6:5-6:6 $G@6:7-6:9"],
    );
}

#[test]
fn environment_keeps_places_and_hides_secrets() {
    check_stage(
        "ENV A=1 \\\n  B=\"x y\"\nENV OLD some words\nENV PATH=$PATH:/x C='$A'",
        &[
            "env A@2:5-2:6 1@2:7-2:8",
            "env B@3:3-3:4 x y@3:6-3:9",
            "env OLD@4:5-4:8 some words@4:9-4:19",
            "env PATH@5:5-5:9 ($PATH@5:10-5:15 :/x@5:15-5:18)",
            "env C@5:19-5:20 $A@5:22-5:24",
        ],
    );
    check_stage(
        "ENV DB_PASSWORD=hunter2pw\nENV COPY=$DB_PASSWORD\nARG API_TOKEN=abcdef123456\nENV PW_PASSWORD=${X:-hunter3pw}",
        &[
            "secret DB_PASSWORD@2:17-2:26",
            "secret API_TOKEN@4:15-4:27",
            "secret PW_PASSWORD@5:22-5:31",
            "env DB_PASSWORD@2:5-2:16 <secret>@2:17-2:26",
            "env COPY@3:5-3:9 $DB_PASSWORD@3:10-3:22",
            "env PW_PASSWORD@5:5-5:16 <secret>@5:22-5:31",
        ],
    );
}

#[test]
fn ports_commands_and_copies_are_read() {
    check_stage(
        "ARG P=8080\nEXPOSE $P 53/udp 90-91\nEXPOSE $X\nCOPY a.js [b] /x/\nADD https://a.example/b /b\nCOPY <<EOF /c\nx\nEOF",
        &[
            "port 8080@3:8-3:10",
            "port 53@3:11-3:17",
            "port 90@3:18-3:23",
            "port 91@3:18-3:23",
            "copy a.js@5:6-5:10",
            "copy [b]@5:11-5:14",
        ],
    );
    for (instructions, expected) in [
        ("CMD [\"node\", \"server.js\"]", "start node server.js@2:7-2:24"),
        ("ENTRYPOINT [\"node\"]\nCMD [\"a.js\"]", "start node a.js@2:14-3:11"),
        ("CMD [\"a.js\"]\nENTRYPOINT [\"node\"]", "start node a.js@3:14-3:18"),
        ("ENTRYPOINT node a.js\nCMD [\"b\"]", "start node a.js@2:12-2:21"),
        ("CMD node --port $PORT", "start node --port $PORT@2:5-2:22"),
    ] {
        check_stage(instructions, &[expected]);
    }
}

#[test]
fn configuration_for_others_programs_builds_nothing() {
    for (instructions, expected) in [
        ("COPY nginx.conf /etc/nginx/", false),
        ("COPY default.conf /conf.d/", false),
        ("COPY scripts/* /docker-entrypoint-initdb.d/", false),
        ("COPY . .", true),
        ("COPY src/ /app", true),
        ("RUN make", true),
        ("COPY --from=nginx:1 /x /x", false),
        ("EXPOSE 80", false),
    ] {
        let text = format!("FROM a\n{instructions}\n");
        assert_eq!(lines(&text)[0].contains("builds"), expected, "{instructions}");
    }
}

#[test]
fn a_file_without_stage_is_a_problem() {
    check("", &["problem the file has no `FROM`@1:1-1:1"]);
    check("# nothing\nARG A=1\n", &["problem the file has no `FROM`@1:1-1:1"]);
    check("RUN x\n", &["problem expected FROM@1:1-1:6"]);
}

#[test]
fn hostile_files_end() {
    let doubling: String = (1..64).map(|at| format!("ENV A{at}=$A{}$A{}\n", at - 1, at - 1)).collect();
    let found = lines(&format!("FROM a\nENV A0=xxxxxxxx\n{doubling}"));
    assert!(found.iter().all(|line| line.len() < 200_000));
    let circle = "FROM a AS a\nENV X=$X\nFROM a AS a\nUSER $X\n".repeat(200);
    assert!(lines(&circle).len() > 400);
    let text = "ARG A='ä\\\nFROM ${A:-x} AS b\nENV A=\"$B\\\n c D=e\nUSER ${A:+$D}:1\nCMD [\"ä\"]\nEXPOSE 1-2 $A\n";
    for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
        lines(&text[..end]);
    }
}
