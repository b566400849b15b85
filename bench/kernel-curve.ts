// A curve of events/s by the number of lines as an SVG: both axes logarithmic, one path a side, no
// script and no style sheet, so that any browser and any repository page shows it.

/** One side's curve. */
export interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [lines: number, eventsPerS: number])[];
}

const WIDTH = 860;
const HEIGHT = 480;
const LEFT = 90;
const RIGHT = 24;
const TOP = 56;
const BOTTOM = 96;
const LEGEND_STEP = 200;
const LEGEND_COLUMNS = 4;
const FONT = 'font-family="sans-serif" font-size="13"';

type Scale = (value: number) => number;

function logScale(low: number, high: number, from: number, to: number): Scale {
  const span = Math.log(high / low);
  return (value) => from + ((to - from) * Math.log(value / low)) / span;
}

/** 1, 2, 5 times powers of ten from the one at or below `low` to the one at or above `high`. */
function ticks(low: number, high: number): number[] {
  const all: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high * 10; power *= 10) {
    all.push(power, 2 * power, 5 * power);
  }
  const first = all.findLastIndex((tick) => tick <= low);
  const last = all.findIndex((tick) => tick >= high);
  return all.slice(Math.max(0, first), last + 1);
}

/** 48840 -> 48,840; 20000000 -> 20 M. */
function words(value: number): string {
  return value >= 1e6 ? `${value / 1e6} M` : value.toLocaleString('en-US');
}

function text(x: number, y: number, anchor: string, content: string): string {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#222">${safe}</text>`;
}

function grid(xTicks: readonly number[], yTicks: readonly number[], x: Scale, y: Scale): string[] {
  const bottom = HEIGHT - BOTTOM;
  const right = WIDTH - RIGHT;
  const rows = yTicks.map((tick) => {
    const at = y(tick).toFixed(1);
    const line = `<path d="M${LEFT} ${at}H${right}" stroke="#ddd"/>`;
    return line + text(LEFT - 8, Number(at) + 4, 'end', words(tick));
  });
  const columns = xTicks.map((tick) => {
    const at = x(tick).toFixed(1);
    const line = `<path d="M${at} ${TOP}V${bottom}" stroke="#ddd"/>`;
    return line + text(Number(at), bottom + 18, 'middle', words(tick));
  });
  return [...rows, ...columns];
}

function drawCurve(curve: Curve, x: Scale, y: Scale): string {
  const at = curve.points.map(([lines, rate]) => [x(lines).toFixed(1), y(rate).toFixed(1)]);
  const path = at.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${px} ${py}`).join('');
  const dots = at.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3" fill="${curve.colour}"/>`);
  const line = `<path d="${path}" fill="none" stroke="${curve.colour}" stroke-width="2"/>`;
  return line + dots.join('');
}

/** The curves as an SVG document. */
export function drawCurves(title: string, subtitle: string, curves: readonly Curve[]): string {
  const lines = [...new Set(curves.flatMap((curve) => curve.points.map(([count]) => count)))];
  const rates = curves.flatMap((curve) => curve.points.map(([, rate]) => rate));
  const yTicks = ticks(Math.min(...rates), Math.max(...rates));
  const xTicks = lines.toSorted((a, b) => a - b);
  const x = logScale(xTicks[0], xTicks.at(-1)!, LEFT, WIDTH - RIGHT);
  const y = logScale(yTicks[0], yTicks.at(-1)!, HEIGHT - BOTTOM, TOP);
  const legend = curves.map(({ name, colour }, i) => {
    const left = LEFT + (i % LEGEND_COLUMNS) * LEGEND_STEP;
    const at = HEIGHT - 34 + 18 * Math.floor(i / LEGEND_COLUMNS);
    const sample = `<path d="M${left} ${at - 4}h20" stroke="${colour}" stroke-width="3"/>`;
    return sample + text(left + 26, at, 'start', name);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ${FONT}>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 22, 'start', title),
    text(LEFT, 42, 'start', subtitle),
    ...grid(xTicks, yTicks, x, y),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 40, 'middle', 'lines in one kernel'),
    ...curves.map((curve) => drawCurve(curve, x, y)),
    ...legend,
    '</svg>',
    '',
  ].join('\n');
}
