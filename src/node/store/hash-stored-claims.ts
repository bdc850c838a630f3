/**
 * The outputs of a bundle in the project's store: whether the store keeps them, and their hashes.
 *
 * @module
 */

import { type OutputClaims, type OutputFinding, ok, type Result } from "../../core/internal.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { openRoot } from "../files/open-root.ts";
import { type HashOptions, hashFiles } from "../hashing/hash-files.ts";
import { machineReason } from "../runtime/machine-reason.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { ObjectStore, objectPath } from "./object-store.ts";

/** What the store has of a bundle's outputs. */
export interface StoredFindings {
  readonly findings: readonly (OutputFinding | undefined)[];
  /** Whether there is an object for each lawful claim, right or wrong. */
  readonly isComplete: boolean;
}

/**
 * Hashes the objects that lawful claims name, each once. Absent objects and invalid digests count as missing. `declaredBytes`
 * bounds the bytes that are read, as below a root: each object counts once, where a claim first names it. Fails as
 * `ObjectStore.open` does. Throws as `hashFiles` does.
 */
export async function hashStoredClaims(
  claims: OutputClaims,
  project: AnchoredRoot,
  declaredBytes: number | undefined,
  hashing: HashOptions,
): Promise<Result<StoredFindings, OperationFault>> {
  const opened = ObjectStore.open(project);
  if (!opened.ok) return opened;
  using store = opened.value;
  const found = store === undefined ? undefined : await hashObjects(claims, store, declaredBytes, hashing);
  const findings = Array.from(claims, (claim): OutputFinding | undefined => {
    if (!claim.lawful) return undefined;
    const place = claim.digest === undefined ? "" : objectPath(claim.digest);
    return found?.get(place) ?? { kind: "missing" };
  });
  return ok({ findings, isComplete: findings.every((finding) => finding?.kind !== "missing") });
}

async function hashObjects(
  claims: OutputClaims,
  store: ObjectStore,
  declared: number | undefined,
  hashing: HashOptions,
): Promise<ReadonlyMap<string, OutputFinding>> {
  const named = new Set<string>();
  for (const claim of claims) {
    if (claim.lawful && claim.digest !== undefined) named.add(objectPath(claim.digest));
  }
  // The bytes are counted in the order of the claims.
  const places = [...named];
  const shares = [{ paths: places.length, declared }];
  const findings = await hashFiles(store.root, places, { ...hashing, shares });
  return new Map(
    places.flatMap((place, index) => {
      const finding = findings.at(index);
      return finding === undefined ? [] : [[place, finding] as const];
    }),
  );
}

/** Whether the store has an object for each output. Nothing is hashed. An unusable store keeps nothing. */
export function keepsOutputs(root: string, claims: OutputClaims): boolean {
  const project = openRoot(root);
  if (!project.ok) return false;
  try {
    const opened = ObjectStore.open(project.value);
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
  } finally {
    project.value.close();
  }
}
