/* app.js - what is asked for, when, and where it is shown. */
import * as campaigns from './campaigns.js';
import { draw, redraw } from './chart.js';
import { $, cell, fill, head, make, name, table } from './dom.js';
import { addDays, ago, count, dayText, known, money, percent, ratio, signed } from './format.js';

const STALE_MS = 15 * 60e3, ABOUT_MS = 60e3, PATHS = 12;
let about = null, choice = {}, overview = null, models = null;
let series = 'money', level = 'channel', turn = 0;

/* --- asking ----------------------------------------------------------------- */
async function ask(path, query) {
  const answer = await fetch(path + (query ? '?' + new URLSearchParams(query) : ''), { headers: { Accept: 'application/json' } });
  if (answer.status === 401) { location.assign('/login'); throw new Error('sign in first'); }
  const body = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
  if (!answer.ok) throw new Error(body.error);
  return body;
}

function trouble(text) {
  $('trouble').hidden = !text;
  $('trouble').textContent = text ? `Not everything can be shown: ${text}.` : '';
}

/* Into PLACE, unless something else has been asked for since. */
async function section(mine, place, path, query, show) {
  $(place).classList.add('busy');
  try {
    const data = await ask(path, query);
    if (mine === turn) show(data);
  } catch (error) {
    if (mine !== turn) return;
    trouble(error instanceof TypeError ? 'the aggregator does not answer' : error.message);
  } finally {
    if (mine === turn) $(place).classList.remove('busy');
  }
}

async function load() {
  const mine = ++turn, { site, from, to, model, basis } = choice;
  const time = { site, from, to };
  trouble('');
  $('csv').href = '/api/campaigns.csv?' + new URLSearchParams({ ...time, model, basis });
  history.replaceState(null, '', '#' + new URLSearchParams(choice));
  await Promise.all([
    section(mine, 'cards', '/api/overview', { ...time, model, basis }, showOverview),
    section(mine, 'campaigns', '/api/campaigns', { ...time, model, basis }, campaigns.show),
  ]);
  if (mine !== turn) return;
  performance.mark('shown');
  await section(mine, 'models', '/api/models', { ...time, basis }, (data) => { models = data; showModels(); });
  await section(mine, 'paths', '/api/paths', time, showPaths);
  await section(mine, 'experiments', '/api/experiments', time, showExperiments);
  await section(mine, 'quality', '/api/quality', time, showQuality);
  await section(mine, 'health', '/api/tag-health', { site }, showHealth);
  await section(mine, 'quality-days', '/api/quality-days', time, showQualityDays);
  if (mine === turn) performance.mark('whole');
}

/* --- head numbers ------------------------------------------------------------- */
/* [key, title, format, which way is good: 1 up, -1 down, 0 neither] */
const CARDS = [
  ['cost', 'Spend', money, 0], ['net_revenue', 'Net revenue', money, 1], ['roas', 'ROAS', ratio, 1],
  ['roi', 'ROI', percent, 1], ['cpa', 'CPA', money, -1], ['conversions', 'Conversions', count, 1],
];
const MONEY = new Set(['cost', 'net_revenue', 'cpa']);

function change(now, before, way) {
  if (!known(now) || !known(before)) return make('span', {}, 'nothing before');
  const by = now - before;
  if (by === 0) return make('span', {}, 'as before');
  const text = `${by > 0 ? '▲' : '▼'} ${before > 0 ? percent(Math.abs(by) / before) : ''}`;
  return make('span', { class: (by > 0 ? 'up' : 'down') + (way === 0 ? '' : by * way > 0 ? ' good' : ' bad') },
    make('span', { role: 'img', 'aria-label': (by > 0 ? 'up ' : 'down ') + (before > 0 ? percent(Math.abs(by) / before) : '') }, text));
}

function cards(data) {
  const now = data?.now || {}, before = data?.before || {};
  fill($('cards'), ...CARDS.map(([key, title, format, way]) => make('div', {},
    make('dt', {}, title + (MONEY.has(key) && data?.currency ? `, ${data.currency}` : '')),
    make('dd', { class: 'value' }, format(now[key])),
    make('dd', {}, data ? change(now[key], before[key], way) : ''),
    make('dd', {}, data && known(before[key]) ? `from ${format(before[key])}` : ''))));
}

function showOverview(data) {
  overview = data;
  cards(data);
  $('span').textContent = `${dayText(data.from)} to ${dayText(data.to)}, against ${dayText(data.before_from)} to ${dayText(data.before_to)}.`;
  const of = (status) => data.days.filter((d) => d[1] === status).length;
  $('settled').replaceChildren(
    make('span', { class: 'chip' }, `${of('open')} open`), ' ', make('span', { class: 'chip' }, `${of('provisional')} provisional`), ' ',
    make('span', { class: 'chip' }, `${of('final')} final`),
    ' days. Open: hits may still be on their way. Provisional (on a tint): late conversions and refunds may still change them.');
  showSeries();
}

const SERIES = {
  money: [['Net revenue', '--in', 4], ['Spend', '--out', 5], ['Net revenue before', '--in', 6, true]],
  conversions: [['Conversions', '--in', 3], ['Conversions before', '--in', 8, true]],
  visits: [['Visits', '--in', 2], ['Visits before', '--in', 9, true]],
};

function showSeries() {
  const lines = SERIES[series], days = overview.days;
  draw(days, lines.map(([label, colour, at, dashed]) => [label, colour, days.map((d) => d[at]), dashed]));
  fill($('legend'), ...lines.map(([label, colour, , dashed]) => make('span', { class: `key ${colour.slice(2)}${dashed ? ' old' : ''}` }, make('span', {}, label))));
  fill($('days'), table('Numbers of each day', [head('Day'), head('Status', { class: 'text' }), head('Visits'), head('Conversions'), head('Net revenue'), head('Spend'), head('Net revenue before')],
    [...days].reverse().map((d) => make('tr', {}, make('th', { scope: 'row' }, dayText(d[0])), cell(d[1], { class: 'text' }), cell(count(d[2])), cell(count(d[3])), cell(money(d[4])), cell(money(d[5])), cell(money(d[6]))))));
}

/* --- models side by side ------------------------------------------------------ */
const title = (model) => model.replace(/_/g, ' ');

function showModels() {
  const rows = models.rows.filter((r) => (level === 'channel') === (r[1] === null));
  const used = about.models.map((m) => m.model).filter((m) => models.rows.some((r) => r[5]?.[m]));
  if (!rows.length || !used.length) { fill($('models'), make('p', { class: 'empty' }, 'No credited conversions in these days.')); return; }
  const value = (r, model) => r[5]?.[model]?.[0] ?? 0;
  const heads = [head(level === 'channel' ? 'Channel' : 'Campaign'), head('Spend'), ...used.map((m) => head(title(m) + (m === choice.model ? ' ✓' : '')))];
  const lines = rows.map((r) => make('tr', {},
    make('th', { scope: 'row' }, name(r[3] ?? r[0]), r[1] !== null ? make('small', {}, name(`${r[1]} / ${r[2]}`)) : ''),
    cell(money(r[4])),
    ...used.map((m) => {
      const by = value(r, m) - value(r, choice.model);
      return make('td', {}, money(value(r, m)), make('small', {}, m === choice.model ? 'chosen' : Math.abs(by) < .005 ? '±0' : (by > 0 ? '+' : '−') + money(Math.abs(by))));
    })));
  fill($('models'), table('Net revenue by attribution model', heads, lines),
    models.left_out && level === 'campaign' ? make('p', { class: 'soft' }, `${count(models.left_out)} campaigns with less are left out.`) : '');
}

/* --- paths, experiments, quality ---------------------------------------------- */
function showPaths(data) {
  $('paths-note').textContent = data.conversions
    ? `${data.different === 1 ? 'One path' : `${count(data.different)} different paths`} before ${data.cut ? 'the latest ' : ''}${count(data.conversions)} conversion${data.conversions === 1 ? '' : 's'}${data.paths.length < data.different ? `; the ${data.paths.length} most travelled` : ''}.`
    : '';
  if (!data.paths.length) { fill($('paths'), make('p', { class: 'empty' }, 'No conversions in these days.')); return; }
  const most = data.paths[0][1];
  const some = (title, paths) => table(title, [head('Path'), head('Conversions'), head('Share'), head('Net revenue')],
    paths.map(([path, n, value]) => make('tr', {}, make('th', { scope: 'row' }, path === null ? '(no touch)' : name(path)),
      cell(count(n)), cell(make('meter', { min: 0, max: most, value: n, 'aria-label': percent(n / data.conversions) })), cell(money(value)))));
  const rest = data.paths.slice(PATHS);
  fill($('paths'), some('Paths', data.paths.slice(0, PATHS)),
    rest.length ? make('details', {}, make('summary', {}, `${rest.length} more`), some('More paths', rest)) : '');
}

const lift = (r, what) => (known(r[`${what}_lift`]) ? [signed(r[`${what}_lift`]), known(r[`${what}_lift_low`]) ? make('small', {}, `${signed(r[`${what}_lift_low`])} to ${signed(r[`${what}_lift_high`])}`) : ''] : [r.control === null ? 'control' : '–']);

function showExperiments(data) {
  if (!data.rows.length) { fill($('experiments'), make('p', { class: 'empty' }, 'No experiment has been seen on this site.')); return; }
  fill($('experiments'), table('Experiments', [head('Experiment, arm'), head('Status', { class: 'text' }), head('Customers'), head('Converted'), head('Lift of it'), head('Revenue each'), head('Lift of it'), head('Chance to win')],
    data.rows.map((r) => make('tr', {}, make('th', { scope: 'row' }, name(r.experiment), make('small', {}, name(r.variant), ` · ${r.goal || ''}`)),
      cell(r.status, { class: 'text' + (r.status.startsWith('withheld') ? ' bad' : '') }), cell(count(r.customers)), cell(percent(r.rate)),
      make('td', {}, ...lift(r, 'rate')), cell(money(r.revenue_per_customer)), make('td', {}, ...lift(r, 'revenue')), cell(percent(r.chance_to_win))))),
  make('p', { class: 'soft' }, 'Lift against the control with its always-valid 95 % interval: it holds however often one looks.'));
}

/* Alarms of the site: [state, title, text]. */
const SILENT = 20, DRIFT = .8;

function watch(w) {
  if (!w || w.last_conversion_day === null) return [];
  const lines = [], missing = w.missing_conversions;
  lines.push(missing > SILENT
    ? ['fail', `About ${count(Math.round(missing))} conversions are missing`, `${count(w.views_since)} pages were viewed after ${dayText(w.last_conversion_day)}, and nobody converted. Buy something with afterclick live open.`]
    : ['ok', 'Conversions keep coming', `The last day with some is ${dayText(w.last_conversion_day)}.` + (missing === null ? ' There are too few to tell at once when they stop.' : '')]);
  for (const [now, before, n, what, help] of [
    ['order_coverage', 'order_coverage_before', 'orders', 'orders of the shop', 'afterclick reconcile names those that are missing.'],
    ['tracking_rate', 'tracking_rate_before', 'clicks', 'clicks that the platforms count', 'afterclick audit names the campaigns.'],
  ]) {
    if (w[now] === null) continue;
    const fell = w[now] < DRIFT * w[before];
    lines.push([fell ? 'warn' : 'ok', `${percent(w[now])} of the ${what} are tracked`,
      `Of ${count(w[n])} in the seven days to ${dayText(w[`${n}_until`])}; in the four weeks before, ${percent(w[before])}.` + (fell ? ` ${help}` : '')]);
  }
  return lines;
}

function showQuality(data) {
  const many = (n) => (n > 1000 ? 'more than 1,000' : count(n));
  const line = (state, title, text) => make('li', { class: state }, make('b', {}, title), make('p', {}, text));
  const waits = (n, what, help) => line(n ? 'warn' : 'ok', n ? `Waiting ${what}: ${many(n)}` : `No ${what} wait`, n ? help : 'All of them are counted.');
  const dead = data.dead_letters.reduce((sum, [, n]) => sum + n, 0);
  fill($('quality'),
    ...watch(data.watch).map(([state, title, text]) => line(state, title, text)),
    data.roi_check === null
      ? line('ok', 'Sums', 'Added up all the time; see the metric afterclick_roi_check_rows.')
      : line(data.roi_check ? 'fail' : 'ok', data.roi_check ? `Sums that do not agree: ${many(data.roi_check)}` : 'All sums agree', data.roi_check ? 'See the view roi_check: this is a bug or a hand in the tables.' : 'Campaigns add up to conversions, cells to credits.'),
    waits(data.waiting_conversions, 'conversions', 'Their currency has no rate: afterclick import-fx.'),
    waits(data.waiting_costs, 'costs', 'Their currency has no rate: afterclick import-fx. Sums with them are not shown.'),
    waits(data.waiting_refunds, 'refunds', 'Their order is not known yet: see the view waiting_refunds.'),
    line(dead ? 'warn' : 'ok', dead ? `${count(dead)} records could not be used` : 'Every record could be used', dead ? data.dead_letters.map(([reason, n]) => `${n} × ${reason}`).join('; ') : 'There are no dead letters.'),
    line('ok', data.restated ? `Changes of final days: ${many(data.restated)}` : 'No final day changed', data.restated ? 'When and why: see the view restatements.' : 'What was reported as final still holds.'));
}

/* What is unusual: marks of the last week, and what fell silent. */
const share = (measure) => measure !== 'hits' && measure !== 'conversions';

function alarms(place, items, fine) {
  fill($(place), ...(items.length ? items : [['ok', ...fine]]).map(([state, title, text]) =>
    make('li', { class: state }, make('b', {}, ...title), make('p', {}, text))));
}

function showQualityDays(data) {
  alarms('marks', data.marks.map((m) => {
    const show = share(m.measure) ? percent : count;
    return ['warn', [`${dayText(m.day)}: ${m.measure} ${m.mark}`], `${show(m.value)}, on the same weekday of the ${m.weeks} weeks before mostly ${show(m.median)}.`];
  }), [['The last seven days are as usual'], 'No measure of a day that has ended differs from the same weekday before.']);
  if (!data.rows.length) { fill($('quality-days'), make('p', { class: 'empty' }, 'No hits in these days.')); return; }
  const columns = [['hits', 'Hits', count], ['refused', 'Refused', count], ['bots', 'Bots', count], ['duplicates', 'Duplicates', count], ['late', 'Late', count],
    ['consent_share', 'Consent', percent], ['cookieless_share', 'Cookieless', percent], ['conversions', 'Conversions', count], ['unattributed_share', 'Unattributed', percent],
    ['tracking_rate', 'Clicks landed', percent], ['order_coverage', 'Orders tracked', percent]];
  fill($('quality-days'), table('Data quality by day', [head('Day'), ...columns.map(([, title]) => head(title))],
    data.rows.map((r) => make('tr', {}, make('th', { scope: 'row' }, dayText(r.day)), ...columns.map(([key, , show]) => cell(show(r[key])))))),
  make('p', { class: 'soft' }, 'The last fourteen of these days. Late: an hour or more after the event. Consent: hits of people with analytics storage granted. Cookieless: of hits by browsers.'));
}

function showHealth(data) {
  alarms('health', data.rows.map((r) => [r.finding === 'goal never fired' ? 'warn' : 'fail', [`${r.finding[0].toUpperCase()}${r.finding.slice(1)}: `, name(r.subject)], `${r.evidence[0].toUpperCase()}${r.evidence.slice(1)}.`]),
    [['Nothing fell silent'], 'Pages and goals convert as they used to, and campaigns with clicks have landings.']);
}

/* --- what is chosen ------------------------------------------------------------ */
const today = () => about.sites.find((s) => s.site === choice.site)?.today || new Date().toISOString().slice(0, 10);

function showFresh() {
  const place = $('fresh');
  const behind = about.read_until ? Date.parse(about.now) - Date.parse(about.read_until) : null;
  place.className = 'fresh ' + (behind !== null && behind < STALE_MS ? 'good' : 'bad');
  place.textContent = behind === null ? 'Some partitions have had no hit yet' : behind < STALE_MS ? `Up to date, ${ago(behind)} behind` : `Hits are read up to ${ago(behind)} ago`;
}

function showChoice() {
  for (const key of ['site', 'from', 'to', 'model', 'basis']) $(key).value = choice[key];
  const days = Math.round((Date.parse(choice.to) - Date.parse(choice.from)) / 864e5) + 1;
  for (const button of document.querySelectorAll('[data-days]'))
    button.setAttribute('aria-pressed', String(+button.dataset.days === days && choice.to === today()));
  const model = about.models.find((m) => m.model === choice.model);
  $('summary').textContent = `Net revenue by each model, and how it differs from ${title(choice.model)}: ${model?.summary || ''}.`;
}

function choose(change) {
  choice = { ...choice, ...change };
  showChoice();
  if (choice.from && choice.to && choice.from <= choice.to) load();
  else trouble('the first day is after the last');
}

function pressed(group, attribute, call) {
  for (const button of document.querySelectorAll(`[${attribute}]`))
    button.addEventListener('click', () => {
      for (const other of $(group).children) other.setAttribute('aria-pressed', String(other === button));
      call(button.getAttribute(attribute));
    });
}

function themes() {
  const ways = ['auto', 'light', 'dark'];
  const set = (way) => {
    if (way === 'auto') delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = way;
    $('theme').textContent = `Theme: ${way}`;
    redraw();
  };
  let now = localStorage.getItem('theme');
  if (!ways.includes(now)) now = 'auto';
  set(now);
  $('theme').addEventListener('click', () => { now = ways[(ways.indexOf(now) + 1) % 3]; localStorage.setItem('theme', now); set(now); });
}

async function refresh() {
  try {
    about = await ask('/api/about');
    showFresh();
    return true;
  } catch (error) {
    trouble(error instanceof TypeError ? 'the aggregator does not answer' : error.message);
    $('fresh').className = 'fresh bad';
    $('fresh').textContent = 'How fresh this is, is not known';
    return false;
  }
}

async function start() {
  cards(null);
  themes();
  campaigns.start();
  if (!await refresh()) { setTimeout(() => location.reload(), ABOUT_MS / 6); return; }
  setInterval(refresh, ABOUT_MS);
  if (!about.sites.length) { trouble('there is no site yet; afterclick migrate writes them into the tables'); return; }
  const wish = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const day = (text) => (/^\d{4}-\d\d-\d\d$/.test(text || '') ? text : null);
  choice.site = about.sites.some((s) => s.site === wish.site) ? wish.site : about.sites[0].site;
  fill($('site'), ...about.sites.map((s) => make('option', { value: s.site }, s.site)));
  fill($('model'), ...about.models.map((m) => make('option', { value: m.model }, title(m.model))));
  const to = day(wish.to) || today();
  choose({
    from: day(wish.from) || addDays(to, -29), to, basis: wish.basis === 'touch' ? 'touch' : 'conversion',
    model: about.models.some((m) => m.model === wish.model) ? wish.model : 'last_touch',
  });
  for (const key of ['site', 'from', 'to', 'model', 'basis']) $(key).addEventListener('change', (event) => choose({ [key]: event.target.value }));
  for (const button of document.querySelectorAll('[data-days]')) button.addEventListener('click', () => choose({ from: addDays(today(), 1 - button.dataset.days), to: today() }));
  $('choice').addEventListener('submit', (event) => event.preventDefault());
  pressed('series', 'data-series', (way) => { series = way; if (overview) showSeries(); });
  pressed('level', 'data-level', (way) => { level = way; if (models) showModels(); });
}

start();
