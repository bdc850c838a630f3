/**
 * Thresholds of a trust file (PROTOCOL 12): `[require 2 of alice,bob,carol]`.
 *
 * One signature is one vote, and so is one signer: names that share a key in the file, whatever else their
 * lines say, are one voter. Whoever holds that key could else be two people.
 *
 * @module
 */

import { splitNames, splitOutsideQuotes, type TrustLine } from "./trust-line.ts";

/** One line that requires several of the file's signers. */
export interface TrustThreshold {
  /** 1 for the first line. */
  readonly line: number;
  readonly need: number;
  /** As written, each once. */
  readonly names: readonly string[];
  /** The names by who can vote: those that share a key are together, and count once. */
  readonly voters: readonly (readonly string[])[];
}

/** A threshold as written, before it is held against the signers of its file. */
export type WrittenThreshold = Omit<TrustThreshold, "voters">;

/** Who of a threshold's names vouched, and whether that is enough. */
export interface ThresholdCount {
  readonly met: boolean;
  readonly signed: readonly string[];
  /** Names whose voter did not vouch. */
  readonly missing: readonly string[];
}

/** Whether a line is meant as a threshold. A signer's name that begins with a bracket needs quotes. */
export function isThreshold(content: string): boolean {
  return /^\s*\[/.test(content);
}

/** Reads a threshold, or says what is wrong with it. */
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
 * Checks a threshold against the signers of its file. Refuses a name that no signer has, and a count that its
 * voters can't reach: such a threshold would trust no bundle without saying why.
 */
export function admitThreshold(
  written: WrittenThreshold,
  keysOfNames: KeysOfNames,
): TrustThreshold | "threshold-name" | "threshold-count" {
  if (!written.names.every((name) => keysOfNames.has(name))) return "threshold-name";
  const voters = groupByKey(written.names, keysOfNames);
  return written.need > voters.length ? "threshold-count" : { ...written, voters };
}

/** Counts the voters of whom one name or more vouched. */
export function countVoters(threshold: TrustThreshold, vouched: ReadonlySet<string>): ThresholdCount {
  const isPresent = (names: readonly string[]): boolean => names.some((name) => vouched.has(name));
  return {
    met: threshold.voters.filter(isPresent).length >= threshold.need,
    signed: threshold.names.filter((name) => vouched.has(name)),
    missing: threshold.voters.filter((names) => !isPresent(names)).flat(),
  };
}

/** Groups names that share a key. Each key of each name costs one step, and a name moves to a larger group only. */
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
  // In the threshold's own order, which a union of groups does not keep.
  const ordered = new Map<readonly string[], string[]>();
  for (const [name, group] of groups) {
    const members = ordered.get(group);
    if (members === undefined) ordered.set(group, [name]);
    else members.push(name);
  }
  return [...ordered.values()];
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
