/*
 * dashboard.mjs - the dashboard in Chromium. Standard input says where it is;
 * standard output what was seen, as JSON.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const about = JSON.parse(readFileSync(0, 'utf8'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: about.chromium, args: ['--no-sandbox'] });
const seen = { errors: [], requests: [], dialogs: 0, axe: {}, shifts: {} };

async function open(name, options) {
  const context = await browser.newContext({ locale: 'en-US', ...options });
  await context.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) { window.shift += e.value; (window.shifted ||= []).push([e.value, ...e.sources.map((s) => s.node?.id || s.node?.nodeName + '.' + s.node?.className)]); } }).observe({ type: 'layout-shift', buffered: true });
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => seen.errors.push(`${name}: ${error.message}`));
  page.on('console', (message) => { if (message.type() === 'error') seen.errors.push(`${name}: ${message.text()}`); });
  page.on('dialog', (dialog) => { seen.dialogs++; dialog.dismiss(); });
  page.on('request', (request) => seen.requests.push(request.url()));
  await page.goto(about.url + '/');
  if (name === 'light') {
    seen.loginAt = page.url();
    await check(name + ' login', page);
    await page.fill('#token', 'not the token at all');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('#note').textContent !== '');
    seen.wrong = await page.textContent('#note');
    seen.errors = seen.errors.filter((text) => !text.includes('401'));
  }
  await page.fill('#token', about.token);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => performance.getEntriesByName('whole').length > 0);
  return page;
}

/* Through the debugger, as the page's policy lets no other script in. */
async function check(name, page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  seen.axe[name] = violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`);
}

const page = await open('light', { viewport: { width: 1280, height: 900 } });
seen.cards = await page.$$eval('#cards div', (all) => all.map((card) => card.innerText.split('\n').slice(0, 2)));
seen.fresh = await page.textContent('#fresh');
seen.shifts.light = await page.evaluate(() => window.shift);
await page.click('#unfold');
seen.names = await page.$$eval('#campaigns .l3 th > bdi', (all) => all.map((one) => one.textContent));
seen.arms = await page.$$eval('#experiments tbody th', (all) => all.map((one) => one.textContent));
seen.markup = await page.$$eval('main img, main script, main a[href^="javascript"]', (all) => all.length);
await check('light', page);
if (about.shots) await page.screenshot({ path: `${about.shots}/light.png`, fullPage: true });

/* Search, sort and the model by keyboard alone. */
await page.focus('#search');
await page.keyboard.type('spring');
seen.found = await page.$$eval('#campaigns .l3', (all) => all.length);
await page.keyboard.press('Control+A');
await page.keyboard.press('Delete');
await page.focus('#campaigns [data-key=cost]');
await page.keyboard.press('Enter');
seen.sorted = await page.$eval('#campaigns [data-key=cost]', (b) => [b.closest('th').getAttribute('aria-sort'), document.activeElement === b]);
await page.focus('#campaigns tbody button');
await page.keyboard.press('Enter');
seen.folded = await page.evaluate(() => [document.activeElement.getAttribute('aria-expanded'), document.querySelectorAll('#campaigns .l2').length]);
await page.selectOption('#model', 'first_touch');
await page.waitForFunction(() => document.querySelector('#models thead').textContent.includes('first touch ✓'));
seen.hash = await page.evaluate(() => location.hash);
await page.focus('[data-series=visits]');
await page.keyboard.press('Space');
seen.pressed = await page.$eval('[data-series=visits]', (b) => b.getAttribute('aria-pressed'));
const [download] = await Promise.all([page.waitForEvent('download'), page.click('#csv')]);
seen.csv = readFileSync(await download.path(), 'utf8').split('\r\n')[0];
seen.leaks = (await page.evaluate(() => document.documentElement.outerHTML + document.cookie + JSON.stringify(localStorage))).includes(about.token);

const dark = await open('dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' });
await dark.keyboard.press('Tab');
seen.first = await dark.evaluate(() => document.activeElement.textContent);
await check('dark', dark);
seen.darkPage = await dark.evaluate(() => getComputedStyle(document.body).backgroundColor);
await dark.click('#theme');
seen.lightPage = await dark.evaluate(() => getComputedStyle(document.body).backgroundColor);
if (about.shots) { await dark.click('#theme'); await dark.screenshot({ path: `${about.shots}/dark.png`, fullPage: true }); }

const phone = await open('phone', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
seen.phone = await phone.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
seen.shifts.phone = await phone.evaluate(() => window.shift);
seen.shifted = await phone.evaluate(() => window.shifted);
await check('phone', phone);
if (about.shots) await phone.screenshot({ path: `${about.shots}/phone.png`, fullPage: true });

await page.click('text=Sign out');
await page.waitForURL('**/login');
seen.out = (await page.evaluate(() => fetch('/api/about').then((a) => a.status)));
seen.errors = seen.errors.filter((text) => !text.includes('401'));
seen.requests = [...new Set(seen.requests.map((url) => new URL(url).origin))];
await browser.close();
process.stdout.write(JSON.stringify(seen));
