import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { judgeBundle } from "../../../../src/node/judge/verify/verify-bundle-files.ts";
import { canonical, sealBundle, sha256, writeBundle } from "../../../support/bundles/bundle.ts";
import { EMPTY_TREE } from "../../../support/bundles/output-trees.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

const OUTPUTS = { "out/a": "a\n", "out/b": "b\n", "out/c": "c\n" };

/** OUTPUT_HASHES.json with its paths backwards, as another sealer may write it. */
const BACKWARDS = `{"hashes":{${Object.entries(OUTPUTS)
  .map(([path, content]) => `${JSON.stringify(path)}:"sha256:${sha256(content)}"`)
  .reverse()
  .join(",")}},"validator_semver":"1.0.0"}`;

const TREE = { ...EMPTY_TREE, modes: { "755": ["out/a"] }, scope: ["out"] };

it("compares each file with its own mode, whatever the order of the document", async () => {
  const folder = makeFolder();
  try {
    const sealed = sealBundle({
      outputs: OUTPUTS,
      outputTree: canonical(TREE),
      bind: (right) => ({ ...right, output_hashes_sha256: sha256(BACKWARDS) }),
    });
    const { bundle, root } = writeBundle(folder, sealed);
    writeFileSync(join(bundle, "OUTPUT_HASHES.json"), BACKWARDS);
    chmodSync(join(root, "out/a"), 0o755);
    expect(await judgeBundle({ bundle, root })).toMatchObject({ ok: true });
    chmodSync(join(root, "out/a"), 0o644);
    chmodSync(join(root, "out/c"), 0o755);
    expect(await judgeBundle({ bundle, root })).toMatchObject({
      code: "TREE_ENTRY_DIFFERS",
      details: { path: "out/a", aspect: "mode", expected: "755", actual: "644" },
    });
    chmodSync(join(root, "out/a"), 0o755);
    expect(await judgeBundle({ bundle, root })).toMatchObject({
      details: { path: "out/c", aspect: "mode", expected: "644", actual: "755" },
    });
  } finally {
    removeTree(folder);
  }
});
