/* paint.mjs - how long Chromium takes to show the dashboard of a time, from
 * the navigation on, as JSON. Standard input says where and of when. */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const about = JSON.parse(readFileSync(0, 'utf8'));
const browser = await chromium.launch({ executablePath: about.chromium, args: ['--no-sandbox'] });
const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
await page.goto(about.url + '/login');
await page.fill('#token', about.token);
await page.keyboard.press('Enter');
await page.waitForFunction(() => performance.getEntriesByName('whole').length > 0);
await page.goto('about:blank');
await page.goto(`${about.url}/#from=${about.from}&to=${about.to}`);
await page.waitForFunction(() => performance.getEntriesByName('whole').length > 0 && performance.getEntriesByName('first-contentful-paint').length > 0);
process.stdout.write(JSON.stringify(await page.evaluate(() => {
  const at = (name) => performance.getEntriesByName(name)[0].startTime;
  return { paint: at('first-contentful-paint'), shown: at('shown'), whole: at('whole') };
})));
await browser.close();
