/*
 * extension.js - what only some sites need: goals that the page alone can
 * see, conversions begun on one page and completed on another, consent from
 * Consent Mode and TCF, and links to the site's other domains.
 */
(() => {
  const w = window, d = document, l = location;
  /** @type {import('./types').Core} */
  const core = w.afterclick && w.afterclick.core;
  if (!core || w.afterclick.extended) return;
  w.afterclick.extended = 1;
  const { config, commands, hit, on, me } = core;
  const from = config.consent_from || [];

  /** @param {Event} e @param {string} selector @returns {any} */
  const within = (e, selector) => e.target instanceof Element && e.target.closest(selector);

  /* --- goals --- */
  const goals = config.goals || [];
  /** @param {import('./types').Goal} goal @param {string} name @param {any} [props] */
  const reach = (goal, name, props) => hit('event', { name, goal: goal.name, props });

  /* A selector that is none spoils its own goal only. */
  /** @param {(goal: import('./types').Goal) => void} f */
  const each = (f) => goals.forEach((goal) => { try { f(goal); } catch (e) { /* the others go on */ } });

  /** @param {string} words @param {(word: string) => any} test */
  const any = (words, test) => words == '*' || words.split(/[\s,]+/).some(test);

  on(d, 'submit', (e) => each((goal) => {
    if (goal.form && e.target.matches(goal.form)) reach(goal, 'form', { form: e.target.id || e.target.name || goal.form });
  }));

  const FILES = /\.(pdf|zip|gz|7z|rar|dmg|exe|msi|apk|docx?|xlsx?|pptx?|csv|epub|mp3|mp4|mov|avi|wav)$/i;
  /** @param {Event} e */
  const followed = (e) => {
    const link = within(e, 'a[href]');
    if (!link || !/^https?:/.test(link.protocol)) return;
    const file = link.pathname;
    each((goal) => {
      if (goal.download && (goal.download == '*' ? FILES.test(file)
        : any(goal.download, (end) => file.toLowerCase().endsWith('.' + end)))) reach(goal, 'download', { file });
      if (goal.outbound && link.hostname != l.hostname && !(config.link_hosts || []).includes(link.hostname)
        && any(goal.outbound, (host) => ('.' + link.hostname).endsWith('.' + host)))
        reach(goal, 'outbound', { host: link.hostname });
    });
  };
  on(d, 'click', followed);
  on(d, 'auxclick', (e) => e.button == 1 && followed(e));

  /* Each once a page; how often a goal counts, the aggregator decides. */
  const scrolls = goals.filter((goal) => goal.scroll);
  const scrolled = () => {
    const all = d.documentElement, seen = 100 * (w.scrollY + w.innerHeight) / Math.max(1, all.scrollHeight);
    for (let i = scrolls.length; i--;) {
      if (seen + 1 >= scrolls[i].scroll) reach(scrolls.splice(i, 1)[0], 'scroll', { percent: Math.min(100, Math.round(seen)) });
    }
  };
  if (scrolls.length) {
    on(d, 'scroll', scrolled);
    if (d.readyState == 'complete') scrolled();
    else on(w, 'load', scrolled);
  }

  /* Time that the site's pages of this tab were seen. */
  const times = goals.filter((goal) => goal.time_on_site);
  const SPENT = '_ac_t';
  let spent = 0, since = 0;
  const watch = () => {
    const now = Date.now();
    if (since) spent += now - since;
    since = d.visibilityState == 'visible' ? now : 0;
    const before = times.length;
    for (let i = before; i--;) {
      if (spent >= times[i].time_on_site) reach(times.splice(i, 1)[0], 'time_on_site');
    }
    try {
      if (core.may()) sessionStorage.setItem(SPENT, spent + ' ' + times.map((goal) => goal.name).join('\n'));
    } catch (e) { /* then page by page */ }
    const next = Math.min(...times.map((goal) => goal.time_on_site - spent));
    if (since && times.length) setTimeout(watch, Math.max(50, next));
  };
  if (times.length) {
    try {
      const [, ms, names] = /^(\d+) ([^]*)$/.exec(sessionStorage.getItem(SPENT));
      spent = +ms;
      for (let i = times.length; i--;) if (!names.split('\n').includes(times[i].name)) times.splice(i, 1);
    } catch (e) { /* the first page */ }
    on(d, 'visibilitychange', watch);
    on(w, 'pagehide', watch);
    watch();
  }

  /* --- begun here, completed there ---
   * The action leaves a cookie with an id; the page of thanks finds it, and
   * sends that id as the conversion's and takes the cookie away: neither a
   * reload nor a second visit, nor another tab, counts anything twice. */
  const MARK = '_ac_m', MARK_S = 86400, MARKS = 10;
  /** @returns {string[][]} of goal, id */
  const marks = () => {
    const found = new RegExp('(?:^|; )' + MARK + '=([^;]*)').exec(d.cookie);
    return found ? found[1].split('~').map((one) => one.split('!')) : [];
  };
  /** @param {string[][]} list */
  const write = (list) => {
    d.cookie = MARK + '=' + list.slice(-MARKS).map((one) => one.join('!')).join('~') + ';path=/;SameSite=Lax;max-age='
      + (list.length ? MARK_S : 0) + (l.protocol == 'https:' ? ';Secure' : '');
  };
  /* While consent is not known no cookie is set, nor taken away for a hit that may never go. */
  /** @type {(() => void)[]} */
  const held = [];
  /** @param {() => void} f */
  const known = (f) => core.waiting() ? held.push(f) : f();
  /** @param {string} goal */
  const spell = (goal) => encodeURIComponent(goal).replace(/[!~]/g, escape);
  commands.mark = (goal) => known(() => {
    const name = spell(goal);
    if (core.may()) write(marks().filter((one) => one[0] != name).concat([[name, core.id()]]));
  });
  commands.returned = (o) => known(() => {
    const list = marks(), mine = list.filter((one) => one[0] == spell(o.goal))[0];
    if (!mine) return;
    write(list.filter((one) => one != mine));
    commands.conversion({ ...o, event_id: mine[1] });
  });
  /* Denied: what was stored before goes. */
  const settle = () => {
    held.splice(0).forEach((f) => f());
    if (!core.denied()) return;
    if (marks().length) write([]);
    sessionStorage.removeItem(SPENT);
  };
  const consent = commands.consent;
  commands.consent = (o) => {
    consent(o);
    settle();
  };
  if (!core.waiting()) try { settle(); } catch (e) { /* storage is blocked */ }
  /** @param {string} name */
  const marked = (name) => on(d, name, (e) => {
    const at = within(e, '[data-goal-mark]');
    /* A form is begun by its first field, all else by a click. */
    if (at && (name == 'click') != (at.tagName == 'FORM')) commands.mark(at.getAttribute('data-goal-mark'));
  });
  marked('click');
  marked('focusin');
  marked('submit');
  const returns = () => [me, ...d.querySelectorAll('[data-goal-on-return]')].forEach((at) => {
    const get = (/** @type {string} */ name) => at.getAttribute('data-' + name);
    if (get('goal-on-return')) commands.returned({ goal: get('goal-on-return'), value: get('value') || undefined,
      currency: get('currency') || undefined, order_id: get('order-id') || undefined });
  });
  if (d.readyState == 'loading') on(d, 'DOMContentLoaded', returns);
  else returns();

  /* --- consent --- */
  if (from.includes('consent_mode')) {
    /** @type {any} */
    let known = {};
    let told = false;
    /** @param {any} item gtag's arguments, or anything else */
    const read = (item) => {
      if (!item || item[0] != 'consent' || !item[2]) return;
      const said = core.pick(item[2], 'ad_storage analytics_storage ad_user_data ad_personalization');
      for (const k in said) {
        /* A default for some regions: whether this is one we cannot tell, so it only denies. */
        if (said[k] && !(item[2].region && said[k] == 'granted')) known[k] = said[k];
      }
      /* A default with wait_for_update is no answer yet; the page's own deadline makes it one. */
      const wait = item[1] == 'default' && +item[2].wait_for_update;
      if (wait) setTimeout(() => told || (told = true, commands.consent(known)), wait);
      else told = true, commands.consent(known);
    };
    const layer = w.dataLayer = w.dataLayer || [];
    const push = layer.push;
    layer.push = function (/** @type {any[]} */ ...items) {
      const result = push.apply(this, items);
      items.forEach((item) => { try { read(item); } catch (e) { /* the page goes on */ } });
      return result;
    };
    /* What was said before we came is one answer: its last word. */
    const list = [...layer].filter((item) => item && item[0] == 'consent');
    const updated = list.some((item) => item[1] == 'update');
    const real = commands.consent;
    let answers = 0;
    commands.consent = () => { answers++; };
    list.forEach((item) => read(updated ? [item[0], item[1], { ...item[2], wait_for_update: 0 }] : item));
    commands.consent = real;
    if (answers) commands.consent(known);
  }

  if (from.includes('tcf')) {
    const framework = (/** @type {number} */ tries) => {
      if (!w.__tcfapi) {
        if (tries) setTimeout(framework, 200, tries - 1);
        return;
      }
      w.__tcfapi('addEventListener', 2, (/** @type {any} */ tc, /** @type {boolean} */ ok) => {
        if (!ok || !/^(tcloaded|useractioncomplete)$/.test(tc.eventStatus)) return;
        const has = (/** @type {number[]} */ ...all) => tc.gdprApplies === false
          || all.every((n) => tc.purpose && tc.purpose.consents && tc.purpose.consents[n]) ? 'granted' : 'denied';
        commands.consent({ ad_storage: has(1), analytics_storage: has(1, 8), ad_user_data: has(1, 7),
          ad_personalization: has(1, 3, 4), tc: tc.gdprApplies === false ? undefined : tc.tcString });
      });
    };
    framework(50);
  }

  /* --- the site's other domains --- */
  const hosts = config.link_hosts || [];
  let sign = '', signed = 0, asking = false;
  /** @param {any} link */
  const leads = (link) => /^https?:/.test(link.protocol) && link.hostname != l.hostname && hosts.includes(link.hostname);
  const ask = () => {
    if (asking || !core.may() || Date.now() - signed < 6e4) return;
    asking = true;
    fetch(core.endpoint.replace(/[^\/]*$/, 'x') + '?site=' + encodeURIComponent(config.site), { credentials: 'include' })
      .then((r) => r.status == 200 ? r.text() : '')
      .then((text) => { sign = text; signed = text && Date.now(); asking = false; }, () => { asking = false; });
  };
  /** @param {Event} e */
  const decorate = (e) => {
    const link = within(e, 'a[href]');
    if (!link || !leads(link)) return;
    ask();
    /* The rest of the address stays as it is spelled. */
    let [, url, fragment] = /^([^#]*)(.*)$/.exec(core.plain(link.href));
    if (core.may() && sign && Date.now() - signed < 12e4) url += (url.includes('?') ? '&' : '?') + '_ac_x=' + sign;
    if (url + fragment != link.href) link.href = url + fragment;
  };
  if (hosts.length) {
    ['pointerover', 'focusin', 'touchstart', 'mousedown', 'click', 'auxclick'].forEach((name) => on(d, name, decorate));
    /* The sign is for one visitor and one arrival: it should not be shared with the address. */
    if (/[?&]_ac_x=/.test(l.search)) history.replaceState(history.state, '', core.plain(l.href));
    const first = () => { if ([...d.links].some(leads)) setTimeout(ask, 500); };
    if (d.readyState == 'complete') first();
    else on(w, 'load', first);
  }

  core.ready();
})();
