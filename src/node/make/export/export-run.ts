/**
 * Exporting a run: verifies it in whole, then writes evidence that other tools verify into a folder of its own (docs/evidence.md).
 *
 * @module
 */

import { basename, dirname, resolve } from "node:path";
import {
  type HexDigest,
  identityOf,
  ok,
  type Result,
  readRunEvidence,
  type SignerIdentity,
  type VerifiedBundle,
} from "../../../core/internal.ts";
import type { CarrierName } from "../../judge/source/bundle-source.ts";
import { reportOnBundle, type VerifyRequest } from "../../judge/verify/verify-bundle-files.ts";
import type { Signer } from "../../keys/signer.ts";
import { namedFolder, writeBundle } from "../../records/bundle/bundle-writer.ts";
import type { VerifyFailure } from "../../records/bundle/verify-context.ts";
import { throwIfInterrupted } from "../../system/runtime/interruption.ts";
import { digestOf, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault, withDetails } from "../../system/runtime/operation-fault.ts";
import { type RefusedSigner, refusedSigner } from "../countersign/countersign-bundle.ts";
import { type EvidenceFiles, type EvidenceRequest, listFiles, signedFiles } from "./evidence-files.ts";
import {
  checkFileNames,
  checkFormats,
  type ExportFormat,
  type ExportPredicate,
  isSigned,
} from "./evidence-formats.ts";
import { refuseExportPlace } from "./export-place.ts";

/** What to export, and where to. */
export interface ExportRequest extends VerifyRequest {
  /** At least one, each once. */
  readonly formats: readonly ExportFormat[];
  readonly predicate: ExportPredicate;
  /** The folder to make, which must not exist. Without one, formats that are not signed are made and not written. */
  readonly out?: string | undefined;
  /** Called once the bundle is accepted, if a format is signed: for a rejected one no passphrase is asked. */
  readonly openSigner: () => Promise<Result<Signer, OperationFault>>;
}

/** One file of an export. */
export interface ExportedFile {
  readonly name: string;
  readonly content: Uint8Array;
  readonly sha256: HexDigest;
}

/** Evidence of a run. */
export interface ExportedRun {
  readonly bundle: VerifiedBundle;
  /** Whether a command made the outputs. */
  readonly isRun: boolean;
  readonly predicate: ExportPredicate;
  /** Who signed the evidence; undefined where only the list was written. */
  readonly exporter: SignerIdentity | undefined;
  /** The folder that was made, as the caller named it; undefined without one. */
  readonly folder: string | undefined;
  readonly files: readonly ExportedFile[];
  /** Where the outputs were found as they were sealed. */
  readonly source: CarrierName | undefined;
}

/**
 * Exports a run as it was sealed: from the store where the folder differs, unless `from` says otherwise. Fails as verification does; with SIGNER_REFUSED if the caller refuses the bundle's signer; as `checkFormats`,
 * `checkFileNames` and `refuseExportPlace` do; as the signer does; or with WRITE_FAILED. Then no file was written. The folder appears in
 * one step, with all its files.
 */
export async function exportRun<Refusal>(
  request: ExportRequest & {
    /** Says why the signer of an accepted bundle is not trusted; `undefined`: it is. */
    readonly refuseSigner: (bundle: VerifiedBundle) => Refusal | undefined;
  },
): Promise<Result<ExportedRun, VerifyFailure | RefusedSigner<Refusal>>> {
  const { formats, predicate, signal } = request;
  const { from = "either" } = request;
  const { judged, source, verdict } = await reportOnBundle({ ...request, from, untilFailure: true });
  if (!verdict.ok) return verdict;
  if (judged === undefined) throw new TypeError("an accepted bundle was judged");
  const bundle = verdict.value;
  const refusal = request.refuseSigner(bundle);
  if (refusal !== undefined) return refusedSigner(refusal, bundle);
  const evidence = readRunEvidence(judged, bundle, nodeCrypto);
  const inexpressible = checkFormats(evidence, formats, predicate);
  if (inexpressible !== undefined) return inexpressible;
  const { out: folder } = request;
  if (folder === undefined && formats.some(isSigned))
    throw new TypeError("signed evidence goes into a folder");
  const refused =
    folder === undefined
      ? undefined
      : (checkFileNames(basename(resolve(folder)), bundle.runId, formats) ?? refuseExportPlace(folder));
  if (refused !== undefined) return refused;
  const made = await makeFiles({ evidence, predicate, signal }, request);
  if (!made.ok) return made;
  throwIfInterrupted(signal);
  const { exporter, files } = made.value;
  const fault = folder === undefined ? undefined : placeFiles(folder, files);
  if (fault !== undefined) return fault;
  const isRun = evidence.run !== undefined;
  return ok({ bundle, isRun, predicate, exporter, folder, files: describe(files), source });
}

interface MadeFiles {
  readonly exporter: SignerIdentity | undefined;
  readonly files: EvidenceFiles;
}

async function makeFiles(
  request: EvidenceRequest,
  { formats, openSigner, progress }: Pick<ExportRequest, "formats" | "openSigner" | "progress">,
): Promise<Result<MadeFiles, OperationFault>> {
  if (!formats.some(isSigned)) return ok({ exporter: undefined, files: listFiles(request.evidence) });
  // The signer may need the terminal.
  progress?.end();
  const opened = await openSigner();
  if (!opened.ok) return opened;
  using signer = opened.value;
  const files = await signedFiles(formats, request, signer);
  if (!files.ok) return files;
  return ok({ exporter: identityOf(signer.publicKey(), nodeCrypto), files: files.value });
}

/** Writes the files into a folder beside the wanted one, syncs them, and renames it. A folder that is there stays as it is. */
function placeFiles(folder: string, files: EvidenceFiles): OperationFault | undefined {
  const address = resolve(folder);
  const written = writeBundle(namedFolder(dirname(address)), basename(address), files);
  if (written.ok) return undefined;
  return written.fault.code === "RUN_EXISTS"
    ? operationFault("FILE_EXISTS", { reason: "export", path: folder })
    : withDetails(written.fault, { path: folder });
}

function describe(files: EvidenceFiles): readonly ExportedFile[] {
  return Array.from(files, ([name, content]) => ({ name, content, sha256: digestOf(content) }));
}
