/* campaigns.js - the table of channels, their sources and their campaigns. */
import { $, cell, fill, head, make, name, table } from './dom.js';
import { count, money, percent, ratio } from './format.js';

const COLUMNS = [
  ['visits', 'Visits', count], ['conversions', 'Conversions', count], ['net_revenue', 'Net revenue', money],
  ['cost', 'Spend', money], ['roas', 'ROAS', ratio], ['roi', 'ROI', percent], ['cpa', 'CPA', money],
];
const SUMS = ['visits', 'conversions', 'net_revenue', 'cost', 'margin_revenue'];
let tree = [], total = null, answer = null;
let sort = 'net_revenue', down = true, needle = '';
const open = new Set();

function sums(rows) {
  const s = {};
  /* A sum with what is not known is not known. */
  for (const key of SUMS) s[key] = rows.some((r) => r[key] === null) ? null : rows.reduce((sum, r) => sum + r[key], 0);
  return ratios(s);
}

function ratios(s) {
  s.roas = s.cost ? s.net_revenue / s.cost : null;
  s.roi = s.cost ? (s.margin_revenue - s.cost) / s.cost : null;
  s.cpa = s.conversions && s.cost !== null ? s.cost / s.conversions : null;
  return s;
}

function group(rows, key, then) {
  const groups = new Map();
  for (const row of rows) groups.set(row[key], [...(groups.get(row[key]) || []), row]);
  return [...groups].map(([title, inside]) => then(title, inside));
}

export function show(data) {
  answer = data;
  const rows = data.rows.map((values) => {
    const row = Object.fromEntries(data.columns.map((key, i) => [key, values[i]]));
    row.margin_revenue = row.net_revenue * row.margin;
    return row;
  });
  const leaf = (r) => ({ title: r.campaign, id: JSON.stringify([r.channel, r.source, r.medium, r.campaign]), more: r.medium, text: `${r.channel} ${r.source} ${r.medium} ${r.campaign}`.toLowerCase(), ...ratios(r) });
  tree = group(rows, 'channel', (channel, inside) => ({
    title: channel, id: JSON.stringify([channel]), ...sums(inside),
    children: group(inside, 'source', (source, leaves) => ({ title: source, id: JSON.stringify([channel, source]), ...sums(leaves), children: leaves.map(leaf) })),
  }));
  total = sums(rows);
  render();
}

const order = (a, b) => {
  const [x, y] = [a[sort], b[sort]];
  if (typeof x === 'string') return (down ? -1 : 1) * x.localeCompare(y);
  if (x === y) return a.title.localeCompare(b.title);
  /* What is not known comes last, whichever way. */
  if (x === null || x === undefined) return 1;
  if (y === null || y === undefined) return -1;
  return down ? y - x : x - y;
};

/* What of NODE is found, with its own sums; null if nothing is. */
function found(node) {
  if (!needle) return node;
  if (!node.children) return node.text.includes(needle) ? node : null;
  const children = node.children.map(found).filter(Boolean);
  return children.length ? { ...node, ...sums(children), children } : null;
}

const numbers = (node) => COLUMNS.map(([key, , format]) => cell(format(node[key])));

function lines(node, level, out) {
  const unfolded = needle !== '' || open.has(node.id);
  const title = node.children
    ? make('button', { type: 'button', 'aria-expanded': String(unfolded), 'data-id': node.id, on: { click: () => flip(node.id) } }, name(node.title))
    : name(node.title);
  out.push(make('tr', { class: `l${level}` }, make('th', { scope: 'row' }, title, node.more ? make('small', {}, name(node.more)) : ''), ...numbers(node)));
  if (node.children && unfolded) for (const child of [...node.children].sort(order)) lines(child, level + 1, out);
}

function flip(id) {
  if (open.has(id)) open.delete(id); else open.add(id);
  render(id);
}

function sortBy(key) {
  if (sort === key) down = !down; else { sort = key; down = key !== 'title'; }
  render(null, key);
}

function render(focusId, focusKey) {
  const place = $('campaigns'), rows = [];
  const seen = tree.map(found).filter(Boolean);
  const x = place.firstChild?.scrollLeft || 0;
  for (const node of [...seen].sort(order)) lines(node, 1, rows);
  const leaves = (node) => (node.children ? node.children.reduce((n, child) => n + leaves(child), 0) : 1);
  const shown = seen.reduce((n, node) => n + leaves(node), 0), all = tree.reduce((n, node) => n + leaves(node), 0);
  const left = answer.rows.length ? answer.rows[0][answer.columns.indexOf('all_rows')] - answer.rows.length : 0;
  $('campaigns-note').replaceChildren(needle ? `${count(shown)} of ${count(all)} campaigns match.` : `${count(all)} campaigns` + (left > 0 ? `; ${count(left)} smaller ones are only in the CSV.` : '.'));
  if (!all) { fill(place, make('p', { class: 'empty' }, 'No visits, conversions or costs in these days.')); return; }
  const heads = [['title', 'Channel, source, campaign'], ...COLUMNS].map(([key, title]) =>
    head(make('button', { type: 'button', 'data-key': key, on: { click: () => sortBy(key) } }, title), { 'aria-sort': sort === key ? (down ? 'descending' : 'ascending') : null }));
  if (rows.length) rows.push(make('tr', { class: 'foot' }, make('th', { scope: 'row' }, needle ? 'Found' : 'Total'), ...numbers(needle ? sums(seen) : total)));
  else rows.push(make('tr', {}, make('td', { class: 'text', colspan: COLUMNS.length + 1 }, 'Nothing matches.')));
  fill(place, table('Channels, sources and campaigns', heads, rows));
  place.firstChild.scrollLeft = x;
  if (focusKey) place.querySelector(`[data-key=${focusKey}]`).focus();
  if (focusId) [...place.querySelectorAll('tbody button')].find((b) => b.dataset.id === focusId)?.focus();
  $('unfold').textContent = open.size ? 'Fold all' : 'Unfold all';
}

export function start() {
  $('search').addEventListener('input', (event) => { needle = event.target.value.trim().toLowerCase(); if (answer) render(); });
  $('unfold').addEventListener('click', () => {
    const any = open.size > 0;
    open.clear();
    if (!any) for (const channel of tree) { open.add(channel.id); for (const source of channel.children) open.add(source.id); }
    if (answer) render();
  });
}
