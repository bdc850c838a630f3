/**
 * Which paths a caller selected by naming paths: these, and everything below them.
 *
 * @module
 */

import type { OutputClaims } from "../../records/artifacts/output-claims.ts";

/** A selected path without slashes at its end. A loop: `/\/+$/` needs quadratic time for many slashes before another character. */
export function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (path.charAt(end - 1) === "/") end--;
  return path.slice(0, end);
}

/** Whether a path or a folder above it is wanted. Adds each wanted path that is met to `found`. */
export function isSelected(path: string, wanted: ReadonlySet<string>, found: Set<string>): boolean {
  let selected = false;
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const above = path.slice(0, end);
    if (!wanted.has(above)) continue;
    found.add(above);
    selected = true;
  }
  return selected;
}

/** The rows of claims whose paths are lawful and selected, ascending. */
export function selectRows(claims: OutputClaims, only: readonly string[]): Uint32Array {
  const wanted = new Set(only.map(withoutTrailingSlashes));
  const found = new Set<string>();
  const rows: number[] = [];
  let row = 0;
  for (const { lawful, path } of claims) {
    if (lawful && isSelected(path, wanted, found)) rows.push(row);
    row++;
  }
  return Uint32Array.from(rows);
}
