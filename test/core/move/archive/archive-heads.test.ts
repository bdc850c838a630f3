import { describe, expect, it } from "vitest";
import { ArchiveParser } from "../../../../src/core/move/archive/archive-parser.ts";
import { parseBundleFilePath } from "../../../../src/core/move/archive/bundle-files.ts";
import { type ArchiveEntry, END_MARKER, encodeHead } from "../../../../src/core/move/archive/entry-head.ts";
import { encodeRecord, parseRecords } from "../../../../src/core/move/archive/pax-records.ts";
import { concatBytes } from "../../../../src/core/system/bytes/bytes.ts";
import { isWellFormed } from "../../../../src/core/system/bytes/utf8.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: "binary", minLength: 1, maxLength })
    .map((any) => any.replaceAll("\0", "x"))
    .filter((any) => isWellFormed(any) && !any.endsWith("/"));

const ascii = fc.stringMatching(/^[ -.0-~]{90,110}$/);

const entries: fc.Arbitrary<ArchiveEntry> = fc
  .record({
    kind: fc.constantFrom("file", "folder", "link"),
    path: fc.oneof(text(40), text(900), ascii),
    mode: fc.integer({ min: 0, max: 0o777 }),
    size: fc.oneof(fc.nat(9), fc.integer({ min: 8 ** 11 - 2, max: 8 ** 11 + 2 }), fc.maxSafeNat()),
    target: fc.oneof(text(40), text(900), ascii),
  })
  .map(({ kind, size, target, ...rest }) => ({
    ...rest,
    kind,
    size: kind === "file" ? size : 0,
    target: kind === "link" ? target : "",
  }));

/** An archive of runs begins with one of their files. */
const FIRST = encodeHead({
  kind: "file",
  path: ".runseal/runs/one/PROOF.json",
  mode: 0o644,
  size: 0,
  target: "",
});

/** The last entry whose head is whole. */
function lastEntry(bytes: Uint8Array, lengths: readonly number[]): unknown {
  const parser = new ArchiveParser();
  let at = 0;
  let last: unknown;
  for (const length of [...lengths, bytes.length]) {
    parser.push(bytes.subarray(at, at + length));
    at += length;
    for (let event = parser.next(); event !== undefined; event = parser.next()) {
      last = event.ok ? event.value : event.reason;
      if (!event.ok) return last;
    }
  }
  return last;
}

/** The first entry of an archive, or why it is refused. */
function firstEntry(bytes: Uint8Array, lengths: readonly number[] = []): unknown {
  const parser = new ArchiveParser();
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    parser.push(bytes.subarray(at, at + length));
    at += length;
    const event = parser.next();
    if (event === undefined) continue;
    return event.ok ? (event.value.kind === "entry" ? event.value : event.value.kind) : event.reason;
  }
  return parser.finish()?.reason;
}

describe("the head of an entry (PROTOCOL 20.2)", () => {
  it("is read as it was written, whatever its texts and sizes, and in pieces of any length", () => {
    fc.assert(
      fc.property(entries, fc.array(fc.integer({ min: 1, max: 700 })), (entry, lengths) => {
        const head = encodeHead(entry);
        expect(head.length % 512).toBe(0);
        const bytes = Buffer.concat([FIRST, head]);
        const offset = bytes.length;
        expect(lastEntry(bytes, [FIRST.length, ...lengths])).toEqual({ kind: "entry", entry, offset });
      }),
      { numRuns: runs(1000) },
    );
  });

  it("is refused with any other bit, or names another entry", () => {
    fc.assert(
      fc.property(entries, fc.nat(), (entry, bit) => {
        const head = Uint8Array.from(encodeHead(entry));
        const at = bit % (head.length * 8);
        head[at >> 3] = (head[at >> 3] ?? 0) ^ (1 << (at & 7));
        expect(firstEntry(head)).not.toMatchObject({ entry });
      }),
      { numRuns: runs(1000) },
    );
  });

  it("has the least blocks that it needs", () => {
    const file: ArchiveEntry = {
      kind: "file",
      path: "a".repeat(100),
      mode: 0o644,
      size: 8 ** 11 - 1,
      target: "",
    };
    expect(encodeHead(file)).toHaveLength(512);
    expect(encodeHead({ ...file, path: "a".repeat(101) })).toHaveLength(1536);
    expect(encodeHead({ ...file, path: "é" })).toHaveLength(1536);
    expect(encodeHead({ ...file, size: 8 ** 11 })).toHaveLength(1536);
    expect(encodeHead({ ...file, kind: "folder", size: 0 })).toHaveLength(1536);
  });
});

describe("a record of an extended header", () => {
  it.each([1, 2, 3, 80, 85, 86, 87, 88, 89, 90, 980, 987, 988, 989, 990, 991, 9980, 9987, 9988, 9989, 9990])(
    "counts its own digits, with a value of %i bytes",
    (length) => {
      const record = encodeRecord("path", "x".repeat(length));
      expect(Number.parseInt(record, 10)).toBe(record.length);
      expect(parseRecords(new TextEncoder().encode(record))).toEqual({ path: "x".repeat(length) });
    },
  );

  it.each([
    "",
    "path=x\n",
    "9 path=x",
    "99 path=x\n",
    "10 path=x\n",
    "9 mtime=x\n",
    "6 path=\n",
    "-9 path=x\n",
    "9  path=x\n",
  ])("is not read from %j in a way that is written again", (record) => {
    const values = parseRecords(new TextEncoder().encode(record));
    const written = values?.path === undefined ? undefined : encodeRecord("path", values.path);
    expect(written).not.toBe(record);
  });
});

describe("the end of an archive", () => {
  it("is two blocks of zeros, and then nothing", () => {
    expect(firstEntry(END_MARKER)).toBe("end");
    const parser = new ArchiveParser();
    parser.push(concatBytes([END_MARKER, new Uint8Array(1)]));
    expect(parser.next()).toMatchObject({ value: { kind: "end" } });
    expect(parser.next()).toMatchObject({
      code: "CARRIED_RUN_MALFORMED",
      reason: "trailing-bytes",
      offset: 1024,
    });
  });

  it("is missing after any other number of bytes", () => {
    for (const length of [0, 1, 511, 512, 513, 1023])
      expect(firstEntry(END_MARKER.subarray(0, length))).toBe("truncated");
  });
});

describe("the path of a bundle's file", () => {
  it("names a run and one of the files that are carried", () => {
    expect(parseBundleFilePath(".runseal/runs/one/STATUS.json")).toEqual({
      runId: "one",
      name: "STATUS.json",
    });
  });

  it.each([
    ".runseal/runs/../STATUS.json",
    ".runseal/runs/a/b/STATUS.json",
    ".runseal/runs/a\\b/STATUS.json",
    `.runseal/runs/${"a".repeat(256)}/STATUS.json`,
    ".runseal/runs/one/status.json",
    ".runseal/runs/one/transcript.json",
    ".runseal/HEAD",
  ])("is not %s", (path) => {
    expect(parseBundleFilePath(path)).toBeUndefined();
  });
});
