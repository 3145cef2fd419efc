//! NestJS and other frameworks of decorators.

use super::{check, read};

const MAIN: &str = "import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module';\nimport { VersioningType, RequestMethod } from '@nestjs/common';\nimport { setup } from './setup';\nasync function bootstrap() {\n  const app = await NestFactory.create(AppModule);\n  setup(app);\n  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });\n  await app.listen(process.env.PORT ?? 3000);\n}\nbootstrap();\n";

#[test]
fn controllers_have_prefixes_versions_and_exclusions() {
    let files = [
        ("main.ts", MAIN),
        (
            "setup.ts",
            "import { INestApplication, RequestMethod } from '@nestjs/common';\nexport function setup(app: INestApplication) { app.setGlobalPrefix('api', { exclude: ['health', { path: 'orders/raw', method: RequestMethod.POST }] }); }\n",
        ),
        (
            "app.module.ts",
            "import { Module } from '@nestjs/common';\nimport { OrdersController, HealthController, Dead } from './orders';\n@Module({ controllers: [HealthController], imports: [OrdersModule] })\nexport class AppModule {}\n@Module({ controllers: [OrdersController] })\nexport class OrdersModule {}\n",
        ),
        (
            "orders.ts",
            "import { Controller, Get, Post, Version, VERSION_NEUTRAL, Headers, Body, UseInterceptors, applyDecorators } from '@nestjs/common';\nimport { Keyed } from './keyed';\nclass Place { idempotencyKey: string; }\nclass Base { @Get('base') base() {} }\nconst Add = (path: string) => applyDecorators(Post(path), UseInterceptors(Keyed));\n@Controller(['orders', 'o'])\nexport class OrdersController extends Base {\n  @Get(':id') show() {}\n  @Post() place(@Headers('idempotency-key') key: string) {}\n  @Post('raw') @Version('2') raw(@Body() body: Place) {}\n  @Add('more') more() {}\n  @Version(VERSION_NEUTRAL) @Post('plain') plain() {}\n}\n@Controller({ path: 'health', version: VERSION_NEUTRAL })\nexport class HealthController { @Get() ok() {} }\n@Controller('dead')\nexport class Dead { @Get() no() {} }\n",
        ),
        (
            "keyed.ts",
            "export class Keyed { intercept(context, next) { const key = context.switchToHttp().getRequest().headers['idempotency-key']; return next.handle(); } }\n",
        ),
    ];
    check(
        &files,
        &[
            "GET /api/v1/o/base @orders.ts:4",
            "GET /api/v1/o/{id} @orders.ts:8",
            "GET /api/v1/orders/base @orders.ts:4",
            "GET /api/v1/orders/{id} @orders.ts:8",
            "GET /health @orders.ts:15",
            "POST /api/o/plain @orders.ts:12",
            "POST /api/orders/plain @orders.ts:12",
            "POST /api/v1/o @orders.ts:9 key header @orders.ts:9",
            "POST /api/v1/o/more @orders.ts:5 key header @keyed.ts:1",
            "POST /api/v1/orders @orders.ts:9 key header @orders.ts:9",
            "POST /api/v1/orders/more @orders.ts:5 key header @keyed.ts:1",
            "POST /api/v2/o/raw @orders.ts:10 key field @orders.ts:3",
            "POST /v2/orders/raw @orders.ts:10 key field @orders.ts:3",
        ],
        &[],
    );
    assert_eq!(read(&files).listening, ["http $PORT|3000 @main.ts:9"]);
}

#[test]
fn microservices_answer_to_patterns_and_rpcs() {
    let files = [
        (
            "main.ts",
            "import { NestFactory } from '@nestjs/core';\nimport { Transport, MicroserviceOptions } from '@nestjs/microservices';\nimport { AppModule } from './app';\nasync function bootstrap() {\n  const app = await NestFactory.create(AppModule);\n  app.connectMicroservice<MicroserviceOptions>({ transport: Transport.GRPC, options: { package: 'shop', url: '0.0.0.0:5000' } });\n  app.connectMicroservice({ transport: Transport.RMQ, options: { urls: [process.env.AMQP], queue: 'orders', noAck: false } });\n  await app.startAllMicroservices();\n}\nbootstrap();\n",
        ),
        (
            "app.ts",
            "import { Module, Controller } from '@nestjs/common';\nimport { GrpcMethod, MessagePattern, EventPattern, Transport } from '@nestjs/microservices';\nimport { OrderServiceControllerMethods, ORDER_SERVICE_NAME } from './gen/order.pb';\nenum Patterns { Placed = 'orders.placed' }\n@Controller()\nexport class Orders {\n  @GrpcMethod('OrderService', 'Place') place(data) {}\n  @GrpcMethod('OrderService') findOne(data) {}\n  @GrpcMethod() all() {}\n  @MessagePattern({ cmd: 'sum', b: 1 }) sum() {}\n  @EventPattern(Patterns.Placed, Transport.KAFKA) placed() {}\n}\n@Controller()\n@OrderServiceControllerMethods()\nexport class Generated { confirm(request) {} @GrpcMethod(ORDER_SERVICE_NAME, 'own') own() {} }\n@Module({ controllers: [Orders, Generated] })\nexport class AppModule {}\n",
        ),
    ];
    check(
        &files,
        &[
            "shop.OrderService/Confirm @app.ts:14",
            "shop.OrderService/FindOne @app.ts:8",
            "shop.OrderService/Own @app.ts:15",
            "shop.OrderService/Place @app.ts:7",
            "shop.Orders/All @app.ts:9",
            "orders.placed @app.ts:11",
            "{\"b\":1,\"cmd\":\"sum\"} @app.ts:10",
        ],
        &[],
    );
    assert_eq!(
        read(&files).listening,
        ["grpc {package=shop url=0.0.0.0:5000} @main.ts:6", "rmq {urls=$AMQP queue=orders noAck=Bool} @main.ts:7"]
    );
}

#[test]
fn resolvers_gateways_and_clocks_are_operations() {
    check(
        &[(
            "app.ts",
            "import { Module } from '@nestjs/common';\nimport { NestFactory } from '@nestjs/core';\nimport { Resolver, Query, Mutation, ResolveField } from '@nestjs/graphql';\nimport { WebSocketGateway, SubscribeMessage } from '@nestjs/websockets';\nimport { Cron, CronExpression, Interval } from '@nestjs/schedule';\nclass Order {}\n@Resolver(() => Order)\nclass Orders { @Query(() => [Order], { name: 'orders' }) all() {} @Mutation('place') place() {} @ResolveField() items() {} }\n@WebSocketGateway({ namespace: '/chat' })\nclass Chat { @SubscribeMessage('say') say() {} }\nclass Jobs { @Cron(CronExpression.EVERY_HOUR) hourly() {} @Interval(5000) often() {} onModuleInit() {} }\n@Module({ providers: [Orders, Chat, Jobs] })\nclass AppModule {}\nNestFactory.create(AppModule);\n",
        )],
        &[
            "Mutation.place @app.ts:8",
            "Order.items @app.ts:8",
            "Query.orders @app.ts:8",
            "/chat#say @app.ts:10",
            "EVERY_HOUR @app.ts:11",
            "every 5000 ms @app.ts:11",
            "start @app.ts:11",
        ],
        &[],
    );
}

#[test]
fn classes_of_other_frameworks_answer_as_well() {
    check(
        &[(
            "app.ts",
            "import { controller, httpGet, httpPost } from 'inversify-express-utils';\nimport { JsonController, Put } from 'routing-controllers';\n@controller('/a')\nclass A { @httpGet('/:id') get() {} @httpPost('/') post() {} }\n@JsonController()\nclass B { @Put('/b/:id') put() {} }\n",
        )],
        &["GET /a/{id} @app.ts:4 part", "POST /a @app.ts:4 part", "PUT /b/{id} @app.ts:6 part"],
        &[],
    );
}

#[test]
fn what_modules_hand_in_reaches_the_classes_that_they_list() {
    let used = super::uses(&[(
        "app.ts",
        "import { NestFactory } from '@nestjs/core';\nimport { Module, Controller, Get, Inject } from '@nestjs/common';\nimport { HttpModule, HttpService } from '@nestjs/axios';\nimport { ClientsModule, ClientProxy, Transport, Client, ClientGrpc } from '@nestjs/microservices';\nimport { ConfigService } from '@nestjs/config';\n@Controller()\nclass Slow { constructor(private http: HttpService, @Inject('URL') private url: string, @Inject('MADE') private made: string) {} @Get('a') a() { return this.http.get(this.url + this.made); } }\n@Controller()\nclass Plain { constructor(private readonly http: HttpService, @Inject('ORDERS') private orders: ClientProxy) {} @Get('b') b() { this.http.get('plain'); return this.orders.send('sum', 1); } }\n@Controller()\nclass Field { @Client({ transport: Transport.GRPC }) client: ClientGrpc; @Get('c') c() { return this.client.getService('S'); } }\n@Module({ imports: [HttpModule.register({ timeout: 5000 })], controllers: [Slow], providers: [{ provide: 'URL', useValue: 'http://x' }, { provide: 'MADE', inject: ['URL'], useFactory: (url) => `${url}/y` }] })\nclass SlowModule {}\n@Module({ imports: [HttpModule, SlowModule, ClientsModule.registerAsync([{ name: 'ORDERS', inject: [ConfigService], useFactory: (config: ConfigService) => ({ transport: Transport.RMQ, options: { queue: 'q' } }) }])], controllers: [Plain, Field] })\nclass AppModule {}\nNestFactory.create(AppModule);\n",
    )]);
    assert_eq!(
        used,
        [
            "@nestjs/axios#HttpService new({timeout=5000}) .get (http://xhttp://x/y)",
            "@nestjs/axios#HttpService new({}) .get (plain)",
            "@nestjs/microservices#ClientProxyFactory .create ({transport=Foreign options={queue=q}}) .send (sum 1)",
            "@nestjs/microservices#ClientProxyFactory .create ({transport=Foreign}) .getService (S)",
        ]
    );
}

#[test]
fn an_application_that_never_listens_answers_nobody() {
    check(
        &[
            (
                "main.ts",
                "import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module';\nasync function serve() {\n  const app = await NestFactory.create(AppModule);\n  app.setGlobalPrefix('api');\n  await app.listen(3000);\n}\nasync function main() {\n  const app = await NestFactory.create(AppModule);\n  app.get('SETTINGS');\n  await serve();\n}\nmain();\n",
            ),
            (
                "app.module.ts",
                "import { Controller, Get, Module } from '@nestjs/common';\n@Controller('orders')\nclass Orders { @Get() all() {} }\n@Module({ controllers: [Orders] })\nexport class AppModule {}\n",
            ),
        ],
        &["GET /api/orders @app.module.ts:3"],
        &[],
    );
}
