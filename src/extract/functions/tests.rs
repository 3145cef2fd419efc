//! Functions of `serverless.yml` and of templates of AWS SAM.

use crate::extract::functions::{claims_document, read_document};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::function::{Function, Starts};
use crate::source::file::{FileId, SourceFile};
use crate::source::path::EstatePath;
use crate::syntax::yaml;

fn functions(path: &str, text: &str) -> Vec<String> {
    let file = SourceFile { id: FileId(0), path: EstatePath::new(path), text };
    let tree = yaml::parse(file.id, text);
    let mut reading = Reading::new(file);
    for document in tree.documents() {
        if claims_document(EstatePath::new(path), document) {
            read_document(&mut reading, document);
        }
    }
    let facts = reading.into_facts().facts;
    facts.iter().filter_map(|fact| if let Fact::Function(one) = fact { Some(told(one)) } else { None }).collect()
}

fn told(one: &Function) -> String {
    let bundler = match &one.bundler {
        Answer::Present(name, _) => name.as_str().to_owned(),
        Answer::Absent(_) => "none".to_owned(),
        Answer::Unknown(reason) => format!("unknown: {}", reason.0),
    };
    let handler = one.handler.map_or("", EstatePath::as_str);
    format!("{} {:?} in {} runs {handler} of {:?}, bundled with {bundler}", one.name, one.runtime, one.folder, one.tool)
}

#[test]
fn functions_of_the_serverless_framework() {
    let text = "service: shop\nframeworkVersion: '^3.40.0'\nprovider: {name: aws, runtime: nodejs20.x}\n\
                plugins: [serverless-offline, serverless-esbuild]\nfunctions:\n  create: {handler: src/orders.create}\n  \
                report: {handler: src/report.run, runtime: python3.12}\n  picture: {image: shop/picture}\n  far: ${file(far.yml)}\n";
    assert_eq!(
        functions("orders/serverless.yml", text),
        [
            "create Some(Node) in orders runs orders/src/orders of Serverless, bundled with serverless-esbuild",
            "report Some(Python) in orders runs orders/src/report of Serverless, bundled with serverless-esbuild",
        ]
    );
}

#[test]
fn what_serverless_files_say_of_bundling() {
    let of = |more: &&str| {
        let text = format!(
            "service: shop\nprovider: {{name: aws, runtime: nodejs22.x}}\nfunctions: {{create: {{handler: orders.create}}}}\n{more}\n"
        );
        functions("serverless.yml", &text).join("\n")
    };
    let all = [
        "",
        "frameworkVersion: 4",
        "build: {esbuild: {minify: true}}",
        "build: {esbuild: {bundle: false}}",
        "plugins: {modules: [serverless-webpack]}",
        "plugins: ${file(plugins.yml)}",
        "package: {artifact: shop.zip}",
    ];
    assert_eq!(
        all.iter().map(of).collect::<Vec<_>>(),
        [
            "create Some(Node) in  runs orders of AnyServerless, bundled with none",
            "create Some(Node) in  runs orders of Serverless4, bundled with none",
            "create Some(Node) in  runs orders of AnyServerless, bundled with esbuild",
            "create Some(Node) in  runs orders of AnyServerless, bundled with none",
            "create Some(Node) in  runs orders of AnyServerless, bundled with serverless-webpack",
            "create Some(Node) in  runs orders of AnyServerless, bundled with unknown: another file lists the plugins",
            "create Some(Node) in  runs orders of AnyServerless, bundled with unknown: what is uploaded is built elsewhere",
        ]
    );
}

#[test]
fn functions_of_aws_sam() {
    let text = "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Runtime: nodejs22.x}}\nResources:\n  \
                Create:\n    Type: AWS::Serverless::Function\n    Metadata: {BuildMethod: esbuild}\n    Properties: {CodeUri: orders/, Handler: app.create}\n  \
                Plain:\n    Type: AWS::Serverless::Function\n    Properties: {CodeUri: mail/, Handler: app.send}\n  \
                Made:\n    Type: AWS::Serverless::Function\n    Metadata: {BuildMethod: makefile}\n    Properties: {CodeUri: mail/, Handler: app.send}\n  \
                Zip:\n    Type: AWS::Serverless::Function\n    Properties: {CodeUri: mail.zip, Handler: app.send}\n  \
                Inline:\n    Type: AWS::Serverless::Function\n    Properties: {InlineCode: 'x', Handler: index.send}\n  \
                Image:\n    Type: AWS::Serverless::Function\n    Properties: {PackageType: Image}\n  \
                Table:\n    Type: AWS::Serverless::SimpleTable\n";
    assert_eq!(
        functions("template.yaml", text),
        [
            "Create Some(Node) in orders runs orders/app of Sam, bundled with esbuild",
            "Plain Some(Node) in mail runs mail/app of Sam, bundled with none",
            "Made Some(Node) in mail runs mail/app of Sam, bundled with unknown: a Makefile builds it",
            "Zip Some(Node) in  runs app of Sam, bundled with unknown: what is uploaded is built elsewhere",
        ]
    );
}

#[test]
fn other_files_with_like_keys_are_none() {
    assert_eq!(functions("config.yml", "functions: {a: {handler: b.c}}\n"), Vec::<String>::new());
    assert_eq!(functions("stack.yml", "Resources: {Topic: {Type: 'AWS::SNS::Topic'}}\n"), Vec::<String>::new());
}

fn triggers(path: &str, text: &str) -> Vec<String> {
    let file = SourceFile { id: FileId(0), path: EstatePath::new(path), text };
    let tree = yaml::parse(file.id, text);
    let mut reading = Reading::new(file);
    for document in tree.documents() {
        read_document(&mut reading, document);
    }
    let told = |starts: Starts| match starts {
        Starts::Request { method, path } => format!("{method} {path}"),
        Starts::Message { broker, channel } => format!("{broker} {}", channel.map_or("?", |one| one.as_str())),
        Starts::Clock(schedule) => format!("clock {}", schedule.map_or("?", |one| one.as_str())),
    };
    let facts = reading.into_facts().facts;
    let functions = facts.iter().filter_map(|fact| if let Fact::Function(one) = fact { Some(one) } else { None });
    functions.flat_map(|one| &one.triggers).map(|one| told(one.starts)).collect()
}

#[test]
fn what_starts_functions_of_the_serverless_framework() {
    let text = "
service: shop
provider: {name: aws, runtime: nodejs20.x}
functions:
  create:
    handler: src/orders.create
    events:
      - http: POST orders
      - httpApi: { method: get, path: '/orders/{id}' }
      - httpApi: '*'
      - http: { method: any, path: '/{proxy+}' }
      - http: ${file(events.yml)}
      - sqs: arn:aws:sqs:eu-west-1:1234:late-orders
      - sqs: { arn: !GetAtt Orders.Arn, batchSize: 10 }
      - sqs: { arn: { Fn::GetAtt: [Unnamed, Arn] } }
      - sqs: !Ref Parameter
      - sns: dispatched
      - sns: { arn: !Ref Paid, topicName: paid }
      - eventBridge: { eventBus: shop, pattern: { source: [orders] } }
      - eventBridge: { schedule: rate(1 hour) }
      - schedule: rate(2 hours)
      - schedule: { rate: cron(0 12 * * ? *) }
      - websocket: $connect
resources:
  Resources:
    Orders: { Type: AWS::SQS::Queue, Properties: { QueueName: orders } }
    Unnamed: { Type: AWS::SQS::Queue }
";
    assert_eq!(
        triggers("serverless.yml", text),
        [
            "POST /orders",
            "GET /orders/{id}",
            "sqs arn:aws:sqs:eu-west-1:1234:late-orders",
            "sqs orders",
            "sqs ?",
            "sqs ?",
            "sns dispatched",
            "sns paid",
            "eventbridge shop",
            "eventbridge ?",
            "clock rate(2 hours)",
            "clock cron(0 12 * * ? *)",
        ]
    );
}

#[test]
fn what_starts_functions_of_sam() {
    let text = "
Resources:
  Orders: { Type: AWS::SQS::Queue, Properties: { QueueName: orders } }
  Create:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: src/create.handler
      Events:
        Api: { Type: HttpApi, Properties: { Method: post, Path: /orders } }
        Rest: { Type: Api, Properties: { Method: '*', Path: '/orders/{id}' } }
        All: { Type: HttpApi }
        Queue: { Type: SQS, Properties: { Queue: !GetAtt Orders.Arn } }
        Topic: { Type: SNS, Properties: { Topic: !Ref Elsewhere } }
        Bus: { Type: EventBridgeRule, Properties: { EventBusName: shop, Pattern: { source: [orders] } } }
        Night: { Type: Schedule, Properties: { Schedule: rate(1 day) } }
";
    let expected = ["POST /orders", "ANY /orders/{id}", "sqs orders", "sns ?", "eventbridge shop", "clock rate(1 day)"];
    assert_eq!(triggers("template.yaml", text), expected);
}
