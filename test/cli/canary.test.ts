import { describe, expect, it } from "vitest";
import { ALL_CODES } from "../../src/cli/codes/codes.ts";
import { privateCanaries, runAmongCanaries, secretCanaries } from "../support/canaries.ts";
import { type CliEnd, factsOf, makeSealedProject, type Project } from "../support/cli.ts";
import { drawn } from "../support/ring.ts";
import { runFactsOf } from "../support/run.ts";
import { WAYS } from "./canary-ways/all-ways.ts";
import type { Way } from "./canary-ways/way.ts";

/** A log is for programs too: one object a line, and nothing between. */
function logOf({ stderr }: CliEnd): readonly Readonly<Record<string, unknown>>[] {
  return stderr
    .split("\n")
    .filter((line) => line.startsWith('{"level"'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

/** Options before `--`, where there is one: what stands behind it is a command's. */
function withOptions(args: readonly string[], ...options: readonly string[]): readonly string[] {
  const terminator = args.indexOf("--");
  return terminator < 0 ? [...args, ...options] : args.toSpliced(terminator, 0, ...options);
}

async function arranged({ arrange }: Way): Promise<Project> {
  const project = await makeSealedProject();
  arrange?.(project);
  return project;
}

describe("failures tell nothing but codes and protocol facts (PROTOCOL 14, H-05 and H-06)", () => {
  it("are tried in more than sixty ways, each of its own", () => {
    const whats = WAYS.map(({ what }) => what);
    expect(new Set(whats).size).toBe(whats.length);
    expect(whats.length).toBeGreaterThan(60);
    expect(WAYS.filter(({ code }) => !ALL_CODES.some((known) => known === code))).toEqual([]);
  });

  describe.concurrent("no canary is printed, and with --debug no secret one:", () => {
    it.each(drawn(WAYS, 12))("$what", async (way) => {
      using text = await arranged(way);
      using json = await arranged(way);
      using debug = await arranged(way);
      const ends = await Promise.all([
        runAmongCanaries(text, way),
        runAmongCanaries(json, { ...way, args: withOptions(way.args, "--json") }),
        runAmongCanaries(debug, { ...way, args: withOptions(way.args, "--json", "--debug") }),
      ]);
      const [plain, quiet, logged] = ends;

      const facts = way.args[0] === "run" ? runFactsOf(quiet) : factsOf(quiet);
      expect(facts["code"], JSON.stringify(facts)).toBe(way.code);
      expect(ends.map(({ exitCode }) => exitCode)).toEqual(ends.map(() => facts["exit_code"]));

      for (const [end, project] of [
        [plain, text],
        [quiet, json],
      ] as const) {
        const printed = end.stdout + end.stderr;
        expect([...privateCanaries(printed, project), ...secretCanaries(printed, project)], printed).toEqual(
          [],
        );
      }
      const printed = logged.stdout + logged.stderr;
      expect(secretCanaries(printed, debug), printed).toEqual([]);
      expect(privateCanaries(logged.stdout, debug), logged.stdout).toEqual([]);

      const log = logOf(logged);
      expect(log.at(-1)).toMatchObject({ msg: "ended", code: way.code, exit_code: facts["exit_code"] });
      const causes = log.filter(({ msg }) => msg === "cause");
      // What was taken out of the log was in it: the canaries of a forced exception do sing.
      if (way.sabotage !== undefined) expect(JSON.stringify(causes)).toContain("[secret]");
      if (way.cause !== undefined) expect(JSON.stringify(causes)).toMatch(way.cause);
    });
  });
});
