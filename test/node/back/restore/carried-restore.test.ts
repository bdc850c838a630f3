import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type RestoreCarriedRequest,
  restoreCarried,
} from "../../../../src/node/back/restore/restore-bundle.ts";
import type { RestoreOutcome } from "../../../../src/node/back/restore/target/restore-outcome.ts";
import { trustingKeys } from "../../../../src/node/keys/trust/whom-to-trust.ts";
import { type FileSystem, nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import { SECOND_SEED, sealBundle, type TestBundle, testSigner } from "../../../support/bundles/bundle.ts";
import { OUTPUTS } from "../../../support/faults/restore-scene.ts";
import { systemError } from "../../../support/files/faulty-file-system.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { type Carried, CarriedRuns } from "../../../support/registry/carried-runs.ts";

const BUNDLE = sealBundle({ bind: true, outputs: OUTPUTS });

let target = "";
let home = "";
beforeEach(() => {
  target = makeFolder();
  home = makeFolder();
});
afterEach(() => {
  removeTree(target);
  removeTree(home);
});

/** Restores into the target. */
function restore(
  source: CarriedRuns,
  over: Partial<RestoreCarriedRequest> = {},
  fs: FileSystem = nodeFileSystem,
): Promise<RestoreOutcome> {
  const environment = { HOME: home };
  return restoreCarried({ source, target, environment, trust: "any-signer", ...over }, fs);
}

function carry(carried: Carried = {}, bundle: TestBundle = BUNDLE): CarriedRuns {
  return new CarriedRuns([bundle], carried);
}

/** A port on which the spool has no room. */
const fullDisk: FileSystem = {
  ...nodeFileSystem,
  writeSync: (() => {
    throw systemError("ENOSPC", "writeSync");
  }) as FileSystem["writeSync"],
};

describe("a restore of a carried run", () => {
  it("reads no output where the signer is not trusted", async () => {
    const source = carry();
    const keys = [testSigner(SECOND_SEED).publicKeyHex];
    expect(await restore(source, { trust: { policy: trustingKeys(keys) } })).toMatchObject({
      code: "RESTORE_VERIFY_STRICT_FAILED",
      details: { verifier_code: "SIGNER_UNKNOWN" },
    });
    expect(source.searches).toEqual([]);
  });

  it("reads no output where the binding does not hold", async () => {
    const source = carry({}, sealBundle({ bind: (right) => ({ ...right, files: 7 }) }));
    expect(await restore(source)).toMatchObject({ code: "RESTORE_VERIFY_STRICT_FAILED" });
    expect(source.searches).toEqual([]);
  });

  it("reads no output where the target is missing", async () => {
    const source = carry();
    expect(await restore(source, { target: join(target, "none") })).toMatchObject({
      code: "RESTORE_TARGET_NOT_EXIST",
    });
    expect(source.searches).toEqual([]);
  });

  it("leaves nothing where an output is another one", async () => {
    expect(await restore(carry({ sent: { "keep/d.txt": "other\n" } }))).toMatchObject({
      code: "RESTORE_VERIFY_STRICT_FAILED",
      details: { verifier_code: "HASH_MISMATCH", path: "keep/d.txt" },
    });
    expect(readdirSync(target)).toEqual([]);
  });

  it("leaves nothing where kept bytes change before they are staged", async () => {
    const source = carry({ meddle: (spool) => spool.write(Buffer.from("other\n"), 0) });
    expect(await restore(source)).toMatchObject({ code: "RESTORE_STAGING_HASH_MISMATCH" });
    expect(readdirSync(target)).toEqual([]);
  });

  it("says that there is no room for the bytes, and leaves nothing", async () => {
    expect(await restore(carry(), {}, fullDisk)).toMatchObject({
      code: "RESTORE_INTERNAL_ERROR",
      phase: "PREFLIGHT",
      details: { reason: "no-space" },
    });
    expect(readdirSync(target)).toEqual([]);
  });

  it("keeps what broke the carrier", async () => {
    const fault = { ok: false, code: "READ_FAILED", message: "", details: { path: "-" } } as const;
    expect(await restore(carry({ fault }))).toMatchObject({ ok: false, operation: fault });
    expect(readdirSync(target)).toEqual([]);
  });

  it("keeps no bytes for a plan that is only shown", async () => {
    const source = carry();
    expect(await restore(source, { dryRun: true })).toMatchObject({ ok: true, phase: "PLAN" });
    expect(source.asked[0]?.options.keeps).not.toBe(true);
    expect(readdirSync(target)).toEqual([]);
  });
});

describe("a restore of selected outputs", () => {
  const only = ["data/deep", "a.txt"];

  it("reads no other output of a carrier that can choose", async () => {
    const source = carry({ canChoose: true });
    expect(await restore(source, { only })).toMatchObject({
      ok: true,
      runs: [{ files: 3, isSelection: true }],
    });
    expect(source.searches).toEqual([["a.txt", "data/deep/c.txt", "data/deep/er/b.txt"]]);
    expect(readdirSync(target)).not.toContain("keep");
    expect(readFileSync(join(target, "data/deep/er/b.txt"), "utf8")).toBe("beta\n");
  });

  it("refuses one that is another file", async () => {
    const source = carry({ canChoose: true, sent: { "a.txt": "other\n" } });
    expect(await restore(source, { only })).toMatchObject({
      details: { verifier_code: "HASH_MISMATCH", path: "a.txt" },
    });
    expect(readdirSync(target)).toEqual([]);
  });

  it("does not find a path that no output has", async () => {
    const source = carry({ canChoose: true });
    expect(await restore(source, { only: ["nowhere"] })).toMatchObject({
      code: "RESTORE_SELECTION_NOT_FOUND",
    });
    expect(source.searches).toEqual([[]]);
  });

  it("reads all outputs of a carrier that can't choose", async () => {
    const source = carry();
    expect(await restore(source, { only })).toMatchObject({
      ok: true,
      runs: [{ files: 3, isSelection: false }],
    });
    expect(source.searches[0]).toHaveLength(5);
  });

  it("still needs the proof of the run", async () => {
    const proof = { restoration_result: { condition: "CHANGED", verified: false } };
    const source = carry({ canChoose: true }, sealBundle({ bind: true, outputs: OUTPUTS, proof }));
    expect(await restore(source, { only })).toMatchObject({ ok: false });
    expect(readdirSync(target)).toEqual([]);
  });
});
