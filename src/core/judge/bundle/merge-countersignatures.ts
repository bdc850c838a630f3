/**
 * Countersignatures of one bundle that come from several places, such as the referrers of a registry: those that hold, and whose signers
 * the reader knows, as one file.
 *
 * @module
 */

import type { SignerIdentity } from "../../records/artifacts/identity.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { DigestIndex } from "../../system/bytes/digest-index.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import {
  addCountersignature,
  type CountersignaturesReading,
  findCountersignatures,
  readCountersignature,
} from "./countersignature.ts";
import { readListBeside } from "./file-beside.ts";

/** What was merged. */
export interface MergedCountersignatures {
  /** COUNTERSIGNATURES.json; undefined where there is nothing in it. */
  readonly bytes: Uint8Array | undefined;
  /** How many it has, and how many were left out: they fail, are not known, or had no room. Copies count as neither. */
  readonly taken: number;
  readonly left: number;
}

/**
 * Merges files, the earlier ones first: one countersignature of each signer that `admits` knows, of those that hold over the bundle.
 * What `base` has stays as it is, and comes first.
 */
export function mergeCountersignatures(
  files: readonly Uint8Array[],
  bundleRoot: HexDigest,
  admits: (signer: SignerIdentity) => boolean,
  crypto: Crypto,
  base: CountersignaturesReading = { kind: "missing" },
): MergedCountersignatures {
  const known = new DigestIndex<true>(crypto);
  let merged = base;
  for (const finding of findCountersignatures(base, bundleRoot, crypto))
    if (finding.kind === "holds") known.add(finding.signer.validatorId, true);
  let [taken, left] = [0, 0];
  for (const bytes of files) {
    const reading: CountersignaturesReading = { kind: "bytes", bytes };
    const entries = readListBeside(reading, "countersignatures");
    if (typeof entries === "string") {
      left++;
      continue;
    }
    for (const [row, finding] of findCountersignatures(reading, bundleRoot, crypto).entries()) {
      const entry = readCountersignature(entries[row] ?? null, crypto);
      if (finding.kind !== "holds" || entry === undefined || !admits(finding.signer)) {
        left++;
        continue;
      }
      if (known.at(finding.signer.validatorId).length > 0) continue;
      const added = addCountersignature(merged, entry);
      if (!added.ok) {
        left++;
        continue;
      }
      known.add(finding.signer.validatorId, true);
      merged = { kind: "bytes", bytes: added.value };
      taken++;
    }
  }
  return { bytes: merged.kind === "bytes" ? merged.bytes : undefined, taken, left };
}
