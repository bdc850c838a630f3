import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect } from "vitest";
import { envelopeObject, IN_TOTO_PAYLOAD_TYPE } from "../../../src/core/make/evidence/dsse.ts";
import { keyNumberOf } from "../../../src/core/make/evidence/key-number.ts";
import { encodeMinisignKey, encodeMinisignSignature } from "../../../src/core/make/evidence/minisign.ts";
import { allowedSignersLine, publicKeyPem } from "../../../src/core/make/evidence/public-key-forms.ts";
import { encodeSignifyKey, encodeSignifySignature } from "../../../src/core/make/evidence/signify.ts";
import { encodeSshSignature, SUMS_NAMESPACE } from "../../../src/core/make/evidence/ssh-signature.ts";
import { identityOf } from "../../../src/core/records/artifacts/identity.ts";
import { encodeOwn } from "../../../src/core/system/json/canonical-json.ts";
import { nodeCrypto } from "../../../src/node/system/runtime/node-crypto.ts";
import {
  fileSignature,
  listOf,
  MESSAGE_KINDS,
  type MessageKind,
  SIGNER,
  type SignedMessage,
  signedMessage,
} from "../../support/bundles/signed-messages.ts";
import { itWith, runTool, type Tool, type ToolEnd } from "../../support/evidence/real-tools.ts";
import { ofRing } from "../../support/rings/ring.ts";

const cwd = mkdtempSync(join(tmpdir(), "runseal-one-key-"));
const { publicKey } = SIGNER;
const identity = identityOf(publicKey, nodeCrypto);
const keyNumber = keyNumberOf(identity);

afterAll(() => rmSync(cwd, { recursive: true }));

function put(name: string, content: string | Uint8Array): void {
  writeFileSync(join(cwd, name), content);
}

put("minisign.pub", encodeMinisignKey(keyNumber, publicKey));
put("signify.pub", encodeSignifyKey(keyNumber, publicKey));
put("allowed_signers", allowedSignersLine(publicKey, "runseal", SUMS_NAMESPACE));
put("cosign.pub", publicKeyPem(publicKey));
// The files of the list that signify reads: signed-messages.ts has the digests of "0" and "1".
mkdirSync(join(cwd, "out"));
put("out/a", "0");
put("out/b", "1");

const LINK = "https://in-toto.io/attestation/link/v0.3";

/** The foreign message as the file, and its signature as that of the file. */
const sshVerify = ({ message, signature }: SignedMessage): ToolEnd => {
  put("sig", encodeSshSignature({ namespace: SUMS_NAMESPACE, publicKey, signature }));
  const args = ["-Y", "verify", "-f", "allowed_signers", "-I", "runseal", "-n", SUMS_NAMESPACE, "-s", "sig"];
  return runTool("ssh-keygen", args, { cwd, input: message });
};

function minisignVerify(signed: SignedMessage, algorithm: string, ...options: readonly string[]): ToolEnd {
  const { message, signature } = signed;
  // The comment is signed as it must be: only the file's signature is in question.
  const globalSignature = Buffer.from(SIGNER.sign(Buffer.from(signature)), "hex");
  const text = encodeMinisignSignature({ keyNumber, signature, trustedComment: "", globalSignature });
  const [untrusted = "", line = "", ...others] = text.split("\n");
  const raw = Buffer.from(line, "base64");
  raw.write(algorithm, "latin1");
  put("file", message);
  put("file.minisig", [untrusted, raw.toString("base64"), ...others].join("\n"));
  return runTool("minisign", ["-Vm", "file", "-p", "minisign.pub", ...options], { cwd });
}

/** A good signature of a list, with the foreign signature in place of that of its comment. */
const minisignComment = ({ message, signature }: SignedMessage): ToolEnd => {
  const parts = { keyNumber, signature: fileSignature(0), globalSignature: signature };
  put("file", listOf(0));
  put(
    "file.minisig",
    encodeMinisignSignature({
      ...parts,
      trustedComment: message
        .subarray(64)
        .toString("latin1")
        .replaceAll(/[\r\n]/g, ""),
    }),
  );
  return runTool("minisign", ["-VHm", "file", "-p", "minisign.pub"], { cwd });
};

const signifyList = ({ message, signature }: SignedMessage): ToolEnd => {
  put("list", encodeSignifySignature({ keyNumber, signature }, message));
  return runTool("signify-openbsd", ["-C", "-p", "signify.pub", "-x", "list"], { cwd });
};

const cosignVerify = ({ message, signature }: SignedMessage): ToolEnd => {
  const signatures = [{ keyId: identity.fingerprint, signature }];
  put("file", "");
  put(
    "envelope",
    encodeOwn(envelopeObject({ payloadType: IN_TOTO_PAYLOAD_TYPE, payload: message, signatures })),
  );
  const args = [
    "verify-blob-attestation",
    "--key",
    "cosign.pub",
    "--insecure-ignore-tlog",
    "--check-claims=false",
  ];
  return runTool("cosign", [...args, "--signature", "envelope", "--type", LINK, "file"], { cwd });
};

/** Some of the foreign messages of each format: a process each. */
function* foreign(own: MessageKind, count: number): Generator<readonly [MessageKind, SignedMessage]> {
  for (const kind of MESSAGE_KINDS)
    for (let n = 0; n < count && kind !== own; n++) yield [kind, signedMessage(kind, n)];
}

function expectNone(own: MessageKind, count: number, verify: (signed: SignedMessage) => ToolEnd): void {
  for (const [kind, signed] of foreign(own, count)) {
    const { status, text } = verify(signed);
    expect(status, `${kind}: ${text}`).not.toBe(0);
  }
}

const FEW = ofRing(2, 50);

/** What the attacks below need to succeed: each is carried out once with a right message. */
const CONTROLS: readonly (readonly [Tool, (signed: SignedMessage) => ToolEnd, () => SignedMessage])[] = [
  ["ssh-keygen", sshVerify, () => ({ ...signedMessage("sshsig", 0), message: listOf(0) })],
  [
    "minisign",
    (signed) => minisignVerify(signed, "ED", "-H"),
    () => ({ ...signedMessage("minisign", 0), message: listOf(0) }),
  ],
  ["minisign", minisignComment, () => signedMessage("minisign, trusted comment", 0)],
  ["signify-openbsd", signifyList, () => signedMessage("signify", 0)],
  [
    "cosign",
    cosignVerify,
    () => {
      const { message, signature } = signedMessage("statement", 0);
      return { message: message.subarray(message.indexOf("{")), signature };
    },
  ],
];

describe("one key for all formats, by the tools themselves", () => {
  for (const [index, [tool, verify, right]] of CONTROLS.entries()) {
    itWith(tool)(`the attack on ${tool} (${index}) succeeds with a message of its own format`, () => {
      const { status, text } = verify(right());
      expect(status, text).toBe(0);
    });
  }

  itWith("ssh-keygen")("ssh-keygen -Y verify -n runseal-sums accepts no message of another format", () => {
    expectNone("sshsig", FEW, sshVerify);
  });

  itWith("minisign")("minisign -H accepts no message of another format, prehashed or legacy", () => {
    expectNone("minisign", FEW, (signed) => minisignVerify(signed, "ED", "-H"));
    expectNone("minisign", FEW, (signed) => minisignVerify(signed, "Ed", "-H"));
  });

  itWith("minisign")("minisign -H accepts no message of another format for its trusted comment", () => {
    expectNone("minisign, trusted comment", FEW, minisignComment);
  });

  itWith("signify-openbsd")("signify -C accepts no message of another format", () => {
    expectNone("signify", FEW, signifyList);
  });

  itWith("cosign")("cosign verify-blob-attestation accepts no message of another format", () => {
    expectNone("statement", ofRing(1, 20), cosignVerify);
  });

  itWith("signify-openbsd", "minisign")("raw verifiers accept a message of any format as a file", () => {
    for (const kind of MESSAGE_KINDS) {
      const { message, signature } = signedMessage(kind, 0);
      put("raw", message);
      const text = Buffer.from(encodeSignifySignature({ keyNumber, signature }, new Uint8Array()));
      put("raw.sig", text);
      const raw = runTool("signify-openbsd", ["-V", "-p", "signify.pub", "-m", "raw", "-x", "raw.sig"], {
        cwd,
      });
      expect(raw, kind).toEqual({ status: 0, text: "Signature Verified\n" });
    }
  });
});
