import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseTrustFile } from "../../../../src/core/judge/trust/trust-file.ts";
import { parseKeyText, type TrustLine } from "../../../../src/core/judge/trust/trust-line.ts";
import { encodeSshKey, parseSshKey } from "../../../../src/core/records/artifacts/ssh-key.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { FIRST_SEED, SECOND_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { fc } from "../../../support/rings/properties.ts";

const HEX = testSigner(FIRST_SEED).publicKeyHex;
const OTHER_HEX = testSigner(SECOND_SEED).publicKeyHex;
const SSH = `ssh-ed25519 ${sshBase64(HEX)}`;
const OWN = `runseal-ed25519 ${HEX}`;
const IDENTITY_POINT = `01${"00".repeat(31)}`;

/** RFC 8709: two strings, each behind its length in four bytes. */
function sshBase64(keyHex: string): string {
  return Buffer.from(
    `0000000b${Buffer.from("ssh-ed25519").toString("hex")}00000020${keyHex}`,
    "hex",
  ).toString("base64");
}

function parse(text: string | Uint8Array): ReturnType<typeof parseTrustFile> {
  return parseTrustFile(typeof text === "string" ? Buffer.from(text) : text, nodeCrypto);
}

function only(text: string): TrustLine {
  const parsed = parse(text);
  if (!parsed.ok || parsed.value.lines.length !== 1)
    throw new Error(`not one line: ${JSON.stringify(parsed)}`);
  return parsed.value.lines[0] as TrustLine;
}

function seconds(moment: string): number {
  return Date.parse(moment) / 1000;
}

const hasKeygen = spawnSync("ssh-keygen", ["-?"]).error === undefined;

describe("trust file (PROTOCOL 12)", () => {
  it("reads a plain line in OpenSSH's form", () => {
    expect(only(`alice@example.org ${SSH} a comment of hers`)).toEqual({
      line: 1,
      names: ["alice@example.org"],
      publicKeyHex: HEX,
      validAfter: undefined,
      validBefore: undefined,
      namespaces: undefined,
      revoked: false,
      revokedAt: undefined,
      boundOnly: false,
    });
  });

  it("reads runseal's own form as the same key", () => {
    expect(only(`alice ${OWN}`)).toEqual(only(`alice ${SSH}`));
  });

  it("counts lines from 1, and skips comments and blank lines with both line ends", () => {
    const parsed = parse(`# signers\r\n\r\n  \t\nalice ${OWN}\n  # end\nbob ${OWN}\r\n`);
    expect(parsed.ok && parsed.value.lines.map(({ line, names }) => [line, names])).toEqual([
      [4, ["alice"]],
      [6, ["bob"]],
    ]);
  });

  it.each(["", "\n", "# comment\n"])("has no lines if it is empty: %j", (text) => {
    expect(parse(text)).toEqual({ ok: true, value: { lines: [], thresholds: [], authorities: [] } });
  });

  it("accepts several names, and several spaces or tabs between fields", () => {
    expect(only(`alice,build \t ${SSH.replace(" ", "\t ")}`).names).toEqual(["alice", "build"]);
  });

  it("accepts a quoted name with spaces", () => {
    expect(only(`"Alice A." ${OWN}`).names).toEqual(["Alice A."]);
  });

  it.each([
    ["valid-after=20260102", { validAfter: seconds("2026-01-02T00:00:00Z") }],
    ["valid-before=202601020304", { validBefore: seconds("2026-01-02T03:04:00Z") }],
    ['valid-before="20260102030405"', { validBefore: seconds("2026-01-02T03:04:05Z") }],
    [
      'valid-after="20260102",valid-before="20270101Z"',
      {
        validAfter: seconds("2026-01-02T00:00:00Z"),
        validBefore: seconds("2027-01-01T00:00:00Z"),
      },
    ],
    ["valid-after=19700101", { validAfter: 0 }],
    ["Valid-After=20260102", { validAfter: seconds("2026-01-02T00:00:00Z") }],
    ['namespaces="git,run*"', { namespaces: ["git", "run*"] }],
    ['namespaces=""', { namespaces: [""] }],
    ["revoked", { revoked: true, revokedAt: undefined }],
    ["revoked=20260102", { revoked: true, revokedAt: seconds("2026-01-02T00:00:00Z") }],
    ["bound", { boundOnly: true }],
  ])("reads the options %s", (options, expected) => {
    expect(only(`alice ${options} ${OWN}`)).toMatchObject(expected);
  });

  it.each([
    ["alice", "no-key"],
    ["alice ssh-ed25519", "no-key"],
    [SSH, "no-key"],
    ["alice ssh-rsa AAAAB3NzaC1yc2E=", "no-key"],
    ["alice ssh-rsa AAAAB3NzaC1yc2E= alice@example.org", "key-type"],
    [`alice SSH-ED25519 ${sshBase64(HEX)}`, "no-key"],
    [`alice bound, revoked ${OWN}`, "key-type"],
    [`alice runseal-ed25519 ${HEX.toUpperCase()}`, "key"],
    [`alice runseal-ed25519 ${IDENTITY_POINT}`, "key"],
    [`alice ssh-ed25519 ${sshBase64(IDENTITY_POINT)}`, "key"],
    [`alice ssh-ed25519 ${sshBase64(`${HEX}00`)}`, "key"],
    [`alice cert-authority ${OWN}`, "option"],
    [`alice no-such-option ${OWN}`, "option"],
    [`alice bound=yes ${OWN}`, "option"],
    [`alice bound, ${OWN}`, "option"],
    [`alice bound,bound ${OWN}`, "option"],
    [`alice revoked,REVOKED=20990101 ${OWN}`, "option"],
    [`alice valid-after ${OWN}`, "moment"],
    [`alice valid-after=20260230 ${OWN}`, "moment"],
    [`alice valid-before=2026010224 ${OWN}`, "moment"],
    [`alice valid-before=20260102+0100 ${OWN}`, "moment"],
    [`alice revoked=soon ${OWN}`, "moment"],
    [`"alice ${OWN}`, "quotes"],
    [`alice namespaces="runseal ${OWN}`, "quotes"],
    [`alice ${OWN} a "comment`, "quotes"],
  ])("refuses %j for its %s, and names the line", (bad, reason) => {
    expect(parse(`bob ${OWN}\n\n${bad}\n`)).toEqual({
      ok: false,
      code: "TRUST_FILE_MALFORMED",
      line: 3,
      reason,
      message: `trust file malformed: line 3: ${reason.replaceAll("-", " ")}`,
    });
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(parse(Buffer.from([0x61, 0xff]))).toMatchObject({
      code: "TRUST_FILE_MALFORMED",
      reason: "not-utf8",
    });
  });

  it("never throws, and lists only keys that are in a line", () => {
    const word = fc.constantFrom(
      "alice",
      ",",
      '"',
      " ",
      "\t",
      "\n",
      "#",
      "=",
      "bound",
      "revoked",
      OWN,
      SSH,
      "20260101",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const parsed = parse(words.join(""));
        expect(
          parsed.ok ? parsed.value.lines.every((line) => line.publicKeyHex === HEX) : parsed.line > 0,
        ).toBe(true);
      }),
    );
  });

  it.skipIf(!hasKeygen)("reads a public key as ssh-keygen wrote it", () => {
    const folder = makeFolder();
    try {
      const file = join(folder, "key");
      spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "alice's key", "-f", file]);
      const publicLine = readFileSync(`${file}.pub`, "utf8");
      const raw = Buffer.from(publicLine.split(" ")[1] ?? "", "base64").subarray(-32);
      expect(only(`alice namespaces="runseal" ${publicLine}`).publicKeyHex).toBe(raw.toString("hex"));
      expect(parseKeyText(publicLine, nodeCrypto)).toBe(raw.toString("hex"));
    } finally {
      removeTree(folder);
    }
  });
});

describe("a key as text (PROTOCOL 12)", () => {
  it.each([HEX, ` ${HEX}\n`, OWN, SSH, `${SSH} alice@example.org`])("is read from %j", (text) => {
    expect(parseKeyText(text, nodeCrypto)).toBe(HEX);
  });

  it.each([
    "",
    "alice",
    HEX.slice(2),
    HEX.toUpperCase(),
    `${HEX} alice`,
    IDENTITY_POINT,
    sshBase64(HEX),
    `ssh-rsa ${HEX}`,
  ])("is not read from %j", (text) => {
    expect(parseKeyText(text, nodeCrypto)).toBeUndefined();
  });

  it("converts to OpenSSH's form and back", () => {
    const key = Buffer.from(OTHER_HEX, "hex");
    expect(encodeSshKey(key)).toBe(sshBase64(OTHER_HEX));
    expect(parseSshKey(encodeSshKey(key))).toEqual(new Uint8Array(key));
  });

  it("has one text, and another encoding of the same bits is refused", () => {
    const text = sshBase64(HEX);
    expect([`${text}=`, `${text}\n`, text.replace(/.$/, "="), ` ${text}`].map(parseSshKey)).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });
});
