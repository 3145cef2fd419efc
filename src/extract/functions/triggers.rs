//! What starts a function: serverless.com/framework/docs/providers/aws/events and
//! docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html,
//! read 2026-12.

use super::{MOST, is_computed};
use crate::facts::function::{Starts, Trigger};
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// `events: [{http: GET /orders}, {sqs: {arn: !GetAtt Orders.Arn}}]`
pub fn of_serverless(document: Node<'_>, function: Node<'_>) -> Vec<Trigger> {
    let resources = document.at(&["resources", "Resources"]);
    let mut found = Vec::new();
    let events = function.get("events").into_iter().flat_map(Node::items).take(MOST);
    for (kind, value) in events.flat_map(Node::own_entries) {
        let Some(name) = kind.raw() else { continue };
        let of = |key: &str| value.get(key).or((!value.is_mapping()).then_some(value));
        let starts = match name {
            "http" | "httpApi" => {
                let short = value.text().and_then(|text| text.trim().split_once(char::is_whitespace));
                match short {
                    Some((method, path)) => request(method, path.trim()),
                    None => value
                        .get("method")
                        .zip(value.get("path"))
                        .and_then(|(method, path)| request(method.text()?, path.text()?)),
                }
            }
            "sqs" => sent_by("sqs", of("arn").and_then(|queue| stands_for(resources, queue, "QueueName", false))),
            "sns" => {
                let topic = value.get("topicName").or_else(|| of("arn"));
                sent_by("sns", topic.and_then(|topic| stands_for(resources, topic, "TopicName", true)))
            }
            "eventBridge" => {
                let bus = value.get("eventBus");
                sent_by("eventbridge", bus.and_then(|bus| stands_for(resources, bus, "Name", true)))
            }
            "schedule" => Some(Starts::Clock(of("rate").and_then(written))),
            _other => None,
        };
        found.extend(starts.map(|starts| Trigger { starts, span: kind.span() }));
    }
    found
}

/// `Events: {Create: {Type: HttpApi, Properties: {Method: post, Path: /orders}}}`
pub fn of_sam(document: Node<'_>, properties: Node<'_>) -> Vec<Trigger> {
    let resources = document.get("Resources");
    let mut found = Vec::new();
    for (name, event) in properties.get("Events").into_iter().flat_map(Node::own_entries).take(MOST) {
        let of = |key: &str| event.at(&["Properties", key]);
        let message = |broker: &str, key: &str, named: &str, bare: bool| {
            sent_by(broker, of(key).and_then(|target| stands_for(resources, target, named, bare)))
        };
        let starts = match event.get("Type").and_then(Node::text).unwrap_or_default() {
            "Api" | "HttpApi" => {
                of("Method").zip(of("Path")).and_then(|(method, path)| request(method.text()?, path.text()?))
            }
            "SQS" => message("sqs", "Queue", "QueueName", false),
            "SNS" => message("sns", "Topic", "TopicName", false),
            "EventBridgeRule" => message("eventbridge", "EventBusName", "Name", true),
            "Schedule" => Some(Starts::Clock(of("Schedule").and_then(written))),
            "ScheduleV2" => Some(Starts::Clock(of("ScheduleExpression").and_then(written))),
            _other => None,
        };
        found.extend(starts.map(|starts| Trigger { starts, span: name.span() }));
    }
    found
}

/// `None` where one path stands for all: the code behind it tells them apart.
fn request(method: &str, path: &str) -> Option<Starts> {
    let catches_all = path.contains("+}") || path.contains('*') || path.contains('$');
    if catches_all || is_computed(method) {
        return None;
    }
    let method = if method == "*" { "ANY".to_owned() } else { method.to_uppercase() };
    let path = format!("/{}", path.trim_matches('/'));
    Some(Starts::Request { method: Symbol::new(&method), path: Symbol::new(&path) })
}

fn sent_by(broker: &str, channel: Option<Symbol>) -> Option<Starts> {
    Some(Starts::Message { broker: Symbol::new(broker), channel })
}

fn written(node: Node<'_>) -> Option<Symbol> {
    node.text().filter(|text| !is_computed(text)).map(Symbol::new)
}

/// The name of what a text or a reference stands for: of an ARN, of `!GetAtt Orders.Arn`, of
/// `{Ref: Orders}`, where the document says how the resource is called. `bare`: it may be the name
/// itself.
fn stands_for(resources: Option<Node<'_>>, target: Node<'_>, named: &str, bare: bool) -> Option<Symbol> {
    let reference = target.get("Ref").or_else(|| target.get("Fn::GetAtt")).unwrap_or(target);
    let first = reference.items().next();
    let text = first.unwrap_or(reference).text().filter(|text| !is_computed(text))?;
    let logical = text.split('.').next().unwrap_or(text);
    match resources.and_then(|resources| resources.get(logical)) {
        Some(resource) => resource.at(&["Properties", named]).and_then(written),
        // A parameter of the template, or a resource of another one.
        None if first.is_some() || target.is_mapping() => None,
        None if text.starts_with("arn:") || (bare && !text.contains('.')) => Some(Symbol::new(text)),
        None => None,
    }
}
