/**
 * The core's verdict on a test bundle, without a disk.
 *
 * @module
 */

import { beginConclusion, judgeHere, type VerifiedBundle } from "../../../src/core/judge/bundle/judge.ts";
import { type JudgedBundle, VERIFY } from "../../../src/core/judge/bundle/orders.ts";
import type { OutputFindings } from "../../../src/core/judge/bundle/phases/findings.ts";
import type { VerifyContext } from "../../../src/core/judge/bundle/phases/judging.ts";
import { BundleChain } from "../../../src/core/judge/bundle/verify-chain.ts";
import type { ArtifactReading, OpenedBundle } from "../../../src/core/records/artifacts/opened-bundle.ts";
import type { Result } from "../../../src/core/system/bytes/result.ts";
import type { Rejection, Undecided } from "../../../src/core/system/codes/verdict.ts";
import type { ArtifactName } from "../../../src/core/system/paths/artifact-name.ts";
import { nodeCrypto } from "../../../src/node/system/runtime/node-crypto.ts";
import { findingsOf, openedOf, type TestBundle } from "./bundle.ts";

/** The core's context in tests: Node's cryptography, the rules of POSIX. */
export const context: VerifyContext = { crypto: nodeCrypto, pathRules: { refuseColon: false } };

/** A verdict on one bundle. */
export type Verdict = Result<VerifiedBundle, Rejection | Undecided>;

/** All ten phases over a bundle whose outputs are in place; `over` takes the place of artifacts. */
export function judge(
  bundle: TestBundle,
  over: Partial<Record<ArtifactName, Uint8Array | string | ArtifactReading>> = {},
): Verdict {
  return judgeOpened(openedOf(bundle, over), bundle);
}

/** The same for a bundle that was opened in some other way. */
export function judgeOpened(opened: OpenedBundle, bundle: TestBundle): Verdict {
  const judged = judgeHere(opened, context, VERIFY);
  return judged.ok ? concludeWithoutTree(judged.value, findingsOf(bundle)) : judged;
}

/** Concludes from what was found at the claims' paths. A tree counts as missing. */
export function concludeWithoutTree(judged: JudgedBundle, findings: OutputFindings): Verdict {
  const begun = beginConclusion(judged, findings, context);
  return begun.ok ? begun.value.end() : begun;
}

/** A bundle that must be accepted, as the core bears it. */
export function verified(bundle: TestBundle): VerifiedBundle {
  const verdict = judge(bundle);
  if (!verdict.ok) throw new Error(`the test's own bundle is rejected: ${verdict.message}`);
  return verdict.value;
}

/** The verdict on a chain of bundles that were accepted. */
export function concludeChain(
  bundles: readonly VerifiedBundle[],
  expectedRoot?: string,
  inputs?: ReadonlySet<string>,
): ReturnType<BundleChain["conclude"]> {
  const chain = new BundleChain(inputs);
  for (const bundle of bundles) chain.add(bundle);
  return chain.conclude(expectedRoot, nodeCrypto);
}
