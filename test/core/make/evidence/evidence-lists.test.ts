import { describe, expect, it } from "vitest";
import { readDigestList } from "../../../../src/core/make/evidence/reading/read-digest-list.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { longIt } from "../../../support/rings/ring.ts";

const A = sha256("a");
const B = sha256("b");

function read(text: string | Uint8Array): ReturnType<typeof readDigestList> {
  return readDigestList(typeof text === "string" ? Buffer.from(text) : text);
}

function entriesOf(text: string): Record<string, unknown> {
  const list = read(text);
  if (!list.ok) throw new Error(JSON.stringify(list));
  return Object.fromEntries(list.value);
}

describe("a list of digests", () => {
  it.each([
    ["of sha256sum", `${A}  x\n${B}  d/y z\n`, { x: A, "d/y z": B }],
    ["of sha256sum --binary", `${A} *x\n`, { x: A }],
    ["of sha256sum --tag", `SHA256 (x) = ${A}\nSHA256 (d/y (1) = z) = ${B}\n`, { x: A, "d/y (1) = z": B }],
    ["with escaped names", `\\${A}  a\\nb\\\\n\\r\n${B}  n\n`, { "a\nb\\n\r": A, n: B }],
    ["with an escaped name behind a tag", `\\SHA256 (a\\nb) = ${A}\n`, { "a\nb": A }],
    ["of names as find prints them", `${A}  ./x\n${B}  ./d/y\n`, { x: A, "d/y": B }],
    ["of a name with an escape sequence in UTF-8", `${A}  \u009b31m\n`, { "\u009b31m": A }],
  ])("is read %s", (_, text, files) => {
    const expected = Object.entries(files).map(([path, digest]) => [path, `sha256:${digest}`]);
    expect(entriesOf(text)).toEqual(Object.fromEntries(expected));
  });

  it.each([
    ["another hash", `${A.slice(0, 40)}  x\n`, "EVIDENCE_UNSUPPORTED", "digest-algorithm"],
    ["another hash behind a tag", `SHA512 (x) = ${A}${B}\n`, "EVIDENCE_UNSUPPORTED", "digest-algorithm"],
    ["uppercase digits", `${A.toUpperCase()}  x\n`, "EVIDENCE_MALFORMED", "line"],
    ["a tab", `${A}\tx\n`, "EVIDENCE_MALFORMED", "control-character"],
    ["an escape character", `${A}  \u001b[31mx\n`, "EVIDENCE_MALFORMED", "control-character"],
    ["a null byte", `${A}  x\0\n`, "EVIDENCE_MALFORMED", "control-character"],
    ["an empty line", `${A}  x\n\n`, "EVIDENCE_MALFORMED", "line"],
    ["no name", `${A}  \n`, "EVIDENCE_MALFORMED", "line"],
    ["an escape that stands for nothing", `\\${A}  a\\tb\n`, "EVIDENCE_MALFORMED", "line"],
    ["a line that needs no escape and is escaped", `\\${A}  ab\n`, "EVIDENCE_MALFORMED", "line"],
    ["a line of 9,000 characters", `${A}  ${"x".repeat(9000)}\n`, "EVIDENCE_MALFORMED", "line"],
    ["no end of its last line", `${A}  x`, "EVIDENCE_MALFORMED", "last-line"],
    ["lines of two forms", `${A}  x\nSHA256 (y) = ${B}\n`, "EVIDENCE_MALFORMED", "mixed-lines"],
    ["a name twice", `${A}  x\n${A}  x\n`, "EVIDENCE_MALFORMED", "duplicate"],
    ["a name twice, once with ./", `${A}  x\n${B}  ./x\n`, "EVIDENCE_MALFORMED", "duplicate"],
  ])("is refused for %s", (_, text, code, reason) => {
    expect(read(text)).toMatchObject({ ok: false, code, details: { reason } });
  });

  it("is refused for bytes that are not UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from(`${A}  `), Buffer.from([0xff, 0x0a])]);
    expect(read(bytes)).toMatchObject({ code: "EVIDENCE_MALFORMED", details: { reason: "not-utf8" } });
  });

  it("is refused without a line", () => {
    expect(read("")).toMatchObject({ ok: false, code: "EVIDENCE_MALFORMED", details: { reason: "empty" } });
  });

  it("says which line is wrong", () => {
    expect(read(`${A}  x\n${B}  y\n${A}  z\r\n`)).toMatchObject({ details: { line: 3 } });
  });

  const MILLION = 1_000_000;
  const listOf = (count: number): string =>
    Array.from({ length: count }, (_, index) => `${A}  ${MILLION + index}\n`).join("");

  it("may not have more than a million names", () => {
    expect(read(listOf(MILLION + 1))).toMatchObject({
      code: "EVIDENCE_MALFORMED",
      details: { reason: "too-large", limit: MILLION, unit: "subjects" },
    });
  });

  longIt("may have a million names", () => {
    expect(read(listOf(MILLION))).toMatchObject({ ok: true, value: { size: MILLION } });
  });
});
