/**
 * Reads the target of a link, without following the link.
 *
 * @module
 */

import { decodeUtf8 } from "../../../core/internal.ts";
import { errnoOf } from "../runtime/machine-reason.ts";
import type { FileSystem } from "./file-system.ts";

/** What was read of a link. */
export type TargetReading =
  /** The target is `undefined` if it is not UTF-8. */
  | { readonly kind: "link"; readonly target: string | undefined }
  /** No link has the name. */
  | { readonly kind: "changed" };

/** Reads the target of the link at an address. Throws what the system says otherwise. */
export function readTarget(address: string, fs: FileSystem): TargetReading {
  try {
    // As bytes: Node's text form replaces bytes that are not UTF-8.
    const bytes = fs.readlinkSync(address, { encoding: "buffer" });
    return { kind: "link", target: decodeUtf8(bytes) };
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "EINVAL" || errno === "ENOENT") return { kind: "changed" };
    throw thrown;
  }
}
