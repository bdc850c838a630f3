import { describe, expect, it } from "vitest";
import {
  addCountersignature,
  type CountersignatureFinding,
  type CountersignaturesReading,
  encodeCountersigningMessage,
  findCountersignatures,
} from "../../../../src/core/judge/bundle/countersignature.ts";
import { parseTrustFile } from "../../../../src/core/judge/trust/trust-file.ts";
import { decideTrust, questionOf } from "../../../../src/core/judge/trust/trust-policy.ts";
import { parsePublicKey } from "../../../../src/core/records/artifacts/identity.ts";
import { isHexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import {
  FIRST_SEED,
  openedOf,
  SECOND_SEED,
  sealBundle,
  sha256,
  testSigner,
} from "../../../support/bundles/bundle.ts";
import {
  COUNTERSIGNED_AT,
  countersignatureOf,
  countersignaturesFile,
  type Entry,
} from "../../../support/bundles/countersign.ts";
import { judgeOpened } from "../../../support/bundles/judge.ts";

const BUNDLE = sealBundle({ bind: true });
const OTHER_BUNDLE = sealBundle({ bind: true, runId: "run-002" });
const RIGHT = countersignatureOf(SECOND_SEED, BUNDLE);
const NO_FORM = "is not of the form of a countersignature";

function bytesOf(bytes: Uint8Array): CountersignaturesReading {
  return { kind: "bytes", bytes };
}

/** What is found in a file beside `BUNDLE`. */
function find(reading: CountersignaturesReading | undefined): readonly CountersignatureFinding[] {
  if (!isHexDigest(BUNDLE.bundleRoot)) throw new Error("no root");
  return findCountersignatures(reading, BUNDLE.bundleRoot, nodeCrypto);
}

function findEntry(entry: unknown): CountersignatureFinding | undefined {
  const [finding, ...others] = find(bytesOf(countersignaturesFile(entry)));
  expect(others).toEqual([]);
  return finding;
}

describe("countersignatures (PROTOCOL 12)", () => {
  it("are found with signer and time if they hold", () => {
    const { publicKeyHex } = testSigner(SECOND_SEED);
    expect(find(bytesOf(countersignaturesFile(RIGHT)))).toEqual([
      { kind: "holds", signer: parsePublicKey(publicKeyHex, nodeCrypto), signedAt: COUNTERSIGNED_AT },
    ]);
  });

  it("cover the domain prefix and the canonical form of root, time and id", () => {
    const { bundleRoot } = BUNDLE;
    const { validatorId } = testSigner(SECOND_SEED);
    if (!isHexDigest(bundleRoot) || !isHexDigest(validatorId)) throw new Error("no digests");
    const facts = { bundleRoot, validatorId, signedAt: COUNTERSIGNED_AT };
    expect(Buffer.from(encodeCountersigningMessage(facts)).toString()).toBe(
      `RUNSEAL-COUNTERSIGNATURE-v1:{"bundle_root":"${bundleRoot}",` +
        `"signed_at":"${COUNTERSIGNED_AT}","validator_id":"${validatorId}"}`,
    );
  });

  it.each<[string, CountersignaturesReading]>([
    ["is a link or a folder", { kind: "not-a-regular-file" }],
    ["can't be read", { kind: "unreadable" }],
    ["is too large", { kind: "too-large", limit: 1 }],
    ["has a duplicate key", bytesOf(Buffer.from('{"version":1,"version":1,"countersignatures":[]}'))],
    ["is of version 2", bytesOf(Buffer.from('{"version":2,"countersignatures":[]}'))],
    ["has no list", bytesOf(Buffer.from('{"version":1,"countersignatures":{}}'))],
    ["has one field more", bytesOf(Buffer.from('{"version":1,"countersignatures":[],"x":0}'))],
    ["has a byte-order mark", bytesOf(Buffer.from('\uFEFF{"version":1,"countersignatures":[]}'))],
  ])("do not count if the file %s", (_what, reading) => {
    expect(find(reading)).toMatchObject([
      { kind: "fails", code: "COUNTERSIGNATURES_MALFORMED", entry: undefined },
    ]);
  });

  it.each<[string, unknown]>([
    ["a text", "x"],
    ["with a field more", { ...RIGHT, comment: "" }],
    ["of another algorithm", { ...RIGHT, algorithm: "Ed25519" }],
    ["with an uppercase key", { ...RIGHT, public_key: String(RIGHT["public_key"]).toUpperCase() }],
    ["with another's id", { ...RIGHT, validator_id: testSigner(FIRST_SEED).validatorId }],
    ["with a short signature", { ...RIGHT, signature: "00" }],
    ["with a moment that the calendar has not", { ...RIGHT, signed_at: "2026-02-30T00:00:00Z" }],
  ])("do not count an entry that is %s, and report it; the other entries count", (_what, entry) => {
    expect(find(bytesOf(countersignaturesFile(RIGHT, entry, RIGHT)))).toMatchObject([
      { kind: "holds" },
      { kind: "fails", code: "COUNTERSIGNATURE_INVALID", entry: 2, reason: `entry 2 ${NO_FORM}` },
      { kind: "holds" },
    ]);
  });
});

describe("forged countersignatures (PROTOCOL 12)", () => {
  const invalid = {
    kind: "fails",
    code: "COUNTERSIGNATURE_INVALID",
    entry: 1,
    reason: expect.stringContaining("does not hold over this bundle"),
  };

  it("do not hold if copied from another bundle", () => {
    expect(findEntry(countersignatureOf(SECOND_SEED, OTHER_BUNDLE))).toMatchObject(invalid);
  });

  it("do not hold with the key and id of another signer", () => {
    const { publicKeyHex, validatorId } = testSigner(FIRST_SEED);
    expect(findEntry({ ...RIGHT, public_key: publicKeyHex, validator_id: validatorId })).toMatchObject(
      invalid,
    );
  });

  it("do not hold if copied from the bundle's own signature", () => {
    const own = JSON.parse(BUNDLE.artifacts["SIGNATURE.json"].toString()) as Entry;
    const { publicKeyHex, validatorId } = testSigner(FIRST_SEED);
    const entry = {
      ...RIGHT,
      public_key: publicKeyHex,
      validator_id: validatorId,
      signature: own["signature"],
    };
    expect(findEntry(entry)).toMatchObject(invalid);
  });

  it("are not accepted as a bundle's own signature", () => {
    const { signature } = countersignatureOf(FIRST_SEED, BUNDLE);
    const own = JSON.parse(BUNDLE.artifacts["SIGNATURE.json"].toString()) as Entry;
    const opened = openedOf(BUNDLE, { "SIGNATURE.json": JSON.stringify({ ...own, signature }) });
    expect(judgeOpened(opened, BUNDLE)).toMatchObject({ ok: false, code: "SIGNATURE_INVALID" });
  });

  it("do not count with the identity point as key, which some libraries accept for every message", () => {
    const publicKey = `01${"00".repeat(31)}`;
    const validator_id = sha256(Buffer.from(publicKey, "hex"));
    const entry = {
      ...RIGHT,
      public_key: publicKey,
      validator_id,
      signature: `${publicKey}${"00".repeat(32)}`,
    };
    expect(findEntry(entry)).toMatchObject({
      kind: "fails",
      code: "COUNTERSIGNATURE_INVALID",
      reason: `entry 1 ${NO_FORM}`,
    });
  });

  it("do not hold after any byte of the file is changed or cut, and never throw", () => {
    const right = countersignaturesFile(RIGHT);
    for (let index = 0; index < right.length; index++) {
      const mangled = Buffer.from(right);
      mangled[index] = ((mangled[index] ?? 0) + 1) % 256;
      for (const bytes of [mangled, right.subarray(0, index)]) {
        expect(find(bytesOf(bytes)).filter(({ kind }) => kind === "holds")).toEqual([]);
      }
    }
  });
});

describe("countersignatures and the verdict (PROTOCOL 8 and 12)", () => {
  const policy = (() => {
    const [first, second] = [FIRST_SEED, SECOND_SEED].map((seed) => testSigner(seed).publicKeyHex);
    const text = `alice runseal-ed25519 ${first}\nbob runseal-ed25519 ${second}\n[require 2 of alice,bob]`;
    const parsed = parseTrustFile(Buffer.from(text), nodeCrypto);
    if (!parsed.ok) throw new Error(parsed.reason);
    return { sources: [{ label: "signers", ...parsed.value }] };
  })();

  function trustWith(bytes: Buffer | undefined): ReturnType<typeof decideTrust> {
    const opened = {
      ...openedOf(BUNDLE),
      ...(bytes === undefined ? {} : { countersignatures: bytesOf(bytes) }),
    };
    const verdict = judgeOpened(opened, BUNDLE);
    if (!verdict.ok) throw new Error(`rejected: ${verdict.code}`);
    return decideTrust(policy, questionOf(verdict.value, 0));
  }

  it("meet a threshold", () => {
    expect(trustWith(countersignaturesFile(RIGHT))).toMatchObject({
      ok: true,
      countersigners: [{ ok: true, code: "OK", name: "bob", signed_at: COUNTERSIGNED_AT }],
    });
  });

  it.each([
    ["no file", undefined],
    ["an empty list", countersignaturesFile()],
    ["garbage", Buffer.from("garbage")],
    ["the signer's own", countersignaturesFile(countersignatureOf(FIRST_SEED, BUNDLE))],
    ["one from another bundle", countersignaturesFile(countersignatureOf(SECOND_SEED, OTHER_BUNDLE))],
  ])("never change the verdict: %s", (_what, bytes) => {
    expect(trustWith(bytes)).toMatchObject({ ok: false, code: "SIGNER_THRESHOLD_UNMET" });
  });
});

describe("adding a countersignature (PROTOCOL 12)", () => {
  const added = (() => {
    const signer = parsePublicKey(testSigner(SECOND_SEED).publicKeyHex, nodeCrypto);
    if (signer === undefined) throw new Error("no signer");
    const signature = Buffer.from(String(RIGHT["signature"]), "hex");
    return { signer, signedAt: COUNTERSIGNED_AT, signature };
  })();

  it("writes the file in canonical form", () => {
    const made = addCountersignature({ kind: "missing" }, added);
    expect(made.ok && Buffer.from(made.value).toString()).toBe(countersignaturesFile(RIGHT).toString());
  });

  it("keeps existing entries, failing ones too", () => {
    const before = [countersignatureOf(FIRST_SEED, OTHER_BUNDLE), { odd: [1, null] }];
    const made = addCountersignature(bytesOf(countersignaturesFile(...before)), added);
    expect(made.ok && Buffer.from(made.value).toString()).toBe(
      countersignaturesFile(...before, RIGHT).toString(),
    );
  });

  it.each<[string, CountersignaturesReading]>([
    ["garbage", bytesOf(Buffer.from("garbage"))],
    ["a link", { kind: "not-a-regular-file" }],
    ["a newer version", bytesOf(Buffer.from('{"version":2,"countersignatures":[]}'))],
    ["a file without a canonical form", bytesOf(Buffer.from('{"version":1,"countersignatures":[1.0]}'))],
    ["a file of almost the greatest size", bytesOf(countersignaturesFile("x".repeat(1024 * 1024 - 100)))],
  ])("is refused if the file is %s", (_what, reading) => {
    expect(addCountersignature(reading, added)).toEqual({ ok: false, code: "COUNTERSIGNATURES_MALFORMED" });
  });
});
