/** Puts in place what was staged. @module */

import { itemAt, type RestoreFault } from "../../../core/internal.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { beginFiles } from "./begin-files.ts";
import { faultOf } from "./fault-of.ts";
import { nameOf } from "./journal/places.ts";
import { stagedName } from "./journal/staging.ts";
import type { OpenTransaction } from "./open-transaction.ts";

/** Fails where a name is taken. Throws an Interruption when the signal fired. */
export async function putAll({
  journal: { put },
  request: { progress, signal },
  root,
  staging,
}: OpenTransaction): Promise<RestoreFault | undefined> {
  if (put.length === 0) return undefined;
  const tally = beginFiles(progress, "place", { files: put.length });
  for (let index = 0; index < put.length; index++) {
    const place = itemAt(put, index);
    try {
      // link(2) creates a name or fails: it can't replace a file that appeared meanwhile (H-03).
      staging.dir.link(stagedName(index), root.holder(place), nameOf(place));
    } catch (thrown) {
      return faultOf(thrown, "EXECUTE", "RESTORE_FINALIZE_FAILED", place);
    }
    tally.countFile();
    tally.tell();
    await breathe(index, signal);
  }
  return undefined;
}
