import { describe, expect, it } from "vitest";
import { fractionDone } from "../../../src/node/system/runtime/progress.ts";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";

const MIB = 1024 * 1024;

/** The last event of each phase, of a command that is done. */
async function phasesOf(project: Project, args: readonly string[]): Promise<Record<string, unknown>> {
  const { exitCode, stderr } = await project.run([...args, "--progress", "json"]);
  expect(exitCode, stderr).toBe(0);
  const lines = stderr.split("\n").filter((line) => line.startsWith('{"event":"progress"'));
  const events = lines.map((line): Record<string, unknown> => JSON.parse(line));
  return Object.fromEntries(events.map((event) => [event["phase"], event]));
}

/** Many small files and a large one: nearly all of the files are nearly none of the bytes. */
async function unevenProject(): Promise<Project> {
  const project = await makeSealedProject();
  const names = Array.from({ length: 300 }, (_, index) => [`work/${index}`, "1"]);
  project.write({ ...Object.fromEntries(names), "work/large": "x".repeat(3 * MIB) });
  return project;
}

const ALL = { bytes: 300 + 3 * MIB, total_bytes: 300 + 3 * MIB, files: 301, total_files: 301 };

describe("the done part of the work", () => {
  it("is of bytes, not of files, where bytes are read", () => {
    const done = { files: 4941, bytes: 1_220_000_000 };
    expect(fractionDone(done, { files: 5004, bytes: 3_050_000_000 })).toBeCloseTo(0.4);
    expect(fractionDone(done, { files: 5004 }), "the total is not known").toBeUndefined();
    expect(fractionDone({ files: 50, bytes: 0 }, { files: 100 }), "no bytes are read").toBe(0.5);
    expect(fractionDone(done, { files: 5004, bytes: 0 }), "of empty files").toBeCloseTo(0.987);
  });

  it("of a seal is of the bytes of all its files", async () => {
    using project = await unevenProject();
    expect(await phasesOf(project, ["seal", "work", "--id", "two"])).toMatchObject({ hash: ALL });
  });

  it("of packing is of the bytes that are read, and then of those that are written", async () => {
    using project = await unevenProject();
    await project.done(["seal", "work", "--id", "two"]);
    await project.done(["seal", "work", "--id", "three"]);
    const one = await phasesOf(project, ["push", "two", "one.runseal"]);
    expect(one).toMatchObject({ verify: ALL, pack: ALL });
    expect(one).not.toHaveProperty("write");
    const objects = { files: 2, total_files: 2, bytes: 1 + 3 * MIB, total_bytes: 1 + 3 * MIB };
    expect(await phasesOf(project, ["push", "two", "three", "both.runseal"])).toMatchObject({
      pack: objects,
    });
  });
});
