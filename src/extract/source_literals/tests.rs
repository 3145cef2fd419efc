//! Connections and secrets in lines of code, and the many lines that look like them.

use super::{claims, read};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::value::{Form, Value};
use crate::source::file::{FileId, SourceFile};
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::path::EstatePath;
use crate::source::span::Span;

fn place(text: &str, span: Span) -> String {
    let at = LineIndex::new(text).position(text, span.start, ColumnUnit::Characters);
    format!("{}:{}", at.line, at.column)
}

fn shown(value: &Value) -> String {
    match &value.form {
        Form::Literal(text) => text.to_string(),
        Form::Env(name) => format!("env {name}"),
        Form::FirstOf(values) => values.iter().map(shown).collect::<Vec<_>>().join("|"),
        Form::Concat(values) => values.iter().map(shown).collect::<Vec<_>>().join("+"),
        Form::Unknown(_) => "?".to_owned(),
        other => panic!("unexpected {other:?}"),
    }
}

/// `secret KEY line:column` and `engine server/database line:column`.
fn facts(path: &str, text: &str) -> Vec<String> {
    let mut reading = Reading::new(SourceFile { id: FileId(0), path: EstatePath::new(path), text });
    read(&mut reading);
    let line = |fact: &Fact| match fact {
        Fact::Secret(secret) => format!("secret {} {}", secret.key, place(text, secret.span)),
        Fact::Connection(it) => {
            assert!(it.in_code);
            let part = |value: &Option<Value>| value.as_ref().map(shown).unwrap_or_default();
            format!("{} {}/{} {}", it.engine, part(&it.server), part(&it.database), place(text, it.span))
        }
        other => panic!("unexpected {other:?}"),
    };
    reading.facts.facts.iter().map(line).collect()
}

#[test]
fn tests_and_foreign_files_are_left_alone() {
    for path in
        ["src/server.js", "app/Kernel.php", "db/init.sql", "src/main/java/App.java", "src/latest.ts", "src/contest.py"]
    {
        assert!(claims(EstatePath::new(path)), "{path}");
    }
    for path in [
        "test/server.js",
        "src/__tests__/a.ts",
        "src/a.spec.ts",
        "src/a_test.go",
        "src/AppTest.java",
        "e2e/a.ts",
        "README.md",
        "src/types.d.ts",
        "web/app.min.js",
        "tests/test_db.py",
        "test_db.py",
        "pkg/testutils/src/lib.rs",
        "src/playground-query.ts",
        "examples/a.rs",
        "src/test/java/A.java",
    ] {
        assert!(!claims(EstatePath::new(path)), "{path}");
    }
}

#[test]
fn connection_texts_are_found_with_the_variable_they_default() {
    for (path, line, expected) in [
        (
            "a.js",
            "const url = process.env.MONGO_URL || 'mongodb://mongo:27017/books';",
            &["mongodb env MONGO_URL|mongo/books 1:39"][..],
        ),
        ("a.ts", "  url: process.env['REDIS_URL'] ?? \"redis://cache/2\",", &["redis env REDIS_URL|cache/2 1:37"]),
        (
            "a.py",
            "URL = os.getenv(\"DATABASE_URL\", \"postgresql+psycopg2://db/books\")",
            &["postgresql env DATABASE_URL|db/books 1:34"],
        ),
        (
            "a.py",
            "URL = os.environ.get('DATABASE_URL', default='mysql://db/books')",
            &["mysql env DATABASE_URL|db/books 1:47"],
        ),
        (
            "a.go",
            "url := getEnv(\"DATABASE_URL\", \"postgres://db/books\")",
            &["postgresql env DATABASE_URL|db/books 1:32"],
        ),
        (
            "A.java",
            "u = System.getenv(\"DB\") == null ? \"jdbc:mysql://db/books\" : System.getenv(\"DB\");",
            &["mysql env DB|db/books 1:36"],
        ),
        (
            "a.rs",
            "let url = env::var(\"DATABASE_URL\").unwrap_or_else(|_| \"postgres://db/books\".to_owned());",
            &["postgresql env DATABASE_URL|db/books 1:56"],
        ),
        (
            "a.php",
            "$c->set('dsn', getenv('PDO_URL') ?: 'mysql:host=db;dbname=books;charset=utf8mb4');",
            &["mysql env PDO_URL|db/books 1:38"],
        ),
        (
            "a.rb",
            "url = ENV.fetch('DATABASE_URL', 'postgres://db/books')",
            &["postgresql env DATABASE_URL|db/books 1:34"],
        ),
        (
            "A.java",
            "s = String.format(\"jdbc:mysql://%s/books?useSSL=false\", System.getenv(\"DB_HOST\") == null ? \"db\" : System.getenv(\"DB_HOST\"));",
            &["mysql env DB_HOST|db/books 1:20"],
        ),
        ("a.ts", "connect(`mongodb://${process.env.MONGO_HOST}:27017/books`)", &["mongodb env MONGO_HOST/books 1:10"]),
        ("a.ts", "connect(`mongodb://${host}:27017/books`)", &["mongodb ?/books 1:10"]),
        (
            "a.go",
            "dsn := \"shop:hunter2@tcp(db:3306)/books?parseTime=true\"",
            &["secret dsn 1:14", "mysql db/books 1:9"],
        ),
        (
            "a.py",
            "e = create_engine(\"postgresql://shop:hunter2@db/books\")",
            &["secret password of a connection 1:38", "postgresql db/books 1:20"],
        ),
    ] {
        assert_eq!(facts(path, line), expected, "{line}");
    }
}

#[test]
fn texts_about_connections_state_none() {
    for (path, line) in [
        ("a.js", "if (url.startsWith('redis://')) {"),
        ("a.js", "fetch('http://orders:8080/orders')"),
        ("a.js", "throw new Error('connect with mongodb://host/db please')"),
        ("a.js", "// mongodb://mongo/books"),
        ("a.py", "# DATABASE_URL = 'postgres://db/books'"),
        ("a.ts", "import x from 'redis';"),
        ("a.ts", "const s = 'color=red;size=2';"),
        ("a.rs", "#[cfg(test)]\nmod tests {\n  let url = \"postgres://db/books\";"),
    ] {
        assert!(facts(path, line).is_empty(), "{line}: {:?}", facts(path, line));
    }
}

#[test]
fn secrets_given_to_secret_names_are_found() {
    for (path, line, expected) in [
        ("A.java", "bob.password(\"hunter2\");", "secret password 1:15"),
        ("A.java", "source.setPassword(\"hunter2\");", "secret setPassword 1:21"),
        ("A.java", "private static final String DB_PASSWORD = \"hunter2\";", "secret DB_PASSWORD 1:44"),
        ("a.php", "$c->setParameter('pdo_password', 'hunter2');", "secret pdo_password 1:35"),
        ("a.php", "define('DB_PASSWORD', 'hunter2');", "secret DB_PASSWORD 1:24"),
        ("a.php", "'password' => 'hunter2',", "secret password 1:16"),
        ("a.js", "  password: 'hunter2',", "secret password 1:14"),
        ("a.ts", "const dbPassword: string = 'hunter2';", "secret dbPassword 1:29"),
        ("a.js", "{ \"password\": \"hunter2\" }", "secret password 1:16"),
        ("a.py", "connect(host=h, password=\"hunter2\")", "secret password 1:27"),
        ("a.py", "SECRET_KEY = os.getenv('SECRET_KEY', 'a8f5f167f44f4964e6c998dee827110c')", "secret SECRET_KEY 1:39"),
        ("a.ts", "secret: 'supersecret1',", "secret secret 1:10"),
        ("a.ts", "process.env.JWT_SECRET || 'changeme'", "secret JWT_SECRET 1:28"),
        ("a.rs", "let password = \"hunter2\";", "secret password 1:17"),
        ("a.go", "Password: \"hunter2\",", "secret Password 1:12"),
        ("a.sql", "GRANT ALL ON books.* TO 'shop'@'%'\nIDENTIFIED BY 'hunter2';", "secret IDENTIFIED BY 2:16"),
        ("a.sql", "CREATE USER shop WITH PASSWORD 'hunter2';", "secret PASSWORD 1:33"),
        ("a.sh", "export DB_PASSWORD=hunter2", "secret DB_PASSWORD 1:20"),
        ("a.sh", "DB_PASSWORD=\"hunter2\"", "secret DB_PASSWORD 1:14"),
    ] {
        assert_eq!(facts(path, line), [expected], "{line}");
    }
}

#[test]
fn what_only_looks_like_a_secret_is_none() {
    for (path, line) in [
        ("a.js", "const TOKEN = 'token';"),
        ("a.js", "const ACCESS_TOKEN = 'access_token';"),
        ("a.js", "password: 'password',"),
        ("a.js", "password: '',"),
        ("a.js", "password: process.env.DB_PASSWORD,"),
        ("a.js", "password: process.env['DB_PASSWORD'],"),
        ("a.js", "if (password === 'hunter2') {"),
        ("a.js", "password: 'Please enter your password',"),
        ("a.js", "password: 'errors.password.required',"),
        ("a.js", "password: 'required|min:8',"),
        ("a.js", "password: '#password-input',"),
        ("a.js", "password: 'newPassword',"),
        ("a.js", "<input type=\"password\" name=\"password\" placeholder=\"hunter2\">"),
        ("a.js", "setPassword('');"),
        ("a.js", "const tokenUrl = '/oauth/token';"),
        ("a.ts", "provide: JWT_SECRET_TOKEN, token: 'AUTH_SERVICE',"),
        ("a.ts", "@ApiProperty({ example: 'hunter2' }) password: string;"),
        ("a.ts", "password: 'string',"),
        ("a.py", "parser.add_argument('--password', default='hunter2')"),
        ("a.py", "password = f\"{prefix}\""),
        ("a.py", "password = \"%s\" % x"),
        ("a.go", "Password string `json:\"password\"`"),
        ("a.go", "os.Getenv(\"DB_PASSWORD\")"),
        ("A.java", "@Value(\"${db.password}\") String password;"),
        ("A.java", "@Column(name = \"password\")"),
        ("a.sql", "INSERT INTO fields VALUES ('password', 'hunter2');"),
        ("a.sql", "password VARCHAR(20) DEFAULT 'x'"),
        ("a.sh", "DB_PASSWORD=$(cat /run/secrets/db)"),
        ("a.sh", "DB_PASSWORD=\"$DB_PASSWORD\""),
        ("a.ts", "headers: { 'X-Auth-Token': token }"),
        ("a.ts", "const authToken = 'x-auth-token';"),
    ] {
        assert!(facts(path, line).is_empty(), "{line}: {:?}", facts(path, line));
    }
}

#[test]
fn long_lines_and_cut_files_cost_nothing() {
    let line = format!("password = 'hunter2';{}", "x".repeat(super::LINE_LIMIT));
    assert!(facts("a.js", &line).is_empty());
    let text = "x = \"pö\\\" 'ß'\nu = `redis://${process.env.ÄX}@h/x` // 'ä\npassword = os.getenv('Ü', 'ö')\n";
    for end in 0..text.len() {
        if let Some(cut) = text.get(..end) {
            for path in ["a.js", "a.rs", "a.sql", "a.sh", "A.java"] {
                facts(path, cut);
            }
        }
    }
}

#[test]
fn what_stands_in_an_example_is_no_secret() {
    let model = |key: &str| {
        format!(
            "class NewUser:\n    config = {{\n        \"{key}\": [\n            {{\n                \"password\": \"hunter2hunter2\",\n            }},\n        ]\n    }}\n"
        )
    };
    assert_eq!(facts("app/users.py", &model("examples")), Vec::<String>::new());
    assert_eq!(facts("app/users.py", &model("defaults")), ["secret password 5:30"]);
    // An example that has ended says nothing about what follows.
    let after = "examples = [\n    1,\n]\nusers = {\n    \"password\": \"hunter2hunter2\",\n}\n";
    assert_eq!(facts("app/users.py", after), ["secret password 5:18"]);
}
