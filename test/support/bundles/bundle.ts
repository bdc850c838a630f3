/**
 * Sealed bundles for tests, made from the words of PROTOCOL.md alone: JSON.stringify and node:crypto,
 * nothing of `src`. Artifacts are compact and canonical, so that no byte of them is idle.
 *
 * @module
 */

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { OutputFindings } from "../../../src/core/judge/bundle/phases/findings.ts";
import type { ArtifactReading, OpenedBundle } from "../../../src/core/records/artifacts/opened-bundle.ts";
import { digestToHex } from "../../../src/core/system/bytes/hex.ts";
import { ARTIFACT_NAMES, type ArtifactName } from "../../../src/core/system/paths/artifact-name.ts";

/** The vectors' test seeds: 00…1f and 20…3f. */
export const FIRST_SEED = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
export const SECOND_SEED = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";

type Members = Readonly<Record<string, unknown>>;

/** What to seal. Everything has a default; a plain SPECTRUM bundle unless `bind` says otherwise. */
export interface BundleRecipe {
  readonly runId?: string;
  readonly seed?: string;
  /** Path to UTF-8 content. */
  readonly outputs?: Readonly<Record<string, string>>;
  readonly taskSpec?: Members;
  /** Further or other members of STATUS.json, of OUTPUT_HASHES.json and of SIGNATURE.json. */
  readonly status?: Members;
  readonly outputHashes?: Members;
  readonly signature?: Members;
  readonly proof?: Members;
  /** `true` binds rightly (PROTOCOL 11); a function gets the right binding and gives the one to sign. */
  readonly bind?: true | ((right: Members) => unknown);
  readonly previousBundleRoot?: string;
  /** OUTPUT_TREE.json, which `bind` binds: its members, or its text. */
  readonly outputTree?: Members | string;
}

/** A sealed bundle. */
export interface TestBundle {
  readonly runId: string;
  readonly artifacts: Readonly<Record<ArtifactName, Buffer>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly bundleRoot: string;
  /** OUTPUT_TREE.json. */
  readonly outputTree: Buffer | undefined;
}

/** Seals a bundle in memory. */
export function sealBundle(recipe: BundleRecipe = {}): TestBundle {
  const { runId = "run-001", outputs = { "out/a.txt": "alpha\n", "out/b.txt": "beta\n" } } = recipe;
  const signer = testSigner(recipe.seed ?? FIRST_SEED);
  const hashes = mapValues(outputs, (content) => `sha256:${sha256(content)}`);
  const taskSpec = canonical({ task_id: runId, ...recipe.taskSpec });
  const outputHashes = canonical({ hashes, validator_semver: "1.0.0", ...recipe.outputHashes });
  const proof = canonical(
    recipe.proof ?? { restoration_result: { condition: "RESTORED_IDENTICAL", verified: true } },
  );
  const { outputTree } = recipe;
  const tree = typeof outputTree === "object" ? canonical(outputTree) : outputTree;
  const binding = {
    version: 1,
    run_id: runId,
    proof_sha256: sha256(proof),
    output_hashes_sha256: sha256(outputHashes),
    output_tree_sha256: tree === undefined ? undefined : sha256(tree),
    sealed_at: "2026-11-25T01:02:03Z",
    previous_bundle_root: recipe.previousBundleRoot,
    files: Object.keys(outputs).length,
    bytes: Object.values(outputs).reduce((sum, content) => sum + Buffer.byteLength(content), 0),
  };
  const bound = typeof recipe.bind === "function" ? recipe.bind(binding) : recipe.bind && binding;
  const status = { status: "success", cmp01: "pass", runseal: bound, ...recipe.status };
  const bundleRoot = sha256(canonical({ output_hashes: hashes, status, task_spec_hash: sha256(taskSpec) }));
  const validator_id = signer.validatorId;
  const payload = canonical({ bundle_root: bundleRoot, decision: "ACCEPT", validator_id });
  const signature = signer.sign(Buffer.from(`CAT-DPT-SPECTRUM-04-v1:BUNDLE:${payload}`));
  const texts: Record<ArtifactName, string> = {
    "TASK_SPEC.json": taskSpec,
    "STATUS.json": canonical(status),
    "OUTPUT_HASHES.json": outputHashes,
    "PROOF.json": proof,
    "VALIDATOR_IDENTITY.json": canonical({
      algorithm: "ed25519",
      public_key: signer.publicKeyHex,
      validator_id,
    }),
    "SIGNED_PAYLOAD.json": payload,
    "SIGNATURE.json": canonical({ payload_type: "BUNDLE", signature, validator_id, ...recipe.signature }),
  };
  return {
    runId,
    artifacts: mapValues(texts, (text) => Buffer.from(text)),
    outputs,
    bundleRoot,
    outputTree: tree === undefined ? undefined : Buffer.from(tree),
  };
}

/** Seals runs `run-001`, `run-002`, … each bound to the one before it. */
export function sealLinkedRuns(count: number, recipe: BundleRecipe = {}): readonly TestBundle[] {
  const runs: TestBundle[] = [];
  for (let number = 1; number <= count; number++) {
    const before = runs.at(-1);
    const runId = `run-${String(number).padStart(3, "0")}`;
    const link = before === undefined ? {} : { previousBundleRoot: before.bundleRoot };
    runs.push(sealBundle({ bind: true, ...recipe, runId, ...link }));
  }
  return runs;
}

/** What a caller that opened the bundle would bring to the core; `over` takes the place of artifacts. */
export function openedOf(
  bundle: TestBundle,
  over: Partial<Record<ArtifactName, Uint8Array | string | ArtifactReading>> = {},
): OpenedBundle {
  const reading = (name: ArtifactName): ArtifactReading => {
    const brought = over[name] ?? bundle.artifacts[name];
    if (typeof brought === "string") return { kind: "bytes", bytes: Buffer.from(brought) };
    return "kind" in brought ? brought : { kind: "bytes", bytes: brought };
  };
  const artifacts = Object.fromEntries(ARTIFACT_NAMES.map((name) => [name, reading(name)]));
  return {
    runId: bundle.runId,
    artifacts: artifacts as Record<ArtifactName, ArtifactReading>,
    forbidden: [],
    confusable: [],
  };
}

/** What a caller that hashed the outputs would have found: all of them, unchanged, in the document's order. */
export function findingsOf(bundle: TestBundle): OutputFindings {
  return sortedEntries(bundle.outputs).map(([, content]) => ({
    kind: "file",
    digest: digestToHex(createHash("sha256").update(content).digest()),
    bytes: Buffer.byteLength(content),
  }));
}

/** Writes a bundle to `run/<run id>` and its outputs to `files` below a folder; gives both addresses. */
export function writeBundle(
  folder: string,
  bundle: TestBundle,
): { readonly bundle: string; readonly root: string } {
  const address = { bundle: join(folder, "run", bundle.runId), root: join(folder, "files") };
  mkdirSync(address.bundle, { recursive: true });
  mkdirSync(address.root, { recursive: true });
  for (const [name, bytes] of Object.entries(bundle.artifacts)) {
    writeFileSync(join(address.bundle, name), bytes);
  }
  if (bundle.outputTree !== undefined)
    writeFileSync(join(address.bundle, "OUTPUT_TREE.json"), bundle.outputTree);
  for (const [path, content] of Object.entries(bundle.outputs)) {
    mkdirSync(dirname(join(address.root, path)), { recursive: true });
    writeFileSync(join(address.root, path), content);
  }
  return address;
}

/** A signer made from a seed of 64 hex characters. */
export interface TestSigner {
  readonly publicKey: Buffer;
  readonly publicKeyHex: string;
  readonly validatorId: string;
  /** Signs a message: 128 hex characters. */
  sign(message: Uint8Array): string;
}

/** Makes a signer from a seed. */
export function testSigner(seedHex: string): TestSigner {
  const key: KeyObject = createPrivateKey({
    key: Buffer.from(`302e020100300506032b657004220420${seedHex}`, "hex"),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  return {
    publicKey,
    publicKeyHex: publicKey.toString("hex"),
    validatorId: sha256(publicKey),
    sign: (message) => sign(null, message, key).toString("hex"),
  };
}

/** Hex SHA-256 of a text's UTF-8 or of bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The canonical form of plain data without keys like `1`; for more, the vectors judge the core's own. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(sortedEntries(member as Members));
  });
}

/** Members in the order of their keys' UTF-8 bytes. */
export function sortedEntries<Value>(record: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(record).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function mapValues<Key extends string, In, Out>(
  record: Readonly<Record<Key, In>>,
  map: (value: In) => Out,
): Record<Key, Out> {
  const entries = Object.entries<In>(record).map(([key, value]) => [key, map(value)]);
  return Object.fromEntries(entries) as Record<Key, Out>;
}
