import { linkSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey, namesIn, opensBelow, SmallDisk, setMode } from "../../support/command/cli.ts";

const NO_USER = "no ordinary user can run the program here";

describe.concurrent("runseal seal: a target that can't be written", () => {
  it("says so of a read-only folder, and leaves nothing", async ({ skip }) => {
    using project = await makeProjectWithKey();
    if (!(await project.becomeOrdinaryUser())) skip(NO_USER);
    setMode(project.root, 0o555);
    const { exitCode, stdout, stderr } = await project.changesNothing(["seal", "out", "--id", "one"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
    expect(stderr).toContain('error: WRITE_FAILED: could not write ".runseal": permission denied\nhint: ');
  });

  // Room for the folder and for all artifacts but some: it fails at a different one each time.
  it.each([0, 1, 2, 4, 6])("leaves nothing on a disk that is full after %i pages", async (pages) => {
    using project = await makeProjectWithKey();
    mkdirSync(project.at("disk"));
    using disk = new SmallDisk(project.at("disk"), "size=64k");
    if (!disk.mounted) return;
    fill(project.at("disk", "filler"), pages);
    const { exitCode, stdout, stderr } = await project.changesNothing([
      "seal",
      "out",
      "--out",
      "disk/deep/runs",
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
    expect(stderr).toContain(
      'error: WRITE_FAILED: could not write "disk/deep/runs": the disk is full\nhint: ',
    );
    expect(namesIn(project.at("disk"))).toEqual(["filler"]);
  });
});

/** Fills a disk of 64 KiB up to that many free pages of 4 KiB. */
function fill(address: string, freePages: number): void {
  writeFileSync(address, Buffer.alloc((16 - freePages) * 4096));
}

describe.concurrent("runseal seal: outputs that can't be read", () => {
  it("names the file", async ({ skip }) => {
    using project = await makeProjectWithKey();
    if (!(await project.becomeOrdinaryUser())) skip(NO_USER);
    setMode(project.at("out", "b.txt"), 0o000);
    const { exitCode, stdout, stderr } = await project.changesNothing(["seal", "out", "--id", "one"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
    expect(stderr).toMatch(/^error: READ_FAILED: could not read "out\/b\.txt"/);
  });
});

describe("runseal seal: interrupted", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends on %s with exit code %i and leaves nothing", async (signal, exitCode) => {
    using project = await makeProjectWithKey();
    // Takes seconds to hash, and no room on the disk.
    project.write({ "out/f0": "" });
    truncateSync(project.at("out", "f0"), 8 * 2 ** 20);
    for (let index = 1; index < 200; index++)
      linkSync(project.at("out", "f0"), project.at("out", `f${index}`));
    const end = await project.run(["seal", "out", "--json"], {
      kill: { signal, when: (pid) => opensBelow(pid, project.at("out")) },
    });
    expect(end.exitCode).toBe(exitCode);
    expect(JSON.parse(end.stdout)).toMatchObject({ ok: false, code: "INTERRUPTED", exit_code: exitCode });
    expect(namesIn(project.root)).toEqual(["out"]);
    expect(namesIn(join(project.config, "runseal"))).toEqual(["keys", "trust"]);
  });
});
