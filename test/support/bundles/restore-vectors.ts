/**
 * Compares a restore with its vectors: the answer, and what it did to the disk (vectors/README.md).
 *
 * @module
 */

import { join } from "node:path";
import { expect } from "vitest";
import type { RestoreDemand } from "../../../src/node/back/restore/restore-bundle.ts";
import type { RestoreOutcome } from "../../../src/node/back/restore/target/restore-outcome.ts";
import { STATE } from "../command/state.ts";
import { ANY_SIGNER } from "../faults/restore-scene.ts";
import { compareSnapshots, layOutTree, removeTree, snapshotTree, type TreeChange } from "../files/tree.ts";
import { recordVerdict } from "../record/recorder.ts";
import type { VectorCase } from "./vectors.ts";

/** A restore of what is laid out in a folder. */
export type VectorRestore = (folder: string) => Promise<RestoreOutcome> | RestoreOutcome;

/** Lays a case's tree out, restores there, and compares the outcome and the disk with what the case expects. */
export async function checkRestoreVector(
  { tree = {}, expect: expected }: VectorCase,
  restore: VectorRestore,
): Promise<void> {
  const folder = layOutTree(tree);
  try {
    const before = snapshotTree(folder);
    const outcome = await restore(folder);
    recordVerdict(folder, outcome);
    const change = compareSnapshots(before, snapshotTree(folder));
    expect(outcome.ok).toBe(expected.ok);
    expect([expected.code, ...(expected.also ?? [])]).toContain(outcome.code);
    expect(outcome.cause_code).toBeNull();
    if (outcome.code === expected.code) {
      expect(outcome.phase).toBe(expected.phase);
      expect(outcome.ok ? undefined : outcome.details.verifier_code).toBe(expected.verifier_code);
    }
    if (outcome.ok) expect(outcome.chainRoot).toBe(expected.chain_root ?? undefined);
    expect(withoutModes(change)).toEqual(expectedChange(expected.fs ?? {}));
    expectRestoredModes(change, tree);
  } finally {
    removeTree(folder);
  }
}

/** What a case asks of any restore, one bundle or a chain. */
export function demandOf(params: VectorCase["params"], folder: string): RestoreDemand {
  const isRaw = "restore_root_raw" in params;
  return {
    root: join(folder, String(params["project_root"])),
    target: isRaw
      ? (params["restore_root_raw"] as string | null)
      : join(folder, String(params["restore_root"])),
    trust: ANY_SIGNER,
    environment: STATE,
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
  for (const [path, { mode }] of Object.entries(change.added)) {
    const source = sourceOf(path, tree);
    const executable = (Number.parseInt(source?.mode ?? "644", 8) & 0o100) !== 0;
    expect({ path, mode: mode.toString(8) }).toEqual({ path, mode: executable ? "755" : "644" });
  }
}

/** What was copied: `restore/…` came from `files/…`, and in a chain without the run's folder. */
function sourceOf(path: string, tree: NonNullable<VectorCase["tree"]>) {
  const [, first, ...rest] = path.split("/");
  return tree[["files", first, ...rest].join("/")] ?? tree[["files", ...rest].join("/")];
}
