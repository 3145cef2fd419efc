//! What git knows of the estate, asked as a subprocess: revisions, renames, ages. Reads only;
//! neither the working tree nor the index is touched, and nothing is fetched.
#![expect(clippy::disallowed_methods, reason = "git alone knows the history, and it is a program")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::failure::Failure;
use crate::judge::day::Day;

/// A repository with a working tree.
#[derive(Clone, Debug)]
pub struct Git {
    /// The working tree's root, absolute, without links.
    pub top: PathBuf,
}

impl Git {
    /// The repository that holds `folder`; `None` where there is none, or no git.
    pub fn of(folder: &Path) -> Option<Self> {
        Self::asked(folder).ok()
    }

    /// The same with git's reason: beside *not a git repository* it may refuse one that belongs
    /// to somebody else, as it does in containers.
    pub fn asked(folder: &Path) -> Result<Self, String> {
        let out = output(folder, &["rev-parse", "--show-toplevel"])?;
        let text = String::from_utf8(out).map_err(|error| error.to_string())?;
        let top = std::fs::canonicalize(text.trim_end_matches(['\r', '\n']));
        Ok(Self { top: top.map_err(|error| error.to_string())? })
    }

    /// What git prints for these arguments.
    pub fn ask<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<Vec<u8>, String> {
        output(&self.top, arguments)
    }

    /// The same as text on one line.
    pub fn line<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<String, String> {
        self.ask(arguments).map(|out| String::from_utf8_lossy(&out).trim().to_owned())
    }

    /// True where the history was cut off when it was cloned.
    pub fn is_shallow(&self) -> bool {
        self.line(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| answer == "true")
    }

    /// The days on which lines (1-based) of a file were last changed; lines that are not
    /// committed are left out. Empty where git does not know the file.
    pub fn days(&self, file: &Path, lines: &[u32]) -> BTreeMap<u32, Day> {
        let mut arguments = vec!["blame".to_owned(), "--line-porcelain".to_owned()];
        arguments.extend(lines.iter().flat_map(|line| ["-L".to_owned(), format!("{line},{line}")]));
        let mut arguments: Vec<std::ffi::OsString> = arguments.into_iter().map(Into::into).collect();
        arguments.extend(["--".into(), file.as_os_str().to_owned()]);
        let out = self.ask(&arguments).unwrap_or_default();
        let mut found = BTreeMap::new();
        let (mut line, mut known, mut day) = (0, false, None);
        for text in String::from_utf8_lossy(&out).lines() {
            let words: Vec<&str> = text.splitn(4, ' ').collect();
            match words.as_slice() {
                // What a line says follows a tab, and ends what is said of it.
                _ if text.starts_with('\t') => {
                    if let Some(day) = day.take().filter(|_| known) {
                        found.insert(line, day);
                    }
                }
                ["author-time", seconds] => day = seconds.parse().ok().and_then(Day::from_unix),
                [hash, _, final_line, ..] if hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                    line = final_line.parse().unwrap_or(0);
                    known = hash.bytes().any(|byte| byte != b'0');
                }
                _ => {}
            }
        }
        found
    }

    /// The contents of blobs, in the order of their ids; `None` for one that is not there.
    pub fn blobs(&self, ids: &[String], mut each: impl FnMut(usize, Vec<u8>)) -> Result<(), Failure> {
        let failed = |reason: String| Failure::Git("the files of the older revision cannot be read".to_owned(), reason);
        let mut child = command(&self.top)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let (Some(mut questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed("git has no streams".to_owned()));
        };
        let mut answers = std::io::BufReader::new(answers);
        // One question, one answer: a list at once could fill both pipes and stand still.
        for (at, id) in ids.iter().enumerate() {
            let answer = writeln!(questions, "{id}").and_then(|()| questions.flush());
            answer.map_err(|error| failed(error.to_string()))?;
            if let Some(bytes) = blob(&mut answers).map_err(|error| failed(error.to_string()))? {
                each(at, bytes);
            }
        }
        drop(questions);
        child.wait().map_err(|error| failed(error.to_string()))?;
        Ok(())
    }
}

/// What lies between a commit and the working tree; paths are relative to the estate's root,
/// and those outside of it are left out.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// From the former path to the present one.
    pub renamed: BTreeMap<String, String>,
    /// Paths of today that are new or have another content, untracked files included.
    pub touched: BTreeSet<String>,
}

impl Changes {
    /// Asks git; `root` is the estate's.
    pub fn since(git: &Git, commit: &str, root: &Path) -> Result<Self, Failure> {
        let failed = |reason| Failure::Git("the changes since then cannot be listed".to_owned(), reason);
        let out = git
            .ask(&["diff", "--name-status", "-z", "-M", "--no-ext-diff", "--no-textconv", commit, "--"])
            .map_err(failed)?;
        let prefix = root.strip_prefix(&git.top).unwrap_or(Path::new("")).to_path_buf();
        let below = |path: &[u8]| {
            let path = PathBuf::from(String::from_utf8_lossy(path).into_owned());
            path.strip_prefix(&prefix).ok().map(|path| path.to_string_lossy().replace('\\', "/"))
        };
        let mut changes = Self::default();
        let mut fields = out.split(|byte| *byte == 0).filter(|field| !field.is_empty());
        while let (Some(status), Some(first)) = (fields.next(), fields.next()) {
            match status.first() {
                Some(b'R' | b'C') => {
                    let (old, new) = (below(first), fields.next().and_then(below));
                    // A file that only moved says nothing new.
                    if status != b"R100" {
                        changes.touched.extend(new.clone());
                    }
                    if status.starts_with(b"R") {
                        changes.renamed.extend(old.zip(new));
                    }
                }
                Some(b'D') => {}
                Some(_) | None => changes.touched.extend(below(first)),
            }
        }
        let out = git.ask(&["ls-files", "-z", "--others", "--exclude-standard"]).map_err(failed)?;
        changes.touched.extend(out.split(|byte| *byte == 0).filter(|path| !path.is_empty()).filter_map(below));
        Ok(changes)
    }
}

/// The next answer of `cat-file --batch`: `<id> blob <size>`, the bytes, a line break.
fn blob(answers: &mut impl std::io::BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = String::new();
    answers.read_line(&mut head)?;
    let Some(size) = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok()) else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    answers.by_ref().take(size).read_to_end(&mut bytes)?;
    answers.by_ref().take(1).read_to_end(&mut Vec::new())?;
    Ok(Some(bytes))
}

/// git in `folder`, so that its answers depend on nobody's settings and it starts nothing.
fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"]);
    // No pager, no question, no fetch of what a partial clone left out, no lock.
    command.env("GIT_PAGER", "cat").env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1");
    command.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF"] {
        command.env_remove(variable);
    }
    command
}

fn output<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Result<Vec<u8>, String> {
    let ended = command(folder).args(arguments).stdin(Stdio::null()).output();
    let ended = ended.map_err(|error| format!("git cannot be started: {error}"))?;
    if ended.status.success() {
        return Ok(ended.stdout);
    }
    let complaint = String::from_utf8_lossy(&ended.stderr);
    Err(complaint.lines().next().unwrap_or("git failed").trim_start_matches("fatal: ").to_owned())
}
