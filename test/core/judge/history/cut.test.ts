import { describe, expect, it } from "vitest";
import { CUT_FILE, type HistoryCut } from "../../../../src/core/judge/history/cut.ts";
import { identityOf } from "../../../../src/core/records/artifacts/identity.ts";
import { digestToHex } from "../../../../src/core/system/bytes/hex.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { canonical, FIRST_SEED, SECOND_SEED, sha256, testSigner } from "../../../support/bundles/bundle.ts";

const ROOT = sha256("root");

/** The members of a right file, but for its signature. */
const MEMBERS = {
  bundle_root: ROOT,
  cut_at: "2026-11-25T01:02:03Z",
  failed_runs: [{ bundle_root: sha256("failed"), run_id: "failed" }],
  forgotten: 12,
  public_key: testSigner(FIRST_SEED).publicKeyHex,
  version: 1,
};

/** A file of these members, signed from the words of the protocol alone. */
function fileOf(over: Readonly<Record<string, unknown>> = {}, prefix = "RUNSEAL-CUT-v1:"): Buffer {
  const { signature: given, ...members } = { ...MEMBERS, signature: undefined, ...over };
  const signature = given ?? testSigner(FIRST_SEED).sign(Buffer.from(prefix + canonical(members)));
  return Buffer.from(`${canonical({ ...members, signature })}\n`);
}

const read = (bytes: Uint8Array): ReturnType<typeof CUT_FILE.read> => CUT_FILE.read(bytes, nodeCrypto);
const MALFORMED = { ok: false, reason: "malformed" };

describe("CUT.json (PROTOCOL 18)", () => {
  const signer = identityOf(new Uint8Array(testSigner(FIRST_SEED).publicKey), nodeCrypto);
  const facts = {
    bundleRoot: digestToHex(Buffer.from(ROOT, "hex")),
    cutAt: MEMBERS.cut_at,
    failedRuns: [{ runId: "failed", bundleRoot: digestToHex(Buffer.from(sha256("failed"), "hex")) }],
    forgotten: 12,
  };

  it("is read with its signer", () => {
    expect(read(fileOf())).toEqual({ ...facts, signer } satisfies HistoryCut);
  });

  it("is encoded as the protocol's words say", () => {
    const message = CUT_FILE.encodeMessage(facts, signer);
    const { failed_runs, ...members } = MEMBERS;
    expect(Buffer.from(message).toString()).toBe(`RUNSEAL-CUT-v1:${canonical({ ...members, failed_runs })}`);
    const signature = Buffer.from(testSigner(FIRST_SEED).sign(message), "hex");
    expect(Buffer.from(CUT_FILE.encode(facts, signer, signature))).toEqual(fileOf());
  });

  it.each([
    ["bundle_root", ROOT.toUpperCase()],
    ["cut_at", "2026-11-25"],
    ["failed_runs", [{ bundle_root: null, run_id: "killed" }]],
    ["failed_runs", [{ bundle_root: ROOT, run_id: "a/b" }]],
    ["forgotten", 0],
    ["forgotten", -1],
    ["public_key", "00".repeat(32)],
    ["signature", "00"],
    ["version", 2],
    ["more", true],
  ])("is malformed where %s is %j", (member, value) => {
    expect(read(fileOf({ [member]: value }))).toEqual(MALFORMED);
  });

  it.each(Object.keys(MEMBERS))("is malformed without %s", (member) => {
    expect(read(fileOf({ [member]: undefined }))).toEqual(MALFORMED);
  });

  it("is malformed in any other form than the canonical one", () => {
    const text = fileOf().toString();
    for (const other of [text.trimEnd(), ` ${text}`, text.replace(":12,", ": 12,"), "", "{}\n", "\ufeff"])
      expect(read(Buffer.from(other))).toEqual(MALFORMED);
  });

  it("does not hold under the signature of another key, or of another domain", () => {
    const other = fileOf({ signature: testSigner(SECOND_SEED).sign(Buffer.from("x")) });
    expect(read(other)).toEqual({ ok: false, reason: "signature" });
    for (const prefix of ["", "RUNSEAL-COUNTERSIGNATURE-v1:", "CAT-DPT-SPECTRUM-04-v1:BUNDLE:"])
      expect(read(fileOf({}, prefix))).toEqual({ ok: false, reason: "signature" });
  });

  it("does not hold when any byte is another one, and never throws", () => {
    const bytes = fileOf();
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(read(changed), `byte ${at}`).toMatchObject({ ok: false });
      expect(read(bytes.subarray(0, at)), `cut at ${at}`).toMatchObject({ ok: false });
    }
  });
});
