//! The npm packages: built, packed, installed from the tarballs and run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::{ARCHLINT, Ran, project, put, run, tool};

/// npm with a home and a cache of its own, without the network.
fn npm(program: &Path, folder: &Path, home: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments).args(["--offline", "--no-audit", "--no-fund", "--loglevel=error"]);
    command.env("HOME", home).env("npm_config_cache", home.join("cache")).env("npm_config_update_notifier", "false");
    run(&mut command)
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("package.json")).expect("a manifest")).expect("JSON")
}

/// This platform as npm calls it: `linux-x64`.
fn platform(node: &Path) -> String {
    run(Command::new(node).args(["-p", "`${process.platform}-${process.arch}`"])).out.trim().to_owned()
}

/// The packages, built around a script that stands for the program: it calls it, except that
/// `signal` makes it end by SIGTERM.
fn built(node: &Path) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("program");
    let text =
        format!("#!/bin/sh\n[ \"$1\" != signal ] || kill -TERM $$\necho ran >> \"$0.log\"\nexec '{ARCHLINT}' \"$@\"\n");
    fs::write(&script, text).expect("written");
    let out = folder.path().join("out");
    let mut command = Command::new(node);
    command.arg(project("packaging/npm/build.js")).arg(&out);
    for platform in [&*platform(node), "win32-x64", "darwin-arm64", "linux-arm64"] {
        command.arg(format!("{platform}={}", script.display()));
    }
    let ran = run(&mut command);
    assert_eq!(ran.code, 0, "{ran:?}");
    (folder, out)
}

#[test]
fn each_platform_has_its_package_and_nothing_is_run_on_install() {
    let Some(node) = tool("node", "the npm packages were") else { return };
    let (_folder, out) = built(&node);
    let main = manifest(&out.join("archlint"));
    assert_eq!(main["version"], env!("CARGO_PKG_VERSION"));
    for name in ["archlint-win32-x64", "archlint-darwin-arm64", "archlint-linux-arm64"] {
        let package = manifest(&out.join(name));
        // An exact version: the launcher and the program belong together.
        assert_eq!(main["optionalDependencies"][name], package["version"], "{name}");
        let expected: Vec<&str> = name.split('-').skip(1).collect();
        assert_eq!((&package["os"][0], &package["cpu"][0]), (&expected[0].into(), &expected[1].into()), "{name}");
        let file = if name.contains("win32") { "archlint.exe" } else { "archlint" };
        let mode = fs::metadata(out.join(name).join(file)).expect("the program").permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{name}");
    }
    for package in fs::read_dir(&out).expect("packages").map(|entry| entry.expect("an entry").path()) {
        let manifest = manifest(&package);
        assert!(manifest.get("scripts").is_none(), "{}", package.display());
        assert!(package.join("LICENSE-MIT").is_file() && package.join("LICENSE-APACHE").is_file());
    }
    assert!(out.join("archlint/config.schema.json").is_file());
    for arguments in [&[][..], &["out"], &["out", "linux-x64"], &["out", "=x"]] {
        let ran = run(Command::new(&node).arg(project("packaging/npm/build.js")).args(arguments));
        assert_eq!(ran.code, 2, "{arguments:?} {ran:?}");
    }
}

#[test]
fn packages_are_installed_from_tarballs_and_run() {
    let (Some(node), Some(program)) = (tool("node", "the npm packages were"), tool("npm", "the npm packages were"))
    else {
        return;
    };
    let (folder, out) = built(&node);
    let home = folder.path().join("home");
    let user = folder.path().join("user");
    put(&user, "package.json", "{\"name\": \"user\", \"version\": \"1.0.0\"}\n");
    put(&user, "deploy/web.yaml", &crate::pod("web"));
    let mut tarballs = Vec::new();
    for name in ["archlint".to_owned(), format!("archlint-{}", platform(&node))] {
        let ran = npm(&program, &out.join(&name), &home, &["pack", "--pack-destination", &user.display().to_string()]);
        assert_eq!(ran.code, 0, "{ran:?}");
        tarballs.push(format!("./{}", ran.out.trim()));
    }
    let arguments: Vec<&str> = ["install"].into_iter().chain(tarballs.iter().map(String::as_str)).collect();
    let ran = npm(&program, &user, &home, &arguments);
    assert_eq!(ran.code, 0, "{ran:?}");

    let command = user.join("node_modules/.bin/archlint");
    let ran = run(Command::new(&command).args(["--format", "gcc", "deploy"]).current_dir(&user));
    assert_eq!(ran.code, 1, "the program's exit code: {ran:?}");
    assert!(ran.out.contains("web.yaml:8:52: error: ") && ran.err.is_empty(), "{ran:?}");
    assert_eq!(run(Command::new(&command).args(["--format", "xml"])).code, 2);
    assert_eq!(run(Command::new(&command).arg("signal")).code, 128 + 15);
    let other = run(Command::new(&command).arg("x").env("ARCHLINT_BINARY", "/bin/echo"));
    assert_eq!((other.code, other.out.as_str()), (0, "x\n"));
    let none = run(Command::new(&command).env("ARCHLINT_BINARY", "/no/such/program"));
    assert!(none.code == 2 && none.err.starts_with("archlint: error: "), "{none:?}");

    // Without the platform's package the launcher says which one is missing.
    fs::remove_dir_all(user.join(format!("node_modules/archlint-{}", platform(&node)))).expect("removed");
    let ran = run(&mut Command::new(&command));
    assert!(ran.code == 2 && ran.err.contains("is not installed"), "{ran:?}");
}
