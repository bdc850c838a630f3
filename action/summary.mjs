// The summary of a step, for the page of a workflow run. It is one block of HTML without an empty line: Markdown has no meaning in it.
import { printable } from "../dist/core/index.js";

/** Differences that a summary lists. */
const MAX_LISTED = 20;

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Escapes any text: unprintable characters as the command line shows them, then HTML. Line breaks become \n. */
export function escapeHtml(text) {
  return printable(String(text)).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** Makes the block from the facts of a report. */
export function summaryOf(mode, facts) {
  const { code, details, failures = [], hint, message, ok } = facts;
  const rows = Object.entries(rowsOf(facts)).filter(([, value]) => value !== undefined && value !== null);
  const listed = failures.slice(0, MAX_LISTED);
  const more = failures.length - listed.length;
  return [
    `<h3>${ok ? "✅" : "❌"} runseal ${escapeHtml(mode)}: ${ok ? escapeHtml(message) : escapeHtml(code)}</h3>`,
    ok ? "" : `<p>${escapeHtml(message)}</p>`,
    ...tableOf(
      rows.map(([name, value]) => `<tr><td>${name}</td><td><code>${escapeHtml(value)}</code></td></tr>`),
    ),
    ...tableOf(
      listed.map(
        ({ code: what, path = "" }) =>
          `<tr><td><code>${escapeHtml(what)}</code></td><td><code>${escapeHtml(path)}</code></td></tr>`,
      ),
      "<tr><th>What</th><th>Path</th></tr>",
    ),
    more > 0 ? `<p>… and ${grouped(more)} more differences.</p>` : "",
    hintsOf(hint),
    listedRefusals(details),
  ]
    .filter((line) => line !== "")
    .map((line) => `${line}\n`)
    .join("");
}

/** The lines of a table; none without rows, which GitHub would show as a gap. */
function tableOf(rows, ...head) {
  return rows.length === 0 ? [] : ["<table>", ...head, ...rows, "</table>"];
}

/** What is known of the bundle. */
function rowsOf({ bytes, files, folder, run_id, bundle_root, signer, trust, sealed_at }) {
  return {
    Run: run_id,
    Root: bundle_root,
    Bundle: folder,
    Files:
      typeof files === "number"
        ? `${grouped(files)}${typeof bytes === "number" ? ` (${grouped(bytes)} bytes)` : ""}`
        : undefined,
    Sealed: sealed_at,
    Signer: signer?.name ?? signer?.key_id,
    Trust: trust?.reason,
  };
}

/** Digits in groups of three. */
function grouped(count) {
  return String(count).replace(/\B(?=(?:[0-9]{3})+$)/g, ",");
}

/** What to do next, a line each. */
function hintsOf(hint) {
  if (hint === undefined) return "";
  const items = hint.split("\n").map((line) => `<li>${escapeHtml(line)}</li>`);
  return `<p><b>Next</b></p>\n<ul>${items.join("")}</ul>`;
}

/** The paths that a seal refused. */
function listedRefusals({ refused } = {}) {
  if (!Array.isArray(refused) || refused.length === 0) return "";
  const items = refused.slice(0, MAX_LISTED).map(({ path }) => `<li><code>${escapeHtml(path)}</code></li>`);
  return `<ul>${items.join("")}</ul>`;
}
