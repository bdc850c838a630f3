/** Which outputs a sealed tree does not let all users read: what carries them must not either. @module */

import { DIGEST_BYTES, type OutputClaims, type SealedTree } from "../../../core/internal.ts";
import { DigestTable } from "./digest-table.ts";
import { PACK_MODES } from "./pack-board.ts";

/** Whether bytes of one of these digests, 32 raw bytes each, are closed to some users at any of their paths. */
export type IsClosed = (digests: Uint8Array) => boolean;

/** Decides by a tree. Only a snapshot's tree closes files. */
export function closedOutputs({ columns }: OutputClaims, tree: SealedTree | undefined): IsClosed {
  const closed = new DigestTable();
  for (const { mode, paths } of tree?.modes ?? []) {
    if ((Number.parseInt(mode, 8) & PACK_MODES[0]) === PACK_MODES[0]) continue;
    for (const path of paths) {
      const file = tree?.files.find(path) ?? -1;
      closed.add(columns.digests, (tree?.rows?.[file] ?? file) * DIGEST_BYTES);
    }
  }
  return (digests) => {
    for (let place = 0; place < digests.length; place += DIGEST_BYTES)
      if (closed.find(digests, place) >= 0) return true;
    return false;
  };
}
