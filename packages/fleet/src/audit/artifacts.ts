/** The key of a verdict: a digest over all files of a bundle, those that came after it included. @module */

import { createHash } from "node:crypto";

/**
 * SHA-256 over a line for each file, in the order of the names: the SHA-256 of its bytes, two blanks and its name, as `sha256sum`
 * prints them. A bundle root alone is not a key, because it holds no signer.
 */
export function artifactsDigest(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const digests = Array.from(files, ([name, bytes]): [string, string] => [
    name,
    createHash("sha256").update(bytes).digest("hex"),
  ]);
  return digestOfDigests(new Map(digests));
}

/** The same from the digests of the files, in hex. */
export function digestOfDigests(digests: ReadonlyMap<string, string>): Uint8Array {
  const names = [...digests.keys()].sort((one, other) => (one < other ? -1 : 1));
  return createHash("sha256")
    .update(names.map((name) => `${digests.get(name)}  ${name}\n`).join(""))
    .digest();
}
