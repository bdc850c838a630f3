/** Takes folders out and makes folders, and gives held files their modes, between what leaves and what comes. @module */

import type { RestoreFault } from "../../../core/internal.ts";
import { canAnchor } from "../../system/files/anchored-dir.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import { faultOf } from "./fault-of.ts";
import { setHeldMode } from "./folder-access.ts";
import { OWNER_BITS } from "./journal/journal-kinds.ts";
import { nameOf } from "./journal/places.ts";
import { heldName } from "./journal/staging.ts";
import type { OpenTransaction } from "./open-transaction.ts";

/** Takes folders out, deepest first. Fails at one that holds anything and has to go. */
export function takeFoldersOut(open: OpenTransaction): RestoreFault | undefined {
  const { journal, plan, root, stayed } = open;
  for (const [index, { place }] of journal.rmdir.entries()) {
    // Windows removes a folder that is open only once it is closed: one may be open because another was taken out of it.
    if (!canAnchor()) root.closeFolders();
    try {
      // rmdir(2) refuses a folder that is not empty, in that very instant.
      root.holder(place).rmdir(nameOf(place));
    } catch (thrown) {
      if (index < plan.gone.length || !IN_USE.includes(errnoOf(thrown) ?? ""))
        return faultOf(thrown, "EXECUTE", "RESTORE_FINALIZE_FAILED", place);
      stayed.add(place);
    }
  }
  // Some of the folders that are open are removed now.
  root.closeFolders();
  return undefined;
}

/** Answers of a folder that is in use by now, or gone. */
const IN_USE = ["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"];

/** Gives held files their modes. Throws what the system says. */
export function setFileModes(open: OpenTransaction): RestoreFault | undefined {
  const { fs, journal, staging } = open;
  for (const [index, { from, kind, place, to }] of journal.mode.entries()) {
    if (kind !== "file") continue;
    const mode = { known: [from], wanted: to };
    // [changed-modes] No folder keeps the mode of a file in it.
    const isSet = setHeldMode(staging, heldName(journal.aside.length + index), mode, fs);
    if (!isSet) return open.changed("EXECUTE", [{ path: place, change: "other-mode" }]);
  }
  return undefined;
}

/** Makes folders, those above first, with a mode that only lets the owner in. */
export function makeFolders({ journal, made, root }: OpenTransaction): RestoreFault | undefined {
  for (const [index, place] of journal.mkdir.entries()) {
    try {
      made[index]?.make(root.holder(place), nameOf(place), OWNER_BITS);
    } catch (thrown) {
      return faultOf(thrown, "EXECUTE", "RESTORE_FINALIZE_FAILED", place);
    }
  }
  return undefined;
}
