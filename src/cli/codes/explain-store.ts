/** The codes of a project's store explained: [what it means, what to do]. @module */

import type { StoreFaultCode } from "../text/store-fault-text.ts";

/** One entry for each code. */
export const STORE_EXPLANATIONS: Readonly<Record<StoreFaultCode, readonly [string, string]>> = {
  OBJECT_CORRUPTED: [
    "An object of the store does not hold the bytes that its name says, or is no regular file; it is never restored.",
    "Look at the disk, then remove the object; sealing the right file again keeps it anew. runseal fsck lists all such.",
  ],
  STORE_NOT_A_FOLDER: [
    "A link, or something else that is no folder, stands in the place of .runseal, .runseal/objects or a folder in it.",
    "Put a folder of its own there; to seal without keeping, say --no-keep.",
  ],
  STORE_BUNDLE_UNREADABLE: [
    "A bundle in .runseal/runs can't be read, or is not as it was signed: which objects it names is not certain.",
    "See runseal verify on that bundle; mend it or remove it, then collect again.",
  ],
};
