/**
 * Hashing the outputs that bundles name where the project's store keeps them.
 *
 * @module
 */

import {
  type FindingTable,
  type HexDigest,
  type OutputClaims,
  type OutputFinding,
  ok,
  type Result,
} from "../../core/internal.ts";
import { type AnchoredRoot, openRoot } from "../files/anchored-root.ts";
import { beginHashing, type Hashing, type HashOptions } from "../hashing/hash-files.ts";
import { machineReason } from "../runtime/machine-reason.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { objectPath } from "./object-store.ts";
import { layOutWanted, StoredObjects } from "./stored-objects.ts";

/** What the store holds of one bundle. */
export interface StoredFindings {
  readonly findings: readonly (OutputFinding | undefined)[];
  /** Whether there is an object for each lawful claim, right or wrong. */
  readonly isComplete: boolean;
}

/** A bundle whose outputs may be in the store. */
interface StoredBundle {
  readonly claims: OutputClaims;
  /** Bytes of all its outputs, as its binding declares them: no more are read. Undefined: nothing is bounded. */
  readonly declaredBytes: number | undefined;
}

/** Hashing that was begun. The caller either finishes or abandons it, once. */
interface StoredHashing {
  /** Gives what was found, bundle by bundle. Throws as `hashFiles` does. */
  readonly finish: () => Promise<readonly StoredFindings[]>;
  readonly abandon: () => Promise<void>;
}

/**
 * Begins to hash the objects that lawful claims name, for each bundle each object once. Absent objects and invalid digests
 * count as missing. Of the declared bytes each object takes its part once, where a claim first names it. Fails as
 * `StoredObjects.open` does.
 */
export function beginStoredClaims(
  bundles: readonly StoredBundle[],
  project: AnchoredRoot,
  options: HashOptions,
): Result<StoredHashing, OperationFault> {
  const opened = StoredObjects.open(project);
  if (!opened.ok) return opened;
  const store = opened.value;
  if (store === undefined) {
    const nothing = bundles.map(({ claims }) => findingsOf(claims, () => undefined));
    return ok({ finish: () => Promise.resolve(nothing), abandon: () => Promise.resolve() });
  }
  const digests: HexDigest[] = [];
  const shares: { readonly paths: number; readonly declared: number | undefined }[] = [];
  const indexes = bundles.map(({ claims, declaredBytes }) => {
    const start = digests.length;
    const own = new Map<string, number>();
    // In the order of the claims, by which the bytes are counted.
    for (const claim of claims) {
      if (!claim.lawful || claim.digest === undefined) continue;
      const place = objectPath(claim.digest);
      if (own.has(place)) continue;
      own.set(place, digests.length);
      digests.push(claim.digest);
    }
    shares.push({ paths: digests.length - start, declared: declaredBytes });
    return own;
  });
  const hashing = beginObjects(store, digests, { ...options, shares });
  return ok({
    finish: async () => {
      try {
        const found = await hashing.finish();
        const moved = await findMoved(store, digests, found, options);
        return bundles.map(({ claims }, index) =>
          findingsOf(claims, (place) => {
            const number = indexes[index]?.get(place);
            return number === undefined ? undefined : (moved.get(number) ?? found.at(number));
          }),
        );
      } finally {
        store.close();
      }
    },
    abandon: () => hashing.abandon().finally(() => store.close()),
  });
}

/** Begins to hash objects of a store: in packs, and what is in none in files of their own. */
function beginObjects(store: StoredObjects, digests: readonly HexDigest[], options: HashOptions): Hashing {
  const { packs } = store;
  const packed = packs && { catalog: packs, wanted: layOutWanted(digests) };
  return beginHashing(store.root, digests.map(objectPath), { ...options, packed });
}

/** Looks again for what was missing, if packs were added or removed meanwhile: a collection moves objects. By their numbers. */
async function findMoved(
  store: StoredObjects,
  digests: readonly HexDigest[],
  found: FindingTable,
  { jobs, pool, signal }: HashOptions,
): Promise<ReadonlyMap<number, OutputFinding | undefined>> {
  const missing: number[] = [];
  for (let index = 0; index < digests.length; index++)
    if (found.kindAt(index) === "missing") missing.push(index);
  if (missing.length === 0 || !store.relist()) return new Map();
  const wanted = missing.flatMap((index) => digests[index] ?? []);
  const again = await beginObjects(store, wanted, { jobs, pool, signal }).finish();
  return new Map(missing.map((index, at) => [index, again.at(at)]));
}

/** Whether the store has an object for each output. Nothing is hashed. An unusable store keeps nothing. */
export function keepsOutputs(root: string, claims: OutputClaims): boolean {
  const openedRoot = openRoot(root);
  if (!openedRoot.ok) return false;
  using project = openedRoot.value;
  try {
    const opened = StoredObjects.open(project);
    if (!opened.ok) return false;
    using store = opened.value;
    if (store === undefined) return false;
    for (const claim of claims) {
      if (!claim.lawful || claim.digest === undefined || store.kindOf(claim.digest) !== "file") return false;
    }
    return claims.length > 0;
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return false;
  }
}

function findingsOf(
  claims: OutputClaims,
  find: (place: string) => OutputFinding | undefined,
): StoredFindings {
  const findings = Array.from(claims, (claim): OutputFinding | undefined => {
    if (!claim.lawful) return undefined;
    const found = claim.digest === undefined ? undefined : find(objectPath(claim.digest));
    return found ?? { kind: "missing" };
  });
  return { findings, isComplete: findings.every((finding) => finding?.kind !== "missing") };
}
