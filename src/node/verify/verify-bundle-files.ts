/**
 * Verifying a bundle on disk: open it, judge its artifacts, hash its outputs, conclude (PROTOCOL 8).
 *
 * @module
 */

import {
  type ArtifactReading,
  beginConclusion,
  declaredBytes,
  type JudgedBundle,
  judgeArtifacts,
  judgeCandidate,
  type Limits,
  type OpenedBundle,
  outputFailures,
  type Rejection,
  type Result,
  readTree,
  type SaidFailure,
  type SealedTree,
  saidFailure,
  treeBinding,
  type Undecided,
  type VerifiedBundle,
  type VerifyContext,
} from "../../core/internal.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import { tellOfLongManifest, type VerifyFailure, verifyContext } from "../bundle/verify-context.ts";
import { HASH_JOB, type HashOptions } from "../hashing/hash-files.ts";
import { operationFault } from "../runtime/operation-fault.ts";
import type { Progress, WorkOptions } from "../runtime/progress.ts";
import type { SourceName } from "../store/output-source.ts";
import { WorkerPool } from "../work/worker-pool.ts";
import { checkExpected, type ExpectedBundle, underExpectedId } from "./expected-bundle.ts";
import { beginFinding, type FoundOutputs, type OutputsRequest, sumOf } from "./find-outputs.ts";
import { checkPatterns, lookAtTree, type SeenTree, type TreeDemand } from "./look-at-tree.ts";

/** What to verify, and against which folder. */
export interface VerifyRequest
  extends ExpectedBundle,
    Omit<OutputsRequest, "pool" | "watch">,
    TreeDemand,
    WorkOptions {
  /** The run directory. */
  readonly bundle: string;
  readonly limits?: Limits;
}

/** Bytes of OUTPUT_HASHES.json from which on workers start while it is parsed: about 5,000 entries. */
const LONG_MANIFEST: number = 512 * 1024;

/** What a caller may learn besides the verdict. */
export interface VerifyReport {
  readonly verdict: Result<VerifiedBundle, VerifyFailure>;
  /** What the signature claims, once it held; undefined where the artifacts were rejected. */
  readonly judged: JudgedBundle | undefined;
  /** Why the run says that it failed, under a signature that holds; undefined where it does not. */
  readonly said?: SaidFailure | undefined;
  /** Where the outputs were searched for; undefined where they were not. */
  readonly source: SourceName | undefined;
  /** Whether a tree is there that the signature does not name: it was not looked at. */
  readonly hasUnboundTree: boolean;
  /** What was found of the tree; undefined where there is none, or where it was not looked at. */
  readonly tree: SeenTree | undefined;
  /**
   * Every changed and missing file, in the order of the document, then every other difference from the tree, in byte order of
   * path; the first one only with `untilFailure`.
   */
  readonly failures: () => Iterable<Rejection | Undecided>;
}

/**
 * Verifies one bundle on disk. Fails with EXACT_NEEDS_TREE where the caller asked for `exact`, and nothing says what the seal took
 * in. Throws only an Interruption, and on bugs and dying workers.
 */
export async function judgeBundle(request: VerifyRequest): Promise<Result<VerifiedBundle, VerifyFailure>> {
  return (await reportOnBundle({ ...request, untilFailure: true })).verdict;
}

/** Verifies one bundle, and keeps what else a caller may report of it. */
export async function reportOnBundle(request: VerifyRequest): Promise<VerifyReport> {
  const pool = new WorkerPool(request.jobs);
  try {
    return await reportWithPool(request, pool);
  } finally {
    pool.dismiss();
  }
}

async function reportWithPool(request: VerifyRequest, pool: WorkerPool): Promise<VerifyReport> {
  const context = verifyContext(request.limits);
  const malformed = checkPatterns(request);
  if (malformed !== undefined) return { ...NOTHING, verdict: malformed };
  const opened = openBundle(request.bundle, request.limits);
  if (!opened.ok) return { ...NOTHING, verdict: opened };
  const manifest = opened.value.artifacts["OUTPUT_HASHES.json"];
  if (manifest.kind === "bytes" && manifest.bytes.length >= LONG_MANIFEST) pool.start(HASH_JOB);
  tellOfLongManifest(opened.value, request.progress);
  const judged = judgeArtifacts(underExpectedId(opened.value, request), context);
  if (!judged.ok) {
    const said = judged.code === "RESTORATION_FAILED" ? saidBy(opened.value, context) : undefined;
    return { ...NOTHING, verdict: judged, said };
  }
  const other = checkExpected(judged.value, request);
  if (other !== undefined) return { ...NOTHING, verdict: other, judged: judged.value };
  const declared = declaredBytes(judged.value.status);
  const watch = watchOutputs(request.progress, [declared]);
  const bundle = { claims: judged.value.claims, declaredBytes: declared };
  const [found] = await beginFinding([bundle], { ...request, pool, watch }).finish();
  if (found === undefined) throw new TypeError("a search gives something of each bundle");
  if (!found.ok) return { ...NOTHING, verdict: found, judged: judged.value };
  const { findings, source } = found.value;
  const seen = await concludeOn(judged.value, found.value, request, context);
  const { tree, verdict } = seen;
  return {
    verdict,
    judged: judged.value,
    said: saidFailure(judged.value.status),
    source,
    hasUnboundTree: treeBinding(judged.value) === undefined && opened.value.hasTree === true,
    tree,
    failures: function* () {
      const { claims } = judged.value;
      for (const failure of outputFailures(claims, findings, context.crypto, declared)) {
        yield failure;
        if (request.untilFailure === true) return;
      }
      yield* tree?.failures ?? [];
    },
  };
}

/** What is reported of a bundle whose outputs were not looked for. */
const NOTHING: Omit<VerifyReport, "verdict"> = {
  judged: undefined,
  source: undefined,
  hasUnboundTree: false,
  tree: undefined,
  failures: () => [],
};

/** Phases 9 to 11. Where every failure is asked for, the tree is looked at although outputs failed. */
async function concludeOn(
  judged: JudgedBundle,
  { findings, source }: FoundOutputs,
  request: VerifyRequest,
  context: VerifyContext,
): Promise<Pick<VerifyReport, "verdict" | "tree">> {
  const begun = beginConclusion(judged, findings, context);
  const binding = treeBinding(judged);
  const keepsAll = request.untilFailure !== true;
  if (binding === undefined || (!begun.ok && !keepsAll)) {
    const needsTree = begun.ok && request.exact === true;
    const ended = begun.ok ? begun.value.end() : begun;
    return { verdict: needsTree ? operationFault("EXACT_NEEDS_TREE") : ended, tree: undefined };
  }
  const read = (reading: ArtifactReading): Result<SealedTree, Rejection> =>
    readTree(binding, reading, context);
  const seen = await lookAtTree(read, { ...request, source, findings, keepsAll });
  if (!seen.ok) return { verdict: begun.ok ? seen : begun, tree: undefined };
  const tree = seen.value;
  const isExact = request.exact !== true || tree.state === "checked";
  const ended = begun.ok ? begun.value.end(tree) : begun;
  return { verdict: ended.ok && !isExact ? operationFault("EXACT_NEEDS_TREE") : ended, tree };
}

/** A run whose scratch folders were not restored is rejected by its proof; its signature holds all the same. */
function saidBy(opened: OpenedBundle, context: VerifyContext): SaidFailure | undefined {
  const signed = judgeCandidate(opened, context);
  return signed.ok ? saidFailure(signed.value.status) : undefined;
}

/** Reports the progress of hashing outputs, of as many bytes as the bindings of the bundles declare. */
export function watchOutputs(
  progress: Progress | undefined,
  declared: readonly (number | undefined)[],
): HashOptions["watch"] {
  if (progress === undefined) return undefined;
  const bytes = sumOf(declared);
  return (done, files) => progress.begin("verify", { files, bytes }, done);
}
