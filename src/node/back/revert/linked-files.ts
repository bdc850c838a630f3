/**
 * Files with further hard links are not changed in place: a mode counts for all names of a file, also for those outside of the
 * folder. The path gets a file of its own instead.
 *
 * @module
 */

import {
  compareUtf8,
  ok,
  type PlannedMode,
  type PlannedMove,
  type PlannedPut,
  type RestoreFault,
  type Result,
  type RevertPlan,
} from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, OPEN_SOURCE } from "../../system/files/file-system.ts";
import { acceptRegularFile } from "../../system/files/read-source.ts";
import { hashOpenFile, makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { driveSteps } from "../../system/runtime/interruption.ts";
import { hasPermissions } from "../transaction/folder-access.ts";
import { changedFault } from "../transaction/judge-entry.ts";

/**
 * Replaces the change of a mode by a new file where the file has further hard links. Fails if such a file does not have the mode
 * that the plan says, or changes while it is read. Throws an Interruption when the signal fired, and what the system says.
 */
export async function giveOwnInodes(
  plan: RevertPlan,
  root: AnchoredRoot,
  signal: AbortSignal | undefined,
  fs: FileSystem,
): Promise<Result<RevertPlan, RestoreFault>> {
  const modes: PlannedMode[] = [];
  const moves: PlannedMove[] = [];
  const puts: PlannedPut[] = [];
  for (const mode of plan.modes) {
    const { from, kind, path, to } = mode;
    const address = root.addressOf(path);
    const found = kind === "file" ? fs.lstatSync(address, { throwIfNoEntry: false }) : undefined;
    if (found === undefined || !found.isFile() || found.nlink === 1) {
      modes.push(mode);
      continue;
    }
    if (!hasPermissions(found.mode, from))
      return changedFault("run", "EXECUTE", [{ path, change: "other-mode" }]);
    const source = acceptRegularFile(fs.openSync(address, OPEN_SOURCE), fs);
    if (source === undefined) return changedFault("run", "EXECUTE", [{ path, change: "other-type" }]);
    try {
      const finding = await driveSteps(hashOpenFile(source, makeReadBuffer(), fs), signal);
      if (finding.kind !== "file") return changedFault("run", "EXECUTE", [{ path, change: "other-bytes" }]);
      const { bytes, digest } = finding;
      moves.push({ path, expected: { kind: "file", digest, mode: from, bytes } });
      puts.push({ path, state: { kind: "file", digest, mode: to, bytes } });
    } finally {
      fs.closeSync(source.fd);
    }
  }
  if (moves.length === 0) return ok(plan);
  const inOrder = <Entry extends { readonly path: string }>(entries: readonly Entry[]): readonly Entry[] =>
    entries.toSorted((one, other) => compareUtf8(one.path, other.path));
  const isFile = ({ state }: PlannedPut): boolean => state.kind === "file";
  const files = inOrder([...plan.puts.filter(isFile), ...puts]);
  const links = plan.puts.filter((put) => !isFile(put));
  return ok({ ...plan, modes, moves: inOrder([...plan.moves, ...moves]), puts: [...files, ...links] });
}
