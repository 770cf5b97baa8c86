/* What others build on: the npm package, and Tag Manager's template. */
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const os = require('node:os');
const vm = require('node:vm');
const { execFileSync, spawnSync } = require('node:child_process');
const gtm = require('./gtm.js');
const { open } = require('./window.js');

const place = path.join(__dirname, '../../collector/tracker');
let folder; // of somebody who has installed the package

test.before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'afterclick-package-'));
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--offline', '--ignore-scripts', '--pack-destination', folder], { cwd: place, encoding: 'utf8' }));
  const into = path.join(folder, 'node_modules/@afterclick/tracker');
  fs.mkdirSync(into, { recursive: true });
  execFileSync('tar', ['-xzf', path.join(folder, packed.filename), '-C', into, '--strip-components=1']);
  fs.writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}');
});
test.after(() => fs.rmSync(folder, { recursive: true }));

const write = (name, text) => fs.writeFileSync(path.join(folder, name), text);

/* --- the package ------------------------------------------------------------ */
test('the package holds what is imported, its types and both scripts, and nothing else', () => {
  const files = fs.readdirSync(path.join(folder, 'node_modules/@afterclick/tracker'), { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile()).map((f) => path.relative(path.join(folder, 'node_modules/@afterclick/tracker'), path.join(f.path, f.name)));
  assert.deepStrictEqual(files.sort(), ['README.md', 'dist/extension.js', 'dist/index.js', 'dist/tracker.js', 'package.json', 'src/index.d.ts']);
});

test('imported on a server it does nothing and throws nothing', () => {
  write('server.js', "import { afterclick, load } from '@afterclick/tracker';\n"
    + "const same = load({ src: 'https://stats.example.com/t.js', site: 'shop' });\nafterclick('page');\nsame('event', 'x');\n"
    + "console.log(typeof load, same === afterclick);\n");
  assert.strictEqual(execFileSync(process.execPath, ['server.js'], { cwd: folder, encoding: 'utf8' }), 'function true\n');
});

test('its types take what is right and refuse what is not', () => {
  write('page.ts', `import { afterclick, load, type Options, type Sale } from '@afterclick/tracker';
const options: Options = { src: 'https://stats.example.com/t.js', site: 'shop', consent: 'wait', spa: false, nonce: 'n' };
load(options)('page');
const sale: Sale = { value: 9.5, currency: 'EUR', order_id: 'A-1', items: [{ sku: 'mug', quantity: 2, price: 4.75, colour: 'red' }] };
afterclick('purchase', sale);
afterclick('conversion', { ...sale, goal: 'lead' });
afterclick('refund', { order_id: 'A-1', refund_id: 'R-1', value: 4.75, currency: 'EUR' });
afterclick('cart'); afterclick('signup'); afterclick('event', 'quote', { place: 'footer' });
afterclick('identify', 17); afterclick('consent', { ad_storage: 'denied' }); afterclick('mark', 'signup'); afterclick('returned', { goal: 'signup' });
// @ts-expect-error a refund is of an order
afterclick('refund', { value: 1 });
// @ts-expect-error there is no such call
afterclick('buy', sale);
// @ts-expect-error neither yes nor no
afterclick('consent', { ad_storage: 'perhaps' });
// @ts-expect-error where the script is must be said
load({ site: 'shop' });
`);
  for (const module of ['nodenext', 'esnext']) {
    const done = spawnSync(process.execPath, [path.join(place, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--target', 'es2020', '--lib', 'es2020,dom',
      '--module', module, '--moduleResolution', module === 'esnext' ? 'bundler' : module, 'page.ts'], { cwd: folder, encoding: 'utf8' });
    assert.strictEqual(done.stdout + done.stderr, '', module);
  }
});

test('a bundler takes it in, and in a page it loads the tracker once, with its calls', async () => {
  write('app.js', "import { afterclick, load } from '@afterclick/tracker';\nafterclick('event', 'early');\n"
    + "for (let i = 0; i < 2; i++) load({ src: 'https://stats.test/t.js', site: 'two', consent: 'denied', spa: false, nonce: 'n' });\nafterclick('event', 'late');\n");
  const { buildSync } = require(path.join(place, 'node_modules/esbuild'));
  const { text } = buildSync({ absWorkingDir: folder, entryPoints: ['app.js'], bundle: true, format: 'iife', write: false }).outputFiles[0];
  const asked = [];
  const page = open({ before: (w) => {
    w.document.createElement = () => ({ attributes: {}, setAttribute(name, value) { this.attributes[name] = value; }, getAttribute(name) { return this.attributes[name] ?? null; } });
    w.document.head.appendChild = (script) => asked.push(script);
    vm.runInNewContext(text, w);
    /* Now the script comes. */
    assert.deepStrictEqual(asked.map((s) => [s.src, s.async, s.nonce, s.attributes]), [['https://stats.test/t.js', true, 'n', { 'data-site': 'two', 'data-consent': 'denied', 'data-spa': 'off' }]]);
    w.document.currentScript = asked[0];
  } });
  page.pass(50);
  assert.deepStrictEqual(page.requests[0].events.map((e) => [e.type, e.name, e.site]), [['page', undefined, 'two'], ['event', 'early', 'two'], ['event', 'late', 'two']]);
});

/* --- Tag Manager --------------------------------------------------------------- */
test('the template has the sections that Tag Manager imports, each well-formed', () => {
  assert.deepStrictEqual(gtm.sections.map(([name]) => name), ['TERMS_OF_SERVICE', 'INFO', 'TEMPLATE_PARAMETERS', 'SANDBOXED_JS_FOR_WEB_TEMPLATE',
    'WEB_PERMISSIONS', 'TESTS', 'NOTES']);
  const info = JSON.parse(gtm.section('INFO'));
  assert.deepStrictEqual([info.type, info.id, info.containerContexts], ['TAG', 'cvt_temp_public_id', ['WEB']]);
  const fields = JSON.parse(gtm.section('TEMPLATE_PARAMETERS'));
  const names = fields.map((f) => f.name);
  assert.strictEqual(new Set(names).size, names.length);
  for (const field of fields) {
    assert.ok(['TEXT', 'SELECT', 'CHECKBOX'].includes(field.type) && (field.displayName || field.checkboxText), field.name);
    for (const when of field.enablingConditions || []) {
      const of = fields.find((f) => f.name === when.paramName);
      assert.ok(of.selectItems.some((item) => item.value === when.paramValue), `${field.name} when ${when.paramValue}`);
    }
    for (const rule of field.valueValidators || []) new RegExp(rule.args[0]);
  }
  /* Every field is used, and nothing is used that is no field. */
  const used = new Set([...gtm.code.matchAll(/\bdata\.(\w+)/g)].map((m) => m[1]));
  assert.deepStrictEqual([...used].filter((name) => !/^gtmOn(Success|Failure)$/.test(name)).sort(), names.sort());
});

for (const [name, code] of gtm.scenarios()) {
  test(`the template's own test: ${name}`, () => {
    const mocks = {}, calls = [];
    const data = {};
    for (const name of ['gtmOnSuccess', 'gtmOnFailure']) data[name] = () => calls.push(name);
    /* A mock needs the permission all the same. */
    const apis = { ...gtm.apis({}, (url, ok) => ok()) };
    for (const name of Object.keys(apis)) {
      const real = apis[name];
      apis[name] = (...args) => {
        calls.push(name);
        const result = real(...args);
        return mocks[name] ? mocks[name](...args) : result;
      };
    }
    vm.runInNewContext(`'use strict'; ${code}`, {
      mock: (name, f) => { assert.ok(apis[name], name); mocks[name] = f; },
      runCode: (fields) => gtm.run(apis, { ...data, ...fields }),
      assertThat: (value) => ({ isEqualTo: (wanted) => assert.strictEqual(JSON.stringify(value), JSON.stringify(wanted)) }),
      assertApi: (name) => ({ wasCalled: () => assert.ok(calls.includes(name), name), wasNotCalled: () => assert.ok(!calls.includes(name), name) }),
    });
  });
}

test('the template asks for no permission that it does not use', () => {
  assert.deepStrictEqual(Object.keys(gtm.permissions()).sort(), ['access_consent', 'access_globals', 'inject_script']);
});

test("two tags load the tracker once, and what they tell is in its hits", () => {
  const injected = [];
  const page = open({ attributes: { 'data-site': null }, src: 'https://stats.test/t.js?site=shop', before: (w) => {
    const apis = gtm.apis(w, (url, ok) => { injected.push(url); ok(); }, (type) => type === 'analytics_storage');
    const tag = (fields) => gtm.run(apis, { script: 'https://stats.test/t.js', site: 'shop', gtmOnSuccess() {}, gtmOnFailure() {}, ...fields });
    tag({ command: 'load', consent: true });
    tag({ command: 'conversion', name: 'lead', value: '5', currency: 'EUR' });
    tag({ command: 'purchase', orderId: 'A-1', value: 9.5, currency: 'EUR', items: [{ sku: 'mug', quantity: 2 }] });
    tag({ command: 'refund', orderId: 'A-1', refundId: 'R-1', value: 1 });
    tag({ command: 'event', name: 'quote' });
    tag({ command: 'identify', user: 'customer-17' });
  } });
  page.pass(50);
  assert.deepStrictEqual(injected, ['https://stats.test/t.js?site=shop']);
  const events = page.requests[0].events;
  assert.deepStrictEqual(events.map((e) => [e.type, e.goal ?? e.name ?? e.order_id ?? e.user_id ?? e.consent.ad_storage, e.value]), [
    ['page', 'denied', undefined], ['consent', 'denied', undefined], ['conversion', 'lead', '5'], ['conversion', 'A-1', '9.5'], ['refund', 'A-1', '1'],
    ['event', 'quote', undefined], ['identify', 'customer-17', undefined]]);
  assert.deepStrictEqual(events[1].consent, { ad_storage: 'denied', analytics_storage: 'granted', ad_user_data: 'denied', ad_personalization: 'denied' });
  assert.deepStrictEqual(events[3].items, [{ sku: 'mug', quantity: 2 }]);
  assert.strictEqual(events[4].refund_id, 'R-1');
});
