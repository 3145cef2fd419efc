//! SQL in, statements out.

use super::{Dialect, HOLE, Script, Statement, parse};

/// `select reads a, s.b writes c upserts`, one line for each statement.
fn lines(text: &str, dialect: Dialect) -> Vec<String> {
    parse(text, dialect).statements.iter().map(line).collect()
}

fn line(statement: &Statement) -> String {
    let mut line = format!("{:?}", statement.kind).to_lowercase();
    for (word, tables) in [("reads", &statement.reads), ("writes", &statement.writes)] {
        if !tables.is_empty() {
            let names: Vec<String> = tables
                .iter()
                .map(|table| match &table.schema {
                    Some(schema) => format!("{schema}.{}", table.name),
                    None => table.name.clone(),
                })
                .collect();
            line.push_str(&format!(" {word} {}", names.join(", ")));
        }
    }
    if statement.upserts {
        line.push_str(" upserts");
    }
    if statement.counts {
        line.push_str(" counts");
    }
    line
}

#[test]
fn statements_tell_what_they_read_and_write() {
    for (text, expected) in [
        ("SELECT * FROM orders WHERE id = $1", "select reads orders"),
        (
            "select o.id from sales.orders o left join \"Order Lines\" l on l.o = o.id, stock s",
            "select reads sales.orders, Order Lines, stock",
        ),
        ("SELECT 1", "select"),
        ("(SELECT a FROM x) UNION ALL (SELECT b FROM y)", "select reads x, y"),
        ("SELECT EXTRACT(year FROM created), trim(both ' ' from name) FROM orders", "select reads orders"),
        ("SELECT * FROM a WHERE a.x IS DISTINCT FROM a.y AND id IN (SELECT id FROM b)", "select reads a, b"),
        ("SELECT * FROM unnest($1::int[]) AS u(id) JOIN a ON a.id = u.id", "select reads a"),
        ("SELECT * FROM (SELECT * FROM inner_t) t JOIN (b JOIN c ON true) ON true", "select reads inner_t, b, c"),
        ("SELECT * FROM a CROSS JOIN LATERAL (SELECT 1 FROM b) x", "select reads a, b"),
        ("SELECT * FROM orders FOR UPDATE SKIP LOCKED", "select reads orders"),
        (
            "WITH recent AS (SELECT * FROM orders), more(x) AS (SELECT 1 FROM recent) SELECT * FROM recent JOIN more ON true JOIN users ON true",
            "select reads orders, users",
        ),
        (
            "WITH RECURSIVE tree AS (SELECT * FROM nodes UNION SELECT n.* FROM nodes n JOIN tree t ON true) SELECT * FROM tree",
            "select reads nodes",
        ),
        (
            "WITH gone AS (DELETE FROM queue WHERE id = 1 RETURNING *) INSERT INTO archive SELECT * FROM gone",
            "insert writes queue, archive",
        ),
        (
            "INSERT INTO orders (id, total) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET total = excluded.total",
            "insert writes orders upserts",
        ),
        ("INSERT IGNORE INTO `orders` SET id = ?", "insert writes orders upserts"),
        ("INSERT OR IGNORE INTO orders VALUES (1)", "insert writes orders upserts"),
        ("insert into a(x) select y from b on duplicate key update x = 1", "insert reads b writes a upserts"),
        ("REPLACE INTO orders VALUES (1)", "insert writes orders upserts"),
        ("UPDATE stock SET amount = amount - $1 WHERE sku = $2", "update writes stock counts"),
        ("UPDATE a SET x = b.x FROM b WHERE b.id = a.id", "update reads b writes a"),
        ("UPDATE a SET x = 1, y = (SELECT max(y) FROM c)", "update reads c writes a"),
        ("DELETE FROM a USING b WHERE a.id = b.id", "delete reads b writes a"),
        ("TRUNCATE TABLE a, s.b CASCADE", "delete writes a, s.b"),
        (
            "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET x = 1 WHEN NOT MATCHED THEN INSERT VALUES (1)",
            "merge reads b writes a upserts",
        ),
        ("DROP TABLE IF EXISTS a, b", "droptable writes a, b"),
        ("COPY orders (id) FROM stdin", "insert writes orders"),
        ("CREATE VIEW v AS SELECT * FROM a", "other"),
        ("CREATE TABLE copy AS SELECT * FROM a", "createtable reads a writes copy"),
        ("START TRANSACTION", "begin"),
        ("PREPARE TRANSACTION 'x'", "preparetransaction"),
        ("xa prepare 'x'", "preparetransaction"),
        ("hello world", "other"),
    ] {
        assert_eq!(lines(text, Dialect::Generic), [expected], "{text}");
    }
}

#[test]
fn dialects_quote_in_their_own_ways() {
    assert_eq!(
        lines("SELECT * FROM [dbo].[Order Lines] WITH (NOLOCK)", Dialect::SqlServer),
        ["select reads dbo.Order Lines"]
    );
    assert_eq!(lines("SELECT \"text; from x\" FROM `orders`", Dialect::MySql), ["select reads orders"]);
    let function =
        "CREATE FUNCTION f() RETURNS void AS $$ BEGIN DELETE FROM x; END $$ LANGUAGE plpgsql; SELECT * FROM y;";
    assert_eq!(lines(function, Dialect::PostgreSql), ["other", "select reads y"]);
}

#[test]
fn definitions_tell_columns_and_unique_keys() {
    let text = "CREATE TABLE IF NOT EXISTS shop.orders (
  id uuid PRIMARY KEY, number numeric(10, 2) NOT NULL UNIQUE, -- the number
  customer int REFERENCES crm.customers (id),
  CONSTRAINT once UNIQUE (customer, number),
  KEY by_x (x), CHECK (number > 0)
);
CREATE UNIQUE INDEX CONCURRENTLY once2 ON shop.orders USING btree (lower(a), key);
ALTER TABLE ONLY shop.orders ADD COLUMN email text UNIQUE, ADD CONSTRAINT pk PRIMARY KEY (id), DROP COLUMN y;";
    let script = parse(text, Dialect::PostgreSql);
    let told: Vec<String> = script
        .statements
        .iter()
        .map(|statement| {
            let definition = statement.definition.as_ref().expect("a definition");
            let references: Vec<&str> = definition.references.iter().map(|table| table.name.as_str()).collect();
            format!("{} {:?} {:?} {references:?}", line(statement), definition.columns, definition.unique)
        })
        .collect();
    assert_eq!(
        told,
        [
            r#"createtable writes shop.orders ["id", "number", "customer"] [["id"], ["number"], ["customer", "number"]] ["customers"]"#,
            r#"createindex writes shop.orders [] [["lower", "key"]] []"#,
            r#"altertable writes shop.orders ["email"] [["email"], ["id"]] []"#,
        ]
    );
}

#[test]
fn names_that_only_the_program_knows_are_computed() {
    let script =
        parse(&format!("SELECT * FROM {HOLE} JOIN orders_{HOLE} ON id = {HOLE} JOIN lines ON true"), Dialect::Generic);
    let tables: Vec<(&str, bool)> =
        script.statements[0].reads.iter().map(|table| (table.name.as_str(), table.is_computed())).collect();
    assert_eq!(tables, [(HOLE, true), ("orders___hole__", true), ("lines", false)]);
}

#[test]
fn places_are_bytes_of_the_text() {
    let text = "-- größe\r\nSELECT 'ä' FROM\r\n  \"Bücher\" b;\n";
    let script = parse(text, Dialect::PostgreSql);
    let table = &script.statements[0].reads[0];
    assert_eq!(&text[table.start..table.end], "\"Bücher\"");
}

#[test]
fn hostile_text_is_read_in_bounded_time_and_stack() {
    for text in [
        "(".repeat(200_000),
        format!("SELECT {} 1", "1 + ".repeat(200_000)),
        format!("SELECT * FROM {} a", "(SELECT * FROM ".repeat(50_000)),
        "/*".repeat(100_000),
        "SELECT 'never closed".to_owned(),
        ";".repeat(100_000),
        "CREATE TABLE t (".to_owned(),
        "x".repeat(3 << 20),
    ] {
        let Script { statements, .. } = parse(&text, Dialect::Generic);
        assert!(statements.len() <= 10_000);
    }
}
