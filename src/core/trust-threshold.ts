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

/**
 * Holds a threshold against the signers of its file. A name that nobody bears is a slip of the pen, and a
 * count that can't be reached would trust nobody without saying so: both are refused.
 */
export function admitThreshold(
  written: WrittenThreshold,
  lines: readonly TrustLine[],
): TrustThreshold | "threshold-name" | "threshold-count" {
  const principals = new Set(lines.flatMap((line) => line.names));
  if (!written.names.every((name) => principals.has(name))) return "threshold-name";
  const voters = groupByKey(written.names, lines);
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

function groupByKey(names: readonly string[], lines: readonly TrustLine[]): readonly (readonly string[])[] {
  const groupOf = new Map(names.map((name) => [name, new Set([name])]));
  const firstOfKey = new Map<string, string>();
  for (const { names: named, publicKeyHex } of lines) {
    for (const name of named) {
      const mine = groupOf.get(name);
      const first = firstOfKey.get(publicKeyHex) ?? name;
      const other = groupOf.get(first);
      if (mine === undefined || other === undefined) continue;
      firstOfKey.set(publicKeyHex, first);
      if (mine === other) continue;
      for (const moved of mine) groupOf.set(moved, other.add(moved));
    }
  }
  return [...new Set(groupOf.values())].map((group) => [...group]);
}
