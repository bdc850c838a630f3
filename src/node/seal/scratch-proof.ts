/**
 * PROOF.json: that the scratch folder was left as it was found (PROTOCOL 10).
 *
 * A seal's scratch folder is `.runseal/scratch` in the project. Where there is none, it is empty before
 * and after: a true statement, if a small one.
 *
 * @module
 */

import {
  computeManifestRoot,
  type HexDigest,
  type JsonObject,
  jsonObject,
  type ManifestEntry,
  matchesDigest,
  ok,
  type Result,
} from "../../core/index.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { hashFiles } from "../files/hash-files.ts";
import { machineReason } from "../files/machine-reason.ts";
import { walkTree } from "../files/walk-tree.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";

/** The scratch folder of a project, relative to its root. */
export const SCRATCH_FOLDER = ".runseal/scratch";

/** A scratch folder at one moment: its files, paths relative to the folder. */
export type ScratchState = readonly ManifestEntry[];

/** Looks at the scratch folder. Fails with SPECIAL_FILES, READ_FAILED or CHANGED_WHILE_READ. */
export async function snapshotScratch(
  root: AnchoredRoot,
  signal: AbortSignal | undefined,
): Promise<Result<ScratchState, OperationFault>> {
  try {
    const { files, special, closed } = walkTree(root, [SCRATCH_FOLDER.split("/")], () => false);
    if (closed[0] !== undefined) return operationFault("READ_FAILED", closed[0]);
    if (special.length > 0) {
      return operationFault("SPECIAL_FILES", {
        refused: special.map(({ path, kind }) => ({ path, reason: kind })),
      });
    }
    const findings = await hashFiles(root, files, { signal });
    const state: ManifestEntry[] = [];
    for (const [index, path] of files.entries()) {
      const finding = findings[index];
      if (finding?.kind === "unreadable") return operationFault(finding.code, { path });
      if (finding?.kind !== "file") return operationFault("CHANGED_WHILE_READ", { path });
      state.push({ path: path.slice(SCRATCH_FOLDER.length + 1), digest: finding.digest });
    }
    return ok(state);
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return operationFault("READ_FAILED", { path: SCRATCH_FOLDER, reason });
  }
}

/**
 * Writes the proof of a scratch folder that was left as found, but for its link and its hash. Fails with SCRATCH_CHANGED where it was
 * not: a plain seal vouches for nothing less.
 */
export function proveScratch(
  before: ScratchState,
  after: ScratchState,
  run: { readonly runId: string; readonly timestamp: string },
): Result<JsonObject, OperationFault> {
  const preState = describeState(before);
  const postState = describeState(after);
  if (!preState.ok) return preState;
  if (!postState.ok) return postState;
  if (!matchesDigest(preState.value.root, postState.value.root, nodeCrypto)) {
    return operationFault("SCRATCH_CHANGED", { path: SCRATCH_FOLDER });
  }
  return ok(
    jsonObject({
      proof_version: "1.0.0",
      run_id: run.runId,
      timestamp: run.timestamp,
      catalytic_domains: [SCRATCH_FOLDER],
      pre_state: preState.value.described,
      post_state: postState.value.described,
      restoration_result: jsonObject({ verified: true, condition: "RESTORED_IDENTICAL" }),
    }),
  );
}

interface DescribedState {
  readonly root: HexDigest;
  /** As PROOF.json has it. */
  readonly described: JsonObject;
}

function describeState(state: ScratchState): Result<DescribedState, OperationFault> {
  const root = computeManifestRoot(state, nodeCrypto);
  if (!root.ok) {
    const unlawful = state.filter((entry) => !computeManifestRoot([entry], nodeCrypto).ok);
    const refused = unlawful.map(({ path }) => ({
      path: `${SCRATCH_FOLDER}/${path}`,
      reason: "scratch-name" as const,
    }));
    return operationFault("NAMES_UNLAWFUL", { refused });
  }
  const manifest = new Map(state.map(({ path, digest }) => [path, digest]));
  const described = jsonObject({ domain_root_hash: root.value, file_manifest: manifest });
  return ok({ root: root.value, described });
}
