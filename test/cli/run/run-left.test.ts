import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { runFactsOf, shell } from "../../support/command/run.ts";

/** A process in the background, whose number is left beside the project. */
const LEAVE = "sleep 60 < /dev/null > /dev/null 2>&1 & echo $! >> ../left";

/** Ends what a command left, by its numbers. */
function endLeft(project: Project): void {
  for (const pid of readFileSync(project.at("../left"), "utf8").split("\n"))
    if (pid !== "") process.kill(Number(pid));
}

describe.runIf(existsSync("/proc/self/stat"))("a guarded run whose command leaves processes", () => {
  it("names those that still run, and says that what they write is not in it", async () => {
    using project = await makeProjectWithKey();
    try {
      const one = await project.run(shell(LEAVE, "--guard", ".", "--id", "one"));
      expect(one.exitCode, one.stderr).toBe(0);
      expect(one.stderr.replaceAll(/\n {6}/g, " ")).toMatch(
        /note: 1 process that the command started still runs \((?:sleep|sh) \d+\): what it writes from now on is not in this run\n/,
      );
      const two = await project.run(
        shell(`${LEAVE}; ${LEAVE}; exit 3`, "--guard", ".", "--id", "two", "--json"),
      );
      expect(runFactsOf(two)).toMatchObject({ code: "COMMAND_FAILED", guard: { left_running: 2 } });
      const gone = await project.run(
        shell(`cd ..; ${LEAVE.replace("../", "")}; rm -r project`, "--guard", ".", "--json"),
      );
      expect(runFactsOf(gone)).toMatchObject({
        code: "GUARD_INCOMPLETE",
        guard: { after: null, left_running: 1 },
      });
    } finally {
      endLeft(project);
    }
  });

  it("says nothing where none is left", async () => {
    using project = await makeProjectWithKey();
    const waited = shell("sleep 0.1 & wait", "--guard", ".", "--id", "one");
    const { stderr } = await project.run(waited);
    expect(stderr).not.toContain("still run");
    const facts = runFactsOf(await project.run([...shell("true", "--guard", ".", "--id", "two", "--json")]));
    expect(facts).toMatchObject({ guard: { left_running: 0 } });
  });
});
