//! Statements, functions, classes, imports and exports.

use super::dump::dump;

fn check(name: &str, cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(dump(name, text), *expected, "{text}");
    }
}

#[test]
fn imports_keep_what_they_take_and_where() {
    check(
        "a.ts",
        &[
            (
                "import a, { b as c, type D } from './a'; f(a, c)",
                &[
                    "import default of './a'",
                    "import b of './a'",
                    "import type D of './a'",
                    "f0 calls [$f(./a#default, ./a#b)]",
                ],
            ),
            (
                "import * as a from \"node:http\"; import 'b'; import type { C } from './c'; a.get()",
                &[
                    "import * of \"node:http\"",
                    "import nothing of 'b'",
                    "import type C of './c'",
                    "f0 calls [node:http#*.get()]",
                ],
            ),
            ("import { default as a, 'b-c' as d } from 'e'", &["import default of 'e'", "import b-c of 'e'"]),
            ("f(a); import a from 'b'", &["import default of 'b'", "f0 calls [$f(b#default)]"]),
            ("import a = require('b'); a()", &["import * of 'b'", "f0 calls [b#*()]"]),
            (
                "import a from 'b'; { const a = 1; f(a) } f(a)",
                &["import default of 'b'", "v0 a in f0 = 1", "f0 calls [$f(a) ; $f(b#default)]"],
            ),
        ],
    );
}

#[test]
fn exports_name_values_or_other_modules() {
    check(
        "a.ts",
        &[
            ("export const a = 1, { b } = c", &["v0 a in f0 = 1", "v1 b in f0 = $c.b", "export a = a", "export b = b"]),
            ("export default 1", &["export default = 1"]),
            ("export default function () {}", &["f1", "export default = f1"]),
            (
                "export default function a() {} a()",
                &["v0 a in f0 = f1", "f0 calls [a()]", "f1 a", "export default = f1"],
            ),
            ("export default class A {}", &["v0 A in f0 = c0", "c0 A", "export default = c0"]),
            ("export function a(): void; export function a() {}", &["v0 a in f0 = f1", "f1 a", "export a = a"]),
            ("const a = 1; export { a, a as b }", &["v0 a in f0 = 1", "export a = a", "export b = a"]),
            ("import a from 'b'; export { a as c }", &["import default of 'b'", "export c = b#default"]),
            ("export { a as b, default } from './c'", &["export b = a of ./c", "export default = default of ./c"]),
            ("export * from './a'; export * as b from './b'", &["export * of ./a", "export b = * of ./b"]),
            ("export = a", &["export = $a"]),
            ("export enum A { B = 'b' }", &["v0 A in f0 = {B: \"b\"}", "export A = A"]),
            ("export interface A { b: C } export declare const d: A", &["v0 A in f0 = ", "export A = A"]),
        ],
    );
}

#[test]
fn commonjs_exports_are_the_same() {
    check(
        "a.js",
        &[
            ("module.exports = a", &["export = $a"]),
            ("module.exports = { a, b() {} }", &["f1 b", "export = {a: $a, b: f1}"]),
            ("exports = module.exports = a", &["export = $a"]),
            (
                "exports.a = 1; module.exports.b = 2; exports['c'] = 3",
                &["export a = 1", "export b = 2", "export c = 3"],
            ),
            (
                "exports.a = () => 1; f(exports.a, module.exports.a)",
                &["v0 a in f0 = f1", "f0 calls [$f(a, a)]", "f1 a returns [1]", "export a = f1"],
            ),
            (
                "Object.assign(module.exports, { a: 1, ...require('./b') }, require('./c'))",
                &["export a = 1", "export * of ./b", "export * of ./c"],
            ),
            ("Object.assign(a, b)", &["f0 calls [$Object.assign($a, $b)]"]),
            ("const { a, b: { c } } = require('d')", &["v0 a in f0 = require(d).a", "v1 c in f0 = require(d).b.c"]),
            (
                "function f(exports) { exports.a = 1 }",
                &["v0 f in f0 = f1", "v1 exports in f1 parameter 0 = ", "f1 f (v1) assigns [exports.a := 1]"],
            ),
        ],
    );
}

#[test]
fn what_compilers_write_is_read_as_what_people_wrote() {
    check(
        "a.js",
        &[
            (
                "Object.defineProperty(exports, '__esModule', { value: true }); exports.a = exports.b = void 0; exports.a = 1",
                &["export a = 1"],
            ),
            (
                "const b_1 = __importDefault(require('b')); b_1.default.get('/')",
                &["v0 b_1 in f0 = require(b)", "f0 calls [b_1.default.get(\"/\")]"],
            ),
            (
                "const b = tslib_1.__importStar(require('b')); (0, b.c)()",
                &["v0 b in f0 = require(b)", "f0 calls [b.c()]"],
            ),
            ("__exportStar(require('./a'), exports)", &["export * of ./a"]),
            ("tslib_1.__exportStar(require('./a'), exports)", &["export * of ./a"]),
            (
                "Object.defineProperty(exports, 'a', { enumerable: true, get: function () { return b.c; } })",
                &["export a = $b.c"],
            ),
            ("Object.defineProperty(exports, 'a', { get: () => b.c })", &["export a = $b.c"]),
        ],
    );
}

#[test]
fn calls_keep_their_order_and_their_surroundings() {
    check(
        "a.ts",
        &[
            ("f(g(), h)", &["f0 calls [$g() ; $f($g(), $h)]"]),
            ("await f(); f()", &["f0 calls [$f()%a ; $f()]"]),
            ("await f().catch(g)", &["f0 calls [$f()%a ; $f()%a.catch($g)%a]"]),
            ("export {}; await (a ?? f()) as b", &["f0 calls [$f()%ab]"]),
            (
                "const [a] = await Promise.all([f(), g(1)])",
                &[
                    "v0 a in f0 = await $Promise.all([$f()%a, $g(1)%a])%a[0]",
                    "f0 calls [$f()%a ; $g(1)%a ; $Promise.all([$f()%a, $g(1)%a])%a]",
                ],
            ),
            (
                "await Promise.all(a.map((b) => f(b)))",
                &[
                    "v0 b in f1 parameter 0 = ",
                    "f0 calls [$a.map(f1) ; $Promise.all($a.map(f1))%a]",
                    "f1 (v0) calls [$f(b)%a] returns [$f(b)%a]",
                ],
            ),
            ("for (const a of f()) g(a)", &["v0 a in f0 = each $f()", "f0 calls [$f() ; $g(a)%l]"]),
            ("while (f()) g()", &["f0 calls [$f()%l ; $g()%l]"]),
            ("for (let i = f(); g(); h()) k()", &["v0 i in f0 = $f()", "f0 calls [$f() ; $g()%l ; $k()%l ; $h()%l]"]),
            ("try { f() } catch { g() } finally { h() }", &["f0 calls [$f()%t ; $g()%c ; $h()]"]),
            ("try { f() } finally { g() }", &["f0 calls [$f() ; $g()]"]),
            ("if (f()) g(); else if (h()) k(); m()", &["f0 calls [$f() ; $g()%b ; $h()%b ; $k()%b ; $m()]"]),
            ("f() && g() || h()", &["f0 calls [$f() ; $g()%b ; $h()%b]"]),
            ("f() ? g() : h()", &["f0 calls [$f() ; $g()%b ; $h()%b]"]),
            ("switch (f()) { case g(): h() }", &["f0 calls [$f() ; $g()%b ; $h()%b]"]),
            ("async () => f()", &["f1 async calls [$f()%a] returns [$f()%a]"]),
            (
                "async function a() { return f() } function b() { return f() }",
                &[
                    "v0 a in f0 = f1",
                    "v1 b in f0 = f2",
                    "f1 async a calls [$f()%a] returns [$f()%a]",
                    "f2 b calls [$f()] returns [$f()]",
                ],
            ),
            ("if (a) { () => f() }", &["f1 calls [$f()] returns [$f()]"]),
            ("new A(await f())", &["f0 calls [$f()%a ; new $A(await $f()%a)]"]),
        ],
    );
}

#[test]
fn functions_know_their_names_parameters_and_parents() {
    check(
        "a.ts",
        &[
            (
                "const a = () => function b() { b() }",
                &["v0 a in f0 = f1", "v1 b in f1 = f2", "f1 a returns [f2]", "f2 b in f1 calls [b()]"],
            ),
            (
                "function f(a: A, b = 1, ...c: D[]) { g(a, b, c) }",
                &[
                    "v0 f in f0 = f1",
                    "v1 a in f1 parameter 0: $A = ",
                    "v2 b in f1 parameter 1 = 1",
                    "v3 c in f1 parameter 2: $Array<$D> = ",
                    "f1 f (v1: $A) (v2) (...v3: $Array<$D>) calls [$g(a, b, c)]",
                ],
            ),
            (
                "({ a = 1, b: [c], ...d }: E = {}) => a",
                &[
                    "v0 {…} in f1 parameter 0: $E = {}",
                    "v1 a in f1 = ({…}.a ?? 1)",
                    "v2 c in f1 = {…}.b[0]",
                    "v3 d in f1 = {…} without a b",
                    "f1 (v0: $E) returns [a]",
                ],
            ),
            (
                "f(); function f() { return g } const g = 1",
                &["v0 f in f0 = f1", "v1 g in f0 = 1", "f0 calls [f()]", "f1 f returns [g]"],
            ),
            ("a = 1; b.c = 2; d['e'] = f; g[h] = i", &["f0 assigns [$a := 1 ; $b.c := 2 ; $d.e := $f ; $g[$h] := $i]"]),
            (
                "function f<T>(a: T, b: Repository<T>): T { return a }",
                &[
                    "v0 f in f0 = f1",
                    "v1 a in f1 parameter 0 = ",
                    "v2 b in f1 parameter 1: $Repository<?a type without a name?> = ",
                    "f1 f (v1) (v2: $Repository<?a type without a name?>) returns [a]",
                ],
            ),
        ],
    );
}

#[test]
fn types_are_kept_where_they_name_something() {
    check(
        "a.ts",
        &[
            (
                "let a: A | undefined | null, b: string, c: A | B, d: readonly n.D<E>[]",
                &["v0 a in f0: $A = ", "v1 b in f0 = ", "v2 c in f0 = ", "v3 d in f0: $Array<$n.D<$E>> = "],
            ),
            (
                "type A = import('./b').B<C>; let a: A, b: typeof a, c: A & D",
                &[
                    "v0 A in f0 = ",
                    "v1 a in f0: require(./b).B<$C> = ",
                    "v2 b in f0: a = ",
                    "v3 c in f0: require(./b).B<$C> = ",
                ],
            ),
            ("type A = A | undefined; let a: A", &["v0 A in f0 = ", "v1 a in f0: A = "]),
            ("interface I {} let a: I", &["v0 I in f0 = ", "v1 a in f0: I = "]),
        ],
    );
}

#[test]
fn classes_have_fields_methods_and_decorators() {
    check(
        "a.ts",
        &[
            (
                "@A('a') class B extends C<D> { static x = 1; #y: E; @F() z!: G; m() {} get n() { return 1 } set n(v) {} static async o() {} }",
                &[
                    "v0 B in f0 = c0",
                    "v1 v in f3 parameter 0 = ",
                    "f0 calls [$A(\"a\") ; $F()]",
                    "f1 m of c0",
                    "f2 n of c0 returns [1]",
                    "f3 n of c0 (v1)",
                    "f4 async o of c0",
                    "c0 B extends $C @$A(\"a\") {static x = 1} {#y: $E = } {z: $G =  @$F()} {m f1} {get n f2} {n f3} {static o f4}",
                ],
            ),
            (
                "class A { constructor(@Inject('x') private readonly a: B, public b = 1, c) { super(c); this.d = this.a; } e() { this.d = 2; () => { this.f = 3 }; function g() { this.h = 4 } } d = 0 }",
                &[
                    "v0 A in f0 = c0",
                    "v1 a in f1 parameter 0: $B = ",
                    "v2 b in f1 parameter 1 = 1",
                    "v3 c in f1 parameter 2 = ",
                    "v4 g in f2 = f4",
                    "f0 calls [$Inject(\"x\")]",
                    "f1 constructor of c0 (v1: $B @$Inject(\"x\") field) (v2 field) (v3) calls [super(c)] assigns [this.d := this.a]",
                    "f2 e of c0 assigns [this.d := 2]",
                    "f3 in f2 assigns [this.f := 3]",
                    "f4 g in f2 assigns [this.h := 4]",
                    "c0 A constructor f1 {a: $B = a @$Inject(\"x\")} {b = b} {d = 0 ; this.a ; 2} {f = 3} {e f2}",
                ],
            ),
            (
                "class A { @Get(':id') find(@Param('id') id: string) { return f(id) } }",
                &[
                    "v0 A in f0 = c0",
                    "v1 id in f1 parameter 0 = ",
                    "f0 calls [$Get(\":id\") ; $Param(\"id\")]",
                    "f1 find of c0 (v1 @$Param(\"id\")) decorators [$Get(\":id\")] calls [$f(id)] returns [$f(id)]",
                    "c0 A {find f1}",
                ],
            ),
            (
                "abstract class A { abstract a(): void; b(c: string): void; b(c) {} declare d: E }",
                &["v0 A in f0 = c0", "v1 c in f1 parameter 0 = ", "f1 b of c0 (v1)", "c0 A {d: $E = } {b f1}"],
            ),
            (
                "class A { a = () => this.b; static { this.c = 1 } ['d']() {} [e]() {} }",
                &[
                    "v0 A in f0 = c0",
                    "f0 assigns [this.c := 1]",
                    "f1 a returns [this.b]",
                    "f2 d of c0",
                    "f3 of c0",
                    "c0 A {a = f1} {static c = 1} {d f2}",
                ],
            ),
            (
                "const a = class B { c() { return B } }",
                &["v0 a in f0 = c0", "v1 B in f0 = c0", "f1 c of c0 returns [B]", "c0 B {c f1}"],
            ),
            ("if (f()) { class A { b = g() } }", &["v0 A in f0 = c0", "f0 calls [$f() ; $g()]", "c0 A {b = $g()}"]),
        ],
    );
}

#[test]
fn expressions_in_elements_of_pages_are_read() {
    check(
        "a.tsx",
        &[(
            "const a = <A b={f()} {...c}>text {g(<></>)}</A>",
            &["v0 a in f0 = ?an element of a page?", "f0 calls [$f() ; $g(?an element of a page?)]"],
        )],
    );
}

#[test]
fn mistakes_are_told_and_the_rest_is_kept() {
    check(
        "a.ts",
        &[
            ("const a = 1;\nf(;", &["mistake 15-16 Unexpected token", "v0 a in f0 = 1"]),
            (
                "const a = 1;\n\nconst b = 2;\nfunction c() {\n  return {;\n}\n",
                &["mistake 52-53 Unexpected token", "v0 a in f0 = 1", "v1 b in f0 = 2"],
            ),
            ("f(", &["mistake 2-2 Expected `)` but found `EOF`"]),
            ("const a = 'b", &["mistake 10-12 Unterminated string"]),
        ],
    );
}
