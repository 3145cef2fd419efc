//! Files and folders that want to do harm: no panic, no waiting, the other files are read.

use std::fs;
use std::time::{Duration, Instant};

use crate::{DEPLOYMENT, coverage, estate, findings, put};

/// Debug builds on a busy machine are slow; endless is longer.
const LONG: Duration = Duration::from_secs(60);

#[test]
fn files_that_are_no_utf_8_text_are_counted_and_the_others_read() {
    let folder = estate(&[("orders.yaml", DEPLOYMENT)]);
    put(folder.path(), "utf16.yaml", b"\xFF\xFEa\0:\0 \x001\0");
    put(folder.path(), "nul.yaml", b"a: 1\nb: \0\n");
    put(folder.path(), "latin.yaml", b"a: gr\xFC\xDFe\n");
    put(folder.path(), "bom.yaml", b"\xEF\xBB\xBFa: 1\r\n");
    assert_eq!(coverage(folder.path()), (2, 3, 0));
    assert_eq!(findings(folder.path(), &[])["coverage"]["services"], 1);
}

#[test]
fn ignore_files_inside_the_root_hold_and_those_above_do_not() {
    let folder = estate(&[
        (".gitignore", "estate\n*.yaml\n"),
        ("estate/.gitignore", "/generated\n*.gen.yaml\n"),
        ("estate/sub/.gitignore", "!keep.gen.yaml\n"),
        ("estate/orders.yaml", DEPLOYMENT),
        ("estate/generated/a.yaml", DEPLOYMENT),
        ("estate/sub/a.gen.yaml", DEPLOYMENT),
        ("estate/sub/keep.gen.yaml", DEPLOYMENT),
        ("estate/node_modules/x/a.yaml", DEPLOYMENT),
        ("estate/.hidden/a.yaml", DEPLOYMENT),
    ]);
    let root = folder.path().join("estate");
    assert_eq!(coverage(&root), (2, 0, 1));
}

#[test]
fn odd_names_are_read() {
    let folder = estate(&[("a folder/two words.yaml", DEPLOYMENT), ("größe/日本.yaml", "a: 1\n")]);
    assert_eq!(coverage(folder.path()), (2, 0, 0));
}

#[test]
fn one_file_may_be_named_even_where_it_is_ignored() {
    let folder = estate(&[(".gitignore", "*\n"), ("orders.yaml", DEPLOYMENT)]);
    let document = findings(folder.path(), &["orders.yaml"]);
    assert_eq!(document["coverage"]["files"]["read"], 1);
}

#[test]
fn a_file_larger_than_the_limit_is_named_and_not_read() {
    let folder = estate(&[("orders.yaml", DEPLOYMENT)]);
    let file = fs::File::create(folder.path().join("dump.json")).expect("made");
    file.set_len(40 << 20).expect("grown");
    assert_eq!(coverage(folder.path()), (1, 1, 0));
}

#[test]
fn texts_that_explode_are_read_in_bounded_time() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..40 {
        let alias = format!("*a{}, ", level - 1).repeat(9);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", alias.trim_end_matches(", ")));
    }
    let line = format!("apiVersion: v1\nkind: ConfigMap\ndata: {{x: \"{}\"}}\n", "a".repeat(30 << 20));
    for (name, text) in [
        ("bomb.yaml", bomb),
        ("deep.yaml", "[".repeat(200_000)),
        ("deep.json", "[".repeat(200_000)),
        ("deepmap.json", "{\"a\":".repeat(200_000)),
        ("Cargo.toml", format!("[package]\nx = {}", "[".repeat(200_000))),
        ("pom.xml", format!("<project>{}", "<a>".repeat(200_000))),
        ("deep.proto", format!("syntax = \"proto3\";\n{}", "message A {".repeat(200_000))),
        ("index.js", format!("f{}", "(g".repeat(200_000))),
        ("nginx.conf", "http {".repeat(200_000)),
        ("Dockerfile", format!("FROM a\nARG A={}\nUSER $A\n", "${A:-".repeat(50_000))),
        // Nobody writes a command of so many words; each would be compared with many patterns.
        ("tools/Dockerfile", format!("FROM a\nRUN {}\n", "docker ".repeat(400_000))),
        ("line.yaml", line),
    ] {
        let folder = estate(&[("orders.yaml", DEPLOYMENT), (name, &text)]);
        let begin = Instant::now();
        let document = findings(folder.path(), &[]);
        assert_eq!(document["coverage"]["services"], 1, "{name}");
        assert!(begin.elapsed() < LONG, "{name} took {:?}", begin.elapsed());
    }
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use crate::{DEPLOYMENT, coverage, estate, findings, put, run};

    #[test]
    fn links_are_not_followed_in_circles_or_out_of_the_root() {
        let folder = estate(&[("estate/orders.yaml", DEPLOYMENT), ("outside/secret.yaml", DEPLOYMENT)]);
        let root = folder.path().join("estate");
        fs::create_dir(root.join("sub")).expect("made");
        symlink("..", root.join("sub/loop")).expect("linked");
        symlink("self.yaml", root.join("self.yaml")).expect("linked");
        symlink("nowhere.yaml", root.join("broken.yaml")).expect("linked");
        symlink(folder.path().join("outside/secret.yaml"), root.join("out.yaml")).expect("linked");
        symlink(folder.path().join("outside"), root.join("outside")).expect("linked");
        symlink("orders.yaml", root.join("same.yaml")).expect("linked");
        assert_eq!(coverage(&root), (1, 0, 3));
    }

    #[test]
    fn a_link_to_a_file_that_is_not_read_itself_is_read() {
        let folder = estate(&[(".parts/orders.yaml", DEPLOYMENT)]);
        symlink(".parts/orders.yaml", folder.path().join("orders.yaml")).expect("linked");
        assert_eq!(coverage(folder.path()), (1, 0, 0));
    }

    #[test]
    fn fifos_and_sockets_are_never_opened() {
        let folder = estate(&[("orders.yaml", DEPLOYMENT)]);
        let made = Command::new("mkfifo")
            .args(["pipe.yaml", ".gitignore", ".env"].map(|name| folder.path().join(name)))
            .status();
        let _socket = UnixListener::bind(folder.path().join("socket.yaml")).expect("bound");
        if made.is_ok_and(|status| status.success()) {
            let (read, unreadable, ignored) = coverage(folder.path());
            assert_eq!((read, unreadable), (1, 0));
            assert!(ignored >= 2);
        }
        assert_eq!(run(folder.path(), &["socket.yaml"]).code, 2);
    }

    #[test]
    fn what_may_not_be_read_is_counted() {
        let folder = estate(&[("orders.yaml", DEPLOYMENT), ("closed.yaml", "a: 1\n"), ("sub/a.yaml", "a: 1\n")]);
        let close = |path: &str| fs::set_permissions(folder.path().join(path), fs::Permissions::from_mode(0o000));
        close("closed.yaml").expect("closed");
        close("sub").expect("closed");
        // The superuser may read everything.
        if fs::read(folder.path().join("closed.yaml")).is_err() {
            assert_eq!(coverage(folder.path()), (1, 2, 0));
        }
        fs::set_permissions(folder.path().join("sub"), fs::Permissions::from_mode(0o755)).expect("opened");
    }

    #[test]
    fn a_line_break_in_a_name_does_not_break_lines_of_output() {
        let folder = estate(&[("orders.yaml", DEPLOYMENT)]);
        put(folder.path(), "two\nlines\u{1b}[31m.yaml", b"a: [\n");
        put(folder.path(), "back\\slash.yaml", b"a: 1\n");
        assert_eq!(coverage(folder.path()), (3, 0, 0));
        let ran = run(folder.path(), &["--format", "gcc", "--severity", "note"]);
        assert!(!ran.out.contains('\u{1b}') && !ran.out.contains("two\nlines"), "{ran:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_no_utf_8_is_read() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        let folder = estate(&[]);
        fs::write(folder.path().join(OsStr::from_bytes(b"f\xFFo.yaml")), DEPLOYMENT).expect("written");
        assert_eq!(findings(folder.path(), &[])["coverage"]["services"], 1);
    }
}
