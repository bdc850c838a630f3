/** Takes folders out and makes folders, and gives held files their modes, between what leaves and what comes. @module */

import { type RestoreFault, restoreFault } from "../../../core/internal.ts";
import { canAnchor } from "../../system/files/anchored-dir.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import { setHeldMode } from "./folder-access.ts";
import { OWNER_BITS } from "./journal/journal-kinds.ts";
import { components, nameOf } from "./journal/places.ts";
import { heldName } from "./journal/staging.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import { faultOf } from "./work/fault-of.ts";

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

/** Makes folders, those above first. One that gets a mode only lets its owner in until then. */
export function makeFolders({ folders, made, root }: OpenTransaction): RestoreFault | undefined {
  for (const [index, { mode, path: place }] of folders.entries()) {
    try {
      made[index]?.make(root.holder(place), nameOf(place), mode === undefined ? 0o777 : OWNER_BITS);
      if (mode === undefined) continue;
      // Another user exchanged it for a folder of this user, which must not be opened to others.
      if (root.folder(components(place)).names().length === 0) continue;
      made[index]?.disown();
      return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { path: place, reason: "already-there" });
    } catch (thrown) {
      return faultOf(thrown, "EXECUTE", "RESTORE_FINALIZE_FAILED", place);
    }
  }
  return undefined;
}
