import { createHash } from "node:crypto";
import { openAsBlob, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { hashBlobs } from "../../web/hashing/hash-blobs.ts";
import { makeFolder, removeTree } from "../support/tree.ts";

const folders: string[] = [];

/** Files on the disk, as blobs that were not read yet. */
async function filesOf(
  contents: readonly string[],
): Promise<{ readonly paths: string[]; readonly blobs: Blob[] }> {
  const folder = makeFolder();
  folders.push(folder);
  const paths = contents.map((_content, index) => join(folder, String(index)));
  for (const [index, path] of paths.entries()) writeFileSync(path, contents[index] ?? "");
  return { paths, blobs: await Promise.all(paths.map(async (path) => await openAsBlob(path))) };
}

function digestOf(content: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(content).digest());
}

describe("hashing small files together", () => {
  afterEach(() => {
    for (const folder of folders.splice(0)) removeTree(folder);
  });

  it("gives the digest of each file, in the order in which they were given", async () => {
    const contents = ["a", "", "x".repeat(100_000), "b"];
    const { blobs } = await filesOf(contents);
    expect(await hashBlobs(blobs, () => undefined)).toEqual(contents.map(digestOf));
  });

  it("counts the bytes of all files", async () => {
    const { blobs } = await filesOf(["a", "bcd"]);
    let bytes = 0;
    await hashBlobs(blobs, (more) => {
      bytes += more;
    });
    expect(bytes).toBe(4);
  });

  it("says which file can't be read, and hashes the others", async () => {
    const { blobs, paths } = await filesOf(["a", "b", "c"]);
    rmSync(paths[1] ?? "");
    const [first, second, third] = await hashBlobs(blobs, () => undefined);
    expect([first, third]).toEqual([digestOf("a"), digestOf("c")]);
    expect(second).toBe("READ_FAILED");
  });

  it("says which file changed after it was listed, and hashes the others", async () => {
    const { blobs, paths } = await filesOf(["a", "b", "c"]);
    writeFileSync(paths[2] ?? "", "longer than before");
    const [first, second, third] = await hashBlobs(blobs, () => undefined);
    expect([first, second]).toEqual([digestOf("a"), digestOf("b")]);
    expect(third).toBe("READ_FAILED");
  });
});
