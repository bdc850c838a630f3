/**
 * Evidence signed in this process, by keys of tests. What the real tools make is in foreign-evidence.ts: this is for what no tool
 * would make, and for thousands of messages.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { IN_TOTO_PAYLOAD_TYPE, preAuthEncoding } from "../../../src/core/make/evidence/dsse.ts";
import { encodeMinisignGlobal, encodeMinisignSignature } from "../../../src/core/make/evidence/minisign.ts";
import { encodeSignifySignature } from "../../../src/core/make/evidence/signify.ts";
import {
  encodeSshSignature,
  encodeSshSignedData,
  SUMS_NAMESPACE,
} from "../../../src/core/make/evidence/ssh-signature.ts";
import { FIRST_SEED, type TestSigner, testSigner } from "../bundles/bundle.ts";

/** The signer of everything here. */
export const EVIDENCE_SIGNER: TestSigner = testSigner(FIRST_SEED);

/** The number by which the signatures of minisign and signify name the key. */
export const KEY_NUMBER: Buffer = Buffer.from(EVIDENCE_SIGNER.validatorId.slice(0, 16), "hex");

/** 64 raw bytes over a message. */
export function signatureOf(message: Uint8Array): Buffer {
  return Buffer.from(EVIDENCE_SIGNER.sign(Buffer.from(message)), "hex");
}

/** An in-toto Statement about files, by name and SHA-256. Members of `over` replace its own. */
export function statementOf(files: Readonly<Record<string, string>>, over: object = {}): Buffer {
  const subject = Object.entries(files).map(([name, sha256]) => ({ name, digest: { sha256 } }));
  const own = {
    _type: "https://in-toto.io/Statement/v1",
    predicate: {},
    predicateType: "https://example.org/x",
  };
  return Buffer.from(JSON.stringify({ ...own, subject, ...over }));
}

/** A signed envelope of a payload. */
export function envelopeOf(payload: Uint8Array): Buffer {
  const signature = signatureOf(preAuthEncoding(IN_TOTO_PAYLOAD_TYPE, payload)).toString("base64");
  const signatures = [{ keyid: "", sig: signature }];
  const base64 = Buffer.from(payload).toString("base64");
  return Buffer.from(JSON.stringify({ payload: base64, payloadType: IN_TOTO_PAYLOAD_TYPE, signatures }));
}

/** A Sigstore bundle v0.3 around an envelope, with other members in its verification material. */
export function bundleOf(envelope: Uint8Array, material: object = { publicKey: { hint: "x" } }): Buffer {
  return Buffer.from(
    JSON.stringify({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: material,
      dsseEnvelope: JSON.parse(Buffer.from(envelope).toString()),
    }),
  );
}

/** A detached SSH signature of a list. */
export function sshSignatureOf(list: Uint8Array, namespace: string = SUMS_NAMESPACE): Buffer {
  const digest = createHash("sha512").update(list).digest();
  const signature = signatureOf(encodeSshSignedData(namespace, digest));
  const { publicKey } = EVIDENCE_SIGNER;
  return Buffer.from(encodeSshSignature({ namespace, publicKey, signature }));
}

/** A detached minisign signature of a list. */
export function minisignOf(list: Uint8Array, trustedComment = "timestamp:1\tfile:SHA256SUMS"): Buffer {
  const signature = signatureOf(createHash("blake2b512").update(list).digest());
  const globalSignature = signatureOf(encodeMinisignGlobal(signature, trustedComment));
  const parts = { globalSignature, keyNumber: KEY_NUMBER, signature, trustedComment };
  return Buffer.from(encodeMinisignSignature(parts));
}

/** A signify signature with its list behind it; without one, a detached signature of `list`. */
export function signifyOf(list: Uint8Array, isEmbedded = true): Buffer {
  const parts = { keyNumber: KEY_NUMBER, signature: signatureOf(list) };
  return Buffer.from(encodeSignifySignature(parts, isEmbedded ? list : new Uint8Array()));
}
