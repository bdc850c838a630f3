import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { identityOf } from "../../src/core/artifacts/identity.ts";
import { encodeSshKey } from "../../src/core/artifacts/ssh-key.ts";
import type { HexDigest } from "../../src/core/bytes/hex.ts";
import { encodeBsdSums } from "../../src/core/evidence/digest-list.ts";
import { envelopeObject, IN_TOTO_PAYLOAD_TYPE, preAuthEncoding } from "../../src/core/evidence/dsse.ts";
import { keyNumberOf, minisignKeyName } from "../../src/core/evidence/key-number.ts";
import {
  encodeMinisignGlobal,
  encodeMinisignKey,
  encodeMinisignMessage,
  encodeMinisignSignature,
} from "../../src/core/evidence/minisign.ts";
import { publicKeyPem } from "../../src/core/evidence/public-key-forms.ts";
import {
  encodeSignifyKey,
  encodeSignifyMessage,
  encodeSignifySignature,
} from "../../src/core/evidence/signify.ts";
import {
  encodeSshSignature,
  encodeSshSignedData,
  SUMS_NAMESPACE,
} from "../../src/core/evidence/ssh-signature.ts";
import { encodeStatement } from "../../src/core/evidence/statement.ts";
import { encodeOwn } from "../../src/core/json/canonical-json.ts";
import { jsonObject } from "../../src/core/json/json-value.ts";
import { nodeCrypto } from "../../src/node/runtime/node-crypto.ts";
import { FIRST_SEED, sha256, testSigner } from "../support/bundle.ts";
import { makeOpenSshKey } from "../support/ed25519-files.ts";
import { itWith, runTool } from "../support/real-tools.ts";

const folder = mkdtempSync(join(tmpdir(), "runseal-evidence-"));
const SIGNER = testSigner(FIRST_SEED);
const PUBLIC_KEY = SIGNER.publicKey;
const KEY_NUMBER = keyNumberOf(identityOf(PUBLIC_KEY, nodeCrypto));
const MESSAGE = Buffer.from("a list\n");

afterAll(() => rmSync(folder, { recursive: true }));

function signed(message: Uint8Array): Buffer {
  return Buffer.from(SIGNER.sign(Buffer.from(message)), "hex");
}

function hashed(algorithm: string, bytes: Uint8Array): Buffer {
  return createHash(algorithm).update(bytes).digest();
}

function put(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

describe("a signature for ssh-keygen", () => {
  function sshSignature(namespace: string): string {
    const data = encodeSshSignedData(namespace, hashed("sha512", MESSAGE));
    return encodeSshSignature({ namespace, publicKey: PUBLIC_KEY, signature: signed(data) });
  }

  itWith("ssh-keygen")("has the bytes that ssh-keygen makes with the same key", () => {
    const seed = makeOpenSshKey(join(folder, "id"));
    const signer = testSigner(seed.toString("hex"));
    put("message", MESSAGE);
    const made = runTool("ssh-keygen", ["-Y", "sign", "-f", "id", "-n", SUMS_NAMESPACE, "message"], {
      cwd: folder,
    });
    expect(made.status, made.text).toBe(0);
    const data = encodeSshSignedData(SUMS_NAMESPACE, hashed("sha512", MESSAGE));
    const own = encodeSshSignature({
      namespace: SUMS_NAMESPACE,
      publicKey: signer.publicKey,
      signature: Buffer.from(signer.sign(Buffer.from(data)), "hex"),
    });
    expect(own).toBe(readFileSync(join(folder, "message.sig"), "utf8"));
  });

  itWith("ssh-keygen")("is accepted in its namespace alone", () => {
    put("allowed", `release@example.org ssh-ed25519 ${encodeSshKey(PUBLIC_KEY)}\n`);
    put("list.sig", sshSignature(SUMS_NAMESPACE));
    const verify = (namespace: string, input: Uint8Array): number | null =>
      runTool(
        "ssh-keygen",
        ["-Y", "verify", "-f", "allowed", "-I", "release@example.org", "-n", namespace, "-s", "list.sig"],
        { cwd: folder, input },
      ).status;
    expect(verify(SUMS_NAMESPACE, MESSAGE)).toBe(0);
    expect(verify("file", MESSAGE)).not.toBe(0);
    expect(verify(SUMS_NAMESPACE, Buffer.from("another list\n"))).not.toBe(0);
  });

  it("is not made of another digest than SHA-512", () => {
    expect(() => encodeSshSignedData(SUMS_NAMESPACE, hashed("sha256", MESSAGE))).toThrow(RangeError);
  });
});

describe("a signature for minisign", () => {
  function minisig(comment: string, message: Uint8Array = MESSAGE): string {
    const signature = signed(encodeMinisignMessage(hashed("blake2b512", message)));
    const globalSignature = signed(encodeMinisignGlobal(signature, comment));
    return encodeMinisignSignature({
      keyNumber: KEY_NUMBER,
      signature,
      trustedComment: comment,
      globalSignature,
    });
  }

  itWith("minisign")("is accepted, and its comment shown as trusted", () => {
    put("list", MESSAGE);
    put("list.minisig", minisig("run run-001"));
    put("minisign.pub", encodeMinisignKey(KEY_NUMBER, PUBLIC_KEY));
    const verified = runTool("minisign", ["-VHm", "list", "-p", "minisign.pub"], { cwd: folder });
    expect(verified).toEqual({
      status: 0,
      text: "Signature and comment signature verified\nTrusted comment: run run-001\n",
    });
  });

  itWith("minisign")("is rejected for another file and for another comment", () => {
    put("list", MESSAGE);
    put("minisign.pub", encodeMinisignKey(KEY_NUMBER, PUBLIC_KEY));
    put("list.minisig", minisig("run run-001", Buffer.from("other")));
    const args = ["-VHm", "list", "-p", "minisign.pub"];
    expect(runTool("minisign", args, { cwd: folder }).status).not.toBe(0);
    put("list.minisig", minisig("run run-001").replace("run-001", "run-002"));
    expect(runTool("minisign", args, { cwd: folder }).status).not.toBe(0);
  });

  itWith("minisign")("has a key that minisign names as we do", () => {
    put("minisign.pub", encodeMinisignKey(KEY_NUMBER, PUBLIC_KEY));
    put("list", MESSAGE);
    const signature = minisig("x");
    const other = Buffer.from(KEY_NUMBER).reverse();
    put("list.minisig", signature);
    put("minisign.pub", encodeMinisignKey(other, PUBLIC_KEY));
    const refused = runTool("minisign", ["-Vm", "list", "-p", "minisign.pub"], { cwd: folder });
    expect(refused.status).not.toBe(0);
    expect(refused.text).toContain(minisignKeyName(KEY_NUMBER));
    expect(refused.text).toContain(minisignKeyName(other));
  });

  it.each(["a\nb", "a\rb", "x".repeat(9000)])(
    "has no comment of several lines, or too long a one (%#)",
    (comment) => {
      expect(() => encodeMinisignGlobal(new Uint8Array(64), comment)).toThrow(RangeError);
    },
  );

  it("is not made of another digest than BLAKE2b-512", () => {
    expect(() => encodeMinisignMessage(hashed("sha256", MESSAGE))).toThrow(RangeError);
  });
});

describe("a signed list for signify", () => {
  const list = encodeBsdSums([{ path: "a.txt", digest: sha256("alpha") as HexDigest }]);

  itWith("signify-openbsd")("is accepted with its files, and rejected with others", () => {
    put("a.txt", "alpha");
    put("signify.pub", encodeSignifyKey(KEY_NUMBER, PUBLIC_KEY));
    const signature = signed(encodeSignifyMessage(list));
    put("SHA256.sig", encodeSignifySignature({ keyNumber: KEY_NUMBER, signature }, list));
    const args = ["-C", "-p", "signify.pub", "-x", "SHA256.sig"];
    expect(runTool("signify-openbsd", args, { cwd: folder })).toEqual({
      status: 0,
      text: "Signature Verified\na.txt: OK\n",
    });
    put("a.txt", "changed");
    expect(runTool("signify-openbsd", args, { cwd: folder }).status).not.toBe(0);
  });

  it("is made of a list only", () => {
    expect(() => encodeSignifyMessage(new Uint8Array())).toThrow(RangeError);
    expect(() => encodeSignifyMessage(Buffer.from("DSSEv1 0  0 "))).toThrow(RangeError);
  });
});

describe("an envelope of DSSE", () => {
  it("is signed over the specification's example", () => {
    const bytes = preAuthEncoding("http://example.com/HelloWorld", Buffer.from("hello world"));
    expect(Buffer.from(bytes).toString()).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  });

  it("counts bytes, not characters", () => {
    expect(Buffer.from(preAuthEncoding("é", Buffer.from("€"))).toString()).toBe("DSSEv1 2 é 3 €");
  });

  itWith("cosign")("with a statement is accepted by cosign for a subject's file, and for no other", () => {
    const payload = encodeStatement({
      subjects: [{ name: "list", sha256: sha256(MESSAGE.toString()) as HexDigest }],
      predicateType: "https://example.org/test/v1",
      predicate: jsonObject({ claim: "yes" }),
    });
    const identity = identityOf(PUBLIC_KEY, nodeCrypto);
    const envelope = envelopeObject({
      payloadType: IN_TOTO_PAYLOAD_TYPE,
      payload,
      signatures: [
        { keyId: identity.fingerprint, signature: signed(preAuthEncoding(IN_TOTO_PAYLOAD_TYPE, payload)) },
      ],
    });
    put("list", MESSAGE);
    put("other", "other");
    put("list.dsse.json", encodeOwn(envelope));
    put("key.pem", publicKeyPem(PUBLIC_KEY));
    const verify = (file: string): ReturnType<typeof runTool> =>
      runTool(
        "cosign",
        [
          ...["verify-blob-attestation", "--key", "key.pem", "--insecure-ignore-tlog"],
          ...["--signature", "list.dsse.json", "--type", "https://example.org/test/v1", file],
        ],
        { cwd: folder },
      );
    const verified = verify("list");
    expect(verified.text).toContain("Verified OK");
    expect(verified.status).toBe(0);
    expect(verify("other").status).not.toBe(0);
  });
});
