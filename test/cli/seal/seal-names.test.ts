import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Facts, makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";

/** One name of test/data/names.json. */
interface NameCase {
  readonly path?: string;
  readonly expect: string | null;
}

const { paths, collisionPairs } = JSON.parse(
  readFileSync(new URL("../../data/names.json", import.meta.url), "utf8"),
) as { readonly paths: readonly NameCase[]; readonly collisionPairs: readonly (readonly [string, string])[] };

/** What no option seals: a backslash, and what a restore keeps for itself at the top. */
const UNLAWFUL = /\\|^RESTORE_MANIFEST\.json$|^\.spectrum06_/;

/** Lays a file out under each name that this disk can hold; gives those that are there, with their reasons. */
function layOut(root: string, cases: readonly NameCase[]): Map<string, string | null> {
  const there = new Map<string, string | null>();
  for (const { path = "", expect: reason } of cases) {
    // Not a file name anywhere: nothing could be laid out, or something else than the name says.
    if (path === "" || path.includes("\0") || path.split("/").some((name) => /^\.{0,2}$/.test(name)))
      continue;
    // The harness itself uses plain paths.
    if (path.length > 1000 || Buffer.byteLength(path) > 255) continue;
    try {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), path, { flag: "wx" });
      chmodSync(join(root, path), 0o644);
      there.set(path, reason);
    } catch {
      // Another name stands in the way, as the file `.git` does in that of `.git/config`.
    }
  }
  return there;
}

/** The refused paths of a report that are not collisions, with their reasons. */
function refusedOf(facts: Facts): Map<string, string> {
  const { refused } = facts["details"] as { refused: { path: string; reason: string; other?: string }[] };
  return new Map(
    refused.filter(({ other }) => other === undefined).map(({ path, reason }) => [path, reason]),
  );
}

async function emptyProject(): Promise<Project> {
  return await makeProjectWithKey({});
}

describe.concurrent("runseal seal: names that other systems can't hold (SECURITY 8)", () => {
  it("refuses every one of them by name, with the reason, and no honest one", async () => {
    using project = await emptyProject();
    const there = layOut(
      project.root,
      paths.filter(({ path = "" }) => !UNLAWFUL.test(path)),
    );
    const expected = new Map([...there].filter(([, reason]) => reason !== null));
    // Version control's own is left out before names are looked at.
    expect(expected.delete(".git")).toBe(true);
    expect(expected.size, "most of the data can be laid out").toBeGreaterThan(50);
    const facts = await project.json(["seal", ".", "--id", "one"]);
    expect(facts).toMatchObject({
      ok: false,
      code: "ENTRIES_REFUSED",
      details: { reason: "names-not-portable" },
      exit_code: 1,
    });
    expect(refusedOf(facts)).toEqual(expected);

    await project.done(["seal", ".", "--id", "one", "--names", "posix"]);
    expect(await project.json(["verify", ".runseal/runs/one"])).toMatchObject({
      ok: true,
      files: there.size - 1,
    });
    const before = snapshotTree(project.root);
    await project.done(["restore", ".runseal/runs/one", "--to", "../restored", "--mkdir"]);
    const restored = snapshotTree(join(project.folder, "restored"));
    for (const path of there.keys())
      if (path !== ".git") expect(restored.get(path)).toEqual(before.get(path));
  });

  it("refuses names that cannot be restored, whatever the rule for names", async () => {
    using project = await emptyProject();
    const there = layOut(
      project.root,
      paths.filter(({ path = "" }) => UNLAWFUL.test(path)),
    );
    expect(there.size).toBeGreaterThan(5);
    for (const names of ["portable", "posix"]) {
      const facts = await project.json(["seal", ".", "--names", names]);
      expect(facts).toMatchObject({
        ok: false,
        code: "ENTRIES_REFUSED",
        details: { reason: "names-unlawful" },
        exit_code: 1,
      });
      expect([...refusedOf(facts).keys()].sort()).toEqual([...there.keys()].sort());
    }
  });

  it("refuses two names that meet in one elsewhere, and names both", async () => {
    using project = await emptyProject();
    for (const [index, [first, second]] of collisionPairs.entries()) {
      project.write({ [`${index}/${first}`]: "1", [`${index}/${second}`]: "2" });
    }
    const facts = await project.json(["seal", "."]);
    expect(facts).toMatchObject({
      ok: false,
      code: "ENTRIES_REFUSED",
      details: { reason: "names-not-portable" },
      exit_code: 1,
    });
    const { refused } = facts["details"] as { refused: { path: string; reason: string; other?: string }[] };
    const met = new Set(
      refused.filter(({ reason }) => reason === "collision").map(({ path }) => path.split("/")[0]),
    );
    expect(met.size).toBe(collisionPairs.length);
    await project.done(["seal", ".", "--id", "one", "--names", "posix"]);
    await project.done(["verify", ".runseal/runs/one"]);
  });
});
