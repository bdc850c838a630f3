import { describe, expect, it } from "vitest";
import * as library from "../../../src/node/index.ts";
import { makeSealedProject } from "../../support/command/cli.ts";

const trust = "any-signer";

/** What a program without types may give. */
function untyped<Request>(request: object): Request {
  const given: unknown = request;
  return given as Request;
}

/** Requests that no call can mean, and the argument that is to blame. */
const REFUSED: readonly (readonly [what: string, argument: string, call: () => Promise<unknown>])[] = [
  [
    "a chain root of one run",
    "expectedChainRoot",
    () => library.restore({ bundle: "one", to: "new", trust, expectedChainRoot: "ab".repeat(32) }),
  ],
  [
    "a part of a restore that no run names",
    "only",
    () => library.undoRestore({ folder: "out", only: ["a"] }),
  ],
  ["a run and a snapshot at once", "run", () => library.undo({ run: "a", snapshot: "b.before" })],
  [
    "a path in the place of a tag",
    "tags",
    () =>
      library.push({
        bundles: ["one"],
        to: "127.0.0.1:1/a/b",
        tags: ["../../../x/manifests/y"],
        plainHttp: true,
      }),
  ],
  [
    "one tag for several runs",
    "tags",
    () => library.push({ bundles: ["one", "one"], to: "127.0.0.1:1/a/b:v1", plainHttp: true }),
  ],
  [
    "a digest to push to",
    "to",
    () =>
      library.push({ bundles: ["one"], to: `127.0.0.1:1/a/b@sha256:${"ab".repeat(32)}`, plainHttp: true }),
  ],
  ["a dry run of a seal", "dryRun", () => library.seal(untyped({ paths: ["out"], dryRun: true }))],
  [
    "one run's hash for a history",
    "expectedBundleRoot",
    () => library.verifyHistory(untyped({ trust, expectedBundleRoot: "ab".repeat(32) })),
  ],
  ["no command", "command", () => library.run(untyped({ command: [], paths: ["out"] }))],
  [
    "a passphrase that would be published",
    "recorded",
    () => library.run({ command: ["true"], paths: ["out"], recorded: ["RUNSEAL_PASSPHRASE"] }),
  ],
  [
    "a demand with a typing error",
    "trust",
    () =>
      library.verify(untyped({ bundle: "one", trust: { keys: ["ab".repeat(32)], requireTimestamps: true } })),
  ],
  [
    "a signer without a name",
    "signer",
    () => library.seal(untyped({ paths: ["out"], signer: { path: "x" } })),
  ],
];

describe("the library refuses, before any work,", () => {
  it.each(REFUSED)("%s, and names %s", async (_what, argument, call) => {
    using project = await makeSealedProject();
    const before = process.cwd();
    process.chdir(project.root);
    try {
      await expect(call()).rejects.toMatchObject({ name: "ArgumentError", argument });
    } finally {
      process.chdir(before);
    }
  });
});
