//! nginx configuration in, calls and routes as compact lines out.

use super::{claims, milliseconds, read};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::answer::Answer;
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
    match &value.form {
        Form::Literal(literal) => format!("{literal}@{}", at(text, value.span)),
        Form::Env(name) => format!("${name}@{}", at(text, value.span)),
        Form::Concat(parts) => {
            format!("({})", parts.iter().map(|part| self::value(text, part)).collect::<Vec<_>>().join(" "))
        }
        Form::Unknown(reason) => format!("unknown({})", reason.0),
        Form::Secret(_)
        | Form::FirstOf(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_) => "other".to_owned(),
    }
}

fn lines(text: &str) -> Vec<String> {
    let mut reading = Reading::new(SourceFile { id: FileId(0), path: EstatePath::new("web/nginx.conf"), text });
    read(&mut reading);
    let path = |path: &Option<Value>| path.as_ref().map_or("*".to_owned(), |path| value(text, path));
    let mut out = Vec::new();
    for fact in &reading.facts.facts {
        match fact {
            Fact::Call(call) => {
                let timeout = match &call.timeout_ms[0].answer {
                    Answer::Present(ms, evidence) => format!("{ms}@{}", at(text, evidence.0[0])),
                    other => format!("{other:?}"),
                };
                let retries = match &call.retries[0].answer {
                    Answer::Present(retries, _) => retries.retries.to_string(),
                    Answer::Absent(_) => "none".to_owned(),
                    Answer::Unknown(_) => "unknown".to_owned(),
                };
                out.push(format!(
                    "{:?} {} path {} {:?} {timeout} retries {retries}@{}",
                    call.protocol,
                    value(text, &call.target),
                    path(&call.path),
                    call.timeout_ms[0].kind,
                    at(text, call.span)
                ));
            }
            Fact::Route(route) => out.push(format!(
                "route {} {} -> {}:{}",
                path(&route.host),
                path(&route.path),
                value(text, &route.backend),
                route.port
            )),
            other => out.push(format!("unexpected {other:?}")),
        }
    }
    let problems = reading.facts.problems.iter();
    out.extend(problems.map(|problem| format!("problem {}@{}", problem.message, at(text, problem.span))));
    out
}

#[test]
fn locations_are_calls_with_the_inherited_timeout() {
    assert_eq!(
        lines(
            "http {\n proxy_read_timeout 5s;\n server {\n  server_name shop.example _ localhost;\n  location /api/ {\n   proxy_pass http://orders:8080/;\n  }\n  location = /rpc { grpc_pass grpc://pay:50051; }\n }\n}\n"
        ),
        [
            "Http http://orders:8080/@6:15-6:34 path /api/@5:12-5:17 Proxy 5000@2:21-2:23 retries none@6:4-6:34",
            "route shop.example@4:15-4:27 /api/@5:12-5:17 -> orders@6:22-6:28:8080",
            "Grpc grpc://pay:50051@8:31-8:47 path /rpc@8:14-8:18 LibraryDefault 60000@8:21-8:47 retries none@8:21-8:47",
            "route shop.example@4:15-4:27 /rpc@8:14-8:18 -> pay@8:38-8:41:50051",
        ]
    );
}

#[test]
fn upstreams_lead_to_their_servers() {
    let text = "upstream pool { server a:1; server b:2 weight=2; server c:3 down; }\nserver { location / { proxy_pass http://pool; SET } }\n";
    for (set, retries) in [
        ("", "retries 1"),
        ("proxy_next_upstream off;", "retries none"),
        ("proxy_next_upstream_tries 1;", "retries none"),
        ("proxy_next_upstream error; proxy_next_upstream_tries 5;", "retries 1"),
        ("proxy_next_upstream_tries $n;", "retries unknown"),
    ] {
        let found = lines(&text.replace("SET", set));
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].starts_with("Http a:1@1:24-1:27 path /@2:19-2:20"), "{found:?}");
        assert!(found[2].starts_with("Http b:2@1:36-1:39"), "{found:?}");
        assert!(found[0].contains(retries), "{set}: {found:?}");
    }
}

#[test]
fn variables_are_followed_or_unknown() {
    for (directives, expected) in [
        ("set $x http://orders:80; proxy_pass $x;", "Http http://orders:80@"),
        ("set $h orders; proxy_pass http://$h:80;", "Http (http://@1:51-1:58 orders@"),
        ("proxy_pass http://${CATALOG_HOST}:80;", "Http (http://@1:36-1:43 $CATALOG_HOST@1:43-1:58 :80@1:58-1:61)"),
        ("proxy_pass http://$host;", "Http (http://@1:36-1:43 unknown(nginx knows $host at run time only))"),
        ("proxy_pass \"http://a\";", "Http http://a@1:37-1:45"),
        ("set $a $b; set $b $a; proxy_pass $a;", "Http unknown(its variables are set in a circle)"),
    ] {
        let found = lines(&format!("server {{ location / {{ {directives} }} }}"));
        let shown = found.first().map_or("", String::as_str);
        let without_columns = |text: &str| text.chars().filter(|sign| !sign.is_ascii_digit()).collect::<String>();
        assert!(without_columns(shown).starts_with(&without_columns(expected)), "{directives}: {shown}");
    }
}

#[test]
fn times_have_units() {
    for (text, expected) in [
        ("30", Some(30_000)),
        ("30s", Some(30_000)),
        ("500ms", Some(500)),
        ("1m30s", Some(90_000)),
        ("1h", Some(3_600_000)),
        ("", None),
        ("$t", None),
        ("99999999999999999999", None),
        ("1x", None),
    ] {
        assert_eq!(milliseconds(text), expected, "{text}");
    }
}

#[test]
fn lookalikes_are_left_alone_and_broken_files_are_named() {
    assert!(claims(EstatePath::new("web/default.conf.template")));
    assert!(claims(EstatePath::new("web/nginx-site.conf")));
    assert!(!claims(EstatePath::new("web/nginx.yaml")));
    assert_eq!(lines("<VirtualHost *:80>\nProxyPass / http://a/\n</VirtualHost>"), Vec::<String>::new());
    let open = lines("server {\n location /a {\n  proxy_pass http://a;\n");
    assert_eq!(open.last().map(String::as_str), Some("problem the block that begins here is never closed@2:2-2:10"));
    assert_eq!(open.len(), 3);
    let semicolon = lines("server { location /a { proxy_pass http://a } }");
    assert_eq!(semicolon.last().map(String::as_str), Some("problem a `;` is missing before this brace@1:44-1:45"));
}

#[test]
fn hostile_files_end() {
    lines(&("proxy_pass x;".to_owned() + &"a {".repeat(100_000)));
    let text = "upstream u { server a:1; }\nserver { server_name \"ä\" ~^x$; access_by_lua_block { a = {} } location ~ \\.php${\n proxy_pass http://${A}:$b/ä; # }\n} }\n";
    for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
        lines(&text[..end]);
    }
}
