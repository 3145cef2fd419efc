//! Pictures of the estate, read back by the tools that they are for, or as these read them.

#![expect(clippy::disallowed_methods, reason = "the tests start Graphviz and a browser")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use archlint::facts::answer::{Answer, Evidence};
use archlint::facts::call::Protocol;
use archlint::facts::network::RouteKind;
use archlint::graph::model::{Channel, Database, Server, ServiceId, Target};
use archlint::render::picture::{Edge, EdgeKind, Node, NodeKind, Picture, picture};
use archlint::render::{dot, graphml, mermaid, structurizr, svg};
use archlint::source::symbol::Symbol;
use quick_xml::events::Event;
use serde_json::Value;

use crate::estate::{self, Estate};
use crate::tools::{chromium, looked_at, on_path, said, script, told};

/// For every text a service, a database, a channel, a call and a way in of that name.
fn hostile_of<T: AsRef<str>>(texts: &[T]) -> Estate {
    let mut estate = estate::hostile_of(texts);
    for (at, text) in texts.iter().map(AsRef::as_ref).enumerate() {
        let name = Symbol::new(text);
        let service = ServiceId(at as u32);
        let next = (at as u32 + 1) % texts.len() as u32;
        let span = estate.graph.services[at].span;
        estate.graph.databases.push(Database {
            name,
            engine: name,
            kind: name,
            server: Server::Outside(name),
            schema: Some(name),
            accesses: vec![estate::access(service.0, span)],
        });
        estate.graph.channels.push(Channel {
            name,
            broker: name,
            kind: name,
            producers: vec![service],
            consumers: vec![ServiceId(next)],
            evidence: Evidence(vec![span]),
        });
        estate.graph.calls.push(estate::call(service.0, next, Protocol::Http, Vec::new(), true, span));
        let public = Answer::present(true, span);
        let way_in = estate::route(Target::Service(service), RouteKind::Ingress, Some(text), public, span);
        estate.graph.routes.push(way_in);
    }
    estate
}

/// Pictures of none, some, many and hostile names, and one with groups.
pub fn pictures() -> Vec<Picture> {
    let mut estates = vec![estate::none(), estate::one(), estate::many(), estate::odd(), hostile_of(estate::HOSTILE)];
    estates.extend((0..4).map(|seed| hostile_of(&estate::assembled(seed))));
    let mut all: Vec<Picture> = estates.iter().map(|estate| picture(&estate.graph)).collect();
    let group = |at: usize| Node {
        id: format!("g{at}"),
        kind: NodeKind::Group,
        label: vec![format!("no owner/{at}"), "2 services".to_owned(), "1 public".to_owned()],
    };
    let edge = |from, to| Edge { from, to, kind: EdgeKind::Asynchronous, label: "7 messages".to_owned(), count: 7 };
    all.push(Picture { nodes: vec![group(0), group(1)], edges: vec![edge(0, 1), edge(1, 0)], hidden: 2 });
    all.push(Picture::default());
    all
}

#[test]
fn graphviz_draws_every_box_and_line() {
    let Some(program) = said(on_path(&["dot"]), "no Graphviz here (install one)") else { return };
    for picture in pictures() {
        let mut child = Command::new(&program)
            .arg("-Tjson0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("dot runs");
        let text = dot::of_picture(&picture);
        child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("dot ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{text}");
        let read: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let number = |key: &str| read[key].as_array().map_or(0, Vec::len);
        assert_eq!((number("objects"), number("edges")), (picture.nodes.len(), picture.edges.len()), "{text}");
    }
}

/// Parses each chart with Mermaid and tells how many boxes and lines it has, or what is wrong.
const COUNT_CHARTS: &str = "addEventListener('load', async () => {
  const told = [];
  for (const chart of JSON.parse(document.getElementById('charts').textContent)) {
    try {
      await mermaid.parse(chart);
      const read = await mermaid.mermaidAPI.getDiagramFromText(chart);
      told.push([Array.from(read.db.getVertices().keys()).length, read.db.getEdges().length]);
    } catch (error) {
      told.push(String(error));
    }
  }
  const out = document.createElement('output');
  out.id = 'read';
  out.textContent = JSON.stringify(told);
  document.body.appendChild(out);
});";

#[test]
fn mermaid_reads_every_box_and_line() {
    let (Some(chromium), Some(library)) = (chromium(), script("mermaid.min.js")) else { return };
    let pictures = pictures();
    let charts: Vec<String> = pictures.iter().map(|picture| mermaid::of_picture(picture.clone())).collect();
    let data = serde_json::to_string(&charts).expect("JSON").replace('<', "\\u003c");
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><body><script type=\"application/json\" id=\"charts\">{data}</script>\
         <script src=\"file://{}\"></script><script>{COUNT_CHARTS}</script></body>",
        library.display()
    );
    let told = told(&looked_at(&chromium, &page, &["--dump-dom"]), "read");
    for ((picture, chart), told) in pictures.iter().zip(&charts).zip(told.as_array().expect("a list")) {
        let hidden = usize::from(picture.hidden > 0);
        assert_eq!(*told, serde_json::json!([picture.nodes.len() + hidden, picture.edges.len()]), "{chart}");
    }
}

#[test]
fn mermaid_stays_below_what_forges_draw() {
    let long = "a name of words, and (more) of them; ".repeat(4);
    let label = || (0..3).map(|_| long.clone()).collect();
    let nodes = (0..200).map(|at| Node { id: format!("s{at}"), kind: NodeKind::Service, label: label() }).collect();
    let edge = |at: usize| Edge {
        from: at % 200,
        to: (at * 7 + 1) % 200,
        kind: EdgeKind::Synchronous,
        label: long.clone(),
        count: 1,
    };
    let chart = mermaid::of_picture(Picture { nodes, edges: (0..900).map(edge).collect(), hidden: 0 });
    assert!(chart.chars().count() < 50_000, "{}", chart.chars().count());
    assert!(chart.contains(" hidden\"]"), "what is left out is counted");
}

/// Tags of a document with their attributes; ends have none and a slash.
fn tags(text: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut open = Vec::new();
    let mut tags = Vec::new();
    loop {
        let event = reader.read_event().expect("well-formed");
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                let mut attributes = BTreeMap::new();
                for attribute in tag.attributes() {
                    let attribute = attribute.expect("an attribute");
                    let value = attribute.unescape_value().expect("a value").into_owned();
                    attributes.insert(String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value);
                }
                tags.push((name.clone(), attributes));
                if matches!(event, Event::Start(_)) {
                    open.push(name);
                } else {
                    tags.push((format!("/{name}"), BTreeMap::new()));
                }
            }
            Event::End(tag) => {
                let name = open.pop().expect("an open tag");
                assert_eq!(name.as_bytes(), tag.name().as_ref());
                tags.push((format!("/{name}"), BTreeMap::new()));
            }
            Event::Eof => break,
            Event::Decl(_) | Event::Text(_) | Event::GeneralRef(_) => {}
            Event::CData(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => panic!("{event:?}"),
        }
    }
    assert_eq!(open, [""; 0]);
    tags
}

/// What the schema of GraphML 1.0 asks for: keys before the graph, data under declared keys of
/// their element, ids once, and edges between nodes that are there.
#[test]
fn graphml_keeps_to_its_schema() {
    for picture in pictures() {
        let text = graphml::render(&picture);
        let tags = tags(&text);
        assert_eq!(tags[0].0, "graphml");
        assert_eq!(tags[0].1["xmlns"], "http://graphml.graphdrawing.org/xmlns");
        let (mut keys, mut nodes, mut edges) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
        let mut inside = vec!["graphml".to_owned()];
        for (name, attributes) in &tags[1..] {
            if name.starts_with('/') {
                inside.pop();
                continue;
            }
            let parent = inside.last().map_or("", String::as_str).to_owned();
            inside.push(name.clone());
            match (parent.as_str(), name.as_str()) {
                ("graphml", "key") => {
                    assert!(nodes.is_empty(), "keys come first");
                    assert!(["node", "edge"].contains(&attributes["for"].as_str()));
                    assert!(["string", "int"].contains(&attributes["attr.type"].as_str()));
                    assert!(!attributes["attr.name"].is_empty());
                    assert!(keys.insert(attributes["id"].clone(), attributes["for"].clone()).is_none());
                }
                ("graphml", "graph") => assert_eq!(attributes["edgedefault"], "directed"),
                ("graph", "node") => assert!(nodes.insert(attributes["id"].clone()), "{text}"),
                ("graph", "edge") => edges.push((attributes["source"].clone(), attributes["target"].clone())),
                ("node" | "edge", "data") => assert_eq!(keys.get(&attributes["key"]), Some(&parent)),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((nodes.len(), edges.len()), (picture.nodes.len(), picture.edges.len()));
        assert!(edges.iter().all(|(from, to)| nodes.contains(from) && nodes.contains(to)), "{text}");
    }
}

#[test]
fn drawings_are_xml_that_does_nothing() {
    for picture in pictures() {
        let boxes = picture.nodes.iter().filter(|node| node.kind != NodeKind::World).count();
        let text = svg::render(picture);
        let known = ["svg", "style", "defs", "marker", "path", "g", "title", "text", "rect", "ellipse"];
        let mut drawn = 0;
        for (name, attributes) in tags(&text) {
            assert!(known.contains(&name.trim_start_matches('/')), "{name}");
            assert!(attributes.keys().all(|key| !key.starts_with("on") && !key.contains("href")), "{attributes:?}");
            let class = attributes.get("class").map_or("", String::as_str);
            drawn += usize::from(name == "g" && class.starts_with("node ") && !class.contains(" k-world"));
        }
        assert_eq!(drawn, boxes);
    }
}

/// The language's own rules, where its parser cannot be run.
#[test]
fn structurizr_reads_every_box_and_line() {
    for picture in pictures() {
        let text = structurizr::render(&picture);
        let read = crate::structurizr::workspace(&text).unwrap_or_else(|problem| panic!("{problem}\n{text}"));
        assert_eq!(read.elements, picture.nodes.len(), "{text}");
        let ends: BTreeSet<(usize, usize, bool)> = picture
            .edges
            .iter()
            .filter(|edge| edge.from != edge.to)
            .map(|edge| (edge.from, edge.to, edge.kind == EdgeKind::Asynchronous))
            .collect();
        assert!(read.relationships >= ends.len(), "{text}");
    }
}
