/**
 * Messages of every format that a runseal key signs, and the verifiers that must not take one for another (docs/evidence.md, "One key
 * for all formats"). runseal composes the messages; the verifiers are made from the words of the specifications.
 *
 * @module
 */

import { createHash, createPublicKey, verify } from "node:crypto";
import { encodeCountersigningMessage } from "../../../src/core/judge/bundle/countersignature.ts";
import {
  type DigestRow,
  encodeBsdSums,
  encodeSha256Sums,
} from "../../../src/core/make/evidence/digest-list.ts";
import { encodeMinisignGlobal, encodeMinisignMessage } from "../../../src/core/make/evidence/minisign.ts";
import { encodeSignifyMessage } from "../../../src/core/make/evidence/signify.ts";
import { encodeSshSignedData, SUMS_NAMESPACE } from "../../../src/core/make/evidence/ssh-signature.ts";
import { encodeStatement } from "../../../src/core/make/evidence/statement.ts";
import { encodeOutputsMessage } from "../../../src/core/make/proof/outputs-root.ts";
import { encodeSigningMessage } from "../../../src/core/records/artifacts/signing-message.ts";
import { digestToHex, type HexDigest } from "../../../src/core/system/bytes/hex.ts";
import { jsonObject } from "../../../src/core/system/json/json-value.ts";
import { ofRing } from "../rings/ring.ts";
import { FIRST_SEED, testSigner } from "./bundle.ts";

/** A signed message. */
export interface SignedMessage {
  readonly message: Buffer;
  readonly signature: Buffer;
}

/** The signer of all messages. */
export const SIGNER = testSigner(FIRST_SEED);

const KEY = createPublicKey({
  key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), SIGNER.publicKey]),
  format: "der",
  type: "spki",
});

const IN_TOTO = "application/vnd.in-toto+json";

/** How runseal composes each message, for the nth run. */
const COMPOSERS = {
  bundle: (n) => Buffer.from(encodeSigningMessage({ bundleRoot: hex(n), validatorId: hex(0) })),
  outputs: (n) =>
    Buffer.from(
      encodeOutputsMessage({
        bundleRoot: hex(n),
        outputsRoot: hex(n + 1),
        runId: `run-${n}`,
        sealedAt: "2026-11-25T01:02:03Z",
        validatorId: hex(0),
      }),
    ),
  countersignature: (n) =>
    Buffer.from(
      encodeCountersigningMessage({
        bundleRoot: hex(n),
        validatorId: hex(0),
        signedAt: "2026-11-25T01:02:03Z",
      }),
    ),
  sshsig: (n) => Buffer.from(encodeSshSignedData(SUMS_NAMESPACE, hash("sha512", listOf(n)))),
  minisign: (n) => Buffer.from(encodeMinisignMessage(hash("blake2b512", listOf(n)))),
  "minisign, trusted comment": (n) =>
    Buffer.from(encodeMinisignGlobal(fileSignature(n), `runseal run r${n}, bundle root ${hex(n)}`)),
  signify: (n) => Buffer.from(encodeSignifyMessage(encodeBsdSums(rowsOf(n)))),
  statement: (n) =>
    envelopeMessage(
      encodeStatement({
        subjects: [{ name: "out/a", sha256: hex(n) }],
        predicateType: "https://in-toto.io/attestation/link/v0.3",
        predicate: jsonObject({ name: "run" }),
      }),
    ),
} as const satisfies Readonly<Record<string, (n: number) => Buffer>>;

/** The formats of messages. */
export type MessageKind = keyof typeof COMPOSERS;

/** All of them. */
export const MESSAGE_KINDS: readonly MessageKind[] = Object.keys(COMPOSERS).filter(
  (name): name is MessageKind => name in COMPOSERS,
);

/** Signs the nth message of a format. */
export function signedMessage(kind: MessageKind, n: number): SignedMessage {
  const message = COMPOSERS[kind](n);
  return { message, signature: sign(message) };
}

/** A verifier, as its own specification has it. */
export interface Verifier {
  /** The formats whose messages it is to accept. */
  readonly own: readonly MessageKind[];
  /**
   * Whether an attacker who has a signed message makes the verifier accept it. A verifier that hashes a file is given the message as the
   * file. In any case the message is also read as what the verifier itself computes.
   */
  readonly accepts: (signed: SignedMessage) => boolean;
}

/** Verifiers by name. */
export const VERIFIERS: Readonly<Record<string, Verifier>> = {
  "runseal, bundles": prefixed("bundle", "CAT-DPT-SPECTRUM-04-v1:BUNDLE:{"),
  "runseal, outputs": prefixed("outputs", "RUNSEAL-OUTPUTS-ROOT-v1:{"),
  "runseal, countersignatures": prefixed("countersignature", "RUNSEAL-COUNTERSIGNATURE-v1:{"),
  "ssh-keygen -n runseal-sums": {
    own: ["sshsig"],
    accepts: ({ message, signature }) =>
      holds(sshMessageOf(hash("sha512", message)), signature) ||
      (message.equals(sshMessageOf(message.subarray(-64))) && holds(message, signature)),
  },
  "minisign -H": {
    own: ["minisign"],
    accepts: ({ message, signature }) =>
      holds(hash("blake2b512", message), signature) || (message.length === 64 && holds(message, signature)),
  },
  "minisign -H, trusted comment": {
    own: ["minisign, trusted comment"],
    // The message must begin with a signature over the digest of a file. The attacker has those of all lists.
    accepts: ({ message, signature }) =>
      FILE_SIGNATURES.has(message.subarray(0, 64).toString("hex")) && holds(message, signature),
  },
  "signify -C": {
    own: ["signify"],
    accepts: ({ message, signature }) =>
      /^(?:\S+ \([^)]+\) = \S+\n)+$/.test(message.toString("latin1")) && holds(message, signature),
  },
  DSSE: {
    own: ["statement"],
    accepts: ({ message, signature }) =>
      holds(envelopeMessage(message), signature) || (isEnvelopeMessage(message) && holds(message, signature)),
  },
};

function prefixed(kind: MessageKind, prefix: string): Verifier {
  const accepts = ({ message, signature }: SignedMessage): boolean =>
    message.toString("latin1").startsWith(prefix) && holds(message, signature);
  return { own: [kind], accepts };
}

/** How many messages of each format are signed. */
export const MESSAGES = ofRing(50, 1000);

const FILE_SIGNATURES: ReadonlySet<string> = new Set(
  Array.from({ length: MESSAGES }, (_, n) => fileSignature(n).toString("hex")),
);

/** Whether a signature is one over exactly these bytes: what raw verifiers ask. */
export function holds(message: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, message, KEY, signature);
}

function sign(message: Buffer): Buffer {
  return Buffer.from(SIGNER.sign(message), "hex");
}

/** The nth list of digests. */
export function listOf(n: number): Buffer {
  return Buffer.from(encodeSha256Sums(rowsOf(n)));
}

function rowsOf(n: number): readonly DigestRow[] {
  return [
    { path: "out/a", digest: hex(n) },
    { path: "out/b", digest: hex(n + 1) },
  ];
}

/** The signature over the nth list that stands in its minisign file. */
export function fileSignature(n: number): Buffer {
  return sign(hash("blake2b512", listOf(n)));
}

function hex(n: number): HexDigest {
  return digestToHex(hash("sha256", Buffer.from(String(n))));
}

function hash(algorithm: string, bytes: Uint8Array): Buffer {
  return createHash(algorithm).update(bytes).digest();
}

/** PROTOCOL.sshsig: what is signed for a file of this digest. */
function sshMessageOf(sha512: Buffer): Buffer {
  const strings = [Buffer.from("runseal-sums"), Buffer.alloc(0), Buffer.from("sha512"), sha512];
  return Buffer.concat([Buffer.from("SSHSIG"), ...strings.flatMap((text) => [uint32(text.length), text])]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** What is signed for an in-toto payload. */
function envelopeMessage(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${IN_TOTO.length} ${IN_TOTO} ${payload.length} `), payload]);
}

/** Whether the bytes are the message of an envelope of any type. */
function isEnvelopeMessage(message: Buffer): boolean {
  const found = /^DSSEv1 (\d+) (\S*) (\d+) /.exec(message.toString("latin1"));
  return found !== null && message.length === found[0].length + Number(found[3]);
}
