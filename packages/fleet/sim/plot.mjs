/** The time of audits over the number of machines, both axes logarithmic, as an SVG. */

const PANEL = { width: 460, height: 320, left: 66, right: 20, top: 40, bottom: 48 };
const COLOURS = ["#0b6e99", "#c4501b", "#4d7c0f"];
const GB = 1e9;

/** Gives the SVG's text: a panel for each load, a line for each egress. */
export function plot(panels) {
  const width = PANEL.width * panels.length;
  const drawn = panels.map(
    (panel, index) => `<g transform="translate(${index * PANEL.width} 0)">\n${drawPanel(panel)}\n</g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${PANEL.height}" width="${width}" height="${PANEL.height}"`,
    `  font-family="sans-serif" font-size="11">`,
    "<title>Simulated audits: hours over machines, by the egress of the registry</title>",
    `<rect width="${width}" height="${PANEL.height}" fill="#ffffff"/>`,
    ...drawn,
    "</svg>\n",
  ].join("\n");
}

function drawPanel({ rows, title }) {
  const right = PANEL.width - PANEL.right;
  const bottom = PANEL.height - PANEL.bottom;
  const across = scale(
    rows.map(({ machines }) => machines),
    PANEL.left,
    right,
  );
  const up = scale(
    rows.map(({ seconds }) => seconds / 3600),
    bottom,
    PANEL.top,
  );
  const rates = [...new Set(rows.map(({ egress }) => egress))];
  const lines = rates.flatMap((rate, index) => {
    const points = rows.filter(({ egress }) => egress === rate);
    const at = points.map(({ machines, seconds }) => `${n(across.at(machines))},${n(up.at(seconds / 3600))}`);
    const colour = COLOURS[index % COLOURS.length];
    // Lines that lie on each other are seen by their dashes.
    const dashes = `stroke-dasharray="${10 - 3 * index} ${3 * index}"`;
    const y = PANEL.top + 14 + 15 * index;
    return [
      `<polyline points="${at.join(" ")}" fill="none" stroke="${colour}" stroke-width="2" ${dashes}/>`,
      `<text x="${right - 4}" y="${y}" text-anchor="end" fill="${colour}">${rate / GB} GB/s</text>`,
    ];
  });
  return [
    `<text x="${PANEL.left}" y="20" font-weight="bold">${title}</text>`,
    ...across.ticks.flatMap((value) => [
      `<path d="M${n(across.at(value))} ${PANEL.top}V${bottom}" stroke="#e5e7eb"/>`,
      `<text x="${n(across.at(value))}" y="${bottom + 16}" text-anchor="middle">${value}</text>`,
    ]),
    ...up.ticks.flatMap((value) => [
      `<path d="M${PANEL.left} ${n(up.at(value))}H${right}" stroke="#e5e7eb"/>`,
      `<text x="${PANEL.left - 6}" y="${n(up.at(value) + 4)}" text-anchor="end">${value} h</text>`,
    ]),
    `<text x="${n((PANEL.left + right) / 2)}" y="${bottom + 36}" text-anchor="middle">machines</text>`,
    ...lines,
  ].join("\n");
}

/** A logarithmic scale over whole decades. */
function scale(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const at = (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  const ticks = Array.from({ length: high - low + 1 }, (_, index) =>
    Number((10 ** (low + index)).toPrecision(1)),
  );
  return { at, ticks };
}

function n(value) {
  return Number(value.toFixed(1));
}
