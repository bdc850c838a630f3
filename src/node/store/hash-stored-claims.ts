/**
 * Hashing the outputs that bundles name where the project's store keeps them.
 *
 * @module
 */

import { type OutputClaims, type OutputFinding, ok, type Result } from "../../core/internal.ts";
import { type AnchoredRoot, openRoot } from "../files/anchored-root.ts";
import { beginHashing, type HashOptions } from "../hashing/hash-files.ts";
import { machineReason } from "../runtime/machine-reason.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { ObjectStore, objectPath } from "./object-store.ts";

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
 * `ObjectStore.open` does.
 */
export function beginStoredClaims(
  bundles: readonly StoredBundle[],
  project: AnchoredRoot,
  options: HashOptions,
): Result<StoredHashing, OperationFault> {
  const opened = ObjectStore.open(project);
  if (!opened.ok) return opened;
  const store = opened.value;
  if (store === undefined) {
    const nothing = bundles.map(({ claims }) => findingsOf(claims, () => undefined));
    return ok({ finish: () => Promise.resolve(nothing), abandon: () => Promise.resolve() });
  }
  const places: string[] = [];
  const shares: { readonly paths: number; readonly declared: number | undefined }[] = [];
  const indexes = bundles.map(({ claims, declaredBytes }) => {
    const start = places.length;
    const own = new Map<string, number>();
    // In the order of the claims, by which the bytes are counted.
    for (const claim of claims) {
      if (!claim.lawful || claim.digest === undefined) continue;
      const place = objectPath(claim.digest);
      if (own.has(place)) continue;
      own.set(place, places.length);
      places.push(place);
    }
    shares.push({ paths: places.length - start, declared: declaredBytes });
    return own;
  });
  const hashing = beginHashing(store.root, places, { ...options, shares });
  return ok({
    finish: async () => {
      try {
        const found = await hashing.finish();
        return bundles.map(({ claims }, index) =>
          findingsOf(claims, (place) => {
            const number = indexes[index]?.get(place);
            return number === undefined ? undefined : found.at(number);
          }),
        );
      } finally {
        store.close();
      }
    },
    abandon: () => hashing.abandon().finally(() => store.close()),
  });
}

/** Whether the store has an object for each output. Nothing is hashed. An unusable store keeps nothing. */
export function keepsOutputs(root: string, claims: OutputClaims): boolean {
  const openedRoot = openRoot(root);
  if (!openedRoot.ok) return false;
  using project = openedRoot.value;
  try {
    const opened = ObjectStore.open(project);
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
