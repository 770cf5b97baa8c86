/*
 * clients.mjs - the official clients of other systems, each on its way from a
 * campaign's page to an order and, where it has such a thing, a refund.
 *
 * Standard input: {"collector": URL, "shopPort", "frontPort", "profile",
 * "chromium"}. Standard output: {"answers": [[method, path, status], ...],
 * "errors": []}. All go through a front that hands everything on and notes
 * the answers; nothing is done before the step in front of it is answered, so
 * that times do not depend on who is faster.
 *
 * package.json overrides what the registry does not have: the placeholder
 * "http" of ga4-mp, which uses Node's own, and native code for msgpackr that
 * RudderStack's client needs only with a queue in Redis.
 */
import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import * as snowplow from '@snowplow/node-tracker';
import { Analytics } from '@segment/analytics-node';

const require = createRequire(import.meta.url);
const MatomoTracker = require('matomo-tracker');
const Rudder = require('@rudderstack/rudder-sdk-node');
const { createClient } = require('ga4-mp');
const { Umami } = require('@umami/node');

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const PATIENCE = 60000;
const input = JSON.parse(readFileSync(0, 'utf8'));
const front = `http://127.0.0.1:${input.frontPort}`;
const shop = `http://127.0.0.1:${input.shopPort}`;
const seen = { answers: [], errors: [], lost: 0 };
let lost = null; // the path of the answer that gets lost on its way

const landing = (name) => `https://shop.example/${name}?utm_source=${name}&utm_medium=cpc&utm_campaign=camp-${name}`;

/* --- the front and the shop ------------------------------------------------- */
function serveFront(req, res) {
  const parts = [];
  req.on('data', (part) => parts.push(part));
  req.on('end', () => {
    const onward = httpRequest(new URL(req.url, input.collector), { method: req.method, headers: req.headers }, (answer) => {
      const back = [];
      answer.on('data', (part) => back.push(part));
      answer.on('end', () => {
        /* The collector has it, but its client never learns that. */
        const loses = lost && req.method !== 'OPTIONS' && lost.test(req.url.split('?')[0]);
        if (loses) { lost = null; seen.lost++; }
        res.writeHead(loses ? 503 : answer.statusCode, answer.rawHeaders).end(Buffer.concat(back));
        if (req.method !== 'OPTIONS') seen.answers.push([req.method, req.url.split('?')[0], answer.statusCode]);
      });
    });
    onward.on('error', (e) => { seen.errors.push(`front: ${e.message}`); res.writeHead(502).end(); });
    onward.end(Buffer.concat(parts));
  });
}

const NPM = fileURLToPath(new URL('node_modules/', import.meta.url));
const PAGES = {
  snow: '<script src="/npm/@snowplow/browser-tracker/dist/index.umd.min.js"></script>',
  next: '<script src="/npm/@segment/analytics-next/dist/umd/index.js"></script>',
  plaus: `<script type="module">import * as p from '/npm/@plausible-analytics/tracker/plausible.js'; window.plaus = p;</script>`,
};

function serveShop(req, res) {
  const path = new URL(req.url, shop).pathname;
  if (path.startsWith('/npm/') && !path.includes('..')) {
    try {
      return res.writeHead(200, { 'Content-Type': 'text/javascript' }).end(readFileSync(NPM + path.slice(5)));
    } catch { return res.writeHead(404).end(); }
  }
  const page = PAGES[path.slice(1)];
  if (!page) return res.writeHead(404).end();
  return res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
    .end(`<!doctype html><html lang="en"><head><title>Shop</title>${page}</head><body></body></html>`);
}

async function until(what, condition) {
  const end = Date.now() + PATIENCE;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what}: in vain`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/* Does STEP and waits until one more request to a path like PATH is answered;
 * NUDGE, where given, is called while there is none. */
async function answered(path, step, nudge = () => {}) {
  const count = () => seen.answers.filter((a) => path.test(a[1]) && a[0] !== 'OPTIONS').length;
  const before = count();
  await step();
  await until(`an answer of ${path}`, async () => count() > before || await nudge());
}

/* The same, but the first answer is lost: the client sends its hit again. */
async function sentTwice(path, step, nudge) {
  lost = path;
  await answered(path, () => answered(path, step, nudge), nudge);
  if (lost) throw new Error(`${path}: nothing was lost`);
}

/* --- in Node ------------------------------------------------------------------ */
const SHOP_SCHEMA = 'iglu:com.snowplowanalytics.snowplow.ecommerce';
const snowplowAction = (type, data) => ({
  event: { schema: `${SHOP_SCHEMA}/snowplow_ecommerce_action/jsonschema/1-0-2`, data: { type } },
  context: [{ schema: `${SHOP_SCHEMA}/${type}/jsonschema/1-0-0`, data }],
});

async function snowplowNode() {
  const tracker = snowplow.newTracker({ namespace: 'n', appId: 'sp-app', encodeBase64: true },
    { endpoint: front, eventMethod: 'post', bufferSize: 1 });
  const path = /tp2$/;
  tracker.setDomainUserId('11111111-aaaa-4aaa-8aaa-111111111111');
  tracker.setSessionId('22222222-aaaa-4aaa-8aaa-222222222222');
  tracker.setUseragent(AGENT);
  tracker.setUserId('cust-spnode');
  await answered(path, () => tracker.track(snowplow.buildPageView({ pageUrl: landing('spnode') }),
    [{ schema: 'iglu:com.example/weather/jsonschema/1-0-0', data: { sun: true } }]));
  for (const [type, data] of [
    ['transaction', { transaction_id: 'SN-1', revenue: 40, currency: 'USD', payment_method: 'card' }],
    ['refund', { transaction_id: 'SN-1', refund_amount: 15, currency: 'USD' }]]) {
    const { event, context } = snowplowAction(type, data);
    await answered(path, () => tracker.track(snowplow.buildSelfDescribingEvent({ event }), context));
  }
  /* The same customer from another device. */
  tracker.setDomainUserId('33333333-aaaa-4aaa-8aaa-333333333333');
  tracker.setSessionId('44444444-aaaa-4aaa-8aaa-444444444444');
  const { event, context } = snowplowAction('transaction', { transaction_id: 'SN-2', revenue: 4, currency: 'USD', payment_method: 'card' });
  await sentTwice(path, () => tracker.track(snowplow.buildSelfDescribingEvent({ event }), context));
}

async function matomoNode() {
  const tracker = new MatomoTracker(7, `${front}/matomo.php`);
  tracker.on('error', (e) => seen.errors.push(`matomo: ${e}`));
  const who = { ua: AGENT, _id: '0123456789abcdef', rand: '1' };
  await answered(/matomo/, () => tracker.track({ ...who, url: landing('matomo'), action_name: 'Shop', uid: 'cust-matomo', weather: 'sun' }));
  /* The same customer from another device; the same request twice. */
  const other = { ...who, _id: 'abcdefabcdefabcd', rand: '9', uid: 'cust-matomo', url: 'https://shop.example/thanks', idgoal: 0, ec_id: 'M-3', revenue: 6 };
  await answered(/matomo/, () => tracker.track({ ...other }));
  await answered(/matomo/, () => tracker.track({ ...other }));
  let reply;
  await answered(/matomo/, () => tracker.trackBulk([
    { ...who, url: 'https://shop.example/thanks', rand: '2', idgoal: 0, ec_id: 'M-1', revenue: 30,
      ec_items: JSON.stringify([['mug', 'Mug', 'cups', 15, 2]]) },
    { ...who, url: 'https://shop.example/cart', rand: '3', idgoal: 0, revenue: 99 },
    { ...who, url: 'https://shop.example/thanks', rand: '4', idgoal: 0, ec_id: 'M-2', revenue: 'lots' },
  ], (body) => { reply = JSON.parse(body); }));
  await until('the reply', () => reply);
  seen.matomo = reply;
}

async function segmentNode() {
  const errors = (e) => seen.errors.push(`segment: ${e.code} ${e.reason}`);
  const analytics = new Analytics({ writeKey: 'sg-server-secret', host: front, maxRetries: 0 }).on('error', errors);
  const context = { userAgent: AGENT, ip: '198.51.100.4', campaign: { source: 'sgnode', medium: 'cpc', name: 'camp-sgnode' } };
  const track = (event, properties) => answered(/^\/v1\/batch$/, async () => {
    analytics.track({ anonymousId: 'sg-anon', event, properties, messageId: `sg-${event}` });
    await analytics.flush();
  });
  await answered(/^\/v1\/batch$/, async () => {
    analytics.page({ anonymousId: 'sg-anon', name: 'Shop', properties: { url: 'https://shop.example/' }, context });
    analytics.identify({ anonymousId: 'sg-anon', userId: 'cust-sgnode', traits: { email: 'a@b.example' } });
    await analytics.flush();
  });
  await track('Order Completed', { order_id: 'S-1', revenue: 25, currency: 'USD', products: [{ sku: 'mug', quantity: 1 }] });
  await track('Order Completed', { order_id: 'S-1', revenue: 25, currency: 'USD' });
  await track('Order Refunded', { order_id: 'S-1', total: 5, currency: 'USD' });
  await analytics.closeAndFlush();
  /* The same customer from another device. */
  const again = new Analytics({ writeKey: 'sg-server-secret', host: front, maxRetries: 3 }).on('error', errors);
  await sentTwice(/^\/v1\/batch$/, async () => {
    again.track({ anonymousId: 'sg-other', userId: 'cust-sgnode', event: 'Order Completed', weather: 'sun', context: { device: { id: '1' } },
      properties: { order_id: 'S-2', revenue: 7, currency: 'USD', nested: { a: 1 } } });
    again.track({ anonymousId: 'sg-other', userId: 'cust-sgnode', event: 'Survey', properties: { mood: 'good' } });
    await again.flush();
  });
  await again.closeAndFlush();
  /* A key that nobody knows: the client must not notice. */
  const stranger = new Analytics({ writeKey: 'who-is-this', host: front, maxRetries: 0 }).on('error', errors);
  await answered(/^\/v1\/batch$/, async () => { stranger.track({ anonymousId: 'x', event: 'lost' }); await stranger.flush(); });
  await stranger.closeAndFlush();
}

async function rudderNode() {
  const client = new Rudder('sg-public', { dataPlaneUrl: front, flushAt: 1, gzip: true });
  const send = (what, message) => answered(/^\/v1\/batch$/, () => new Promise((resolve, reject) => {
    client[what]({ anonymousId: 'rs-anon', ...message }, (e) => (e ? reject(e) : resolve()));
  }));
  await send('page', { name: 'Shop', properties: { url: landing('rudder') },
    context: { userAgent: AGENT, page: { url: landing('rudder') } } });
  const context = { userAgent: AGENT };
  await send('track', { event: 'Order Completed', properties: { order_id: 'R-1', total: 12.5, currency: 'USD' }, context });
  await send('track', { event: 'Order Refunded', properties: { order_id: 'R-1', total: 2.5, currency: 'USD' }, context });
  await send('identify', { userId: 'cust-rudder', traits: { plan: 'gold' }, context });
  await send('track', { anonymousId: 'rs-other', userId: 'cust-rudder', event: 'Order Completed',
    properties: { order_id: 'R-2', total: 3, currency: 'USD' }, context });
}

async function ga4Node() {
  const client = createClient('ga4-secret-1', 'G-TEST', '55.66');
  const path = /^\/mp\/collect$/;
  client.GA_ENDPOINT = client.GA_ENDPOINT.replace('https://www.google-analytics.com', front);
  const send = (name, params) => answered(path, () => client.send([{ name, params: { session_id: '9', ...params } }]));
  await send('page_view', { page_location: landing('ga4mp'), page_referrer: 'https://news.example/' });
  await send('purchase', { transaction_id: 'GM-1', value: 21, currency: 'USD', items: [{ item_id: 'mug' }],
    affiliation: 'web', coupon: 'c', shipping: 0, tax: 0 });
  await send('refund', { transaction_id: 'GM-1', value: 1, currency: 'USD', items: [], shipping: 0, tax: 0 });
}

async function umamiNode() {
  const client = new Umami({ hostUrl: front, websiteId: '94db1cb1-74f4-4a40-ad6c-962362670409', userAgent: `${AGENT} Umami` });
  await answered(/send$/, () => client.track({ hostname: 'shop.example', url: `/?${landing('umami').split('?')[1]}`, title: 'Shop' }));
  await answered(/send$/, () => client.track('Purchase', { revenue: 9, currency: 'USD', order_id: 'U-1' }));
}

/* --- in Chromium ---------------------------------------------------------------- */
const IN_PAGE = {
  async snow(page, path) {
    /* An event that comes while its queue is about to end lies in it until the
     * next event, which a visitor brings; here there may be none. */
    const nudge = () => page.evaluate(() => { sp.flushBuffer(); });
    await answered(path, () => page.evaluate((to) => {
      window.sp = snowplowBrowserTracking;
      sp.newTracker('b', to, { appId: 'sp-app', eventMethod: 'post', bufferSize: 1 });
      sp.setUserId('cust-snow');
      sp.trackPageView();
    }, front));
    for (const [type, data] of [
      ['transaction', { transaction_id: 'SB-1', revenue: 60, currency: 'USD', payment_method: 'card' }],
      ['refund', { transaction_id: 'SB-1', refund_amount: 20, currency: 'USD' }]]) {
      await (type === 'transaction' ? sentTwice : answered)(path, () => page.evaluate((what) => sp.trackSelfDescribingEvent(what), snowplowAction(type, data)), nudge);
    }
  },
  async next(page, path) {
    await answered(path, () => page.evaluate(async (to) => {
      window.ajs = AnalyticsNext.AnalyticsBrowser.load({ writeKey: 'sg-public', cdnURL: `${to}` },
        { integrations: { 'Segment.io': { apiHost: `${to.slice(7)}/v1`, protocol: 'http' } } });
      await ajs.page();
    }, front));
    await answered(path, () => page.evaluate(async () => { await ajs.identify('cust-next', { plan: 'gold' }); }));
    await sentTwice(path, () => page.evaluate(async () => {
      await ajs.track('Order Completed', { order_id: 'N-1', revenue: 70, currency: 'USD' });
    }));
    await answered(path, () => page.evaluate(async () => {
      await ajs.track('Order Refunded', { order_id: 'N-1', total: 30, currency: 'USD' });
    }));
  },
  async plaus(page, path) {
    await answered(path, () => page.evaluate((to) => {
      window.__plausible = true;
      plaus.init({ domain: 'shop.example', endpoint: `${to}/api/event`, captureOnLocalhost: true });
    }, front));
    await answered(path, () => page.evaluate(() => {
      plaus.track('Purchase', { props: { order_id: 'P-1' }, revenue: { amount: 11, currency: 'USD' } });
    }));
  },
};
const PATHS = { snow: /tp2$/, next: /^\/v1\/[pti]$/, plaus: /event$/ };

async function browsers() {
  const context = await chromium.launchPersistentContext(input.profile, {
    executablePath: input.chromium, headless: true, userAgent: AGENT,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--no-proxy-server'],
  });
  try {
    for (const name of Object.keys(PAGES)) {
      const page = await context.newPage();
      page.on('pageerror', (e) => seen.errors.push(`${name}: ${e.message}`));
      await page.goto(`${shop}/${name}?utm_source=${name}&utm_medium=cpc&utm_campaign=camp-${name}`);
      await IN_PAGE[name](page, PATHS[name]);
      await page.close();
    }
  } finally {
    await context.close();
  }
}

const listen = (handler, port) => new Promise((resolve, reject) => {
  const server = createServer(handler).on('error', reject);
  server.listen(port, '127.0.0.1', () => resolve(server));
});
const servers = [await listen(serveShop, input.shopPort), await listen(serveFront, input.frontPort)];
for (const run of [snowplowNode, matomoNode, segmentNode, rudderNode, ga4Node, umamiNode, browsers]) {
  try {
    await run();
  } catch (e) {
    seen.errors.push(`${run.name}: ${e.stack}`);
  }
}
servers.forEach((server) => { server.closeAllConnections(); server.close(); });
process.stdout.write(JSON.stringify(seen), () => process.exit(0));
