import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isWellFormed } from "../../../../src/core/system/bytes/utf8.ts";
import { findNameBreach } from "../../../../src/core/system/paths/portable-name.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

interface PathRow {
  readonly path?: string;
  readonly pathUtf16?: readonly number[];
  readonly expect: string | null;
}

const { paths: rows }: { paths: readonly PathRow[] } = JSON.parse(
  readFileSync(new URL("../../../data/names.json", import.meta.url), "utf8"),
);

/** Any string at all, lone surrogates included. */
const anyString = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
const plainName = fc.stringMatching(/^x[a-z0-9_-]{0,30}(\.[a-z0-9]{1,5})?$/);

describe("portable names (SECURITY 8)", () => {
  it("has all 105 rows", () => expect(rows).toHaveLength(105));

  it.each(rows)("judges row %#", (row) => {
    const path = row.path ?? String.fromCharCode(...(row.pathUtf16 ?? []));
    expect(findNameBreach(path) ?? null).toBe(row.expect);
  });

  it("never refuses plain lowercase names", () => {
    const plainPath = fc.array(plainName, { minLength: 1, maxLength: 20 }).map((names) => names.join("/"));
    fc.assert(fc.property(plainPath, (path) => findNameBreach(path) === undefined));
  });

  it("never throws", () => {
    fc.assert(fc.property(anyString, (path) => void findNameBreach(path)));
  });

  it("refuses every path that the law of paths refuses (PROTOCOL 9.1)", () => {
    const part = fc.constantFrom("a", ".", "/", "\\", "\0", "\ud800", "\u0301", "é", " ");
    const roughPath = fc.array(part).map((parts) => parts.join(""));
    fc.assert(
      fc.property(roughPath, (path) => {
        if (findNameBreach(path) !== undefined) return;
        expect(path).not.toMatch(/^$|[\0\\]/);
        expect(isWellFormed(path)).toBe(true);
        for (const component of path.split("/")) expect(["", ".", ".."]).not.toContain(component);
      }),
    );
  });

  it("gives the same result for an ASCII path alone and below a folder that is not ASCII", () => {
    const parts = [
      "a",
      "Z",
      "0",
      ".",
      " ",
      "/",
      "~1",
      "-",
      "con",
      "LPT1",
      "clock$",
      ".git",
      "restore_",
      "report.json",
    ];
    const unit = fc.oneof(
      fc.constantFrom(...parts),
      fc.stringMatching(/^[ -~]$/),
      fc.constant("x".repeat(128)),
    );
    const path = fc.array(unit, { minLength: 1, maxLength: 12 }).map((units) => units.join(""));
    fc.assert(
      fc.property(
        path.filter((text) => !/^\/|^[A-Za-z]:/.test(text)),
        (text) => {
          expect(findNameBreach(`é/${text}`)).toBe(findNameBreach(text));
        },
      ),
      { numRuns: runs(2000) },
    );
  });

  it("gives the same result for a name in every folder", () => {
    const name = anyString.filter((text) => text !== "" && !/[/\\:]/.test(text));
    fc.assert(
      fc.property(plainName, name, (folder, text) => {
        expect(findNameBreach(`${folder}/${text}`)).toBe(findNameBreach(text));
        expect(findNameBreach(`${folder}/${text}/x`)).toBe(findNameBreach(text));
      }),
    );
  });
});

describe("reserved names", () => {
  const reserved = [
    ".git",
    ".runseal",
    ".runseal-txn-1",
    ".spectrum06_chain_1.json",
    "RESTORE_MANIFEST.json",
    "RESTORE_REPORT.json",
  ];
  const fullWidth = (text: string): string =>
    text.replace(/[!-~]/g, (ascii) => String.fromCharCode(ascii.charCodeAt(0) + 0xfee0));
  const disguises: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => text.toUpperCase(),
    (text) => text.toLowerCase(),
    (text) => `${text}. .`,
    (text) => `\u200b${text}`,
    (text) => [...text].join("\ufe0f"),
    (text) => text.replaceAll("i", "ı").replaceAll("s", "ſ"),
    fullWidth,
  ];

  it.each(reserved)("refuses %s in every spelling and folder", (name) => {
    for (const disguise of disguises) {
      expect(findNameBreach(disguise(name))).toBe("reserved");
      expect(findNameBreach(`a/${disguise(name)}/b`)).toBe("reserved");
    }
  });

  it.each(["git~1", "GI7D29~1", "RESTOR~2.JSO", "resto~10.jso", "RE3F9A~1.JSO", "RUNSEA~1", "SPECTR~1.JSO"])(
    "refuses the short name %s",
    (name) => expect(findNameBreach(name)).toBe("reserved"),
  );

  it.each([".gitignore", ".github/x", "restor~1.txt", "runseal", ".runsealed", "spectrum06_x", "git~x"])(
    "accepts %s",
    (name) => expect(findNameBreach(name)).toBeUndefined(),
  );
});
