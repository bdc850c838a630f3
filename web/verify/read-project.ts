/**
 * The history of a project that the user gave: every bundle judged by its artifacts, and put in order (PROTOCOL 18).
 *
 * @module
 */

import {
  ARTIFACT_NAMES,
  CUT_FILE,
  computeHistory,
  HEAD_NAME,
  type History,
  type HistoryHeads,
  type HistoryRun,
  judgeOpened,
  judgeRun,
  MAX_HEAD_BYTES,
  ok,
  PROJECT_HEAD,
  type Rejection,
  type Result,
  type SealedRun,
  unknownRun,
  type WebCrypto,
  webContext,
} from "../../src/core/internal.ts";
import { readArtifact, type SourceFault } from "../source/read-artifact.ts";
import { enterFolder, pathIn, type SourceFolder } from "../source/source-folder.ts";
import { openBundle } from "./open-given-bundle.ts";

/** The folder of bundles in a project. */
const RUNS_FOLDER = ".runseal/runs";

/** Runs that the page judges. The command has no such limit. */
export const MAX_RUNS = 20_000;

/** What the user gave. */
export type GivenKind = "project" | "bundle" | "neither";

/** What a decision about the signer of a run needs. */
export type SealedFacts = Pick<SealedRun, "signer" | "binding" | "countersignatures" | "timestamps">;

/** A run of a project. */
export interface ProjectRun extends HistoryRun {
  /** Why its artifacts are rejected, or can't be read; undefined where they hold. */
  readonly failure: Rejection | SourceFault | undefined;
  /** What its signer vouches for; undefined where no signature holds. */
  readonly sealed: SealedFacts | undefined;
}

/** A project. */
export interface ReadProject {
  readonly history: History<ProjectRun>;
  /** Of an archive: its runs in its order, which make the chain. Of a project the history does. */
  readonly carried?: readonly ProjectRun[];
  /** Runs that were not judged because there are too many. */
  readonly unread: number;
}

/** What to read. */
export interface ProjectRequest {
  readonly project: SourceFolder;
  readonly crypto: WebCrypto;
  /** Called when a run was judged. */
  readonly onRun?: (done: number, all: number) => void;
  readonly signal?: AbortSignal;
}

/** Finds out what a folder is. One whose runs can't be read is a project too, so that the reason is said. */
export async function recogniseFolder(folder: SourceFolder): Promise<GivenKind> {
  if ((await folder.list(RUNS_FOLDER)) !== "missing") return "project";
  for (const name of ARTIFACT_NAMES) if ((await folder.look(name)).kind !== "missing") return "bundle";
  return "neither";
}

/** The run directory of a run in a project. */
export async function runFolder(project: SourceFolder, runId: string): Promise<SourceFolder | undefined> {
  return await enterFolder(project, pathIn(RUNS_FOLDER, runId));
}

/** Reads all runs and orders them. Fails with READ_FAILED. Throws the signal's reason once it is aborted. */
export async function readProject(request: ProjectRequest): Promise<Result<ReadProject, SourceFault>> {
  const { crypto, project } = request;
  const listed = await project.list(RUNS_FOLDER);
  if (listed === "unreadable") return { ok: false, code: "READ_FAILED", details: { path: RUNS_FOLDER } };
  const names = listed === "missing" ? [] : listed.filter(mayBeRun).map(({ name }) => name);
  const { runs, unread } = await judgeRuns(request, names);
  const heads = await readHeads(project, crypto);
  if (!heads.ok) return heads;
  const history = computeHistory(runs, heads.value, crypto.port);
  return ok({ history, unread });
}

/**
 * Orders the runs of an archive: its last one ends the history, as HEAD does in a project. Fails as `readProject` does. Throws the
 * signal's reason once it is aborted.
 */
export async function readArchivedRuns(
  request: ProjectRequest,
  runIds: readonly string[],
): Promise<ReadProject> {
  const { runs, unread } = await judgeRuns(request, runIds);
  const last = runs.findLast(
    ({ bundleRoot, proofHash }) => bundleRoot !== undefined && proofHash !== undefined,
  );
  const { bundleRoot, proofHash, runId = "" } = last ?? {};
  const head =
    bundleRoot === undefined || proofHash === undefined ? "missing" : { runId, bundleRoot, proofHash };
  const heads: HistoryHeads = { head, remembered: undefined, pending: undefined };
  return { history: computeHistory(runs, heads, request.crypto.port), carried: runs, unread };
}

/** Judges runs by their artifacts, up to `MAX_RUNS`. */
async function judgeRuns(
  { crypto, onRun, project, signal }: ProjectRequest,
  names: readonly string[],
): Promise<{ readonly runs: readonly ProjectRun[]; readonly unread: number }> {
  const judged = names.slice(0, MAX_RUNS);
  const runs: ProjectRun[] = [];
  for (const runId of judged) {
    signal?.throwIfAborted();
    runs.push(await inspectRun(project, runId, crypto));
    onRun?.(runs.length, judged.length);
  }
  return { runs, unread: names.length - judged.length };
}

/** Names that begin with a dot are a sealer's own, and files are not bundles. */
function mayBeRun({ kind, name }: { readonly kind: string; readonly name: string }): boolean {
  return kind === "folder" && !name.startsWith(".");
}

async function inspectRun(project: SourceFolder, runId: string, crypto: WebCrypto): Promise<ProjectRun> {
  const bundle = await runFolder(project, runId);
  const unread = { ...unknownRun(runId), sealed: undefined };
  if (bundle === undefined)
    return { ...unread, failure: { ok: false, code: "CHANGED_WHILE_READ", details: { path: runId } } };
  const opened = await openBundle({ bundle, runId });
  if (!opened.ok) return { ...unread, failure: opened };
  const judged = await judgeOpened(opened.value, crypto);
  const context = webContext(crypto);
  const { failure, run, sealed } = await crypto.settle(() => judgeRun(opened.value, context, judged));
  return { ...run, failure, sealed: sealed && sealedFactsOf(sealed) };
}

/** A project has thousands of runs: nothing else of them is kept. */
function sealedFactsOf({ binding, countersignatures, signer, timestamps }: SealedRun): SealedFacts {
  return { binding, countersignatures, signer, timestamps };
}

/** The heads of the project. What a machine remembers of it is not among what was given. */
async function readHeads(
  project: SourceFolder,
  crypto: WebCrypto,
): Promise<Result<HistoryHeads, SourceFault>> {
  const head = await readArtifact(project, pathIn(OWN_FOLDER, HEAD_NAME), MAX_HEAD_BYTES);
  if (!head.ok) return head;
  const cut = await readArtifact(project, pathIn(OWN_FOLDER, CUT_FILE.name), CUT_FILE.maxBytes);
  if (!cut.ok) return cut;
  const pending = await readArtifact(project, pathIn(OWN_FOLDER, PENDING_NAME), MAX_HEAD_BYTES);
  const seal =
    pending.ok && pending.value.kind === "bytes" ? PROJECT_HEAD.parse(pending.value.bytes) : undefined;
  const { value } = cut;
  const cutBytes = value.kind === "bytes" ? value.bytes : undefined;
  return ok({
    head:
      head.value.kind === "missing"
        ? "missing"
        : ((head.value.kind === "bytes" ? PROJECT_HEAD.parse(head.value.bytes) : undefined) ?? "malformed"),
    remembered: undefined,
    pending: seal,
    ...(value.kind === "missing"
      ? {}
      : {
          cut:
            cutBytes === undefined
              ? { ok: false, reason: "malformed" }
              : await crypto.settle(() => CUT_FILE.read(cutBytes, crypto.port)),
        }),
  });
}

/** The project's own folder. */
const OWN_FOLDER = ".runseal";

/** A seal that is about to become the head. */
const PENDING_NAME = "pending";
