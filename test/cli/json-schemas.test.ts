import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Facts, factsOf, makeProject, type Project } from "../support/cli.ts";
import { breachesOf, SCHEMA_NAMES, schemaNameFor, schemaOf } from "../support/json-schemas.ts";
import { runFacts } from "../support/run.ts";

const page = readFileSync(new URL("../../docs/json.md", import.meta.url), "utf8");

/** Members at the top of an object by a schema; with those of every report. */
function membersOf(name: string): ReadonlySet<string> {
  const definitions = schemaOf("common")["$defs"];
  const report: unknown = Object.entries(Object(definitions)).find(([key]) => key === "report")?.[1];
  return new Set(
    [schemaOf(name), report].flatMap((schema) => Object.keys(Object(Object(schema).properties))),
  );
}

/** Commands that succeed, in an order in which they do. */
const DONE: readonly string[] = [
  "init --name alice --no-passphrase",
  "key new bob --no-passphrase",
  "key show alice",
  "key list",
  "key export-public alice",
  "key passwd bob --no-passphrase",
  "trust list",
  "seal out --id one --key KEY",
  "seal out --id two --key KEY",
  "verify one",
  "chain verify",
  "chain verify .runseal/runs/one .runseal/runs/two",
  "log",
  "show one",
  "diff one two",
  "prove one out/a.txt",
  "prove one out/a.txt -o proof.json",
  "check-proof proof.json out/a.txt",
  "restore one --to there --mkdir",
  "restore one two --to both --mkdir",
  "recover there",
  "undo there",
  "gc",
  "fsck",
  "explain HASH_MISMATCH",
  "explain 3",
];

/** Commands that fail, in ways of their own. */
const FAILING: readonly string[] = [
  "frobnicate",
  "verify nowhere",
  "verify one --signer nonsense",
  "verify one --trust nowhere",
  "seal nowhere --key KEY",
  "seal out --id one --key KEY",
  "restore one --to nowhere",
  "undo nowhere",
  "recover nowhere",
  "prove one nowhere",
  "check-proof proof.json out/b.txt",
  "show nowhere",
  "diff one nowhere",
  "trust remove nobody",
  "key show nobody",
  "explain NO_SUCH_CODE",
];

function keyFile(project: Project): string {
  return `${project.config}/runseal/keys/alice.key`;
}

describe("the published schemas", () => {
  it("are all valid schemas, and each member of a command's is in docs/json.md", () => {
    for (const name of SCHEMA_NAMES) {
      expect(breachesOf(name, {}), name).not.toEqual([]);
      for (const member of membersOf(name)) expect(page, `${name}: ${member}`).toContain(`\`${member}`);
    }
  });

  it("refuse what is not a report, and a success with another code or exit code", () => {
    const done = { ok: true, code: "OK", message: "m", details: {}, exit_code: 0 };
    expect(breachesOf("error", done)).toEqual([]);
    expect(breachesOf("error", { ...done, exit_code: 1 })).not.toEqual([]);
    expect(breachesOf("error", { ...done, ok: false })).not.toEqual([]);
    expect(breachesOf("error", { ...done, code: null })).not.toEqual([]);
    expect(breachesOf("verify", done)).not.toEqual([]);
    expect(breachesOf("gc", { ...done, removed: -1 })).not.toEqual([]);
  });

  it("are found by the command line", () => {
    expect(schemaNameFor(["--debug", "chain", "verify", "--json"])).toBe("chain-verify");
    expect(schemaNameFor(["explain", "3"])).toBe("explain");
    expect(schemaNameFor(["key", "frobnicate"])).toBe("error");
  });

  it("name every member that each command prints, whether it succeeds or not", async () => {
    using project = makeProject();
    const lacking = new Set<string>();
    const check = (line: string, facts: Facts): void => {
      const name = schemaNameFor(line.split(" "));
      expect(breachesOf(name, facts), line).toEqual([]);
      const members = membersOf(name);
      for (const member of Object.keys(facts)) {
        if (!members.has(member)) lacking.add(`schemas/${name}.json: ${member}`);
      }
    };
    const words = (line: string): readonly string[] =>
      line.split(" ").map((word) => (word === "KEY" ? keyFile(project) : word));
    for (const line of DONE) {
      const facts = await project.json(words(line));
      expect(facts, line).toMatchObject({ ok: true });
      check(line, facts);
    }
    for (const line of FAILING) check(line, factsOf(await project.run([...words(line), "--json"])));
    const options = ["--output", "made", "--id", "three", "--key", keyFile(project)];
    check("run", await runFacts(project, "echo made > made", options));
    check(
      "run",
      await runFacts(project, "exit 3", ["--output", "made", "--id", "four", "--key", keyFile(project)]),
    );
    expect([...lacking]).toEqual([]);
  });
});
