//! What lies beside a service's code: its manifest, recipe, variables, contract and sources.

use super::{Dice, GeneratedFile, Language, Service, home, variable};

/// The code folder of one service.
pub fn write(service: &Service, all: &[Service], dice: &mut Dice, files: &mut Vec<GeneratedFile>) {
    let home = home(service);
    let name = &service.name;
    let mut add = |path: &str, text: String| files.push((format!("{home}/{path}"), text));
    match service.language {
        Language::Node => {
            add("package.json", package(name));
            add("src/server.js", node(service, all));
            add("src/orders.js", filler("function", " {", "  return", ";", "}", dice));
        }
        Language::Go => {
            add(
                "go.mod",
                format!(
                    "module code.example/{name}\n\ngo 1.24\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.10.0\n\tgithub.com/lib/pq v1.10.9\n\t\
                     google.golang.org/grpc v1.67.0\n)\n"
                ),
            );
            add("main.go", go(service, all));
            add(
                "internal/orders.go",
                format!("package internal\n\n{}", filler("func", " int {", "\treturn", "", "}", dice)),
            );
        }
        Language::Java => {
            add("pom.xml", pom(name));
            add("src/main/resources/application.yml", application(service));
            add(
                "src/main/java/example/Orders.java",
                format!(
                    "package example;\n\nclass Orders {{\n{}}}\n",
                    filler("static int", " {", "  return", ";", "}", dice)
                ),
            );
            add(
                "src/main/java/example/Application.java",
                format!(
                    "package example;\n\n@SpringBootApplication\npublic class Application {{\n  public static void main(String[] args) {{\n    \
                     SpringApplication.run(Application.class, args);\n  }}\n}}\n// {name}\n"
                ),
            );
        }
        Language::Python => {
            add(
                "requirements.txt",
                "fastapi==0.115.0\nuvicorn==0.32.0\npsycopg[binary]==3.2.3\nhttpx==0.27.2\n".to_owned(),
            );
            add("main.py", python(service, all));
            add("orders.py", filler("def", ":", "    return", "", "", dice));
        }
        Language::Rust => {
            add(
                "Cargo.toml",
                format!(
                    "[package]\nname = \"{name}\"\nversion = \"0.4.0\"\nedition = \"2024\"\n\n[dependencies]\naxum = \"0.8\"\ntokio = \
                     {{ version = \"1\", features = [\"full\"] }}\nreqwest = \"0.12\"\nsqlx = {{ version = \"0.8\", features = [\"postgres\"] }}\n"
                ),
            );
            add("src/main.rs", rust(service, all));
            add("src/orders.rs", filler("pub fn", " -> i64 {", "    ", "", "}", dice));
        }
        Language::Dotnet => {
            let project = name.replace('-', "");
            add(
                &format!("{project}.csproj"),
                "<Project Sdk=\"Microsoft.NET.Sdk.Web\">\n  <PropertyGroup>\n    <TargetFramework>net8.0</TargetFramework>\n  \
                 </PropertyGroup>\n  <ItemGroup>\n    <PackageReference Include=\"Npgsql\" Version=\"8.0.5\" />\n    <PackageReference \
                 Include=\"Grpc.AspNetCore\" Version=\"2.66.0\" />\n  </ItemGroup>\n</Project>\n"
                    .to_owned(),
            );
            add("appsettings.json", settings(service));
            add("Program.cs", "var builder = WebApplication.CreateBuilder(args);\nvar app = builder.Build();\napp.MapGet(\"/ready\", () => \"ok\");\napp.Run();\n".to_owned());
            add(
                "Orders.cs",
                format!("class Orders {{\n{}}}\n", filler("static int", " {", "  return", ";", "}", dice)),
            );
        }
    }
    add("Dockerfile", recipe(service.language, dice));
    add(".env", variables(service, all));
    if service.number.is_multiple_of(3) {
        add(&format!("proto/{}.proto", service.database), contract(service));
    } else {
        add("openapi.yaml", interface(service));
    }
    add("README.md", format!("# {name}\n\nPart of {}.\n", service.domain));
}

fn package(name: &str) -> String {
    format!(
        "{{\n  \"name\": \"@estate/{name}\",\n  \"version\": \"1.4.0\",\n  \"private\": true,\n  \"scripts\": {{\n    \"start\": \
         \"node src/server.js\",\n    \"test\": \"node --test\"\n  }},\n  \"dependencies\": {{\n    \"express\": \"^4.21.0\",\n    \
         \"axios\": \"^1.7.7\",\n    \"pg\": \"^8.13.0\"\n  }},\n  \"devDependencies\": {{\n    \"eslint\": \"^9.0.0\"\n  }}\n}}\n"
    )
}

fn pom(name: &str) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  \
         <modelVersion>4.0.0</modelVersion>\n  <groupId>example.estate</groupId>\n  <artifactId>{name}</artifactId>\n  \
         <version>1.4.0</version>\n  <dependencies>\n"
    );
    for artifact in ["spring-boot-starter-web", "spring-boot-starter-data-jpa", "spring-boot-starter-actuator"] {
        text.push_str(&format!(
            "    <dependency>\n      <groupId>org.springframework.boot</groupId>\n      <artifactId>{artifact}</artifactId>\n    </dependency>\n"
        ));
    }
    text.push_str(
        "    <dependency>\n      <groupId>org.postgresql</groupId>\n      <artifactId>postgresql</artifactId>\n    </dependency>\n  </dependencies>\n</project>\n",
    );
    text
}

fn recipe(language: Language, dice: &mut Dice) -> String {
    let user = if dice.once_in(2) { "USER 10001\n" } else { "" };
    match language {
        Language::Node => format!(
            "FROM node:22-alpine\nWORKDIR /app\nCOPY package.json ./\nRUN npm ci --omit=dev\nCOPY src ./src\nENV NODE_ENV=production\n{user}EXPOSE \
             8080\nCMD [\"node\", \"src/server.js\"]\n"
        ),
        Language::Go => format!(
            "FROM golang:1.24 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /out/app .\n\nFROM gcr.io/distroless/static\nCOPY \
             --from=build /out/app /app\n{user}ENTRYPOINT [\"/app\"]\n"
        ),
        Language::Java => format!(
            "FROM eclipse-temurin:21-jre\nCOPY target/app.jar /app.jar\n{user}ENTRYPOINT [\"java\", \"-jar\", \"/app.jar\"]\n"
        ),
        Language::Python => format!(
            "FROM python:3.13-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n{user}CMD \
             [\"uvicorn\", \"main:app\", \"--port\", \"8080\"]\n"
        ),
        Language::Rust => format!(
            "FROM rust:1.90 AS build\nWORKDIR /src\nCOPY . .\nRUN cargo build --release\n\nFROM debian:bookworm-slim\nCOPY --from=build \
             /src/target/release/app /app\n{user}CMD [\"/app\"]\n"
        ),
        Language::Dotnet => format!(
            "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build\nWORKDIR /src\nCOPY . .\nRUN dotnet publish -o /out\n\nFROM \
             mcr.microsoft.com/dotnet/aspnet:8.0\nCOPY --from=build /out /app\n{user}ENTRYPOINT [\"/app/app\"]\n"
        ),
    }
}

fn variables(service: &Service, all: &[Service]) -> String {
    let mut text = format!(
        "# for a start on one's own machine\nPORT=8080\nLOG_LEVEL=debug\nDATABASE_URL=postgres://{}:{}@{}:5432/{}\n",
        service.database, service.password, service.store, service.database
    );
    for to in &service.calls {
        text.push_str(&format!("{}_URL=http://{}:8080\n", variable(&all[*to]), all[*to].name));
    }
    text
}

fn application(service: &Service) -> String {
    format!(
        "server:\n  port: 8080\nspring:\n  application:\n    name: {}\n  datasource:\n    url: \
         jdbc:postgresql://${{DB_HOST:localhost}}:5432/{}\n    username: ${{DB_USER}}\n    password: ${{DB_PASSWORD}}\n  jpa:\n    \
         hibernate:\n      ddl-auto: validate\nmanagement:\n  endpoints:\n    web:\n      exposure:\n        include: health\n",
        service.name, service.database
    )
}

fn settings(service: &Service) -> String {
    format!(
        "{{\n  \"Logging\": {{ \"LogLevel\": {{ \"Default\": \"Information\" }} }},\n  \"ConnectionStrings\": {{\n    \"Default\": \
         \"Host={};Port=5432;Database={};Username={}\"\n  }},\n  \"AllowedHosts\": \"*\"\n}}\n",
        service.store, service.database, service.database
    )
}

fn contract(service: &Service) -> String {
    let package = &service.database;
    let title: String = service.name.split('-').map(capital).collect();
    format!(
        "syntax = \"proto3\";\n\npackage {package}.v1;\n\nservice {title} {{\n  rpc Get{title}(GetRequest) returns (Reply);\n  rpc \
         List{title}(ListRequest) returns (stream Reply);\n  rpc Create{title}(CreateRequest) returns (Reply);\n  rpc \
         Delete{title}(GetRequest) returns (Reply);\n}}\n\nmessage GetRequest {{\n  string id = 1;\n}}\n\nmessage ListRequest {{\n  int32 \
         page = 1;\n  int32 size = 2;\n}}\n\nmessage CreateRequest {{\n  string name = 1;\n  string request_id = 2;\n}}\n\nmessage Reply \
         {{\n  string id = 1;\n  string name = 2;\n  repeated string tags = 3;\n}}\n"
    )
}

fn interface(service: &Service) -> String {
    let mut text = format!("openapi: 3.0.3\ninfo:\n  title: {}\n  version: 1.0.0\npaths:\n", service.name);
    for (path, verb) in [("/items", "get"), ("/items/{id}", "get"), ("/orders", "post"), ("/orders/{id}", "delete")] {
        text.push_str(&format!(
            "  {path}:\n    {verb}:\n      summary: {verb} of {path}\n      parameters:\n        - name: trace\n          in: header\n          \
             schema:\n            type: string\n      responses:\n        \"200\":\n          description: done\n          content:\n            \
             application/json:\n              schema:\n                type: object\n                properties:\n                  id:\n                    \
             type: string\n"
        ));
    }
    text
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

fn node(service: &Service, all: &[Service]) -> String {
    let mut text = String::from(
        "'use strict';\nconst express = require('express');\nconst axios = require('axios');\nconst { Pool } = require('pg');\n\nconst app = \
         express();\nconst pool = new Pool({ connectionString: process.env.DATABASE_URL });\n",
    );
    for to in &service.calls {
        let to = &all[*to];
        text.push_str(&format!(
            "\napp.get('/{0}/:id', async (request, response) => {{\n  const base = process.env.{1}_URL || 'http://{0}:8080';\n  const found = await \
             axios.get(`${{base}}/items/${{request.params.id}}`, {{ timeout: 2000 }});\n  response.json(found.data);\n}});\n",
            to.name,
            variable(to)
        ));
    }
    text.push_str("\napp.listen(process.env.PORT || 8080);\n");
    text
}

fn go(service: &Service, all: &[Service]) -> String {
    let mut text = String::from(
        "package main\n\nimport (\n\t\"net/http\"\n\t\"os\"\n\n\t\"github.com/gin-gonic/gin\"\n)\n\nfunc main() {\n\trouter := gin.Default()\n",
    );
    for to in &service.calls {
        let to = &all[*to];
        text.push_str(&format!(
            "\trouter.GET(\"/{}\", func(context *gin.Context) {{\n\t\tresponse, err := http.Get(os.Getenv(\"{}_URL\") + \"/items\")\n\t\tif err != \
             nil {{\n\t\t\tcontext.Status(502)\n\t\t\treturn\n\t\t}}\n\t\tdefer response.Body.Close()\n\t\tcontext.Status(200)\n\t}})\n",
            to.name,
            variable(to)
        ));
    }
    text.push_str("\trouter.Run(\":8080\")\n}\n");
    text
}

fn python(service: &Service, all: &[Service]) -> String {
    let mut text = String::from("import os\n\nimport httpx\nfrom fastapi import FastAPI\n\napp = FastAPI()\n");
    for to in &service.calls {
        let to = &all[*to];
        text.push_str(&format!(
            "\n\n@app.get(\"/{}\")\nasync def {}():\n    async with httpx.AsyncClient(timeout=3.0) as client:\n        answer = await \
             client.get(os.environ[\"{}_URL\"] + \"/items\")\n    return answer.json()\n",
            to.name,
            to.database,
            variable(to)
        ));
    }
    text
}

fn rust(service: &Service, all: &[Service]) -> String {
    let mut text = String::from(
        "mod orders;\n\nuse axum::{Router, routing::get};\n\n#[tokio::main]\nasync fn main() {\n    let app = Router::new().route(\"/ready\", \
         get(|| async { \"ok\" }));\n    let listener = tokio::net::TcpListener::bind(\"0.0.0.0:8080\").await.unwrap();\n    \
         axum::serve(listener, app).await.unwrap();\n}\n",
    );
    for to in &service.calls {
        let to = &all[*to];
        text.push_str(&format!(
            "\nasync fn ask_{}() -> reqwest::Result<String> {{\n    let base = std::env::var(\"{}_URL\").unwrap_or_default();\n    \
             reqwest::get(format!(\"{{base}}/items\")).await?.text().await\n}}\n",
            to.database,
            variable(to)
        ));
    }
    text
}

/// A few dozen small functions, so that sources have the size of sources.
fn filler(keyword: &str, open: &str, returns: &str, end: &str, close: &str, dice: &mut Dice) -> String {
    let mut text = String::new();
    for number in 0..12 + dice.below(24) {
        let (a, b) = (dice.below(900), dice.below(900));
        text.push_str(&format!(
            "{keyword} total_of_{number}(){open}\n{returns} {a} + {b} * {number}{end}\n{close}\n\n"
        ));
    }
    text
}
