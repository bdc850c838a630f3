/**
 * Keeps large outputs of a seal in the project's store, each in a file of its own, before the bundle that names them appears
 * (PROTOCOL 18). Smaller ones go into packs (`pack-outputs.ts`).
 *
 * The caller holds the project's lock: no other process adds or removes objects meanwhile. A kill leaves a folder of
 * unfinished objects, or objects that no bundle names; `prune` removes both.
 *
 * @module
 */

import { type Listing, ok, type Result } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { type HashedOutput, Keeping, type KeepOptions } from "./keeping.ts";
import { storeFault } from "./object-store.ts";

/** The objects that were kept for one seal. */
export interface KeptOutputs {
  /** Objects that were added; the others existed already. */
  readonly added: number;
  /** Bytes of the objects that were added. */
  readonly bytes: number;
  /** Objects whose wrong bytes were replaced. */
  readonly replaced: number;
  /**
   * Removes exactly the objects that were added, for a seal that failed; the project root must still be open. An object
   * that can't be removed does no harm: no bundle names it.
   */
  readonly undo: () => void;
}

/**
 * Keeps each output once, durable when this returns. The kept bytes are the hashed ones: an output that differs from its
 * digest by now is CHANGED_WHILE_READ. An object with wrong bytes is replaced. Fails also with READ_FAILED, WRITE_FAILED,
 * STORE_UNUSABLE, or STORE_DAMAGED if an object's place is taken by anything but a regular file. On a failure, and
 * when an Interruption is thrown, nothing is left.
 */
export async function keepOutputs(
  project: AnchoredRoot,
  outputs: Listing<HashedOutput>,
  options: KeepOptions = {},
): Promise<Result<KeptOutputs, OperationFault>> {
  const keeping = new Keeping(project, options);
  let isKept = false;
  try {
    const fault = await keeping.keep(outputs);
    if (fault !== undefined) return fault;
    isKept = true;
    return ok({ ...keeping.added(), undo: () => keeping.undo() });
  } catch (thrown) {
    return storeFault(reasonOf(thrown), "WRITE_FAILED");
  } finally {
    if (!isKept) keeping.undo();
  }
}
