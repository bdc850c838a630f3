import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Facts } from "../support/cli.ts";
import { makeProjectWithKey, type Project } from "../support/cli.ts";
import { expectAccepted, FORMAT_TOOLS, type Format, judge, KEY_FILES } from "../support/evidence.ts";
import { hasTool } from "../support/real-tools.ts";
import { ofRing, sampleOf } from "../support/ring.ts";

/** A change of one field. */
interface Change {
  /** Which field, and how. */
  readonly what: string;
  readonly file: string;
  readonly change: (before: Buffer) => Buffer;
}

let project: Project;
let facts: Facts;

beforeAll(async () => {
  project = await makeProjectWithKey({
    "src/in": "in\n",
    "out/a": "alpha\n",
    "out/b": "beta\n",
    "out/c": "c\n",
  });
  await project.run(["run", "--id", "one", "--input", "src", "--output", "out", "--", "true"]);
  facts = await project.json(["export", "one", "--format", "all", "-o", "evidence"]);
});

afterAll(() => project[Symbol.dispose]());

/** A file of lines, one of which holds base64; changes bytes of what it encodes. */
function inBase64Line(line: number, at: number, mask = 1): Change["change"] {
  return (before) => {
    const lines = before.toString("latin1").split("\n");
    const raw = Buffer.from(lines[line] ?? "", "base64");
    raw[at] = (raw[at] ?? 0) ^ mask;
    return Buffer.from(lines.with(line, raw.toString("base64")).join("\n"), "latin1");
  };
}

/** Replaces a text, which must be there. */
function replacing(before: RegExp | string, after: string): Change["change"] {
  return (bytes) => {
    const text = bytes.toString("latin1");
    const changed = text.replace(before, after);
    if (changed === text) throw new Error(`there is no ${before}`);
    return Buffer.from(changed, "latin1");
  };
}

/** Exchanges the last character of the first line. */
function otherLastCharacter(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1");
  return Buffer.from(
    text.replace(/.(?=\n)/, (last) => (last === "A" ? "B" : "A")),
    "latin1",
  );
}

/** Flips bits in a field of SSH's armored signature, by its offset. */
function inArmor(at: number, mask = 1): Change["change"] {
  return (before) => {
    const [begin = "", ...lines] = before.toString("latin1").trimEnd().split("\n");
    const end = lines.pop() ?? "";
    const raw = Buffer.from(lines.join(""), "base64");
    raw[at] = (raw[at] ?? 0) ^ mask;
    const body = raw.toString("base64").match(/.{1,70}/g) ?? [];
    return Buffer.from([begin, ...body, end, ""].join("\n"), "latin1");
  };
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Every leaf of a JSON value, as a path of names. */
function leavesOf(value: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, [...path, name]));
}

/** A copy with another value at a path. */
function withOther(value: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined) return typeof value === "number" ? value + 1 : `${String(value)}x`;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === name ? withOther(item, rest) : item));
  if (typeof value !== "object" || value === null) throw new TypeError("a path leads through objects");
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, key === name ? withOther(member, rest) : member]),
  );
}

/** A change in the JSON of a file, or of the payload in its envelope. */
function inJson(act: (value: Json) => Json): Change["change"] {
  return (before) => Buffer.from(JSON.stringify(act(JSON.parse(before.toString()) as Json)));
}

interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** Changes the envelope in a file: the file itself, or its member `dsseEnvelope`. */
function inEnvelope(act: (envelope: Envelope) => object): Change["change"] {
  return (before) => {
    const whole = JSON.parse(before.toString()) as Envelope & { readonly dsseEnvelope?: Envelope };
    const { dsseEnvelope } = whole;
    return Buffer.from(
      JSON.stringify(dsseEnvelope === undefined ? act(whole) : { ...whole, dsseEnvelope: act(dsseEnvelope) }),
    );
  };
}

function payloadOf(file: string): Json {
  const whole = JSON.parse(readFileSync(project.at("evidence", file), "utf8")) as Envelope & {
    dsseEnvelope?: Envelope;
  };
  return JSON.parse(Buffer.from((whole.dsseEnvelope ?? whole).payload, "base64").toString()) as Json;
}

/** Every field of an envelope that its verifiers read: each leaf of the payload, the type, the signature. */
function envelopeChanges(file: string): readonly Change[] {
  const payload = payloadOf(file);
  const encoded = (value: Json): string => Buffer.from(JSON.stringify(value)).toString("base64");
  const flipped = (sig: string): string => {
    const raw = Buffer.from(sig, "base64");
    raw[5] = (raw[5] ?? 0) ^ 1;
    return raw.toString("base64");
  };
  return [
    ...leavesOf(payload).map((path) => ({
      what: `payload ${path.join(".")}`,
      file,
      change: inEnvelope((envelope) => ({ ...envelope, payload: encoded(withOther(payload, path)) })),
    })),
    {
      what: "payload with a blank more",
      file,
      change: inEnvelope((envelope) => ({
        ...envelope,
        payload: Buffer.from(`${JSON.stringify(payload)} `).toString("base64"),
      })),
    },
    {
      what: "payloadType",
      file,
      change: inEnvelope((envelope) => ({ ...envelope, payloadType: "application/json" })),
    },
    { what: "no signature", file, change: inEnvelope((envelope) => ({ ...envelope, signatures: [] })) },
    {
      what: "signature",
      file,
      change: inEnvelope((envelope) => ({
        ...envelope,
        signatures: envelope.signatures.map(({ keyid, sig }) => ({ keyid, sig: flipped(sig) })),
      })),
    },
  ];
}

/** Offsets in an SSHSIG blob of an Ed25519 key in the namespace runseal-sums. */
const SSHSIG_FIELDS = {
  magic: 0,
  "public key": 40,
  "key type": 20,
  namespace: 70,
  "hash algorithm": 90,
  "signature type": 110,
  signature: 140,
} as const;

function changesOf(format: Format): readonly Change[] {
  switch (format) {
    case "sums":
      return [
        { what: "digest", file: "SHA256SUMS", change: replacing(/^[0-9a-f]{8}/, "00000000") },
        { what: "name", file: "SHA256SUMS", change: replacing("out/a", "out/d") },
        { what: "form of a line", file: "SHA256SUMS", change: replacing("  out/a", " out/a") },
      ];
    case "sshsig":
      return [
        ...Object.entries(SSHSIG_FIELDS).map(([what, at]) => ({
          what,
          file: "SHA256SUMS.sig",
          change: inArmor(at),
        })),
        // ssh-keygen reads version 0 as 1.
        { what: "version", file: "SHA256SUMS.sig", change: inArmor(9, 2) },
        { what: "list", file: "SHA256SUMS", change: replacing(/^.*\n/, "") },
        { what: "principal", file: "allowed_signers", change: replacing("runseal ", "other ") },
        {
          what: "namespace of the signer",
          file: "allowed_signers",
          change: replacing("runseal-sums", "file"),
        },
        { what: "key of the signer", file: "allowed_signers", change: otherLastCharacter },
      ];
    case "minisign":
      return [
        { what: "algorithm", file: "SHA256SUMS.minisig", change: inBase64Line(1, 1, 0x20) },
        { what: "key number", file: "SHA256SUMS.minisig", change: inBase64Line(1, 3) },
        { what: "signature", file: "SHA256SUMS.minisig", change: inBase64Line(1, 30) },
        { what: "trusted comment", file: "SHA256SUMS.minisig", change: replacing("run one", "run two") },
        { what: "signature of the comment", file: "SHA256SUMS.minisig", change: inBase64Line(3, 30) },
        { what: "list", file: "SHA256SUMS", change: replacing(/^.*\n/, "") },
        { what: "key number of the key", file: "minisign.pub", change: inBase64Line(1, 3) },
        { what: "key", file: "minisign.pub", change: inBase64Line(1, 20) },
      ];
    case "signify":
      return [
        { what: "algorithm", file: "SHA256.sig", change: inBase64Line(1, 1) },
        { what: "key number", file: "SHA256.sig", change: inBase64Line(1, 3) },
        { what: "signature", file: "SHA256.sig", change: inBase64Line(1, 30) },
        { what: "digest", file: "SHA256.sig", change: replacing(/= [0-9a-f]{8}/, "= 00000000") },
        { what: "name", file: "SHA256.sig", change: replacing("(out/a)", "(out/b)") },
        { what: "a line less", file: "SHA256.sig", change: replacing(/SHA256 \(out\/b\).*\n/, "") },
        { what: "a line twice", file: "SHA256.sig", change: replacing(/(SHA256 \(out\/b\).*\n)/, "$1$1") },
        { what: "key number of the key", file: "signify.pub", change: inBase64Line(1, 3) },
        { what: "key", file: "signify.pub", change: inBase64Line(1, 20) },
      ];
    case "dsse":
      return [
        ...envelopeChanges("one.intoto.jsonl"),
        { what: "list", file: "SHA256SUMS", change: replacing(/^.*\n/, "") },
        { what: "key", file: "cosign.pub", change: inBase64Line(1, 30) },
      ];
    case "sigstore":
      return [
        ...envelopeChanges("one.sigstore.json"),
        { what: "media type", file: "one.sigstore.json", change: replacing("bundle.v0.3", "bundle.v9.9") },
        {
          what: "two signatures",
          file: "one.sigstore.json",
          change: inEnvelope((envelope) => ({
            ...envelope,
            signatures: [...envelope.signatures, ...envelope.signatures],
          })),
        },
        {
          what: "key id",
          file: "one.sigstore.json",
          change: replacing(/"keyid":"SHA256:./, '"keyid":"SHA256:_'),
        },
        {
          what: "unknown member",
          file: "one.sigstore.json",
          change: inJson((value) => ({ ...(value as object), more: 1 })),
        },
        {
          what: "no key hint",
          file: "one.sigstore.json",
          change: inJson((value) => ({ ...(value as object), verificationMaterial: {} })),
        },
        { what: "list", file: "SHA256SUMS", change: replacing(/^.*\n/, "") },
        { what: "key", file: "cosign.pub", change: inBase64Line(1, 30) },
      ];
    case "link":
      return [
        ...envelopeChanges("one.layout"),
        ...envelopeChanges(linkName()),
        { what: "key", file: KEY_FILES.link, change: inBase64Line(1, 30) },
      ];
  }
}

function linkName(): string {
  const names = (facts["files"] as readonly { readonly name: string }[]).map(({ name }) => name);
  return names.find((name) => name.endsWith(".link")) ?? "";
}

describe.each(Object.keys(FORMAT_TOOLS) as readonly Format[])("evidence in the format %s", (format) => {
  it("is rejected by its tool with any field changed, and accepted again without", ({ skip }) => {
    const missing = FORMAT_TOOLS[format].filter((tool) => !hasTool(tool));
    skip(missing.length > 0, `not installed: ${missing.join(", ")}`);
    const changes = changesOf(format);
    for (const { change, file, what } of ofRing(sampleOf(changes, 12), changes)) {
      const path = project.at("evidence", file);
      const before = readFileSync(path);
      writeFileSync(path, change(before));
      const { status, text } = judge(facts, format, project.root);
      writeFileSync(path, before);
      expect(status, `${file}, ${what}: ${text}`).not.toBe(0);
    }
    expectAccepted(facts, format, project.root);
  });
});
