import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SecretKeySigner } from "../../../../src/node/keys/secret-key-signer.ts";
import { type SealRequest, sealOutputs } from "../../../../src/node/make/seal/seal-outputs.ts";
import { secretOf } from "../../../support/bundles/keys.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

it("a seal takes no member from its caller that its request does not have", async () => {
  const root = makeFolder();
  mkdirSync(join(root, ".runseal", "unlisted"), { recursive: true });
  writeFileSync(join(root, "f"), "f");
  writeFileSync(join(root, "victim"), "");
  using seed = secretOf(new Uint8Array(32).fill(7));
  using signer = new SecretKeySigner(seed);
  const request: SealRequest = {
    cwd: root,
    root,
    paths: ["f"],
    names: "portable",
    runId: "one",
    signer,
    now: 1_700_000_000,
  };
  // The name of a run's record, as a caller without types could give it: a seal removes the record of its run.
  const sealed = await sealOutputs(Object.assign(request, { record: "../../victim" }));
  expect(sealed).toMatchObject({ ok: true, value: { runId: "one" } });
  expect(existsSync(join(root, "victim"))).toBe(true);
  removeTree(root);
});
