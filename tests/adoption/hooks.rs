//! The hooks for pre-commit.

use std::path::Path;
use std::process::Command;

use crate::{ARCHLINT, pod, put, repository, run, text, tool, yaml};

#[test]
fn what_the_hooks_start_is_a_command_of_ours() {
    let folder = repository();
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hooks = hooks.as_sequence().expect("hooks");
    assert!(!hooks.is_empty());
    for hook in hooks {
        // An estate is judged as a whole: neither file names nor several runs at a time.
        assert_eq!((hook["pass_filenames"].as_bool(), hook["require_serial"].as_bool()), (Some(false), Some(true)));
        let mut words = hook["entry"].as_str().expect("an entry").split(' ');
        assert_eq!(words.next(), Some("archlint"));
        let ran = run(Command::new(ARCHLINT).args(words).current_dir(folder.path()));
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.out.contains("deploy/web.yaml:8:"), "{ran:?}");
    }
}

#[test]
fn pre_commit_runs_the_hook_before_a_commit() {
    let Some(program) = tool("pre-commit", "the hooks were") else { return };
    let hooks = tempfile::tempdir().expect("a folder");
    put(hooks.path(), ".pre-commit-hooks.yaml", &text(".pre-commit-hooks.yaml"));
    crate::git(hooks.path(), &["init", "-q", "-b", "main"]);
    crate::git(hooks.path(), &["add", "-A"]);
    crate::git(hooks.path(), &["commit", "-qm", "hooks"]);
    let head = run(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(hooks.path()));
    let folder = repository();
    let config = format!(
        "repos:\n- repo: {}\n  rev: {}\n  hooks:\n  - {{id: archlint-system, args: [--baseline, archlint-baseline.yaml]}}\n",
        hooks.path().display(),
        head.out.trim()
    );
    put(folder.path(), ".pre-commit-config.yaml", &config);
    assert_eq!(run(Command::new(ARCHLINT).args(["baseline", "create"]).current_dir(folder.path())).code, 0);
    let programs = Path::new(ARCHLINT).parent().expect("a folder");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let hooked = || {
        crate::git(folder.path(), &["add", "-A"]);
        let mut command = Command::new(&program);
        command
            .arg("run")
            .current_dir(folder.path())
            .env("PATH", &path)
            .env("PRE_COMMIT_HOME", hooks.path().join("home"));
        run(&mut command)
    };
    let ran = hooked();
    assert_eq!(ran.code, 0, "the baseline knows what was there: {ran:?}");
    put(folder.path(), "deploy/job.yaml", &pod("job"));
    let ran = hooked();
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("deploy/job.yaml:8:") && !ran.out.contains("deploy/web.yaml"), "{ran:?}");
}
