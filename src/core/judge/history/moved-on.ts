/**
 * Whether a later run explains why the files of a run are not in the folder as they were sealed.
 *
 * The caller reads bundles and files, and answers for the later run: it belongs to the same whole history, its bundle is accepted, and its
 * signer is trusted.
 *
 * @module
 */

import type { OutputClaims } from "../../records/artifacts/output-claims.ts";
import { parseDeclaredDigest } from "../../records/artifacts/output-table.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { isDifference, type Rejection, type Undecided } from "../../system/codes/verdict.ts";
import type { JudgedBundle } from "../bundle/orders.ts";

/** Later runs that are looked at: the newest ones. Each look reads a bundle. */
const MOST_LATER_RUNS = 100;

/** The explanation: a run that was sealed later. */
export interface MovedOn {
  readonly runId: string;
  /** How many of `files` are not in the folder as they were sealed. */
  readonly differing: number;
  /** How many files the older run has. */
  readonly files: number;
}

/** What the folder holds at a path: a file of a digest, nothing, or something that was not hashed. */
type Held =
  | { readonly kind: "file"; readonly digest: HexDigest }
  | { readonly kind: "missing" }
  | { readonly kind: "unread" };

/** Where the folder is not as a run has it. */
interface Differences {
  /** What the folder holds at each path that differs. */
  readonly held: ReadonlyMap<string, Held>;
  /** How many of the paths are files that differ in their bytes, or are missing. */
  readonly files: number;
}

/** Collects every difference of a run; undefined where one of them has another cause, so that no run explains it. */
export function differencesOf(failures: Iterable<Rejection | Undecided>): Differences | undefined {
  const held = new Map<string, Held>();
  let files = 0;
  for (const failure of failures) {
    if (!isDifference(failure)) return undefined;
    const { code, details } = failure;
    const { path } = details;
    const isMissing = code === "OUTPUT_MISSING";
    const digest = code === "HASH_MISMATCH" ? parseDeclaredDigest(details.actual) : undefined;
    if (isMissing || code === "HASH_MISMATCH") files++;
    if (held.has(path)) continue;
    if (digest !== undefined) held.set(path, { kind: "file", digest });
    else held.set(path, { kind: isMissing ? "missing" : "unread" });
  }
  return { held, files };
}

/**
 * Whether a later run may explain every difference: the folder holds the later run's file, or the later run has none at that path. A run that
 * shares no path explains only missing files, because it says nothing about changed ones. What was not hashed counts as explained here.
 */
export function mayExplain(
  { held: older }: Pick<Differences, "held">,
  later: OutputClaims,
  crypto: Crypto,
): boolean {
  let shared = 0;
  for (const claim of later) {
    const held = older.get(claim.path);
    if (held === undefined) continue;
    if (!claim.lawful || claim.digest === undefined || held.kind === "missing") return false;
    if (held.kind === "file" && !matchesDigest(claim.digest, held.digest, crypto)) return false;
    shared++;
  }
  return shared > 0 || [...older.values()].every(({ kind }) => kind === "missing");
}

/** A later run, compared with what the folder holds now. */
interface ComparedRun {
  readonly verdict: { readonly ok: boolean };
  /** Undefined where its artifacts were rejected. */
  readonly judged: Pick<JudgedBundle, "bundleRoot" | "claims"> | undefined;
  /** Every difference; none where the folder was not looked at. */
  readonly failures: () => Iterable<Rejection | Undecided>;
}

/** Whether the later run with this root explains every difference, and differs from the folder at none of their paths itself. */
export function explains(
  older: Pick<Differences, "held">,
  laterRoot: HexDigest,
  { failures, judged, verdict }: ComparedRun,
  crypto: Crypto,
): boolean {
  // Read again, the bundle may be another one.
  if (judged === undefined || !matchesDigest(laterRoot, judged.bundleRoot, crypto)) return false;
  const found = [...failures()];
  const differences = found.length === 0 && !verdict.ok ? undefined : differencesOf(found);
  if (differences === undefined || [...differences.held.keys()].some((path) => older.held.has(path)))
    return false;
  return mayExplain(older, judged.claims, crypto);
}

/** A run that was sealed later. */
interface LaterRun {
  readonly runId: string;
  readonly bundleRoot: HexDigest | undefined;
}

/** Reads what the search asks for. */
export interface MovedOnReader<Later, Failure> {
  /** The runs after the one that failed, in a whole history, newest first. */
  readonly later: readonly Later[];
  /** Every difference of the run that failed. */
  readonly failures: () => Promise<Iterable<Rejection | Undecided>>;
  /** The outputs of a later run, by its artifacts alone; undefined for a run that must not explain anything. */
  readonly claimsOf: (run: Later) => OutputClaims | undefined | Promise<OutputClaims | undefined>;
  /** Compares a later run with the folder. */
  readonly compare: (run: Later) => Promise<ComparedRun>;
  /** Whether the store has an object for each output of the run that failed. */
  readonly isKept: () => boolean;
  /** Hashes what the store holds of the run that failed. */
  readonly verifyStored: () => Promise<{
    readonly verdict: { readonly ok: true } | ({ readonly ok: false } & Failure);
  }>;
  readonly crypto: Crypto;
}

/** What the store holds of the run that failed. Its bytes were hashed. */
export type StoredState<Failure> =
  | { readonly kind: "whole" | "not-kept" }
  | { readonly kind: "damaged"; readonly failure: Failure };

/** The explanation. */
export interface Explained<Later, Failure> {
  readonly by: Later;
  readonly movedOn: MovedOn;
  readonly stored: StoredState<Failure>;
}

/** Looks for the newest later run that explains every difference. */
export async function findMovedOn<Later extends LaterRun, Failure>(
  { claims }: Pick<JudgedBundle, "claims">,
  reader: MovedOnReader<Later, Failure>,
): Promise<Explained<Later, Failure> | undefined> {
  const { claimsOf, compare, crypto, isKept, later, verifyStored } = reader;
  if (later.length === 0 || !claims.areAllLawful) return undefined;
  const differences = differencesOf(await reader.failures());
  if (differences === undefined) return undefined;
  for (const by of later.slice(0, MOST_LATER_RUNS)) {
    const { bundleRoot, runId } = by;
    const sealed = await claimsOf(by);
    if (sealed === undefined || bundleRoot === undefined || !mayExplain(differences, sealed, crypto))
      continue;
    if (!explains(differences, bundleRoot, await compare(by), crypto)) return undefined;
    const movedOn = { runId, differing: differences.files, files: claims.length };
    if (!isKept()) return { by, movedOn, stored: { kind: "not-kept" } };
    const { verdict } = await verifyStored();
    return { by, movedOn, stored: verdict.ok ? { kind: "whole" } : { kind: "damaged", failure: verdict } };
  }
  return undefined;
}
