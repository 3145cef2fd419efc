//! What each form of connection text says, part by part.

use super::{ConnectionText, parse};
use crate::source::symbol::Symbol;

/// Engines as the table has them, as far as these tests need them.
fn engine_of(scheme: &str) -> Option<Symbol> {
    let bare = scheme.split('+').next().unwrap_or("").to_ascii_lowercase();
    let name = match bare.as_str() {
        "postgres" | "postgresql" | "pgsql" => "postgresql",
        "mysql" | "mysql2" => "mysql",
        "mariadb" | "mongodb" | "oracle" | "redis" | "sqlite" | "h2" | "cassandra" | "clickhouse" | "neo4j"
        | "cosmosdb" | "snowflake" => bare.as_str(),
        "rediss" => "redis",
        "sqlserver" | "mssql" | "sqlsrv" | "jtds" => "sqlserver",
        "amqp" => "rabbitmq",
        _ => return None,
    };
    Some(Symbol::new(name))
}

/// `engine user:password@host:port,host/database.schema key=value ro`; `?` for a placeholder.
fn shown(text: &str, found: &ConnectionText) -> String {
    let known = |known: &Option<String>| known.clone().unwrap_or_else(|| "?".to_owned());
    let mut out = found.engine.to_string();
    out.push(' ');
    if let Some(user) = &found.user {
        out += &known(&user.known);
    }
    if let Some(password) = &found.password {
        out += &format!(":{}", text.get(password.clone()).expect("in the text"));
    }
    let hosts: Vec<String> = found
        .hosts
        .iter()
        .map(|host| known(&host.name.known) + &host.port.map(|port| format!(":{port}")).unwrap_or_default())
        .collect();
    out += &format!("@{}", hosts.join(","));
    if let Some(database) = &found.database {
        out += &format!("/{}", known(&database.known));
    }
    if let Some(schema) = &found.schema {
        out += &format!(".{}", known(&schema.known));
    }
    for (key, value) in &found.options {
        out += &format!(" {key}={value}");
    }
    if found.read_only {
        out += " ro";
    }
    out
}

#[track_caller]
fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        let found = parse(text, &engine_of);
        assert_eq!(found.map(|found| shown(text, &found)).as_deref(), Some(*expected), "{text}");
    }
}

#[test]
fn urls_of_all_engines_are_read() {
    check(&[
        (
            "postgres://shop:pw@db.example:5433/orders?sslmode=disable",
            "postgresql shop:pw@db.example:5433/orders sslmode=disable",
        ),
        ("postgresql+asyncpg://shop@db/orders", "postgresql shop@db/orders"),
        ("postgresql://db/orders?schema=billing", "postgresql @db/orders.billing"),
        ("postgresql://db/orders?options=-c%20search_path%3Dbilling", "postgresql @db/orders.billing"),
        ("postgresql:///orders?host=/var/run/postgresql", "postgresql @/orders"),
        ("postgresql:///orders?host=db", "postgresql @db/orders"),
        ("postgres://a:p@ss@db/orders", "postgresql a:p@ss@db/orders"),
        ("postgres://a:p/w@db/orders", "postgresql a:p/w@db/orders"),
        ("postgres://db/my%20shop", "postgresql @db/my shop"),
        ("postgres://[2001:db8::1]:5432/orders", "postgresql @2001:db8::1:5432/orders"),
        ("mysql://root@mysql:3306/orders", "mysql root@mysql:3306/orders"),
        ("mariadb://root@db/orders", "mariadb root@db/orders"),
        (
            "mongodb://u:p@h1:27017,h2:27018/shop?authSource=admin&replicaSet=rs0",
            "mongodb u:p@h1:27017,h2:27018/shop authSource=admin replicaSet=rs0",
        ),
        (
            "mongodb+srv://cluster.example/shop?readPreference=secondaryPreferred",
            "mongodb @cluster.example/shop readPreference=secondaryPreferred ro",
        ),
        ("mssql+pyodbc://sa:pw@db:1433/shop?driver=x", "sqlserver sa:pw@db:1433/shop"),
        ("oracle+cx_oracle://u:p@db:1521/?service_name=ORDERS", "oracle u:p@db:1521/ORDERS"),
        ("redis://:pw@cache:6379/2", "redis :pw@cache:6379/2"),
        ("rediss://cache/1", "redis @cache/1"),
        ("sqlite:///data/shop.db", "sqlite @/data/shop.db"),
        ("sqlite::memory:", "sqlite @/:memory:"),
        ("file:./dev.db?mode=ro", "sqlite @/./dev.db"),
        ("cassandra://c1,c2:9042/orders", "cassandra @c1,c2:9042/orders"),
        ("clickhouse://ch:9000?database=events", "clickhouse @ch:9000/events"),
        ("neo4j+s://graph.example", "neo4j @graph.example"),
        ("amqp://guest:guest@mq:5672/%2F", "rabbitmq guest:guest@mq:5672//"),
        ("snowflake://u:p@account/db/schema", "snowflake u:p@account/db.schema"),
    ]);
}

#[test]
fn jdbc_forms_are_read() {
    check(&[
        (
            "jdbc:postgresql://db:5432/orders?currentSchema=billing&user=u&password=p",
            "postgresql u:p@db:5432/orders.billing",
        ),
        ("jdbc:mysql://h1,h2:3307/orders?useSSL=false", "mysql @h1,h2:3307/orders useSSL=false"),
        ("jdbc:mysql:loadbalance://h1,h2/orders", "mysql @h1,h2/orders"),
        ("jdbc:aws-wrapper:mariadb://db/orders", "mariadb @db/orders"),
        ("jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password=pw", "sqlserver sa:pw@db:1433/shop"),
        ("jdbc:jtds:sqlserver://db:1433/shop", "sqlserver @db:1433/shop"),
        ("jdbc:oracle:thin:@db:1521:XE", "oracle @db:1521/XE"),
        ("jdbc:oracle:thin:u/p@//db:1521/orders", "oracle u:p@db:1521/orders"),
        (
            "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=orders)))",
            "oracle @db:1521/orders",
        ),
        ("jdbc:oracle:thin:@orders_high", "oracle @/orders_high"),
        ("jdbc:h2:mem:shop;DB_CLOSE_DELAY=-1", "h2 @/mem:shop"),
        ("jdbc:h2:tcp://db:9092/shop", "h2 @db:9092/shop"),
        ("jdbc:sqlite:shop.db", "sqlite @/shop.db"),
        ("jdbc:tc:postgresql:16:///orders", "postgresql @/orders"),
        ("r2dbc:pool:postgresql://db/orders", "postgresql @db/orders"),
    ]);
}

#[test]
fn key_value_forms_are_read() {
    check(&[
        (
            "Server=tcp:db.example,1433;Initial Catalog=shop;User Id=sa;Password=pw;Encrypt=True",
            "sqlserver sa:pw@db.example:1433/shop Encrypt=True",
        ),
        ("Host=db;Port=5433;Database=orders;Username=u;Password=p", "postgresql u:p@db:5433/orders"),
        ("Port=5432;Server=db;Database=orders;User Id=u", "postgresql u@db:5432/orders"),
        ("Server=db;Port=3306;Database=orders;Uid=u;Pwd=p;", "mysql u:p@db:3306/orders"),
        ("Server=db;Database=shop;Trusted_Connection=True;", "sqlserver @db/shop"),
        ("Driver={PostgreSQL Unicode};Server=db;Database=orders;Uid=u;Pwd=p", "postgresql u:p@db/orders"),
        ("Driver={ODBC Driver 17 for SQL Server};Server=db;Database=orders;Uid=u;Pwd=p", "sqlserver u:p@db/orders"),
        ("Data Source=shop.db", "sqlite @/shop.db"),
        (
            "AccountEndpoint=https://shop.documents.example:443/;AccountKey=abc==;",
            "cosmosdb :abc==@shop.documents.example",
        ),
        (
            "host=db port=5432 dbname=orders user=u password='p w' sslmode=disable",
            "postgresql u:p w@db:5432/orders sslmode=disable",
        ),
        ("mysql:host=mysql;dbname=ratings;charset=utf8mb4", "mysql @mysql/ratings"),
        ("pgsql:host=db port=5432 dbname=orders", "postgresql @db:5432/orders"),
        ("sqlsrv:Server=db,1433;Database=shop", "sqlserver @db:1433/shop"),
        ("u:p@tcp(db:3306)/orders?parseTime=true", "mysql u:p@db:3306/orders"),
        ("u:p@unix(/run/mysqld/mysqld.sock)/orders", "mysql u:p@/orders"),
        ("cache:6379,password=pw,ssl=True,defaultDatabase=1", "redis :pw@cache:6379/1 ssl=True"),
    ]);
}

#[test]
fn placeholders_leave_their_part_unknown() {
    check(&[
        ("jdbc:mysql://%s/cities?useSSL=false", "mysql @?/cities useSSL=false"),
        ("postgres://%s:%s@%s:%d/%s", "postgresql ?:%s@?/?"),
        ("mongodb://${MONGO_HOST:mongo/x}:27017/shop", "mongodb @?:27017/shop"),
        ("redis://{host}:{port}/0", "redis @?/0"),
        ("redis://$HOST:6379/{{ .Values.db }}", "redis @?:6379/?"),
        ("postgresql://#{host}/orders_#{env}", "postgresql @?/?"),
        ("mysql:host=%s;dbname=ratings", "mysql @?/ratings"),
        ("host=%s dbname=orders", "postgresql @?/orders"),
        ("postgres://u:a%2fb@db/x", "postgresql u:a%2fb@db/x"),
        ("jdbc:postgresql://<host>:5432/orders", "postgresql @?:5432/orders"),
    ]);
}

#[test]
fn read_only_endpoints_are_told_from_their_primary() {
    check(&[
        ("postgres://db-ro.example/orders", "postgresql @db-ro.example/orders ro"),
        ("postgres://shop.cluster-ro-abc.rds.example/orders", "postgresql @shop.cluster-ro-abc.rds.example/orders ro"),
        ("postgres://db-primary.example/orders", "postgresql @db-primary.example/orders"),
        ("postgres://rodeo.example/orders", "postgresql @rodeo.example/orders"),
        (
            "jdbc:postgresql://a,b/orders?targetServerType=preferSecondary",
            "postgresql @a,b/orders targetServerType=preferSecondary ro",
        ),
    ]);
}

#[test]
fn other_texts_state_no_connection() {
    for text in [
        "",
        "http://db/x",
        "https://shop.example",
        "postgres://",
        "redis://",
        "postgres",
        "file:./readme.md",
        "localhost:5432",
        "color=red;size=2",
        "Max-Age=3;Path=/;Secure=x",
        "a=b c=d",
        "host=db",
        "mysql: connection failed",
        "redis: nil",
        "sqlite",
        "postgresql: a=b",
        "k=v,x=y",
        "jdbc:",
        "jdbc:unknown://x/y",
        "display: block; color: red",
        "server=x",
        "mongodb://\nx",
    ] {
        assert_eq!(parse(text, &engine_of), None, "{text}");
    }
}

#[test]
fn cut_and_odd_texts_do_not_panic() {
    let texts = [
        "jdbc:oracle:thin:u/p@(DESCRIPTION=(ADDRESS=(HOST=dä)(PORT=1))(CONNECT_DATA=(SID=x)))",
        "postgresql://ü:p@ß@[::1]:5432,h${A:-{b}}/dä?options=-c%20search_path=a&ssl=ö#x",
        "Driver={Pö};Server=tcp:h,1;Uid={u;x};AccountEndpoint=https://ä:1/;Data Source=x.db",
        "u:p@tcp([::1]:3306)/dä?x=%s%(a)s%ABC%",
        "cache:1,password='ä,ssl=True,defaultDatabase=$X$(Y)<z>#{w}",
        "host='ä b' dbname=x port=99999999",
    ];
    for text in texts {
        for start in 0..text.len() {
            for end in start..=text.len() {
                if let Some(cut) = text.get(start..end) {
                    parse(cut, &engine_of);
                }
            }
        }
    }
}
