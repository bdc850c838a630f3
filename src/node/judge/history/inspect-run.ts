/**
 * Looking at one bundle without its outputs.
 *
 * @module
 */

import {
  type ArtifactName,
  type Crypto,
  type HistoryRun,
  type JsonObject,
  type JudgedBundle,
  judgeRun,
  type OpenedBundle,
  ok,
  parseObject,
  type Rejection,
  type Result,
  readClaimedRun,
  readTree,
  type SealedRun,
  type SealedTree,
  unknownRun,
} from "../../../core/internal.ts";
import { openBundle, readArtifact, readOutputTree, runIdOf } from "../../records/bundle/open-bundle.ts";
import { type VerifyFailure, verifyContext } from "../../records/bundle/verify-context.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { CarriedRun } from "../source/bundle-source.ts";
import { checkExpected, type ExpectedBundle, underExpectedId } from "../verify/expected-bundle.ts";

/** A bundle as its artifacts tell. */
export interface SeenRun {
  /** Why it is rejected, or could not be read; undefined where its artifacts hold. */
  readonly failure: VerifyFailure | undefined;
  readonly run: HistoryRun;
  /** What its signer vouches for; undefined where no signature holds. */
  readonly sealed: SealedRun | undefined;
  /** Ready for phase 9; undefined if there is a failure. */
  readonly judged?: JudgedBundle | undefined;
}

/** A bundle with its tree. */
export interface SeenBundle extends SeenRun {
  /** Undefined for a bundle without a tree, and where the tree is not as signed. */
  readonly tree: SealedTree | undefined;
}

/** Opens a bundle and judges its artifacts. Its outputs are not looked at. `crypto` is as `cryptoFor` chooses it for many. */
export function inspectRun(bundle: string, crypto?: Crypto, expected: ExpectedBundle = {}): SeenRun {
  const opened = openBundle(bundle);
  if (!opened.ok) return { failure: opened, run: unknownRun(runIdOf(bundle)), sealed: undefined };
  return lookAtOpened(opened.value, crypto, expected);
}

function lookAtOpened(opened: OpenedBundle, crypto: Crypto | undefined, expected: ExpectedBundle): SeenRun {
  const seen = judgeRun(underExpectedId(opened, expected), verifyContext(undefined, crypto));
  const { bundleRoot } = seen.run;
  if (seen.sealed === undefined || bundleRoot === undefined) return seen;
  const other = checkExpected({ bundleRoot, status: seen.sealed.status }, expected);
  return other === undefined ? seen : { ...seen, failure: other };
}

/** As `inspectRun`, and reads the tree. A tree that is not as signed rejects the bundle, after all other failures. */
export function inspectBundle(bundle: string, crypto?: Crypto, expected: ExpectedBundle = {}): SeenBundle {
  const seen = inspectRun(bundle, crypto, expected);
  return withTree(seen, seen.sealed && readSealedTree(bundle, seen.sealed));
}

/** The same of a run that was carried here. */
export function inspectCarried(
  { opened, tree = { kind: "missing" } }: CarriedRun,
  expected: ExpectedBundle = {},
): SeenBundle {
  const seen = lookAtOpened(opened, undefined, expected);
  const binding = seen.sealed?.treeBinding;
  return withTree(seen, binding && readTree(binding, tree, verifyContext()));
}

/** Reads the tree that a bundle's signature names; undefined for a bundle without one. Fails as `readOutputTree` and `readTree` do. */
export function readSealedTree(
  bundle: string,
  { treeBinding }: Pick<SealedRun, "treeBinding">,
): Result<SealedTree | undefined, OperationFault | Rejection> {
  if (treeBinding === undefined) return ok(undefined);
  const reading = readOutputTree(bundle);
  return reading.ok ? readTree(treeBinding, reading.value, verifyContext()) : reading;
}

function withTree(
  seen: SeenRun,
  tree: Result<SealedTree | undefined, OperationFault | Rejection> = ok(undefined),
): SeenBundle {
  if (tree.ok) return { ...seen, tree: tree.value };
  const run: HistoryRun = { ...seen.run, standing: "rejected" };
  return { ...seen, failure: seen.failure ?? tree, run, tree: undefined };
}

/** Reads what a bundle claims of its place in a history, and checks none of it. What can't be read claims nothing. */
export function readClaims(bundle: string): HistoryRun {
  const parsed = (name: ArtifactName): JsonObject | undefined => {
    const reading = readArtifact(bundle, name);
    return reading.ok && reading.value.kind === "bytes" ? parseObject(reading.value.bytes) : undefined;
  };
  return readClaimedRun(runIdOf(bundle), {
    status: parsed("STATUS.json"),
    payload: parsed("SIGNED_PAYLOAD.json"),
  });
}
