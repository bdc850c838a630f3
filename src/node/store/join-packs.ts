/**
 * Joins small packs after a seal. The bundle is durable by then: if joining fails, the packs stay as they are.
 *
 * @module
 */

import { DIGEST_AT } from "../../core/internal.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { DigestTable } from "../packs/digest-table.ts";
import type { PackFolder } from "../packs/pack-catalog.ts";
import { planJoins } from "../packs/plan-joins.ts";
import { isSoundRecord } from "../packs/record-content.ts";
import { copyPacks, type RecordJudge, removePacks, syncNewPacks } from "../packs/rewrite-packs.ts";
import { listPackFiles, type PackFile } from "../packs/survey-packs.ts";
import { Interruption } from "../runtime/interruption.ts";
import { machineReason } from "../runtime/machine-reason.ts";
import { enterOwn } from "./object-store.ts";
import { PACKS_COMPONENTS, packFolderOf } from "./stored-objects.ts";

/** Packs of one mode that a seal leaves as they are: joining after each seal would copy more than the seal wrote. */
export const SPARED_PACKS = 8;

/** How to join. */
export interface JoinOptions {
  readonly fs?: FileSystem;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Joins packs if there are many, as the lock holder. Each record is hashed; a pack with a wrong one stays as it is. Nothing is ever
 * reported: what can't be joined now is joined by the next seal or prune. A signal ends it, and what was begun is removed.
 */
export async function joinPacks(
  project: AnchoredRoot,
  { fs = nodeFileSystem, signal }: JoinOptions = {},
): Promise<void> {
  try {
    const dir = enterOwn(project, PACKS_COMPONENTS, fs);
    if (dir === undefined) return;
    try {
      const folder = packFolderOf(project, dir);
      const groups = planJoins(listPackFiles(folder, fs), SPARED_PACKS);
      for (const group of groups) await join(folder, group, fs, signal);
    } finally {
      dir.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof Interruption) && machineReason(thrown) === undefined) throw thrown;
  }
}

async function join(
  folder: PackFolder,
  packs: readonly PackFile[],
  fs: FileSystem,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let group = packs; group.length > 1; ) {
    const copied = await copyPacks(folder, group, judgeOnce(), { fs, signal });
    if (!copied.ok) return;
    const outcome = copied.value;
    if (outcome.kind === "bad") {
      group = group.filter((pack) => pack !== outcome.pack);
      continue;
    }
    if (outcome.kind === "all-needed") return;
    syncNewPacks(folder, fs);
    removePacks(folder, group, fs);
    return;
  }
}

/** Keeps each object once. */
function judgeOnce(): RecordJudge {
  const copied = new DigestTable();
  return (record) => {
    const { bytes } = record;
    if (copied.find(bytes, DIGEST_AT) >= 0) return "drop";
    if (!isSoundRecord(bytes)) return "bad";
    copied.add(bytes, DIGEST_AT);
    return "copy";
  };
}
