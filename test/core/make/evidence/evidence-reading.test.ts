import { describe, expect, it } from "vitest";
import { judgeEvidence } from "../../../../src/core/make/evidence/reading/judge-evidence.ts";
import { type EvidenceKey, ed25519Key } from "../../../../src/core/make/evidence/reading/public-key.ts";
import { evidenceCrypto } from "../../../../src/node/judge/check/node-evidence-crypto.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { caseOf } from "../../../support/command/case-of.ts";
import { readForeign } from "../../../support/evidence/read-foreign.ts";
import {
  bundleOf,
  EVIDENCE_SIGNER,
  envelopeOf,
  KEY_NUMBER,
  minisignOf,
  signifyOf,
  sshSignatureOf,
  statementOf,
} from "../../../support/evidence/signed-evidence.ts";
import { longIt } from "../../../support/rings/ring.ts";

const A = sha256("a");
const LIST = Buffer.from(`SHA256 (x) = ${A}\n`);
const KEY: EvidenceKey = { algorithm: "ed25519", publicKey: EVIDENCE_SIGNER.publicKey };
const NAMESPACE = "runseal-sums";

type Judged = ReturnType<typeof judgeEvidence>;

/** Reads evidence and judges it with the right key. */
function judge(evidence: Uint8Array, list?: Uint8Array, keys: readonly EvidenceKey[] = [KEY]): Judged {
  const read = readForeign(evidence, NAMESPACE);
  return read.ok ? judgeEvidence(read.value, list, keys, evidenceCrypto) : read;
}

function expectCode(judged: Judged, code: string, reason?: string): void {
  expect(judged).toMatchObject({ ok: false, code, ...(reason === undefined ? {} : { details: { reason } }) });
}

/** An envelope as an object, of a statement about one file. */
function envelope(over: object = {}): Record<string, unknown> {
  return { ...JSON.parse(envelopeOf(statementOf({ x: A })).toString()), ...over };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

describe("an envelope", () => {
  it("is judged by what its statement says", () => {
    const judged = judge(json(envelope()));
    expect(judged).toMatchObject({ ok: true, value: { key: KEY, ignored: [] } });
    expect(judged.ok && [...judged.value.files]).toEqual([["x", `sha256:${A}`]]);
  });

  it("is judged the same with any key id, which is not signed", () => {
    const [{ sig }] = envelope()["signatures"] as [{ sig: string }];
    for (const keyid of ["", "another", null])
      expect(judge(json(envelope({ signatures: [{ keyid, sig }] }))).ok).toBe(true);
  });

  it.each([
    ["an unknown member", { more: 1 }, "EVIDENCE_MALFORMED", "fields"],
    ["no payload", { payload: undefined }, "EVIDENCE_MALFORMED", "fields"],
    ["a payload that is not base64", { payload: "a*==" }, "EVIDENCE_MALFORMED", "payload"],
    ["another payload type", { payloadType: "text/plain" }, "EVIDENCE_UNSUPPORTED", "payload-type"],
    ["no signature", { signatures: [] }, "EVIDENCE_MALFORMED", "fields"],
    ["a signature without bytes", { signatures: [{ sig: "" }] }, "EVIDENCE_MALFORMED", "signature"],
    ["a short signature", { signatures: [{ sig: "AAAA" }] }, "EVIDENCE_SIGNATURE_INVALID", undefined],
  ])("is refused for %s", (_, over, code, reason) => {
    expectCode(judge(json(envelope(over))), code, reason);
  });

  it("is refused for two signatures, even if both hold", () => {
    const signatures = envelope()["signatures"] as unknown[];
    const both = json(envelope({ signatures: [...signatures, ...signatures] }));
    expectCode(judge(both), "EVIDENCE_UNSUPPORTED", "several-signatures");
  });

  it("is refused for a duplicate member, wherever the second one stands", () => {
    const text = JSON.stringify(envelope());
    expectCode(
      judge(Buffer.from(text.replace("{", '{"payload":"AAAA",'))),
      "EVIDENCE_MALFORMED",
      "duplicate-key",
    );
    const inner = Buffer.from(
      statementOf({ x: A })
        .toString()
        .replace('"sha256":', `"sha256":"${sha256("b")}","sha256":`),
    );
    expectCode(judge(envelopeOf(inner)), "EVIDENCE_MALFORMED", "duplicate-key");
  });

  it("is refused for a second envelope behind it", () => {
    const text = JSON.stringify(envelope());
    expectCode(judge(Buffer.from(`${text}\n${text}\n`)), "EVIDENCE_MALFORMED", "trailing-bytes");
  });

  it("is refused for nesting beyond the limit, in the envelope and in its payload", () => {
    const deep = "[".repeat(100_000);
    expectCode(judge(Buffer.from(`{"payload":${deep}`)), "EVIDENCE_MALFORMED", "too-deep");
    expectCode(judge(envelopeOf(Buffer.from(`{"a":${deep}`))), "EVIDENCE_MALFORMED", "too-deep");
  });

  it("is not read before its signature holds", () => {
    const forged = envelope({ payload: Buffer.from("not JSON").toString("base64") });
    expectCode(judge(json(forged)), "EVIDENCE_SIGNATURE_INVALID");
  });

  it("is refused for a signature beyond the order of the group, which holds arithmetically", () => {
    const [{ sig }] = envelope()["signatures"] as [{ sig: string }];
    const bytes = Buffer.from(sig, "base64");
    const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
    let scalar = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString("hex")}`) + order;
    for (let index = 32; index < 64; index++, scalar >>= 8n) bytes[index] = Number(scalar & 255n);
    const forged = envelope({ signatures: [{ sig: bytes.toString("base64") }] });
    expectCode(judge(json(forged)), "EVIDENCE_SIGNATURE_INVALID");
  });
});

describe("a Sigstore bundle", () => {
  const inner = json(envelope());

  it.each([
    ["with a hint", { publicKey: { hint: "x" } }],
    ["without a hint", { publicKey: {} }],
    [
      "with a key, which is not believed",
      { publicKey: { rawBytes: "AAAA", keyDetails: "PKIX_ECDSA_P384_SHA_384" } },
    ],
    ["with entries of a log, which are not judged", { publicKey: {}, tlogEntries: [{ a: 1 }] }],
    ["with timestamps, which are not judged", { publicKey: {}, timestampVerificationData: {} }],
  ])("is judged %s", (_, material) => {
    expect(judge(bundleOf(inner, material)).ok).toBe(true);
  });

  it.each([
    ["a certificate", { certificate: { rawBytes: "AAAA" } }, "EVIDENCE_UNSUPPORTED", "certificate"],
    ["an unknown member", { publicKey: {}, more: 1 }, "EVIDENCE_MALFORMED", "fields"],
    ["no key", {}, "EVIDENCE_MALFORMED", "fields"],
  ])("is refused for %s in its verification material", (_, material, code, reason) => {
    expectCode(judge(bundleOf(inner, material)), code, reason);
  });

  const whole = JSON.parse(bundleOf(inner).toString()) as Record<string, unknown>;

  it.each([
    [
      "another version",
      { mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.2" },
      "EVIDENCE_UNSUPPORTED",
      "media-type",
    ],
    ["no media type", { mediaType: undefined }, "EVIDENCE_UNSUPPORTED", "media-type"],
    ["a foreign media type", { mediaType: "application/json" }, "EVIDENCE_UNSUPPORTED", "media-type"],
    ["a media type that is no text", { mediaType: [] }, "EVIDENCE_UNSUPPORTED", "media-type"],
    [
      "the signature of a message",
      { dsseEnvelope: undefined, messageSignature: {} },
      "EVIDENCE_UNSUPPORTED",
      "message-signature",
    ],
    ["an envelope that is a text", { dsseEnvelope: "x" }, "EVIDENCE_MALFORMED", "fields"],
  ])("is refused for %s", (_, over, code, reason) => {
    expectCode(judge(json({ ...whole, ...over })), code, reason);
  });
});

describe("a statement", () => {
  it.each([
    ["of version 0.1, as cosign 2 writes it", { _type: "https://in-toto.io/Statement/v0.1" }],
    ["with members that are not known", { more: 1 }],
    ["without a predicate", { predicate: undefined }],
    [
      "with other digests beside SHA-256",
      { subject: [{ name: "x", digest: { sha256: A, sha512: "?" }, uri: "y" }] },
    ],
  ])("is read %s", (_, over) => {
    expect(judge(envelopeOf(statementOf({ x: A }, over))).ok).toBe(true);
  });

  it.each([
    ["another type", { _type: "link" }, "EVIDENCE_UNSUPPORTED", "statement-type"],
    ["no type", { _type: undefined }, "EVIDENCE_MALFORMED", "statement"],
    ["no subject", { subject: [] }, "EVIDENCE_MALFORMED", "empty"],
    ["a subject without a name", { subject: [{ digest: { sha256: A } }] }, "EVIDENCE_MALFORMED", "subject"],
    ["a subject without a digest", { subject: [{ name: "x" }] }, "EVIDENCE_MALFORMED", "subject"],
    [
      "a subject with another digest",
      { subject: [{ name: "x", digest: { sha512: "y" } }] },
      "EVIDENCE_UNSUPPORTED",
      "digest-algorithm",
    ],
    [
      "a digest in uppercase",
      { subject: [{ name: "x", digest: { sha256: A.toUpperCase() } }] },
      "EVIDENCE_MALFORMED",
      "digest",
    ],
    [
      "a name twice",
      { subject: [1, 2].map(() => ({ name: "x", digest: { sha256: A } })) },
      "EVIDENCE_MALFORMED",
      "duplicate",
    ],
  ])("is refused for %s", (_, over, code, reason) => {
    expectCode(judge(envelopeOf(statementOf({}, over))), code, reason);
  });

  it("says which subject is wrong", () => {
    const subject = [{ name: "x", digest: { sha256: A } }, { name: "y" }];
    expect(judge(envelopeOf(statementOf({}, { subject })))).toMatchObject({ details: { entry: 2 } });
  });

  it("of too many subjects is refused by the limit on values", () => {
    const subjects = Buffer.from(`{"subject":[${"{},".repeat(1_000_000)}{}]}`);
    expectCode(judge(envelopeOf(subjects)), "EVIDENCE_MALFORMED", "too-many-values");
  });

  longIt("of 400,000 subjects is read", () => {
    const names = Array.from({ length: 400_000 }, (_, index) => [index, A]);
    const judged = judge(envelopeOf(statementOf(Object.fromEntries(names))));
    expect(judged.ok && judged.value.files.size).toBe(400_000);
  });
});

describe("the predicate of model-signing", () => {
  const B = sha256("b");
  const ROOT = sha256(Buffer.from(A + B, "hex"));
  const resources = [
    { name: "x", algorithm: "sha256", digest: A },
    { name: "y", algorithm: "sha256", digest: B },
  ];
  const serialization = { method: "files", hash_type: "sha256", allow_symlinks: false };

  function model(over: object, root: string = ROOT, more: object = {}): Judged {
    const predicate = { serialization, resources, ...over };
    const predicateType = "https://model_signing/signature/v1.0";
    return judge(envelopeOf(statementOf({ model: root }, { predicate, predicateType, ...more })));
  }

  it("names the files of the model, and what its signer left out", () => {
    const judged = model({ serialization: { ...serialization, ignore_paths: [".git"] } });
    expect(judged).toMatchObject({ ok: true, value: { ignored: [".git"] } });
    expect(judged.ok && [...judged.value.files.keys()]).toEqual(["x", "y"]);
  });

  it("names the model itself where that is one file", () => {
    const single = [{ name: ".", algorithm: "sha256", digest: A }];
    const judged = model({ resources: single }, sha256(Buffer.from(A, "hex")));
    expect(judged.ok && [...judged.value.files]).toEqual([["model", `sha256:${A}`]]);
  });

  it.each([
    [
      "resources in another order",
      { resources: resources.toReversed() },
      "EVIDENCE_MALFORMED",
      "inconsistent",
    ],
    ["a resource less", { resources: resources.slice(1) }, "EVIDENCE_MALFORMED", "inconsistent"],
    ["no resource", { resources: [] }, "EVIDENCE_MALFORMED", "empty"],
    ["a resource twice", { resources: [resources[0], resources[0]] }, "EVIDENCE_MALFORMED", "duplicate"],
    [
      "the model beside its files",
      { resources: [{ ...resources[0], name: "." }, resources[1]] },
      "EVIDENCE_MALFORMED",
      "predicate",
    ],
    [
      "a digest of another length",
      { resources: [{ ...resources[0], digest: "aa" }] },
      "EVIDENCE_MALFORMED",
      "digest",
    ],
    [
      "shards",
      { serialization: { ...serialization, method: "shards" } },
      "EVIDENCE_UNSUPPORTED",
      "serialization",
    ],
    [
      "another hash",
      { serialization: { ...serialization, hash_type: "blake2b" } },
      "EVIDENCE_UNSUPPORTED",
      "digest-algorithm",
    ],
  ])("is refused for %s", (_, over, code, reason) => {
    expectCode(model(over), code, reason);
  });

  it("is refused for two subjects, and for another digest of the model", () => {
    const subject = ["x", "y"].map((name) => ({ name, digest: { sha256: ROOT } }));
    expectCode(model({}, ROOT, { subject }), "EVIDENCE_MALFORMED", "predicate");
    expectCode(model({}, A), "EVIDENCE_MALFORMED", "inconsistent");
  });
});

describe("an SSH signature", () => {
  /** The signature with its blob changed. */
  function withBlob(change: (blob: Buffer) => Buffer): Buffer {
    const lines = sshSignatureOf(LIST).toString().trimEnd().split("\n").slice(1, -1);
    const blob = change(Buffer.from(lines.join(""), "base64")).toString("base64");
    const body = (blob.match(/.{1,70}/g) ?? []).join("\n");
    return Buffer.from(`-----BEGIN SSH SIGNATURE-----\n${body}\n-----END SSH SIGNATURE-----\n`);
  }

  function replacing(from: string, to: string): (blob: Buffer) => Buffer {
    return (blob) => Buffer.from(blob.toString("latin1").replace(from, to), "latin1");
  }

  it("is judged by the key in it, whatever keys are given: the caller decides about the key", () => {
    const judged = judge(sshSignatureOf(LIST), LIST, []);
    expect(judged.ok && judged.value.key).toEqual(ed25519Key(Uint8Array.from(EVIDENCE_SIGNER.publicKey)));
  });

  it.each([
    [
      "version 0, which ssh-keygen takes",
      replacing("SSHSIG\0\0\0\u0001", "SSHSIG\0\0\0\0"),
      "EVIDENCE_UNSUPPORTED",
      "ssh-version",
    ],
    ["another magic", replacing("SSHSIG", "SSHSIH"), "EVIDENCE_MALFORMED", "blob"],
    ["another key type", replacing("ssh-ed25519", "ssh-ed25518"), "EVIDENCE_UNSUPPORTED", "ssh-key-type"],
    ["another namespace", replacing("runseal-sums", "runseal-sumz"), "EVIDENCE_UNSUPPORTED", "ssh-namespace"],
    ["another hash", replacing("sha512", "sha384"), "EVIDENCE_UNSUPPORTED", "ssh-hash"],
    [
      "the other hash that the form has",
      replacing("sha512", "sha256"),
      "EVIDENCE_SIGNATURE_INVALID",
      undefined,
    ],
    [
      "a reserved field",
      replacing("sums\0\0\0\0\0\0\0\u0006", "sums\0\0\0\u0001x\0\0\0\u0006"),
      "EVIDENCE_UNSUPPORTED",
      "ssh-reserved",
    ],
    [
      "a byte behind its end",
      (blob: Buffer) => Buffer.concat([blob, Buffer.alloc(1)]),
      "EVIDENCE_MALFORMED",
      "blob",
    ],
    ["a length beyond its end", (blob: Buffer) => blob.fill(0xff, 10, 14), "EVIDENCE_MALFORMED", "blob"],
  ])("is refused for %s", (_, change, code, reason) => {
    expectCode(judge(withBlob(change), LIST), code, reason);
  });

  it("is refused for each changed byte of its blob", () => {
    const accepted: number[] = [];
    for (let index = 0; index < 170; index++) {
      const changed = withBlob((blob) => {
        const at = index % blob.length;
        blob[at] = (blob[at] ?? 0) ^ 1;
        return blob;
      });
      if (judge(changed, LIST).ok) accepted.push(index);
    }
    expect(accepted).toEqual([]);
  });

  it.each([
    ["a carriage return", (text: string) => text.replace("\n", "\r\n")],
    ["an empty line", (text: string) => text.replace("\n", "\n\n")],
    ["a blank before it", (text: string) => text.replace("\nU", "\n U")],
    ["text behind its end", (text: string) => `${text}x\n`],
    ["no end", (text: string) => text.replace(/-----END.*/, "")],
  ])("is refused for %s in its armor", (_, change) => {
    const changed = judge(Buffer.from(change(sshSignatureOf(LIST).toString())), LIST);
    expect(changed).toMatchObject({ ok: false });
    expect(["EVIDENCE_MALFORMED", "EVIDENCE_UNSUPPORTED unknown"]).toContain(!changed.ok && caseOf(changed));
  });

  it("of another namespace is judged where the caller asks for that one", () => {
    const read = readForeign(sshSignatureOf(LIST, "file"), "file");
    expect(read.ok && judgeEvidence(read.value, LIST, [], evidenceCrypto).ok).toBe(true);
    expectCode(judge(sshSignatureOf(LIST, "file"), LIST), "EVIDENCE_UNSUPPORTED", "ssh-namespace");
  });
});

describe("a signature of minisign", () => {
  const RIGHT = minisignOf(LIST).toString();
  const [first = "", second = "", third = "", fourth = ""] = RIGHT.split("\n");

  function withLines(...lines: readonly string[]): Judged {
    return judge(Buffer.from(lines.map((line) => `${line}\n`).join("")), LIST);
  }

  /** Base64 with one byte changed. */
  function changed(line: string, at: number, to?: number): string {
    const bytes = Buffer.from(line, "base64");
    bytes[at] = to ?? (bytes[at] ?? 0) ^ 1;
    return bytes.toString("base64");
  }

  it("is judged with any untrusted comment", () => {
    expect(withLines("untrusted comment: anything", second, third, fourth).ok).toBe(true);
  });

  it("is refused with a key of another number, and judged with a key that came without one", () => {
    const named = (number: string): EvidenceKey => ({ ...KEY, number });
    expect(judge(Buffer.from(RIGHT), LIST, [named(KEY_NUMBER.toString("hex"))]).ok).toBe(true);
    expectCode(judge(Buffer.from(RIGHT), LIST, [named("00".repeat(8))]), "EVIDENCE_SIGNATURE_INVALID");
  });

  it.each([
    [
      "another trusted comment",
      [first, second, `${third}x`, fourth],
      "EVIDENCE_SIGNATURE_INVALID",
      undefined,
    ],
    [
      "another global signature",
      [first, second, third, changed(fourth, 9)],
      "EVIDENCE_SIGNATURE_INVALID",
      undefined,
    ],
    [
      "the legacy algorithm",
      [first, changed(second, 1, 0x64), third, fourth],
      "EVIDENCE_UNSUPPORTED",
      "minisign-legacy",
    ],
    [
      "an unknown algorithm",
      [first, changed(second, 0), third, fourth],
      "EVIDENCE_UNSUPPORTED",
      "minisign-algorithm",
    ],
    ["no global signature", [first, second, third], "EVIDENCE_MALFORMED", "signature"],
    ["no trusted comment", [first, second], "EVIDENCE_MALFORMED", "comment"],
    ["a line behind its end", [first, second, third, fourth, "x"], "EVIDENCE_MALFORMED", "trailing-lines"],
    [
      "an escape sequence in the trusted comment",
      [first, second, `${third}\u001b[31m`, fourth],
      "EVIDENCE_MALFORMED",
      "comment",
    ],
    [
      "a comment of 10,000 characters",
      [first + "x".repeat(10_000), second, third, fourth],
      "EVIDENCE_MALFORMED",
      "comment",
    ],
    ["a shorter signature", [first, second.slice(4), third, fourth], "EVIDENCE_MALFORMED", "signature"],
  ])("is refused for %s", (_, lines, code, reason) => {
    expectCode(withLines(...lines), code, reason);
  });

  it("is refused for another list", () => {
    expectCode(judge(Buffer.from(RIGHT), Buffer.from(`${A}  x\n`)), "EVIDENCE_SIGNATURE_INVALID");
  });

  it("is refused for its second signature in place of the first one", () => {
    const bytes = Buffer.from(second, "base64");
    Buffer.from(fourth, "base64").copy(bytes, 10);
    expectCode(withLines(first, bytes.toString("base64"), third, fourth), "EVIDENCE_SIGNATURE_INVALID");
  });
});

describe("a signature of signify", () => {
  it("is judged with its list behind it, or in another file", () => {
    expect(judge(signifyOf(LIST)).ok).toBe(true);
    expect(judge(signifyOf(LIST, false), LIST).ok).toBe(true);
  });

  it("is judged by the list in it, and by no other one", () => {
    const other = Buffer.from(`SHA256 (x) = ${sha256("b")}\n`);
    const judged = judge(signifyOf(LIST), other);
    expect(judged.ok && [...judged.value.files]).toEqual([["x", `sha256:${A}`]]);
  });

  it.each([["a line more in its list", `SHA256 (y) = ${A}\n`, "EVIDENCE_SIGNATURE_INVALID"]])(
    "is refused for %s",
    (_, more, code) => {
      expectCode(judge(Buffer.concat([signifyOf(LIST), Buffer.from(more)])), code);
    },
  );

  it("is refused for a signed text that is not a list", () => {
    expectCode(judge(signifyOf(Buffer.from("a text\n"))), "EVIDENCE_MALFORMED", "line");
  });
});

describe("evidence", () => {
  it.each([
    ["nothing", ""],
    ["a text", "a text\n"],
    ["a run's artifact in another encoding", "\u0000{"],
  ])("is not recognised in %s", (_, text) => {
    expectCode(judge(Buffer.from(text)), "EVIDENCE_UNSUPPORTED", "unknown");
  });

  it.each([[`${A}  x\n`], [`\\${A}  x\\n\n`], [`SHA256 (x) = ${A}\n`], [`SHA512 (x) = ${A}${A}\n`]])(
    "is not a list without a signature, such as %j",
    (text) => expectCode(judge(Buffer.from(text)), "EVIDENCE_UNSUPPORTED", "unsigned"),
  );

  it("is refused as an SSH signature beyond 64 KiB, before its lines are split", () => {
    const armor = `-----BEGIN SSH SIGNATURE-----\n${"A\n".repeat(40_000)}-----END SSH SIGNATURE-----\n`;
    expect(judge(Buffer.from(armor))).toMatchObject({
      code: "EVIDENCE_MALFORMED",
      details: { reason: "too-large", limit: 65_536, unit: "bytes" },
    });
  });

  it("is refused beyond 100 MiB before anything is parsed", () => {
    expect(judge(new Uint8Array(100 * 1024 * 1024 + 1))).toMatchObject({
      code: "EVIDENCE_MALFORMED",
      details: { reason: "too-large", limit: 104_857_600, unit: "bytes" },
    });
  });
});
