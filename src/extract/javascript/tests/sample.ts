import axios, { type AxiosInstance as Http } from 'axios';
import * as path from "node:path";
import { Controller, Get, Inject } from '@nestjs/common';
import type { Order } from './orders';
import legacy = require('legacy');
export { limit as max } from './limits';
export * from './errors';
export * as money from './money';

const { HOST = 'orders', ...others } = process.env;
let attempts = 0, [first, , ...last] = [1, 2, 3];
declare const VERSION: string;
type Client = Http;

enum Topic { Placed = 'order.placed', Paid = `order.paid`, Sent = 3, Next }

export namespace Limits {
  export const page = 50;
}

@Controller({ path: 'orders', version: '1' })
export class Orders<T extends Order> extends Base<T> implements Other {
  static readonly #key = 'é';
  private cache = new Map<string, Order>();
  declare kept?: number;

  constructor(@Inject('HTTP') private readonly http: Client, protected path = `${HOST}/😀`) {
    super();
    this.timeout = 5_000;
  }

  get url(): string { return `http://${HOST}:${process.env.PORT ?? 80}/` + this.path; }

  abstract find(id: string): Promise<Order>;

  @Get(':id')
  async find(@Param('id') id: string, { page = 1, ...rest }: Query = {}): Promise<Order> {
    for (const [key, value] of Object.entries(rest)) await this.cache.set(key, value);
    try {
      const [one, two] = await Promise.all([this.http.get<Order>(this.url), ...others.map((x) => fetch(x))]);
      return one?.data!.items?.[0] as Order;
    } catch ({ message }) {
      if (attempts++ > 3) throw new Error(message); else this.kept ||= -1;
    } finally { delete rest[first]; }
    switch (page) { case 1: return sql`select * from ${id}`; default: label: while (true) break label; }
  }
}

module.exports = Object.assign(exports, { a: 1 }, require('./a'));
exports.handler = async (event) => ({ ...event, get body() { return /[(]\/x/g; }, async *[Symbol.iterator]() { yield* event; } });
export default function* () { const x = yield 1, y = import('./lazy'); return x <= y ? void 0 : !y; }
