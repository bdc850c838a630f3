/** Numbers as a person reads them. @module */

import { countOf } from "../../src/core/internal.ts";

export { countOf, numberOf } from "../../src/core/internal.ts";

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** `512 bytes`, `1.5 KiB`. */
export function sizeOf(bytes: number): string {
  if (bytes < 1024) return countOf(bytes, "byte");
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  return `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`;
}
