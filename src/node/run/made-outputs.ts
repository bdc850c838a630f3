/**
 * The outputs that a command made, of those that were asked for.
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
import type { Progress } from "../runtime/progress.ts";
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

/** What there is of the outputs that were asked for. */
export interface MadeOutputs extends LeftOut {
  readonly outputs: SealedOutputs;
  /** Asked for, but there is no file of that name, nor any below it; as the bundle names them. */
  readonly missing: readonly string[];
}

/** Which outputs were asked for. */
export interface OutputsSought extends Selection {
  readonly signal?: AbortSignal | undefined;
  /** Who is told how far it is. */
  readonly progress?: Progress | undefined;
}

/** Finds and hashes them. Fails as `selectOutputs` does, and with CHANGED_WHILE_READ. Throws an Interruption. */
export async function collectOutputs(
  root: AnchoredRoot,
  request: OutputsSought,
): Promise<Result<MadeOutputs, OperationFault>> {
  // A command may have put another folder into the place of one that is still held open.
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
 * Refuses what stands at or below the outputs before the command runs, and can't be sealed: an hour of work would be for
 * nothing. Fails as `selectOutputs` does. Throws an Interruption.
 */
export async function refuseExisting(
  root: AnchoredRoot,
  request: OutputsSought,
): Promise<OperationFault | undefined> {
  const found = await selectExisting(root, request);
  return found.ok ? undefined : found;
}

/** The outputs that were asked for and are there. */
async function selectExisting(
  root: AnchoredRoot,
  request: OutputsSought,
): Promise<Result<ExistingOutputs, OperationFault>> {
  const { progress, signal } = request;
  const starts = findStarts(request);
  if (!starts.ok) return starts;
  const asked = starts.value.map((components) => components.join("/"));
  // With everything below passed over, this looks at the starting points alone.
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
