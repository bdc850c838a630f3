/**
 * Compares what two builds gave for the same calls.
 *
 * @module
 */

import { createPatch } from "diff";

/** Lines of a difference that are shown. */
const MOST_LINES = 60;

/**
 * @typedef {{ readonly key: string, readonly args: readonly string[], readonly exit: number | null, readonly stdout: string,
 *   readonly stderr: string, readonly files: readonly string[] }} Call
 */

/**
 * Gives a text for each call that differs, is missing or is new; none if the records are equal. The order of the lines
 * doesn't matter.
 *
 * @param {string} before the text of a `calls.jsonl`
 * @param {string} after
 * @returns {string[]}
 */
export function compareRecords(before, after) {
  const [old, now] = [callsOf(before), callsOf(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  return keys.flatMap((key) => {
    const [one, other] = [old.get(key), now.get(key)];
    if (one === other) return [];
    if (other === undefined) return [`missing: ${key}\n`];
    if (one === undefined) return [`new: ${key}\n`];
    const lines = createPatch("", one, other, "", "", { context: 1 }).split("\n").slice(4);
    const more = lines.length > MOST_LINES ? [`… ${lines.length - MOST_LINES} more lines`] : [];
    return [`differs: ${key}\n${[...lines.slice(0, MOST_LINES), ...more].join("\n").trimEnd()}\n`];
  });
}

/**
 * Calls by key. Tests of one name, whose calls have one key, are taken together.
 *
 * @param {string} record
 * @returns {Map<string, string>}
 */
function callsOf(record) {
  /** @type {Map<string, string[]>} */
  const calls = new Map();
  for (const line of record.split("\n").filter((line) => line !== "")) {
    const call = /** @type {Call} */ (JSON.parse(line));
    calls.set(call.key, [...(calls.get(call.key) ?? []), shown(call)]);
  }
  return new Map([...calls].map(([key, texts]) => [key, texts.sort().join("")]));
}

/**
 * @param {Call} call
 * @returns {string}
 */
function shown({ args, exit, stdout, stderr, files }) {
  const parts = [
    ["runseal", args.join(" ")],
    ["exit", `${exit}`],
    ["stdout", stdout],
    ["stderr", stderr],
    ["files", files.join("\n")],
  ];
  return parts.map(([name, text]) => `== ${name}\n${text}\n`).join("");
}
