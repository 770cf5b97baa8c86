'use strict';
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const crypto = require('node:crypto');
const os = require('node:os');
const zlib = require('node:zlib');
const { execFileSync, spawnSync } = require('node:child_process');
const { open, source, extension } = require('./window.js');

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/* Opens a page and lets its first request go out. */
function visit(options) {
  const page = open(options);
  page.pass(50);
  return page;
}

/* The fields of the record, as its one table names them. */
function recordFields() {
  const text = fs.readFileSync(path.join(__dirname, '../../common/record.h'), 'utf8');
  const table = text.slice(text.indexOf('#define RECORD_FIELDS(X)'), text.indexOf('#define RECORD_MEMBER_TEXT'));
  const names = [...table.matchAll(/\bX\((\w+),\s*(TEXT|INT)/g)].map((m) => m[1]);
  assert.ok(names.length > 30, 'the table was found');
  return names.concat('gpc', 'tc'); // said of the visitor, recorded as consent
}

test('the script is at most 2,500 bytes gzipped', () => {
  const size = zlib.gzipSync(source, { level: 9 }).length;
  assert.ok(size <= 2500, `${size} bytes`);
});

/* What is checked in is what the source says: nobody else needs Node. */
test('building again gives the files that are checked in, byte for byte', () => {
  const place = path.join(__dirname, '../../collector/tracker');
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'afterclick-tracker-'));
  try {
    execFileSync(process.execPath, ['build.mjs', out], { cwd: place });
    for (const name of ['tracker.js', 'extension.js', 'index.js'])
      assert.ok(fs.readFileSync(path.join(out, name)).equals(fs.readFileSync(path.join(place, 'dist', name))), name);
  } finally {
    fs.rmSync(out, { recursive: true });
  }
});

test('the types hold', () => {
  const place = path.join(__dirname, '../../collector/tracker');
  const done = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], { cwd: place, encoding: 'utf8' });
  assert.strictEqual(done.stdout + done.stderr, '');
});

test('the core asks for the extension by the hash that the collector gives it', () => {
  const hash = crypto.createHash('sha256').update(extension).digest('hex').slice(0, 8);
  for (const [src, wanted] of [['https://stats.test/t.js', 't-x' + hash + '.js'], ['https://stats.test/t-0a1b2c3d.js?site=shop', 't-x' + hash + '.js'],
    ['https://stats.test/stats', 'stats-x' + hash]]) {
    const page = open({ src });
    page.call('mark', 'signup');
    assert.deepStrictEqual(page.scripts.map((s) => s.src), ['https://stats.test/' + wanted]);
    page.call('mark', 'signup');
    assert.strictEqual(page.scripts.length, 1);
  }
});

test('a site that needs no extension never loads it', () => {
  const page = visit();
  page.call('purchase', { order_id: 'A-1' });
  page.call('cart', {});
  assert.deepStrictEqual(page.scripts, []);
});

test('the settings of another site are not taken', () => {
  const config = { site: 'other', consent: 'wait', extension: true };
  assert.strictEqual(visit({ config }).requests.length, 1);
  const own = visit({ config: { ...config, site: 'shop' } });
  assert.deepStrictEqual([own.requests.length, own.scripts.length], [0, 1]);
});

test('the site may stand in the address of the script, or come with the settings', () => {
  assert.strictEqual(visit({ attributes: { 'data-site': null }, src: 'https://stats.test/t.js?site=two' }).requests[0].events[0].site, 'two');
  assert.strictEqual(visit({ attributes: { 'data-site': null }, config: { site: 'three', dnt: true } }).requests[0].events[0].site, 'three');
});

for (const [call, type, name] of [['purchase', 'conversion'], ['refund', 'refund'], ['view', 'event', 'view'], ['cart', 'event', 'cart'],
  ['checkout', 'event', 'checkout'], ['signup', 'event', 'signup'], ['newsletter', 'event', 'newsletter'], ['form', 'event', 'form'],
  ['download', 'event', 'download']]) {
  test(`${call} is a hit of type ${type} with its items`, async () => {
    const page = visit();
    page.call(call, { value: 5, currency: 'EUR', order_id: 'A-1', refund_id: 'R-1', items: [{ sku: 'mug', quantity: 1 }] });
    await page.requests[0].answer(204);
    const [event] = page.requests[1].events;
    assert.deepStrictEqual([event.type, event.name, event.value, event.items, event.order_id, event.refund_id],
      [type, name, '5', [{ sku: 'mug', quantity: 1 }], 'A-1', call === 'refund' ? 'R-1' : undefined]);
  });
}

test('globalPrivacyControl is said with each hit', () => {
  const page = visit({ before: (w) => { w.navigator.globalPrivacyControl = true; } });
  assert.strictEqual(page.requests[0].events[0].gpc, 1);
});

test('where denial is presumed, nothing is stored until consent is granted', async () => {
  const page = visit({ config: { site: 'shop', consent: 'denied' } });
  await page.requests[0].fail();
  assert.deepStrictEqual(page.storage, {});
  page.call('consent', { analytics_storage: 'granted' });
  page.pass(1000);
  await page.requests[1].fail();
  assert.ok(page.stored().length > 0);
});

for (const [name, options] of [
  ['DNT where the site obeys it', { config: { site: 'shop', dnt: true }, before: (w) => { w.navigator.doNotTrack = '1'; } }],
  ['the cookie of the opt-out page', { before: (w) => { w.document.cookie = 'a=b; _ac_out=1'; } }],
]) {
  test(`${name} lets nothing be stored, whatever the page says`, async () => {
    const page = visit(options);
    page.call('consent', { analytics_storage: 'granted' });
    await page.requests[0].fail();
    assert.deepStrictEqual(page.storage, {});
  });
}

test('the sign of a linked domain is no part of the address, wherever it stands', async () => {
  for (const [signed, plain] of [['/a?_ac_x=S*1', '/a'], ['/a?_ac_x=S*1&b=c', '/a?b=c'], ['/a?b=c&_ac_x=S*1', '/a?b=c'], ['/a?b=c&_ac_x=S*1&d', '/a?b=c&d']]) {
    const page = visit({ url: 'https://shop.test' + signed });
    page.window.history.replaceState(null, '', plain);
    page.hide();
    assert.deepStrictEqual(page.events().map((e) => e.url), ['https://shop.test' + signed]);
  }
});

test('a purpose that is not named keeps what was said of it', async () => {
  const page = visit();
  page.call('consent', { ad_storage: 'denied', analytics_storage: 'denied' });
  page.call('consent', { analytics_storage: 'granted', tc: 'TC' });
  page.call('event', 'a');
  await page.requests[0].answer(204);
  const last = page.requests[1].events;
  assert.deepStrictEqual(last[2].consent, { ad_storage: 'denied', analytics_storage: 'granted' });
  assert.strictEqual(last[1].tc, 'TC');
});

test('the script has nothing that a strict content security policy refuses', () => {
  assert.doesNotMatch(source, /\beval\b|new Function|document\.write|innerHTML|setTimeout\(['"]/);
});

test('a page view goes out within 50 ms', () => {
  const page = open({ url: 'https://shop.test/a?utm_source=x', referrer: 'https://search.test/', title: 'Mugs' });
  page.pass(49);
  assert.strictEqual(page.requests.length, 0);
  page.pass(1);
  const [event] = page.requests[0].events;
  assert.match(event.event_id, UUID);
  delete event.event_id;
  assert.deepStrictEqual(event, {
    type: 'page', site: 'shop', time: 1760000000000, sent_at: 1760000000050,
    url: 'https://shop.test/a?utm_source=x', referrer: 'https://search.test/', title: 'Mugs',
    language: 'en-GB', screen: '1280x720',
  });
});

test('a normal send is a fetch with cookies that outlives the page and needs no preflight', () => {
  const { url, init } = visit().requests[0];
  assert.strictEqual(url, 'https://stats.test/e');
  assert.strictEqual(init.credentials, 'include');
  assert.strictEqual(init.keepalive, true);
  assert.deepStrictEqual({ ...init.headers }, { 'Content-Type': 'text/plain' });
});

test('the endpoint stands beside the script, whatever its query', () => {
  assert.strictEqual(visit({ src: 'https://shop.test/stats/t.js?v=2#x' }).requests[0].url, 'https://shop.test/stats/e');
});

test('data-endpoint names another endpoint', () => {
  assert.strictEqual(visit({ attributes: { 'data-endpoint': '/collect' } }).requests[0].url, '/collect');
});

test('every parameter name is a field of the record', async () => {
  const page = visit();
  page.call('identify', 'u1');
  page.call('conversion', { goal: 'g', value: 1, currency: 'EUR', order_id: 'o', items: [], new_customer: true, props: {}, colour: 'red' });
  page.call('event', 'e', { a: 1 });
  page.call('exposure', { experiment: 'x', variant: 'b' });
  page.call('consent', { ad_storage: 'granted' });
  await page.requests[0].answer(204);
  const fields = recordFields();
  const sent = new Set(page.events().flatMap(Object.keys));
  assert.strictEqual(page.events().length, 6);
  assert.deepStrictEqual([...sent].filter((name) => !fields.includes(name)), []);
});

test('a conversion carries what the page says, and where it happened', async () => {
  const page = visit({ url: 'https://shop.test/thanks' });
  page.call('conversion', { goal: 'purchase', value: 49.9, currency: 'EUR', order_id: 'A-1', items: [{ sku: 'mug' }] });
  await page.requests[0].answer(204);
  const event = page.requests[1].events[0];
  assert.deepStrictEqual([event.type, event.goal, event.value, event.currency, event.order_id, event.items, event.url],
    ['conversion', 'purchase', '49.9', 'EUR', 'A-1', [{ sku: 'mug' }], 'https://shop.test/thanks']);
});

test('a sum of floats becomes a decimal of at most six places', async () => {
  const page = visit();
  page.call('conversion', { value: 0.1 + 0.2 });
  await page.requests[0].answer(204);
  assert.strictEqual(page.requests[1].events[0].value, '0.3');
});

test('items are sent as they were when the conversion was named', async () => {
  const page = visit();
  const items = [{ sku: 'mug' }];
  page.call('conversion', { items });
  items.length = 0;
  await page.requests[0].answer(204);
  assert.deepStrictEqual(page.requests[1].events[0].items, [{ sku: 'mug' }]);
});

test('an event has its name and props', async () => {
  const page = visit();
  page.call('event', 'newsletter', { place: 'footer' });
  await page.requests[0].answer(204);
  const event = page.requests[1].events[0];
  assert.deepStrictEqual([event.type, event.name, event.props], ['event', 'newsletter', { place: 'footer' }]);
});

test('identify names the person in its own hit and in those that follow', async () => {
  const page = visit();
  page.call('identify', 17);
  page.call('event', 'login');
  await page.requests[0].answer(204);
  assert.deepStrictEqual(page.requests[1].events.map((e) => [e.type, e.user_id]), [['identify', '17'], ['event', '17']]);
});

test('calls made before the script came are honoured, after the page view', () => {
  const page = visit({
    before: (w) => {
      w.afterclick = function () { (w.afterclick.q = w.afterclick.q || []).push(arguments); };
      w.afterclick('conversion', { order_id: 'A-1' });
      w.afterclick('nonsense');
      w.afterclick('event', 'late');
    },
  });
  assert.deepStrictEqual(page.requests[0].events.map((e) => e.type), ['page', 'conversion', 'event']);
});

test('a script that is on the page twice counts once', () => {
  const page = open();
  page.run();
  page.pass(50);
  assert.strictEqual(page.events().length, 1);
});

test('ids differ, also without randomUUID and without crypto', () => {
  for (const without of [[], ['randomUUID'], ['crypto']]) {
    const page = visit({ without, before: (w) => { w.afterclick = { q: [['event', 'a'], ['event', 'b']] }; } });
    const ids = page.events().map((e) => e.event_id);
    assert.strictEqual(new Set(ids).size, 3);
    ids.forEach((id) => assert.match(id, /^[A-Za-z0-9_.:-]{32,64}$/));
  }
});

test('an event_id of the caller is kept', async () => {
  const page = visit();
  page.call('conversion', { event_id: 'mine' });
  await page.requests[0].answer(204);
  assert.strictEqual(page.requests[1].events[0].event_id, 'mine');
});

test('the second request waits for the cookie of the first answer', async () => {
  const page = visit();
  page.call('event', 'soon');
  page.pass(1000);
  assert.strictEqual(page.requests.length, 1);
  await page.requests[0].answer(204);
  assert.strictEqual(page.requests.length, 2);
});

/* --- pages without a load ------------------------------------------------ */

test('pushState to another address is a page whose referrer is the one before', async () => {
  const page = visit({ url: 'https://shop.test/a', referrer: 'https://search.test/' });
  await page.requests[0].answer(204);
  page.window.history.pushState(null, '', '/b');
  page.pass(50);
  const [event] = page.requests[1].events;
  assert.deepStrictEqual([event.type, event.url, event.referrer], ['page', 'https://shop.test/b', 'https://shop.test/a']);
});

test('replaceState to the same address, or another fragment, is no page', () => {
  const page = visit({ url: 'https://shop.test/a' });
  page.window.history.replaceState(null, '', '/a');
  page.window.history.pushState(null, '', '/a#part');
  page.go('https://shop.test/a#other');
  page.window.fire('hashchange');
  page.hide();
  assert.strictEqual(page.events().length, 1);
});

test('going back is a page', async () => {
  const page = visit({ url: 'https://shop.test/a' });
  page.window.history.pushState(null, '', '/b');
  page.go('https://shop.test/a');
  page.window.fire('popstate');
  await page.requests[0].answer(204);
  assert.deepStrictEqual(page.events().map((e) => e.url.slice(17)), ['/a', '/b', '/a']);
});

test('the fragment of a hash router is a page', async () => {
  const page = visit({ url: 'https://shop.test/#/a' });
  page.go('https://shop.test/#/b');
  page.window.fire('hashchange');
  await page.requests[0].answer(204);
  assert.strictEqual(page.requests[1].events[0].url, 'https://shop.test/#/b');
});

test('data-spa="off" leaves history alone', () => {
  const page = visit({ attributes: { 'data-spa': 'off' } });
  page.window.history.pushState(null, '', '/b');
  page.window.fire('popstate');
  page.hide();
  assert.strictEqual(page.events().length, 1);
});

test('pushState still returns and throws what the browser does', () => {
  const page = visit({ before: (w) => { w.history.pushState = () => { throw new RangeError('too many'); }; } });
  assert.throws(() => page.window.history.pushState(null, '', '/b'), /too many/);
});

test('a page from the back/forward cache is a page view, its first show is not', () => {
  const page = visit();
  page.window.fire('pageshow', { persisted: false });
  page.window.fire('pageshow', { persisted: true });
  page.hide();
  assert.deepStrictEqual(page.events().map((e) => e.type), ['page', 'page']);
});

test('a prerendered page counts when it is shown', () => {
  const page = visit({ prerendering: true });
  assert.strictEqual(page.events().length, 0);
  page.window.document.fire('prerenderingchange');
  page.pass(50);
  assert.strictEqual(page.events().length, 1);
});

/* --- leaving ------------------------------------------------------------- */

test('a hidden page sends what waits by beacon', () => {
  const page = open();
  page.hide();
  assert.strictEqual(page.beacons[0].url, 'https://stats.test/e');
  assert.strictEqual(page.beacons[0].events.length, 1);
  assert.strictEqual(typeof page.beacons[0].body, 'string');
  page.pass(100);
  assert.strictEqual(page.requests.length, 0);
});

test('pagehide does not wait for the answer under way, nor send it again', () => {
  const page = visit();
  page.call('conversion', { order_id: 'A-1' });
  page.window.fire('pagehide');
  assert.deepStrictEqual(page.beacons[0].events.map((e) => e.type), ['conversion']);
});

test('a beacon that the browser refuses becomes a fetch, and is kept until that is answered', async () => {
  const page = open({ beaconFull: true });
  page.hide();
  assert.strictEqual(page.stored().length, 1);
  assert.strictEqual(page.requests[0].init.keepalive, true);
  await page.requests[0].answer(204);
  assert.strictEqual(page.stored().length, 0);
});

test('an offline beacon is kept for the next page', () => {
  const page = open();
  page.window.navigator.onLine = false;
  page.hide();
  assert.strictEqual(page.stored().length, 1);
});

test('without fetch the beacon is used, without both the pixel', () => {
  assert.strictEqual(visit({ without: ['fetch'] }).beacons.length, 1);
  const page = visit({ without: ['fetch', 'sendBeacon'], before: (w) => { w.afterclick = { q: [['event', 'a b', { x: 1 }]] }; } });
  assert.strictEqual(page.pixels.length, 2);
  const url = new URL(page.pixels[1]);
  assert.strictEqual(url.origin + url.pathname, 'https://stats.test/p');
  assert.strictEqual(url.searchParams.get('name'), 'a b');
  assert.strictEqual(url.searchParams.get('props'), '{"x":1}');
  assert.strictEqual(url.searchParams.has('user_id'), false);
});

/* --- failures ------------------------------------------------------------ */

test('an unreachable collector is tried again with the same id and time, and a new sent_at', async () => {
  const page = visit();
  const first = page.requests[0].events[0];
  await page.requests[0].fail();
  page.pass(999);
  assert.strictEqual(page.requests.length, 1);
  page.pass(1);
  const second = page.requests[1].events[0];
  assert.deepStrictEqual([second.event_id, second.time], [first.event_id, first.time]);
  assert.ok(second.sent_at > first.sent_at);
});

for (const [status, kept] of [[204, 0], [400, 0], [403, 0], [413, 0], [429, 1], [500, 1], [503, 1]]) {
  test(`an answer ${status} keeps ${kept} hits`, async () => {
    const page = visit();
    await page.requests[0].answer(status);
    assert.strictEqual(page.stored().length, kept);
  });
}

test('waits double up to a minute and go on for ever', async () => {
  const page = visit();
  const waits = [];
  for (let i = 0; i < 40; i++) {
    const before = page.requests.length;
    await page.requests[before - 1].fail();
    let waited = 0;
    while (page.requests.length === before && waited < 100000) { page.pass(500); waited += 500; }
    waits.push(waited);
  }
  assert.deepStrictEqual(waits.slice(0, 8), [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
  assert.ok(waits.slice(8).every((w) => w === 60000));
});

test('what is kept is at most 30 hits, the newest', async () => {
  const page = visit();
  for (let i = 0; i < 40; i++) page.call('event', 'n' + i);
  await page.requests[0].answer(204);
  while (page.requests.some((r) => !r.failed)) {
    for (const r of page.requests.filter((r) => !r.failed)) { r.failed = true; await r.fail(); }
    page.pass(40);
  }
  const names = page.stored().map((e) => e.name);
  assert.strictEqual(names.length, 30);
  assert.strictEqual(names[29], 'n39');
});

test('what is older than a day is not sent any more', async () => {
  const storage = {};
  const old = visit({ storage });
  await old.requests[0].fail();
  const young = visit({ storage, now: old.now + 86400000 - 51 - 50 });
  assert.strictEqual(young.requests[0].events.length, 2);
  const late = visit({ storage: { _ac_q: storage._ac_q }, now: old.now + 86400000 });
  assert.strictEqual(late.requests[0].events.length, 1);
});

test('the next page sends what the last one could not, once', async () => {
  const storage = {};
  const first = visit({ storage });
  await first.requests[0].fail();
  const second = visit({ storage });
  assert.deepStrictEqual(second.requests[0].events[0].event_id, first.requests[0].events[0].event_id);
  await second.requests[0].answer(204);
  assert.deepStrictEqual(second.stored(), []);
  const third = visit({ storage });
  assert.strictEqual(third.requests[0].events.length, 1);
});

test('being online again sends at once', async () => {
  const page = visit();
  await page.requests[0].fail();
  page.window.fire('online');
  assert.strictEqual(page.requests.length, 2);
});

test('a request holds about 20 kB and the rest follows', async () => {
  const page = visit();
  for (let i = 0; i < 10; i++) page.call('event', 'big', { text: 'x'.repeat(7000) });
  for (let i = 0; i < page.requests.length; i++) {
    assert.ok(page.requests[i].body.length < 40000);
    await page.requests[i].answer(204);
  }
  assert.strictEqual(page.events().length, 11);
});

/* --- consent ------------------------------------------------------------- */

test('data-consent="wait" sends and stores nothing until consent is known', async () => {
  const page = visit({ attributes: { 'data-consent': 'wait' } });
  page.call('conversion', { order_id: 'A-1' });
  page.pass(60000);
  page.hide();
  assert.deepStrictEqual([page.requests.length, page.beacons.length, page.storage], [0, 0, {}]);
  page.call('consent', { ad_storage: 'denied', analytics_storage: 'granted', other: 'x' });
  page.pass(50);
  const events = page.requests[0].events;
  assert.deepStrictEqual(events.map((e) => e.type), ['page', 'conversion', 'consent']);
  events.forEach((e) => assert.deepStrictEqual(e.consent, { ad_storage: 'denied', analytics_storage: 'granted' }));
});

test('nothing is stored when analytics storage is denied', async () => {
  const page = visit({ before: (w) => { w.afterclick = { q: [['consent', { analytics_storage: 'denied' }]] }; } });
  await page.requests[0].fail();
  assert.deepStrictEqual(page.storage, {});
  page.pass(1000);
  assert.strictEqual(page.requests[1].events.length, 2);
});

/* --- hostile surroundings ------------------------------------------------ */

test('a browser without storage still tries again', async () => {
  const page = visit({ noStorage: true });
  await page.requests[0].fail();
  page.pass(1000);
  assert.strictEqual(page.requests[1].events.length, 1);
});

test('rubbish in the storage does not matter', () => {
  for (const rubbish of ['{', '7', 'null', '"x"', '[null]', '{"a":1}'])
    assert.strictEqual(visit({ storage: { _ac_q: rubbish } }).requests.length, 1, rubbish);
});

test('half a surrogate pair leaves the body well-formed', () => {
  const page = visit({ title: 'x'.repeat(169) + '😀' });
  assert.doesNotMatch(page.requests[0].body, /\\ud[89a-f]/i);
  assert.ok(page.requests[0].events[0].title.isWellFormed());
});

test('nonsense never throws into the page, nor harms its other hits', async () => {
  const page = visit();
  const circle = {};
  circle.circle = circle;
  for (const args of [[], [null], ['nonsense'], ['constructor'], ['conversion'], ['conversion', null], ['consent'],
    ['event', 'x', circle], ['conversion', { value: NaN }], ['identify']])
    assert.doesNotThrow(() => page.call(...args));
  page.call('event', 'good');
  await page.requests[0].answer(204);
  assert.ok(page.events().some((e) => e.name === 'good'));
});

test('a page with no script element of ours is left alone', () => {
  const page = open({ before: (w) => { w.document.currentScript = null; } });
  page.pass(50);
  assert.strictEqual(page.window.afterclick, undefined);
});
