//! Calls that source code shows, and what it says of their time and repetition: one library after
//! the other, written as its users write it.

use archlint::extract::extract;
use archlint::facts::Facts;
use archlint::facts::answer::Answer;
use archlint::facts::call::LayerKind;
use archlint::graph::inputs::Inputs;
use archlint::graph::program::clients::{OutgoingCall, Surroundings, outgoing_calls};
use archlint::graph::program::configuration::configured;
use archlint::graph::program::limits::{Amount, Count, Repeats};
use archlint::graph::program::modules::Modules;
use archlint::graph::program::protection::TrustedPackage;
use archlint::graph::program::walk::Walk;
use archlint::source::file::{FileId, SourceFile};
use archlint::source::path::EstatePath;
use archlint::source::symbol::Symbol;

/// The calls of one file.
fn calls_of(text: &str) -> Vec<OutgoingCall> {
    calls_with(text, &[], &|_| None)
}

fn calls_with(
    text: &str,
    trusted: &[TrustedPackage],
    version: &dyn Fn(Symbol) -> Option<semver::Version>,
) -> Vec<OutgoingCall> {
    let path = EstatePath::new("orders/src/main.ts");
    let paths = [path];
    let facts: Vec<Facts> = vec![extract(SourceFile { id: FileId(0), path, text })];
    let inputs = Inputs::new(&facts, &paths);
    let modules = Modules::new(&inputs);
    let mut walk = Walk::new(&modules, Some(&configured));
    let all: Vec<_> = modules.ids().collect();
    walk.bodies(&all);
    walk.rest(&all);
    let returns = walk.returns();
    let events = walk.finish();
    let returned = |closure: &archlint::graph::program::value::Closure| returns.get(&closure.function).cloned();
    outgoing_calls(&events, &Surroundings { version, returned: &returned, trusted })
}

/// `call 2000`, `client absent`, `default 10000`; layers in order.
fn timeout(call: &OutgoingCall) -> String {
    let layers = call.timeout.iter().map(|layer| {
        let kind = kind_word(layer.kind);
        match &layer.answer {
            Answer::Present(Amount::Millis(millis), _) => format!("{kind} {millis}"),
            Answer::Present(Amount::Off, _) => format!("{kind} off"),
            Answer::Present(Amount::Stated(..), _) => format!("{kind} stated"),
            Answer::Present(Amount::Unclear, _) => format!("{kind} some"),
            Answer::Absent(_) => format!("{kind} absent"),
            Answer::Unknown(_) => format!("{kind} unknown"),
        }
    });
    layers.collect::<Vec<_>>().join(", ")
}

fn kind_word(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::CallSite => "call",
        LayerKind::Client => "client",
        LayerKind::Interceptor => "interceptor",
        LayerKind::Wrapper => "wrapper",
        LayerKind::LibraryDefault => "default",
        LayerKind::Proxy | LayerKind::Mesh | LayerKind::Declaration => "other",
    }
}

/// `wrapper 3 exponential jitter`
fn retries(call: &OutgoingCall) -> String {
    let layers = call.retries.iter().map(|layer| {
        let kind = kind_word(layer.kind);
        match &layer.answer {
            Answer::Present(repeats, _) => format!("{kind} {}", repeated(repeats)),
            Answer::Absent(_) => format!("{kind} absent"),
            Answer::Unknown(_) => format!("{kind} unknown"),
        }
    });
    layers.collect::<Vec<_>>().join(", ")
}

fn repeated(repeats: &Repeats) -> String {
    let count = match &repeats.count {
        Count::Times(times) => times.to_string(),
        Count::Unlimited => "unlimited".to_owned(),
        Count::Stated(_) => "stated".to_owned(),
        Count::Unclear => "some".to_owned(),
    };
    let jitter = match repeats.jitter {
        Some(true) => "jitter",
        Some(false) => "regular",
        None => "unclear",
    };
    format!("{count} {:?} {jitter}", repeats.growth).to_lowercase()
}

fn check(cases: &[(&str, &str)], show: impl Fn(&OutgoingCall) -> String) {
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found: Vec<String> = calls_of(text).iter().map(&show).collect();
        let found = found.join(" | ");
        if found != *expected {
            wrong.push(format!("{text}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn axios_waits_for_ever_unless_told_otherwise() {
    let url = "'http://stock/items'";
    let default = |text: &str| format!("import axios from 'axios'; {text}");
    let cases: Vec<(String, &str)> = vec![
        (default(&format!("axios.get({url});")), "call absent, default absent"),
        (default(&format!("axios.get({url}, {{timeout: 500}});")), "call 500"),
        (default(&format!("axios.post({url}, {{timeout: 500}});")), "call absent, default absent"),
        (default(&format!("axios.post({url}, {{}}, {{timeout: 500}});")), "call 500"),
        (default(&format!("axios({{url: {url}, timeout: 500}});")), "call 500"),
        (default(&format!("axios({url}, {{timeout: 500}});")), "call 500"),
        (default(&format!("axios.request({{url: {url}}});")), "call absent, default absent"),
        (default(&format!("axios.get({url}, {{timeout: 0}});")), "call off"),
        (default(&format!("axios.get({url}, {{timeout: undefined}});")), "call absent, default absent"),
        (default(&format!("axios.get({url}, {{signal: AbortSignal.timeout(700)}});")), "call 700"),
        (default(&format!("function f(r) {{ axios.get({url}, {{signal: r.signal}}); }}")), "call some"),
        (default(&format!("const c = axios.create({{timeout: 900}}); c.get({url});")), "call absent, client 900"),
        (
            default(&format!("const c = axios.create({{baseURL: {url}}}); c.get('/x');")),
            "call absent, client absent, default absent",
        ),
        (default(&format!("const c = axios.create({{timeout: 900}}); c.get({url}, {{timeout: 0}});")), "call off"),
        (
            default(&format!("const c = axios.create({{timeout: Number(process.env.T) || 900}}); c.get({url});")),
            "call absent, client stated",
        ),
        (
            default(&format!("const c = axios.create({{timeout: +process.env.T}}); c.get({url});")),
            "call absent, client stated",
        ),
        (
            default(&format!("function f(o) {{ const c = axios.create({{timeout: 5, ...o}}); c.get({url}); }}")),
            "call absent, client 5",
        ),
        (
            default(&format!("function f(o) {{ const c = axios.create({{...o}}); c.get({url}); }}")),
            "call absent, client unknown, default absent",
        ),
        (default(&format!("function f(o) {{ axios.get({url}, o); }}")), "call unknown, default absent"),
        (default(&format!("axios.defaults.timeout = 800; axios.get({url});")), "call absent, client 800"),
        (
            default(&format!("const c = axios.create(); c.defaults.timeout = 800; c.get({url});")),
            "call absent, client 800",
        ),
        (
            default(&format!("axios.defaults.timeout = 800; const c = axios.create(); c.get({url});")),
            "call absent, client unknown, client absent, default absent",
        ),
        (
            default(&format!(
                "axios.interceptors.request.use((c) => {{ c.timeout = 80; return c; }}); axios.get({url});"
            )),
            "call absent, interceptor 80",
        ),
        (
            default(&format!(
                "axios.interceptors.request.use((c) => {{ c.headers.a = 'b'; return c; }}); axios.get({url});"
            )),
            "call absent, default absent",
        ),
        (
            default(&format!("axios.interceptors.request.use((c) => ({{...c, timeout: 4}})); axios.get({url});")),
            "call absent, interceptor 4",
        ),
        (format!("const axios = require('axios'); axios.get({url});"), "call absent, default absent"),
        (format!("const axios = require('axios').default; axios.get({url});"), "call absent, default absent"),
        (format!("import * as axios from 'axios'; axios.default.get({url});"), "call absent, default absent"),
        (format!("import {{ create }} from 'axios'; create({{timeout: 3}}).get({url});"), "call absent, client 3"),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(text, expected)| (text.as_str(), *expected)).collect();
    check(&cases, timeout);
}

#[test]
fn other_http_clients_have_knobs_and_defaults_of_their_own() {
    check(
        &[
            ("fetch('http://stock');", "call absent, default 300000"),
            ("fetch('http://stock', {signal: AbortSignal.timeout(500)});", "call 500"),
            (
                "function f() { const c = new AbortController(); setTimeout(() => c.abort(), 600); fetch('http://stock', {signal: c.signal}); }",
                "call 600",
            ),
            ("import { request } from 'undici'; request('http://stock', {headersTimeout: 50});", "call 50"),
            ("import fetch from 'node-fetch'; fetch('http://stock');", "call absent, default absent"),
            ("import got from 'got'; got('http://stock');", "call absent, default absent"),
            ("import got from 'got'; got('http://stock', {timeout: {request: 50}});", "call 50"),
            ("import got from 'got'; got('http://stock', {timeout: {connect: 50}});", "call absent, default absent"),
            (
                "import got from 'got'; const c = got.extend({timeout: {request: 5}}); c.post('http://stock');",
                "call absent, client 5",
            ),
            (
                "import got from 'got'; const c = got.extend({timeout: {request: 5}}).extend({headers: {}}); c.get('x');",
                "call absent, client absent, client 5",
            ),
            ("import ky from 'ky'; ky.get('http://stock');", "call absent, default 10000"),
            ("import ky from 'ky'; ky.get('http://stock', {timeout: false});", "call off"),
            ("import request from 'superagent'; request.get('http://stock').set('a', 'b');", "default absent"),
            ("import request from 'superagent'; request.get('http://stock').set('a', 'b').timeout(50);", "call 50"),
            ("import request from 'superagent'; request.get('http://stock').timeout({response: 50});", "call 50"),
            ("import http from 'http'; http.get('http://stock', (r) => {});", "default absent"),
            ("import http from 'http'; http.get({host: 'stock'}, (r) => {});", "call absent, default absent"),
            ("import http from 'node:http'; http.request({host: 'stock', timeout: 50}, (r) => {});", "call 50"),
            ("import * as https from 'https'; const r = https.request('https://stock'); r.setTimeout(70);", "call 70"),
            ("import { ofetch } from 'ofetch'; ofetch('http://stock', {timeout: 5});", "call 5"),
            (
                "import createClient from 'openapi-fetch'; const c = createClient({baseUrl: 'http://stock'}); c.GET('/x');",
                "call absent, client absent, default 300000",
            ),
        ],
        timeout,
    );
}

#[test]
fn rpc_clients_want_deadlines() {
    let loaded = "import * as grpc from '@grpc/grpc-js'; import * as loader from '@grpc/proto-loader';\
                  const shop: any = grpc.loadPackageDefinition(loader.loadSync('a.proto'));\
                  const c = new shop.shop.Orders('orders:50051', grpc.credentials.createInsecure());";
    let cases: Vec<(String, &str)> = vec![
        (format!("{loaded} c.get({{id: 1}}, (e, r) => {{}});"), "call absent, default absent"),
        (format!("{loaded} c.get({{id: 1}}, {{deadline: Date.now() + 400}}, (e, r) => {{}});"), "call 400"),
        (
            format!("{loaded} c.get({{id: 1}}, new grpc.Metadata(), {{deadline: new Date(Date.now() + 400)}}, (e, r) => {{}});"),
            "call 400",
        ),
        (format!("{loaded} c.close(); c.waitForReady(5000, () => {{}});"), ""),
        (format!("{loaded} import {{promisify}} from 'util'; promisify(c.get).bind(c)({{id: 1}});"), "call absent, default absent"),
        (
            "import { createClient } from '@connectrpc/connect'; import { createGrpcTransport } from '@connectrpc/connect-node';\
             import { Orders } from '@acme/contracts'; const c = createClient(Orders, createGrpcTransport({baseUrl: 'http://orders'})); c.get({});"
                .to_owned(),
            "call absent, client absent, default absent",
        ),
        (
            "import { createClient } from '@connectrpc/connect'; import { createGrpcTransport } from '@connectrpc/connect-node';\
             import { Orders } from '@acme/contracts'; const c = createClient(Orders, createGrpcTransport({baseUrl: 'http://orders', defaultTimeoutMs: 9})); c.get({});"
                .to_owned(),
            "call absent, client 9",
        ),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(text, expected)| (text.as_str(), *expected)).collect();
    check(&cases, timeout);
}

#[test]
fn nest_clients_take_their_settings_from_modules() {
    let service = "import { HttpService, HttpModule } from '@nestjs/axios'; import { Module, Injectable } from '@nestjs/common';\
                   import { firstValueFrom, timeout } from 'rxjs';\
                   @Injectable() class Stock { constructor(private http: HttpService) {} ";
    let cases: Vec<(String, &str)> = vec![
        (format!("{service} get() {{ return this.http.get('http://stock'); }} }}"), "call absent, default absent"),
        (
            format!("{service} get() {{ return this.http.get('http://stock'); }} }} @Module({{imports: [HttpModule.register({{timeout: 30}})]}}) class M {{}}"),
            "call absent, client 30",
        ),
        (
            format!("{service} get() {{ return this.http.get('http://stock'); }} }} @Module({{imports: [HttpModule.register({{baseURL: 'x'}})]}}) class M {{}}"),
            "call absent, client absent, default absent",
        ),
        (
            format!("{service} get() {{ return this.http.get('http://stock'); }} }} @Module({{imports: [HttpModule.registerAsync({{useClass: Options}})]}}) class M {{}}"),
            "call absent, client unknown, default absent",
        ),
        (
            format!("{service} get() {{ return firstValueFrom(this.http.get('http://stock').pipe(timeout(40))); }} }}"),
            "wrapper 40, call absent, default absent",
        ),
        (
            "import { ClientProxy, ClientsModule, Transport } from '@nestjs/microservices'; import { Inject, Module } from '@nestjs/common';\
             class Orders { constructor(@Inject('STOCK') private c: ClientProxy) {} get() { return this.c.send({cmd: 'get'}, {}); } }\
             @Module({imports: [ClientsModule.register([{name: 'STOCK', transport: Transport.RMQ, options: {}}])]}) class M {}"
                .to_owned(),
            "default absent",
        ),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(text, expected)| (text.as_str(), *expected)).collect();
    check(&cases, timeout);
}

#[test]
fn what_stands_around_a_call_limits_it() {
    let axios = "import axios from 'axios';";
    let cases: Vec<(String, &str)> = vec![
        (
            format!(
                "{axios} import pTimeout from 'p-timeout'; pTimeout(axios.get('http://stock'), {{milliseconds: 60}});"
            ),
            "wrapper 60, call absent, default absent",
        ),
        (
            format!(
                "{axios} import pTimeout from 'p-timeout'; pTimeout(axios.get('http://stock').then((r) => r.data), {{milliseconds: 60}});"
            ),
            "wrapper 60, call absent, default absent",
        ),
        (
            format!(
                "{axios} async function f() {{ const r = await axios.get('http://stock'); return r.data; }} import pTimeout from 'p-timeout'; pTimeout(other(1), {{milliseconds: 60}}); f();"
            ),
            "call absent, default absent",
        ),
        (
            format!("{axios} Promise.race([axios.get('http://stock'), new Promise((_, no) => setTimeout(no, 65))]);"),
            "wrapper 65, call absent, default absent",
        ),
        (
            format!(
                "{axios} import CircuitBreaker from 'opossum'; const b = new CircuitBreaker(() => axios.get('http://stock'), {{timeout: 80}}); b.fire();"
            ),
            "wrapper 80, call absent, default absent",
        ),
        (
            format!(
                "{axios} import CircuitBreaker from 'opossum'; const b = new CircuitBreaker(() => axios.get('http://stock')); b.fire();"
            ),
            "wrapper 10000, call absent, default absent",
        ),
        (
            format!(
                "{axios} import {{ timeout, wrap, retry, handleAll, TimeoutStrategy }} from 'cockatiel'; const p = wrap(retry(handleAll, {{maxAttempts: 2}}), timeout(85, TimeoutStrategy.Aggressive)); p.execute(() => axios.get('http://stock'));"
            ),
            "wrapper 85, call absent, default absent",
        ),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(text, expected)| (text.as_str(), *expected)).collect();
    check(&cases, timeout);
}

#[test]
fn repetitions_are_told_with_their_waits() {
    let axios = "import axios from 'axios';";
    let cases: Vec<(String, &str)> = vec![
        (format!("{axios} axios.get('http://stock');"), "default absent"),
        (
            format!(
                "{axios} import axiosRetry from 'axios-retry'; const c = axios.create(); axiosRetry(c); c.get('http://stock');"
            ),
            "client 3 none regular",
        ),
        (
            format!(
                "{axios} import axiosRetry from 'axios-retry'; axiosRetry(axios, {{retries: 5, retryDelay: axiosRetry.exponentialDelay}}); axios.get('http://stock');"
            ),
            "client 5 exponential jitter",
        ),
        (
            format!(
                "{axios} import axiosRetry from 'axios-retry'; const c = axios.create(); axiosRetry(c); axios.get('http://stock');"
            ),
            "default absent",
        ),
        (
            format!(
                "{axios} import axiosRetry from 'axios-retry'; axiosRetry(axios); axios.post('http://stock', {{}});"
            ),
            "default absent",
        ),
        (
            format!("{axios} import pRetry from 'p-retry'; pRetry(() => axios.get('http://stock'), {{retries: 4}});"),
            "wrapper 4 exponential regular",
        ),
        (
            format!(
                "{axios} import retry from 'async-retry'; retry(async (bail) => {{ await axios.get('http://stock'); }});"
            ),
            "wrapper 10 exponential jitter",
        ),
        (
            format!(
                "{axios} import {{ retry, handleAll, ExponentialBackoff }} from 'cockatiel'; retry(handleAll, {{backoff: new ExponentialBackoff()}}).execute(() => axios.get('http://stock'));"
            ),
            "wrapper unlimited exponential jitter",
        ),
        ("import got from 'got'; got.get('http://stock');".to_owned(), "default 2 exponential jitter"),
        ("import got from 'got'; got.post('http://stock');".to_owned(), "default absent"),
        ("import got from 'got'; got.get('http://stock', {retry: {limit: 0}});".to_owned(), "default absent"),
        ("import request from 'superagent'; request.get('http://stock').retry(3);".to_owned(), "call 3 none regular"),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|(text, expected)| (text.as_str(), *expected)).collect();
    check(&cases, retries);
}

#[test]
fn packages_of_the_company_are_trusted_only_where_the_user_says_so() {
    let text = "import { http } from '@acme/http-client'; http.get('/orders');";
    assert_eq!(calls_of(text).iter().map(timeout).collect::<Vec<_>>(), ["client unknown"]);
    let trusted = [TrustedPackage {
        import: "@acme/http-client".to_owned(),
        timeout: true,
        breaker: true,
        ..TrustedPackage::default()
    }];
    let calls = calls_with(text, &trusted, &|_| None);
    assert_eq!(calls.iter().map(timeout).collect::<Vec<_>>(), ["wrapper some"]);
    assert!(calls[0].breaker.is_present());
    let around = "import axios from 'axios'; import { guarded } from '@acme/http-client'; guarded(() => axios.get('http://stock'));";
    let calls = calls_with(around, &trusted, &|_| None);
    assert_eq!(calls.iter().map(timeout).collect::<Vec<_>>(), ["wrapper some, call absent, default absent"]);
    assert!(calls_of("import { log } from '@acme/logger'; log.get('/orders');").is_empty());
}

#[test]
fn the_version_of_a_package_tells_which_row_holds() {
    let text = "import fetch from 'node-fetch'; fetch('http://stock', {timeout: 50});";
    for (version, expected) in [("2.7.0", "call 50"), ("3.3.2", "call absent, default absent")] {
        let version = semver::Version::parse(version).expect("a version");
        let calls = calls_with(text, &[], &|_| Some(version.clone()));
        assert_eq!(calls.iter().map(timeout).collect::<Vec<_>>(), [expected], "{version}");
    }
}

#[test]
fn streams_and_methods_are_told() {
    check(
        &[
            ("import axios from 'axios'; axios.get('http://a', {responseType: 'stream'});", "GET streaming"),
            ("import axios from 'axios'; axios.post('http://a', {});", "POST mutates"),
            ("import axios from 'axios'; axios.postForm('http://a', {});", "POST mutates"),
            ("import axios from 'axios'; axios({url: 'http://a', method: 'put'});", "PUT mutates"),
            ("import axios from 'axios'; function f(m) { axios({url: 'http://a', method: m}); }", "unclear"),
            ("fetch('http://a', {method: 'DELETE'});", "DELETE mutates"),
            ("import WebSocket from 'ws'; new WebSocket('ws://a');", "unclear streaming"),
        ],
        |call| {
            let mut words = vec![call.method.map_or("unclear", Symbol::as_str)];
            words.extend(call.mutating.filter(|mutating| *mutating).map(|_| "mutates"));
            words.extend(call.streaming.then_some("streaming"));
            words.join(" ")
        },
    );
}

/// An address as its parts, for people.
fn written(value: &archlint::facts::value::Value) -> String {
    use archlint::facts::value::Form;
    match &value.form {
        Form::Literal(text) => text.to_string(),
        Form::Env(name) => format!("${name}"),
        Form::Setting(name) => format!("%{name}"),
        Form::Concat(parts) => parts.iter().map(written).collect(),
        Form::FirstOf(all) => format!("({})", all.iter().map(written).collect::<Vec<_>>().join(" or ")),
        Form::Unknown(_) => "?".to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn addresses_are_put_together_of_client_and_call() {
    check(
        &[
            ("import axios from 'axios'; axios.get('http://stock/items');", "http://stock/items"),
            ("import axios from 'axios'; axios.get(`${process.env.STOCK_URL}/items/${1}`);", "$STOCK_URL/items/1"),
            (
                "import axios from 'axios'; axios.get((process.env.STOCK_URL || 'http://stock') + '/items');",
                "($STOCK_URL or http://stock)/items",
            ),
            (
                "import axios from 'axios'; const c = axios.create({baseURL: process.env.STOCK_URL}); c.get('/items');",
                "$STOCK_URL/items",
            ),
            (
                "import axios from 'axios'; const c = axios.create({baseURL: 'http://stock'}); c.get('items');",
                "http://stock/items",
            ),
            (
                "import axios from 'axios'; const c = axios.create({baseURL: 'http://stock'}); c.get('http://prices/all');",
                "http://prices/all",
            ),
            ("fetch(new URL('/items', process.env.STOCK_URL));", "$STOCK_URL/items"),
            ("import urlJoin from 'url-join'; fetch(urlJoin('http://stock', 'a', 'b'));", "http://stock/a/b"),
            (
                "import http from 'http'; http.get({hostname: 'stock', port: 8080, path: '/items'}, () => {});",
                "stock:8080/items",
            ),
            ("import http from 'http'; http.get({hostname: process.env.HOST}, () => {});", "$HOST"),
            (
                "import { ConfigService } from '@nestjs/config'; import axios from 'axios';\
                 class Stock { constructor(private config: ConfigService) {} get() { return axios.get(this.config.get('STOCK_URL', 'http://stock') + '/items'); } }",
                "($STOCK_URL or http://stock)/items",
            ),
            ("import config from 'config'; fetch(config.get('stock.url'));", "%stock.url"),
            (
                "import convict from 'convict'; const config = convict({stock: {url: {env: 'STOCK_URL', default: 'http://stock'}}}); fetch(config.get('stock.url'));",
                "($STOCK_URL or http://stock)",
            ),
            ("import env from 'env-var'; fetch(env.get('STOCK_URL').required().asString());", "$STOCK_URL"),
            (
                "import { cleanEnv, url } from 'envalid'; const env = cleanEnv(process.env, {STOCK_URL: url()}); fetch(env.STOCK_URL);",
                "$STOCK_URL",
            ),
            ("fetch(process.env.A ? 'http://a' : 'http://b');", "http://a and http://b"),
            (
                "import * as grpc from '@grpc/grpc-js'; const shop = grpc.loadPackageDefinition(d); const c = new shop.Orders(process.env.ORDERS, x); c.get({}, () => {});",
                "$ORDERS",
            ),
            (
                "import { createClient } from '@connectrpc/connect'; import { createGrpcTransport } from '@connectrpc/connect-node';\
                 import { Orders } from '@acme/contracts'; const c = createClient(Orders, createGrpcTransport({baseUrl: 'http://orders'})); c.get({});",
                "http://orders",
            ),
            (
                "import { ClientGrpc, ClientsModule, Transport } from '@nestjs/microservices'; import { Inject, Module } from '@nestjs/common';\
                 class Orders { private s: any; constructor(@Inject('STOCK') private c: ClientGrpc) {} onModuleInit() { this.s = this.c.getService('StockService'); } get() { return this.s.find({}); } }\
                 @Module({imports: [ClientsModule.register([{name: 'STOCK', transport: Transport.GRPC, options: {url: 'stock:50051'}}, {name: 'OTHER', options: {url: 'other:1'}}])]}) class M {}",
                "stock:50051",
            ),
        ],
        |call| {
            let all = archlint::graph::program::address::addresses(call);
            all.iter().map(written).collect::<Vec<_>>().join(" and ")
        },
    );
}

#[test]
fn what_is_asked_for_is_told_where_it_names_the_callee() {
    check(
        &[
            (
                "import * as grpc from '@grpc/grpc-js'; const shop = grpc.loadPackageDefinition(d); const c = new shop.shop.v1.Orders('a:1', x); c.get({}, () => {});",
                "shop.v1.Orders get",
            ),
            (
                "import * as grpc from '@grpc/grpc-js'; const { Orders } = grpc.loadPackageDefinition(d).shop; const c = new Orders('a:1', x); c.get({}, () => {});",
                "shop.Orders get",
            ),
            (
                "import { ClientProxy } from '@nestjs/microservices'; import { Inject } from '@nestjs/common';\
                 class A { constructor(@Inject('B') private c: ClientProxy) {} f() { return this.c.send({role: 'sum', cmd: 'add'}, {}); } }",
                "- {\"cmd\":\"add\",\"role\":\"sum\"}",
            ),
            (
                "import { ClientGrpc } from '@nestjs/microservices'; import { Inject } from '@nestjs/common';\
                 class A { constructor(@Inject('B') private c: ClientGrpc) {} f() { return this.c.getService<any>('Orders').get({}); } }",
                "Orders get",
            ),
        ],
        |call| {
            let text =
                |known: &Option<archlint::graph::program::value::Known>| match known.as_ref().map(|known| &known.value)
                {
                    Some(archlint::graph::program::value::Value::Text(text)) => text.to_string(),
                    _ => "-".to_owned(),
                };
            format!("{} {}", text(&call.service), text(&call.operation))
        },
    );
}
