import { readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ChainScene } from "../../../support/bundles/chain-scene.ts";
import { changesOf, UNCHANGED, writeAt } from "../../../support/faults/restore-scene.ts";
import { meddlingFileSystem, puts } from "../../../support/files/faulty-file-system.ts";

describe("a restored chain (PROTOCOL 13.8)", () => {
  it.each(["existing", "new"])(
    "names its runs in a chain manifest while it runs, in an %s root",
    async (kind) => {
      using scene = new ChainScene();
      const target = kind === "new" ? scene.newTarget() : scene.existingTarget();
      const seen: string[] = [];
      const fs = meddlingFileSystem(puts("e.txt"), () => {
        const root = kind === "new" ? treeBeside(target) : target;
        const names = readdirSync(root).filter((name) => name.startsWith(".spectrum06_chain_"));
        for (const name of names) seen.push(name, readFileSync(join(root, name), "utf8"));
      });
      expect(await scene.restoreChain(target, fs, { mkdir: kind === "new" })).toMatchObject({ ok: true });
      const uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
      expect(seen).toEqual([
        expect.stringMatching(new RegExp(`^\\.spectrum06_chain_${uuid}\\.json$`)),
        '{"run_ids":["run-001","run-002","run-003"]}',
      ]);
      expect(readdirSync(target).filter((name) => name.startsWith("."))).toEqual([]);
    },
  );
});

/** The tree of a root that is being made. */
function treeBeside(target: string): string {
  const [made = "none"] = readdirSync(dirname(target)).filter((name) => name.startsWith(".spectrum06_new_"));
  return join(dirname(target), made, "root");
}

describe("a chain is restored whole or not at all (PROTOCOL 13.8)", () => {
  it.each([
    ["its second run's file", "run-002/build/c.txt", puts("c.txt"), "RESTORE_FINALIZE_FAILED"],
    [
      "its last run's report",
      "run-003/RESTORE_REPORT.json",
      puts("RESTORE_MANIFEST.json"),
      "RESTORE_RESULT_ARTIFACT_WRITE_FAILED",
    ],
  ])(
    "undoes all of it when something is in the way of %s, and keeps that",
    async (_what, path, moment, code) => {
      using scene = new ChainScene();
      const target = scene.existingTarget();
      const fs = meddlingFileSystem(moment, () => writeAt(target, { [path]: "other user" }));
      const { value: outcome, change } = await changesOf(target, () => scene.restoreChain(target, fs));
      expect(outcome).toMatchObject({ code, cause_code: null, details: { path, reason: "already-there" } });
      expect(change).toMatchObject({ removed: [], changed: [] });
      expect(Object.keys(change.added)).toEqual([path]);
    },
  );

  it("leaves nothing when a restored file of its first run is changed while its last is put in place", async () => {
    using scene = new ChainScene();
    const target = scene.existingTarget();
    const path = "run-001/fetch/a.txt";
    const fs = meddlingFileSystem(puts("e.txt"), () => writeFileSync(join(target, path), "ALPHA\n"));
    const { value: outcome, change } = await changesOf(target, () => scene.restoreChain(target, fs));
    const details = { path };
    expect(outcome).toMatchObject({ code: "RESTORE_HASH_MISMATCH_AFTER_RESTORE", phase: "VERIFY", details });
    expect(change).toEqual(UNCHANGED);
  });

  it("keeps, when it is undone, a chain manifest that was replaced meanwhile", async () => {
    using scene = new ChainScene();
    const target = scene.existingTarget();
    let name = "";
    const fs = meddlingFileSystem(puts("e.txt"), () => {
      [name = ""] = readdirSync(target).filter((other) => other.startsWith(".spectrum06_chain_"));
      unlinkSync(join(target, name));
      writeAt(target, { [name]: "other user", "run-003/test/e.txt": "in the way" });
    });
    expect(await scene.restoreChain(target, fs)).toMatchObject({
      code: "RESTORE_FINALIZE_FAILED",
      cause_code: null,
    });
    expect(readFileSync(join(target, name), "utf8")).toBe("other user");
  });
});
