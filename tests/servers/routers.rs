//! Express, Fastify, Koa, Hono, hapi.

use super::{check, read, uses};

#[test]
fn routers_of_express_are_mounted_across_files() {
    check(
        &[
            (
                "app.js",
                "const express = require('express');\nconst orders = require('./routes/orders');\nconst app = express();\napp.use(express.json());\napp.use('/api', orders);\napp.get('/health', (req, res) => res.send('ok'));\napp.get('trust proxy');\napp.listen(process.env.PORT || 3000);\n",
            ),
            (
                "routes/orders.js",
                "const { Router } = require('express');\nconst items = require('./items');\nconst ctrl = require('../ctrl');\nconst router = Router();\nrouter.post('/orders', ctrl.auth, ctrl.place);\nrouter.route('/orders/:id').get(ctrl.show).delete(ctrl.cancel);\nrouter.use('/orders/:order/items', items);\nmodule.exports = router;\n",
            ),
            (
                "routes/items.js",
                "const express = require('express');\nconst router = new express.Router({ mergeParams: true });\nrouter.get(['/', '/all'], (req, res) => {});\nrouter.get(/^\\/x/, () => {});\nmodule.exports = router;\n",
            ),
            (
                "ctrl.js",
                "exports.auth = (req, res, next) => next();\nexports.place = async (req, res) => { const key = req.get('Idempotency-Key'); save(req.body, key); };\nexports.show = (req, res) => {};\nexports.cancel = (req, res) => {};\n",
            ),
        ],
        &[
            "DELETE /api/orders/{id} @orders.js:6",
            "GET /api/orders/{id} @orders.js:6",
            "GET /api/orders/{order}/items @items.js:3",
            "GET /api/orders/{order}/items/all @items.js:3",
            "GET /health @app.js:6",
            "POST /api/orders @orders.js:5 key header @ctrl.js:2",
        ],
        &["items.js:4 the path of a route cannot be followed"],
    );
    let read = read(&[("a.js", "const app = require('express')(); app.listen(process.env.PORT || 3000)")]);
    assert_eq!(read.listening, ["http $PORT|3000 @a.js:1"]);
}

#[test]
fn keys_are_read_by_what_runs_before_a_handler() {
    check(
        &[(
            "a.ts",
            "import express, { Router, Request } from 'express';\nimport { idempotency } from 'express-idempotency';\nimport asyncHandler from 'express-async-handler';\nclass Orders {\n  keyed = (req: Request, res, next) => { if (!req.headers['idempotency-key']) return res.status(400); next(); };\n  async place(req: Request, res) { res.json(req.body.total); }\n  async field(req: Request, res) { const { idempotencyKey } = req.body; }\n}\nconst orders = new Orders();\nconst a = Router();\na.post('/a', orders.keyed, orders.place.bind(orders));\na.post('/b', asyncHandler(orders.place));\na.post('/c', orders.field);\nconst b = Router();\nb.use(idempotency());\nb.post('/d', orders.place);\nconst app = express();\napp.use('/a', a);\napp.use(b);\n",
        )],
        &[
            "POST /a/a @a.ts:11 key header @a.ts:5",
            "POST /a/b @a.ts:12",
            "POST /a/c @a.ts:13 key field @a.ts:7",
            "POST /d @a.ts:16 key header @a.ts:15",
        ],
        &[],
    );
}

#[test]
fn a_router_is_handed_to_functions_that_add_routes() {
    check(
        &[
            (
                "app.js",
                "import express from 'express';\nimport { routes } from './routes.js';\nconst app = express();\nroutes(app, '/v1');\nconst stray = express.Router();\nstray.get('/lost', () => {});\nexport class Server { constructor() { this.app = express(); this.setup(); } setup() { this.app.get('/in-class', this.show); } show(req, res) {} }\nnew Server();\n",
            ),
            (
                "routes.js",
                "export function routes(app, prefix) {\n  app.get(`${prefix}/stock`, (req, res) => {});\n  for (const m of methods()) app[m]('/x', () => {});\n}\n",
            ),
        ],
        &["GET /in-class @app.js:7", "GET /lost @app.js:6 part", "GET /v1/stock @routes.js:2"],
        &[
            "app.js:5 a router that nobody is seen to use, or by a path that cannot be followed",
            "routes.js:3 a router's function whose name is computed",
        ],
    );
}

#[test]
fn plugins_of_fastify_have_prefixes() {
    check(
        &[
            (
                "app.ts",
                "import Fastify from 'fastify';\nimport fp from 'fastify-plugin';\nimport { orders } from './orders';\nconst app = Fastify({ logger: true });\napp.register(orders, { prefix: '/orders' });\napp.register(fp(async (instance) => { instance.get('/ready', async () => 'ok'); }));\napp.register(import('./lazy'), { prefix: 'lazy' });\nawait app.listen({ port: 8080 });\n",
            ),
            (
                "orders.ts",
                "export async function orders(app, options) {\n  app.post('/', { schema: {}, preHandler: [key] }, async (request) => request.body);\n  app.route({ method: ['GET', 'HEAD'], url: '/:id', handler: show });\n  app.put('/:id', { handler: show });\n}\nasync function key(request) { return request.headers['x-idempotency-key']; }\nasync function show() {}\n",
            ),
            ("lazy.ts", "export default async function (app) { app.get('/', async () => 1); }\n"),
        ],
        &[
            "GET /lazy @lazy.ts:1",
            "GET /orders/{id} @orders.ts:3",
            "GET /ready @app.ts:6",
            "HEAD /orders/{id} @orders.ts:3",
            "POST /orders @orders.ts:2 key header @orders.ts:6",
            "PUT /orders/{id} @orders.ts:4",
        ],
        &[],
    );
}

#[test]
fn koa_hono_and_hapi_are_read_in_their_own_way() {
    check(
        &[
            (
                "koa.js",
                "const Koa = require('koa');\nconst Router = require('@koa/router');\nconst mount = require('koa-mount');\nconst app = new Koa();\nconst api = new Router({ prefix: '/koa' });\nconst sub = new Router();\nsub.get('named', '/sub/:id', async (ctx) => {});\napi.use('/in', sub.routes(), sub.allowedMethods());\napi.post('/orders', async (ctx) => { ctx.body = ctx.get('Idempotency-Key'); });\napp.use(api.routes()).use(api.allowedMethods());\nconst other = new Koa();\nconst b = new Router();\nb.get('/b', () => {});\nother.use(b.routes());\napp.use(mount('/other', other));\n",
            ),
            (
                "hono.ts",
                "import { Hono } from 'hono';\nconst sub = new Hono().get('/:id', (c) => c.json(1)).post('/', async (c) => c.req.json());\nconst app = new Hono().basePath('/hono');\napp.route('/orders', sub);\napp.on(['PUT', 'PATCH'], '/any', (c) => c.text(''));\nexport default app;\n",
            ),
            (
                "hapi.js",
                "const Hapi = require('@hapi/hapi');\nconst server = Hapi.server({ port: 4000 });\nconst plugin = { name: 'orders', register: async (server) => { server.route({ method: 'POST', path: '/{id?}', options: { handler: place } }); } };\nfunction place(request) { return request.payload.requestId; }\nawait server.register({ plugin, routes: { prefix: '/hapi' } });\nserver.route([{ method: '*', path: '/files/{path*}', handler: () => 1 }]);\n",
            ),
        ],
        &[
            "ANY /files/{path*} @hapi.js:6",
            "GET /hono/orders/{id} @hono.ts:2",
            "GET /koa/in/sub/{id} @koa.js:7",
            "GET /other/b @koa.js:13",
            "PATCH /hono/any @hono.ts:5",
            "POST /hapi/{id} @hapi.js:3 key field @hapi.js:4",
            "POST /hono/orders @hono.ts:2",
            "POST /koa/orders @koa.js:9 key header @koa.js:9",
            "PUT /hono/any @hono.ts:5",
        ],
        &[],
    );
}

#[test]
fn routes_of_other_files_stand_where_they_are_written() {
    check(
        &[
            (
                "hono.ts",
                "import { Hono } from 'hono';\nconst sub = new Hono().basePath('/orders').post('/', async (c) => c.req.json());\nconst app = new Hono();\napp.route('/api', sub);\nexport default app;\n",
            ),
            (
                "main.js",
                "const Hapi = require('@hapi/hapi');\nconst routes = require('./routes');\nconst server = Hapi.server({ port: 4000 });\nserver.route(routes);\nawait server.register({ plugin: require('./plugin'), routes: { prefix: '/in' } });\n",
            ),
            (
                "routes.js",
                "module.exports = [\n  { method: 'GET', path: '/orders', handler: () => 1 },\n  { method: 'POST', path: '/orders', handler: (request) => request.payload },\n];\n",
            ),
            (
                "plugin.js",
                "exports.plugin = {\n  name: 'items',\n  register: async (server) => {\n    server.route({ method: 'PUT', path: '/items', handler: () => 1 });\n  },\n};\n",
            ),
        ],
        &[
            "GET /orders @routes.js:2",
            "POST /api/orders @hono.ts:2",
            "POST /orders @routes.js:3",
            "PUT /in/items @plugin.js:4",
        ],
        &[],
    );
}

#[test]
fn containers_hand_in_what_handlers_use() {
    let used = uses(&[
        (
            "tsyringe.ts",
            "import express from 'express';\nimport axios from 'axios';\nimport { container, inject, injectable } from 'tsyringe';\n@injectable() class Stock { reserve() { return axios.post('http://stock/a'); } }\n@injectable() class Orders { constructor(@inject('Stock') private stock: any) {} place() { return this.stock.reserve(); } }\ncontainer.register('Stock', { useClass: Stock });\nconst app = express();\napp.post('/a', (q, r) => container.resolve(Orders).place());\n",
        ),
        (
            "inversify.ts",
            "import express from 'express';\nimport axios from 'axios';\nimport { Container, inject, injectable } from 'inversify';\nconst TYPES = { Mail: Symbol.for('Mail') };\n@injectable() class Mail { send() { return axios.post('http://mail/b'); } }\nconst container = new Container();\ncontainer.bind<any>('Mail').to(Mail).inSingletonScope();\nconst app = express();\napp.post('/b', (q, r) => container.get<any>('Mail').send());\n",
        ),
    ]);
    for host in ["http://stock/a", "http://mail/b"] {
        assert!(used.iter().any(|way| way.contains("axios") && way.contains(host)), "{host} of {used:#?}");
    }
}
