/*
 * window.js - as much of a browser as the tracker touches, with a clock and
 * a network that the test moves by hand.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const FILE = path.join(__dirname, '../../collector/tracker/dist/tracker.js');
exports.source = fs.readFileSync(FILE, 'utf8');
exports.extension = fs.readFileSync(path.join(path.dirname(FILE), 'extension.js'), 'utf8');

function target(object) {
  const listeners = {};
  object.addEventListener = (name, f) => (listeners[name] = listeners[name] || []).push(f);
  object.fire = (name, event) => (listeners[name] || []).forEach((f) => f(event || {}));
  return object;
}

/*
 * A page at OPTIONS.url with the script's ATTRIBUTES. OPTIONS.without names
 * what the browser lacks; OPTIONS.storage is shared between pages.
 */
exports.open = function (options) {
  options = Object.assign({ url: 'https://shop.test/', attributes: {} }, options);
  const without = options.without || [];
  const attributes = Object.assign({ 'data-site': 'shop' }, options.attributes);
  const timers = [];
  const page = { requests: [], beacons: [], pixels: [], storage: options.storage || {}, now: options.now || 1760000000000 };

  const location = { href: options.url };
  const document = target({
    referrer: options.referrer || '', title: options.title || 'Shop', visibilityState: 'visible',
    prerendering: !!options.prerendering,
    currentScript: {
      src: options.src || 'https://stats.test/t.js', ac: options.config,
      getAttribute: (name) => (name in attributes ? attributes[name] : null),
    },
  });
  /* Scripts that the tracker asks for, run by page.extend(). */
  page.scripts = [];
  document.head = { appendChild: (script) => page.scripts.push(script) };
  document.createElement = () => ({});
  const go = (state, title, url) => { location.href = new URL(url, location.href).href; };
  const window = target({
    document, location, screen: { width: 1280, height: 720 },
    history: { pushState: go, replaceState: go },
    navigator: { language: 'en-GB', onLine: true },
    crypto: { randomUUID: () => globalThis.crypto.randomUUID(), getRandomValues: (a) => globalThis.crypto.getRandomValues(a) },
    localStorage: {
      getItem: (k) => { page.refuse(); return k in page.storage ? page.storage[k] : null; },
      setItem: (k, v) => { page.refuse(); page.storage[k] = '' + v; },
      removeItem: (k) => { page.refuse(); delete page.storage[k]; },
    },
    fetch: (url, init) => new Promise((resolve, reject) => {
      page.requests.push({
        url, init, body: init.body, events: JSON.parse(init.body).events,
        answer: (status) => { resolve({ status }); return settle(); },
        fail: () => { reject(new TypeError('Failed to fetch')); return settle(); },
      });
    }),
    Image: function () {
      Object.defineProperty(this, 'src', { set: (v) => page.pixels.push(v) });
    },
    setTimeout: (f, ms) => { timers.push({ f, at: page.now + (ms || 0) }); return timers.length; },
    clearTimeout: (n) => { if (n) timers[n - 1].f = null; },
    Uint8Array, URL,
    Date: { now: () => page.now },
  });
  window.window = window;
  page.refuse = () => { if (options.noStorage) throw new Error('SecurityError'); };
  window.navigator.sendBeacon = (url, body) => {
    if (options.beaconFull) return false;
    page.beacons.push({ url, body, events: JSON.parse(body).events });
    return true;
  };
  if (without.includes('fetch')) delete window.fetch;
  if (without.includes('sendBeacon')) delete window.navigator.sendBeacon;
  if (without.includes('randomUUID')) delete window.crypto.randomUUID;
  if (without.includes('crypto')) delete window.crypto;
  if (options.before) options.before(window);

  /* The script runs as it would in a page, with these as its globals. */
  page.window = window;
  page.run = () => vm.runInNewContext(exports.source, window);
  page.run();

  /* Moves the clock on by MS, running what falls due. */
  page.pass = (ms) => {
    const end = page.now + ms;
    for (;;) {
      const due = timers.filter((t) => t.f && t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      page.now = Math.max(page.now, due.at);
      const f = due.f;
      due.f = null;
      f();
    }
    page.now = end;
  };
  page.call = (...args) => window.afterclick(...args);
  page.go = (url) => { location.href = url; };
  page.hide = () => { document.visibilityState = 'hidden'; document.fire('visibilitychange'); };
  /* Every event sent so far, whatever the way. */
  page.events = () => [...page.requests, ...page.beacons].flatMap((r) => r.events);
  page.stored = () => JSON.parse(page.storage._ac_q || '[]');
  return page;
};

/* Lets promises that are settled run their continuations. */
const settle = exports.settle = () => new Promise((resolve) => setImmediate(resolve));
