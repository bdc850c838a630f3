/**
 * Verifying a bundle: ten phases in order, and an eleventh for a tree; the first failure ends it (PROTOCOL 8).
 *
 * The core never touches a disk. It judges the artifacts from their bytes (phases 1 to 8), asks its
 * caller for what lies at the claimed paths, and concludes from that (9 to 11).
 *
 * `VerifiedBundle` is born in this file and nowhere else.
 *
 * @module
 */

import { type Binding, boundTree, checkBoundBytes, declaredBytes } from "../artifacts/binding.ts";
import type { OpenedBundle } from "../artifacts/opened-bundle.ts";
import type { OutputClaims } from "../artifacts/output-claims.ts";
import { ok, type Result } from "../bytes/result.ts";
import { copyText } from "../bytes/utf8.ts";
import type { Rejection, Undecided } from "../codes/verdict.ts";
import type { JsonValue } from "../json/json-value.ts";
import { ARTIFACT_NAMES } from "../paths/artifact-name.ts";
import type { SealedTree } from "../tree/output-tree.ts";
import { FoldedDocuments, FoldedFacts, fitsOnShelf } from "./folded-bundle.ts";
import {
  awaitTree,
  type BundleFacts,
  beginWalk,
  keptFacts,
  outputFacts,
  settleHere,
  type UnendedBundle,
  type UnsettledBundle,
  walkToTree,
  withFindings,
} from "./judge.ts";
import { acceptance } from "./phases/acceptance.ts";
import { FindingTable, type OutputFindings } from "./phases/findings.ts";
import { forbidden } from "./phases/forbidden.ts";
import { identity } from "./phases/identity.ts";
import {
  known,
  type ParsedArtifact,
  type Phase,
  type SignedBundle,
  type VerifyContext,
} from "./phases/judging.ts";
import { outputFailures, outputs } from "./phases/outputs.ts";
import { parse } from "./phases/parse.ts";
import { payload } from "./phases/payload.ts";
import { presence } from "./phases/presence.ts";
import { proof } from "./phases/proof.ts";
import { root } from "./phases/root.ts";
import { signature } from "./phases/signature.ts";
import { type LookedTree, type TreeBinding, tree, treeBinding } from "./phases/tree.ts";
import type { Shelf } from "./shelf.ts";

/** The order of a verification. restore-order.ts makes the order of a restore from it. */
export const VERIFY_PHASES: readonly Phase[] = [
  presence,
  parse,
  identity,
  root,
  payload,
  signature,
  proof,
  forbidden,
  outputs,
  acceptance,
  tree,
];

/** The brand of verified data. It never leaves this file, so no other code can make such a bundle. */
const verified: unique symbol = Symbol("verified");

/** A bundle that passed all phases. */
export interface VerifiedBundle extends BundleFacts {
  readonly [verified]: true;
}

/** The same of a bundle whose documents are on a shelf. */
class FoldedBundle extends FoldedFacts implements VerifiedBundle {
  readonly [verified] = true;
}

/** A bundle whose artifacts passed, with the claims about its outputs. Not verified yet. */
export interface JudgedBundle extends SignedBundle {
  readonly proof: ParsedArtifact;
}

/**
 * A bundle of which nothing is left to look at but its outputs. Holds no more of its artifacts than a verified bundle, so that
 * many may wait.
 */
export interface AwaitedBundle {
  readonly runId: string;
  readonly claims: OutputClaims;
  /** Bytes of all outputs, as the binding declares them. They are not counted here. */
  readonly declaredBytes: number | undefined;
  readonly binding: Binding | undefined;
  /** Takes what was found at the claims' paths, and concludes. */
  readonly conclude: (
    findings: OutputFindings,
  ) => Result<UnendedBundle<VerifiedBundle>, Rejection | Undecided>;
}

/** Judges the artifacts of a bundle, phases 1 to 8. */
export function judgeArtifacts(
  opened: OpenedBundle,
  context: VerifyContext,
): Result<JudgedBundle, Rejection> {
  return settleHere(beginJudging(opened, context), context);
}

/** The same up to the one question whose answer takes longer than all else: whether the signature holds. */
export function beginJudging(
  opened: OpenedBundle,
  context: VerifyContext,
): Result<UnsettledBundle<JudgedBundle>, Rejection> {
  return beginWalk(VERIFY_PHASES, ARTIFACT_NAMES, opened, context, (signed) => ({
    ...signed,
    proof: known(signed.proof),
  }));
}

/**
 * Concludes from what was found at the claims' paths, phases 9 and 10, and leaves phase 11 to be walked. With a shelf, the documents
 * of a small bundle are put there, and it is folded.
 */
export function beginConclusion(
  judged: JudgedBundle,
  findings: OutputFindings,
  context: VerifyContext,
  shelf?: Shelf,
): Result<UnendedBundle<VerifiedBundle>, Rejection | Undecided> {
  const bundle = withFindings(judged, findings, context);
  return walkToTree(VERIFY_PHASES, bundle, outputs, ({ accepted, findings: found }, sealed, tree) => {
    const facts = keptFacts(judged, known(accepted).binding, context);
    const ended = { files: judged.claims.length, findings: known(found), tree };
    const isShelved = shelf !== undefined && fitsOnShelf(ended, sealed);
    const documents = isShelved ? FoldedDocuments.of(facts, judged.opened, shelf) : undefined;
    if (documents !== undefined) return new FoldedBundle(documents, ended);
    return { [verified]: true, ...facts, ...outputFacts(judged.claims, known(found)), tree: sealed };
  });
}

/**
 * Concludes from what was found at the claims' paths and of the tree, phases 9 to 11. A tree that the caller did not look at is
 * missing: TREE_MISSING.
 */
export function concludeVerification(
  judged: JudgedBundle,
  findings: OutputFindings,
  context: VerifyContext,
  looked?: LookedTree,
): Result<VerifiedBundle, Rejection | Undecided> {
  const begun = beginConclusion(judged, findings, context);
  return begun.ok ? begun.value.end(looked) : begun;
}

/**
 * Walks all of phase 10 for which no output is needed before phase 9, as a history does: it has to be one line first. With a shelf,
 * a small bundle waits there.
 */
export function awaitOutputs(
  judged: JudgedBundle,
  context: VerifyContext,
  shelf?: Shelf,
): Result<AwaitedBundle, Rejection> {
  const bundle = withFindings(judged, undefined, context);
  const rejection = acceptance(bundle);
  if (rejection !== undefined) return rejection;
  const { binding } = known(bundle.accepted);
  const { claims } = judged;
  const declared = declaredBytes(judged.status);
  const facts = keptFacts(judged, binding, context);
  const documents = shelf && FoldedDocuments.of(facts, judged.opened, shelf);
  if (documents !== undefined) return ok(new WaitingBundle(documents, declared, boundTree(judged.status)));
  const bound = treeBinding(bundle);
  const awaited = { runId: facts.runId, claims, declaredBytes: declared, binding };
  const conclude: AwaitedBundle["conclude"] = (findings) =>
    concludeAwaited(awaited, bound, findings, context, (found, sealed) => ({
      [verified]: true,
      ...facts,
      ...outputFacts(claims, found),
      tree: sealed,
    }));
  return ok({ ...awaited, conclude });
}

function concludeAwaited(
  { binding, claims, declaredBytes: declared }: Omit<AwaitedBundle, "conclude">,
  bound: TreeBinding | undefined,
  findings: OutputFindings,
  context: VerifyContext,
  finish: (
    found: FindingTable,
    sealed: SealedTree | undefined,
    bytes: Uint8Array | undefined,
  ) => VerifiedBundle,
): Result<UnendedBundle<VerifiedBundle>, Rejection | Undecided> {
  const found = FindingTable.of(findings);
  const [failure] = outputFailures(claims, found, context.crypto, declared);
  if (failure !== undefined) return failure;
  const miscounted = binding && checkBoundBytes(declared, found.bytes);
  if (miscounted !== undefined) return miscounted;
  return ok(awaitTree(bound, context, (...read) => finish(found, ...read)));
}

/** A bundle that waits on a shelf. Its claims are parsed when they are asked for, and held from then on: so it is let go soon. */
class WaitingBundle implements AwaitedBundle {
  readonly declaredBytes: number | undefined;
  readonly #documents: FoldedDocuments;
  readonly #treeDigest: JsonValue | undefined;
  #parsed: Pick<TreeBinding, "claims" | "table"> | undefined;

  constructor(documents: FoldedDocuments, declared: number | undefined, treeDigest: JsonValue | undefined) {
    this.declaredBytes = declared;
    this.#documents = documents;
    // The copy does not keep STATUS.json alive.
    this.#treeDigest = typeof treeDigest === "string" ? copyText(treeDigest) : treeDigest;
  }

  get runId(): string {
    return this.#documents.runId;
  }

  get binding(): Binding | undefined {
    return this.#documents.binding;
  }

  get claims(): OutputClaims {
    return this.#outputs().claims;
  }

  conclude(findings: OutputFindings): ReturnType<AwaitedBundle["conclude"]> {
    const documents = this.#documents;
    const { claims, table } = this.#outputs();
    const digest = this.#treeDigest;
    const bound = digest === undefined ? undefined : { claims, digest, table };
    return concludeAwaited(this, bound, findings, documents.shelf.context, (found, sealed, tree) => {
      const ended = { files: claims.length, findings: found, tree };
      if (fitsOnShelf(ended, sealed)) return new FoldedBundle(documents, ended);
      return { [verified]: true, ...documents.facts(), ...outputFacts(claims, found), tree: sealed };
    });
  }

  #outputs(): Pick<TreeBinding, "claims" | "table"> {
    if (this.#parsed === undefined) {
      const parsed = this.#documents.outputHashes();
      this.#parsed = { claims: this.#documents.claimsOf(parsed), table: known(parsed.hashes) };
    }
    return this.#parsed;
  }
}
