/*
 * visit.mjs - a shop of three pages, and a Chromium that visits it.
 *
 * Standard input: {"collector": URL or null, "shopPort", "frontPort",
 * "profile", "chromium", "steps": [[what, argument, events], ...]}. EVENTS is
 * how many events must have arrived before the next step; a step that waits
 * in vain fails the run. With "pages", {path: [title, body]}, the shop has
 * those, and the site's goals. Standard output: what came by.
 *
 * Hits go through a front like the proxy a site has: it hands everything on
 * to the collector unchanged and notes it down. Without a collector it
 * answers by itself, with a cookie, so that the tracker's own behaviour can
 * be seen alone.
 */
import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const TRACKER = fileURLToPath(new URL('../../collector/tracker/dist/tracker.js', import.meta.url));
/* A person's browser: headless Chromium names itself, and is flagged as a bot. */
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const PATIENCE = 60000;

const input = JSON.parse(readFileSync(0, 'utf8'));
const shop = `http://127.0.0.1:${input.shopPort}`;
const front = `http://127.0.0.1:${input.frontPort}`;
const seen = { hits: [], violations: [], errors: [], cookies: [], script: 0 };
let answering = 200;
const waited = new Set(); // requests that the browser has no answer to yet

/* --- the shop --------------------------------------------------------------- */
const SHOP_JS = `
window.afterclick = window.afterclick || function () {
  (afterclick.q = afterclick.q || []).push(arguments);
};
document.addEventListener('securitypolicyviolation', function (e) {
  document.documentElement.setAttribute('data-violation', e.violatedDirective + ' ' + e.blockedURI);
});
if (location.pathname === '/thanks')
  afterclick('conversion', { goal: 'purchase', value: 100, currency: 'USD', order_id: 'order-1',
    items: [{ sku: 'mug', quantity: 2 }] });
addEventListener('pagehide', function () {
  if (clicked) afterclick('event', 'leaving');
});
var clicked = false;
document.addEventListener('click', function (e) {
  if (e.target.id === 'leave') clicked = true;
  if (e.target.id === 'push') history.pushState(null, '', '/pushed');
});
`;

const pages = input.pages || Object.fromEntries(['/', '/product', '/thanks'].map((path) => [path,
  [`Shop ${path}`, '<a id="leave" href="/product">Product</a> <button id="push">More</button>']]));

function shopPage([title, body]) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<script src="/shop.js"></script>
<script async src="/t.js?site=shop" data-site="shop" data-endpoint="${front}/e"></script></head>
<body>${body}</body></html>`;
}

function serveShop(req, res) {
  const path = new URL(req.url, shop).pathname;
  const script = { 'Content-Type': 'text/javascript' };
  if (path === '/shop.js') return res.writeHead(200, script).end(SHOP_JS);
  if (path === '/t.js' || path.startsWith('/t-x')) {
    if (input.collector) return handOn(req, res, Buffer.alloc(0), () => { seen.script++; });
    return res.writeHead(200, script).end(readFileSync(TRACKER));
  }
  /* The browser stays where it is. */
  if (path.endsWith('.pdf')) return res.writeHead(204).end();
  if (!pages[path]) return res.writeHead(404).end();
  res.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; script-src 'self'; connect-src ${front}; img-src ${front}; form-action 'self'`,
  });
  return res.end(shopPage(pages[path]));
}

/* --- the front ---------------------------------------------------------------- */
function handOn(req, res, body, note) {
  const to = new URL(req.url, input.collector);
  const onward = httpRequest(to, { method: req.method, headers: req.headers }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => {
      note(answer);
      res.writeHead(answer.statusCode, answer.rawHeaders).end(Buffer.concat(parts));
    });
  });
  onward.on('error', (e) => { seen.errors.push(`front: ${e.message}`); res.writeHead(502).end(); });
  onward.end(body);
}

function answerAlone(req, res, note) {
  const headers = { 'Access-Control-Allow-Origin': req.headers.origin || '*', 'Access-Control-Allow-Credentials': 'true' };
  if (!/_ac_v=/.test(req.headers.cookie || '')) headers['Set-Cookie'] = '_ac_v=one; Path=/; HttpOnly; SameSite=Lax';
  note({ statusCode: 204, headers });
  res.writeHead(204, headers).end();
}

function serveFront(req, res) {
  const parts = [];
  req.on('data', (part) => parts.push(part));
  req.on('end', () => {
    const body = Buffer.concat(parts);
    const hit = {
      method: req.method, path: req.url, type: req.headers['content-type'] || null,
      cookie: req.headers.cookie || null, origin: req.headers.origin || null, events: [], status: answering,
    };
    try { hit.events = JSON.parse(body).events; } catch { /* an OPTIONS or GET has none */ }
    if (answering !== 200) { seen.hits.push(hit); return res.writeHead(answering).end(); }
    const note = (answer) => {
      hit.status = answer.statusCode;
      hit.cookies = [].concat(answer.headers['set-cookie'] || answer.headers['Set-Cookie'] || []);
      seen.hits.push(hit);
    };
    return input.collector ? handOn(req, res, body, note) : answerAlone(req, res, note);
  });
}

/* --- the visitor -------------------------------------------------------------- */
const arrived = () => new Set(seen.hits.filter((h) => h.status < 300)
  .flatMap((h) => h.events.map((e) => e.event_id))).size;

async function until(what, condition) {
  const end = Date.now() + PATIENCE;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what}: in vain (${arrived()} events arrived)`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const STEPS = {
  goto: (page, path) => page.goto(shop + path),
  /* The same, until all that a page of goals needs is there. */
  open: async (page, path) => {
    await page.goto(shop + path);
    await until('the extension', () => page.evaluate(() => !!(window.afterclick || {}).extended));
  },
  call: (page, args) => page.evaluate((all) => window.afterclick(...all), args),
  scroll: (page) => page.evaluate(() => window.scrollTo(0, 1e6)),
  reload: (page) => page.reload(),
  back: (page) => page.goBack(),
  click: (page, selector) => page.click(selector),
  /* Half an hour passes: all that ends then is the visit's cookie. */
  pause: async (page) => {
    /* An answer that is still on its way would bring the cookie back. */
    await until('all is answered', () => waited.size === 0);
    await page.context().clearCookies({ name: '_ac_s' });
  },
  offline: (page, on) => page.context().setOffline(on),
  answer: (page, status) => { answering = status; },
  /* Until the front has refused something. */
  refused: (page, status) => until('refused', () => seen.hits.some((h) => h.status === status)),
  failed: (page) => until('failed', () => page.evaluate(() => localStorage.getItem('_ac_q') !== null)),
  close: (page) => page.close({ runBeforeUnload: true }),
};

const listen = (handler, port) => new Promise((resolve, reject) => {
  const server = createServer(handler).on('error', reject);
  server.listen(port, '127.0.0.1', () => resolve(server));
});

const servers = [await listen(serveShop, input.shopPort), await listen(serveFront, input.frontPort)];
let context;
try {
  context = await chromium.launchPersistentContext(input.profile, {
    executablePath: input.chromium, headless: true, userAgent: AGENT,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      /* Also for what is sent when a page has gone already. */
      '--disable-component-update', '--disable-sync', '--no-proxy-server', `--user-agent=${AGENT}`],
  });
  const page = context.pages()[0];
  context.on('request', (r) => { if (r.resourceType() === 'fetch') waited.add(r); });
  for (const end of ['requestfinished', 'requestfailed']) context.on(end, (r) => waited.delete(r));
  page.on('pageerror', (e) => seen.errors.push(`page: ${e.message}`));
  page.on('console', (m) => {
    if (/Content.Security.Policy/i.test(m.text())) seen.violations.push(m.text());
  });
  let wanted = 0;
  for (const [what, argument, events] of input.steps) {
    await STEPS[what](page, argument);
    wanted += events || 0;
    await until(`${what} ${argument}`, () => arrived() >= wanted);
    if (!page.isClosed()) {
      const violation = await page.getAttribute('html', 'data-violation').catch(() => null);
      if (violation) seen.violations.push(violation);
    }
  }
  seen.cookies = await context.cookies();
  seen.visible = page.isClosed() ? null : await page.evaluate(() => document.cookie);
} catch (e) {
  seen.errors.push(`${e.message}`);
} finally {
  if (context) await context.close();
  servers.forEach((server) => { server.closeAllConnections(); server.close(); });
}
process.stdout.write(JSON.stringify(seen));
