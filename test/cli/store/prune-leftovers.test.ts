import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { factsOf, makeSealedProject, namesIn, type Project } from "../../support/command/cli.ts";
import { killedAt } from "../../support/command/stopped-cli.ts";
import { injecting, injectionObstacle } from "../../support/files/injected-error.ts";
import { keepFiles } from "../../support/store/keep.ts";

const PARTIAL = ".runseal/objects/.0123456789abcdef.partial";
const CONTENDER = ".runseal/.lock-00000000-0000-4000-8000-000000000000";

function ownNames(project: Project): readonly string[] {
  return namesIn(project.at(".runseal"));
}

describe.concurrent("prune, where a killed seal left something in the store", () => {
  it("says that it removed a folder of partial objects only if it did", async () => {
    using project = await makeSealedProject();
    mkdirSync(project.at(PARTIAL), { recursive: true });
    writeFileSync(project.at(PARTIAL, "0"), "half");
    symlinkSync("/etc/passwd", project.at(PARTIAL, "1"));
    writeFileSync(project.at(PARTIAL, "notes"), "foreign");
    const strays = [`${PARTIAL}/1`, `${PARTIAL}/notes`];
    expect(await project.json(["prune", "--dry-run"])).toMatchObject({ partial: 0, strays });
    expect(namesIn(project.at(PARTIAL))).toEqual(["0", "1", "notes"]);
    for (let again = 0; again < 2; again++) {
      expect(await project.json(["prune"])).toMatchObject({ ok: true, partial: 0, strays });
      expect(namesIn(project.at(PARTIAL)), "what a seal made is gone").toEqual(["1", "notes"]);
    }
    const end = await project.run(["prune"]);
    expect(end.stdout).toMatch(/^freed {4}0 objects, 0 bytes\n/);
    expect(end.stderr).toBe(
      `note: left alone, because runseal did not make it: "${PARTIAL}/1", "${PARTIAL}/notes"\n`,
    );
    rmSync(project.at(PARTIAL, "1"));
    rmSync(project.at(PARTIAL, "notes"));
    expect(await project.json(["prune"])).toMatchObject({ partial: 1, strays: [] });
    expect(await project.json(["prune"])).toMatchObject({ partial: 0, strays: [] });
  });

  it.skipIf(injectionObstacle() !== undefined)(
    "reports the objects that it removed before the disk refused to remove one more",
    async () => {
      using project = await makeSealedProject();
      project.write({ "gone.txt": "garbage\n" });
      rmSync(project.at(".runseal/packs"), { recursive: true });
      await keepFiles(project.root, ["out/a.txt", "out/b.txt", "gone.txt"]);
      mkdirSync(join(project.at(".runseal/objects"), ".ffffffffffffffff.partial"));
      for (const gone of [".runseal/runs/one", ".runseal/HEAD"])
        rmSync(project.at(gone), { recursive: true });
      const refused = injecting("rmdir:error=EIO");
      const told = factsOf(await project.run(["prune", "--json"], refused));
      // The folder of partial objects comes before all objects.
      expect(told).toMatchObject({
        code: "WRITE_FAILED",
        removed: 0,
        bytes: 0,
        partial: 0,
        strays: [],
        exit_code: 4,
      });
      rmSync(join(project.at(".runseal/objects"), ".ffffffffffffffff.partial"), { recursive: true });
      const second = factsOf(await project.run(["prune", "--json"], injecting("unlink:error=EIO:when=2+")));
      expect(second).toMatchObject({ code: "WRITE_FAILED", removed: 1, exit_code: 4 });
      expect(await project.json(["prune"])).toMatchObject({ removed: 2 });
    },
  );
});

describe.concurrent("prune, where a command was killed while it took the lock", () => {
  it("removes what a killed prune left", async () => {
    using project = await makeSealedProject();
    await killedAt(project, ["prune"], "renameSync:1");
    expect(ownNames(project).filter((name) => name.startsWith(".lock-"))).toHaveLength(1);
    expect(await project.json(["prune"])).toMatchObject({ ok: true, strays: [] });
    expect(ownNames(project)).toEqual([".gitignore", "HEAD", "packs", "runs"]);
  });

  it("removes the folder of one that was killed before it listened", async () => {
    using project = await makeSealedProject();
    mkdirSync(project.at(CONTENDER));
    await project.done(["prune"]);
    expect(existsSync(project.at(CONTENDER))).toBe(false);
  });

  it("removes nothing of it with --dry-run", async () => {
    using project = await makeSealedProject();
    mkdirSync(project.at(CONTENDER));
    await project.changesNothing(["prune", "--dry-run"]);
  });

  it.each<[string, (path: string) => void]>([
    ["a link", (path) => symlinkSync("../out", path)],
    ["a file", (path) => writeFileSync(path, "foreign")],
    [
      "a folder with a file in it",
      (path) => {
        mkdirSync(path);
        writeFileSync(join(path, "notes"), "foreign");
      },
    ],
  ])("names %s in its place, and leaves it alone", async (_what, make) => {
    using project = await makeSealedProject();
    make(project.at(CONTENDER));
    for (let again = 0; again < 2; again++)
      expect(await project.json(["prune"])).toMatchObject({ ok: true, strays: [CONTENDER] });
    expect(ownNames(project)).toEqual([
      ".gitignore",
      ".lock-00000000-0000-4000-8000-000000000000",
      "HEAD",
      "packs",
      "runs",
    ]);
    expect(readFileSync(project.at("out/a.txt"), "utf8")).toBe("alpha\n");
    await project.done(["seal", "out", "--id", "two"]);
  });
});
