/** Packing outputs that change after they were hashed. */

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packRuns } from "../../../../src/node/move/archive/pack-runs.ts";
import { sealBundle, writeBundle } from "../../../support/bundles/bundle.ts";

const BIG = "large".repeat(500_000);
const RUN = sealBundle({ runId: "one", outputs: { "a-first": BIG, "b-large": BIG, "c-small": "small\n" } });

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "changed-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Packs the run; `change` is called while its first output is handed out. */
async function pack(change: (root: string) => void): Promise<unknown> {
  const { bundle, root } = writeBundle(folder, RUN);
  let isChanged = false;
  return await packRuns({
    places: [{ bundle, root, home: root }],
    out: async () => {
      if (!isChanged) change(root);
      isChanged = true;
    },
  });
}

describe("an output that changes while it is packed", () => {
  it.each([
    ["a small one with other bytes", "c-small", (path: string) => writeFileSync(path, "SMALL\n")],
    ["a small one that is gone", "c-small", (path: string) => rmSync(path)],
    ["a large one with other bytes", "b-large", (path: string) => writeFileSync(path, BIG.toUpperCase())],
    ["a large one that was cut", "b-large", (path: string) => writeFileSync(path, BIG.slice(1))],
    ["a large one that grew", "b-large", (path: string) => appendFileSync(path, "more")],
  ])("is refused: %s", async (_, name, change) => {
    const packed = await pack((root) => change(join(root, name)));
    expect(packed).toMatchObject({ ok: false, code: "CHANGED_WHILE_READ", details: { path: name } });
  });

  it("is packed where nothing changes", async () => {
    expect(await pack(() => undefined)).toMatchObject({ ok: true });
  });
});
