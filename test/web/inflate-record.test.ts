import { randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { inflateRecord } from "../../web/store/inflate-record.ts";

const CONTENT = Buffer.concat([randomBytes(1000), Buffer.alloc(100_000, "a")]);

function compressed(content: Buffer = CONTENT): Blob {
  return new Blob([new Uint8Array(deflateRawSync(content))]);
}

describe("a compressed record of a pack, on the page", () => {
  it("gives the bytes that were compressed", async () => {
    const blob = await inflateRecord(compressed(), CONTENT.length);
    expect(Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer(0)).equals(CONTENT)).toBe(true);
  });

  it.each([
    ["more bytes than it should have", compressed(), CONTENT.length - 1],
    ["fewer bytes than it should have", compressed(), CONTENT.length + 1],
    ["far more bytes than it should have", compressed(Buffer.alloc(50_000_000)), 1000],
  ])("gives nothing for %s", async (_what, content, raw) => {
    expect(await inflateRecord(content, raw)).toBeUndefined();
  });
});
