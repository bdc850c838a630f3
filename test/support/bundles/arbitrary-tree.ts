/**
 * Trees for properties: few names, so that they meet, and names that others begin with.
 *
 * @module
 */

import { fc } from "../rings/properties.ts";

const NAMES = ["a", "b", "ab", "a.b", "\u00e9", "\uffee", "\u{10000}"];

/** A lawful relative path of up to four components. */
export const anyPath: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 })
  .map((names) => names.join("/"));

/** Path to content; no path is both a file and a folder of another. At least `minLength` files. */
export function anyFiles(minLength: number): fc.Arbitrary<Readonly<Record<string, string>>> {
  return fc
    .uniqueArray(fc.tuple(anyPath, fc.string({ maxLength: 8 })), {
      selector: ([path]) => path,
      minLength,
      maxLength: 12,
    })
    .map((entries) => entries.filter(([path]) => !entries.some(([other]) => path.startsWith(`${other}/`))))
    .map((entries) => Object.fromEntries(entries));
}
