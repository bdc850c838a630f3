/**
 * Joins small packs after a seal. The bundle is durable by then: if joining fails, the packs stay as they are.
 *
 * @module
 */

import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { listPackFiles } from "../../system/packs/pack-catalog.ts";
import { planJoins } from "../../system/packs/plan-joins.ts";
import { copyPacks, removePack } from "../../system/packs/rewrite-packs.ts";
import { Interruption } from "../../system/runtime/interruption.ts";
import type { ObjectMemory } from "./object-memory.ts";
import { checksumOf } from "./reliable-packs.ts";
import { usePacks } from "./stored-objects.ts";

/** Packs of one mode that a seal leaves as they are: joining after each seal would copy more than the seal wrote. */
export const SPARED_PACKS = 8;

/** How to join. */
export interface JoinOptions {
  readonly fs?: FileSystem;
  /** Gets the packs that are written. */
  readonly memory?: ObjectMemory | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Joins packs if there are many, as the lock holder. Each record is hashed; a pack with a wrong one stays as it is. Nothing is ever
 * reported: what can't be joined now is joined by the next seal or prune. A signal ends it, and what was begun is removed.
 */
export async function joinPacks(
  project: AnchoredRoot,
  { fs = nodeFileSystem, memory, signal }: JoinOptions = {},
): Promise<void> {
  try {
    await usePacks(project, "WRITE_FAILED", async (folder) => {
      for (const group of planJoins(listPackFiles(folder, fs), SPARED_PACKS)) {
        const copied = await copyPacks(folder, group, { fs, signal });
        if (!copied.ok) continue;
        const { replaced, written } = copied.value;
        if (written !== undefined)
          memory?.note(written.id, written.stats, { index: checksumOf(written.index), isWritten: true });
        for (const pack of replaced) removePack(folder, pack, fs);
      }
      memory?.save();
      return undefined;
    });
  } catch (thrown) {
    if (!(thrown instanceof Interruption)) throw thrown;
  }
}
