/** runseal's own version, from its package. @module */

import { createRequire } from "node:module";

const own: unknown = createRequire(import.meta.url)("../../../../package.json");

/** Such as `0.1.0`. */
export const RUNSEAL_VERSION: string = versionOf(own);

function versionOf(manifest: unknown): string {
  const isObject = typeof manifest === "object" && manifest !== null && "version" in manifest;
  if (isObject && typeof manifest.version === "string") return manifest.version;
  throw new TypeError("runseal's package.json names no version");
}
