/*
 * shop.mjs - one Chromium for all tests of a file, and shops to visit: each
 * test has its own server, profile and, where it asks for one, collector.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = (name) => readFileSync(join(root, 'collector/tracker/dist', name), 'utf8');
/* A person's browser: headless Chromium names itself, and is flagged as a bot. */
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const PATIENCE = 60000;

export async function until(what, condition) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what}: in vain`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/* Tests of a file run beside each other: most of their time is waiting. */
const tests = [];
export const test = (name, f) => tests.push([name, f]);
export const run = (what) => describe(what, { concurrency: 4 }, () => {
  before(start);
  after(() => browser && browser.close());
  tests.forEach(([name, f]) => it(name, f));
});

const LAUNCH = {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--no-proxy-server', `--user-agent=${AGENT}`],
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
};
let browser;
async function start() {
  browser = await chromium.launch(LAUNCH);
}
/* A person's profile with "block all cookies": storage throws, too. */
function blockedProfile() {
  const folder = mkdtempSync(join(tmpdir(), 'afterclick-profile-'));
  mkdirSync(join(folder, 'Default'));
  writeFileSync(join(folder, 'Default/Preferences'), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
  return folder;
}

/* A collector whose Kafka is away: all that it takes is in its spool. */
async function startCollector(siteYaml) {
  const folder = mkdtempSync(join(tmpdir(), 'afterclick-shop-'));
  writeFileSync(join(folder, 'sites.yaml'), `sites:\n  - id: shop\n    hosts: [127.0.0.1, localhost]\n    timezone: UTC\n    currency: USD\n${siteYaml}`);
  writeFileSync(join(folder, 'collector.yaml'), 'listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\nworkers: 1\ndrain_timeout: 0\n'
    + 'spool: {dir: spool, segment_bytes: 256KiB, max_bytes: 8MiB}\nkafka: {bootstrap.servers: "127.0.0.1:1"}\nlog_level: error\n');
  const build = process.env.BUILD_DIR || join(root, 'build');
  const child = spawn(join(build, 'afterclick-collector'), ['--config', join(folder, 'collector.yaml')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', errors = '';
  child.stdout.on('data', (text) => { out += text; });
  child.stderr.on('data', (text) => { errors += text; });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const port = await until('the collector is ready', () => {
    if (child.exitCode !== null) throw new Error(errors);
    return (/listen=\S*:(\d+)/.exec(out) || [])[1];
  });
  return {
    url: `http://127.0.0.1:${port}`,
    /* What was recorded, as JSON out of the segments. */
    records() {
      const found = new Map();
      for (const name of readdirSync(join(folder, 'spool'), { recursive: true })) {
        let text = '';
        try { text = readFileSync(join(folder, 'spool', name), 'utf8'); } catch { continue; }
        for (let at = text.indexOf('{"v":1,'); at >= 0; at = text.indexOf('{"v":1,', at + 1)) {
          for (let end = text.indexOf('}', at); end >= 0 && end - at < 49152; end = text.indexOf('}', end + 1)) {
            try {
              const record = JSON.parse(text.slice(at, end + 1));
              found.set(record.event_id, record);
              break;
            } catch { /* a brace inside */ }
          }
        }
      }
      return [...found.values()].sort((a, b) => a.received_at - b.received_at || a.time - b.time);
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
      if (/Sanitizer|runtime error/.test(errors)) throw new Error(errors);
    },
  };
}

const PAGE_JS = `
window.afterclick = window.afterclick || function () { (afterclick.q = afterclick.q || []).push(arguments); };
window.violations = [];
document.addEventListener('securitypolicyviolation', function (e) { violations.push(e.violatedDirective + ' ' + e.blockedURI); });
`;

/*
 * Runs TEST with a shop. OPTIONS: config (before the script), site (YAML: a real
 * collector is used), attributes (of the script), body (HTML), before (script of
 * the page before ours), context (of the browser), policy (the page's CSP;
 * scripts carry the nonce "n"), blocked (a profile that refuses cookies),
 * module (code that loads the tracker by the package's index.js).
 */
export async function visit(options, test) {
  const collector = options.site !== undefined ? await startCollector(options.site) : null;
  const hits = [];
  const shop = { hits, collector, status: 204, held: null, requests: [] };
  const answer = (req, res, body) => {
    const hit = { method: req.method, path: req.url, type: req.headers['content-type'], headers: req.headers, events: [] };
    try { hit.events = JSON.parse(body).events; } catch { hit.query = new URL(req.url, 'http://x').searchParams; }
    hit.status = shop.status;
    hits.push(hit);
    res.writeHead(shop.status, /_ac_v=/.test(req.headers.cookie || '') ? {} : { 'Set-Cookie': '_ac_v=one; Path=/; HttpOnly' }).end();
  };
  const server = createServer((req, res) => {
    const path = req.url.split('?')[0], parts = [];
    shop.requests.push(req.url);
    req.on('data', (part) => parts.push(part));
    req.on('end', async () => {
      const body = Buffer.concat(parts);
      if (path === '/index.js') return res.writeHead(200, { 'Content-Type': 'text/javascript' }).end(dist('index.js'));
      if (path === '/app.js') return res.writeHead(200, { 'Content-Type': 'text/javascript' }).end(options.module);
      if (path === '/page.js') return res.writeHead(200, { 'Content-Type': 'text/javascript' }).end(PAGE_JS + (options.before || ''));
      const own = /^\/(e|p|x|opt-out|ab(\.js)?|t(-x?[0-9a-f]{8})?\.js)$/.test(path);
      if (own && collector) {
        const onward = httpRequest(collector.url + req.url, { method: req.method, headers: req.headers }, (r) => {
          res.writeHead(r.statusCode, r.rawHeaders);
          r.pipe(res);
        });
        onward.on('error', () => res.writeHead(502).end());
        return onward.end(body);
      }
      if (path.startsWith('/t-x')) return res.writeHead(200, { 'Content-Type': 'text/javascript' }).end(dist('extension.js'));
      if (path === '/t.js') return res.writeHead(200, { 'Content-Type': 'text/javascript' }).end(
        (options.config ? `document.currentScript.ac=${JSON.stringify({ site: 'shop', extension: true, ...options.config })};\n` : '') + dist('tracker.js'));
      if (path === '/e' || path === '/p') {
        if (shop.held) await shop.held;
        return answer(req, res, body.toString());
      }
      if (path === '/favicon.ico' || path.endsWith('.pdf')) return res.writeHead(204).end();
      const attributes = Object.entries({ 'data-site': 'shop', ...options.attributes }).map(([k, v]) => `${k}="${v}"`).join(' ');
      res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': `default-src 'none'; script-src ${options.policy || "'self'"}; connect-src 'self'; img-src 'self'; form-action 'self'` });
      return res.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop ${path}</title><script nonce="n" src="/page.js"></script>`
        + (options.module ? '<script type="module" src="/app.js"></script></head>' : `<script nonce="n" async src="/t.js" ${attributes}></script></head>`) + `<body>${(options.body || (() => ''))(path, shop)}`
        + `<noscript><img src="/p?site=shop" alt=""></noscript></body></html>`);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = server.address().port;
  const errors = [];
  const profile = options.blocked && blockedProfile();
  const context = profile ? await chromium.launchPersistentContext(profile, { ...LAUNCH, userAgent: AGENT })
    : await browser.newContext({ userAgent: AGENT, ...options.context });
  context.setDefaultTimeout(PATIENCE);
  try {
    Object.assign(shop, { port, context, url: `http://127.0.0.1:${port}`, other: `http://localhost:${port}` });
    shop.open = async (path = '/') => {
      const page = await context.newPage();
      page.on('pageerror', (e) => errors.push(e.message));
      await page.goto(shop.url + path);
      return page;
    };
    shop.events = (type) => hits.filter((h) => h.status < 300).flatMap((h) => h.events).filter((e) => !type || e.type === type);
    /* Until N different events of TYPE have arrived; then all of them. */
    shop.arrived = (n, type) => until(`${n} ${type || 'events'}`, () => {
      const all = [...new Map(shop.events(type).map((e) => [e.event_id, e])).values()];
      return all.length >= n && all;
    });
    shop.recorded = (n, test_ = () => true) => until(`${n} records`, () => {
      const all = collector.records().filter(test_);
      return all.length >= n && all;
    });
    shop.cookies = async () => Object.fromEntries((await context.cookies()).map((c) => [c.name, c]));
    await test(shop);
    if (errors.length) throw new Error(errors.join('\n'));
  } finally {
    await context.close();
    if (profile) rmSync(profile, { recursive: true, force: true });
    server.closeAllConnections();
    server.close();
    if (collector) await collector.stop();
  }
}
