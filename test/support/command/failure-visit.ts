/**
 * What must hold of every failure, whatever fails: of its text, its JSON, its log, the published schemas, docs/codes.md and
 * `runseal explain`.
 *
 * @module
 */

import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { exitCodeOf, isCode } from "../../../src/cli/codes/all-codes.ts";
import type { Way } from "../../cli/output/failing-ways/way.ts";
import { privateCanaries, secretCanaries } from "./canaries.ts";
import {
  type CliEnd,
  expectClean,
  expectValid,
  type Facts,
  factsOf,
  LEFT_BY_FAILED_SEAL,
  type Project,
  unfold,
} from "./cli.ts";
import { runFactsOf } from "./run.ts";

/** A call with the project that it ran in. */
export interface Visit {
  readonly project: Project;
  readonly end: CliEnd;
}

/** Codes after which there is nothing to do, and why. */
const WITHOUT_HINT: Readonly<Record<string, string>> = {
  INTERRUPTED: "the user ended the command and knows why; nothing is left half-done",
};

/** What stands at each path. */
export type Stamps = Readonly<Record<string, string>>;

const MAX_COLUMNS = 80;

const CODES_PAGE = readFileSync(new URL("../../../docs/codes.md", import.meta.url), "utf8");

/** The exit code that docs/codes.md has for a code. */
export function documentedExit(code: string): number | undefined {
  const [, exit] =
    new RegExp(`^\\| \`${code}\` \\| (\\d+) \\| [^|]+ \\| [^|]+ \\|$`, "m").exec(CODES_PAGE) ?? [];
  return exit === undefined ? undefined : Number(exit);
}

/** The code of a way, and its reason. */
function caseOf({ code }: Pick<Way, "code">): readonly [code: string, reason: string | undefined] {
  const [first = "", reason] = code.split(" ");
  return [first, reason];
}

/** The exit code of a way: the one that the table of codes has, unless the way has another. */
export function exitOf({ exit, ...way }: Way): number {
  const [code] = caseOf(way);
  if (!isCode(code)) throw new TypeError(`there is no code ${code}`);
  return exit ?? exitCodeOf(code);
}

/** The facts of a call with `--json`, which must be as the published schema says. */
export function expectFacts(way: Way, { end }: Visit): Facts {
  const facts = way.args[0] === "run" ? runFactsOf(end) : factsOf(end);
  const shown = JSON.stringify(facts);
  const [code, reason] = caseOf(way);
  expect(facts, shown).toMatchObject({ code, exit_code: exitOf(way) });
  if (reason !== undefined) expect(facts["details"], shown).toMatchObject({ reason });
  if (way.args[0] !== "run") expectValid(way.args, facts, shown);
  expect(facts["message"], shown).toMatch(/^[^\n]{4,}$/);
  if (way.hint !== undefined) expect(facts["hint"], shown).toMatch(way.hint);
  return facts;
}

/** An error has the form `error: CODE: sentence`, a hint, and lines of at most 80 columns. It says what the JSON says. */
export function expectText(way: Way, { end }: Visit, facts: Facts): void {
  const { exitCode, stderr } = end;
  expect(exitCode, stderr).toBe(exitOf(way));
  expectClean(end, `${way.args.join(" ")}\n${end.stdout}${stderr}`);
  if (way.code === "OK") return;
  if (way.code === "USAGE") expect(end.stdout).toBe("");
  const lines = unfold(stderr).split("\n");
  const [code] = caseOf(way);
  const error = lines.findIndex((line) => line.startsWith(`error: ${code}: `));
  expect(lines[error] ?? "", stderr).toMatch(/^error: [A-Z0-9_]+: \S/);
  const hints = lines.slice(error).flatMap((line) => /^hint: (.*)$/.exec(line)?.slice(1) ?? []);
  expect(hints.length > 0 || code in WITHOUT_HINT, stderr).toBe(true);
  expect(hints.join("\n"), stderr).toBe(facts["hint"] ?? "");
  const ours = stderr.split("\n").filter((line) => /^(?:error|hint|note|warning): |^ {6}\S/.test(line));
  expect(ours.filter((line) => !fits(line))).toEqual([]);
}

/** Whether a line fits. It fits if it is short, or is a single word that can't be broken, such as a path. */
function fits(line: string): boolean {
  return line.length <= MAX_COLUMNS || !line.trim().includes(" ");
}

/** Neither text nor JSON has a canary or a path of this machine (PROTOCOL 14, H-05 and H-06). */
export function expectNoCanary({ end, project }: Visit): void {
  const printed = end.stdout + end.stderr;
  expect([...privateCanaries(printed, project), ...secretCanaries(printed, project)], printed).toEqual([]);
}

/** A log that was asked for has no secret. Its last line has the code, and the lines before it the causes. */
export function expectLog(way: Way, { end, project }: Visit): void {
  const printed = end.stdout + end.stderr;
  expect(secretCanaries(printed, project), printed).toEqual([]);
  expect(privateCanaries(end.stdout, project), end.stdout).toEqual([]);
  const log = logOf(end);
  expect(log.at(-1)).toMatchObject({ msg: "ended", code: caseOf(way)[0], exit_code: exitOf(way) });
  expect(end.exitCode).toBe(exitOf(way));
  const causes = JSON.stringify(log.filter(({ msg }) => msg === "cause"));
  // The canaries of a forced exception were in the log before they were taken out.
  if (way.sabotage !== undefined) expect(causes).toContain("[secret]");
  if (way.cause !== undefined) expect(causes).toMatch(way.cause);
}

/** A log is for programs too: one object a line, and nothing between. */
function logOf({ stderr }: CliEnd): readonly Facts[] {
  return stderr
    .split("\n")
    .filter((line) => line.startsWith('{"level"'))
    .map((line) => JSON.parse(line) as Facts);
}

/**
 * All that is in the folders of a project and its user, with what changes when something is written. Of what was not there `before`,
 * the packs of a failed seal don't count.
 */
export function stampsOf({ folder }: Project, before?: Stamps): Stamps {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(({ name, parentPath }) => join(parentPath, name).slice(folder.length + 1))
    .filter((path) => before === undefined || path in before || !LEFT_BY_FAILED_SEAL.test(path));
  return Object.fromEntries(paths.sort().map((path) => [path, stampOf(join(folder, path))]));
}

function stampOf(path: string): string {
  const { ino, mode, mtimeNs, size } = lstatSync(path, { bigint: true });
  // Files come and go in a folder: only those that stay count.
  return (mode & 0o170000n) === 0o040000n ? `${mode}` : `${mode} ${ino} ${size} ${mtimeNs}`;
}
