import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  type CarriedPack,
  type CarriedRunLayers,
  HEAD_BYTES,
  HEADER_BYTES,
  type HexDigest,
  isHexDigest,
  type OutputClaims,
  ok,
  TRAILER_BYTES,
} from "../../../../src/core/internal.ts";
import { fillIndex, indexBytes } from "../../../../src/core/records/packs/pack-index.ts";
import { OutputPlaces } from "../../../../src/node/move/carry/output-places.ts";
import type { Repository } from "../../../../src/node/move/registry/repository.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";

const CONTENT = createHash("sha256").update("x").digest();

function hexOf(bytes: Uint8Array): HexDigest {
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (!isHexDigest(digest)) throw new TypeError("a SHA-256 is 64 hex digits");
  return digest;
}

/** A pack of one record, which its index says to be at that offset. */
function packWith(name: string, offset: number): { readonly layer: CarriedPack; readonly index: Buffer } {
  const id = hexOf(Buffer.from(name));
  const index = Buffer.alloc(indexBytes(1));
  fillIndex(
    index,
    id,
    { count: 1, digests: CONTENT, offsets: Float64Array.of(offset), sizes: Uint32Array.of(1) },
    nodeCrypto,
  );
  const size = HEADER_BYTES + TRAILER_BYTES + HEAD_BYTES + 1;
  return {
    index,
    layer: { id, pack: { digest: id, size }, index: { digest: hexOf(index), size: index.length } },
  };
}

describe("the places of outputs", () => {
  it.each([
    ["first", 0, 30],
    ["last", 30, 0],
  ])(
    "are refused, each time, where an index leads beyond its pack, also if that of another pack arrives %s",
    async (_when, sound, beyond) => {
      const packs = [packWith("sound", HEADER_BYTES), packWith("beyond", 10_000_000)] as const;
      const repository = {
        shown: "layout",
        readRange: async (blob, _range, sink) => {
          const isSound = blob.digest === packs[0].layer.index.digest;
          await sleep(isSound ? sound : beyond);
          await sink(packs[isSound ? 0 : 1].index);
          return ok(undefined);
        },
      } as Pick<Repository, "shown" | "readRange"> as Repository;
      const claims = { columns: { digests: CONTENT, length: 1 } } as unknown as OutputClaims;
      const layers = { objects: [], packs: packs.map(({ layer }) => layer) } as unknown as CarriedRunLayers;
      const places = new OutputPlaces(claims, layers);
      for (let tries = 0; tries < 2; tries++)
        expect(await places.locate(repository, undefined)).toMatchObject({ code: "CARRIED_RUN_MALFORMED" });
    },
  );
});
