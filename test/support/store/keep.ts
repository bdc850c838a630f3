/**
 * Outputs of a project put into its store, as a seal does.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digestToHex, type HexDigest, shownObject } from "../../../src/core/internal.ts";
import { keepOutputs } from "../../../src/node/records/store/keep-outputs.ts";
import { AnchoredRoot } from "../../../src/node/system/files/anchored-root.ts";

/** The digest of some bytes. */
export function digestOf(content: string | Uint8Array): HexDigest {
  return digestToHex(createHash("sha256").update(content).digest());
}

/** Where the store of a project keeps some bytes. */
export function objectOf(root: string, content: string | Uint8Array): string {
  return join(root, shownObject(digestOf(content)));
}

/** Keeps files as they stand now. */
export async function keepFiles(root: string, paths: readonly string[]): Promise<void> {
  const project = AnchoredRoot.open(root);
  try {
    const outputs = paths.map((path) => {
      const content = readFileSync(join(root, path));
      return { path, digest: digestOf(content), bytes: content.length };
    });
    const kept = await keepOutputs(project, outputs);
    if (!kept.ok) throw new Error(`not kept: ${kept.code}`);
  } finally {
    project.close();
  }
}
