//! `package.json`: a unit of Node code or of browser pages, and npm's and yarn's workspaces.

use super::credentials::{note_credentials, redact_secret_keys};
use super::dependencies::{blank_unit, framework_entrances, has_role, named, pin_of, texts};
use super::node_workspaces::started_by_nx;
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{Dependency, DependencyScope, Entrance, Runtime, Unit, Workspace};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::json;
use crate::syntax::tree::Node;
use crate::tables::bundlers::bundlers;
use crate::tables::frameworks::{Ecosystem, Role, frameworks};

/// `package.json` in any folder.
pub fn claims(path: EstatePath) -> bool {
    path.name() == "package.json"
}

/// Adds a unit where the file says more than how its folder's modules are to be loaded, and
/// a workspace where it lists members.
pub fn read(reading: &mut Reading<'_>) {
    let tree = json::parse(reading.file.id, reading.file.text);
    reading.syntax_problems(&tree.problems, "npm and yarn refuse this file too; repair the JSON");
    note_credentials(reading);
    let Some(root) = tree.documents().next().filter(|root| root.is_mapping()) else { return };
    redact_secret_keys(reading, root);
    let folder = reading.file.path.parent();
    if let Some(workspace) = workspace(root, folder) {
        reading.add(Fact::Workspace(Box::new(workspace)));
    }
    if ["name", "dependencies", "devDependencies", "scripts", "bin"].iter().any(|key| root.get(key).is_some()) {
        reading.add(Fact::Unit(Box::new(unit(root, folder, reading.file_start()))));
    }
}

/// `"workspaces": ["a/*"]`, or yarn's `{"packages": […]}`. A `!` leaves a pattern out.
fn workspace(root: Node<'_>, folder: EstatePath) -> Option<Workspace> {
    let (key, value) = root.entry("workspaces")?;
    let list = if value.is_mapping() { value.get("packages")? } else { value };
    Some(workspace_of(list, folder, key.span()))
}

/// A workspace whose members are the patterns of `list`; those that begin with `!` are left out.
pub fn workspace_of(list: Node<'_>, folder: EstatePath, span: Span) -> Workspace {
    let mut workspace = Workspace { folder, members: Vec::new(), excluded: Vec::new(), span };
    for (pattern, _) in texts(Some(list)) {
        match pattern.strip_prefix('!') {
            Some(excluded) => workspace.excluded.push(Symbol::new(excluded)),
            None => workspace.members.push(Symbol::new(pattern)),
        }
    }
    workspace
}

fn unit(root: Node<'_>, folder: EstatePath, start: Span) -> Unit {
    let mut unit = blank_unit(folder, Runtime::Node, start);
    if let Some((key, name)) = root.entry("name").and_then(|(key, value)| Some((key, value.text()?))) {
        unit.name = Some(Symbol::new(name));
        unit.span = key.span();
    }
    unit.private = root.get("private").and_then(Node::bool) == Some(true);
    unit.bundler = bundler(root);
    for (key, scope) in [("dependencies", DependencyScope::Runtime), ("optionalDependencies", DependencyScope::Runtime)]
    {
        dependencies(root, key, scope, folder, &mut unit.dependencies);
    }
    // A peer is brought by whoever uses the package, so it shows nothing about this one.
    unit.entrances = framework_entrances(Ecosystem::Npm, &unit.dependencies);
    let serves = !unit.entrances.is_empty();
    dependencies(root, "peerDependencies", DependencyScope::Runtime, folder, &mut unit.dependencies);
    dependencies(root, "devDependencies", DependencyScope::Development, folder, &mut unit.dependencies);

    let started = ["start", "start:prod", "serve"].iter().filter_map(|name| {
        let script = root.at(&["scripts", name])?;
        (script_role(root, script.text()?, &mut Vec::new()) == Some(Role::Server))
            .then(|| (Entrance::StartScript, script.span()))
    });
    let by_nx = started_by_nx(root).map(|span| (Entrance::StartScript, span));
    let started: Vec<_> = started.chain(by_nx).collect();
    let command = root.entry("bin").filter(|(_, value)| value.text().is_some() || value.is_mapping());
    let published = ["types", "typings", "module", "exports", "publishConfig", "peerDependencies"];
    unit.library = started.is_empty() && command.is_none() && published.iter().any(|key| root.get(key).is_some());
    unit.entrances.extend(started);
    if unit.entrances.is_empty() && !serves && has_role(Ecosystem::Npm, &unit.dependencies, Role::Browser) {
        unit.runtime = Runtime::Static;
    }
    if let Some((key, _)) = command {
        unit.entrances.push((Entrance::Binary, key.span()));
    }
    unit
}

fn dependencies(root: Node<'_>, key: &str, scope: DependencyScope, folder: EstatePath, into: &mut Vec<Dependency>) {
    let Some(list) = root.get(key) else { return };
    for (name, requirement) in list.own_entries() {
        let Some(text) = name.raw() else { continue };
        let requirement = requirement.text().unwrap_or_default();
        let mut dependency = named(text, requirement, scope, name.span());
        if dependency.address.is_none() && is_hosted(requirement) {
            dependency.address = Some(pin_of(requirement));
            dependency.requirement = Symbol::new("");
        }
        let local = ["file:", "link:", "portal:"].iter().find_map(|scheme| requirement.strip_prefix(scheme));
        dependency.path = local.and_then(|path| folder.join(path));
        into.push(dependency);
    }
}

/// `github:shop/money`, `git@git.example:shop/money.git`, and `shop/money#main`, which means
/// GitHub (docs.npmjs.com/cli/v11/configuring-npm/package-json, "Git URLs as Dependencies").
fn is_hosted(requirement: &str) -> bool {
    let hosts = ["github:", "gitlab:", "bitbucket:", "gist:", "git@", "git:"];
    if hosts.iter().any(|host| requirement.starts_with(host)) {
        return true;
    }
    let Some((owner, rest)) = requirement.split_once('/') else { return false };
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    let repository = rest.split('#').next().unwrap_or_default();
    is_name(owner) && !owner.starts_with('.') && is_name(repository)
}

/// Most scripts followed: `start` → `npm run start:prod` → …; each of them once.
const SCRIPTS: usize = 16;
/// Most commands of a script looked at.
const COMMANDS: usize = 64;

/// What a script starts: the role of the first of its commands that the tables know.
/// Scripts that it runs by name (`npm run x`, `yarn x`) are followed.
fn script_role<'t>(root: Node<'t>, script: &'t str, followed: &mut Vec<&'t str>) -> Option<Role> {
    script.split(['&', '|', ';']).take(COMMANDS).find_map(|command| command_role(root, command, followed))
}

fn command_role<'t>(root: Node<'t>, command: &'t str, followed: &mut Vec<&'t str>) -> Option<Role> {
    let mut words = command.split_whitespace().skip_while(|word| is_preamble(word));
    let first = words.next()?.rsplit(['/', '\\']).next()?;
    if matches!(first, "npm" | "yarn" | "pnpm") {
        let name = words.find(|word| *word != "run" && *word != "run-script" && !word.starts_with('-'))?;
        if followed.contains(&name) || followed.len() >= SCRIPTS {
            return None;
        }
        followed.push(name);
        return script_role(root, root.at(&["scripts", name])?.text()?, followed);
    }
    let role = frameworks().role_of(Ecosystem::NpmCommands, first)?;
    matches!(role, Role::Server | Role::Browser).then_some(role)
}

/// Parts of the names of scripts that ship nothing.
const NOT_SHIPPED: [&str; 6] = ["dev", "test", "watch", "start", "storybook", "lint"];

/// The first bundler that a script which builds runs.
fn bundler(root: Node<'_>) -> Option<(Symbol, Span)> {
    for (name, script) in root.get("scripts")?.own_entries() {
        let ships = name.raw().is_some_and(|name| !NOT_SHIPPED.iter().any(|part| name.contains(part)));
        let Some(text) = script.text().filter(|_| ships) else { continue };
        for command in text.split(['&', '|', ';']).take(COMMANDS) {
            let mut words = command.split_whitespace().skip_while(|word| is_preamble(word));
            let program = words.next().and_then(|word| word.rsplit(['/', '\\']).next());
            if let Some(known) = program.and_then(|program| bundlers().run_by(program, words.next())) {
                return Some((known, script.span()));
            }
        }
    }
    None
}

/// What stands before the command proper: variables, and wrappers that set them.
fn is_preamble(word: &str) -> bool {
    word.contains('=') || matches!(word, "cross-env" | "cross-env-shell" | "env" | "exec" | "npx" | "dotenv" | "--")
}

#[cfg(test)]
mod tests {
    use super::{claims, read};
    use crate::extract::manifests::sketch::{sketch, survives_truncation};
    use crate::source::path::EstatePath;

    #[test]
    fn claims_the_file_by_its_whole_name() {
        assert!(claims(EstatePath::new("services/orders/package.json")));
        assert!(!claims(EstatePath::new("package-lock.json")));
        assert!(!claims(EstatePath::new("package.json/readme.md")));
    }

    const ORDERS: &str = r#"{
  "name": "@shop/orders",
  "private": true,
  "scripts": { "start": "npm run start:prod", "start:prod": "NODE_ENV=production node dist/main.js" },
  "dependencies": {
    "@nestjs/core": "^10.0.0",
    "@shop/money": "file:../../libs/money"
  },
  "devDependencies": { "vite": "^5.0.0" }
}"#;

    #[test]
    fn a_server_has_its_evidence_and_its_dependencies_in_place() {
        assert_eq!(
            sketch("services/orders/package.json", ORDERS, read),
            [
                "unit @shop/orders in services/orders node private at 2:3",
                "  entrance ServerFramework at 6:5",
                "  entrance StartScript at 4:25",
                "  entrance StartScript at 4:61",
                "  needs @nestjs/core ^10.0.0 Runtime at 6:5",
                "  needs @shop/money file:../../libs/money Runtime from libs/money at 7:5",
                "  needs vite ^5.0.0 Development at 9:24",
            ]
        );
    }

    #[test]
    fn pages_are_static_unless_something_serves_them() {
        let cases = [
            (r#""dependencies":{"react-dom":"18"},"scripts":{"start":"react-scripts start"}"#, "static"),
            (
                r#""dependencies":{"vue":"3"},"devDependencies":{"vite":"5"},"scripts":{"serve":"vite preview"}"#,
                "static",
            ),
            (r#""dependencies":{"react-dom":"18","next":"14"},"scripts":{"start":"next start"}"#, "node"),
            (
                r#""dependencies":{"svelte":"4"},"devDependencies":{"@sveltejs/kit":"2"},"scripts":{"start":"node build"}"#,
                "node",
            ),
            (r#""dependencies":{"react-dom":"18","express":"4"}"#, "node"),
            (r#""devDependencies":{"jest":"29"}"#, "node"),
        ];
        for (body, runtime) in cases {
            let lines = sketch("web/package.json", &format!(r#"{{"name":"web",{body}}}"#), read);
            assert!(lines.first().is_some_and(|line| line.contains(&format!(" {runtime} "))), "{body}: {lines:?}");
        }
    }

    #[test]
    fn only_scripts_that_start_a_process_are_evidence() {
        let cases = [
            ("node server.js", true),
            ("npm run build && node .", true),
            ("./node_modules/.bin/ts-node src/main.ts", true),
            ("cross-env PORT=1 nodemon", true),
            ("yarn other", true),
            ("docker compose up", false),
            ("npm run start", false),
            ("npm run nowhere", false),
            ("ng serve", false),
            ("jest", false),
            ("", false),
        ];
        for (script, starts) in cases {
            let text = format!(r#"{{"name":"a","scripts":{{"start":"{script}","other":"node a.js","build":"tsc"}}}}"#);
            let found = sketch("package.json", &text, read).iter().any(|line| line.contains("StartScript"));
            assert_eq!(found, starts, "{script}");
        }
    }

    #[test]
    fn scripts_that_run_each_other_many_times_are_followed_once() {
        let again = "yarn a & yarn b & ".repeat(2000);
        let text = format!(r#"{{"name":"x","scripts":{{"start":"{again}","a":"{again}","b":"{again}"}}}}"#);
        assert_eq!(sketch("package.json", &text, read), ["unit x in . node at 1:2"]);
    }

    #[test]
    fn packages_that_are_published_and_not_started_are_libraries() {
        let cases = [
            (r#""types":"dist/index.d.ts","dependencies":{"express":"4"}"#, true),
            (r#""peerDependencies":{"@nestjs/core":"10"}"#, true),
            (r#""types":"a.d.ts","scripts":{"start":"node a.js"}"#, false),
            (r#""bin":"cli.js","exports":"./a.js""#, false),
            (r#""main":"index.js""#, false),
        ];
        for (body, library) in cases {
            let lines = sketch("package.json", &format!(r#"{{"name":"a",{body}}}"#), read);
            assert_eq!(lines.first().is_some_and(|line| line.contains(" library ")), library, "{body}");
        }
    }

    #[test]
    fn peers_are_needed_but_show_no_server() {
        assert_eq!(
            sketch("package.json", r#"{"name":"guard","peerDependencies":{"express":"4"}}"#, read),
            ["unit guard in . node library at 1:2", "  needs express 4 Runtime at 1:37"]
        );
    }

    #[test]
    fn workspaces_have_two_spellings() {
        for list in [r#"["services/*","!services/old"]"#, r#"{"packages":["services/*","!services/old"],"nohoist":[]}"#]
        {
            let lines = sketch("shop/package.json", &format!("{{\n  \"workspaces\": {list}\n}}"), read);
            assert_eq!(lines, ["workspace shop [services/*] without [services/old] at 2:3"]);
        }
    }

    #[test]
    fn a_file_that_only_sets_the_module_type_is_no_unit() {
        assert!(sketch("src/package.json", r#"{"type":"module"}"#, read).is_empty());
        assert!(sketch("src/package.json", "[1]", read).is_empty());
        assert_eq!(sketch("package.json", r#"{"name": "a",, }"#, read).len(), 1);
    }

    #[test]
    fn cut_and_odd_files_never_panic() {
        survives_truncation("package.json", ORDERS, read);
        survives_truncation(
            "package.json",
            r#"{"name":[1],"scripts":3,"dependencies":["ä"],"workspaces":{"packages":7},"bin":null}"#,
            read,
        );
    }
}
