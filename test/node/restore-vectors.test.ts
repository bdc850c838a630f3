import { spawnSync } from "node:child_process";
import { lchownSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type RestoreRequest, restoreBundle } from "../../src/node/restore/restore-bundle.ts";
import type { RestoreOutcome } from "../../src/node/restore/restore-outcome.ts";
import { ANY_SIGNER } from "../support/restore-scene.ts";
import {
  compareSnapshots,
  layOutTree,
  removeTree,
  snapshotTree,
  type TreeChange,
  type TreeNode,
} from "../support/tree.ts";
import { readVectors, type VectorCase } from "../support/vectors.ts";

const SCRIPT = fileURLToPath(new URL("../support/restore-as-nobody.mjs", import.meta.url));
const NOBODY = 65_534;
const IS_ROOT = process.getuid?.() === 0;
/** Root may write anywhere, so it lets somebody else run these; anybody else runs them himself. */
const CAN_BE_NOBODY = !IS_ROOT || runAsNobody([]).status === 0;

const cases = readVectors("restore_bundle");
const nonroot = cases.filter(({ params }) => params["nonroot"] === true);
const skipped = CAN_BE_NOBODY ? "" : " (skipped: root cannot run dist as another user here)";

describe("restore vectors (PROTOCOL 13)", () => {
  it("has all 73 cases, two of them for an unprivileged user", () => {
    expect(cases).toHaveLength(73);
    expect(nonroot).toHaveLength(2);
  });

  it.each(cases.filter((vector) => !nonroot.includes(vector)))("$name", async (vector) => {
    await check(vector, (request) => restoreBundle(request));
  });

  it.skipIf(!CAN_BE_NOBODY).each(nonroot)(`$name${skipped}`, async (vector) => {
    await check(vector, IS_ROOT ? restoreAsNobody : (request) => restoreBundle(request));
  });
});

type Restore = (request: RestoreRequest, folder: string) => Promise<RestoreOutcome> | RestoreOutcome;

async function check({ tree = {}, params, expect: expected }: VectorCase, restore: Restore): Promise<void> {
  const folder = layOutTree(tree);
  try {
    const before = snapshotTree(folder);
    const outcome = await restore(requestOf(params, folder), folder);
    const change = compareSnapshots(before, snapshotTree(folder));
    expect(outcome.ok).toBe(expected.ok);
    expect([expected.code, ...(expected.also ?? [])]).toContain(outcome.code);
    expect(outcome.cause_code).toBeNull();
    if (outcome.code === expected.code) {
      expect(outcome.phase).toBe(expected.phase);
      expect(outcome.ok ? undefined : outcome.details.verifier_code).toBe(expected.verifier_code);
    }
    expect(withoutModes(change)).toEqual(expectedChange(expected.fs ?? {}));
    expectRestoredModes(change, tree);
  } finally {
    removeTree(folder);
  }
}

function requestOf(params: VectorCase["params"], folder: string): RestoreRequest {
  const below = (name: string): string => join(folder, String(params[name]));
  const isRaw = "restore_root_raw" in params;
  return {
    bundle: below("run"),
    root: below("project_root"),
    target: isRaw ? (params["restore_root_raw"] as string | null) : below("restore_root"),
    trust: ANY_SIGNER,
    dryRun: params["dry_run"] === true,
  };
}

/** `expect.fs` in the form of a comparison; only digests of files are compared here, modes below. */
function expectedChange(fs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const added = (fs["added"] ?? {}) as Readonly<Record<string, { readonly sha256: string }>>;
  const digests = Object.entries(added).map(([path, { sha256 }]) => [path, sha256]);
  return { added: Object.fromEntries(digests), removed: fs["removed"] ?? [], changed: fs["changed"] ?? [] };
}

function withoutModes({ added, removed, changed }: TreeChange): Readonly<Record<string, unknown>> {
  const digests = Object.entries(added).map(([path, node]) => [path, node.sha256 ?? node.type]);
  return { added: Object.fromEntries(digests), removed, changed };
}

/** Mode 0644, or 0755 if the source's owner may execute it (PROTOCOL 13.5). */
function expectRestoredModes(change: TreeChange, tree: NonNullable<VectorCase["tree"]>): void {
  for (const [path, { mode }] of Object.entries<TreeNode>(change.added)) {
    const source = tree[path.replace(/^[^/]+/, "files")];
    const executable = (Number.parseInt(source?.mode ?? "644", 8) & 0o100) !== 0;
    expect({ path, mode: mode.toString(8) }).toEqual({ path, mode: executable ? "755" : "644" });
  }
}

function restoreAsNobody(request: RestoreRequest, folder: string): RestoreOutcome {
  for (const path of ["", ...snapshotTree(folder).keys()]) lchownSync(join(folder, path), NOBODY, NOBODY);
  const { stdout, stderr } = runAsNobody([JSON.stringify(request)]);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

function runAsNobody(args: readonly string[]) {
  const identity = { uid: NOBODY, gid: NOBODY, cwd: "/" };
  return spawnSync(process.execPath, [SCRIPT, ...args], { ...identity, encoding: "utf8" });
}
