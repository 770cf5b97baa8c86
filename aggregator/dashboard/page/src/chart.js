/* chart.js - lines over days, drawn by uPlot. */
import uPlot from 'uplot';
import { $ } from './dom.js';
import { compact, seconds } from './format.js';

const HEIGHT = 260;
let plot = null, last = null;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/* Days that may still change stand on a tint. */
const shade = (days) => (u) => {
  const first = days.findIndex(([, status]) => status !== 'final');
  if (first < 0) return;
  const x = u.valToPos(u.data[0][first], 'x', true);
  u.ctx.save();
  u.ctx.fillStyle = colour('--wash');
  u.ctx.fillRect(x, u.bbox.top, u.bbox.left + u.bbox.width - x, u.bbox.height);
  u.ctx.restore();
};

/* LINES: [label, colour's name, values, dashed]. */
export function draw(days, lines) {
  last = [days, lines];
  const place = $('chart');
  if (plot) plot.destroy();
  place.replaceChildren();
  if (!days.length) return;
  const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui' };
  plot = new uPlot({
    width: place.clientWidth, height: HEIGHT,
    tzDate: (ts) => uPlot.tzDate(new Date(ts * 1e3), 'UTC'),
    padding: [12, 8, 0, 0],
    cursor: { points: { size: 7 }, drag: { x: false, y: false } },
    legend: { show: false },
    scales: { y: { range: (u, low, high) => { const [a, b] = [Math.min(0, low ?? 0), Math.max(0, high ?? 0)]; return a === b ? [0, 1] : uPlot.rangeNum(a, b, { min: { pad: .05, soft: 0, mode: 1 }, max: { pad: .08, soft: 0, mode: 1 } }); } } },
    axes: [{ ...axis, grid: { show: false } }, { ...axis, size: 62, values: (u, splits) => splits.map(compact) }],
    series: [{}, ...lines.map(([label, name, , dashed]) => ({
      label, stroke: colour(name), width: dashed ? 1.25 : 2, dash: dashed ? [3, 4] : undefined,
      points: { show: days.length < 3 },
    }))],
    hooks: { drawClear: [shade(days)] },
  }, [days.map(([day]) => seconds(day)), ...lines.map(([, , values]) => values)], place);
}

export function redraw() { if (last) draw(...last); }
new ResizeObserver(() => { if (plot) plot.setSize({ width: $('chart').clientWidth, height: HEIGHT }); }).observe($('chart'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
