/**
 * OUTPUTS_ROOT.json for tests, made from the words of the protocol alone: nothing of `src`.
 *
 * @module
 */

import { canonical, FIRST_SEED, sha256, sortedEntries, type TestBundle, testSigner } from "./bundle.ts";

/** The moment that bound test bundles say they were sealed at. */
export const SEALED_AT = "2026-11-25T01:02:03Z";

/** The members of a statement but its signature. */
export interface Said {
  readonly bundle_root: string;
  readonly outputs_root: string;
  readonly run_id: string;
  readonly sealed_at: string;
  readonly validator_id: string;
}

/** Pairs level by level; an odd level repeats its last. */
export function treeRoot(outputs: Readonly<Record<string, string>>): string {
  let level = sortedEntries(outputs).map(([path, content]) => sha256(`${path}:${sha256(content)}`));
  if (level.length === 0) return sha256("");
  while (level.length > 1) {
    level = level.flatMap((left, index) =>
      index % 2 === 1 ? [] : [sha256(left + (level[index + 1] ?? left))],
    );
  }
  return level[0] ?? "";
}

/** What the signer of a test bundle rightly says of its outputs. */
export function saidOf(bundle: TestBundle, seed: string = FIRST_SEED): Said {
  return {
    bundle_root: bundle.bundleRoot,
    outputs_root: treeRoot(bundle.outputs),
    run_id: bundle.runId,
    sealed_at: SEALED_AT,
    validator_id: testSigner(seed).validatorId,
  };
}

/** Signs a statement, true or not. */
export function signStatement(said: Said, seed: string = FIRST_SEED): Said & { readonly signature: string } {
  const message = Buffer.from(`RUNSEAL-OUTPUTS-ROOT-v1:${canonical(said)}`);
  return { ...said, signature: testSigner(seed).sign(message) };
}
