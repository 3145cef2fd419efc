//! GitHub's action and GitLab's template: their scripts under bash, with the variables that the
//! services would set.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::{ARCHLINT, Ran, git, pod, project, put, repository, run, text, tool, yaml};

/// `packaging/action.sh` in a repository, as `action.yml` starts it.
fn action(folder: &Path, inputs: &[(&str, &str)]) -> Ran {
    let mut command = Command::new("bash");
    command.arg(project("packaging/action.sh")).current_dir(folder).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_OUTPUT", folder.join("outputs"));
    command.env("GITHUB_STEP_SUMMARY", folder.join("summary.md"));
    command.env("ARCHLINT_SOURCE", project("")).env("ARCHLINT_BINARY", ARCHLINT);
    run(command.envs(inputs.iter().copied()))
}

fn sarif(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("a SARIF file")).expect("JSON")
}

#[test]
fn the_action_annotates_sums_up_and_names_its_sarif_file() {
    let Some(_) = tool("bash", "the action's script was") else { return };
    let folder = repository();
    let ran = action(folder.path(), &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.lines().all(|line| line.starts_with("::")), "{ran:?}");
    assert!(ran.out.contains("::error file=deploy/web.yaml,line=8,"), "{ran:?}");
    assert_eq!(fs::read_to_string(folder.path().join("outputs")).expect("outputs"), "sarif=archlint.sarif\n");
    let summary = fs::read_to_string(folder.path().join("summary.md")).expect("a summary");
    assert!(summary.starts_with("### archlint: 1 error"), "{summary}");
    let log = sarif(&folder.path().join("archlint.sarif"));
    assert!(log["runs"][0]["results"].as_array().is_some_and(|results| !results.is_empty()));
}

#[test]
fn the_action_takes_its_inputs_from_the_environment_only() {
    let Some(_) = tool("bash", "the action's script was") else { return };
    let folder = repository();
    put(folder.path(), "a b/job.yaml", &pod("job"));
    for (inputs, code, found) in [
        (&[("ARCHLINT_FAIL_ON", "never")][..], 0, &["web.yaml", "a b/job.yaml"][..]),
        (&[("ARCHLINT_PATHS", "a b\n")], 1, &["a b/job.yaml"]),
        (&[("ARCHLINT_SINCE", "main")], 1, &["a b/job.yaml"]),
        (&[("ARCHLINT_PATHS", "$(touch injected)")], 2, &[]),
        (&[("ARCHLINT_PATHS", "--help")], 2, &[]),
        (&[("ARCHLINT_FAIL_ON", "; touch injected")], 2, &[]),
        (&[("ARCHLINT_ANNOTATIONS", "none")], 2, &[]),
        (&[("ARCHLINT_SARIF", "other.sarif\nbinary=none"), ("ARCHLINT_PATHS", "deploy")], 1, &["web.yaml"]),
    ] {
        let ran = action(folder.path(), inputs);
        assert_eq!(ran.code, code, "{inputs:?} {ran:?}");
        for path in ["web.yaml", "a b/job.yaml"] {
            assert_eq!(ran.out.contains(path), found.contains(&path), "{inputs:?} {ran:?}");
        }
    }
    assert!(!folder.path().join("injected").exists());
    let outputs = fs::read_to_string(folder.path().join("outputs")).expect("outputs");
    assert!(outputs.lines().all(|line| line.starts_with("sarif=")), "{outputs}");
}

#[test]
fn the_action_uses_the_problem_matcher_where_that_was_asked_for() {
    let Some(_) = tool("bash", "the action's script was") else { return };
    let folder = repository();
    let ran = action(folder.path(), &[("ARCHLINT_ANNOTATIONS", "matcher")]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let lines: Vec<&str> = ran.out.lines().collect();
    let matcher = lines[0].strip_prefix("::add-matcher::").expect("the first line");
    let matcher: Value = serde_json::from_str(&fs::read_to_string(matcher).expect("the file")).expect("JSON");
    let owner = matcher["problemMatcher"][0]["owner"].as_str().expect("an owner");
    assert_eq!(lines.last(), Some(&&*format!("::remove-matcher owner={owner}::")));
    assert!(lines[1].starts_with("deploy/web.yaml:"), "{ran:?}");
    assert!(folder.path().join("summary.md").is_file());
}

#[test]
fn every_input_of_the_action_reaches_its_script_through_a_variable() {
    let action = yaml("action.yml");
    let script = text("packaging/action.sh");
    let steps = action["runs"]["steps"].as_sequence().expect("steps");
    let check = &steps[0];
    let variables = check["env"].as_mapping().expect("variables");
    for (input, _) in action["inputs"].as_mapping().expect("inputs") {
        let input = input.as_str().expect("a name");
        if input == "upload" {
            continue;
        }
        let passed = format!("${{{{ inputs.{input} }}}}");
        let variable = variables.iter().find(|(_, value)| value.as_str() == Some(&passed));
        let (variable, _) = variable.unwrap_or_else(|| panic!("{input} is not passed"));
        assert!(script.contains(variable.as_str().expect("a name")), "{input}");
    }
    for step in steps {
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{step:?}");
        if let Some(uses) = step["uses"].as_str() {
            let (_, commit) = uses.split_once('@').expect("a revision");
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uses}");
        }
    }
}

/// The job's script in a repository, as GitLab's runner starts it.
fn job(folder: &Path, variables: &[(&str, &str)]) -> Ran {
    let template = yaml("packaging/gitlab-ci.yml");
    let lines = template["archlint"]["script"].as_sequence().expect("a script");
    let script: Vec<&str> = lines.iter().map(|line| line.as_str().expect("a line")).collect();
    let programs = Path::new(ARCHLINT).parent().expect("a folder").to_path_buf();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&path))).expect("a path");
    let mut command = Command::new("sh");
    command.args(["-eu", "-c", &script.join("\n")]).current_dir(folder).env_clear().env("PATH", path);
    for (name, value) in template["archlint"]["variables"].as_mapping().expect("variables") {
        command.env(name.as_str().expect("a name"), value.as_str().expect("a text"));
    }
    run(command.envs(variables.iter().copied()))
}

#[test]
fn the_template_of_gitlab_writes_the_reports_that_it_names() {
    let folder = repository();
    let base = run(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(folder.path())).out.trim().to_owned();
    let ran = job(folder.path(), &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("deploy/web.yaml:8:"), "{ran:?}");
    let template = yaml("packaging/gitlab-ci.yml");
    for (_, report) in template["archlint"]["artifacts"]["reports"].as_mapping().expect("reports") {
        let report = report.as_str().expect("a file");
        assert!(fs::read_to_string(folder.path().join(report)).expect("written").contains("privileged-container"));
    }
    let ran = job(folder.path(), &[("ARCHLINT_ARGS", "--fail-on never --severity error")]);
    assert_eq!(ran.code, 0, "{ran:?}");

    // In a merge request what the branch brought counts.
    put(folder.path(), "deploy/job.yaml", &pod("job"));
    git(folder.path(), &["add", "deploy"]);
    git(folder.path(), &["commit", "-qm", "two"]);
    let ran = job(folder.path(), &[("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.lines().all(|line| line.starts_with("deploy/job.yaml:")), "{ran:?}");
}
