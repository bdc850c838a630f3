import { describe, expect, it } from "vitest";
import { outputFailures } from "../../../../src/core/judge/bundle/phases/outputs.ts";
import { brokenHistoryVerdict, movedOnVerdict } from "../../../../src/core/judge/history/history-words.ts";
import { differencesOf, explains, mayExplain } from "../../../../src/core/judge/history/moved-on.ts";
import type { OutputClaims } from "../../../../src/core/records/artifacts/output-claims.ts";
import { digestToHex, type HexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { type Rejection, reject, type Undecided } from "../../../../src/core/system/codes/verdict.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { claimsOf } from "../../../support/bundles/claims.ts";

type Files = Readonly<Record<string, string>>;

function digest(text: string): HexDigest {
  return digestToHex(nodeCrypto.sha256(Buffer.from(text)));
}

function claims(files: Files): OutputClaims {
  return claimsOf(Object.entries(files).map(([path, content]) => [path, `sha256:${sha256(content)}`]));
}

/** Compares a run with a folder, as phase 9 does. */
function failuresIn(folder: Files, run: Files): readonly (Rejection | Undecided)[] {
  const findings = Object.keys(run).map((path) => {
    const content = folder[path];
    return content === undefined
      ? ({ kind: "missing" } as const)
      : ({ kind: "file", digest: digest(content), bytes: content.length } as const);
  });
  return [...outputFailures(claims(run), findings, nodeCrypto)];
}

const ROOT = digest("the later bundle");

/** Whether the later run explains the older one in this folder, and what the older one's artifacts alone say of it. */
function judge(folder: Files, older: Files, later: Files): boolean {
  const differences = differencesOf(failuresIn(folder, older));
  if (differences === undefined) throw new TypeError("each difference has a cause");
  const failures = failuresIn(folder, later);
  const judged = { bundleRoot: ROOT, claims: claims(later) };
  const compared = { verdict: { ok: failures.length === 0 }, judged, failures: () => failures };
  const isExplained = explains(differences, ROOT, compared, nodeCrypto);
  expect(mayExplain(differences, judged.claims, nodeCrypto)).toBe(isExplained);
  return isExplained;
}

describe("a later run explains why the files of a run differ", () => {
  const older = { a: "1", b: "1", c: "1" };

  it("where the folder holds the later run's files", () => {
    expect(judge({ a: "2", b: "1", c: "2" }, older, { a: "2", b: "1", c: "2" })).toBe(true);
  });

  it("where the later run does not have a file that is missing or another one", () => {
    expect(judge({ a: "2" }, older, { a: "2" })).toBe(true);
    expect(judge({ a: "2", b: "other", c: "1" }, older, { a: "2" })).toBe(true);
    expect(judge({ elsewhere: "1" }, older, { elsewhere: "1" })).toBe(true);
  });

  it("and not where one of several files is of neither run", () => {
    expect(judge({ a: "2", b: "1", c: "tampered" }, older, { a: "2", b: "1", c: "1" })).toBe(false);
    expect(judge({ a: "2", b: "1" }, older, { a: "2", b: "1", c: "1" })).toBe(false);
  });

  it("and not where the later run has none of the changed files", () => {
    expect(judge({ a: "tampered", b: "1", c: "1", d: "1" }, older, { d: "1" })).toBe(false);
  });

  it("also where the later run differs elsewhere", () => {
    expect(judge({ a: "2", b: "1", c: "1", d: "other" }, older, { a: "2", d: "1" })).toBe(true);
  });

  it("and not where the bundle is another one by now, or the folder was not compared with it", () => {
    const held = new Map([["a", { kind: "file", digest: digest("2") } as const]]);
    const differences = { held, files: 1 };
    const judged = { bundleRoot: ROOT, claims: claims({ a: "2" }) };
    const same = { verdict: { ok: true }, judged, failures: () => [] };
    expect(explains(differences, ROOT, same, nodeCrypto)).toBe(true);
    expect(explains(differences, digest("another"), same, nodeCrypto)).toBe(false);
    expect(explains(differences, ROOT, { ...same, judged: undefined }, nodeCrypto)).toBe(false);
    expect(explains(differences, ROOT, { ...same, verdict: { ok: false } }, nodeCrypto)).toBe(false);
  });

  it("and not a mode or a file that was not hashed, unless the later run was compared there", () => {
    const mode = reject("tree", "TREE_ENTRY_DIFFERS", {
      path: "a",
      aspect: "mode",
      expected: "644",
      actual: "755",
    });
    const differences = differencesOf([mode]);
    expect(differences).toEqual({ held: new Map([["a", { kind: "unread" }]]), files: 0 });
    if (differences === undefined) throw new TypeError("a mode has a cause");
    const judged = { bundleRoot: ROOT, claims: claims({ a: "1" }) };
    const compared = { verdict: { ok: true }, judged, failures: () => [] };
    expect(explains(differences, ROOT, compared, nodeCrypto)).toBe(true);
    const differs = { verdict: { ok: false }, judged, failures: () => [mode] };
    expect(explains(differences, ROOT, differs, nodeCrypto)).toBe(false);
  });

  it("and nothing where a file can't be read", () => {
    const unread = { ok: false, code: "READ_FAILED", phase: "outputs", message: "", details: { path: "a" } };
    expect(differencesOf([...failuresIn({}, older), unread as Undecided])).toBeUndefined();
  });
});

describe("the sentences of verdicts between acceptance and rejection", () => {
  it("name the later run and count the files", () => {
    const sentence = (differing: number, files: number): string =>
      movedOnVerdict({ runId: "2026-12", differing, files }).sentence;
    expect(sentence(2, 30)).toBe("the folder has moved on with 2026-12; 2 of 30 files differ");
    expect(sentence(1, 1)).toBe("the folder has moved on with 2026-12; 1 of 1 file differs");
    expect(sentence(0, 3)).toContain("no file differs, but modes, links or folders do");
  });

  it("say that the run is accepted, and what breaks the history", () => {
    expect(brokenHistoryVerdict("HEAD was set back").sentence).toBe(
      "this run is accepted; the history is broken: HEAD was set back",
    );
  });
});
