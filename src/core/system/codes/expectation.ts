/**
 * What a caller expects of one bundle: its root, or the id of its run (PROTOCOL 11.1). An older build by the same signer is
 * as sound as the new one; only an expectation tells them apart.
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../bytes/crypto.ts";
import type { HexDigest } from "../bytes/hex.ts";
import { type JsonObject, memberIn } from "../json/json-value.ts";
import { readAs, text } from "../json/record.ts";

/** An expectation. What is undefined is not expected. */
export interface Expectation {
  /** A bundle root, 64 lowercase hex. */
  readonly root?: string | undefined;
  /** The run id that the signature covers. The run directory may then have any name. */
  readonly id?: string | undefined;
}

/** What is not as the caller expects. */
export interface UnmetExpectation {
  readonly what: "root" | "id" | "chain_root";
  readonly expected: string;
  /** Absent where there is none, as the bound run id of a plain bundle. */
  readonly actual?: string;
}

/** Compares a bundle with what is expected of it; the root comes first. */
export function findUnmet(
  { root, id }: Expectation,
  bundle: { readonly bundleRoot: HexDigest; readonly boundRunId: string | undefined },
  crypto: Crypto,
): UnmetExpectation | undefined {
  const { boundRunId, bundleRoot } = bundle;
  if (root !== undefined && !matchesDigest(bundleRoot, root, crypto))
    return { what: "root", expected: root, actual: bundleRoot };
  if (id === undefined || boundRunId === id) return undefined;
  return { what: "id", expected: id, ...(boundRunId === undefined ? {} : { actual: boundRunId }) };
}

/** The run id that the binding in a STATUS.json names, whether it holds or not; undefined in a plain bundle. */
export function boundRunId(status: JsonObject): string | undefined {
  return readAs(text(), memberIn(status, "runseal", "run_id"));
}
