/**
 * A small bound bundle, mangled byte by byte. Its artifacts are compact and canonical: no byte of them is
 * idle but the ones that PROTOCOL 2 leaves unsigned, the text of `signed_at` in SIGNATURE.json.
 */

import { describe, expect, it } from "vitest";
import { judgeHere } from "../../../../src/core/judge/bundle/judge.ts";
import { VERIFY } from "../../../../src/core/judge/bundle/orders.ts";
import type { OutputFinding } from "../../../../src/core/judge/bundle/phases/findings.ts";
import { ARTIFACT_NAMES, type ArtifactName } from "../../../../src/core/system/paths/artifact-name.ts";
import {
  canonical,
  findingsOf,
  openedOf,
  sealBundle,
  type TestBundle,
} from "../../../support/bundles/bundle.ts";
import { concludeWithoutTree, context, judge } from "../../../support/bundles/judge.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const SIGNED_AT = "2026-11-25T01:02:03Z";
const BUNDLE = sealBundle({
  bind: true,
  previousBundleRoot: "ab".repeat(32),
  outputs: { "out/a.txt": "alpha\n", "é/\u{1F600}": "" },
  taskSpec: { inputs: ["in.csv"], constraints: null, nested: [1, { deep: true }] },
  status: { note: 'quoted " \\ \n é', count: -7, ratio: 2.25 },
  signature: { signed_at: SIGNED_AT },
});

/** Which bytes of an artifact may be one more than they are without rejection. */
const IDLE: Partial<Record<ArtifactName, readonly number[]>> = {
  "SIGNATURE.json": offsetsOf(BUNDLE, "SIGNATURE.json", SIGNED_AT),
};

function offsetsOf(bundle: TestBundle, name: ArtifactName, part: string): readonly number[] {
  const start = bundle.artifacts[name].indexOf(part);
  return Array.from({ length: part.length }, (_none, index) => start + index);
}

/** The offsets at which a mangled artifact is still accepted. */
function acceptedOffsets(
  bundle: TestBundle,
  name: ArtifactName,
  mangle: (original: Buffer, offset: number) => Buffer,
): readonly number[] {
  const original = bundle.artifacts[name];
  const offsets = Array.from(original, (_byte, offset) => offset);
  return offsets.filter((offset) => judge(bundle, { [name]: mangle(original, offset) }).ok);
}

function oneMore(original: Buffer, offset: number): Buffer {
  const mangled = Buffer.from(original);
  mangled[offset] = ((mangled[offset] ?? 0) + 1) & 255;
  return mangled;
}

function cut(original: Buffer, offset: number): Buffer {
  return original.subarray(0, offset);
}

function without(original: Buffer, offset: number): Buffer {
  return Buffer.concat([original.subarray(0, offset), original.subarray(offset + 1)]);
}

function doubled(original: Buffer, offset: number): Buffer {
  return Buffer.concat([original.subarray(0, offset + 1), original.subarray(offset)]);
}

/** What an artifact says, for the two that are not hashed as stored. */
function meaningOf(name: ArtifactName, bytes: Buffer): string {
  const meaning: Record<string, unknown> = JSON.parse(bytes.toString("utf8"));
  if (name === "SIGNATURE.json") delete meaning["signed_at"];
  return canonical(meaning);
}

describe("a mangled bundle (PROTOCOL 8 and 11)", () => {
  it("is made from an accepted bundle", () => {
    expect(judge(BUNDLE)).toMatchObject({ ok: true, value: { bundleRoot: BUNDLE.bundleRoot } });
  });

  it.each(ARTIFACT_NAMES)("is refused with any byte of %s incremented, except insignificant ones", (name) => {
    expect(acceptedOffsets(BUNDLE, name, oneMore)).toEqual(IDLE[name] ?? []);
  });

  it.each(ARTIFACT_NAMES)("is refused with any byte of %s removed, except insignificant ones", (name) => {
    expect(acceptedOffsets(BUNDLE, name, without)).toEqual(IDLE[name] ?? []);
  });

  it.each(ARTIFACT_NAMES)("is refused with any byte of %s doubled, except insignificant ones", (name) => {
    expect(acceptedOffsets(BUNDLE, name, doubled)).toEqual(IDLE[name] ?? []);
  });

  it.each(ARTIFACT_NAMES)("is refused with %s cut at any byte", (name) => {
    expect(acceptedOffsets(BUNDLE, name, cut)).toEqual([]);
  });

  it("is refused with any byte of SIGNATURE.json incremented if it has no `signed_at`", () => {
    const bundle = sealBundle({ bind: true });
    expect(acceptedOffsets(bundle, "SIGNATURE.json", oneMore)).toEqual([]);
  });

  it.each(["TASK_SPEC.json", "OUTPUT_HASHES.json", "PROOF.json"] as const)(
    "is refused with white space after %s, whose bytes are bound",
    (name) => {
      expect(judge(BUNDLE, { [name]: `${BUNDLE.artifacts[name]}\n` }).ok).toBe(false);
    },
  );

  it.each(["STATUS.json", "VALIDATOR_IDENTITY.json", "SIGNED_PAYLOAD.json", "SIGNATURE.json"] as const)(
    "is accepted with white space after %s, whose value is bound",
    (name) => {
      expect(judge(BUNDLE, { [name]: `${BUNDLE.artifacts[name]}\n` }).ok).toBe(true);
    },
  );

  it("is refused with any artifact in place of another", () => {
    const swaps = ARTIFACT_NAMES.flatMap((name) =>
      ARTIFACT_NAMES.filter((other) => other !== name).map((other) => ({ [name]: BUNDLE.artifacts[other] })),
    );
    expect(swaps.filter((over) => judge(BUNDLE, over).ok)).toEqual([]);
  });

  it("is refused with any artifact of another honest bundle, if the contents differ", () => {
    const other = sealBundle({ bind: true, runId: BUNDLE.runId, outputs: { x: "y" }, proof: { a: 1 } });
    const foreign = ARTIFACT_NAMES.filter((name) => !other.artifacts[name].equals(BUNDLE.artifacts[name]));
    expect(foreign.filter((name) => judge(BUNDLE, { [name]: other.artifacts[name] }).ok)).toEqual([]);
  });

  it("never throws, and is accepted only if its contents are the same", () => {
    const edit = fc.record({
      name: fc.constantFrom(...ARTIFACT_NAMES),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      removed: fc.integer({ min: 0, max: 4 }),
      added: fc.oneof(
        fc.uint8Array({ maxLength: 4 }),
        fc.constantFrom(" ", "\n", "0", "e0", ".0", '"', "\\u0061", "{}", ",", "-", "\uFEFF").map(utf8),
      ),
    });
    fc.assert(
      fc.property(edit, ({ name, at, removed, added }) => {
        const original = BUNDLE.artifacts[name];
        const start = Math.floor(at * original.length);
        const bytes = Buffer.concat([original.subarray(0, start), added, original.subarray(start + removed)]);
        const verdict = judge(BUNDLE, { [name]: bytes });
        if (!verdict.ok) return;
        expect(verdict.value.bundleRoot).toBe(BUNDLE.bundleRoot);
        expect(meaningOf(name, bytes)).toBe(meaningOf(name, original));
      }),
      { numRuns: runs(5000) },
    );
  });
});

function utf8(text: string): Uint8Array {
  return Buffer.from(text);
}

describe("mangled outputs (PROTOCOL 8, phase 9)", () => {
  const findings = [...findingsOf(BUNDLE)];

  function conclude(found: readonly (OutputFinding | undefined)[]): unknown {
    const judged = judgeHere(openedOf(BUNDLE), context, VERIFY);
    return judged.ok ? concludeWithoutTree(judged.value, found) : judged;
  }

  it.each([
    ["left out by the caller", undefined, "OUTPUT_MISSING"],
    ["missing", { kind: "missing" }, "OUTPUT_MISSING"],
    ["unreadable", { kind: "unreadable", code: "READ_FAILED" }, "READ_FAILED"],
    ["changed while read", { kind: "unreadable", code: "CHANGED_WHILE_READ" }, "CHANGED_WHILE_READ"],
    ["another file", findings[1], "HASH_MISMATCH"],
  ] as const)("are refused when one is %s", (_what, finding, code) => {
    expect(conclude([finding, ...findings.slice(1)])).toMatchObject({
      ok: false,
      code,
      phase: "outputs",
      details: { path: "out/a.txt" },
    });
  });

  it("are refused when two are swapped", () => {
    expect(conclude([...findings].reverse())).toMatchObject({ code: "HASH_MISMATCH" });
  });

  it("are refused when all are left out", () => {
    expect(conclude([])).toMatchObject({ code: "OUTPUT_MISSING" });
  });

  it("are refused when the counted bytes differ from the binding", () => {
    const counted = findings.map((finding) =>
      finding?.kind === "file" ? { ...finding, bytes: finding.bytes + 1 } : finding,
    );
    expect(conclude(counted)).toMatchObject({ code: "PAYLOAD_MISMATCH", details: { field: "bytes" } });
  });
});
