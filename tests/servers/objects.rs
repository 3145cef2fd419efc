//! Resolvers, gRPC servers, tRPC, Moleculer, platforms and clocks.

use super::{check, read};

#[test]
fn resolvers_stand_in_objects() {
    check(
        &[
            (
                "a.js",
                "const { ApolloServer } = require('@apollo/server');\nconst orders = require('./orders');\nconst resolvers = { Query: { ...orders.queries, health: () => 'ok' }, Mutation: { place: orders.place }, Order: { items: (order) => order.items, id: 5 }, Subscription: { placed: { subscribe: () => 1 } } };\nnew ApolloServer({ typeDefs: '', resolvers });\n",
            ),
            (
                "orders.js",
                "exports.queries = { orders: () => [] };\nexports.place = (_, { input }) => input.idempotencyKey;\n",
            ),
            (
                "b.js",
                "import fastify from 'fastify';\nimport mercurius from 'mercurius';\nconst app = fastify();\napp.register(mercurius, { schema: '', resolvers: { Query: { stock() {} } } });\n",
            ),
        ],
        &[
            "Mutation.place @orders.js:2 key field @orders.js:2",
            "Order.items @a.js:3",
            "Query.health @a.js:3",
            "Query.orders @orders.js:1",
            "Query.stock @b.js:4",
            "Subscription.placed @a.js:3",
        ],
        &[],
    );
}

#[test]
fn servers_of_grpc_have_services() {
    let files = [
        (
            "a.js",
            "const grpc = require('@grpc/grpc-js');\nconst loader = require('@grpc/proto-loader');\nconst shop = grpc.loadPackageDefinition(loader.loadSync('shop.proto')).shop.v1;\nfunction main() {\n  const server = new grpc.Server();\n  server.addService(shop.OrderService.service, { place, findOne: place });\n  server.bindAsync(`0.0.0.0:${process.env.PORT}`, grpc.ServerCredentials.createInsecure(), () => server.start());\n}\nfunction place(call, callback) { callback(null, call.request.requestId); }\nmain();\n",
        ),
        (
            "b.ts",
            "import { Server } from '@grpc/grpc-js';\nimport { StockServiceService } from '@shop/stubs';\nimport { gone } from './gone';\nclass Stock { list(call, callback) {} private = 1; }\nconst server = new Server();\nserver.addService(StockServiceService, new Stock());\nserver.addService(gone, {});\n",
        ),
        (
            "c.ts",
            "import { fastifyConnectPlugin } from '@connectrpc/connect-fastify';\nimport { fastify } from 'fastify';\nimport { ElizaService } from '@shop/eliza_connect';\nconst routes = (router) => { router.service(ElizaService, { async say(request) { return request; } }); };\nconst app = fastify();\napp.register(fastifyConnectPlugin, { routes });\n",
        ),
    ];
    check(
        &files,
        &[
            "ElizaService/Say @c.ts:4",
            "StockService/List @b.ts:4",
            "shop.v1.OrderService/FindOne @a.js:9 key field @a.js:9",
            "shop.v1.OrderService/Place @a.js:9 key field @a.js:9",
        ],
        &["b.ts:7 the service of a server cannot be followed"],
    );
    assert_eq!(read(&files).listening, ["grpc Concat @a.js:7"]);
}

#[test]
fn procedures_of_trpc_are_named_by_their_routers() {
    check(
        &[(
            "a.ts",
            "import { initTRPC } from '@trpc/server';\nconst t = initTRPC.context<Context>().create();\nconst { router, procedure } = t;\nconst orders = router({ place: procedure.input(schema).mutation(({ input }) => input.idempotencyKey), all: t.procedure.query(() => []) });\nexport const app = t.router({ orders, health: procedure.query(() => 'ok') });\n",
        )],
        &["health @a.ts:5", "orders.all @a.ts:4", "orders.place @a.ts:4 key field @a.ts:4"],
        &[],
    );
}

#[test]
fn files_and_platforms_start_functions() {
    check(
        &[
            (
                "src/app/(shop)/api/orders/[id]/route.ts",
                "export async function POST(request) { await request.json(); }\nexport const GET = async () => 1;\nexport const helper = () => 1;\n",
            ),
            ("pages/api/stock/index.js", "export default function handler(req, res) {}\n"),
            (
                "pages/api/cart.ts",
                "import { wrapped } from '../wrap';\nconst handler = ({ method, body }, res) => { switch (method) { case 'GET': return 1; case 'POST': return 2; } };\nexport default wrapped(handler);\n",
            ),
            ("pages/wrap.ts", "export const wrapped = (handler) => async (req, res) => handler(req, res);\n"),
            ("fn/place.js", "exports.handler = async (event) => event;\n"),
            ("fn/command.js", "exports.handler = async (argv) => argv;\n"),
            (
                "fn/azure.ts",
                "import { app } from '@azure/functions';\napp.http('pay', { methods: ['POST'], route: 'pay/{id}', handler: async (request) => 1 });\napp.timer('t', { schedule: '0 * * * *', handler: () => 1 });\n",
            ),
            ("jobs.js", "const cron = require('node-cron');\ncron.schedule('0 0 * * *', () => {});\n"),
            (
                "mol/orders.service.js",
                "module.exports = { name: 'orders', actions: { place: { rest: 'POST /', handler(ctx) {} }, list(ctx) {} }, events: { 'user.created'(ctx) {} } };\n",
            ),
            ("http.js", "require('http').createServer((req, res) => res.end()).listen(80);\n"),
        ],
        &[
            "ANY /api/stock @index.js:1",
            "ANY /{rest*} @http.js:1 part",
            "GET /api/cart @cart.ts:3",
            "GET /api/orders/{id} @route.ts:2",
            "POST /api/cart @cart.ts:3",
            "POST /api/orders/{id} @route.ts:1",
            "POST /api/pay/{id} @azure.ts:2",
            "orders.list @orders.service.js:1",
            "orders.place @orders.service.js:1",
            "user.created @orders.service.js:1",
            "fn/place.handler @place.js:1",
            "0 * * * * @azure.ts:3",
            "0 0 * * * @jobs.js:2",
        ],
        &["http.js:1 a server that tells requests apart by itself"],
    );
}
