import { describe, expect, it } from "vitest";
import { completeUnsigned } from "../../../../src/core/make/unsigned/complete-unsigned.ts";
import {
  readUnsigned,
  UNSIGNED_NAMES,
  type UnsignedBundle,
} from "../../../../src/core/make/unsigned/read-unsigned.ts";
import type { ArtifactReading } from "../../../../src/core/records/artifacts/opened-bundle.ts";
import { type HexDigest, isHexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { canonical, sha256 } from "../../../support/bundles/bundle.ts";
import { context } from "../../../support/bundles/judge.ts";
import {
  makeUnsigned,
  openedUnsigned,
  type UnsignedRecipe,
  type UnsignedTexts,
} from "../../../support/bundles/unsigned.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const DIGEST = "ab".repeat(32);
const SIGNED_AT = "2026-11-26T00:00:00Z";

function read(texts: UnsignedTexts): ReturnType<typeof readUnsigned> {
  return readUnsigned(openedUnsigned(texts), context);
}

function whole(texts: UnsignedTexts = makeUnsigned()): UnsignedBundle {
  const bundle = read(texts);
  if (!bundle.ok) throw new Error(`${bundle.code} ${bundle.artifact} ${bundle.field}`);
  return bundle.value;
}

function digest(text: string): HexDigest {
  const hex = sha256(text);
  if (!isHexDigest(hex)) throw new TypeError("SHA-256 is a digest");
  return hex;
}

const RUN_TASK = {
  command: ["rm", "-r", "x"],
  working_folder: ".",
  input_hashes: { a: `sha256:${DIGEST}` },
  scratch: [".runseal/scratch"],
  environment: { A: "b", C: null },
  versions: { runseal: "0.2.0", node: "24", platform: "linux-x64" },
};

const bind = (members: object): UnsignedRecipe => ({ bind: (right) => ({ ...right, ...members }) });

describe("reading an unsigned bundle", () => {
  it("gives what the sealer wrote", () => {
    const bundle = whole();
    expect(bundle).toMatchObject({ runId: "run-001", sealedAt: "2026-11-25T01:02:03Z", bytes: 11 });
    expect([...bundle.claims].map(({ path }) => path)).toEqual(["out/a.txt", "out/b.txt"]);
  });

  it.each([
    ["a link to the bundle before", "previous_bundle_root", bind({ previous_bundle_root: DIGEST })],
    ["a list of failed runs", "failed_runs", bind({ failed_runs: [] })],
    ["the word of a signer", "signed_elsewhere", bind({ signed_elsewhere: true })],
    ["a guard", "guard", bind({ guard: {} })],
    ["an unknown member", "note", bind({ note: "x" })],
    ["no time", "sealed_at", bind({ sealed_at: "yesterday" })],
    ["no binding", "runseal", { bind: () => undefined }],
    ["an error after a success", "error", { status: { error: { code: "X" } } }],
  ] as const)("refuses a binding with %s", (_what, field, recipe) => {
    expect(read(makeUnsigned(recipe))).toMatchObject({
      ok: false,
      code: "UNSIGNED_INVALID",
      reason: "malformed",
      artifact: "STATUS.json",
      field,
    });
  });

  it.each([
    ["another run id", "run_id", { status: { run_id: "run-002" } }],
    ["another time of completion", "completed_at", { status: { completed_at: SIGNED_AT } }],
    ["the digest of another proof", "proof_sha256", bind({ proof_sha256: DIGEST })],
    ["one file too many", "files", bind({ files: 3 })],
    ["a newer version", "version", bind({ version: 2 })],
    ["bytes that are no count", "bytes", bind({ bytes: "11" })],
  ] as const)("refuses a binding that names %s", (_what, field, recipe) => {
    expect(read(makeUnsigned(recipe))).toMatchObject({
      ok: false,
      code: "UNSIGNED_INVALID",
      reason: "mismatch",
      artifact: "STATUS.json",
      field,
    });
  });

  it("takes the task of a run", () => {
    expect(read(makeUnsigned({ task: RUN_TASK }))).toMatchObject({ ok: true });
  });

  it.each([
    ["an unknown member", "x", { x: 1 }],
    ["no inputs", "inputs", { inputs: undefined }],
    ["constraints", "constraints", { constraints: { a: 1 } }],
    ["a time in another form", "created_at", { created_at: "now" }],
    ["a command of other than texts", "command", { ...RUN_TASK, command: ["rm", 1] }],
    ["an empty command", "command", { ...RUN_TASK, command: [] }],
    ["a command alone", "working_folder", { command: ["rm"] }],
    ["a digest in another form", "input_hashes", { ...RUN_TASK, input_hashes: { a: "x" } }],
  ] as const)("refuses a task with %s", (_what, field, task) => {
    expect(read(makeUnsigned({ task }))).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "malformed",
      artifact: "TASK_SPEC.json",
      field,
    });
  });

  it("refuses the task of another run, and one that is not in canonical form", () => {
    expect(read(makeUnsigned({ task: { task_id: "run-002" } }))).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "mismatch",
      field: "task_id",
    });
    const texts = makeUnsigned();
    const spaced = { ...texts, "TASK_SPEC.json": `${texts["TASK_SPEC.json"]} ` };
    expect(read(spaced)).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "malformed",
      artifact: "TASK_SPEC.json",
    });
  });

  it.each([
    ["a link", "previous_proof_hash", { previous_proof_hash: DIGEST }],
    ["a hash", "proof_hash", { proof_hash: DIGEST }],
    ["a signature", "signature", { signature: "x" }],
    ["references", "referenced_artifacts", { referenced_artifacts: {} }],
    ["an unknown member", undefined, { note: 1 }],
    ["a false root", undefined, { pre_state: { domain_root_hash: DIGEST, file_manifest: {} } }],
  ] as const)("refuses a proof with %s", (_what, field, proof) => {
    expect(read(makeUnsigned({ proof }))).toMatchObject({
      ok: false,
      code: "UNSIGNED_INVALID",
      reason: "malformed",
      artifact: "PROOF.json",
      ...(field === undefined ? {} : { field }),
    });
  });

  it.each([
    ["run_id", { run_id: "run-002" }],
    ["timestamp", { timestamp: SIGNED_AT }],
  ] as const)("refuses a proof with another %s", (field, proof) => {
    expect(read(makeUnsigned({ proof }))).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "mismatch",
      field,
    });
  });

  it.each([
    ["a path that leads out", { hashes: { "../a": `sha256:${DIGEST}` } }],
    ["no digest", { hashes: { a: "sha1:x" } }],
    ["an unknown member", { outputHashes: { note: 1 } }],
  ] as const)("refuses a list of outputs with %s", (_what, recipe) => {
    expect(read(makeUnsigned(recipe))).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "malformed",
      artifact: "OUTPUT_HASHES.json",
    });
  });

  it("refuses outputs that are not in byte order", () => {
    const texts = makeUnsigned();
    const { hashes, ...rest } = JSON.parse(texts["OUTPUT_HASHES.json"]) as Record<string, object>;
    const turned = Object.fromEntries(Object.entries(hashes ?? {}).reverse());
    const outputHashes = JSON.stringify({ ...rest, hashes: turned });
    const bound = makeUnsigned(bind({ output_hashes_sha256: sha256(outputHashes) }));
    expect(read({ ...bound, "OUTPUT_HASHES.json": outputHashes })).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "malformed",
      field: "hashes",
    });
  });

  it.each(UNSIGNED_NAMES)(
    "refuses %s that is missing, something else, too large, not JSON, or doubled",
    (name) => {
      const texts = makeUnsigned();
      const over = (reading: ArtifactReading): ReturnType<typeof readUnsigned> =>
        readUnsigned(openedUnsigned(texts, { [name]: reading }), context);
      const text = (content: string): ArtifactReading => ({ kind: "bytes", bytes: Buffer.from(content) });
      expect(over({ kind: "missing" })).toMatchObject({
        code: "UNSIGNED_INVALID",
        reason: "missing",
        artifact: name,
      });
      const malformed = { code: "UNSIGNED_INVALID", reason: "malformed", artifact: name };
      expect(over({ kind: "not-a-regular-file" })).toMatchObject(malformed);
      expect(over({ kind: "too-large", limit: 1 })).toMatchObject(malformed);
      expect(over(text(`${texts[name]}x`))).toMatchObject(malformed);
      expect(over(text("[]"))).toMatchObject(malformed);
      expect(over(text(`{"a":1,"a":1}`))).toMatchObject(malformed);
    },
  );

  it.each(["STATUS.json", "PROOF.json"] as const)(
    "refuses %s in another form than the canonical one",
    (name) => {
      const texts = makeUnsigned();
      const spaced = JSON.stringify(JSON.parse(texts[name]), undefined, 1);
      const bound = name === "PROOF.json" ? makeUnsigned(bind({ proof_sha256: sha256(spaced) })) : texts;
      expect(read({ ...bound, [name]: spaced })).toMatchObject({
        code: "UNSIGNED_INVALID",
        reason: "malformed",
        artifact: name,
      });
    },
  );

  it("refuses any other entry, and names the first in byte order", () => {
    const opened = openedUnsigned(makeUnsigned(), {}, ["z", "SIGNATURE.json"]);
    expect(readUnsigned(opened, context)).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "extra",
      artifact: "SIGNATURE.json",
    });
  });

  it("takes a tree only if the binding names it, and only the one that it names", () => {
    const none = { kind: "outputs", scope: ["out"], version: 1 };
    const tree = canonical({
      ...none,
      empty_folders: [],
      folder_modes: {},
      ignored: [],
      left_out: {},
      links: {},
      modes: {},
    });
    const unbound = { ...makeUnsigned(), "OUTPUT_TREE.json": tree };
    expect(read(unbound)).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "extra",
      artifact: "OUTPUT_TREE.json",
    });
    const { "OUTPUT_TREE.json": _tree, ...without } = makeUnsigned({ tree });
    expect(read(without)).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "missing",
      artifact: "OUTPUT_TREE.json",
    });
    const other = { ...makeUnsigned({ tree }), "OUTPUT_TREE.json": `${tree} ` };
    expect(read(other)).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "mismatch",
      field: "output_tree_sha256",
    });
    expect(read(makeUnsigned({ tree: "{}" }))).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "malformed",
      artifact: "OUTPUT_TREE.json",
    });
  });

  it.each([
    { status: { status: "failure", error: { code: "COMMAND_FAILED", message: "x" } } },
    { status: { cmp01: "fail" } },
  ])("refuses a run that failed: %o", (recipe) => {
    expect(read(makeUnsigned(recipe))).toMatchObject({
      code: "UNSIGNED_INVALID",
      reason: "run-failed",
    });
  });

  it("never throws on changed bytes, and takes none that anything bound names", () => {
    const texts = makeUnsigned();
    const declared = /"bytes":\d+/;
    fc.assert(
      fc.property(
        fc.constantFrom(...UNSIGNED_NAMES),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.nat({ max: 3 }),
        (name, changes, cut) => {
          const before = Buffer.from(texts[name]);
          const bytes = Buffer.from(before.subarray(0, before.length - cut));
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          const result = readUnsigned(openedUnsigned(texts, { [name]: { kind: "bytes", bytes } }), context);
          if (!result.ok || name === "TASK_SPEC.json") return;
          // How many bytes there are is counted when the outputs are hashed.
          const normal = (some: Buffer): string => some.toString("latin1").replace(declared, "");
          expect(normal(bytes)).toBe(normal(before));
        },
      ),
      { numRuns: runs(4000) },
    );
  });
});

describe("completing an unsigned bundle", () => {
  const previous = { bundleRoot: digest("root"), proofHash: digest("proof") };
  const failedRuns = [{ runId: "lost", bundleRoot: undefined }];

  it("changes the named members and no other byte", () => {
    const texts = makeUnsigned();
    const completed = completeUnsigned(
      whole(texts),
      { previous, failedRuns, signedAt: SIGNED_AT },
      nodeCrypto,
    );
    const proof = Buffer.from(completed.proof).toString();
    const added = { previous_proof_hash: previous.proofHash, proof_hash: completed.proofHash };
    expect(proof).toBe(canonical({ ...JSON.parse(texts["PROOF.json"]), ...added }));
    const status = JSON.parse(texts["STATUS.json"]) as Record<string, object>;
    const runseal = {
      ...status["runseal"],
      proof_sha256: sha256(proof),
      previous_bundle_root: previous.bundleRoot,
      failed_runs: [{ run_id: "lost", bundle_root: null }],
      signed_elsewhere: true,
      signed_at: SIGNED_AT,
    };
    expect(Buffer.from(completed.status).toString()).toBe(canonical({ ...status, runseal }));
  });

  it("computes the root that a verifier computes", () => {
    const texts = makeUnsigned();
    const completed = completeUnsigned(
      whole(texts),
      { previous: undefined, failedRuns: [], signedAt: SIGNED_AT },
      nodeCrypto,
    );
    const { hashes } = JSON.parse(texts["OUTPUT_HASHES.json"]) as Record<string, object>;
    const status: unknown = JSON.parse(Buffer.from(completed.status).toString());
    expect(completed.bundleRoot).toBe(
      sha256(canonical({ output_hashes: hashes, status, task_spec_hash: sha256(texts["TASK_SPEC.json"]) })),
    );
  });
});
