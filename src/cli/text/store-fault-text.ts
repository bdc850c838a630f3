/** Words for what is wrong with a project's store. @module */

import { quote } from "../../core/internal.ts";
import type { OperationCode, OperationDetails } from "../../node/index.ts";

/** The codes of the store that end a command. */
export type StoreFaultCode = Extract<OperationCode, "OBJECT_CORRUPTED" | `STORE_${string}`>;

/** Whether a code is one of these. */
export function isStoreFault(code: OperationCode): code is StoreFaultCode {
  return /^(?:OBJECT_CORRUPTED$|STORE_)/.test(code);
}

/** One sentence for what is wrong with the store. */
export function storeFaultMessage(code: StoreFaultCode, { path = "" }: OperationDetails): string {
  switch (code) {
    case "OBJECT_CORRUPTED":
      return `the stored object ${quote(path)} is not what its name says`;
    case "STORE_NOT_A_FOLDER":
      return `${quote(path)} is no folder of its own, or something in it is none; no link is followed there`;
    case "STORE_BUNDLE_UNREADABLE":
      return `what the bundle ${quote(path)} names is not certain; nothing was removed`;
  }
}
