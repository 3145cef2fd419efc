//! Small estates, and the channels between their services.

use crate::extract::extract;
use crate::facts::Facts;
use crate::graph::LinkOptions;
use crate::graph::link::link;
use crate::graph::model::ServiceId;
use crate::source::file::{FileId, SourceFile};
use crate::source::path::EstatePath;

/// `nats stream placed: shop -> mail, stock` for services given as their name and their code;
/// what is computed in the end.
fn lines(services: &[(&str, &str)]) -> Vec<String> {
    let mut files: Vec<(String, String)> = Vec::new();
    for (name, code) in services {
        let manifest = format!(
            "{{\"name\": \"{name}\", \"scripts\": {{\"start\": \"node src/main.ts\"}}, \"dependencies\": {{\"express\": \"4\"}}}}"
        );
        files.push((format!("{name}/package.json"), manifest));
        files.push((format!("{name}/src/main.ts"), (*code).to_owned()));
    }
    files.sort();
    let paths: Vec<EstatePath> = files.iter().map(|(path, _)| EstatePath::new(path)).collect();
    let read = |(number, (path, (_, text))): (usize, (&EstatePath, &(String, String)))| {
        extract(SourceFile { id: FileId(number as u32), path: *path, text })
    };
    let facts: Vec<Facts> = paths.iter().zip(&files).enumerate().map(read).collect();
    let graph = link(&facts, &paths, &LinkOptions::default());
    let names = |all: &[ServiceId]| {
        let names: Vec<String> = all.iter().map(|id| graph.service(*id).name.to_string()).collect();
        names.join(", ")
    };
    let told = graph.channels.iter().map(|one| {
        format!("{} {} {}: {} -> {}", one.broker, one.kind, one.name, names(&one.producers), names(&one.consumers))
    });
    let computed = graph.unresolved.iter().filter(|one| one.what == *"channel");
    told.chain(computed.map(|one| one.why.to_string())).collect()
}

const CHANNEL: &str = "
import amqp from 'amqplib';
const connection = await amqp.connect('amqp://rabbit');
const channel = await connection.createChannel();
";

fn rabbit(code: &str) -> String {
    format!("{CHANNEL}{code}")
}

#[test]
fn a_queue_that_takes_some_messages_of_an_exchange_is_their_channel() {
    let shop = rabbit("channel.publish('shop', 'order.placed', x); channel.publish('shop', 'order.lost', x);");
    let mail = rabbit(
        "const { queue } = await channel.assertQueue('mails');
         await channel.bindQueue(queue, 'shop', 'order.placed');
         channel.consume(queue, (m) => mail(m));",
    );
    let stock = rabbit(
        "const q = await channel.assertQueue('stock', { durable: true });
         await channel.bindQueue(q.queue, 'shop', 'order.#');
         channel.consume(q.queue, (m) => take(m));",
    );
    assert_eq!(
        lines(&[("shop", &shop), ("mail", &mail), ("stock", &stock)]),
        ["rabbitmq queue mails: shop -> mail", "rabbitmq queue stock: shop -> stock"]
    );
}

#[test]
fn an_exchange_that_gives_all_of_its_messages_to_each_queue_is_the_channel() {
    let shop = rabbit("channel.publish('placed', '', x); channel.sendToQueue('direct', x);");
    let mail = rabbit(
        "const q = await channel.assertQueue('', { exclusive: true });
         channel.bindQueue(q.queue, 'placed', '');
         channel.consume(q.queue, (m) => mail(m));",
    );
    let stock = rabbit(
        "channel.assertQueue('stock-placed');
         channel.bindQueue('stock-placed', 'placed', '');
         channel.consume('stock-placed', (m) => take(m));
         channel.bindQueue('direct', 'placed', '');
         channel.consume('direct', (m) => take(m));",
    );
    assert_eq!(
        lines(&[("shop", &shop), ("mail", &mail), ("stock", &stock)]),
        ["rabbitmq queue direct: shop -> stock", "rabbitmq topic placed: shop -> mail, stock"]
    );
}

#[test]
fn queues_that_callbacks_give_have_their_names() {
    let code = "
const amqp = require('amqplib/callback_api');
amqp.connect('amqp://rabbit', (error, connection) => {
  connection.createChannel((error, channel) => {
    channel.assertQueue('', { exclusive: true }, (error, q) => {
      channel.bindQueue(q.queue, 'logs', '');
      channel.consume(q.queue, (m) => show(m), { noAck: true });
    });
  });
});
";
    assert_eq!(lines(&[("reader", code)]), ["rabbitmq topic logs:  -> reader"]);
}

#[test]
fn a_queue_whose_name_is_computed_is_none() {
    let code = rabbit("channel.consume(name(), (m) => show(m));");
    assert_eq!(lines(&[("reader", &code)]), ["the name of the topic or queue is computed"]);
}

#[test]
fn placeholders_take_what_they_stand_for() {
    let shop = "
import { connect } from 'nats';
import mqtt from 'mqtt';
const nc = await connect({});
nc.publish('orders.placed', x);
const client = mqtt.connect('mqtt://broker');
client.publish('doors/front/open', 'x');
";
    let mail = "
import { connect } from 'nats';
import mqtt from 'mqtt';
const nc = await connect({});
nc.subscribe('orders.*', { callback: (error, m) => mail(m) });
nc.subscribe('parcels.>', { callback: (error, m) => mail(m) });
const client = mqtt.connect('mqtt://broker');
client.subscribe('doors/+/open');
";
    assert_eq!(
        lines(&[("shop", shop), ("mail", mail)]),
        [
            "mqtt pubsub doors/front/open: shop -> mail",
            "nats pubsub orders.placed: shop -> mail",
            "nats pubsub parcels.>:  -> mail",
        ]
    );
}

#[test]
fn consumers_of_a_stream_take_its_subjects() {
    let shop = "
import { connect } from 'nats';
const nc = await connect({});
const manager = await nc.jetstreamManager();
await manager.streams.add({ name: 'ORDERS', subjects: ['orders.*'] });
await nc.jetstream().publish('orders.placed', x);
";
    let mail = "
import { connect } from 'nats';
const nc = await connect({});
const consumer = await nc.jetstream().consumers.get('ORDERS', 'mail');
for await (const m of await consumer.consume()) { m.ack(); }
";
    assert_eq!(lines(&[("shop", shop), ("mail", mail)]), ["nats stream orders.placed: shop -> mail"]);
}

#[test]
fn subjects_of_publishers_and_listeners_stand_in_their_subclasses() {
    let shop = "
import nats, { Stan } from 'node-nats-streaming';
enum Subjects { Placed = 'order:placed', Paid = 'order:paid' }
interface Event { subject: Subjects; data: any }
abstract class Publisher<T extends Event> {
  abstract subject: T['subject'];
  constructor(protected client: Stan) {}
  send(data: T['data']) { this.client.publish(this.subject, JSON.stringify(data)); }
}
class Placed extends Publisher<any> { readonly subject = Subjects.Placed; }
const client = nats.connect('shop', 'id', { url: 'http://nats:4222' });
export async function place(order) { new Placed(client).send(order); }
";
    let mail = "
import nats, { Stan, Message } from 'node-nats-streaming';
const SUBJECTS = { placed: 'order:placed' } as const;
abstract class Listener {
  abstract subject: string;
  abstract group: string;
  abstract handle(data: any, message: Message): void;
  constructor(private client: Stan) {}
  options() { return this.client.subscriptionOptions().setManualAckMode(true).setDurableName(this.group); }
  listen() {
    const subscription = this.client.subscribe(this.subject, this.group, this.options());
    subscription.on('message', (message: Message) => this.handle(JSON.parse(message.getData() as string), message));
  }
}
class OnPlaced extends Listener {
  subject = SUBJECTS.placed;
  group = 'mail';
  handle(data: any, message: Message) { message.ack(); }
}
const client = nats.connect('shop', 'id', { url: 'http://nats:4222' });
new OnPlaced(client).listen();
";
    assert_eq!(lines(&[("shop", shop), ("mail", mail)]), ["nats stream order:placed: shop -> mail"]);
}

#[test]
fn what_answers_requests_takes_events_too() {
    let shop = "
import { ClientsModule, Transport, ClientProxy } from '@nestjs/microservices';
import { Inject, Module, Controller, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
@Controller('orders')
class Orders {
  constructor(@Inject('MAIL') private mail: ClientProxy) {}
  @Post() place() { this.mail.emit('placed', {}); }
}
@Module({ controllers: [Orders], imports: [ClientsModule.register([
  { name: 'MAIL', transport: Transport.RMQ, options: { queue: 'mails' } }])] })
class App {}
NestFactory.create(App).then((app) => app.listen(3000));
";
    let mail = "
import { MessagePattern, Transport } from '@nestjs/microservices';
import { Module, Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
@Controller()
class Mails {
  @MessagePattern('placed') placed(data) { return mail(data); }
}
@Module({ controllers: [Mails] })
class App {}
NestFactory.createMicroservice(App, { transport: Transport.RMQ, options: { queue: 'mails' } });
";
    assert_eq!(lines(&[("shop", shop), ("mail", mail)]), ["rabbitmq queue mails: shop -> mail"]);
    // Requests alone make no channel.
    assert!(lines(&[("mail", mail)]).is_empty());
}

#[test]
fn addresses_of_queues_and_topics_are_known_by_their_names() {
    let shop = "
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { SNSClient, PublishCommand } from '@aws-sdk/client-sns';
const sqs = new SQSClient({});
sqs.send(new SendMessageCommand({ QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/1/mails', MessageBody: '' }));
new SNSClient({}).send(new PublishCommand({ TopicArn: 'arn:aws:sns:eu-central-1:1:placed', Message: '' }));
";
    let mail = "
import { Consumer } from 'sqs-consumer';
Consumer.create({ queueUrl: process.env.QUEUE ?? 'https://sqs.eu-central-1.amazonaws.com/1/mails',
  handleMessage: async (m) => mail(m) }).start();
";
    assert_eq!(
        lines(&[("shop", shop), ("mail", mail)]),
        ["sns topic placed: shop -> ", "sqs queue mails: shop -> mail"]
    );
}

#[test]
fn settings_that_an_object_of_the_container_gives_are_followed() {
    let mail = "
import { NestFactory } from '@nestjs/core';
import { EventPattern, Transport } from '@nestjs/microservices';
import { Controller, Injectable, Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
@Injectable()
class Rabbit {
  constructor(private readonly settings: ConfigService) {}
  options(queue: string, noAck = false) {
    const urls = [this.settings.get('RABBIT_URI')];
    return { transport: Transport.RMQ, options: { urls, queue, noAck } };
  }
}
@Controller()
class Mails { @EventPattern('placed') placed(data) { return mail(data); } }
@Module({ controllers: [Mails], providers: [Rabbit] })
class App {}
async function main() {
  const app = await NestFactory.create(App);
  const rabbit = app.get<Rabbit>(Rabbit);
  app.connectMicroservice(rabbit.options('mails'));
  await app.startAllMicroservices();
}
main();
";
    assert_eq!(lines(&[("mail", mail)]), ["rabbitmq queue mails:  -> mail"]);
}

#[test]
fn services_of_moleculer_tell_each_other_events() {
    let shop = "
        import { ServiceBroker } from 'moleculer';
        const broker = new ServiceBroker({ requestTimeout: 1500 });
        broker.createService({
          name: 'shop',
          actions: {
            place(ctx) {
              ctx.emit('order.placed', ctx.params);
              this.broker.broadcast('order.seen');
            },
          },
        });";
    let mail = "
        import { Service } from 'moleculer';
        export default class Mail extends Service {
          constructor(broker) {
            super(broker);
            this.parseServiceSchema({ name: 'mail', events: { 'order.*'(ctx) {}, 'user.left': { handler() {} } } });
          }
        }";
    assert_eq!(
        lines(&[("shop", shop), ("mail", mail)]),
        [
            "moleculer pubsub order.placed: shop -> mail",
            "moleculer pubsub order.seen: shop -> mail",
            "moleculer pubsub user.left:  -> mail",
        ]
    );
}
