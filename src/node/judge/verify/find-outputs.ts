/**
 * Searching for the outputs of bundles, below the root and in the store of the project (PROTOCOL 8, phase 9, and 18).
 *
 * @module
 */

import {
  type LawfulClaim,
  matchesDigest,
  NO_CLAIMS,
  type OutputClaims,
  type OutputFinding,
  type OutputFindings,
  ok,
  outputFailures,
  type Result,
} from "../../../core/internal.ts";
import { beginStoredClaims, type StoredFindings } from "../../records/store/hash-stored-claims.ts";
import type { SourceName } from "../../records/store/output-source.ts";
import { type AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { beginLaidOut, type HashOptions, type Search } from "../../system/hashing/hash-files.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { CarrierName, ClaimingBundle } from "../source/bundle-source.ts";
import { findingsOfEach, lawfulOutputs } from "./lawful-outputs.ts";

/**
 * Where to look for outputs: under their names below the root, or by their digests in the store of the project whose
 * root that is. `"either"`: below the root first, and in the store where the root has moved on since and all outputs
 * are kept. `"store-first"`: in the store first, and below the root where the store does not hold all of them.
 */
export type OutputsFrom = SourceName | "either" | "store-first";

/**
 * As of one bundle, or `"newest-root"`: the newest run below the root and nowhere else; older runs in the store, and
 * below the root where the store does not hold them as they were sealed.
 */
export type ChainOutputsFrom = OutputsFrom | "newest-root";

/** How to search. `from` is the root by default, and nothing else. */
export interface OutputsRequest extends Pick<HashOptions, "jobs" | "pool" | "signal" | "watch"> {
  readonly from?: OutputsFrom | undefined;
  /** The project root: the folder that output paths are relative to. Always given, never guessed here. */
  readonly root: string;
  /** The project whose store keeps them; default: the root. */
  readonly home?: string | undefined;
  /** Whether the caller needs only the first output that is not as sealed: the rest is neither read nor reported. */
  readonly untilFailure?: boolean | undefined;
}

/** What was found of a bundle's outputs, and where. */
export interface FoundOutputs {
  readonly source: CarrierName;
  readonly findings: OutputFindings;
}

/** A search for each of some bundles. */
type SearchEach<Found> = Search<readonly Found[]>;
type Found = Result<FoundOutputs, OperationFault>;
type FoundInStore = Result<FoundOutputs & StoredFindings, OperationFault>;

/**
 * Begins to search for the outputs of bundles, all in the same place. Each bundle fails by itself, as `openRoot` and
 * `openStore` do.
 */
export function beginFinding(bundles: readonly ClaimingBundle[], request: OutputsRequest): SearchEach<Found> {
  const { from = "root" } = request;
  if (from === "store") return searchStore(bundles, request);
  if (from === "store-first")
    return andThen(searchStore(bundles, request), (stored) => preferStored(bundles, stored, request));
  if (from === "root") return searchRoot(bundles, request);
  // What the store is asked for depends on all that is below the root.
  const below = searchRoot(bundles, { ...request, untilFailure: false });
  return andThen(below, (found) => preferKept(bundles, found, request));
}

function andThen<First>(
  { abandon, finish }: SearchEach<First>,
  next: (found: readonly First[]) => Promise<readonly Found[]>,
): SearchEach<Found> {
  return { abandon, finish: async () => await next(await finish()) };
}

/** Begins to search below the root. Opens nothing for an unlawful path. */
export function searchRoot(bundles: readonly ClaimingBundle[], request: OutputsRequest): SearchEach<Found> {
  const lawful = lawfulOutputs(bundles);
  const inRoot = (findings: OutputFindings): Found => ok({ source: "root", findings });
  const nothing = ({ claims }: ClaimingBundle): Found => inRoot(Array.from(claims, () => undefined));
  if (lawful.expected.length === 0) return foundAlready(bundles.map(nothing));
  const root = openRoot(request.root);
  if (!root.ok)
    // A bundle without lawful outputs needs no root.
    return foundAlready(
      bundles.map((bundle, index) => (lawful.shares[index]?.paths === 0 ? nothing(bundle) : root)),
    );
  const { jobs, pool, signal, untilFailure: untilUnexpected, watch } = request;
  const { expected, paths, shares } = lawful;
  const saidBytes = sumOf(bundles.map(({ declaredBytes }) => declaredBytes));
  const options = { expected, jobs, pool, saidBytes, shares, signal, untilUnexpected, watch };
  const hashing = beginLaidOut(root.value, paths, options);
  return closing(root.value, {
    finish: async () => findingsOfEach(bundles, lawful, await hashing.finish()).map(inRoot),
    abandon: () => hashing.abandon(),
  });
}

/** A sum, unless one of the numbers is unknown. */
export function sumOf(numbers: readonly (number | undefined)[]): number | undefined {
  const sum = numbers.reduce<number>((total, number) => total + (number ?? Number.NaN), 0);
  return Number.isNaN(sum) ? undefined : sum;
}

function searchStore(
  bundles: readonly ClaimingBundle[],
  { jobs, pool, root, home = root, signal, watch }: OutputsRequest,
): SearchEach<FoundInStore> {
  const project = openRoot(home);
  if (!project.ok) return foundAlready(bundles.map(() => project));
  const begun = beginStoredClaims(bundles, project.value, { jobs, pool, signal, watch });
  if (begun.ok) {
    const { abandon, finish } = begun.value;
    return closing(project.value, {
      abandon,
      finish: async () => (await finish()).map((stored) => ok({ source: "store", ...stored })),
    });
  }
  project.value.close();
  return foundAlready(bundles.map(() => begun));
}

function foundAlready<Found>(found: readonly Found[]): SearchEach<Found> {
  return { finish: () => Promise.resolve(found), abandon: () => Promise.resolve() };
}

/** Closes a folder when a search in it has ended. */
function closing<Found>(folder: AnchoredRoot, { abandon, finish }: SearchEach<Found>): SearchEach<Found> {
  return {
    finish: () => finish().finally(() => folder.close()),
    abandon: () => abandon().finally(() => folder.close()),
  };
}

/** Searches for some of the bundles in a second place; gives nothing for the others. */
async function searchAgain<Found>(
  bundles: readonly ClaimingBundle[],
  areWanted: readonly boolean[],
  search: (bundles: readonly ClaimingBundle[]) => SearchEach<Found>,
): Promise<readonly (Found | undefined)[]> {
  const wanted = bundles.filter((_, index) => areWanted[index]);
  if (wanted.length === 0) return [];
  const found = await search(wanted).finish();
  let next = 0;
  return areWanted.map((isWanted) => (isWanted ? found[next++] : undefined));
}

/** Blames the store only where it keeps an object for each output or dropped some, and the root does not hold them either. */
async function preferStored(
  bundles: readonly ClaimingBundle[],
  stored: readonly FoundInStore[],
  request: OutputsRequest,
): Promise<readonly Found[]> {
  const areDoubtful = bundles.map(({ claims }, index) => {
    const own = stored[index];
    return own?.ok !== true || !own.value.isComplete || !areAsSealed(claims, own.value.findings);
  });
  const below = await searchAgain(bundles, areDoubtful, (some) =>
    searchRoot(some, { ...request, untilFailure: false }),
  );
  return stored.map((own, index) => {
    const found = below[index];
    if (found === undefined) return own;
    const isBelow = found.ok && areAsSealed(bundles[index]?.claims ?? NO_CLAIMS, found.value.findings);
    if (isBelow || !own.ok) return found;
    return own.value.isComplete || bundles[index]?.areDropped?.() === true ? own : found;
  });
}

/** Takes the findings of the store where the root has moved on, and the store keeps all outputs. */
async function preferKept(
  bundles: readonly ClaimingBundle[],
  below: readonly Found[],
  request: OutputsRequest,
): Promise<readonly Found[]> {
  const haveMovedOn = bundles.map(({ claims }, index) => {
    const found = below[index];
    return found?.ok === true && hasMovedOn(claims, found.value.findings);
  });
  const stored = await searchAgain(bundles, haveMovedOn, (some) => searchStore(some, request));
  return below.map((found, index) => {
    const own = stored[index];
    // A store that can't be used counts as none: the root decides.
    return own?.ok === true && own.value.isComplete ? own : found;
  });
}

/** Searches the store for the outputs of a bundle; undefined unless it keeps all of them. */
export async function findKept(
  bundle: ClaimingBundle,
  request: OutputsRequest,
): Promise<FoundOutputs | undefined> {
  const [stored] = await searchStore([bundle], request).finish();
  return stored?.ok === true && stored.value.isComplete ? stored.value : undefined;
}

function areAsSealed(claims: OutputClaims, findings: OutputFindings): boolean {
  return outputFailures(claims, findings, nodeCrypto).next().done === true;
}

/** Whether an output is no longer there as it was sealed. An unreadable one may still be. */
function hasMovedOn(claims: OutputClaims, findings: OutputFindings): boolean {
  if (areAsSealed(claims, findings)) return false;
  let index = 0;
  for (const claim of claims) {
    const finding = findings.at(index++);
    if (claim.lawful && finding?.kind !== "unreadable" && !isAsSealed(claim, finding)) return true;
  }
  return false;
}

/** Whether the file of a lawful output is as it was sealed. */
export function isAsSealed(claim: LawfulClaim, finding: OutputFinding | undefined): boolean {
  if (claim.digest === undefined || finding?.kind !== "file") return false;
  return matchesDigest(claim.digest, finding.digest, nodeCrypto);
}
