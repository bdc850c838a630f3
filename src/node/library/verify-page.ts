/**
 * The page that verifies a run in a browser: one HTML file, which the build makes from `web/`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Reads the page from the package. Throws what the system says: an installation without it is broken. */
export function readVerifyPage(): Uint8Array {
  return readFileSync(fileURLToPath(new URL("../../page/verify.html", import.meta.url)));
}
