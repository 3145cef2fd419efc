//! Handlers, and what they do about their messages.

use std::collections::BTreeSet;

use super::{Delivery, delivery};
use crate::facts::answer::Answer;
use crate::graph::program::event::EventId;
use crate::graph::program::messages::{Handler, messages};
use crate::graph::program::sources::{shown, walked};
use crate::graph::program::stores::{StatementKind, stores};
use crate::graph::program::value::FrameId;

const RABBIT: &str = "
import * as amqp from 'amqplib';
import { Pool } from 'pg';
const pool = new Pool();
const connection = await amqp.connect('amqp://rabbit');
const channel = await connection.createChannel();
await channel.assertQueue('orders');
async function work(m) { await fetch('http://x'); }
async function handle(m) { await work(m); channel.ack(m); }
";

const KAFKA: &str = "
import { Kafka } from 'kafkajs';
const kafka = new Kafka({});
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'mail' });
await consumer.subscribe({ topic: 'orders' });
async function work(m) { await fetch('http://x'); }
";

/// `early`, `late` or `?`, and where failed messages go.
fn told(start: &str, rest: &str) -> String {
    let text = format!("{start}{rest}");
    walked(&[("app/src/a.ts", &text)], |walk| {
        let messages = messages(walk);
        let consume = messages.consumes.first().expect("a consumer");
        let frame: Option<FrameId> = match &consume.handler {
            Handler::Function(closure) => {
                let operation = walk.operation(closure, None, consume.event);
                operation.map(|operation| walk.events().operations[operation.0 as usize].frame)
            }
            Handler::Around(_, frame) => Some(*frame),
            Handler::Unknown => None,
        };
        // What the handler publishes is seen once it was walked.
        let messages = super::super::messages::messages(walk);
        let consume = messages.consumes.first().expect("a consumer");
        let statements = stores(walk).statements;
        let written: BTreeSet<EventId> =
            statements.iter().filter(|one| one.kind >= StatementKind::Write).map(|one| one.event).collect();
        let Delivery { early, dead_letter } =
            delivery(walk.events(), walk.modules(), &messages, consume, frame, &written);
        let early = match early {
            Answer::Present(..) => "early",
            Answer::Absent(_) => "late",
            Answer::Unknown(_) => "?",
        };
        let dead = match dead_letter {
            Answer::Present(known, _) => format!("to {}", shown(&known)),
            Answer::Absent(_) => "lost".to_owned(),
            Answer::Unknown(_) => "?".to_owned(),
        };
        format!("{early}, {dead}")
    })
}

#[test]
fn acknowledgements_are_early_where_work_follows() {
    for (handler, expected) in [
        ("async (m) => { await work(m); channel.ack(m); }", "late, lost"),
        ("async (m) => { channel.ack(m); await work(m); }", "early, lost"),
        ("handle", "late, lost"),
        ("async (m) => { await handle(m); await work(m); }", "early, lost"),
        ("async (m) => { if (!m) { channel.ack(m); return; } await work(m); channel.ack(m); }", "?, lost"),
        ("async (m) => { await work(m); }", "?, lost"),
        ("async (m) => { try { await work(m); } catch (e) { channel.ack(m); } }", "?, lost"),
        ("async (m) => { try { await work(m); channel.ack(m); } catch (e) { console.error(e); } }", "late, lost"),
        (
            "async (m) => { try { await work(m); channel.ack(m); } catch (e) { await pool.query('INSERT INTO failed VALUES (1)'); } }",
            "late, ?",
        ),
        (
            "async (m) => { try { await work(m); channel.ack(m); } catch (e) { channel.sendToQueue('orders.dead', m.content); } }",
            "late, to orders.dead",
        ),
    ] {
        assert_eq!(told(RABBIT, &format!("channel.consume('orders', {handler});")), expected, "{handler}");
    }
    assert_eq!(told(RABBIT, "channel.consume('orders', (m) => work(m), { noAck: true });"), "early, lost");
}

#[test]
fn work_that_nobody_waits_for_is_forgotten() {
    for (handler, expected) in [
        ("async ({ message }) => { await work(message); }", "late, lost"),
        ("async ({ message }) => { work(message); }", "early, lost"),
        ("({ message }) => work(message)", "late, lost"),
        ("({ message }) => work(message).catch(() => {})", "late, lost"),
        ("async ({ message }) => { count(message); }", "late, lost"),
        (
            "async ({ message }) => { try { await work(message); } catch (e) { await producer.send({ topic: 'orders.dlq', messages: [] }); } }",
            "late, to orders.dlq",
        ),
    ] {
        assert_eq!(told(KAFKA, &format!("await consumer.run({{ eachMessage: {handler} }});")), expected, "{handler}");
    }
}
