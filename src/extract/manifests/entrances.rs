//! Source files that start a process, told by their name and a few words in them. Nothing
//! is parsed: a word in a string may deceive, one in a comment does not.

use memchr::memmem;

use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{Entrance, EntryPoint, Runtime};
use crate::source::path::EstatePath;

/// Source files whose name may be that of an entry file; those of tests are none.
pub fn claims(path: EstatePath) -> bool {
    let tests = ["test", "tests", "__tests__", "e2e", "testdata"];
    language_of(path).is_some() && !path.as_str().split('/').any(|part| tests.contains(&part))
}

/// Adds an entry point where one of the language's words stands outside of comments.
pub fn read(reading: &mut Reading<'_>) {
    let Some(language) = language_of(reading.file.path) else { return };
    let text = reading.file.text;
    if language.needs.is_some_and(|word| memmem::find(text.as_bytes(), word.as_bytes()).is_none()) {
        return;
    }
    for &(word, entrance) in language.words {
        let mut found = memmem::find_iter(text.as_bytes(), word.as_bytes()).take(OCCURRENCES);
        let Some(start) = found.find(|&at| stands_free(text, at, language.at_line_start)) else { continue };
        let folder = reading.file.path.parent();
        let span = reading.span(start, start + word.len());
        reading.add(Fact::EntryPoint(Box::new(EntryPoint { folder, runtime: language.runtime, entrance, span })));
        return;
    }
}

/// Most occurrences of a word looked at: each may have a long line before it.
const OCCURRENCES: usize = 16;

/// True if the word at `at` is in no comment, and begins its line where it has to.
fn stands_free(text: &str, at: usize, at_line_start: bool) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let line = before.get(before.rfind('\n').map_or(0, |end| end + 1)..).unwrap_or_default();
    let line = line.trim_start_matches('\u{feff}');
    if at_line_start {
        return line.is_empty();
    }
    let line = line.trim_start();
    !line.starts_with(['#', '*']) && !line.contains("//") && !line.contains("/*")
}

/// How the entry files of one language are told.
struct Language {
    runtime: Runtime,
    /// A word without which the others show nothing.
    needs: Option<&'static str>,
    /// The first of them that stands in the file is the evidence.
    words: &'static [(&'static str, Entrance)],
    /// True if the words count only at the start of a line.
    at_line_start: bool,
}

const RUST: Language =
    Language { runtime: Runtime::Rust, needs: None, words: &[("fn main(", Entrance::Binary)], at_line_start: false };
const GO: Language = Language {
    runtime: Runtime::Go,
    needs: Some("package main"),
    words: &[("func main()", Entrance::Binary)],
    at_line_start: true,
};
const PYTHON: Language = Language {
    runtime: Runtime::Python,
    needs: None,
    words: &[
        ("execute_from_command_line(", Entrance::ServerFramework),
        ("get_wsgi_application(", Entrance::ServerFramework),
        ("get_asgi_application(", Entrance::ServerFramework),
        ("grpc.server(", Entrance::ServerFramework),
        ("Flask(", Entrance::ServerFramework),
        ("FastAPI(", Entrance::ServerFramework),
        ("if __name__ ==", Entrance::Binary),
    ],
    at_line_start: false,
};
const DOTNET: Language = Language {
    runtime: Runtime::Dotnet,
    needs: None,
    words: &[
        ("WebApplication.Create", Entrance::ServerFramework),
        ("CreateHostBuilder(", Entrance::ServerFramework),
        ("CreateWebHostBuilder(", Entrance::ServerFramework),
        ("Host.Create", Entrance::ServerFramework),
        ("static void Main(", Entrance::Binary),
        ("static int Main(", Entrance::Binary),
        ("static async Task Main(", Entrance::Binary),
        ("static async Task<int> Main(", Entrance::Binary),
    ],
    at_line_start: false,
};
const JAVA: Language = Language {
    runtime: Runtime::Java,
    needs: None,
    words: &[("SpringApplication.run(", Entrance::ServerFramework), ("public static void main(", Entrance::Binary)],
    at_line_start: false,
};
const KOTLIN: Language = Language {
    runtime: Runtime::Kotlin,
    needs: None,
    words: &[
        ("SpringApplication.run(", Entrance::ServerFramework),
        ("runApplication<", Entrance::ServerFramework),
        ("embeddedServer(", Entrance::ServerFramework),
        ("EngineMain.main(", Entrance::ServerFramework),
        ("fun main(", Entrance::Binary),
    ],
    at_line_start: false,
};
const NODE: Language = Language {
    runtime: Runtime::Node,
    needs: None,
    words: &[
        ("NestFactory.create", Entrance::ServerFramework),
        (".listen(", Entrance::ServerFramework),
        (".bindAsync(", Entrance::ServerFramework),
        ("createServer(", Entrance::ServerFramework),
        // Workers take messages: kafkajs, amqplib.
        ("eachMessage", Entrance::ServerFramework),
        ("eachBatch", Entrance::ServerFramework),
        (".consume(", Entrance::ServerFramework),
    ],
    at_line_start: false,
};
const PHP: Language = Language {
    runtime: Runtime::Php,
    needs: Some("<?php"),
    // A file that only keeps a web server from listing the folder does none of these.
    words: &[
        ("->run(", Entrance::ServerFramework),
        ("->handle(", Entrance::ServerFramework),
        ("require", Entrance::StartScript),
        ("include", Entrance::StartScript),
    ],
    at_line_start: false,
};
const RUBY: Language = Language {
    runtime: Runtime::Ruby,
    needs: None,
    words: &[("run ", Entrance::ServerFramework)],
    at_line_start: true,
};
const CPP: Language =
    Language { runtime: Runtime::Cpp, needs: None, words: &[("int main(", Entrance::Binary)], at_line_start: true };

fn language_of(path: EstatePath) -> Option<&'static Language> {
    let name = path.name();
    let (stem, extension) = name.rsplit_once('.')?;
    let folder = path.parent();
    match extension {
        "rs" => {
            let is_main = name == "main.rs" && folder.name() == "src";
            let is_binary = folder.name() == "bin" || name == "main.rs" && folder.parent().name() == "bin";
            (is_main || is_binary).then_some(&RUST)
        }
        "go" => (!stem.ends_with("_test")).then_some(&GO),
        "py" => {
            let known = ["manage", "wsgi", "asgi", "__main__", "__init__", "app", "main", "server", "worker", "run"];
            let is_known = known.contains(&stem)
                || ["_app", "_main", "_server", "_service", "_worker"].iter().any(|end| stem.ends_with(end));
            is_known.then_some(&PYTHON)
        }
        "cs" => (stem == "Program").then_some(&DOTNET),
        "java" => Some(&JAVA),
        "kt" => Some(&KOTLIN),
        "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" => {
            ["server", "index", "app", "main", "www"].contains(&stem).then_some(&NODE)
        }
        "php" => (stem == "index").then_some(&PHP),
        "ru" => (stem == "config").then_some(&RUBY),
        "cpp" | "cc" | "cxx" => Some(&CPP),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{claims, read};
    use crate::extract::manifests::sketch::{sketch, survives_truncation};
    use crate::source::path::EstatePath;

    #[test]
    fn entry_files_are_told_by_name_and_words() {
        for (path, text, expected) in [
            ("a/src/main.rs", "//! fn main()\n#[tokio::main]\nasync fn main() {}\n", "a/src rust Binary at 3:7"),
            ("a/src/bin/worker.rs", "fn main() {}\n", "a/src/bin rust Binary at 1:1"),
            ("a/cmd/x/x.go", "package main\n\nfunc main() {\n", "a/cmd/x go Binary at 3:1"),
            ("a/manage.py", "    execute_from_command_line(sys.argv)\n", "a python ServerFramework at 1:5"),
            ("a/mail_server.py", "if __name__ == '__main__':\n", "a python Binary at 1:1"),
            ("a/Program.cs", "var b = WebApplication.CreateBuilder(args);", "a dotnet ServerFramework at 1:9"),
            ("a/ShopApplication.java", "x {\n  SpringApplication.run(X.class);", "a java ServerFramework at 2:3"),
            (
                "a/Shop.kt",
                "fun main(args: Array<String>) {\n runApplication<S>(*args)",
                "a kotlin ServerFramework at 2:2",
            ),
            ("a/src/main.ts", "const app = await NestFactory.create(X);", "a/src node ServerFramework at 1:19"),
            ("a/server.js", "// app.listen(1)\napp.listen(80);", "a node ServerFramework at 2:4"),
            ("a/index.js", "await consumer.run({\n  eachMessage: async () => {},", "a node ServerFramework at 2:3"),
            ("a/src/index.ts", "channel.consume('orders', take);", "a/src node ServerFramework at 1:8"),
            ("a/public/index.php", "<?php\nrequire 'x.php';", "a/public php StartScript at 2:1"),
            ("a/config.ru", "require 'x'\nrun App\n", "a ruby ServerFramework at 2:1"),
            ("a/main.cpp", "int main() {}", "a cpp Binary at 1:1"),
        ] {
            assert!(claims(EstatePath::new(path)), "{path}");
            assert_eq!(sketch(path, text, read), [format!("entry in {expected}")], "{path}");
            survives_truncation(path, text, read);
        }
    }

    #[test]
    fn files_alike_are_no_entries() {
        for (path, text) in [
            ("a/src/main.rs", "// fn main() {}\n"),
            ("a/x.go", "package x\nfunc main() {\n"),
            ("a/server.js", "exports.x = 1;\n"),
            ("a/index.php", "<?php // silence\n"),
            ("a/app.py", "# if __name__ == '__main__':\n"),
        ] {
            assert!(sketch(path, text, read).is_empty(), "{path}");
        }
        for path in
            ["a/src/lib.rs", "a/x_test.go", "a/tests/app.py", "a/helpers.js", "a/Startup.cs", "main", "a/test/main.ts"]
        {
            assert!(!claims(EstatePath::new(path)), "{path}");
        }
    }
}
