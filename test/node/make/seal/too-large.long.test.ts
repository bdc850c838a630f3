import { describe, expect, it } from "vitest";
import { proveBundleFiles } from "../../../../src/node/make/prove/prove-bundle-files.ts";
import { runAndSeal } from "../../../../src/node/run/run-and-seal.ts";
import { sealBundle } from "../../../support/bundles/bundle.ts";
import { writeProvableBundle } from "../../../support/bundles/file-proof.ts";
import { saidOf, signStatement } from "../../../support/bundles/outputs-root.ts";
import { namesIn } from "../../../support/command/cli.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

const MIB = 1024 * 1024;

/** A path of almost 4096 bytes. */
function longPath(index: number): string {
  return [String(index), ...Array.from({ length: 15 }, () => "x".repeat(255)), "y".repeat(240)].join("/");
}

describe("an artifact that readers would refuse is not written", () => {
  it("a task of more than 64 MiB: the command is not run", async () => {
    const root = makeFolder();
    try {
      const ended = await runAndSeal({
        command: ["touch", "x".repeat(64 * MIB)],
        paths: [],
        scratch: [],
        inputs: [],
        recorded: [],
        cwd: root,
        root,
        runId: "one",
        keep: true,
        names: "portable",
        environment: {},
        openSigner: () => Promise.reject(new Error("nothing is asked for")),
        clock: () => 0,
        tapSignals: () => () => undefined,
      });
      expect(ended).toMatchObject({
        ok: false,
        fault: { code: "INPUT_MALFORMED", details: { reason: "task-too-large" } },
        facts: undefined,
      });
      expect(namesIn(root)).toEqual([]);
    } finally {
      removeTree(root);
    }
  });

  it("a proof of more than 64 MiB, and a smaller one of fewer files is", () => {
    const folder = makeFolder();
    try {
      // With their steps, 12,500 files are just above it.
      const paths = Array.from({ length: 12_500 }, (_, index) => longPath(index));
      const outputs = Object.fromEntries(paths.map((path) => [path, ""]));
      const bundle = sealBundle({ bind: true, outputs });
      // None of the files need be there.
      const address = writeProvableBundle(folder, { ...bundle, outputs: {} }, signStatement(saidOf(bundle)));
      const request = { ...address, cwd: folder };
      expect(proveBundleFiles({ ...request, paths })).toMatchObject({
        ok: false,
        code: "FILE_PROOF_TOO_LARGE",
        details: {},
      });
      expect(proveBundleFiles({ ...request, paths: paths.slice(0, 10) })).toMatchObject({ ok: true });
    } finally {
      removeTree(folder);
    }
  });
});
