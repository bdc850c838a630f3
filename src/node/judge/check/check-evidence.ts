/**
 * Reading what `check` judges, and checking evidence that another tool made: its signature, and then every file that it is about.
 *
 * @module
 */

import { realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import {
  type Evidence,
  type EvidenceFault,
  evidenceFault,
  type FileProofFault,
  FindingTable,
  isDetached,
  type JudgedEvidence,
  judgeEvidence,
  MAX_EVIDENCE_BYTES,
  MAX_EVIDENCE_KEYS,
  MAX_EVIDENCE_LIST_BYTES,
  OutputClaims,
  type OutputFailure,
  ok,
  outputFailures,
  parsePassedOver,
  type ReadProof,
  type Rejection,
  type Result,
  readEvidence,
  tooLarge,
  type Undecided,
} from "../../../core/internal.ts";
import { verifyContext } from "../../records/bundle/verify-context.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { readNamedFile } from "../../system/files/open-named-file.ts";
import { isUnchanged, readUpTo } from "../../system/files/read-source.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { searchRoot } from "../verify/find-outputs.ts";
import { watchOutputs } from "../verify/watch-outputs.ts";
import { type Extra, findExtraFiles } from "./extra-files.ts";
import { type ResolvedSubjects, resolveSubjects, type SubjectPlaces } from "./named-subjects.ts";
import { evidenceCrypto } from "./node-evidence-crypto.ts";
import type { ReliableKeys } from "./signer-keys.ts";

/** What to check. */
export interface CheckRequest extends SubjectPlaces, WorkOptions {
  /** What the file of the evidence holds. */
  readonly read: Evidence;
  /** The keys that a signature which names none is tried with. */
  readonly keys: ReliableKeys["keys"];
  /** Whether files that the evidence says nothing of are a rejection. */
  readonly exact: boolean;
  /** Patterns of what `exact` passes over. */
  readonly ignore: readonly string[];
  /** Whether the caller needs only the first difference. */
  readonly untilFailure: boolean;
  readonly jobs?: number | undefined;
}

/** Why evidence is not accepted. */
export type CheckFailure = EvidenceFault | Rejection | Undecided | OperationFault;

/** A file that is not as the evidence says, or can't be read. */
export type CheckDifference = OutputFailure | EvidenceFault<"EVIDENCE_EXTRA">;

/** Where a check ended, in the words of `verify`. */
export type CheckPhase = "parse" | "signature" | "outputs";

/** Evidence whose signature holds, and whose files are all there as it says. Whom to believe is not decided. */
export interface CheckedEvidence {
  readonly key: JudgedEvidence["key"];
  readonly files: number;
  readonly bytes: number;
}

/** What a caller may learn besides the verdict. */
export interface CheckReport {
  readonly verdict: Result<CheckedEvidence, CheckFailure>;
  /** Where it ended; undefined where there was no verdict, and where it is accepted. */
  readonly phase: CheckPhase | undefined;
  /** Undefined where no format was recognised. */
  readonly form: Evidence["form"] | undefined;
  /** Undefined until the signature held. */
  readonly judged: JudgedEvidence | undefined;
  readonly subjects: ResolvedSubjects | undefined;
  /** Every file that differs, in the order of the evidence, then every extra; the first alone with `untilFailure`. */
  readonly failures: readonly CheckDifference[];
}

/** Reads a file that is a proof of files or evidence: its bytes decide. `namespace` is that of `readEvidence`. */
export async function readGiven(
  path: string,
  namespace: string,
): Promise<Result<Evidence | ReadProof, EvidenceFault | FileProofFault | OperationFault>> {
  const read = await readWhole(path, MAX_EVIDENCE_BYTES);
  return read.ok ? readEvidence(read.value, namespace) : read;
}

/** The report of evidence that could not be read. */
export function unreadReport(fault: EvidenceFault | OperationFault): CheckReport {
  return ended(fault, "parse");
}

/** Checks evidence. Throws an Interruption, and on bugs and dying workers. */
export async function checkEvidence(request: CheckRequest): Promise<CheckReport> {
  const { read } = request;
  const { form } = read;
  const listPath = isDetached(read) ? listOf(request.evidence) : undefined;
  const list = await readList(read, listPath);
  if (!list.ok) return { ...ended(list, "parse"), form };
  const { keys } = request;
  if (form !== "sshsig" && keys.length === 0)
    return { ...ended(evidenceFault("EVIDENCE_KEY_NEEDED", { reason: "none" }), undefined), form };
  if (form !== "sshsig" && keys.length > MAX_EVIDENCE_KEYS)
    return { ...ended(evidenceFault("EVIDENCE_KEY_NEEDED", { reason: "too-many" }), undefined), form };
  const judged = judgeEvidence(read, list.value, keys, evidenceCrypto);
  if (!judged.ok) return { ...ended(judged, isOfSignature(judged) ? "signature" : "parse"), form };
  const known = { form, judged: judged.value };
  const subjects = resolveSubjects(judged.value, request);
  if (!subjects.ok) return { ...ended(subjects, "outputs"), ...known };
  const seen = await scanFiles(judged.value, subjects.value, listPath, request);
  return { ...seen, ...known, subjects: subjects.value };
}

/** What is reported where no file was looked at. */
function ended(verdict: CheckFailure, phase: CheckPhase | undefined): CheckReport {
  const isNoVerdict =
    verdict.code === "EVIDENCE_UNSUPPORTED" || ("message" in verdict && !("phase" in verdict));
  return {
    verdict,
    phase: isNoVerdict ? undefined : phase,
    form: undefined,
    judged: undefined,
    subjects: undefined,
    failures: [],
  };
}

function isOfSignature({ code, details }: EvidenceFault): boolean {
  return code === "EVIDENCE_SIGNATURE_INVALID" || (code === "EVIDENCE_MALFORMED" && details.reason === "key");
}

/** Hashes the files, and looks for extras. */
async function scanFiles(
  { ignored, key }: JudgedEvidence,
  { files, list }: ResolvedSubjects,
  signedList: string | undefined,
  request: CheckRequest,
): Promise<Pick<CheckReport, "verdict" | "phase" | "failures">> {
  const { jobs, progress, root, signal, untilFailure } = request;
  const { crypto, pathRules } = verifyContext();
  const claims = new OutputClaims(files, pathRules);
  const bundle = { claims, declaredBytes: undefined };
  const watch = watchOutputs(progress, [undefined]);
  const [found] = await searchRoot([bundle], { jobs, root, signal, untilFailure, watch }).finish();
  if (found === undefined) throw new TypeError("a search gives something of each bundle");
  if (!found.ok) return { verdict: found, phase: undefined, failures: [] };
  const failures: CheckDifference[] = [];
  for (const failure of outputFailures(claims, found.value.findings, crypto)) {
    failures.push(failure);
    if (untilFailure) break;
  }
  if (request.exact && (failures.length === 0 || !untilFailure)) {
    const passedOver = parsePassedOver([], request.ignore);
    if (!passedOver.ok) throw new TypeError("the caller's patterns are checked before");
    const own = new Set([request.evidence, signedList, list].flatMap((path) => pathBelow(root, path)));
    const isPassedOver = passedOver.value;
    const extras = await findExtraFiles({ root, files, own, ignored, isPassedOver, signal });
    if (!extras.ok) return { verdict: extras, phase: undefined, failures };
    failures.push(...(untilFailure ? extras.value.slice(0, 1) : extras.value).map(extraFault));
  }
  const [first] = failures;
  if (first !== undefined) return { verdict: first, phase: "outputs", failures };
  const { bytes } = FindingTable.of(found.value.findings);
  return { verdict: ok({ key, files: claims.length, bytes }), phase: undefined, failures };
}

function extraFault({ kind, path }: Extra): EvidenceFault<"EVIDENCE_EXTRA"> {
  return evidenceFault("EVIDENCE_EXTRA", { path, kind });
}

/** A file as a path below the root, whatever links lead to both; none for a file that is elsewhere, or missing. */
function pathBelow(root: string, path: string | undefined): readonly string[] {
  if (path === undefined) return [];
  const below = unlessRefused(() => {
    const folder = realpathSync.native(dirname(path));
    return relative(realpathSync.native(root), join(folder, basename(path)));
  });
  const isOutside = !below || below === ".." || below.startsWith(`..${sep}`);
  return isOutside ? [] : [below.split(sep).join("/")];
}

/** The list of a detached signature: the file of that name without its ending. */
function listOf(evidence: string): string | undefined {
  const name = basename(evidence).replace(/\.(?:sig|minisig)$/, "");
  return name === basename(evidence) || name === "" ? undefined : join(dirname(evidence), name);
}

async function readList(
  evidence: Evidence,
  path: string | undefined,
): Promise<Result<Uint8Array | undefined, EvidenceFault | OperationFault>> {
  if (!isDetached(evidence)) return ok(undefined);
  if (path === undefined) return evidenceFault("EVIDENCE_INCOMPLETE", { reason: "list" });
  const list = await readWhole(path, MAX_EVIDENCE_LIST_BYTES);
  return list.ok || list.code !== "PATH_NOT_FOUND"
    ? list
    : evidenceFault("EVIDENCE_INCOMPLETE", { reason: "list", path });
}

/** Reads a file that the caller named. Fails with EVIDENCE_MALFORMED too. */
async function readWhole(
  path: string,
  limit: number,
): Promise<Result<Uint8Array, EvidenceFault | OperationFault>> {
  let isTooLarge = false;
  const read = await readNamedFile(path, (source) => {
    isTooLarge = source.before.size > BigInt(limit);
    if (isTooLarge) return ok(new Uint8Array());
    const bytes = readUpTo(source.fd, Number(source.before.size), fs);
    return isUnchanged(source, bytes.length, fs) ? ok(bytes) : operationFault("CHANGED_WHILE_READ", { path });
  });
  return isTooLarge ? tooLarge(limit, "bytes") : read;
}
