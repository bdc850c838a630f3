/**
 * Verifying a bundle wherever it is: open its source, judge its artifacts, hash its outputs, conclude (PROTOCOL 8).
 *
 * @module
 */

import {
  concludeWithTree,
  declaredBytes,
  itemAt,
  type JudgedBundle,
  judgeHere,
  type Limits,
  type OpenedBundle,
  type OutputFindings,
  ok,
  outputFailures,
  RESTORE,
  type Rejection,
  type Result,
  type SaidFailure,
  type SeenTree,
  saidFailure,
  type TreeDemand,
  treeBinding,
  type Undecided,
  VERIFY,
  type VerifiedBundle,
  type VerifyContext,
} from "../../../core/internal.ts";
import {
  tellOfLongManifest,
  type VerifyFailure,
  verifyContext,
} from "../../records/bundle/verify-context.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { BundleReader, CarrierName } from "../source/bundle-source.ts";
import type { TreeLook } from "../source/tree-look.ts";
import { checkExpected, type ExpectedBundle, underExpectedId } from "./expected-bundle.ts";
import type { FoundOutputs, OutputsRequest } from "./find-outputs.ts";
import { FolderSource } from "./folder-source.ts";
import { judgeSource } from "./judge-source.ts";
import { checkPatterns } from "./match-tree.ts";

/** How to verify runs of any source. */
export interface SourceVerifyRequest extends ExpectedBundle, TreeDemand, WorkOptions {
  /** The runs to verify, by their ids; all of the source where undefined. */
  readonly runs?: readonly string[] | undefined;
  readonly limits?: Limits | undefined;
  /** Whether the caller needs only the first output of a run that is not as sealed. */
  readonly untilFailure?: boolean | undefined;
}

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

/** What a caller may learn besides the verdict. */
export interface VerifyReport {
  readonly verdict: Result<VerifiedBundle, VerifyFailure>;
  /** What the signature claims, once it held; undefined where the artifacts were rejected. */
  readonly judged: JudgedBundle | undefined;
  /** Why the run says that it failed, under a signature that holds; undefined where it does not. */
  readonly said?: SaidFailure | undefined;
  /** Where the outputs were searched for; undefined where they were not. */
  readonly source: CarrierName | undefined;
  /** What was found at the paths of the outputs, by their row; undefined where they were not searched for. */
  readonly findings?: OutputFindings | undefined;
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

/** A report, and the run that it is about. */
export interface RunReport extends VerifyReport {
  /** As its source names it: not believed before the verdict. */
  readonly runId: string;
}

/**
 * Verifies one bundle on disk. Fails with BUNDLE_UNSUITABLE where the caller asked for `exact`, and nothing says what the seal took
 * in. Throws only an Interruption, and on bugs and dying workers.
 */
export async function judgeBundle(request: VerifyRequest): Promise<Result<VerifiedBundle, VerifyFailure>> {
  return (await reportOnBundle({ ...request, untilFailure: true })).verdict;
}

/** Verifies one bundle, and keeps what else a caller may report of it. */
export async function reportOnBundle(request: VerifyRequest): Promise<VerifyReport> {
  await using source = new FolderSource({ ...request, bundles: [request.bundle], pool: undefined });
  const reports = await reportOnRuns(source, request);
  return reports.ok ? itemAt(reports.value, 0) : { ...NOTHING, verdict: reports };
}

/**
 * Verifies runs of a source, each by itself, and gives their reports in the order of the source. Fails with INPUT_MALFORMED, and
 * where the source can't be opened. The caller closes the source.
 */
export async function reportOnRuns(
  source: BundleReader,
  request: SourceVerifyRequest,
): Promise<Result<readonly RunReport[], OperationFault>> {
  const malformed = checkPatterns(request);
  if (malformed !== undefined) return malformed;
  const { limits, untilFailure = false } = request;
  return await judgeSource<NamedBundle, RunReport, OperationFault>(
    { ...request, source, untilFailure },
    {
      judge: (opened, context) => {
        tellOfLongManifest(opened, request.progress);
        const judged = judgeHere(underExpectedId(opened, request), context, VERIFY);
        return judged.ok ? ok({ ...judged.value, name: opened.runId }) : judged;
      },
      check: (judged) => checkExpected(judged, request),
      conclude: async (judged, found, context, look) => {
        const report = await reportOn(judged, found, look, request, context);
        return ok({ ...report, runId: judged.name });
      },
      refuse: sourceFault,
      report: (failure, opened, judged) => {
        const isUnrestored = failure.code === "RESTORATION_FAILED";
        const said = isUnrestored ? saidBy(opened, verifyContext(limits)) : undefined;
        return { ...NOTHING, runId: opened.runId, verdict: failure, judged, said };
      },
    },
  );
}

/** A bundle with its id in the source. The caller may expect it under another one. */
interface NamedBundle extends JudgedBundle {
  readonly name: string;
}

/** Of a run nothing ends the work: its failure is reported. */
function sourceFault(failure: Rejection | OperationFault): OperationFault {
  if ("phase" in failure) throw new TypeError("a source fails by no phase");
  return failure;
}

/** What is reported of a bundle whose outputs were not looked for. */
const NOTHING: Omit<VerifyReport, "verdict"> = {
  judged: undefined,
  source: undefined,
  hasUnboundTree: false,
  tree: undefined,
  failures: () => [],
};

async function reportOn(
  judged: JudgedBundle,
  { findings, source }: FoundOutputs,
  look: TreeLook,
  request: SourceVerifyRequest,
  context: VerifyContext,
): Promise<VerifyReport> {
  const { tree, verdict } = await concludeOn(judged, findings, look, request, context);
  const { claims, opened, status } = judged;
  return {
    verdict,
    judged,
    said: saidFailure(status),
    source,
    findings,
    hasUnboundTree: treeBinding(judged) === undefined && opened.hasTree === true,
    tree,
    failures: function* () {
      for (const failure of outputFailures(claims, findings, context.crypto, declaredBytes(status))) {
        yield failure;
        if (request.untilFailure === true) return;
      }
      yield* tree?.failures ?? [];
    },
  };
}

/** Phases 9 to 11, and whether the caller's `exact` could be met. */
async function concludeOn(
  judged: JudgedBundle,
  findings: OutputFindings,
  matchTree: TreeLook,
  { exact, ignore, ignoreModes, signal, untilFailure }: SourceVerifyRequest,
  context: VerifyContext,
): Promise<Pick<VerifyReport, "verdict" | "tree">> {
  const keepsAll = untilFailure !== true;
  const demand = { exact, ignore, ignoreModes, keepsAll, signal };
  const ended = await concludeWithTree(judged, findings, context, keepsAll, (read) =>
    matchTree(read, demand),
  );
  const isUnmet = ended.verdict.ok && exact === true && ended.tree?.state !== "checked";
  return isUnmet ? { ...ended, verdict: operationFault("BUNDLE_UNSUITABLE", { reason: "no-tree" }) } : ended;
}

/** A run whose scratch folders were not restored is rejected by its proof; its signature holds all the same. */
function saidBy(opened: OpenedBundle, context: VerifyContext): SaidFailure | undefined {
  const signed = judgeHere(opened, context, RESTORE);
  return signed.ok ? saidFailure(signed.value.status) : undefined;
}
