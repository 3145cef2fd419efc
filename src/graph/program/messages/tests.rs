//! Small sources, and what they do with messages.

use super::{Consume, Handler, Messages, messages};
use crate::facts::answer::Answer;
use crate::graph::program::sources::{shown, walked};
use crate::graph::program::value::Known;

/// `publish kafka topic orders`, `consume kafka topic orders by mail → handler late ? absent`.
fn lines(text: &str) -> Vec<String> {
    walked(&[("app/src/a.ts", text)], |walk| told(&messages(walk)))
}

fn told(messages: &Messages) -> Vec<String> {
    let mut lines = Vec::new();
    for publish in &messages.publishes {
        let mut line = format!("publish {} {} {}", publish.broker, publish.kind.word(), shown(&publish.channel));
        line.extend(publish.message.as_ref().map(|message| format!(" {}", shown(message))));
        line.extend(publish.attempts.value().map(|attempts| format!(" attempts {}", shown(attempts))));
        lines.push(line);
    }
    lines.extend(messages.consumes.iter().map(consumed));
    for binding in &messages.bindings {
        lines.push(format!("bind {} to {}", shown(&binding.queue), shown(&binding.channel)));
    }
    lines.dedup();
    lines
}

fn consumed(consume: &Consume) -> String {
    let mut line = format!("consume {} {} {}", consume.broker, consume.kind.word(), shown(&consume.channel));
    line.extend(consume.message.as_ref().map(|message| format!(" {}", shown(message))));
    line.extend(consume.group.as_ref().map(|group| format!(" by {}", shown(group))));
    if !consume.retains {
        line.push_str(" kept by nobody");
    }
    line.push_str(match &consume.handler {
        Handler::Function(_) => " handled",
        Handler::Around(..) => " around",
        Handler::Unknown => " by whom?",
    });
    line.push_str(&format!(" {:?}", consume.acks).to_lowercase());
    if consume.acks_unclear {
        line.push('?');
    }
    line.push_str(&dead(&consume.dead_letter));
    line
}

fn dead(answer: &Answer<Known>) -> String {
    match answer {
        Answer::Present(known, _) => format!(" dead letters to {}", shown(known)),
        Answer::Absent(_) => " no dead letters".to_owned(),
        Answer::Unknown(_) => " dead letters?".to_owned(),
    }
}

#[test]
fn kafka_consumers_get_their_handler_by_the_consumer_they_run_on() {
    let text = "
import { Kafka } from 'kafkajs';
const kafka = new Kafka({ brokers: ['kafka:9092'] });
const producer = kafka.producer();
export async function place(order) {
  await producer.send({ topic: process.env.TOPIC ?? 'orders', messages: [order] });
  await producer.sendBatch({ topicMessages: [{ topic: 'a', messages: [] }, { topic: 'b', messages: [] }] });
}
const consumer = kafka.consumer({ groupId: 'mail' });
const other = kafka.consumer({ groupId: 'audit' });
await consumer.subscribe({ topics: ['orders', 'refunds'] });
await other.subscribe({ topic: 'all' });
await consumer.run({ eachMessage: async ({ message }) => { await mail(message); } });
";
    assert_eq!(
        lines(text),
        [
            "publish kafka topic $TOPIC ?? orders",
            "publish kafka topic a",
            "publish kafka topic b",
            "consume kafka topic orders by mail handled late no dead letters",
            "consume kafka topic refunds by mail handled late no dead letters",
            "consume kafka topic all by audit by whom? late no dead letters",
        ]
    );
}

#[test]
fn rabbitmq_queues_tell_acknowledgement_and_dead_letters() {
    let text = "
import * as amqp from 'amqplib';
const connection = await amqp.connect('amqp://rabbit');
const channel = await connection.createChannel();
await channel.assertQueue('orders', { durable: true, deadLetterExchange: 'orders.dlx' });
await channel.assertQueue('mails');
await channel.bindQueue('orders', 'shop', 'order.*');
channel.consume('orders', (m) => { work(m); channel.ack(m); });
channel.consume('mails', (m) => work(m), { noAck: true });
channel.consume('foreign', (m) => work(m), options());
channel.publish('shop', 'order.placed', Buffer.from(''));
channel.sendToQueue('mails', Buffer.from(''));
";
    assert_eq!(
        lines(text),
        [
            "publish rabbitmq topic shop order.placed",
            "publish rabbitmq queue mails",
            "consume rabbitmq queue orders handled manual dead letters to orders.dlx",
            "consume rabbitmq queue mails handled early no dead letters",
            "consume rabbitmq queue foreign handled manual? dead letters?",
            "bind orders to shop",
        ]
    );
}

#[test]
fn callbacks_hand_the_channel_on() {
    let text = "
const amqp = require('amqplib/callback_api');
amqp.connect('amqp://rabbit', (error, connection) => {
  connection.createChannel((error, channel) => {
    channel.consume('orders', (m) => work(m), { noAck: true });
  });
});
";
    assert_eq!(lines(text), ["consume rabbitmq queue orders handled early dead letters?"]);
}

#[test]
fn jobs_have_attempts_and_a_set_of_failed_ones() {
    let text = "
import { Queue, Worker } from 'bullmq';
const queue = new Queue('mails', { connection, defaultJobOptions: { attempts: 3 } });
await queue.add('welcome', {});
await queue.add('bye', {}, { attempts: 5 });
new Worker('mails', async (job) => { await send(job); }, { connection });
";
    assert_eq!(
        lines(text),
        [
            "publish redis queue mails welcome attempts 3",
            "publish redis queue mails bye attempts 5",
            "consume redis queue mails handled late dead letters to the library's failed messages",
        ]
    );
}

#[test]
fn injected_queues_and_processors_are_named_by_their_tokens() {
    let text = "
import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import { Queue } from 'bullmq';
export class Mails {
  constructor(@InjectQueue('mails') private readonly queue: Queue) {}
  async send(to: string) { await this.queue.add('welcome', { to }); }
}
@Processor('mails')
export class MailProcessor extends WorkerHost {
  async process(job) { await deliver(job); }
}
";
    assert_eq!(
        lines(text),
        [
            "publish redis queue mails welcome",
            "consume redis queue mails handled late dead letters to the library's failed messages",
        ]
    );
}

#[test]
fn events_of_nest_go_where_their_clients_settings_say() {
    let text = "
import { NestFactory } from '@nestjs/core';
import { ClientsModule, Transport, EventPattern, ClientProxy } from '@nestjs/microservices';
import { Inject, Module } from '@nestjs/common';
@Module({ imports: [ClientsModule.register([
  { name: 'ORDERS', transport: Transport.RMQ, options: { urls: [], queue: 'orders_queue' } },
]), ClientsModule.registerAsync([
  { name: 'AUDIT', useFactory: () => ({ transport: Transport.KAFKA, options: {} }) },
])] })
export class AppModule {}
export class Shop {
  constructor(@Inject('ORDERS') private orders: ClientProxy, @Inject('AUDIT') private audit: ClientProxy) {}
  place() { this.orders.emit('order.placed', {}); this.audit.emit('audited', {}); }
}
export class Mails {
  @EventPattern('order.placed')
  async placed(data) { await mail(data); }
}
async function main() {
  const app = await NestFactory.createMicroservice(AppModule, {
    transport: Transport.RMQ, options: { queue: 'orders_queue' } });
}
main();
";
    assert_eq!(
        lines(text),
        [
            "publish rabbitmq queue orders_queue order.placed",
            "publish kafka topic audited audited",
            "consume rabbitmq queue orders_queue order.placed handled early no dead letters",
        ]
    );
}

#[test]
fn cloud_queues_are_named_by_their_input() {
    let text = "
import { SQSClient, SendMessageCommand, ReceiveMessageCommand, DeleteMessageCommand } from '@aws-sdk/client-sqs';
import AWS from 'aws-sdk';
import { Consumer } from 'sqs-consumer';
const sqs = new SQSClient({});
export async function send() { await sqs.send(new SendMessageCommand({ QueueUrl: process.env.ORDERS_QUEUE, MessageBody: '' })); }
export async function poll() { await sqs.send(new ReceiveMessageCommand({ QueueUrl: process.env.ORDERS_QUEUE })); }
const sns = new AWS.SNS();
export const notify = () => sns.publish({ TopicArn: 'arn:aws:sns:eu-central-1:1:orders' }).promise();
Consumer.create({ queueUrl: process.env.MAILS, handleMessage: async (m) => { await mail(m); } }).start();
";
    assert_eq!(
        lines(text),
        [
            "publish sqs queue $ORDERS_QUEUE",
            "publish sns topic arn:aws:sns:eu-central-1:1:orders",
            "consume sqs queue $MAILS handled late dead letters?",
            "consume sqs queue $ORDERS_QUEUE around manual dead letters?",
        ]
    );
}

#[test]
fn redis_and_nats_keep_nothing_for_those_who_are_away() {
    let text = "
import Redis from 'ioredis';
import { createClient } from 'redis';
import { connect } from 'nats';
const redis = new Redis();
redis.publish('cleared', '');
redis.subscribe('cleared');
redis.on('message', (channel, message) => clear(message));
redis.xadd('log', '*', 'a', 'b');
redis.xreadgroup('GROUP', 'readers', 'me', 'COUNT', 5, 'STREAMS', 'log', '>');
const client = createClient({ url: 'redis://cache' });
client.subscribe('news', (message) => show(message));
const nc = await connect({ servers: 'nats:4222' });
nc.publish('orders.placed', data);
const subscription = nc.subscribe('orders.*', { queue: 'mail' });
nc.jetstream().publish('kept', data);
";
    assert_eq!(
        lines(text),
        [
            "publish redis pubsub cleared",
            "publish redis stream log",
            "publish nats pubsub orders.placed",
            "publish nats stream kept",
            "consume redis pubsub cleared kept by nobody handled early no dead letters",
            "consume redis stream log by readers around manual no dead letters",
            "consume redis pubsub news kept by nobody handled early no dead letters",
            "consume nats pubsub orders.* by mail kept by nobody around early no dead letters",
        ]
    );
}

#[test]
fn names_like_those_of_brokers_are_none() {
    let text = "
import { EventEmitter2 } from '@nestjs/event-emitter';
export class Shop {
  constructor(private events: EventEmitter2) {}
  place() { this.events.emit('placed', {}); }
}
export function send(producer) { producer.send({ topic: 'x' }); }
";
    assert!(lines(text).is_empty());
}

#[test]
fn subscriptions_of_graphql_are_channels_that_keep_nothing() {
    let text = "
import { PubSub } from 'graphql-subscriptions';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { Inject } from '@nestjs/common';
const pubsub = new PubSub();
const shared = new RedisPubSub({ publisher, subscriber });
export class Posts {
  constructor(@Inject('EVENTS') private events: PubSub) {}
  async create(post) { await this.events.publish('postAdded', { post }); }
}
pubsub.publish('rated', {});
export const resolvers = { Subscription: {
  rated: { subscribe: () => pubsub.asyncIterator('rated') },
  renamed: { subscribe: () => shared.asyncIterableIterator(['renamed', 'moved']) },
} };
";
    let mut found = lines(text);
    found.sort();
    assert_eq!(
        found,
        [
            "consume in-process pubsub rated kept by nobody around early no dead letters",
            "consume redis pubsub moved kept by nobody around early no dead letters",
            "consume redis pubsub renamed kept by nobody around early no dead letters",
            "publish in-process pubsub postAdded",
            "publish in-process pubsub rated",
        ]
    );
}

#[test]
fn streams_and_producers_of_librdkafka_name_their_topics() {
    let text = "
import Kafka from '@confluentinc/kafka-javascript';
const producer = new Kafka.Producer({ 'bootstrap.servers': 'kafka:9092' });
producer.on('ready', () => producer.produce('orders', null, Buffer.from('x')));
const consumer = new Kafka.KafkaConsumer({ 'group.id': 'mail', 'enable.auto.commit': false }, {});
consumer.on('ready', () => { consumer.subscribe(['orders', 'refunds']); consumer.consume(); });
consumer.on('data', (m) => { mail(m); consumer.commitMessage(m); });
const stream = Kafka.Producer.createWriteStream({}, {}, { topic: 'logs' });
stream.write(Buffer.from('x'));
Kafka.KafkaConsumer.createReadStream({ 'group.id': 'audit' }, {}, { topics: ['logs'] }).on('data', (m) => show(m));
";
    assert_eq!(
        lines(text),
        [
            "publish kafka topic orders",
            "publish kafka topic logs",
            "consume kafka topic orders by mail handled manual no dead letters",
            "consume kafka topic refunds by mail handled manual no dead letters",
            "consume kafka topic logs by audit handled early no dead letters",
        ]
    );
}

#[test]
fn several_channels_of_redis_are_named_one_after_the_other() {
    let text = "
import Redis from 'ioredis';
const redis = new Redis();
redis.subscribe('cleared', 'filled', (error, count) => show(count));
redis.on('message', (channel, message) => clear(message));
";
    assert_eq!(
        lines(text),
        [
            "consume redis pubsub cleared kept by nobody handled early no dead letters",
            "consume redis pubsub filled kept by nobody handled early no dead letters",
        ]
    );
}

#[test]
fn a_shared_channel_is_known_by_the_method_that_opens_it() {
    let text = "
import amqp from 'amqplib';
class Broker {
  async open() { return (await amqp.connect('amqp://rabbit')).createChannel(); }
}
let shared;
export class Mail {
  constructor(broker) { this.broker = new Broker(); }
  async begin() {
    shared = await this.broker.open();
    this.listen();
  }
  listen() { shared.consume('mails', (m) => work(m)); }
}
";
    assert_eq!(lines(text), ["consume rabbitmq queue mails handled manual dead letters?"]);
}

#[test]
fn where_the_way_is_lost_a_parameter_is_what_its_type_says() {
    let text = "
import type { Channel } from 'amqplib';
function typed(channel: Channel) { channel.sendToQueue('mails', Buffer.from('')); }
function untyped(channel) { channel.sendToQueue('others', Buffer.from('')); }
class Held {}
const found = new Held().channel;
typed(found);
untyped(found);
";
    assert_eq!(lines(text), ["publish rabbitmq queue mails"]);
}

#[test]
fn a_function_gives_what_its_argument_leads_to() {
    let text = "
import { Kafka } from 'kafkajs';
const producer = new Kafka({ brokers: ['kafka:9092'] }).producer();
function topicFor(kind) {
  switch (kind) {
    case 'placed':
    case 'changed':
      return 'orders';
    case 'paid':
      return 'payments';
    default:
      return 'others';
  }
}
const short = (event) => {
  const { kind } = event;
  if (kind === 'a') return 'as';
  else if (kind === 'b') return 'bs';
  return 'rest';
};
function asked(kind, all) {
  for (const one of all) { if (kind === 'a') return 'looped'; }
  if (all.length) { if (kind === 'a') return 'some'; }
  return 'none';
}
function changed(kind) {
  kind = kind.trim();
  if (kind === ' a') return 'wide';
  return 'narrow';
}
const send = (topic) => producer.send({ topic, messages: [] });
function publish(kind) {
  if (kind === 'sent') send('out'); else send('in');
}
send(topicFor('changed'));
send(topicFor('lost'));
send(short({ kind: 'b' }));
send(asked('a', process.argv));
send(changed(' a '));
publish('sent');
export const entry = (kind) => { send(topicFor(kind)); };
";
    assert_eq!(
        lines(text),
        [
            "publish kafka topic orders",
            "publish kafka topic others",
            "publish kafka topic bs",
            "publish kafka topic looped",
            "publish kafka topic some",
            "publish kafka topic none",
            "publish kafka topic wide",
            "publish kafka topic narrow",
            "publish kafka topic out",
            "publish kafka topic orders",
            "publish kafka topic payments",
            "publish kafka topic others",
        ]
    );
}
