/* What the tracker does in a real Chromium. */
import assert from 'node:assert';
import { run, test, until, visit } from './shop.mjs';

const shown = (page) => page.evaluate(() => window.violations);
const call = (page, ...args) => page.evaluate((a) => window.afterclick(...a), args);
const DENIED = { analytics_storage: 'denied', ad_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied' };

/* --- delivery ---------------------------------------------------------------- */
test('a page view passes under script-src self, without a preflight', () => visit({}, async (shop) => {
  const page = await shop.open('/a?utm_source=n');
  const [hit] = await shop.arrived(1);
  assert.deepStrictEqual(await shown(page), []);
  assert.deepStrictEqual([hit.type, hit.site, hit.url], ['page', 'shop', shop.url + '/a?utm_source=n']);
  assert.deepStrictEqual([shop.hits[0].method, shop.hits[0].type], ['POST', 'text/plain']);
  assert.ok(!shop.requests.some((r) => r.startsWith('/t-x')));
}));

test('calls before the script has come are kept by the stub', () => visit({
  before: "afterclick('purchase', { order_id: 'o-1', value: 9.5, currency: 'EUR', items: [{ sku: 'mug', quantity: 2 }] });",
}, async (shop) => {
  await shop.open('/thanks');
  const [bought] = await shop.arrived(1, 'conversion');
  assert.deepStrictEqual([bought.order_id, bought.value, bought.items], ['o-1', '9.5', [{ sku: 'mug', quantity: 2 }]]);
  assert.strictEqual(shop.hits.length, 1);
}));

test('pushState, replaceState, hash routes and going back are pages', () => visit({}, async (shop) => {
  const page = await shop.open('/');
  await shop.arrived(1);
  for (const [n, step] of [[2, () => history.pushState(null, '', '/b')], [3, () => history.replaceState(null, '', '/c')],
    [4, () => { location.hash = '/d'; }], [5, () => history.back()]]) {
    await page.evaluate(step);
    await shop.arrived(n, 'page');
  }
  assert.deepStrictEqual(shop.events('page').map((e) => e.url.slice(shop.url.length)), ['/', '/b', '/c', '/c#/d', '/c']);
  assert.strictEqual(shop.events('page')[1].referrer, shop.url + '/');
}));

test('an anchor is no page', () => visit({}, async (shop) => {
  const page = await shop.open('/');
  await page.evaluate(() => { location.hash = 'part'; });
  await call(page, 'event', 'last');
  await shop.arrived(1, 'event');
  assert.strictEqual(shop.events('page').length, 1);
}));

test('what happens while leaving goes by beacon', () => visit({}, async (shop) => {
  const page = await shop.open('/');
  await shop.arrived(1);
  await page.evaluate(() => addEventListener('pagehide', () => window.afterclick('event', 'leaving'), true));
  await page.goto(shop.url + '/next');
  await shop.arrived(1, 'event');
  const hit = shop.hits.find((h) => h.events.some((e) => e.name === 'leaving'));
  assert.strictEqual(hit.type, 'text/plain;charset=UTF-8'); // only sendBeacon of a string has this type
}));

test('closing the tab while the network is slow still sends what was counted', () => visit({}, async (shop) => {
  let release;
  shop.held = new Promise((resolve) => { release = resolve; });
  const page = await shop.open('/');
  await until('a request is under way', () => shop.requests.includes('/e'));
  await call(page, 'conversion', { order_id: 'o-1' });
  await page.close({ runBeforeUnload: true });
  await until('the beacon is under way', () => shop.requests.filter((r) => r === '/e').length >= 2);
  release();
  assert.strictEqual((await shop.arrived(1, 'conversion'))[0].order_id, 'o-1');
}));

test('a beacon that is refused becomes a fetch', () => visit({ before: 'navigator.sendBeacon = function () { return false; };' }, async (shop) => {
  const page = await shop.open('/');
  await shop.arrived(1);
  await page.evaluate(() => addEventListener('pagehide', () => window.afterclick('event', 'leaving'), true));
  await page.goto(shop.url + '/next');
  await shop.arrived(1, 'event');
  assert.strictEqual(shop.hits.find((h) => h.events.some((e) => e.name === 'leaving')).type, 'text/plain');
}));

test('without fetch and beacon the pixel carries the hit', () => visit({
  before: 'window.fetch = undefined; navigator.sendBeacon = undefined;',
}, async (shop) => {
  await shop.open('/a');
  const hit = await until('the pixel', () => shop.hits.find((h) => h.path.startsWith('/p?')));
  assert.strictEqual(hit.query.get('url'), shop.url + '/a');
}));

test('without scripts the pixel of noscript counts', () => visit({ context: { javaScriptEnabled: false } }, async (shop) => {
  await shop.open('/a');
  await until('the pixel', () => shop.hits.some((h) => h.path === '/p?site=shop'));
}));

test('hits made offline arrive when online again, once', () => visit({}, async (shop) => {
  const page = await shop.open('/');
  await shop.arrived(1);
  await shop.context.setOffline(true);
  await call(page, 'event', 'offline');
  await until('it is kept', () => page.evaluate(() => localStorage.getItem('_ac_q') !== null));
  await shop.context.setOffline(false);
  const [event] = await shop.arrived(1, 'event');
  assert.ok(event.sent_at > event.time);
  await until('it is forgotten', () => page.evaluate(() => localStorage.getItem('_ac_q') === null));
}));

test('a refused hit is sent again under its id by the next page', () => visit({}, async (shop) => {
  shop.status = 503;
  const page = await shop.open('/');
  await until('it is refused and kept', () => page.evaluate(() => localStorage.getItem('_ac_q') !== null));
  const id = shop.hits[0].events[0].event_id;
  shop.status = 204;
  await page.goto(shop.url + '/next');
  await shop.arrived(2, 'page');
  assert.ok(shop.events().some((e) => e.event_id === id));
}));

test('two tabs are one visitor, and their ids differ', () => visit({}, async (shop) => {
  await shop.open('/a');
  await shop.arrived(1);
  await shop.open('/b');
  const all = await shop.arrived(2);
  assert.strictEqual(new Set(all.map((e) => e.event_id)).size, 2);
  assert.match(shop.hits[1].headers.cookie, /_ac_v=one/);
}));

test('a page from the back/forward cache is a page view', () => visit({}, async (shop) => {
  const page = await shop.open('/a');
  await shop.arrived(1);
  await page.goto(shop.url + '/b');
  await shop.arrived(2);
  /* Nothing is loaded, so there is no load to wait for. */
  await page.evaluate(() => { setTimeout(() => history.back()); });
  const all = await shop.arrived(3, 'page');
  assert.ok(all[2].url.endsWith('/a'));
  assert.strictEqual(shop.requests.filter((r) => r === '/t.js').length, 2);
}));

test('where storage is blocked the page goes on and hits arrive', () => visit({
  before: "['localStorage', 'sessionStorage'].forEach(function (n) { Object.defineProperty(window, n, { get: function () { throw new DOMException('no', 'SecurityError'); } }); });"
    + "Object.defineProperty(document, 'cookie', { get: function () { throw new DOMException('no', 'SecurityError'); }, set: function () { throw new DOMException('no', 'SecurityError'); } });",
}, async (shop) => {
  shop.status = 503;
  const page = await shop.open('/');
  await until('it is refused', () => shop.hits.length > 0);
  shop.status = 204;
  await call(page, 'mark', 'x');
  await shop.arrived(1, 'page');
}));

test('with all cookies blocked the page goes on, hits arrive and a failed one is sent again', () => visit({ blocked: true }, async (shop) => {
  shop.status = 503;
  const page = await shop.open('/');
  assert.match(await page.evaluate(() => { try { return localStorage.length + ''; } catch (e) { return e.name; } }), /SecurityError/);
  await until('it is refused', () => shop.hits.length > 0);
  shop.status = 204;
  await call(page, 'mark', 'x');
  const [hit] = await shop.arrived(1, 'page');
  assert.strictEqual(hit.event_id, shop.hits[0].events[0].event_id);
  assert.strictEqual(shop.hits.at(-1).headers.cookie, undefined);
}));

test('a policy of nonces lets both files run', () => visit({
  policy: "'nonce-n'", body: () => '<button data-goal-mark="signup">Begin</button>',
}, async (shop) => {
  const page = await shop.open('/');
  await shop.arrived(1);
  await call(page, 'mark', 'signup');
  await until('the cookie', async () => (await shop.cookies())._ac_m);
  assert.deepStrictEqual(await shown(page), []);
}));

test('a page of a router has the title that it gets a moment later', () => visit({}, async (shop) => {
  const page = await shop.open('/');
  await shop.arrived(1);
  await page.evaluate(() => { history.pushState(null, '', '/b'); setTimeout(() => { document.title = 'B'; }); });
  assert.deepStrictEqual((await shop.arrived(2)).map((e) => e.title), ['Shop /', 'B']);
}));

test('the package, imported as a module, loads the tracker', () => visit({
  module: "import { afterclick, load } from '/index.js';\nafterclick('event', 'early');\n"
    + "load({ src: '/t.js', site: 'shop' })('purchase', { order_id: 'o-1', value: 5, currency: 'EUR' });",
}, async (shop) => {
  const page = await shop.open('/');
  assert.deepStrictEqual((await shop.arrived(3)).map((e) => e.type), ['page', 'event', 'conversion']);
  assert.deepStrictEqual(await shown(page), []);
}));

/* --- goals and conversions ----------------------------------------------------- */
const goals = (...list) => ({ config: { goals: list } });

test('a submitted form reaches its goal and no other', () => visit({
  ...goals({ name: 'letter', form: '#letter' }, { name: 'search', form: '#search' }),
  body: () => '<form id="letter" action="/sent"><button>Send</button></form>',
}, async (shop) => {
  const page = await shop.open('/');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  await page.click('button');
  const [event] = await shop.arrived(1, 'event');
  assert.deepStrictEqual([event.name, event.goal, event.props], ['form', 'letter', { form: 'letter' }]);
  assert.strictEqual(shop.events('event').length, 1);
}));

test('a selector that is none does not spoil the other goals', () => visit({
  ...goals({ name: 'broken', form: '##' }, { name: 'letter', form: 'form' }),
  body: () => '<form action="/sent"><button>Send</button></form>',
}, async (shop) => {
  const page = await shop.open('/');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  await page.click('button');
  assert.strictEqual((await shop.arrived(1, 'event'))[0].goal, 'letter');
}));

test('downloads and outbound links reach their goals', () => visit({
  ...goals({ name: 'file', download: 'pdf zip' }, { name: 'out', outbound: 'localhost' }, { name: 'elsewhere', outbound: 'partner.example' }),
  body: (path, shop) => `<a id="file" href="/list.pdf">List</a> <a id="out" href="${shop.other}/b">Out</a> <a id="in" href="/c">In</a>`,
}, async (shop) => {
  const page = await shop.open('/');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  await page.click('#file');
  await shop.arrived(1, 'event');
  await page.click('#out');
  await shop.arrived(2, 'event');
  assert.deepStrictEqual(shop.events('event').map((e) => [e.name, e.goal]), [['download', 'file'], ['outbound', 'out']]);
}));

test('scrolling reaches a goal once a page', () => visit({
  ...goals({ name: 'read', scroll: 90 }), body: () => '<p>' + 'text<br>'.repeat(400) + '</p>',
}, async (shop) => {
  const page = await shop.open('/');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  assert.strictEqual(shop.events('event').length, 0);
  for (const y of [1e6, 0, 1e6]) await page.evaluate((to) => window.scrollTo(0, to), y);
  const [event] = await shop.arrived(1, 'event');
  assert.deepStrictEqual([event.name, event.goal], ['scroll', 'read']);
  await call(page, 'event', 'last');
  await shop.arrived(2, 'event');
  assert.deepStrictEqual(shop.events('event').map((e) => e.name), ['scroll', 'last']);
}));

test('time on site reaches a goal once a tab', () => visit(goals({ name: 'stayed', time_on_site: 300 }), async (shop) => {
  const page = await shop.open('/');
  const [event] = await shop.arrived(1, 'event');
  assert.deepStrictEqual([event.name, event.goal], ['time_on_site', 'stayed']);
  await page.goto(shop.url + '/b');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  await call(page, 'event', 'last');
  await shop.arrived(2, 'event');
  assert.deepStrictEqual(shop.events('event').map((e) => e.name), ['time_on_site', 'last']);
}));

const BEGUN = {
  attributes: { 'data-extension': '/t-x00000000.js' },
  body: (path) => (path === '/thanks' ? '<p data-goal-on-return="signup" data-value="5" data-currency="EUR">Thanks</p>'
    : '<button data-goal-mark="signup">Begin</button>'),
  config: {},
};

test('what is begun on one page is completed on another, and never twice', () => visit(BEGUN, async (shop) => {
  const page = await shop.open('/');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  await page.click('button');
  await until('the cookie', async () => (await shop.cookies())._ac_m);
  await page.goto(shop.url + '/thanks');
  const [done] = await shop.arrived(1, 'conversion');
  assert.deepStrictEqual([done.goal, done.value, done.currency], ['signup', '5', 'EUR']);
  for (const again of [() => page.reload(), () => page.goto(shop.url + '/thanks')]) {
    await again();
    await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  }
  await call(page, 'event', 'last');
  await shop.arrived(1, 'event');
  assert.strictEqual(shop.events('conversion').length, 1);
}));

test('who never began completes nothing', () => visit(BEGUN, async (shop) => {
  const page = await shop.open('/thanks');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  await call(page, 'event', 'last');
  await shop.arrived(1, 'event');
  assert.strictEqual(shop.events('conversion').length, 0);
}));

test('denied, an action leaves no cookie', () => visit({ ...BEGUN, config: { consent: 'denied' } }, async (shop) => {
  const page = await shop.open('/');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  await page.click('button');
  await until('the cookie gone', async () => (await shop.cookies())._ac_m === undefined);
}));

test('waiting, what was begun is remembered when consent is given, and forgotten when it is taken back', () => visit({
  ...BEGUN, config: { consent: 'wait' },
}, async (shop) => {
  const page = await shop.open('/');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  await page.click('button');
  assert.deepStrictEqual(await shop.cookies(), {});
  await call(page, 'consent', { analytics_storage: 'granted' });
  await until('the cookie', async () => (await shop.cookies())._ac_m);
  await call(page, 'consent', DENIED);
  await until('the cookie gone', async () => (await shop.cookies())._ac_m === undefined);
}));

test('waiting, a completion is held until consent is known', () => visit({ ...BEGUN, config: { consent: 'wait' } }, async (shop) => {
  await shop.context.addCookies([{ name: '_ac_m', value: 'signup!0123456789abcdef', url: shop.url }]);
  const page = await shop.open('/thanks');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  assert.ok((await shop.cookies())._ac_m);
  await call(page, 'consent', { analytics_storage: 'granted' });
  assert.strictEqual((await shop.arrived(1, 'conversion'))[0].event_id, '0123456789abcdef');
  await until('the cookie gone', async () => (await shop.cookies())._ac_m === undefined);
}));

test('a denial takes the cookie of an earlier action away, though nothing else needs the extension', () => visit({}, async (shop) => {
  await shop.context.addCookies([{ name: '_ac_m', value: 'signup!0123456789abcdef', url: shop.url }]);
  const page = await shop.open('/');
  await shop.arrived(1);
  await call(page, 'consent', DENIED);
  await until('it is gone', async () => !(await shop.cookies())._ac_m);
}));

test('a call that the core does not know brings the extension and is then done', () => visit({ ...BEGUN, config: undefined, attributes: {} }, async (shop) => {
  const page = await shop.open('/');
  await call(page, 'mark', 'signup');
  await until('the cookie', async () => (await shop.cookies())._ac_m);
  assert.deepStrictEqual(await shown(page), []);
}));

/* --- consent ------------------------------------------------------------------- */
test('waiting, nothing is sent until the page knows', () => visit({ attributes: { 'data-consent': 'wait' } }, async (shop) => {
  const page = await shop.open('/');
  await until('the script', () => page.evaluate(() => !!window.afterclick.site));
  assert.strictEqual(shop.hits.length, 0);
  await call(page, 'consent', { ...DENIED, analytics_storage: 'granted' });
  const all = await shop.arrived(2);
  assert.deepStrictEqual(all.map((e) => [e.type, e.consent.analytics_storage]), [['page', 'granted'], ['consent', 'granted']]);
}));

test('Consent Mode: an update out of dataLayer is the answer', () => visit({
  config: { consent: 'wait', consent_from: ['consent_mode'] },
  before: "window.dataLayer = []; window.gtag = function () { dataLayer.push(arguments); };"
    + "gtag('consent', 'default', { ad_storage: 'denied', analytics_storage: 'denied', wait_for_update: 60000 });",
}, async (shop) => {
  const page = await shop.open('/');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  assert.strictEqual(shop.hits.length, 0);
  await page.evaluate(() => window.gtag('consent', 'update', { analytics_storage: 'granted' }));
  const all = await shop.arrived(2);
  assert.deepStrictEqual(all[0].consent, { ad_storage: 'denied', analytics_storage: 'granted' });
}));

test('Consent Mode: a default without a wait is an answer, one for a region only denies', () => visit({
  config: { consent: 'wait', consent_from: ['consent_mode'] },
  before: "window.dataLayer = []; window.gtag = function () { dataLayer.push(arguments); };"
    + "gtag('consent', 'default', { ad_storage: 'granted', analytics_storage: 'granted' });"
    + "gtag('consent', 'default', { ad_storage: 'denied', analytics_storage: 'granted', region: ['DE'] });",
}, async (shop) => {
  await shop.open('/');
  const all = await shop.arrived(2);
  assert.deepStrictEqual(all[0].consent, { ad_storage: 'denied', analytics_storage: 'granted' });
}));

const cmp = (purposes, applies = true) => ({
  config: { consent: 'wait', consent_from: ['tcf'] },
  before: `window.__tcfapi = function (command, version, back) { back({ eventStatus: 'useractioncomplete', gdprApplies: ${applies},
    tcString: 'CP3tAUAP3tAUAAKACAENBkEgAIEAAAAAAAAAAAAAAAAA', purpose: { consents: ${JSON.stringify(purposes)} } }, true); };`,
});

test('TCF: purposes become consent, and the string goes along', () => visit(cmp({ 1: true, 8: true }), async (shop) => {
  await shop.open('/');
  const all = await shop.arrived(2);
  const said = all.find((e) => e.type === 'consent');
  assert.deepStrictEqual(said.consent, { ...DENIED, ad_storage: 'granted', analytics_storage: 'granted' });
  assert.match(said.tc, /^CP3t/);
}));

test('TCF: where the law does not apply all is granted', () => visit(cmp({}, false), async (shop) => {
  await shop.open('/');
  const all = await shop.arrived(2);
  assert.ok(Object.values(all[0].consent).every((v) => v === 'granted'));
}));

/* --- with a collector ------------------------------------------------------------ */
const pages = (r) => r.type === 'page';

test('the visitor cookie is set by the server, out of reach of scripts', () => visit({ site: '' }, async (shop) => {
  const page = await shop.open('/');
  await shop.recorded(1);
  const cookies = await until('the cookie', async () => { const c = await shop.cookies(); return c._ac_v && c; });
  assert.deepStrictEqual([cookies._ac_v.httpOnly, cookies._ac_v.sameSite, cookies._ac_s.httpOnly], [true, 'Lax', true]);
  assert.strictEqual(await page.evaluate(() => document.cookie), '');
}));

for (const [name, site, context, before, letters, identified] of [
  ['nothing said', '', {}, '', 'uuuu', true],
  ['denied by the site', '    consent: denied\n', {}, '', 'dddd', false],
  ['granted by the site', '    consent: granted\n', {}, '', 'gggg', true],
  ['denied by the page', '', {}, `afterclick('consent', ${JSON.stringify(DENIED)});`, 'dddd', false],
  ['granted by the page over the site', '    consent: denied\n', {}, "afterclick('consent', { analytics_storage: 'granted' });", 'dgdd', true],
  ['Sec-GPC', '    consent: granted\n', { extraHTTPHeaders: { 'Sec-GPC': '1' } }, '', 'dgdd', true],
  ['globalPrivacyControl', '    consent: granted\n', {}, 'Object.defineProperty(navigator, "globalPrivacyControl", { value: true });', 'dgdd', true],
  ['DNT where the site ignores it', '', { extraHTTPHeaders: { DNT: '1' } }, '', 'uuuu', true],
  ['DNT where the site denies', '    dnt: deny\n', { extraHTTPHeaders: { DNT: '1' } }, '', 'dddd', false],
]) {
  test(`consent, ${name}: recorded as ${letters}`, () => visit({ site, context, before }, async (shop) => {
    await shop.open('/a?utm_source=n&id=7');
    const [record] = await shop.recorded(1, pages);
    assert.strictEqual(record.consent, letters);
    assert.strictEqual(record.visitor_id !== undefined, identified);
    assert.strictEqual(record.ip, undefined); // keep_network is not set
    assert.strictEqual(record.url, shop.url + (identified ? '/a?utm_source=n&id=7' : '/a?utm_source=n'));
    if (!identified) assert.deepStrictEqual(Object.keys(await shop.cookies()), []);
  }));
}

test('who opts out loses the cookies and is not told from others, until opting in', () => visit({ site: '    consent: granted\n' }, async (shop) => {
  const page = await shop.open('/');
  await shop.recorded(1);
  await until('the cookie', async () => (await shop.cookies())._ac_v);
  await call(page, 'mark', 'signup');
  await until('the mark', async () => (await shop.cookies())._ac_m);
  await page.goto(shop.url + '/opt-out');
  if (process.env.SCREENSHOTS) await page.screenshot({ path: process.env.SCREENSHOTS + '/opt-out.png' });
  await page.click('button[value=no]');
  await page.waitForSelector('button[value=yes]');
  await until('the others gone', async () => Object.keys(await shop.cookies()).join() === '_ac_out');
  await page.goto(shop.url + '/quiet');
  const [quiet] = await shop.recorded(1, (r) => /quiet/.test(r.url));
  assert.deepStrictEqual([quiet.consent, quiet.visitor_id], ['dddd', undefined]);
  /* The page's own word does not change that, nor does the tracker store anything. */
  await call(page, 'consent', { analytics_storage: 'granted', ad_storage: 'granted' });
  await call(page, 'mark', 'signup');
  await until('the extension', () => page.evaluate(() => window.afterclick.extended));
  const [said] = await shop.recorded(1, (r) => r.type === 'consent');
  assert.deepStrictEqual([said.consent, said.visitor_id], ['dddd', undefined]);
  assert.deepStrictEqual(Object.keys(await shop.cookies()), ['_ac_out']);
  await page.goto(shop.url + '/opt-out');
  await page.click('button[value=yes]');
  await page.waitForSelector('button[value=no]');
  await page.goto(shop.url + '/loud');
  const [loud] = await shop.recorded(1, (r) => /loud/.test(r.url));
  assert.ok(loud.visitor_id);
}));

test('a site without cookies tells visitors apart for the day', () => visit({ site: '    cookies: daily\n' }, async (shop) => {
  const page = await shop.open('/a');
  await shop.recorded(1);
  await page.goto(shop.url + '/b');
  const all = await shop.recorded(2);
  assert.match(all[0].visitor_id, /^d\./);
  assert.deepStrictEqual(Object.keys(await shop.cookies()), []);
}));

const LINKED = { site: '    link_hosts: [127.0.0.1, localhost]\n', body: (path, shop) => `<a href="${shop.other}/over?a=1">Over</a>` };

test('a link to the other domain carries the visitor, and the sign vanishes', () => visit(LINKED, async (shop) => {
  const page = await shop.open('/');
  const [first] = await shop.recorded(1);
  await until('the sign', () => shop.requests.some((r) => r.startsWith('/x?')));
  await until('it is on the link', async () => {
    await page.dispatchEvent('a', 'pointerover');
    return /_ac_x=/.test(await page.getAttribute('a', 'href'));
  });
  await page.click('a');
  const [there] = await shop.recorded(1, (r) => /over/.test(r.url));
  assert.deepStrictEqual([there.visitor_id, there.session_id, there.url], [first.visitor_id, first.session_id, shop.other + '/over?a=1']);
  await until('the address is clean', async () => page.url() === shop.other + '/over?a=1');
  assert.strictEqual(shop.collector.records().filter(pages).length, 2);
}));

test('a link keeps the spelling of its address, and its sign makes no second page', () => visit({
  ...LINKED, body: (path, shop) => `<a href="${shop.other}/over?flag&b=x%20y#/part">Over</a>`,
}, async (shop) => {
  const page = await shop.open('/');
  await shop.recorded(1);
  await until('it is on the link', async () => {
    await page.dispatchEvent('a', 'pointerover');
    return /\?flag&b=x%20y&_ac_x=[^&#]+#\/part$/.test(await page.getAttribute('a', 'href'));
  });
  /* As a server that adds parameters of its own behind it would. */
  await page.evaluate(() => { const a = document.querySelector('a'); const [, sign] = /(_ac_x=[^#]*)/.exec(a.href); location = a.href.replace(/\?.*/, '?' + sign + '&flag&b=x%20y'); });
  await until('the address is clean', async () => page.url() === shop.other + '/over?flag&b=x%20y');
  await call(page, 'event', 'last');
  await shop.recorded(1, (r) => r.name === 'last');
  assert.deepStrictEqual(shop.collector.records().filter(pages).map((r) => r.url), [shop.url + '/', shop.other + '/over?flag&b=x%20y']);
}));

test('the pixel of an old browser carries an order to the collector', () => visit({
  site: '', before: "window.fetch = undefined; navigator.sendBeacon = undefined;"
    + "afterclick('purchase', { order_id: 'o-1', value: 9.5, currency: 'EUR', items: [{ sku: 'mug', quantity: 2 }], props: { gift: 'yes' } });"
    + "afterclick('consent', { analytics_storage: 'granted', ad_storage: 'denied' });",
}, async (shop) => {
  await shop.open('/thanks');
  const [order] = await shop.recorded(1, (r) => r.type === 'conversion');
  assert.deepStrictEqual([order.lane, order.order_id, order.value, order.currency, JSON.parse(order.items), JSON.parse(order.props), order.consent],
    ['pixel', 'o-1', '9.5', 'EUR', [{ sku: 'mug', quantity: 2 }], { gift: 'yes' }, 'dguu']);
}));

test('a forged sign makes a visitor of its own', () => visit(LINKED, async (shop) => {
  await shop.open('/over?_ac_x=forged*x*1*AAAAAAAAAAAAAAAAAAAAAA');
  const [record] = await shop.recorded(1);
  assert.strictEqual(record.url, shop.url + '/over');
  assert.ok(record.visitor_id);
}));

/* --- experiments ------------------------------------------------------------- */
const TESTED = {
  site: '    experiments: [{name: banner, assign: collector, variants: [{name: a}, {name: b}]}]\n',
  body: () => '<script src="/ab.js"></script><p id="after">Shop</p>',
  /* The class must be there before what it decides on is. */
  before: `new MutationObserver(() => { if (document.getElementById('after') && !window.early)
    window.early = document.documentElement.className.trim() || 'none'; }).observe(document, { childList: true, subtree: true });`,
};
test('the page knows its arm before it is drawn, keeps it, and the tracker sends the exposure', () => visit(TESTED, async (shop) => {
  const page = await shop.open('/a');
  const [exposure] = await shop.recorded(1, (r) => r.type === 'exposure');
  const arm = exposure.variant;
  assert.match(arm, /^[ab]$/);
  assert.deepStrictEqual(await page.evaluate(() => [window.early, window.afterclickVariants]), [`ac-banner-${arm}`, { banner: arm }]);
  assert.deepStrictEqual(await shown(page), []);
  const [seen] = await shop.recorded(1, pages);
  assert.deepStrictEqual([exposure.experiment, exposure.visitor_id], ['banner', seen.visitor_id]);
  await page.goto(shop.url + '/b');
  await shop.recorded(2, (r) => r.type === 'exposure');
  assert.strictEqual(await page.evaluate(() => window.early), `ac-banner-${arm}`);
}));

test('who has not consented is in no experiment and gets no cookie', () => visit({ ...TESTED, site: TESTED.site + '    consent: wait\n' }, async (shop) => {
  const page = await shop.open('/a');
  assert.deepStrictEqual(await page.evaluate(() => [window.early, window.afterclickVariants]), ['none', {}]);
  assert.deepStrictEqual(Object.keys(await shop.cookies()), []);
}));

run('the tracker in Chromium');
