/**
 * The requested outputs that a command made.
 *
 * @module
 */

import { ok, type Result } from "../../core/internal.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { walkTree } from "../files/walk-tree.ts";
import { beginHashing } from "../hashing/hash-files.ts";
import { watchFiles } from "../hashing/watch-files.ts";
import { runSteps } from "../runtime/interruption.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { WorkOptions } from "../runtime/progress.ts";
import type { SealedOutputs } from "../seal/bundle-artifacts.ts";
import { readFindings } from "../seal/read-findings.ts";
import {
  findStarts,
  type LeftOut,
  NOTHING_LEFT_OUT,
  type SelectedOutputs,
  type Selection,
  selectOutputs,
} from "../seal/select-outputs.ts";

/** The requested outputs that exist. */
export interface MadeOutputs extends LeftOut {
  readonly outputs: SealedOutputs;
  /** Requested paths without any file at or below them; as the bundle names them. */
  readonly missing: readonly string[];
}

/** Which outputs to look for. */
export type OutputsSought = Selection & WorkOptions;

/** Finds and hashes them. Fails as `selectOutputs` does, and with CHANGED_WHILE_READ. Throws an Interruption. */
export async function collectOutputs(
  root: AnchoredRoot,
  request: OutputsSought,
): Promise<Result<MadeOutputs, OperationFault>> {
  // A command may have exchanged a folder that is still open.
  root.closeFolders();
  const { progress, signal } = request;
  const found = await selectExisting(root, request);
  if (!found.ok) return found;
  const { asked, selected } = found.value;
  const { paths: files, ignored, leftOut } = selected;
  const watch = watchFiles(progress, "hash", root, files);
  const hashing = beginHashing(root, files, { signal, watch });
  const outputs = readFindings(hashing.files, await hashing.finish());
  if (!outputs.ok) return outputs;
  const missing = asked.filter((start) => !files.some((file) => isAtOrBelow(file, start)));
  return ok({
    outputs: outputs.value,
    missing: [...new Set(missing)].map((path) => path || "."),
    ignored,
    leftOut,
  });
}

/**
 * Refuses files at or below the outputs that can't be sealed, before the command runs: an hour of work would be in vain. Fails as `selectOutputs` does. Throws an Interruption.
 */
export async function refuseExisting(
  root: AnchoredRoot,
  request: OutputsSought,
): Promise<OperationFault | undefined> {
  const found = await selectExisting(root, request);
  return found.ok ? undefined : found;
}

/** Selects the requested outputs that exist. */
async function selectExisting(
  root: AnchoredRoot,
  request: OutputsSought,
): Promise<Result<ExistingOutputs, OperationFault>> {
  const { progress, signal } = request;
  const starts = findStarts(request);
  if (!starts.ok) return starts;
  const asked = starts.value.map((components) => components.join("/"));
  // With everything below skipped, this checks the starting points only.
  const absent = new Set(runSteps(walkTree(root, starts.value, () => true)).missing);
  const paths = request.paths.filter((_path, index) => !absent.has(asked[index] ?? ""));
  const selected = await selectOutputs(root, { ...request, paths }, { progress, signal });
  if (selected.ok) return ok({ asked, selected: selected.value });
  return selected.code === "NOTHING_TO_SEAL"
    ? ok({ asked, selected: { paths: [], ...NOTHING_LEFT_OUT } })
    : selected;
}

interface ExistingOutputs {
  /** Relative to the root, in the caller's order. */
  readonly asked: readonly string[];
  readonly selected: SelectedOutputs;
}

function isAtOrBelow(file: string, start: string): boolean {
  return start === "" || file === start || file.startsWith(`${start}/`);
}
