/**
 * The end of every seal, of existing files or of a run: sign, verify the new bundle with the core, put it in its
 * place.
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import { namedFolder, writeBundle } from "../../records/bundle/bundle-writer.ts";
import { beginMany } from "../../system/runtime/progress.ts";
import { sealIntoProject } from "./seal-into-project.ts";
import type { CompletedSeal, CompleteSealRequest, SealFault } from "./seal-request.ts";
import { describeSeal, signBundle } from "./sign-bundle.ts";
import { whileHeld } from "./while-held.ts";

/**
 * Signs the outputs and puts the bundle in its place; in a project, after waiting for the lock holder. On a failure nothing
 * is left. Throws an Interruption once the signal has fired, an InterruptedSeal if the project was held.
 *
 * Fails as signers do, with RUN_EXISTS or WRITE_FAILED; and in a project as `holdProject`, `findPreviousRun` and
 * `OutputPacking.keep` do.
 */
export async function completeSeal(request: CompleteSealRequest): Promise<Result<CompletedSeal, SealFault>> {
  const { place } = request;
  switch (place.kind) {
    case "folder":
      return await sealBeside(place.path, request);
    case "project":
      return await whileHeld(request, (held) => sealIntoProject(held, request, undefined));
    case "held": {
      const sealed = await sealIntoProject(place.held, request, place.packing);
      return sealed.ok ? ok({ ...sealed.value, unreleased: undefined }) : sealed;
    }
  }
}

async function sealBeside(
  folder: string,
  request: CompleteSealRequest,
): Promise<Result<CompletedSeal, SealFault>> {
  const signed = await signBundle(request, undefined);
  if (!signed.ok) return signed;
  beginMany(request.progress, "write", request.outputs.length);
  const written = writeBundle(namedFolder(folder), request.runId, signed.value.files);
  if (!written.ok) return written.fault;
  return ok({
    ...describeSeal(folder, request, signed.value),
    previousBundleRoot: undefined,
    failedRuns: [],
    kept: undefined,
    keptBytes: undefined,
    unkept: undefined,
    replaced: undefined,
    memory: undefined,
    recovered: [],
    unreleased: undefined,
  });
}
