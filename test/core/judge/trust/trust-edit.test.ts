import { describe, expect, it } from "vitest";
import {
  appendTrustLine,
  removeTrustLines,
  writeTrustLine,
} from "../../../../src/core/judge/trust/trust-edit.ts";
import { parseTrustFile } from "../../../../src/core/judge/trust/trust-file.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { FIRST_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const HEX = testSigner(FIRST_SEED).publicKeyHex;
const KEY = `runseal-ed25519 ${HEX}`;
const LINE = `alice ${KEY}`;

function append(text: string): string {
  return Buffer.from(appendTrustLine(Buffer.from(text), LINE)).toString();
}

function remove(text: string, ...numbers: readonly number[]): string {
  return Buffer.from(removeTrustLines(Buffer.from(text), new Set(numbers))).toString();
}

describe("a new line of a trust file", () => {
  it("has the requested contents", () => {
    const options = {
      validAfter: "20260101",
      validBefore: "202701010000",
      namespaces: "runseal,git",
      bound: true,
    };
    expect(writeTrustLine({ names: "alice,build", key: HEX, ...options }, nodeCrypto)).toMatchObject({
      text:
        'alice,build valid-after="20260101",valid-before="202701010000",namespaces="runseal,git",bound ' +
        KEY,
      line: { names: ["alice", "build"], boundOnly: true, namespaces: ["runseal", "git"] },
    });
  });

  it("keeps the form of the given key, without its comment", () => {
    const ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    expect(writeTrustLine({ names: "alice", key: `${ssh} alice's laptop` }, nodeCrypto)).toMatchObject({
      text: `alice ${ssh}`,
    });
  });

  it.each([
    ["name", { names: "" }],
    ["name", { names: "#alice" }],
    ["name", { names: "-alice" }],
    ["name", { names: "*" }],
    ["name", { names: "alice\nmallory" }],
    ["name", { names: "al\u202Eice" }],
    ["key", { key: `01${"00".repeat(31)}` }],
    ["valid-after", { validAfter: "tomorrow" }],
    ["valid-after", { validAfter: '20260101",revoked,bound' }],
    ["valid-before", { validBefore: "20260230" }],
    ["namespaces", { namespaces: 'runseal",bound' }],
  ])("is not written with a bad %s: %j", (breach, over) => {
    expect(writeTrustLine({ names: "alice", key: HEX, ...over }, nodeCrypto)).toBe(breach);
  });

  it("has exactly the requested contents, for any request", () => {
    const text = fc.oneof(
      fc.constantFrom("alice", "build,alice", "20260101", "runseal", "a,b", '20260101"', "=", "x"),
      fc.string({ unit: "binary", maxLength: 4 }),
    );
    fc.assert(
      fc.property(text, text, text, text, (names, validAfter, validBefore, namespaces) => {
        const written = writeTrustLine({ names, key: HEX, validAfter, validBefore, namespaces }, nodeCrypto);
        if (typeof written === "string") return;
        const parsed = parseTrustFile(Buffer.from(written.text), nodeCrypto);
        expect(parsed).toEqual({
          ok: true,
          value: { lines: [written.line], thresholds: [], authorities: [] },
        });
        expect(written.line).toMatchObject({ names: names.split(","), publicKeyHex: HEX, revoked: false });
      }),
    );
  });
});

describe("editing a trust file", () => {
  it.each([
    ["", `${LINE}\n`],
    ["# people\n", `# people\n${LINE}\n`],
    ["# people", `# people\n${LINE}`],
    ["# people\r\n", `# people\r\n${LINE}\r\n`],
    ["# people\r\n# end", `# people\r\n# end\r\n${LINE}`],
  ])("adds a line at the end, with the file's line ends: %j", (before, after) => {
    expect(append(before)).toBe(after);
  });

  it("gives the same bytes after adding and removing, for any file", () => {
    const piece = fc.constantFrom(
      "\n",
      "\r\n",
      "\r",
      "# a",
      "",
      " ",
      "\t",
      "é",
      `bob ${KEY}`,
      "\u0000",
      "garbage",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const before = pieces.join("");
        const after = append(before);
        expect(after.startsWith(before)).toBe(true);
        const number =
          before.endsWith("\n") || before === "" ? before.split("\n").length : before.split("\n").length + 1;
        expect(after.split("\n")[number - 1]?.replace(/\r$/, "")).toBe(LINE);
        expect(remove(after, number)).toBe(before);
      }),
      { numRuns: runs(2000) },
    );
  });

  it("gives the same bytes even if they are not UTF-8", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const after = appendTrustLine(bytes, LINE);
        const feeds = bytes.filter((byte) => byte === 10).length;
        const number = bytes.length === 0 || bytes.at(-1) === 10 ? feeds + 1 : feeds + 2;
        expect(Buffer.from(removeTrustLines(after, new Set([number])))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});
