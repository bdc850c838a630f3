import { spawnSync } from "node:child_process";
import { lchownSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { RestoreRequest } from "../../../../src/node/back/restore/restore-bundle.ts";
import type { RestoreOutcome } from "../../../../src/node/back/restore/target/restore-outcome.ts";
import { checkRestoreVector, demandOf } from "../../../support/bundles/restore-vectors.ts";
import { readVectors, type VectorCase } from "../../../support/bundles/vectors.ts";
import { restoreBundle } from "../../../support/faults/restore-acts.ts";
import { makeFolder, removeTree, snapshotTree } from "../../../support/files/tree.ts";

const SCRIPT = fileURLToPath(new URL("../../../support/faults/restore-unprivileged.mjs", import.meta.url));
const UNPRIVILEGED = 65_534;
const IS_ROOT = process.getuid?.() === 0;
/** Root may write anywhere, so it runs these as another user; other users run them as themselves. */
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
    await checkRestoreVector(vector, (folder) => restoreBundle(requestOf(vector, folder)));
  });

  it.skipIf(!CAN_BE_NOBODY).each(nonroot)(`$name${skipped}`, async (vector) => {
    const restore = IS_ROOT ? restoreAsNobody : (request: RestoreRequest) => restoreBundle(request);
    await checkRestoreVector(vector, (folder) => restore(requestOf(vector, folder), folder));
  });
});

function requestOf({ params }: VectorCase, folder: string): RestoreRequest {
  return { ...demandOf(params, folder), bundle: join(folder, String(params["run"])) };
}

function restoreAsNobody(request: RestoreRequest, folder: string): RestoreOutcome {
  for (const path of ["", ...snapshotTree(folder).keys()])
    lchownSync(join(folder, path), UNPRIVILEGED, UNPRIVILEGED);
  const state = makeFolder();
  lchownSync(state, UNPRIVILEGED, UNPRIVILEGED);
  try {
    return restoreWithState(request, state);
  } finally {
    removeTree(state);
  }
}

function restoreWithState(request: RestoreRequest, state: string): RestoreOutcome {
  const environment = { XDG_STATE_HOME: state };
  const { stdout, stderr } = runAsNobody([JSON.stringify({ ...request, environment })]);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

function runAsNobody(args: readonly string[]) {
  const identity = { uid: UNPRIVILEGED, gid: UNPRIVILEGED, cwd: "/" };
  return spawnSync(process.execPath, [SCRIPT, ...args], { ...identity, encoding: "utf8" });
}
