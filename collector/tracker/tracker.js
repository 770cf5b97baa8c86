/* Afterclick tracker, Apache-2.0. How to use it: collector/tracker/README.md */
(function (w, d) {
  'use strict';
  var DAY = 864e5, KEPT = 30, STORE = '_ac_q';
  var n = navigator, l = location, old = w.afterclick;
  var me = d.currentScript;
  if (!me || (old && old.site)) return;

  var site = me.getAttribute('data-site');
  var endpoint = me.getAttribute('data-endpoint') || me.src.replace(/[^\/]*([?#].*)?$/, 'e');
  var waiting = me.getAttribute('data-consent') == 'wait';
  var consent, user, timer, flying, again = 1, tries = 0;
  var queue = [], memory = [], seen, last = d.referrer;

  function safe(f) {
    return function () {
      try { return f.apply(this, arguments); } catch (e) {}
    };
  }

  function on(target, name, f) {
    target.addEventListener(name, safe(f));
  }

  function id() {
    var c = w.crypto || {}, s = '', i = 16;
    if (c.randomUUID) return c.randomUUID();
    var b = c.getRandomValues && c.getRandomValues(new Uint8Array(16));
    while (i--)
      s += (256 + (b ? b[i] : Math.random() * 256 | 0)).toString(16).slice(1);
    return s;
  }

  /* Hits that could not be sent. */
  function load() {
    function young(list) {
      return list.filter(function (h) { return Date.now() - h.time < DAY; });
    }
    try { return young(JSON.parse(localStorage.getItem(STORE)) || memory); } catch (e) {}
    return young(memory);
  }

  function keep(batch, failed) {
    var ids = batch.map(function (h) { return h.event_id; });
    memory = load().filter(function (h) { return ids.indexOf(h.event_id) < 0; });
    if (failed) memory = memory.concat(batch).slice(-KEPT);
    try {
      if (memory.length && !(consent && consent.analytics_storage == 'denied'))
        localStorage.setItem(STORE, JSON.stringify(memory));
      else localStorage.removeItem(STORE);
    } catch (e) {}
  }

  function done(batch, failed) {
    flying = 0;
    keep(batch, failed);
    if (failed) setTimeout(retry, Math.min(6e4, 1e3 * Math.pow(2, tries++)));
    else send(tries = 0);
  }

  function retry() {
    again = 1;
    send();
  }

  /* One request at a time: the first answer sets the cookie. */
  var send = safe(function (leaving) {
    clearTimeout(timer);
    timer = 0;
    if (waiting || (flying && !leaving)) return;
    if (again) queue = load().concat(queue);
    again = 0;
    var size = 0, batch = [], h, body;
    while (queue.length && size < 2e4) {
      h = queue.shift();
      h.sent_at = Date.now();
      if (consent && !h.consent) h.consent = consent;
      size += JSON.stringify(h).length;
      batch.push(h);
    }
    if (!batch.length) return;
    body = JSON.stringify({ events: batch }).replace(/\\ud[89a-f]../gi, '\\ufffd');
    if (n.sendBeacon && (leaving || !w.fetch)) {
      keep(batch, n.onLine === false || !n.sendBeacon(endpoint, body));
    } else if (w.fetch) {
      flying = 1;
      w.fetch(endpoint, {
        method: 'POST', body: body, credentials: 'include', keepalive: size < 2e4,
        headers: { 'Content-Type': 'text/plain' }
      }).then(function (r) {
        done(batch, r.status > 499 || r.status == 429);
      }, function () {
        done(batch, 1);
      });
    } else {
      batch.forEach(function (h) {
        new Image().src = endpoint.replace(/[^\/]*$/, 'p?') + Object.keys(h).map(function (k) {
          return k + '=' + encodeURIComponent(typeof h[k] == 'object' ? JSON.stringify(h[k]) : h[k]);
        }).join('&');
      });
      keep(batch);
    }
    if (queue.length) send(leaving);
  });

  function hit(type, more) {
    var h = {
      type: type, site: site, event_id: id(), time: Date.now(),
      url: l.href.slice(0, 2048), referrer: last.slice(0, 2048), title: d.title.slice(0, 170),
      language: n.language, screen: screen.width + 'x' + screen.height
    };
    if (user) h.user_id = user;
    for (var k in more) if (more[k] != null) h[k] = more[k];
    if (typeof h.value == 'number') h.value = '' + +h.value.toFixed(6);
    queue.push(JSON.parse(JSON.stringify(h)));
    timer = timer || setTimeout(send, 50);
  }

  function pick(from, names) {
    var to = {};
    names.split(' ').forEach(function (k) { to[k] = (from || {})[k]; });
    return to;
  }

  /* A fragment counts where a router uses it. */
  function address() {
    return l.href.replace(/#(?![!\/]).*/, '');
  }

  function page() {
    seen = address();
    hit('page');
  }

  function moved() {
    if (seen && seen != address()) {
      last = seen;
      page();
    }
  }

  var commands = {
    page: page,
    conversion: function (o) {
      hit('conversion', pick(o, 'event_id goal value currency order_id items new_customer props'));
    },
    event: function (name, props) {
      hit('event', { name: name, props: props });
    },
    exposure: function (o) {
      hit('exposure', pick(o, 'experiment variant'));
    },
    identify: function (who) {
      user = '' + who;
      hit('identify');
    },
    consent: function (o) {
      consent = pick(o, 'ad_storage analytics_storage ad_user_data ad_personalization');
      waiting = 0;
      hit('consent', { consent: consent });
    }
  };

  function run(args) {
    commands[args[0]].apply(0, [].slice.call(args, 1));
  }

  w.afterclick = safe(function () { run(arguments); });
  w.afterclick.site = site;

  function start() {
    page();
    ((old && old.q) || []).forEach(safe(run));
  }

  safe(function () {
    if (me.getAttribute('data-spa') != 'off') {
      ['pushState', 'replaceState'].forEach(function (name) {
        var real = history[name];
        history[name] = function () {
          var result = real.apply(this, arguments);
          safe(moved)();
          return result;
        };
      });
      on(w, 'popstate', moved);
      on(w, 'hashchange', moved);
    }
    on(w, 'online', retry);
    on(w, 'pagehide', function () { send(1); });
    on(d, 'visibilitychange', function () {
      if (d.visibilityState == 'hidden') send(1);
    });
    on(w, 'pageshow', function (e) {
      if (e.persisted) page();
    });
    if (d.prerendering) on(d, 'prerenderingchange', start);
    else start();
  })();
})(window, document);
