//! The standard streams and the environment: read and written here and nowhere else.
#![expect(clippy::disallowed_methods, reason = "the door to the terminal, the environment, the clock and output files")]

use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::ValueEnum;

use super::failure::Failure;
use crate::judge::day::Day;

/// When to use colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless the environment says otherwise
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Writes a whole output. True: somebody stopped reading, which is no failure.
pub fn print(text: &str) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(true),
        Err(error) => Err(Failure::Unwritable(PathBuf::from("the standard output"), error.to_string())),
    }
}

/// Says something that is no report. Nobody may be there to hear it.
pub fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Longest list of paths, in bytes: some million of them.
const LONGEST_LIST: u64 = 256 << 20;

/// The paths of a list, one a line, or with NUL between them where there is one; `-` is the
/// standard input.
pub fn listed_paths(list: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |why: String| Failure::Unreadable("list of files", list.to_path_buf(), why);
    let mut bytes = Vec::new();
    let read = if list.as_os_str() == "-" {
        io::stdin().lock().take(LONGEST_LIST + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(list).and_then(|file| file.take(LONGEST_LIST + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > LONGEST_LIST {
        return Err(unreadable(format!("it has more than {} MiB", LONGEST_LIST >> 20)));
    }
    let end = if bytes.contains(&0) { 0 } else { b'\n' };
    let paths = bytes.split(|byte| *byte == end).map(|path| match end {
        b'\n' => path.strip_suffix(b"\r").unwrap_or(path),
        _ => path,
    });
    Ok(paths.filter(|path| !path.is_empty()).map(|path| PathBuf::from(os_string(path))).collect())
}

/// A name of the system from its bytes.
#[cfg(unix)]
pub fn os_string(bytes: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec())
}

/// A name of the system from text.
#[cfg(not(unix))]
pub fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// Writes an output into a file.
pub fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::Unwritable(path.to_path_buf(), error.to_string()))
}

/// Writes behind what is in a file; makes it where there is none.
pub fn append_to_file(path: &Path, text: &str) -> Result<(), Failure> {
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(path);
    opened
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Failure::Unwritable(path.to_path_buf(), error.to_string()))
}

/// Writes to a file, or to standard output where there is none.
pub fn deliver(path: Option<&Path>, text: &str) -> Result<(), Failure> {
    match path {
        Some(path) => write_file(path, text),
        None => print(text).map(|_| ()),
    }
}

/// True if a person reads standard output.
pub fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// True if a person reads standard error.
pub fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// The value of a variable that is set and not empty.
pub fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Today, in UTC: by `SOURCE_DATE_EPOCH` where it is set (reproducible-builds.org), so that a
/// run can be repeated.
pub fn today() -> Result<Day, Failure> {
    let wrong = |value: &str| {
        let message = format!("SOURCE_DATE_EPOCH is {value:?}");
        Failure::Usage(message, "set it to seconds since 1970, or not at all".to_owned())
    };
    match variable("SOURCE_DATE_EPOCH") {
        Some(value) => {
            let value = value.to_string_lossy();
            value.trim().parse().ok().and_then(Day::from_unix).ok_or_else(|| wrong(&value))
        }
        None => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
            Day::from_unix(seconds).ok_or_else(|| wrong(&seconds.to_string()))
        }
    }
}

/// Columns to wrap at: what the shell says, else 100.
pub fn width() -> usize {
    variable("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok()).unwrap_or(100)
}

/// True if standard output gets colors. The flag beats the environment; there `NO_COLOR`
/// (no-color.org) beats `CLICOLOR_FORCE` and `FORCE_COLOR`, which beat `CLICOLOR=0`
/// (bixense.com/clicolors) and `TERM=dumb`.
pub fn colors(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if variable("NO_COLOR").is_some() => false,
        ColorChoice::Auto if variable("CLICOLOR_FORCE").is_some() || variable("FORCE_COLOR").is_some() => true,
        ColorChoice::Auto if variable("CLICOLOR").is_some_and(|value| value == "0") => false,
        ColorChoice::Auto => stdout_is_terminal() && variable("TERM").is_some_and(|term| term != "dumb"),
    }
}
