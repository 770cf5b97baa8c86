/*
 * core.js - the snippet that every page gets, at most 2,500 bytes gzipped.
 *
 * Page views, calls, and delivery that survives slow networks and closed
 * tabs. It never throws into the page and sets no cookie: the collector does.
 * What only some sites need is in extension.js, which is loaded when the
 * site's configuration says so or a page uses a call that is not here.
 */
/* global EXTENSION */
(() => {
  const w = window, d = document, n = navigator, l = location;
  const DAY = 864e5, KEPT = 30, STORE = '_ac_q';
  const me = /** @type {HTMLScriptElement & { ac?: import('./types').Config }} */ (d.currentScript);
  const old = w.afterclick;
  if (!me || (old && old.site)) return;

  /** @param {string} name */
  const attribute = (name) => me.getAttribute('data-' + name);
  const named = attribute('site') || (/[?&]site=([^&#]*)/.exec(me.src) || [])[1];
  /* Another site's settings, when several share the collector's host, are not ours. */
  const config = me.ac && (!named || named == me.ac.site) ? me.ac : /** @type {import('./types').Config} */ ({});
  const site = named || config.site;
  const endpoint = attribute('endpoint') || me.src.replace(/[^\/]*([?#].*)?$/, 'e');
  const asked = attribute('consent') || config.consent;
  let waiting = asked == 'wait';

  /** @type {import('./types').Hit[]} */
  let queue = [];
  /** @type {import('./types').Hit[]} */
  let memory = [];
  /** @type {import('./types').Consent | undefined} */
  let consent;
  let user = '', seen = '';
  /** @type {any} */
  let timer;
  /** @type {HTMLScriptElement} */
  let asking;
  let flying = 0, extended = 0, again = 1, tries = 0, last = d.referrer;
  /** @type {any[]} */
  const later = [];

  /** @param {any} f */
  const safe = (f) => function (/** @type {any[]} */ ...args) {
    try { return f.apply(this, args); } catch (e) { /* the page goes on */ }
  };
  /** @type {import('./types').Core['on']} */
  const on = (target, name, f) => target.addEventListener(name, safe(f), true);

  const id = () => {
    const c = w.crypto || /** @type {Crypto} */ ({});
    if (c.randomUUID) return c.randomUUID();
    const b = c.getRandomValues && c.getRandomValues(new Uint8Array(16));
    let s = '', i = 16;
    while (i--) s += (256 + (b ? b[i] : Math.random() * 256 | 0)).toString(16).slice(1);
    return s;
  };

  /* What the visitor objects to, no page can overrule. */
  /** @returns {any} */
  const denied = () => config.dnt && n.doNotTrack == '1' || /_ac_out=1/.test(d.cookie)
    || consent && consent.analytics_storage == 'denied';
  /* Whether anything may be stored. */
  const may = () => !waiting && !denied();

  /* Hits that could not be sent. */
  const load = () => {
    /** @param {import('./types').Hit[]} list */
    const young = (list) => list.filter((h) => Date.now() - h.time < DAY);
    try { return young(JSON.parse(localStorage.getItem(STORE)) || memory); } catch (e) { return young(memory); }
  };

  /** @param {import('./types').Hit[]} batch @param {any} [failed] */
  const keep = (batch, failed) => {
    const ids = batch.map((h) => h.event_id);
    memory = load().filter((h) => !ids.includes(h.event_id));
    if (failed) memory = memory.concat(batch).slice(-KEPT);
    try {
      if (memory.length && may()) localStorage.setItem(STORE, JSON.stringify(memory));
      else localStorage.removeItem(STORE);
    } catch (e) { /* then in memory only */ }
  };

  /** @param {import('./types').Hit[]} batch @param {any} failed */
  const done = (batch, failed) => {
    flying = 0;
    keep(batch, failed);
    if (failed) setTimeout(retry, Math.min(6e4, 1e3 * 2 ** tries++));
    else send(tries = 0);
  };

  const retry = () => {
    again = 1;
    send();
  };

  /* One request at a time: the first answer sets the cookie. */
  const send = safe((/** @type {any} */ leaving) => {
    clearTimeout(timer);
    timer = 0;
    if (waiting || (flying && !leaving)) return;
    if (again) queue = load().concat(queue);
    again = 0;
    /** @type {import('./types').Hit[]} */
    const batch = [];
    let size = 0;
    while (queue.length && size < 2e4) {
      const h = queue.shift();
      /* A router names its page a moment after its address. */
      if (!h.sent_at && h.url == l.href) h.title = title();
      h.sent_at = Date.now();
      if (!h.consent) h.consent = consent;
      size += JSON.stringify(h).length;
      batch.push(h);
    }
    if (!batch.length) return;
    const body = JSON.stringify({ events: batch }).replace(/\\ud[89a-f]../gi, '\\ufffd');
    /* Nobody may be there to see how this ends. */
    if (leaving) keep(batch, 1);
    if ((leaving || !w.fetch) && n.sendBeacon && n.onLine !== false && n.sendBeacon(endpoint, body)) {
      keep(batch);
    } else if (w.fetch) {
      flying = 1;
      w.fetch(endpoint, {
        method: 'POST', body, credentials: 'include', keepalive: size < 2e4,
        headers: { 'Content-Type': 'text/plain' }
      }).then((r) => done(batch, r.status > 499 || r.status == 429), () => done(batch, 1));
    } else if (n.onLine !== false) {
      batch.forEach((/** @type {any} */ h) => {
        new Image().src = endpoint.replace(/[^\/]*$/, 'p?') + Object.keys(h).filter((k) => h[k] != null).map((k) =>
          k + '=' + encodeURIComponent(typeof h[k] == 'object' ? JSON.stringify(h[k]) : h[k])).join('&');
      });
      keep(batch);
    }
    if (queue.length) send(leaving);
  });

  const title = () => d.title.slice(0, 170);

  /** @type {import('./types').Core['hit']} */
  const hit = (type, more) => {
    /** @type {any} */
    const h = {
      type, site, event_id: id(), time: Date.now(),
      url: l.href.slice(0, 2048), referrer: last.slice(0, 2048), title: title(),
      language: n.language, screen: screen.width + 'x' + screen.height, user_id: user || undefined
    };
    if (n.globalPrivacyControl) h.gpc = 1;
    for (const k in more) if (more[k] != null) h[k] = more[k];
    if (typeof h.value == 'number') h.value = '' + +h.value.toFixed(6);
    queue.push(JSON.parse(JSON.stringify(h)));
    timer = timer || setTimeout(send, 50);
  };

  /** @type {import('./types').Core['pick']} */
  const pick = (from, names) => {
    /** @type {any} */
    const to = {};
    names.split(' ').forEach((k) => { to[k] = (from || {})[k]; });
    return to;
  };

  /** @type {import('./types').Core['plain']} */
  const plain = (url) => url.replace(/([?&])_ac_x=[^&#]*(&?)/, (all, before, after) => after && before);
  /* A fragment counts where a router uses it; the sign of a linked domain never does. */
  const address = () => plain(l.href).replace(/#(?![!\/]).*/, '');

  const page = () => {
    seen = address();
    hit('page');
  };

  const moved = () => {
    if (seen && seen != address()) {
      last = seen;
      page();
    }
  };

  const SALE = 'event_id value currency order_id items new_customer props ';
  /** @type {import('./types').Core['commands']} */
  const commands = {
    page,
    conversion: (o) => hit('conversion', pick(o, SALE + 'goal')),
    purchase: (o) => hit('conversion', pick(o, SALE)),
    refund: (o) => hit('refund', pick(o, SALE + 'refund_id')),
    event: (name, props, more) => hit('event', { ...pick(more, SALE), name, props }),
    exposure: (o) => hit('exposure', pick(o, 'experiment variant')),
    identify: (who) => {
      user = '' + who;
      hit('identify');
    },
    consent: (o) => {
      consent = { ...consent, ...JSON.parse(JSON.stringify(
        pick(o, 'ad_storage analytics_storage ad_user_data ad_personalization'))) };
      waiting = false;
      keep([]);
      hit('consent', { consent, tc: o.tc });
      if (denied() && /_ac_m/.test(d.cookie)) extend();
    }
  };
  'view cart checkout signup newsletter form download'.split(' ').forEach((name) => {
    commands[name] = (o) => commands.event(name, (o || {}).props, o);
  });

  /* Calls that are not here wait for the extension. */
  const extend = () => {
    if (asking) return;
    asking = d.createElement('script');
    asking.nonce = me.nonce;
    asking.src = attribute('extension') || me.src.replace(/(-[0-9a-f]{8})?(\.js)?([?#].*)?$/, '-x' + EXTENSION + '$2');
    d.head.appendChild(asking);
  };

  /** @param {any[]} args */
  const run = (args) => {
    if (commands.hasOwnProperty(args[0])) return commands[args[0]](...args.slice(1));
    if (!extended && later.push(args) < KEPT) extend();
  };

  w.afterclick = safe((/** @type {any[]} */ ...args) => run(args));
  w.afterclick.site = site || 1;
  w.afterclick.core = {
    config, me, commands, hit, pick, on, id, denied, may, plain, endpoint,
    waiting: () => waiting,
    ready: () => {
      extended = 1;
      later.forEach(safe(run));
    }
  };

  const start = () => {
    page();
    ((old && old.q) || []).forEach(safe((/** @type {any} */ args) => run([...args])));
  };

  safe(() => {
    /* What the site presumes until it is told; the collector presumes the same. */
    if (asked == 'denied') consent = { analytics_storage: 'denied' };
    if (attribute('spa') != 'off') {
      /** @type {('pushState' | 'replaceState')[]} */ (['pushState', 'replaceState']).forEach((name) => {
        const real = history[name];
        history[name] = function (...args) {
          const result = real.apply(this, args);
          safe(moved)();
          return result;
        };
      });
      on(w, 'popstate', moved);
      on(w, 'hashchange', moved);
    }
    on(w, 'online', retry);
    on(w, 'pagehide', () => send(1));
    on(d, 'visibilitychange', () => {
      if (d.visibilityState == 'hidden') send(1);
    });
    on(w, 'pageshow', (e) => {
      if (e.persisted) page();
    });
    if (d.prerendering) on(d, 'prerenderingchange', start);
    else start();
    if (config.extension || attribute('goal-on-return')) extend();
  })();
})();
