import { describe, expect, it } from "vitest";
import {
  type CheckedFileProof,
  checkFileProof,
  checkProvenBytes,
  findProvenFile,
} from "../../../../src/core/make/proof/check-file-proof.ts";
import type { FileProofReason } from "../../../../src/core/make/proof/file-proof.ts";
import {
  encodeFileProof,
  makeFileProof,
  parseFileProof,
} from "../../../../src/core/make/proof/file-proof.ts";
import { buildMerkleTree } from "../../../../src/core/make/proof/merkle.ts";
import { parseOutputsRoot } from "../../../../src/core/make/proof/outputs-root.ts";
import { digestToHex } from "../../../../src/core/system/bytes/hex.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import {
  canonical,
  SECOND_SEED,
  sealBundle,
  sha256,
  type TestBundle,
  testSigner,
} from "../../../support/bundles/bundle.ts";
import { type FileEntry, proofOf, type Step } from "../../../support/bundles/file-proof.ts";
import { saidOf, signStatement } from "../../../support/bundles/outputs-root.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const OUTPUTS = {
  "dist/app.css": "body {}\n",
  "dist/app.js": "run();\n",
  "dist/copy.js": "run();\n",
  "docs/ä.md": "# ä\n",
  "readme.md": "read me\n",
};
const BUNDLE = sealBundle({ bind: true, outputs: OUTPUTS });
const OTHER = sealBundle({
  bind: true,
  runId: "run-002",
  outputs: { ...OUTPUTS, "dist/app.js": "evil();\n" },
});
const RIGHT = proofOf(BUNDLE, ["dist/app.js"]);

function check(proof: unknown): ReturnType<typeof checkFileProof> {
  const parsed = parseFileProof(Buffer.from(JSON.stringify(proof)));
  return parsed.ok ? checkFileProof(parsed.value, nodeCrypto) : parsed;
}

function checked(proof: unknown): CheckedFileProof {
  const result = check(proof);
  if (!result.ok) throw new Error(result.code);
  return result.value;
}

/** The right proof with another entry for its file. */
function withFile(change: (file: FileEntry) => unknown): unknown {
  return { ...RIGHT, files: RIGHT.files.map(change) };
}

/** The right proof with other steps for its file. */
/** The value, once for each place in it: with another value there. Places that hold an equal value are passed over. */
function* replacedAnywhere(value: unknown, other: unknown): Generator<unknown> {
  if (canonical(value) !== canonical(other)) yield other;
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    for (const changed of replacedAnywhere(member, other)) {
      yield Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
    }
  }
}

function withSteps(change: (steps: readonly Step[]) => unknown): unknown {
  return withFile((file) => ({ ...file, steps: change(file.steps) }));
}

function make(bundle: TestBundle, paths: readonly string[]): Uint8Array {
  const entries = Object.entries(bundle.outputs).map(([path, content]) => ({
    path,
    digest: sha256(content),
  }));
  const tree = buildMerkleTree(entries, nodeCrypto);
  const statement = parseOutputsRoot(Buffer.from(canonical(signStatement(saidOf(bundle)))));
  if (!tree.ok || !statement.ok) throw new Error("no tree or no statement");
  return encodeFileProof(makeFileProof(statement.value, RIGHT.public_key, tree.value, paths));
}

describe("a proof of files (PROTOCOL 18)", () => {
  it("has the documented format, sorted, with each file once", () => {
    const paths = ["dist/app.js", "docs/ä.md", "readme.md"];
    const made = make(BUNDLE, ["readme.md", "docs/ä.md", "dist/app.js", "readme.md"]);
    expect(Buffer.from(made).toString()).toBe(canonical(proofOf(BUNDLE, paths)));
  });

  it("is accepted, and gives signer, statement and files", () => {
    const { files, signer, statement } = checked(RIGHT);
    expect(signer.publicKeyHex).toBe(RIGHT.public_key);
    expect(statement).toMatchObject({ runId: "run-001", bundleRoot: BUNDLE.bundleRoot });
    expect(files).toMatchObject([{ path: "dist/app.js", digest: sha256("run();\n") }]);
  });

  it("is accepted for every file of any bundle, and parses back from its encoding", () => {
    const name = fc.stringMatching(/^[a-zé😀0-9]{1,8}(\/[a-z ]{1,8})?$/u);
    const outputs = fc.dictionary(name, fc.string(), { minKeys: 1, maxKeys: 40, noNullPrototype: true });
    fc.assert(
      fc.property(outputs, (some) => {
        const bundle = sealBundle({ bind: true, outputs: some });
        const bytes = make(bundle, Object.keys(some));
        const parsed = parseFileProof(bytes);
        if (!parsed.ok) throw new Error(parsed.code);
        expect(checkFileProof(parsed.value, nodeCrypto).ok).toBe(true);
        expect(encodeFileProof(parsed.value)).toEqual(bytes);
      }),
      { numRuns: runs(60) },
    );
  });

  it("has no steps for the only file of a bundle", () => {
    const bundle = sealBundle({ bind: true, outputs: { only: "1" } });
    expect(proofOf(bundle, ["only"]).files).toMatchObject([{ steps: [] }]);
    expect(check(proofOf(bundle, ["only"])).ok).toBe(true);
  });

  it("contains no names of other files", () => {
    const text = Buffer.from(make(BUNDLE, ["dist/app.js"])).toString();
    for (const path of Object.keys(OUTPUTS)) expect(text.includes(path)).toBe(path === "dist/app.js");
  });
});

describe("a forged proof is refused", () => {
  it.each(RIGHT.files.flatMap(({ steps }) => steps.map((_, index) => [index])))(
    "with the sibling of step %i on the other side",
    (index) => {
      const forged = withSteps((steps) =>
        steps.map((step, at) => (at === index ? { ...step, sibling_is_left: !step.sibling_is_left } : step)),
      );
      expect(check(forged)).toMatchObject({ code: "FILE_PROOF_INVALID", details: { reason: "not-member" } });
    },
  );

  it("with the sibling of its last file on the other side, though the root is the same", () => {
    const right = proofOf(BUNDLE, ["readme.md"]);
    expect(check(right).ok).toBe(true);
    const steps = right.files[0]?.steps.map((step, at) =>
      at === 0 ? { ...step, sibling_is_left: true } : step,
    );
    expect(check({ ...right, files: [{ ...right.files[0], steps }] })).toMatchObject({
      code: "FILE_PROOF_INVALID",
      details: { reason: "not-member", path: "readme.md" },
    });
  });

  it("with a step too few, one too many, or none", () => {
    for (const change of [
      (steps: readonly Step[]) => steps.slice(1),
      (steps: readonly Step[]) => steps.slice(0, -1),
      (steps: readonly Step[]) => [...steps, steps[0]],
      () => [],
    ]) {
      expect(check(withSteps(change))).toMatchObject({
        code: "FILE_PROOF_INVALID",
        details: { reason: "not-member" },
      });
    }
  });

  it("with another digest, so that another file would pass", () => {
    const forged = withFile((file) => ({ ...file, sha256: sha256("evil();\n") }));
    expect(check(forged)).toMatchObject({
      code: "FILE_PROOF_INVALID",
      details: { reason: "not-member", path: "dist/app.js" },
    });
  });

  it("with the path of another file of the same digest", () => {
    const forged = withFile((file) => ({ ...file, path: "dist/copy.js" }));
    expect(check(forged)).toMatchObject({
      code: "FILE_PROOF_INVALID",
      details: { reason: "not-member", path: "dist/copy.js" },
    });
    expect(check(withFile((file) => ({ ...file, path: "elsewhere.js" })))).toMatchObject({
      code: "FILE_PROOF_INVALID",
      details: { reason: "not-member" },
    });
  });

  it("with a right file and one that is not", () => {
    const [right] = proofOf(BUNDLE, ["readme.md"]).files;
    const [wrong] = proofOf(OTHER, ["dist/app.js"]).files;
    expect(check({ ...RIGHT, files: [wrong, right] })).toMatchObject({
      code: "FILE_PROOF_INVALID",
      details: { reason: "not-member", path: "dist/app.js" },
    });
  });

  it("with an inner node of the tree for a file", () => {
    const [, second] = RIGHT.files[0]?.steps ?? [];
    const forged = withFile((file) => ({ ...file, sha256: second?.sibling, steps: file.steps.slice(2) }));
    expect(check(forged)).toMatchObject({ code: "FILE_PROOF_INVALID", details: { reason: "not-member" } });
  });

  it("with another bundle's signature", () => {
    const { signature } = proofOf(OTHER, ["dist/app.js"]).statement;
    expect(check({ ...RIGHT, statement: { ...RIGHT.statement, signature } })).toEqual({
      ok: false,
      code: "FILE_PROOF_INVALID",
      message: "file proof invalid: signature",
      details: { reason: "signature" },
    });
  });

  it("with another bundle's whole statement", () => {
    const { statement } = proofOf(OTHER, ["dist/app.js"]);
    expect(check({ ...RIGHT, statement })).toMatchObject({
      code: "FILE_PROOF_INVALID",
      details: { reason: "not-member" },
    });
  });

  it("with another key beside the signer's statement", () => {
    const public_key = testSigner(SECOND_SEED).publicKeyHex;
    expect(check({ ...RIGHT, public_key })).toEqual({
      ok: false,
      code: "FILE_PROOF_INVALID",
      message: "file proof invalid: identity",
      details: { reason: "identity" },
    });
  });

  it("with another key that was written into the statement too", () => {
    const { publicKeyHex: public_key, validatorId: validator_id } = testSigner(SECOND_SEED);
    const statement = { ...RIGHT.statement, validator_id };
    expect(check({ ...RIGHT, public_key, statement })).toMatchObject({
      code: "FILE_PROOF_INVALID",
      details: { reason: "signature" },
    });
  });

  it("is a proof of the other signer if another key signs the same statement", () => {
    const { signer } = checked(proofOf(BUNDLE, ["dist/app.js"], SECOND_SEED));
    expect(signer.validatorId).toBe(testSigner(SECOND_SEED).validatorId);
  });

  it.each([
    ["0".repeat(64)],
    [`01${"0".repeat(62)}`],
    ["f".repeat(64)],
    ["x"],
    [""],
    [RIGHT.public_key.toUpperCase()],
  ])("with the public key %s", (public_key) => {
    expect(check({ ...RIGHT, public_key })).toMatchObject({
      code: "FILE_PROOF_INVALID",
      details: { reason: "key" },
    });
  });

  it("if any byte is changed", () => {
    const bytes = Buffer.from(canonical(RIGHT));
    const place = fc.integer({ min: 0, max: bytes.length - 1 });
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), (index, difference) => {
        const changed = Buffer.from(bytes);
        changed[index] = ((changed[index] ?? 0) + difference) % 256;
        const parsed = parseFileProof(changed);
        expect(parsed.ok && checkFileProof(parsed.value, nodeCrypto).ok).toBe(false);
      }),
      { numRuns: runs(2000) },
    );
  });

  it("if it is cut off at any byte", () => {
    const bytes = Buffer.from(canonical(RIGHT));
    for (let length = 0; length < bytes.length; length++) {
      expect(parseFileProof(bytes.subarray(0, length)).ok).toBe(false);
    }
  });
});

describe("bytes that are not a proof", () => {
  const [file] = RIGHT.files;
  const cases: readonly (readonly [string, FileProofReason, unknown])[] = [
    ["a list", "not-an-object", [RIGHT]],
    ["a newer version", "newer-version", { ...RIGHT, version: 2, more: true }],
    ["no version", "fields", { ...RIGHT, version: undefined }],
    ["an extra member", "fields", { ...RIGHT, note: "" }],
    ["no public key", "fields", { ...RIGHT, public_key: undefined }],
    ["an extra member in the statement", "statement", { ...RIGHT, statement: { ...RIGHT.statement, x: 1 } }],
    ["no files", "no-files", { ...RIGHT, files: [] }],
    ["an extra member in a file", "file", withFile((right) => ({ ...right, bytes: 5 }))],
    ["an uppercase digest", "file", withFile((right) => ({ ...right, sha256: right.sha256.toUpperCase() }))],
    ["a path that is absolute", "file", withFile((right) => ({ ...right, path: "/etc/passwd" }))],
    ["a path that climbs", "file", withFile((right) => ({ ...right, path: "../app.js" }))],
    ["a path that no tree takes", "file", withFile((right) => ({ ...right, path: "C:app.js" }))],
    ["steps that are not a list", "steps", withSteps(() => "none")],
    ["a step with an extra member", "steps", withSteps(([step]) => [{ ...step, level: 0 }])],
    ["a side that is not a boolean", "steps", withSteps(([step]) => [{ ...step, sibling_is_left: 0 }])],
    ["an uppercase sibling", "steps", withSteps(([step]) => [{ ...step, sibling: "A".repeat(64) }])],
    ["65 steps", "steps", withSteps(([step]) => Array.from({ length: 65 }, () => step))],
    ["a file twice", "order", { ...RIGHT, files: [file, file] }],
    [
      "files out of order",
      "order",
      { ...RIGHT, files: [...proofOf(BUNDLE, ["readme.md", "dist/app.js"]).files] },
    ],
  ];

  it.each(cases)("are refused with %s (%s)", (_what, reason, proof) => {
    expect(check(proof)).toMatchObject({ ok: false, code: "FILE_PROOF_MALFORMED", details: { reason } });
  });

  it.each([null, 1, true, "x", [], {}])("are refused with %j in the place of any value", (other) => {
    let places = 0;
    for (const changed of replacedAnywhere(RIGHT, other)) {
      expect(check(changed)).toMatchObject({ ok: false });
      places++;
    }
    expect(places).toBeGreaterThan(20);
  });

  it("report which file is malformed", () => {
    const files = [...proofOf(BUNDLE, ["dist/app.js"]).files, { path: "x" }];
    expect(check({ ...RIGHT, files })).toMatchObject({ details: { reason: "file", entry: 2 } });
  });

  it.each<[FileProofReason, string]>([
    ["byte-order-mark", `\ufeff${canonical(RIGHT)}`],
    ["duplicate-key", canonical(RIGHT).replace('"sibling_is_left":', '"sibling":"","sibling_is_left":')],
    ["too-deep", `${"[".repeat(600)}${"]".repeat(600)}`],
    ["not-json", `${canonical(RIGHT).slice(0, -1)},}`],
  ])("are refused if they are not strict JSON (%s)", (reason, text) => {
    expect(parseFileProof(Buffer.from(text))).toMatchObject({
      code: "FILE_PROOF_MALFORMED",
      details: { reason },
    });
  });

  it("are refused above the limit of bytes, whatever their contents", () => {
    const padded = Buffer.concat([Buffer.from(canonical(RIGHT)), Buffer.alloc(64 * 1024 * 1024, " ")]);
    expect(parseFileProof(padded)).toMatchObject({ details: { reason: "too-large" } });
  });
});

describe("comparing a file with a proof", () => {
  const proof = checked(proofOf(BUNDLE, ["dist/app.js", "readme.md"]));
  const find = (name: string, address: string): unknown => {
    const found = findProvenFile(proof, name, address);
    return found.ok ? found.value.path : found.code;
  };

  it.each([
    ["dist/app.js", "/home/a/dist/app.js", "dist/app.js"],
    ["app.js", "/home/a/dist/app.js", "dist/app.js"],
    ["readme.md", "/elsewhere/readme.md", "readme.md"],
    ["dist/app.js", "/home/a/readme.md", "dist/app.js"],
    ["app.js", "/home/a/app.js", "FILE_NOT_PROVEN"],
    ["README.md", "/home/a/README.md", "FILE_NOT_PROVEN"],
    ["dist/app.js/", "/home/a/dist/app.js/", "FILE_NOT_PROVEN"],
    ["", "/", "FILE_NOT_PROVEN"],
  ])("finds the file named %j at %j as %j", (name, address, expected) => {
    expect(find(name, address)).toBe(expected);
  });

  it("does not guess if the address ends with several paths of the proof", () => {
    const outputs = { "a/b": "1", b: "2" };
    const both = checked(proofOf(sealBundle({ bind: true, outputs }), ["a/b", "b"]));
    expect(findProvenFile(both, "x", "/home/a/b")).toEqual({
      ok: false,
      code: "AMBIGUOUS",
      message: 'ambiguous: "x": file',
      details: { reason: "file", names: ["x"], candidates: ["a/b", "b"] },
    });
    expect(findProvenFile(both, "b", "/home/a/b")).toMatchObject({ value: { path: "b" } });
  });

  it("accepts the file's own bytes and no others", () => {
    const [file] = proof.files;
    if (file === undefined) throw new Error("no file");
    const digest = (text: string) => digestToHex(nodeCrypto.sha256(Buffer.from(text)));
    expect(checkProvenBytes(file, digest("run();\n"), nodeCrypto)).toBeUndefined();
    expect(checkProvenBytes(file, digest("evil();\n"), nodeCrypto)).toEqual({
      ok: false,
      code: "FILE_DIFFERS",
      message: 'file differs: "dist/app.js"',
      details: {
        path: "dist/app.js",
        expected: `sha256:${sha256("run();\n")}`,
        actual: `sha256:${sha256("evil();\n")}`,
      },
    });
  });
});
