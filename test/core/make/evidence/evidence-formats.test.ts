import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { preAuthEncoding } from "../../../../src/core/make/evidence/dsse.ts";
import { keyNumberOf, minisignKeyName } from "../../../../src/core/make/evidence/key-number.ts";
import {
  encodeMinisignGlobal,
  encodeMinisignKey,
  encodeMinisignMessage,
  encodeMinisignSignature,
} from "../../../../src/core/make/evidence/minisign.ts";
import { encodeSignifyMessage } from "../../../../src/core/make/evidence/signify.ts";
import {
  encodeSshSignature,
  encodeSshSignedData,
  SUMS_NAMESPACE,
} from "../../../../src/core/make/evidence/ssh-signature.ts";
import { identityOf } from "../../../../src/core/records/artifacts/identity.ts";
import { encodeSshKey } from "../../../../src/core/records/artifacts/ssh-key.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { FIRST_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { makeOpenSshKey } from "../../../support/bundles/ed25519-files.ts";
import { itWith, runTool } from "../../../support/evidence/real-tools.ts";

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
});
