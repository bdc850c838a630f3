/**
 * Compares two bundles output by output: added, removed and changed outputs.
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../bytes/crypto.ts";
import type { HexDigest } from "../bytes/hex.ts";
import { byPath } from "../bytes/listing.ts";
import type { OutputClaim } from "./output-claims.ts";

/** An output that only one of two bundles names. The digest is undefined where it is declared as none. */
export interface LoneOutput {
  readonly path: string;
  readonly digest: HexDigest | undefined;
}

/** An output that both name, with other bytes. */
export interface ChangedOutput {
  readonly path: string;
  readonly before: HexDigest | undefined;
  readonly after: HexDigest | undefined;
}

/** How two bundles differ; each list in byte order of path. */
export interface OutputChanges {
  readonly added: readonly LoneOutput[];
  readonly removed: readonly LoneOutput[];
  readonly changed: readonly ChangedOutput[];
  /** How many outputs both have, with the same bytes. */
  readonly same: number;
}

/**
 * Compares what two bundles claim; no file is looked at. A claim without a proper digest equals nothing, not
 * even another such claim, as in verification.
 */
export function compareOutputs(
  before: Iterable<OutputClaim>,
  after: Iterable<OutputClaim>,
  crypto: Crypto,
): OutputChanges {
  const old = new Map(Array.from(before, (claim) => [claim.path as string, claim]));
  const added: LoneOutput[] = [];
  const changed: ChangedOutput[] = [];
  let same = 0;
  for (const claim of after) {
    const was = old.get(claim.path);
    old.delete(claim.path);
    const digest = digestOf(claim);
    if (was === undefined) {
      added.push({ path: claim.path, digest });
    } else if (digest !== undefined && matchesDigest(digest, digestOf(was), crypto)) {
      same++;
    } else {
      changed.push({ path: claim.path, before: digestOf(was), after: digest });
    }
  }
  const removed = Array.from(old.values(), (claim) => ({ path: claim.path, digest: digestOf(claim) }));
  return { added: added.sort(byPath), removed: removed.sort(byPath), changed: changed.sort(byPath), same };
}

function digestOf(claim: OutputClaim): HexDigest | undefined {
  return claim.lawful ? claim.digest : undefined;
}
