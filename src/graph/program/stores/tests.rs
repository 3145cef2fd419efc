//! Small sources, and what they do with databases.

use super::{Connection, Entity, Extent, Statement, Stores, stores};
use crate::facts::answer::Answer;
use crate::graph::program::sources::{shown, walked};

fn told(text: &str) -> Stores {
    walked(&[("app/src/a.ts", text)], stores)
}

/// `postgresql url $DATABASE_URL`
fn connections(text: &str) -> Vec<String> {
    told(text).connections.iter().map(connection).collect()
}

fn connection(one: &Connection) -> String {
    let mut line = one.engine.map_or("?".to_owned(), |engine| engine.to_string());
    let parts = [
        ("url", &one.url),
        ("host", &one.host),
        ("port", &one.port),
        ("database", &one.database),
        ("user", &one.user),
        ("prefix", &one.prefix),
    ];
    for (word, part) in parts {
        line.extend(part.as_ref().map(|known| format!(" {word} {}", shown(known))));
    }
    for (word, answer) in [("unverified", &one.unverified), ("synchronizes", &one.synchronizes)] {
        match answer {
            Answer::Present(..) => line.push_str(&format!(" {word}")),
            Answer::Absent(_) => {}
            Answer::Unknown(_) => line.push_str(&format!(" {word}?")),
        }
    }
    line
}

/// `write orders, read users in a transaction`
fn statements(text: &str) -> Vec<String> {
    told(text).statements.iter().map(statement).collect()
}

fn statement(one: &Statement) -> String {
    let mut line = format!("{:?}", one.kind).to_lowercase();
    for table in &one.tables {
        let schema = table.schema.map(|schema| format!("{schema}.")).unwrap_or_default();
        line.push_str(&format!(" {}{schema}{}", if table.writes { "!" } else { "" }, table.name));
    }
    line.extend(one.unclear.map(|why| format!(" ?{why}")));
    line.extend(one.counts.then_some(" counts"));
    line.extend(one.in_transaction.map(|_| " in a transaction"));
    line
}

fn entities(text: &str) -> Vec<String> {
    let line = |one: &Entity| {
        let unique: Vec<String> = one
            .unique
            .iter()
            .map(|columns| columns.iter().map(|column| column.as_str()).collect::<Vec<_>>().join("+"))
            .collect();
        format!("{}{} [{}]", one.table, if one.by_convention { "~" } else { "" }, unique.join(", "))
    };
    told(text).entities.iter().map(line).collect()
}

#[test]
fn drivers_tell_where_they_connect() {
    let text = "
import { Pool } from 'pg';
import mysql from 'mysql2/promise';
import Redis from 'ioredis';
import { MongoClient } from 'mongodb';
import { createClient } from 'redis';
import postgres from 'postgres';
new Pool({ connectionString: process.env.DATABASE_URL, ssl: { rejectUnauthorized: false } });
new Pool({ host: process.env.PGHOST ?? 'db', database: 'shop', user: 'shop' });
mysql.createPool({ host: 'mysql', port: 3306, database: 'books', user: 'u' });
new Redis({ host: 'cache', db: 2, keyPrefix: 'orders:' });
new Redis(process.env.REDIS_URL);
new MongoClient('mongodb://mongo/shop');
createClient({ url: 'redis://cache' });
postgres('postgres://db/x');
new Pool(options());
";
    assert_eq!(
        connections(text),
        [
            "postgresql url $DATABASE_URL unverified",
            "postgresql host $PGHOST ?? db database shop user shop",
            "mysql host mysql port 3306 database books user u",
            "redis host cache database 2 prefix orders:",
            "redis url $REDIS_URL",
            "mongodb url mongodb://mongo/shop",
            "redis url redis://cache",
            "postgresql url postgres://db/x",
            "postgresql url ?connectionString is made by a library host ?host is made by a library port ?port is made by a library database ?database is made by a library user ?user is made by a library unverified?",
        ]
    );
}

#[test]
fn settings_come_from_factories_as_well() {
    let text = "
import { TypeOrmModule } from '@nestjs/typeorm';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Sequelize } from 'sequelize';
import knex from 'knex';
import mongoose from 'mongoose';
@Module({ imports: [TypeOrmModule.forRootAsync({ useFactory: () => ({
  type: 'postgres', host: process.env.DB_HOST, database: 'orders', synchronize: true }) })] })
export class AppModule {}
export const source = new DataSource({ type: 'mysql', url: process.env.DB_URL, synchronize: process.env.SYNC === 'true' });
new Sequelize('shop', 'root', 'x', { host: 'db', dialect: 'mariadb' });
new Sequelize('postgres://db/shop', { logging: false });
knex({ client: 'pg', connection: { host: 'db', database: 'k' } });
knex({ client: 'pg', connection: process.env.KNEX_URL });
mongoose.connect(process.env.MONGO_URL, { dbName: 'books' });
";
    assert_eq!(
        connections(text),
        [
            "postgresql host $DB_HOST database orders synchronizes",
            "mysql url $DB_URL synchronizes?",
            "mariadb host db database shop user root",
            "? url postgres://db/shop",
            "postgresql host db database k",
            "postgresql url $KNEX_URL unverified?",
            "mongodb url $MONGO_URL database books",
        ]
    );
}

#[test]
fn queries_tell_their_tables() {
    let text = "
import { Pool } from 'pg';
const pool = new Pool();
export async function a(id, table) {
  await pool.query('SELECT * FROM orders o JOIN users u ON u.id = o.user_id WHERE o.id = $1', [id]);
  await pool.query({ text: 'INSERT INTO orders (id) VALUES ($1) ON CONFLICT DO NOTHING', values: [id] });
  await pool.query(`UPDATE stock SET amount = amount - ${id} WHERE sku = '${id}'`);
  await pool.query(`SELECT * FROM ${table}`);
  await pool.query(build());
  const client = await pool.connect();
  await client.query('DELETE FROM carts');
}
";
    assert_eq!(
        statements(text),
        [
            "read orders users",
            "upsert !orders",
            "write !stock counts",
            "read ?a table's name is only known when it runs",
            "other ?the query is made by a library",
            "write !carts",
        ]
    );
}

#[test]
fn repositories_stand_for_the_tables_of_their_entities() {
    let text = "
import { Entity, Column, PrimaryGeneratedColumn, Repository, DataSource, Unique } from 'typeorm';
import { InjectRepository } from '@nestjs/typeorm';
@Entity('orders')
@Unique(['customer', 'number'])
export class Order { @PrimaryGeneratedColumn() id: string; @Column({ unique: true }) email: string; }
@Entity()
export class OrderLine { @PrimaryGeneratedColumn() id: string; }
export class Service {
  constructor(@InjectRepository(Order) private orders: Repository<Order>, private source: DataSource) {}
  async place(order) {
    await this.orders.findOneBy({ id: 1 });
    await this.orders.save(order);
    await this.source.transaction(async (manager) => {
      await manager.save(OrderLine, {});
      await manager.getRepository(Order).upsert({}, ['id']);
    });
    await this.orders.createQueryBuilder('o').insert().values({}).orIgnore().execute();
    await this.source.query('SELECT 1 FROM audit');
  }
}
";
    assert_eq!(entities(text), ["orders [customer+number, id, email]", "order_line~ [id]"]);
    assert_eq!(
        statements(text),
        [
            "read orders",
            "write !orders",
            "write !order_line in a transaction",
            "upsert !orders in a transaction",
            "upsert !orders",
            "read audit",
        ]
    );
}

#[test]
fn models_of_prisma_and_tables_of_drizzle_are_read_and_written() {
    let text = "
import { PrismaClient } from '@prisma/client';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text } from 'drizzle-orm/pg-core';
class PrismaService extends PrismaClient {}
const prisma = new PrismaClient();
const db = drizzle(process.env.DATABASE_URL!);
export const orders = pgTable('orders', { id: text('id').primaryKey() });
export class A { constructor(private prisma: PrismaService) {} read() { return this.prisma.user.findMany(); } }
export async function a(id) {
  await prisma.order.create({ data: {} });
  await prisma.$queryRaw`SELECT * FROM \"Order\" WHERE id = ${id}`;
  await prisma.$transaction(async (tx) => { await tx.order.upsert({}); });
  await db.insert(orders).values({}).onConflictDoNothing();
  await db.select().from(orders).where(x);
  await db.query.orders.findMany();
}
";
    assert_eq!(entities(text), ["orders [id]"]);
    let mut told = statements(text);
    told.sort();
    assert_eq!(
        told,
        [
            "read Order",
            "read orders",
            "read orders",
            "read user",
            "upsert !order in a transaction",
            "upsert !orders",
            "write !order",
        ]
    );
    assert_eq!(connections(text), ["?", "postgresql url $DATABASE_URL"]);
}

#[test]
fn builders_are_one_statement_with_all_that_is_called_on_them() {
    let text = "
import knex from 'knex';
import { Kysely } from 'kysely';
import { Sequelize, Model, DataTypes } from 'sequelize';
import mongoose, { Schema } from 'mongoose';
const db = knex({ client: 'pg' });
const k = new Kysely({});
const sequelize = new Sequelize({ dialect: 'sqlite' });
class Invoice extends Model {}
Invoice.init({}, { sequelize, tableName: 'invoices_t' });
const Bill = sequelize.define('Bill', {});
const Book = mongoose.model('Book', new Schema({}));
export async function a() {
  await db('orders as o').where({ id: 1 }).first();
  await db('orders').insert({}).onConflict('id').merge();
  await db.raw('SELECT * FROM raw_t');
  await k.insertInto('lines').values({}).execute();
  await Invoice.findAll();
  await Bill.create({});
  await Book.find();
  await new Book({}).save();
  await sequelize.sync({ force: true });
}
";
    assert_eq!(
        statements(text),
        [
            "read orders",
            "upsert !orders",
            "read raw_t",
            "write !lines",
            "read invoices_t",
            "write !Bills",
            "read books",
            "write !books",
        ]
    );
    assert_eq!(told(text).syncs.len(), 1);
}

#[test]
fn transactions_may_be_held_open() {
    let text = "
import mysql from 'mysql2/promise';
const pool = mysql.createPool({});
export async function a() {
  const connection = await pool.getConnection();
  await connection.query('INSERT INTO before_t VALUES (1)');
  await connection.beginTransaction();
  await connection.query('INSERT INTO orders VALUES (1)');
  await connection.commit();
  await connection.query('INSERT INTO after_t VALUES (1)');
}
";
    assert_eq!(statements(text), ["write !before_t", "write !orders in a transaction", "write !after_t"]);
    let stores = told(text);
    let ends = stores.transactions.iter().map(|one| match &one.extent {
        Extent::Between(_, ends) => ends.len(),
        Extent::Callback(_) | Extent::Method(_) => 0,
    });
    assert_eq!(ends.collect::<Vec<_>>(), [1]);
}

#[test]
fn things_with_the_same_names_are_no_stores() {
    let text = "
const cache = new Map();
cache.set('a', 1);
export function a(repository) { return repository.save({}); }
const query = (sql) => sql;
query('SELECT * FROM orders');
";
    let stores = told(text);
    assert!(stores.connections.is_empty() && stores.statements.is_empty());
}

#[test]
fn decorators_make_methods_transactions() {
    for package in ["typeorm-transactional", "@nestjs-cls/transactional", "@mikro-orm/core"] {
        let text = format!(
            "
import {{ Transactional }} from '{package}';
export class Orders {{
  @Transactional() async place() {{}}
  async plain() {{}}
}}
"
        );
        let found = told(&text).transactions;
        assert!(matches!(found.as_slice(), [one] if matches!(one.extent, Extent::Method(_))), "{package}: {found:?}");
    }
    // Somebody else's decorator of that name is none.
    let text = "
import { Transactional } from './reports';
export class Orders { @Transactional() async place() {} }
";
    assert!(told(text).transactions.is_empty());
}

#[test]
fn tables_are_named_by_static_members_and_by_models() {
    let text = "
import { Model } from 'objection';
import { Sequelize } from 'sequelize';
import { EntitySchema } from 'typeorm';
class Line extends Model { static get tableName() { return 'order_lines'; } }
Line.query().insert({ a: 1 });
const sequelize = new Sequelize('postgres://db/shop');
const Bill = sequelize.define('Bill', {});
Bill.create({});
export const Refund = new EntitySchema({ name: 'RefundNote' });
";
    assert_eq!(statements(text), ["write !order_lines", "write !Bills"]);
    let tables: Vec<String> = told(text).entities.iter().map(|one| one.table.to_string()).collect();
    assert_eq!(tables, ["order_lines", "Bills", "refund_note"]);
}

#[test]
fn databases_may_be_named_once_connected() {
    let text = "
import { MongoClient } from 'mongodb';
const client = new MongoClient(process.env.MONGO_URL);
const db = client.db('shop');
db.collection('orders').insertOne({});
";
    assert_eq!(connections(text), ["mongodb url $MONGO_URL", "mongodb url $MONGO_URL database shop"]);
    assert_eq!(statements(text), ["write !orders"]);
}

#[test]
fn documents_that_queries_give_are_saved() {
    let text = "
import mongoose from 'mongoose';
const schema = new mongoose.Schema({ item: String });
schema.statics.build = (item) => new Order({ item });
const Order = mongoose.model('Order', schema);
export async function change(id) {
  const order = await Order.findById(id);
  order.set({ item: 'x' });
  await order.save();
  await Order.build('y').save();
}
";
    assert_eq!(statements(text), ["read orders", "write !orders", "write !orders"]);
}
