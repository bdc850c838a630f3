/**
 * Thresholds of a trust file (PROTOCOL 12): `[require 2 of alice,bob,carol]`.
 *
 * Each voter has one vote. Names that share a key in the file are one voter, whatever the options of their lines.
 * Otherwise the holder of that key could vote twice.
 *
 * @module
 */

import { groupBy } from "../../system/bytes/group-by.ts";
import { splitNames, splitOutsideQuotes, type TrustLine } from "./trust-line.ts";

/** A line that requires several of the file's signers. */
export interface TrustThreshold {
  /** 1 for the first line. */
  readonly line: number;
  readonly need: number;
  /** As written, each once. */
  readonly names: readonly string[];
  /** The names of each voter: names that share a key are one voter. */
  readonly voters: readonly (readonly string[])[];
}

/** A threshold as written, before it is compared with the signers of its file. */
export type WrittenThreshold = Omit<TrustThreshold, "voters">;

/** The names of a threshold that signed, and whether they are enough. */
export interface ThresholdCount {
  readonly met: boolean;
  readonly signed: readonly string[];
  /** The names of voters that did not sign. */
  readonly missing: readonly string[];
}

/** Whether a line is a threshold. A signer's name that starts with a bracket needs quotes. */
export function isThreshold(content: string): boolean {
  return /^\s*\[/.test(content);
}

/** Parses a threshold. Gives the reason if it is malformed. */
export function parseThreshold(content: string, line: number): WrittenThreshold | "threshold" {
  const fields = splitOutsideQuotes(content, /\s/)?.filter((field) => field !== "") ?? [];
  const [word, count = "", of, list = ""] = fields;
  const isForm = fields.length === 4 && word === "[require" && of === "of" && list.endsWith("]");
  if (!isForm || !/^[1-9][0-9]{0,5}$/.test(count)) return "threshold";
  const names = splitNames(list.slice(0, -1));
  if (names.includes("")) return "threshold";
  return { line, need: Number(count), names: [...new Set(names)] };
}

/** The keys of each name, as 64 lowercase hex characters. */
export type KeysOfNames = ReadonlyMap<string, ReadonlySet<string>>;

/** Indexes the signers of a file, once for all its thresholds. */
export function indexKeys(lines: readonly TrustLine[]): KeysOfNames {
  const keysOfNames = new Map<string, Set<string>>();
  for (const { names, publicKeyHex } of lines) {
    for (const name of names) {
      const keys = keysOfNames.get(name);
      if (keys === undefined) keysOfNames.set(name, new Set([publicKeyHex]));
      else keys.add(publicKeyHex);
    }
  }
  return keysOfNames;
}

/**
 * Checks a threshold against the signers of its file. Refuses a name that no signer has, and a count above the number
 * of voters: no bundle could meet such a threshold, and its author would not learn why.
 */
export function admitThreshold(
  written: WrittenThreshold,
  keysOfNames: KeysOfNames,
): TrustThreshold | "threshold-name" | "threshold-count" {
  if (!written.names.every((name) => keysOfNames.has(name))) return "threshold-name";
  const voters = groupByKey(written.names, keysOfNames);
  return written.need > voters.length ? "threshold-count" : { ...written, voters };
}

/** Counts the voters that have at least one name in `vouched`. */
export function countVoters(threshold: TrustThreshold, vouched: ReadonlySet<string>): ThresholdCount {
  const isPresent = (names: readonly string[]): boolean => names.some((name) => vouched.has(name));
  return {
    met: threshold.voters.filter(isPresent).length >= threshold.need,
    signed: threshold.names.filter((name) => vouched.has(name)),
    missing: threshold.voters.filter((names) => !isPresent(names)).flat(),
  };
}

/** Groups names that share a key. Takes one step for each key of each name, and moves a name only to a larger group. */
function groupByKey(names: readonly string[], keysOfNames: KeysOfNames): readonly (readonly string[])[] {
  const groups = new Map(names.map((name) => [name, [name]]));
  const firstOfKey = new Map<string, string>();
  for (const name of names) {
    for (const key of keysOfNames.get(name) ?? []) {
      const first = firstOfKey.get(key);
      if (first === undefined) firstOfKey.set(key, name);
      else joinGroups(groups, first, name);
    }
  }
  // Grouped again in the order of the threshold, which joining groups does not keep.
  return [...groupBy(names, (name) => groups.get(name)).values()];
}

function joinGroups(groups: Map<string, string[]>, first: string, second: string): void {
  const [one, other] = [groups.get(first) ?? [], groups.get(second) ?? []];
  if (one === other) return;
  const [smaller, larger] = one.length < other.length ? [one, other] : [other, one];
  for (const name of smaller) {
    larger.push(name);
    groups.set(name, larger);
  }
}
