/**
 * Unsigned bundles for tests, made from the words of PROTOCOL.md alone (section 11).
 *
 * @module
 */

import type { OpenedUnsigned, UnsignedName } from "../../../src/core/make/unsigned/read-unsigned.ts";
import type { ArtifactReading } from "../../../src/core/records/artifacts/opened-bundle.ts";
import { canonical, sha256 } from "./bundle.ts";

type Members = Readonly<Record<string, unknown>>;

/** What is other than usual in an unsigned bundle. */
export interface UnsignedRecipe {
  readonly hashes?: Members;
  /** Gets the right binding and gives the one to write. */
  readonly bind?: (right: Members) => unknown;
  readonly status?: Members;
  readonly outputHashes?: Members;
  readonly proof?: Members;
  /** Members of TASK_SPEC.json; one that is undefined is left out. */
  readonly task?: Members;
  /** OUTPUT_TREE.json, as text. */
  readonly tree?: string;
}

/** The texts of the artifacts. */
export type UnsignedTexts = Readonly<Record<UnsignedName, string>> & { readonly "OUTPUT_TREE.json"?: string };

/** When they are sealed. */
export const SEALED_AT = "2026-11-25T01:02:03Z";

const EMPTY_ROOT = sha256("");

/** Makes one. */
export function makeUnsigned(recipe: UnsignedRecipe = {}): UnsignedTexts {
  const runId = "run-001";
  const hashes = recipe.hashes ?? {
    "out/a.txt": `sha256:${sha256("alpha\n")}`,
    "out/b.txt": `sha256:${sha256("beta\n")}`,
  };
  const outputHashes = canonical({
    hashes,
    validator_semver: "1.0.0",
    validator_build_id: "runseal:0.1.0",
    generated_at: SEALED_AT,
    ...recipe.outputHashes,
  });
  const state = { domain_root_hash: EMPTY_ROOT, file_manifest: {} };
  const proof = canonical({
    proof_version: "1.0.0",
    run_id: runId,
    timestamp: SEALED_AT,
    catalytic_domains: [".runseal/scratch"],
    pre_state: state,
    post_state: state,
    restoration_result: { verified: true, condition: "RESTORED_IDENTICAL" },
    ...recipe.proof,
  });
  const binding: Members = {
    version: 1,
    run_id: runId,
    proof_sha256: sha256(proof),
    output_hashes_sha256: sha256(outputHashes),
    ...(recipe.tree === undefined ? {} : { output_tree_sha256: sha256(recipe.tree) }),
    sealed_at: SEALED_AT,
    files: Object.keys(hashes).length,
    bytes: 11,
  };
  const status = canonical({
    status: "success",
    cmp01: "pass",
    error: null,
    run_id: runId,
    completed_at: SEALED_AT,
    runseal: recipe.bind === undefined ? binding : recipe.bind(binding),
    ...recipe.status,
  });
  const texts = {
    "TASK_SPEC.json": canonical({
      task_id: runId,
      inputs: [],
      expected_outputs: ["out"],
      constraints: {},
      created_at: SEALED_AT,
      ...recipe.task,
    }),
    "STATUS.json": status,
    "OUTPUT_HASHES.json": outputHashes,
    "PROOF.json": proof,
  };
  return recipe.tree === undefined ? texts : { ...texts, "OUTPUT_TREE.json": recipe.tree };
}

/** What a caller that opened the folder would bring to the core; `over` takes the place of artifacts. */
export function openedUnsigned(
  texts: UnsignedTexts,
  over: Partial<Record<keyof UnsignedTexts, ArtifactReading>> = {},
  others: readonly string[] = [],
): OpenedUnsigned {
  const read: OpenedUnsigned["read"] = (name) => {
    const text = texts[name];
    return (
      over[name] ?? (text === undefined ? { kind: "missing" } : { kind: "bytes", bytes: Buffer.from(text) })
    );
  };
  return { read, others };
}
