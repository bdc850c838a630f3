/**
 * Subjects of runseal's own statements that are no files below the root: the root of a bundle, which is computed again from the
 * run that the statement names, and a list of digests, which is descended into.
 *
 * @module
 */

import { dirname, join } from "node:path";
import {
  declareDigest,
  type EvidenceFault,
  evidenceFault,
  type JudgedBundle,
  type JudgedEvidence,
  judgeHere,
  MANIFEST_SUBJECT,
  MAX_EVIDENCE_LIST_BYTES,
  malformed,
  namedRun,
  type OpenedBundle,
  OutputTable,
  ok,
  parseDeclaredDigest,
  type ReadStatement,
  type Rejection,
  type Result,
  ROOT_SUBJECT,
  readDigestList,
  reject,
  SUMS_SUBJECT,
  tooLarge,
  unsupported,
  VERDICT_PREDICATE_TYPE,
  VERIFY,
} from "../../../core/internal.ts";
import { openBundle } from "../../records/bundle/open-bundle.ts";
import { isRunId } from "../../records/bundle/run-names.ts";
import { verifyContext } from "../../records/bundle/verify-context.ts";
import { runsFolderOf } from "../../records/project/project-names.ts";
import { openRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { isUnchanged, type OpenSource, openSource, readUpTo } from "../../system/files/read-source.ts";
import { publishCause } from "../../system/runtime/cause-channel.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { digestOf, isSameDigest } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** Where to look. */
export interface SubjectPlaces {
  /** The file of the evidence, as the caller names it. */
  readonly evidence: string;
  /** The folder that names are relative to. */
  readonly root: string;
  /** The run directory whose root is a subject, where the statement's own name for it does not lead there. */
  readonly run?: string | undefined;
}

/** The files that are left to be hashed below the root, and what was checked on the way. */
export interface ResolvedSubjects {
  readonly files: OutputTable;
  /** The run whose root is a subject. */
  readonly run: (Pick<JudgedBundle, "bundleRoot"> & { readonly runId: string }) | undefined;
  /** The path of the list that was descended into; undefined without one. */
  readonly list: string | undefined;
}

/** Why a subject is not what the evidence says. */
export type SubjectFailure = EvidenceFault | Rejection | OperationFault;

/**
 * Checks the named subjects of a statement about a run. In any other evidence these are names of files like any
 * other. Fails with EVIDENCE_UNSUPPORTED for a verdict on a run, with EVIDENCE_INCOMPLETE, as the run's artifacts are rejected, with BUNDLE_ROOT_MISMATCH, or as a list is read.
 */
export function resolveSubjects(
  { files, statement }: JudgedEvidence,
  places: SubjectPlaces,
): Result<ResolvedSubjects, SubjectFailure> {
  const isOfRun = statement !== undefined && files.has(ROOT_SUBJECT);
  if (isOfRun && statement.predicateType === VERDICT_PREDICATE_TYPE) return unsupported("verdict");
  const folder = isOfRun ? runFolderOf(statement, places) : undefined;
  if (folder === undefined) return ok({ files, run: undefined, list: undefined });
  const opened = openBundle(folder);
  if (!opened.ok) return opened;
  const judged = judgeRun(opened.value, files, folder);
  if (!judged.ok) return judged;
  const run = { runId: opened.value.runId, bundleRoot: judged.value.bundleRoot };
  const listed = parseDeclaredDigest(files.get(SUMS_SUBJECT));
  const list = listed === undefined ? ok(undefined) : findList(listed, places);
  if (!list.ok) return list;
  const left = rowsOf(files, new Set([ROOT_SUBJECT, MANIFEST_SUBJECT, SUMS_SUBJECT]));
  const rows = list.value === undefined ? [] : [rowsOf(list.value.table)];
  const merged = mergeRows([left, claimsOf(judged.value), ...rows]);
  return merged.ok ? ok({ files: merged.value, run, list: list.value?.path }) : merged;
}

/** The run directory: the caller's, or that of the run id that the statement names, in the project of the root. */
function runFolderOf(statement: ReadStatement, { root, run }: SubjectPlaces): string | undefined {
  if (run !== undefined) return run;
  const runId = namedRun(statement);
  return runId !== undefined && isRunId(runId) ? join(runsFolderOf(root), runId) : undefined;
}

/** Judges a run's artifacts, and compares what the statement says of them. */
function judgeRun(
  opened: OpenedBundle,
  files: OutputTable,
  folder: string,
): Result<JudgedBundle, SubjectFailure> {
  const isMissing = Object.values(opened.artifacts).every(({ kind }) => kind === "missing");
  if (isMissing) return evidenceFault("EVIDENCE_INCOMPLETE", { reason: "run", path: folder });
  const judged = judgeHere(opened, verifyContext(), VERIFY);
  if (!judged.ok) return judged;
  const { bundleRoot } = judged.value;
  if (!isSameDigest(parseDeclaredDigest(files.get(ROOT_SUBJECT)), bundleRoot))
    return reject("root", "BUNDLE_ROOT_MISMATCH", {});
  const manifest = opened.artifacts["OUTPUT_HASHES.json"];
  const expected = parseDeclaredDigest(files.get(MANIFEST_SUBJECT));
  if (expected === undefined) return judged;
  const actual = manifest.kind === "bytes" ? digestOf(manifest.bytes) : undefined;
  return isSameDigest(expected, actual) ? judged : differs(MANIFEST_SUBJECT, expected, actual);
}

/** A list that was read, and where. */
interface FoundList {
  readonly path: string;
  readonly table: OutputTable;
}

/**
 * Finds the list: below the root, or beside the evidence. Its digest is signed, so the place decides nothing, and another file of
 * that name is not in the way.
 */
function findList(
  expected: NonNullable<ReturnType<typeof parseDeclaredDigest>>,
  { evidence, root }: SubjectPlaces,
): Result<FoundList, SubjectFailure> {
  let failure: SubjectFailure = reject("outputs", "OUTPUT_MISSING", { path: SUMS_SUBJECT });
  for (const folder of [root, dirname(evidence)]) {
    const bytes = readBelow(folder);
    if (bytes === undefined) continue;
    const actual = bytes.ok ? digestOf(bytes.value) : undefined;
    if (bytes.ok && isSameDigest(expected, actual)) {
      const table = readDigestList(bytes.value);
      return table.ok ? ok({ path: join(folder, SUMS_SUBJECT), table: table.value }) : table;
    }
    failure = bytes.ok ? differs(SUMS_SUBJECT, expected, actual) : bytes;
  }
  return failure;
}

/** Reads the list in one folder; undefined where it is not there as a regular file. */
function readBelow(folder: string): Result<Uint8Array, SubjectFailure> | undefined {
  const opened = openRoot(folder);
  if (!opened.ok) return opened;
  using root = opened.value;
  try {
    const source = openSource(root, SUMS_SUBJECT, fs);
    if (source === undefined) return undefined;
    try {
      return readWhole(source);
    } finally {
      fs.closeSync(source.fd);
    }
  } catch (thrown) {
    const reason = reasonOf(thrown);
    publishCause(thrown);
    return operationFault("READ_FAILED", { path: SUMS_SUBJECT, reason });
  }
}

function readWhole(source: OpenSource): Result<Uint8Array, SubjectFailure> {
  if (source.before.size > BigInt(MAX_EVIDENCE_LIST_BYTES)) return tooLarge(MAX_EVIDENCE_LIST_BYTES, "bytes");
  const bytes = readUpTo(source.fd, Number(source.before.size), fs);
  return isUnchanged(source, bytes.length, fs)
    ? ok(bytes)
    : operationFault("CHANGED_WHILE_READ", { path: SUMS_SUBJECT });
}

function differs(
  path: string,
  expected: NonNullable<ReturnType<typeof parseDeclaredDigest>>,
  actual: ReturnType<typeof parseDeclaredDigest>,
): Rejection {
  const found = actual === undefined ? {} : { actual: declareDigest(actual) };
  return reject("outputs", "HASH_MISMATCH", { path, expected: declareDigest(expected), ...found });
}

function* rowsOf(
  table: OutputTable,
  without: ReadonlySet<string> = new Set(),
): Generator<readonly [string, string | undefined]> {
  for (let row = 0; row < table.size; row++) {
    const path = table.pathAt(row);
    const digest = table.digestAt(row);
    if (!without.has(path)) yield [path, digest && declareDigest(digest)];
  }
}

function* claimsOf({ claims }: JudgedBundle): Generator<readonly [string, string | undefined]> {
  for (const claim of claims) {
    const digest = claim.lawful ? claim.digest : undefined;
    yield [claim.path, digest && declareDigest(digest)];
  }
}

/** One table of several parts. The same path with two digests can't be true. */
function mergeRows(
  parts: readonly Iterable<readonly [string, string | undefined]>[],
): Result<OutputTable, EvidenceFault> {
  const table = new OutputTable();
  for (const part of parts) {
    for (const [path, declared = null] of part) {
      const before = table.size;
      table.set(path, declared);
      if (table.size === before && table.get(path) !== declared) return malformed("inconsistent", { path });
    }
  }
  return ok(table);
}
