/**
 * Holding a bundle against what the caller expects of it.
 *
 * @module
 */

import {
  type BundleChain,
  boundRunId,
  type Expectation,
  type Fault,
  findUnmet,
  type HexDigest,
  type JsonObject,
  matchesDigest,
  type OpenedBundle,
  type Rejection,
  type Result,
  type VerifiedChain,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** Which bundle a caller expects. */
export interface ExpectedBundle {
  /** The bundle root that it must have, 64 lowercase hex. */
  readonly expectedBundleRoot?: string | undefined;
  /** The run id that it was sealed as. The run directory may then have any name. */
  readonly expectedId?: string | undefined;
}

/** Which chain a caller expects, by its chain root: 64 lowercase hex. */
export interface ExpectedChain {
  /** The one that must result: else CHAIN_ROOT_MISMATCH (PROTOCOL 9). */
  readonly expectedRoot?: string | undefined;
  /** The one that a valid chain must have: else EXPECTATION_FAILED (PROTOCOL 11.1). */
  readonly expectedChainRoot?: string | undefined;
}

/** With an expected id the binding is compared with that, and not with the folder's name (PROTOCOL 11). */
export function underExpectedId(opened: OpenedBundle, { expectedId }: ExpectedBundle): OpenedBundle {
  return expectedId === undefined ? opened : { ...opened, runId: expectedId };
}

/** Fails with EXPECTATION_FAILED unless a bundle whose signature holds is the expected one. */
export function checkExpected(
  { bundleRoot, status }: { readonly bundleRoot: HexDigest; readonly status: JsonObject },
  { expectedBundleRoot: root, expectedId: id }: ExpectedBundle,
): OperationFault | undefined {
  return expectationFault({ root, id }, { bundleRoot, boundRunId: boundRunId(status) });
}

/** The same of any statement about a bundle. */
export function expectationFault(
  expectation: Expectation,
  bundle: { readonly bundleRoot: HexDigest; readonly boundRunId: string | undefined },
): OperationFault | undefined {
  const unmet = findUnmet(expectation, bundle, nodeCrypto);
  return unmet && operationFault("EXPECTATION_FAILED", { ...unmet });
}

/** The verdict on a chain all of whose bundles were accepted. `cutRoot` is that of `BundleChain.conclude`. */
export function concludeChain<Failure extends Fault>(
  accepted: Result<unknown, Failure>,
  chain: BundleChain,
  { expectedChainRoot, expectedRoot }: ExpectedChain,
  cutRoot?: HexDigest,
): Result<VerifiedChain, Failure | Rejection | OperationFault> {
  if (!accepted.ok) return accepted;
  const verdict = chain.conclude(expectedRoot, nodeCrypto, cutRoot);
  if (!verdict.ok) return verdict;
  return checkChainRoot(verdict.value.chainRoot, expectedChainRoot) ?? verdict;
}

/** Fails with EXPECTATION_FAILED where the root of a chain is not the expected one. */
export function checkChainRoot(
  chainRoot: HexDigest,
  expected: string | undefined,
): OperationFault | undefined {
  if (expected === undefined || matchesDigest(chainRoot, expected, nodeCrypto)) return undefined;
  return operationFault("EXPECTATION_FAILED", { what: "chain_root", expected, actual: chainRoot });
}
