/* format.js - numbers and days as people read them; null is not known. */
const NONE = '–';
const plain = (digits) => new Intl.NumberFormat(undefined, { maximumFractionDigits: digits, minimumFractionDigits: digits });
const whole = plain(0), one = plain(1), two = plain(2);

export const known = (v) => v !== null && v !== undefined && Number.isFinite(v);
export const count = (v) => (known(v) ? (Number.isInteger(v) ? whole : v < 100 ? two : one).format(v) : NONE);
export const money = (v) => (known(v) ? (Math.abs(v) >= 10000 ? whole : two).format(v) : NONE);
export const ratio = (v) => (known(v) ? two.format(v) : NONE);
export const percent = (v) => (known(v) ? one.format(100 * v) + ' %' : NONE);
export const signed = (v) => (known(v) ? (v > 0 ? '+' : '') + percent(v) : NONE);
export const compact = (v) => (v === 0 ? '0' : new Intl.NumberFormat(undefined, { notation: 'compact', maximumSignificantDigits: 3 }).format(v));

const utc = (day) => new Date(day + 'T00:00:00Z');
export const dayText = (day) => utc(day).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
export const addDays = (day, n) => new Date(utc(day).getTime() + n * 864e5).toISOString().slice(0, 10);
export const seconds = (day) => utc(day).getTime() / 1000;

export function ago(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 90) return `${s} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 129600) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} days`;
}
