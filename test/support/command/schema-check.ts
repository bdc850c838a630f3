/**
 * Runs commands with `--json`, and compares what they print with the published schemas.
 *
 * @module
 */

import { expect } from "vitest";
import { FIRST_SEED, testSigner } from "../bundles/bundle.ts";
import { type CliEnd, type Facts, factsOf, type Project, runUnchecked } from "./cli.ts";
import { breachesOf, schemaNameFor } from "./json-schemas.ts";
import { runFactsOf, shell } from "./run.ts";
import { memberPaths, unnamedMembers } from "./schema-members.ts";

/** Collects what the schemas lack of all output of some commands, and which members these printed. */
export class SchemaCheck {
  readonly #project: Project;
  readonly #lacking = new Set<string>();
  readonly #printed = new Set<string>();

  constructor(project: Project) {
    this.#project = project;
  }

  /** Runs a command line in which `PUBLIC_KEY` is a key. One that begins with `! ` must fail, any other must not. */
  async run(line: string, env: Readonly<Record<string, string>> = {}): Promise<Facts> {
    const fails = line.startsWith("! ");
    const words = line.replace(/^! /, "").split(" ");
    const key = testSigner(FIRST_SEED).publicKeyHex;
    const args = words.map((word) => (word === "PUBLIC_KEY" ? key : word));
    const facts = factsOf(await this.#start([...args, "--json"], env));
    expect(facts, `${line}\n${JSON.stringify(facts)}`).toMatchObject({ ok: !fails });
    this.#check(schemaNameFor(words), facts, line);
    return facts;
  }

  /** Runs the words of a shell in `runseal run`, to make the output `made`. */
  async runShell(script: string, ...options: readonly string[]): Promise<Facts> {
    const facts = runFactsOf(await this.#start(shell(script, "--json", "--output", "made", ...options), {}));
    this.#check("run", facts, script);
    return facts;
  }

  /** Fails the test where a schema lacks a member, and where one of these, such as `log: runs[].place`, was not printed. */
  expectAllNamed(printed: readonly string[]): void {
    expect([...this.#lacking], "members that the schemas lack").toEqual([]);
    const missing = printed.filter((member) => !this.#printed.has(member));
    expect(missing, "members that no command printed").toEqual([]);
  }

  #check(name: string, facts: Facts, line: string): void {
    expect(breachesOf(name, facts), `schemas/${name}.json\n${line}`).toEqual([]);
    for (const path of unnamedMembers(name, facts)) this.#lacking.add(`schemas/${name}.json: ${path}`);
    for (const path of memberPaths(facts)) this.#printed.add(`${name}: ${path}`);
  }

  // Not as other tests run it, which end at the first member that is lacking: here all are listed at once.
  #start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliEnd> {
    const { env: own, root } = this.#project;
    return runUnchecked(args, { cwd: root, env: { ...own, ...env } });
  }
}
