import { describe, expect, it } from "vitest";
import { parseTrustFile } from "../../../../src/core/judge/trust/trust-file.ts";
import {
  MAX_LINE_PATTERNS,
  MAX_PATTERN_BYTES,
  MAX_TRUST_LINE_BYTES,
  MAX_TRUST_LINES,
  MAX_TRUST_LINES_OF_KEY,
  MAX_TRUST_NAMES,
  MAX_TRUST_THRESHOLDS,
} from "../../../../src/core/system/bytes/limits.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { FIRST_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { longIt } from "../../../support/rings/ring.ts";

const HEX = testSigner(FIRST_SEED).publicKeyHex;
const KEY = `runseal-ed25519 ${HEX}`;

function parse(text: string): ReturnType<typeof parseTrustFile> {
  return parseTrustFile(Buffer.from(text), nodeCrypto);
}

/** A key by number. No private key is known for it. */
function numberedKey(number: number): string {
  return `runseal-ed25519 ${number.toString(16).padStart(8, "0").repeat(8)}`;
}

function expectBreach(text: string, line: number, reason: string): void {
  expect(parse(text)).toEqual({
    ok: false,
    code: "TRUST_FILE_MALFORMED",
    line,
    reason,
    message: `trust file malformed: line ${line}: ${reason.replaceAll("-", " ")}`,
  });
}

describe("characters that a trust file refuses (PROTOCOL 12)", () => {
  const controls = Array.from({ length: 0xa0 }, (_, point) => point)
    .filter((point) => (point < 0x20 || point > 0x7e) && point !== 0x09 && point !== 0x0a)
    .map((point) => String.fromCodePoint(point));

  it.each([...controls, "\u2028", "\u2029"])("refuses %j in a comment, and names the line", (character) => {
    expectBreach(`alice ${KEY}\r\n# a${character}mallory revoked ${KEY}\n`, 2, "control");
  });

  it("refuses a lone carriage return that hides a revocation in a comment", () => {
    expectBreach(`alice ${KEY}\n# people\rmallory revoked ${KEY}\n`, 2, "control");
  });

  it.each(["\r\r\n", "\r", "\r\r", "\n\r"])("refuses the line end %j", (end) => {
    expect(parse(`alice ${KEY}${end}`)).toMatchObject({ code: "TRUST_FILE_MALFORMED", reason: "control" });
  });

  it("names the first malformed line, whatever the reason", () => {
    expectBreach(`alice\n# \u0001\n`, 1, "no-key");
    expectBreach(`# \u0001\nalice\n`, 1, "control");
  });

  it("accepts LF, CR LF and TAB", () => {
    expect(parse(`#\ta\r\n\r\n\talice\t${KEY}\r\nbob ${KEY}\n`)).toMatchObject({ ok: true });
  });
});

describe("limits of a trust file (PROTOCOL 15)", () => {
  it("accepts a line of the greatest length, and refuses one byte more with its number", () => {
    const room = MAX_TRUST_LINE_BYTES - 2;
    expect(parse(`# ${"a".repeat(room)}\r\n`)).toMatchObject({ ok: true });
    expectBreach(`\n# ${"a".repeat(room + 1)}\n`, 2, "line-too-long");
    expectBreach(`\n# ${"a".repeat(room - 1)}é`, 2, "line-too-long");
  });

  it("accepts the greatest number of lines, and refuses one more", () => {
    expect(parse("\n".repeat(MAX_TRUST_LINES))).toMatchObject({ ok: true });
    expectBreach(`${"\n".repeat(MAX_TRUST_LINES)}#`, MAX_TRUST_LINES + 1, "too-many-lines");
  });

  it("accepts the greatest number of patterns in a line, and refuses one more", () => {
    const line = (count: number): string => `alice namespaces="${"x,".repeat(count - 1)}x" ${KEY}\n`;
    expect(parse(line(MAX_LINE_PATTERNS))).toMatchObject({ ok: true });
    expectBreach(line(MAX_LINE_PATTERNS + 1), 1, "too-many-patterns");
  });

  it("accepts a pattern of the greatest length, and refuses one byte more", () => {
    const line = (pattern: string): string => `alice namespaces="x,${pattern}" ${KEY}\n`;
    expect(parse(line("*".repeat(MAX_PATTERN_BYTES)))).toMatchObject({ ok: true });
    expectBreach(line("*".repeat(MAX_PATTERN_BYTES + 1)), 1, "pattern-too-long");
    expectBreach(line(`${"*".repeat(MAX_PATTERN_BYTES - 1)}é`), 1, "pattern-too-long");
  });

  it("accepts the greatest number of lines for one key, and refuses one more", () => {
    const line = `alice ${KEY}\n`;
    expect(parse(line.repeat(MAX_TRUST_LINES_OF_KEY))).toMatchObject({ ok: true });
    expectBreach(
      line.repeat(MAX_TRUST_LINES_OF_KEY + 1),
      MAX_TRUST_LINES_OF_KEY + 1,
      "too-many-lines-of-key",
    );
  });

  it("refuses more names than the limit, over all lines of signers", () => {
    const names = "a,".repeat(9999);
    const count = 1 + MAX_TRUST_NAMES / 10_000;
    const lines = Array.from({ length: count }, (_, index) => `${names}b ${numberedKey(index + 1)}\n`);
    expect(parse(lines.slice(0, -1).join(""))).toMatchObject({ ok: true });
    expectBreach(lines.join(""), lines.length, "too-many-names");
  });

  it("refuses more thresholds than the limit", () => {
    const threshold = "[require 1 of alice]\n";
    const text = `alice ${KEY}\n${threshold.repeat(MAX_TRUST_THRESHOLDS)}`;
    expect(parse(text)).toMatchObject({ ok: true });
    expectBreach(`${text}${threshold}`, MAX_TRUST_THRESHOLDS + 2, "too-many-thresholds");
  });

  longIt("groups ten thousand names that share keys, for each of the most thresholds", () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `n${index}`);
    const lines = names.map((name, index) => `${name},n0 ${numberedKey(index + 1)}\n`);
    const threshold = `[require 1 of ${names.join(",")}]\n`;
    const parsed = parse(lines.join("") + threshold.repeat(MAX_TRUST_THRESHOLDS));
    expect(parsed.ok && parsed.value.thresholds.map(({ voters }) => voters.length)).toEqual(
      Array.from({ length: MAX_TRUST_THRESHOLDS }, () => 1),
    );
  });
});
