/** The results as Markdown tables, for a terminal and for docs/benchmarks.md alike. */
import { CARRY_OPERATIONS } from "./carry-ways.mjs";
import { GUARD_OPERATIONS } from "./guard-ways.mjs";
import { STORE_OPERATIONS } from "./store-ways.mjs";
import { OPERATIONS } from "./ways.mjs";

const TITLES = {
  ...OPERATIONS,
  ...STORE_OPERATIONS,
  ...GUARD_OPERATIONS,
  ...CARRY_OPERATIONS,
  storeSize: "size of what is kept",
};

const MIB = 1024 * 1024;

/** One table for each operation of each workload, and one for each growth. */
export function tablesOf(rows) {
  const tables = new Map();
  for (const row of rows) {
    const title = titleOf(row);
    tables.set(title, [...(tables.get(title) ?? []), row]);
  }
  const shown = (own) => {
    if (own[0].operation === "storeSize") return sizeTable(own);
    return own[0].workload === "G" ? growthTable(own) : tableOf(own);
  };
  return [...tables].map(([title, own]) => `### ${title}\n\n${shown(own)}`).join("\n\n");
}

/** The targets and whether they were met. */
export function targetTable(targets) {
  const lines = targets.map(({ text, wanted, reached, against, verdict }) => {
    const inMib = text.endsWith("MiB");
    const beside = against === undefined ? "" : ` (${against.split(" / ").at(-1)})`;
    return [
      text,
      `${wanted.sign} ${inMib ? wanted.value / MIB : wanted.value}`,
      reached === undefined ? "–" : `${inMib ? mib(reached) : reached.toFixed(2)}${beside}`,
      verdict,
    ];
  });
  const count = (verdict) => targets.filter((target) => target.verdict === verdict).length;
  const sum = `${count("met")} met, ${count("MISSED")} missed, ${count("not available")} not available`;
  return `${markdown(["target", "wanted", "reached", ""], lines)}\n\n${sum}`;
}

function titleOf({ workload, operation, growth }) {
  if (workload === "G") return `G: growth over ${growth.over}`;
  const size = growth === undefined ? "" : ` of ${sizeText(growth)}`;
  return `${workload}${size}: ${TITLES[operation] ?? operation}`;
}

function sizeText({ over, size }) {
  return over === "bytes" ? `${size / MIB} MiB` : `${size.toLocaleString("en")} ${over}`;
}

/** Disk space and files. */
function sizeTable(rows) {
  const lines = rows.map(({ storeBytes, storeFiles, who }) => [
    who,
    mib(storeBytes),
    storeFiles.toLocaleString("en"),
  ]);
  return markdown(["", "MiB", "files"], lines);
}

/** A column for each size: time and peak memory. */
function growthTable(rows) {
  const sizes = [...new Set(rows.map((row) => sizeText(row.growth)))];
  const lines = new Map();
  for (const row of rows) {
    const name = `${OPERATIONS[row.operation] ?? row.operation}: ${row.who}`;
    const line = lines.get(name) ?? [name, ...sizes.map(() => "–")];
    line[1 + sizes.indexOf(sizeText(row.growth))] = cellOf(row);
    lines.set(name, line);
  }
  return markdown(["", ...sizes], [...lines.values()]);
}

function cellOf(row) {
  if (row.median === undefined) return reasonOf(row);
  const memory = row.peakBytes === undefined ? "" : `, ${mib(row.peakBytes)} MiB`;
  return `${row.median.toFixed(3)} s${memory}`;
}

/** Times as they are and as multiples of the first row's. */
function tableOf(rows) {
  const first = rows.find((row) => row.median !== undefined)?.median;
  const lines = rows.map((row) => {
    if (row.median === undefined) return [row.who, "–", "–", "–", "–", reasonOf(row)];
    const { who, seconds, median, peakBytes } = row;
    const ratio = first === undefined ? "–" : (median / first).toFixed(2);
    const range = `${Math.min(...seconds).toFixed(3)}–${Math.max(...seconds).toFixed(3)}`;
    return [
      who,
      median.toFixed(3),
      ratio,
      range,
      peakBytes === undefined ? "–" : mib(peakBytes),
      `${seconds.length} runs`,
    ];
  });
  return markdown(["", "seconds", "× the first", "range", "peak MiB", ""], lines);
}

function reasonOf({ missing, failed }) {
  if (failed === undefined) return `not available (${missing})`;
  return `failed: ${failed.replaceAll(/\s+/g, " ").replaceAll("|", "/").slice(-160)}`;
}

function mib(bytes) {
  return (bytes / MIB).toFixed(0);
}

function markdown(head, lines) {
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(3, ...all.map((line) => line[column].length)));
  const shown = all.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`,
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [shown[0], rule, ...shown.slice(1)].join("\n");
}
