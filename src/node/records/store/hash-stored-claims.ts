/**
 * Hashing the outputs that bundles name where the project's store keeps them.
 *
 * @module
 */

import {
  DIGEST_BYTES,
  FINDING_KINDS,
  FindingTable,
  HexDigests,
  makeFindings,
  makeListing,
  type OutputClaims,
  objectPath,
  ok,
  type Result,
} from "../../../core/internal.ts";
import { type AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import type { BudgetShare } from "../../system/hashing/byte-budget.ts";
import { spaceForDigests } from "../../system/hashing/hash-board.ts";
import {
  beginHashing,
  type Hashing,
  type HashOptions,
  type Search,
} from "../../system/hashing/hash-files.ts";
import { claimDigest, makeClaims } from "../../system/packs/digest-claims.ts";
import { machineReason } from "../../system/runtime/machine-reason.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { StoredObjects } from "./stored-objects.ts";

/** What the store holds of one bundle. */
export interface StoredFindings {
  readonly findings: FindingTable;
  /** Whether there is an object for each lawful claim, right or wrong. */
  readonly isComplete: boolean;
}

/** A bundle whose outputs may be in the store. */
interface StoredBundle {
  readonly claims: OutputClaims;
  /** Bytes of all its outputs, as its binding declares them: no more are read. Undefined: nothing is bounded. */
  readonly declaredBytes: number | undefined;
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
): Result<Search<readonly StoredFindings[]>, OperationFault> {
  const opened = StoredObjects.open(project);
  if (!opened.ok) return opened;
  const store = opened.value;
  if (store === undefined) {
    const nothing = bundles.map(({ claims }) => findingsOf(claims, noObjects(claims), undefined));
    return ok({ finish: () => Promise.resolve(nothing), abandon: () => Promise.resolve() });
  }
  const { numbers, shares, wanted } = wantedObjects(bundles);
  const hashing = beginObjects(store, wanted, { ...options, shares });
  return ok({
    finish: async () => {
      try {
        const found = await hashing.finish();
        await findMoved(store, wanted, found, options);
        return bundles.map(({ claims }, index) =>
          findingsOf(claims, numbers[index] ?? noObjects(claims), found),
        );
      } finally {
        store.close();
      }
    },
    abandon: () => hashing.abandon().finally(() => store.close()),
  });
}

/** The objects that bundles name. */
interface WantedObjects {
  /** Their digests, 32 raw bytes each. */
  readonly wanted: Uint8Array<SharedArrayBuffer>;
  /** For each bundle, the number of the object of each claim; -1 where it names none. */
  readonly numbers: readonly Int32Array[];
  readonly shares: readonly BudgetShare[];
}

/** What stands for a claim that declares no digest. */
const NO_DIGEST: Buffer = Buffer.alloc(DIGEST_BYTES);

function wantedObjects(bundles: readonly StoredBundle[]): WantedObjects {
  const most = bundles.reduce((sum, { claims }) => sum + claims.length, 0);
  const all = spaceForDigests(most);
  const digests = Buffer.from(all.buffer);
  let count = 0;
  const shares: BudgetShare[] = [];
  const numbers = bundles.map(({ claims, declaredBytes: declared }) => {
    const start = count;
    const seen = makeClaims(claims.length);
    const own = noObjects(claims);
    const named = claims.columns.digests;
    // In the order of the claims, by which the bytes are counted.
    for (const [from, to] of claims.lawfulRanges()) {
      for (let row = from; row < to; row++) {
        const place = row * DIGEST_BYTES;
        digests.set(named.subarray(place, place + DIGEST_BYTES), count * DIGEST_BYTES);
        const target = count * DIGEST_BYTES;
        if (digests.compare(NO_DIGEST, 0, DIGEST_BYTES, target, target + DIGEST_BYTES) === 0) continue;
        const first = claimDigest(seen, digests, count);
        own[row] = first;
        if (first === count) count++;
      }
    }
    shares.push({ paths: count - start, declared });
    return own;
  });
  return { wanted: all.subarray(0, count * DIGEST_BYTES), numbers, shares };
}

function noObjects({ length }: OutputClaims): Int32Array {
  return new Int32Array(length).fill(-1);
}

/** Begins to hash objects of a store: in packs, and what is in none in files of their own. */
function beginObjects(
  store: StoredObjects,
  wanted: Uint8Array<SharedArrayBuffer>,
  options: HashOptions,
): Hashing {
  const { packs } = store;
  const digests = new HexDigests(wanted);
  const paths = makeListing(wanted.length / DIGEST_BYTES, (index) => objectPath(digests.at(index)));
  return beginHashing(store.root, paths, { ...options, packed: packs && { catalog: packs, wanted } });
}

/** Looks again for what was missing, if packs were added or removed meanwhile: a collection moves objects. */
async function findMoved(
  store: StoredObjects,
  wanted: Uint8Array,
  { columns }: FindingTable,
  { jobs, pool, signal }: HashOptions,
): Promise<void> {
  const missing = [...columns.kinds.entries()].flatMap(([index, kind]) =>
    kind === FINDING_KINDS.missing ? index : [],
  );
  if (missing.length === 0 || !store.relist()) return;
  const again = spaceForDigests(missing.length);
  for (const [at, index] of missing.entries()) {
    again.set(wanted.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES), at * DIGEST_BYTES);
  }
  const found = await beginObjects(store, again, { jobs, pool, signal }).finish();
  for (const [at, index] of missing.entries()) copyFinding(found, at, columns, index);
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

/** The findings of a bundle's claims, given the numbers of their objects. */
function findingsOf(
  claims: OutputClaims,
  numbers: Int32Array,
  found: FindingTable | undefined,
): StoredFindings {
  const { length } = claims;
  const columns = makeFindings(length);
  for (const [from, to] of claims.lawfulRanges()) {
    for (let row = from; row < to; row++) {
      const number = numbers[row] ?? -1;
      if (number < 0 || found === undefined) columns.kinds[row] = FINDING_KINDS.missing;
      else copyFinding(found, number, columns, row);
    }
  }
  return {
    findings: new FindingTable(columns),
    isComplete: !columns.kinds.includes(FINDING_KINDS.missing),
  };
}

function copyFinding(
  { columns: from }: FindingTable,
  index: number,
  to: FindingTable["columns"],
  target: number,
): void {
  to.kinds[target] = from.kinds[index] ?? FINDING_KINDS.none;
  to.sizes[target] = from.sizes[index] ?? 0;
  to.digests.set(
    from.digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES),
    target * DIGEST_BYTES,
  );
}
