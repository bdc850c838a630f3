/** The plot of growth as an SVG: time and memory over files, bytes and bundles, both axes logarithmic. */
import { grown } from "./judge.mjs";

const PANEL = { width: 420, height: 300, left: 64, right: 150, top: 34, bottom: 44 };
const COLOURS = ["#0b6e99", "#c4501b", "#4d7c0f", "#7c3aed", "#6b7280"];
const MIB = 1024 * 1024;

const TREE = [
  ["verify", "G / verify / runseal"],
  ["seal", "G / seal / runseal"],
  ["restore", "G / restoreDurable / runseal"],
  ["sha256sum -c", "G / verify / sha256sum -c"],
];
const OVERS = [
  { over: "files", axis: "files of 1 KiB", unit: 1, lines: TREE },
  { over: "bytes", axis: "MiB in one file", unit: MIB, lines: TREE },
  { over: "bundles", axis: "bundles", unit: 1, lines: [["chain verify", "G / chain verify / runseal"]] },
];
const FIELDS = [
  { field: "median", axis: "seconds", unit: 1 },
  { field: "peakBytes", axis: "peak memory, MiB", unit: MIB },
];

/** Gives the SVG's text, or undefined where no growth was measured. */
export function plotGrowth(rows) {
  const panels = OVERS.flatMap((x) =>
    FIELDS.map((y) => ({ x, y, series: seriesOf(rows, x, y) })).filter(({ series }) => series.length > 0),
  );
  if (panels.length === 0) return undefined;
  const width = PANEL.width * 2;
  const height = PANEL.height * Math.ceil(panels.length / 2);
  const drawn = panels.map((panel, index) => {
    const at = `${(index % 2) * PANEL.width} ${Math.floor(index / 2) * PANEL.height}`;
    return `<g transform="translate(${at})">\n${drawPanel(panel)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    `  font-family="sans-serif" font-size="11">`,
    "<title>Growth of runseal: time and memory over files, bytes and bundles</title>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...drawn,
    "</svg>\n",
  ].join("\n");
}

function seriesOf(rows, x, y) {
  return x.lines.flatMap(([name, key], index) => {
    const points = grown(rows, key, x.over)
      .filter((row) => row[y.field] > 0)
      .map((row) => [row.growth.size / x.unit, row[y.field] / y.unit]);
    return points.length === 0 ? [] : [{ name, points, colour: COLOURS[index] }];
  });
}

function drawPanel({ x, y, series }) {
  const points = series.flatMap((each) => each.points);
  const across = scale(
    points.map(([value]) => value),
    PANEL.left,
    PANEL.width - PANEL.right,
  );
  const up = scale(
    points.map(([, value]) => value),
    PANEL.height - PANEL.bottom,
    PANEL.top,
  );
  const bottom = PANEL.height - PANEL.bottom;
  const right = PANEL.width - PANEL.right;
  return [
    `<text x="${PANEL.left}" y="20" font-weight="bold">${y.axis} over ${x.axis}</text>`,
    ...across.ticks.flatMap((value) => [
      `<path d="M${n(across.at(value))} ${PANEL.top}V${bottom}" stroke="#e5e7eb"/>`,
      `<text x="${n(across.at(value))}" y="${bottom + 16}" text-anchor="middle">${label(value)}</text>`,
    ]),
    ...up.ticks.flatMap((value) => [
      `<path d="M${PANEL.left} ${n(up.at(value))}H${right}" stroke="#e5e7eb"/>`,
      `<text x="${PANEL.left - 6}" y="${n(up.at(value) + 4)}" text-anchor="end">${label(value)}</text>`,
    ]),
    `<text x="${n((PANEL.left + right) / 2)}" y="${bottom + 34}" text-anchor="middle">${x.axis}</text>`,
    ...series.map((each, index) => drawSeries(each, index, across, up, right)),
  ].join("\n");
}

function drawSeries({ name, points, colour }, index, across, up, right) {
  const places = points.map(([x, y]) => [n(across.at(x)), n(up.at(y))]);
  const y = PANEL.top + 10 + index * 16;
  return [
    `<polyline points="${places.map((place) => place.join(",")).join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`),
    `<path d="M${right + 12} ${y - 4}h14" stroke="${colour}" stroke-width="2"/>`,
    `<text x="${right + 30}" y="${y}">${name}</text>`,
  ].join("\n");
}

/** Whole decades around the values, laid from one end to the other. */
function scale(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
  };
}

function label(value) {
  return value >= 1 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(1)));
}

function n(value) {
  return value.toFixed(1);
}
