/**
 * What the core needs of this platform to judge a bundle.
 *
 * @module
 */

import {
  type Crypto,
  DEFAULT_LIMITS,
  type Limits,
  type OpenedBundle,
  type Rejection,
  type Undecided,
  type VerifyContext,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { beginReading, type Progress } from "../../system/runtime/progress.ts";
import { isWindows } from "../../system/runtime/this-system.ts";

/** Why a bundle isn't verified: it is rejected, or there was no verdict. */
export type VerifyFailure = Rejection | Undecided | OperationFault;

/** The core's context on this platform. */
export function verifyContext(limits: Limits = DEFAULT_LIMITS, crypto: Crypto = nodeCrypto): VerifyContext {
  return { crypto, pathRules: { refuseColon: isWindows }, limits };
}

/** Says that a bundle is read now, where its manifest is so long that this takes long; and gives whether it is. */
export function tellOfLongManifest({ artifacts }: OpenedBundle, progress: Progress | undefined): boolean {
  const manifest = artifacts["OUTPUT_HASHES.json"];
  return manifest.kind === "bytes" && beginReading(progress, manifest.bytes.length);
}

/** Bytes of the artifacts, and of a tree that was read with them, that a bundle keeps in memory. */
export function artifactBytes({ artifacts, smallTree }: OpenedBundle): number {
  let bytes = smallTree?.kind === "bytes" ? smallTree.bytes.length : 0;
  for (const artifact of Object.values(artifacts))
    bytes += artifact.kind === "bytes" ? artifact.bytes.length : 0;
  return bytes;
}
