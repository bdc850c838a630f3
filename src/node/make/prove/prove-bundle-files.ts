/**
 * Proving files of a bundle: that they were in the run, without the bundle and without the names of the others.
 *
 * @module
 */

import { isAbsolute, relative, resolve, sep } from "node:path";
import {
  type ArtifactReading,
  admitStatement,
  checkFileProof,
  encodeFileProof,
  type FileProof,
  type FileProofFacts,
  type FileProofFault,
  fileProofFault,
  foldersOf,
  type JudgedBundle,
  judgeHere,
  type Limits,
  MAX_FILE_PROOF_BYTES,
  makeFileProof,
  type OpenedBundle,
  OUTPUTS_ROOT_NAME,
  ok,
  type ProvableBundle,
  type Rejection,
  type Result,
  readTree,
  treeBinding,
  VERIFY,
  type VerifyContext,
} from "../../../core/internal.ts";
import type { CarriedRun } from "../../judge/source/bundle-source.ts";
import { checkExpected, type ExpectedBundle, underExpectedId } from "../../judge/verify/expected-bundle.ts";
import { openBundle, readArtifact, readOutputTree } from "../../records/bundle/open-bundle.ts";
import { tellOfLongManifest } from "../../records/bundle/verify-context.ts";
import { placeNewFile } from "../../system/files/placed-file.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { beginMany, type Progress } from "../../system/runtime/progress.ts";

/** What to prove. */
export interface ProveRequest extends ProveDemand {
  /** The run directory. Its outputs need not be at hand. */
  readonly bundle: string;
}

/** What to prove of a bundle, wherever it is. */
export interface ProveDemand extends ExpectedBundle {
  /** Paths of the bundle's outputs, or of such files on this disk: relative to `cwd`, and below the root. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** The project root as the caller named it. Nothing in it is looked at. */
  readonly root: string;
  readonly limits?: Limits;
  readonly progress?: Progress | undefined;
}

/** A proof, and the bundle that it speaks of. */
export interface ProvenFiles {
  readonly bundle: ProvableBundle;
  readonly proof: FileProof;
  /** The proof as canonical JSON. */
  readonly bytes: Uint8Array;
}

/** Why nothing is proven: the bundle is rejected, or can't be read, or there is nothing to prove it with. */
export type ProveFailure = Rejection | FileProofFault | OperationFault;

/**
 * Proves files. Fails as the phases of a verdict do that need no outputs, as `admitStatement` does, with
 * FILE_NOT_IN_BUNDLE {path, kind} or {names}, or with FILE_PROOF_TOO_LARGE if a reader would refuse the proof.
 */
export function proveBundleFiles(request: ProveRequest): Result<ProvenFiles, ProveFailure> {
  const { bundle, limits } = request;
  const opened = openBundle(bundle, limits);
  if (!opened.ok) return opened;
  const outputsRoot = (): FileReading => readArtifact(bundle, OUTPUTS_ROOT_NAME);
  return proveOpened({ opened: opened.value, outputsRoot, tree: () => readOutputTree(bundle) }, request);
}

/** The same of a run that was carried here. Its outputs are not read. */
export function proveCarriedFiles(
  { opened, outputsRoot = MISSING, tree = MISSING }: CarriedRun,
  demand: ProveDemand,
): Result<ProvenFiles, ProveFailure> {
  return proveOpened({ opened, outputsRoot: () => ok(outputsRoot), tree: () => ok(tree) }, demand);
}

type FileReading = Result<ArtifactReading, OperationFault>;

const MISSING: ArtifactReading = { kind: "missing" };

/** A bundle, and its files that are read when they are needed. */
interface ReadableBundle {
  readonly opened: OpenedBundle;
  readonly outputsRoot: () => FileReading;
  readonly tree: () => FileReading;
}

function proveOpened(readable: ReadableBundle, request: ProveDemand): Result<ProvenFiles, ProveFailure> {
  const { limits, progress } = request;
  const { opened } = readable;
  tellOfLongManifest(opened, progress);
  // A tree is the same on every system, whatever this one's files may be called.
  const context = { crypto: nodeCrypto, pathRules: { refuseColon: false } };
  const expected = underExpectedId(opened, request);
  const judged = judgeHere(expected, limits === undefined ? context : { ...context, limits }, VERIFY);
  if (!judged.ok) return judged;
  const other = checkExpected(judged.value, request);
  if (other !== undefined) return other;
  const reading = readable.outputsRoot();
  if (!reading.ok) return reading;
  beginMany(progress, "prove", judged.value.claims.length);
  const bundle = admitStatement(judged.value, reading.value, context);
  if (!bundle.ok) return bundle;
  const paths = findPaths(bundle.value, request);
  if (!paths.ok) return notAFile(paths.details, request, readable, judged.value, context) ?? paths;
  const { signer, statement, tree } = bundle.value;
  const proof = makeFileProof(statement, signer.publicKeyHex, tree, paths.value);
  const bytes = encodeFileProof(proof);
  if (bytes.length > MAX_FILE_PROOF_BYTES) return fileProofFault("FILE_PROOF_TOO_LARGE", {});
  const checked = checkFileProof(proof, nodeCrypto);
  if (!checked.ok) throw new Error(`a proof of our own is refused: ${checked.code}`);
  return ok({ bundle: bundle.value, proof, bytes });
}

/** Writes a proof, never over anything. Fails with WRITE_FAILED. */
export function writeProof(path: string, bytes: Uint8Array): Result<undefined, OperationFault> {
  const reason = placeNewFile(path, bytes);
  return reason === undefined ? ok(undefined) : operationFault("WRITE_FAILED", { path, reason });
}

/** The outputs that the caller means: a path of the bundle before one of this disk. */
function findPaths(
  { tree }: ProvableBundle,
  { cwd, paths, root }: ProveDemand,
): Result<readonly string[], FileProofFault<"FILE_NOT_IN_BUNDLE">> {
  const outputs = new Set(Array.from(tree.entries, ({ path }) => path));
  const found: string[] = [];
  const names: string[] = [];
  for (const name of paths) {
    const output = [name, pathBelow(resolve(cwd, root), resolve(cwd, name))].find(
      (path) => path !== undefined && outputs.has(path),
    );
    if (output === undefined) names.push(name);
    else found.push(output);
  }
  return names.length > 0 ? fileProofFault("FILE_NOT_IN_BUNDLE", { names }) : ok(found);
}

/**
 * Says it of the first name that is a link or a folder of the bundle's tree. The tree explains the failure and nothing else, so
 * that one that is not as signed counts as none: `verify` says what is wrong with it.
 */
function notAFile(
  details: FileProofFacts["FILE_NOT_IN_BUNDLE"],
  { cwd, root }: ProveDemand,
  readable: ReadableBundle,
  judged: JudgedBundle,
  context: VerifyContext,
): FileProofFault | undefined {
  const binding = treeBinding(judged);
  const reading = binding === undefined ? undefined : readable.tree();
  if (binding === undefined || reading?.ok !== true) return undefined;
  const tree = readTree(binding, reading.value, context);
  if (!tree.ok) return undefined;
  const folders = new Set(foldersOf(tree.value));
  for (const name of "names" in details ? details.names : []) {
    for (const path of [name, pathBelow(resolve(cwd, root), resolve(cwd, name))]) {
      if (path === undefined) continue;
      if (tree.value.links.paths.find(path) !== undefined)
        return fileProofFault("FILE_NOT_IN_BUNDLE", { reason: "kind", path, kind: "link" });
      if (folders.has(path))
        return fileProofFault("FILE_NOT_IN_BUNDLE", { reason: "kind", path, kind: "folder" });
    }
  }
  return undefined;
}

/** A path relative to the root as a bundle has it, by its spelling alone; `undefined` where it leads out. */
function pathBelow(root: string, path: string): string | undefined {
  const below = relative(root, path);
  return isAbsolute(below) || below.startsWith(`..${sep}`) ? undefined : below.split(sep).join("/");
}
