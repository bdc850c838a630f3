import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  BUNDLE,
  type Facts,
  factsOf,
  MAIN,
  makeProjectWithKey,
  makeSealedProject,
  namesIn,
  type Project,
  setMode,
} from "../../support/command/cli.ts";
import { killedAt, stopAt, whileStopped } from "../../support/command/stopped-cli.ts";

const NO_USER = "no ordinary user can run the program here";
const HEX = expect.stringMatching(/^[0-9a-f]{64}$/);
const TWO = ["seal", "out", "--id", "two"] as const;
const THREE = ["seal", "out", "--id", "three"] as const;

/** An artifact of a run, parsed. */
function artifact(project: Project, runId: string, name: string): Facts {
  return JSON.parse(readFileSync(project.at(".runseal/runs", runId, name), "utf8")) as Facts;
}

function rootOf(project: Project, runId: string): unknown {
  return artifact(project, runId, "SIGNED_PAYLOAD.json")["bundle_root"];
}

/** What a run says of the one before it: by its binding, and by its proof. */
function linksOf(project: Project, runId: string): readonly unknown[] {
  const binding = artifact(project, runId, "STATUS.json")["runseal"] as Facts;
  return [binding["previous_bundle_root"], artifact(project, runId, "PROOF.json")["previous_proof_hash"]];
}

function head(project: Project): Facts {
  return JSON.parse(readFileSync(project.at(".runseal/HEAD"), "utf8")) as Facts;
}

/** The one file in which the head of the project is remembered. */
function memory(project: Project): string {
  const folder = join(project.folder, "home/.local/state/runseal/heads");
  const [name = "", ...others] = namesIn(folder);
  expect(others).toEqual([]);
  expect(name).toMatch(/^[0-9a-f]{64}\.json$/);
  return join(folder, name);
}

/** Runs by their links, from HEAD back to the first; each must be there once. */
function walk(project: Project): readonly string[] {
  const runIds = namesIn(project.at(".runseal/runs"));
  const byRoot = new Map(runIds.map((runId) => [rootOf(project, runId), runId]));
  const line: string[] = [];
  for (let root: unknown = head(project)["bundle_root"]; root !== undefined; ) {
    const runId = byRoot.get(root);
    if (runId === undefined || line.includes(runId)) throw new Error("the line is broken");
    line.push(runId);
    [root] = linksOf(project, runId);
  }
  return line;
}

describe.concurrent("runseal seal: the line of a project's runs (PROTOCOL 11)", () => {
  it("begins with a run that names none, and HEAD names it", async () => {
    using project = await makeSealedProject();
    expect(linksOf(project, "one")).toEqual([undefined, undefined]);
    const bytes = readFileSync(project.at(".runseal/HEAD"), "utf8");
    const { bundle_root, proof_hash } = head(project);
    expect(bytes).toBe(
      `{"bundle_root":"${bundle_root}","proof_hash":"${proof_hash}","run_id":"one","version":1}\n`,
    );
    expect(bundle_root).toBe(rootOf(project, "one"));
    expect(proof_hash).toBe(artifact(project, "one", "PROOF.json")["proof_hash"]);
    expect(namesIn(project.at(".runseal"))).toEqual([".gitignore", "HEAD", "packs", "runs"]);
  });

  it("goes on with a run that names the bundle and the proof before it, inside what is signed", async () => {
    using project = await makeSealedProject();
    const before = head(project);
    const facts = await project.json(TWO);
    expect(facts).toMatchObject({
      ok: true,
      previous_bundle_root: before["bundle_root"],
      proof_hash: HEX,
      remembered: "remembered",
      recovered: [],
    });
    expect(linksOf(project, "two")).toEqual([before["bundle_root"], before["proof_hash"]]);
    expect(head(project)).toEqual({
      bundle_root: facts["bundle_root"],
      proof_hash: facts["proof_hash"],
      run_id: "two",
      version: 1,
    });
    await project.done(["verify", "--history", BUNDLE, ".runseal/runs/two"]);
  });

  it("says to a person which run it follows", async () => {
    using project = await makeSealedProject();
    const { stdout } = await project.done(TWO);
    expect(stdout).toContain(`\nfollows  ${rootOf(project, "one")}\n`);
  });

  it("remembers the head outside of the project, without a word of where that is", async () => {
    using project = await makeSealedProject();
    await project.done(TWO);
    expect(readFileSync(memory(project))).toEqual(readFileSync(project.at(".runseal/HEAD")));
  });

  it("keeps the outputs' bytes, and with --no-keep does not", async () => {
    using project = await makeProjectWithKey();
    expect(await project.json([...TWO, "--no-keep"])).toMatchObject({ ok: true, kept: null });
    expect(namesIn(project.at(".runseal"))).toEqual([".gitignore", "HEAD", "runs"]);
    expect(await project.json(THREE)).toMatchObject({ ok: true, kept: 2 });
    expect(namesIn(project.at(".runseal"))).toEqual([".gitignore", "HEAD", "packs", "runs"]);
  });

  it("is not gone on with by a bundle that is put elsewhere", async () => {
    using project = await makeSealedProject();
    const before = readFileSync(project.at(".runseal/HEAD"));
    const facts = await project.json([...TWO, "--out", "elsewhere"]);
    expect(facts).toMatchObject({ previous_bundle_root: null, kept: null, remembered: null });
    expect(readFileSync(project.at(".runseal/HEAD"))).toEqual(before);
    expect(namesIn(project.at(".runseal/runs"))).toEqual(["one"]);
  });

  it("is gone on with where --out names the project's own folder of runs", async () => {
    using project = await makeSealedProject();
    await project.done([...TWO, "--out", ".runseal/runs"]);
    expect(walk(project)).toEqual(["two", "one"]);
  });
});

describe("runseal seal: several at once", () => {
  it("queue up and make one line, without a fork and without a lost run", async () => {
    using project = await makeSealedProject();
    const ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
    // To a person, those who wait longer than a moment say so.
    const ends = await Promise.all(ids.map((id) => project.json(["seal", "out", "--id", id])));
    for (const facts of ends) expect(facts).toMatchObject({ ok: true });
    const line = walk(project);
    expect(line.toSorted()).toEqual([...ids, "one"].sort());
    expect(line.at(-1)).toBe("one");
    expect(readFileSync(memory(project))).toEqual(readFileSync(project.at(".runseal/HEAD")));
    expect(namesIn(project.at(".runseal"))).toEqual([".gitignore", "HEAD", "packs", "runs"]);
    await project.done(["verify", "--history", ...line.toReversed().map((id) => `.runseal/runs/${id}`)]);
  });

  it("of one id, give one bundle", async () => {
    using project = await makeSealedProject();
    const ends = await Promise.all([project.run(TWO), project.run(TWO)]);
    expect(ends.map(({ exitCode }) => exitCode).sort()).toEqual([0, 4]);
    expect(walk(project)).toEqual(["two", "one"]);
  });

  it("wait for one that stands still, until they are interrupted, and leave nothing", async () => {
    using project = await makeSealedProject();
    const first = await whileStopped(project, TWO, "renameSync:2", project.at(".runseal/lock"), async () => {
      const waiting = await project.run(THREE, {
        kill: { signal: "SIGINT", when: () => namesIn(project.at(".runseal")).some(isContender) },
      });
      expect(waiting.exitCode).toBe(130);
      expect(namesIn(project.at(".runseal")).filter(isContender)).toEqual([]);
    });
    expect(first.exitCode).toBe(0);
    expect(walk(project)).toEqual(["two", "one"]);
  });

  it.each([
    ["seal", THREE],
    ["run", ["run", "--id", "three", "--", "true"]],
  ])("say what they wait for: %s, but to a program", async (_what, args) => {
    using project = await makeSealedProject();
    const plain = new Watched(project, args);
    // Each id has one run at a time: a second run of the id would be refused without waiting.
    const others = args.map((arg) => (arg === "three" ? "four" : arg));
    const json = new Watched(project, others.toSpliced(1, 0, "--json"));
    await whileStopped(project, TWO, "renameSync:2", project.at(".runseal/lock"), async () => {
      plain.begin();
      json.begin();
      while (plain.stderr === "") await setTimeout(5);
    });
    await Promise.all([plain.ended, json.ended]);
    expect(plain.stderr).toMatch(/^note: another command holds this project; waiting until it is done\n/);
    expect(json.stderr).not.toContain("note:");
  });
});

/** A command whose stderr is read while it runs. */
class Watched {
  stderr = "";
  ended: Promise<unknown> = Promise.resolve();
  readonly #project: Project;
  readonly #args: readonly string[];

  constructor(project: Project, args: readonly string[]) {
    this.#project = project;
    this.#args = args;
  }

  begin(): void {
    const { env, root: cwd } = this.#project;
    const child = spawn(process.execPath, [MAIN, ...this.#args], { cwd, env, detached: true });
    this.ended = once(child, "close");
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
  }
}

function isContender(name: string): boolean {
  return name.startsWith(".lock-");
}

const COMPLETED = [{ end: "completed", run_id: "two", bundle_root: HEX }];

/** Each rename of a seal that keeps nothing new, in its order, and what a kill before it leaves. */
const KILLS = [
  ["before it has the lock", "renameSync:1", []],
  ["before it says what is to become the head", "renameSync:2", [{ end: "dropped", run_id: null }]],
  ["before its bundle is in its place", "renameSync:3", [{ end: "dropped", run_id: "two" }]],
  ["before HEAD names it", "renameSync:4", [{ end: "completed", run_id: "two" }]],
  ["before the head is remembered", "renameSync:5", [{ end: "completed", run_id: "two" }]],
] as const;

describe.concurrent("runseal seal: killed", () => {
  it.each(KILLS)("%s: the next one goes on, and says what it found", async (_when, where, recovered) => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "zero"]);
    await killedAt(project, TWO, where);
    const facts = await project.json(THREE);
    expect(facts).toMatchObject({ ok: true, recovered });
    expect(facts["recovered"]).toHaveLength(recovered.length);
    const isThere = recovered.some(({ end }) => end === "completed");
    expect(walk(project)).toEqual(isThere ? ["three", "two", "zero", "one"] : ["three", "zero", "one"]);
    expect(namesIn(project.at(".runseal"))).toEqual([".gitignore", "HEAD", "packs", "runs"]);
    expect(namesIn(project.at(".runseal/runs")).filter((name) => name.startsWith("."))).toEqual([]);
    expect(readFileSync(memory(project))).toEqual(readFileSync(project.at(".runseal/HEAD")));
  });

  it.each([
    ["before pending goes", "unlinkSync:1"],
    ["before the lock goes", "unlinkSync:2"],
  ])("%s: the next one goes on behind it", async (_when, where) => {
    using project = await makeSealedProject();
    await killedAt(project, TWO, where);
    expect((await project.json(THREE))["recovered"]).toHaveLength(1);
    expect(walk(project)).toEqual(["three", "two", "one"]);
    expect(namesIn(project.at(".runseal"))).toEqual([".gitignore", "HEAD", "packs", "runs"]);
  });

  it("is reported to a person by the next one", async () => {
    using project = await makeSealedProject();
    await killedAt(project, TWO, "renameSync:4");
    const { exitCode, stderr } = await project.run(THREE);
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      'note: an earlier seal of "two" was killed; its bundle was in its place, and is in the history\n',
    );
  });

  it.each([[], ["--json"]])("is also reported when the next one fails %s", async (...json) => {
    using project = await makeSealedProject();
    await killedAt(project, TWO, "renameSync:4");
    const end = await project.run(["seal", "out", "--id", "one", ...json]);
    expect(end.exitCode).toBe(4);
    if (json.length === 0)
      expect(end.stderr).toMatch(/^note: an earlier seal of "two" was killed; .*\nerror: /);
    else expect(factsOf(end)).toMatchObject({ code: "RUN_EXISTS", recovered: COMPLETED });
  });

  it.each([[], ["--json"]])("is also reported when the next one is interrupted %s", async (...json) => {
    using project = await makeSealedProject();
    await killedAt(project, TWO, "renameSync:4");
    project.write({ "more/new": "new\n" });
    // The second rename lets HEAD name the killed one's bundle.
    const args = ["seal", "more", "--id", "three", ...json];
    const end = await project.run(args, stopAt(project, "renameSync:2:SIGINT"));
    expect(end.exitCode, end.stderr).toBe(130);
    if (json.length === 0)
      expect(end.stderr).toMatch(
        /^note: an earlier seal of "two" was killed; .*\nerror: INTERRUPTED: interrupted; /,
      );
    else expect(factsOf(end)).toMatchObject({ code: "INTERRUPTED", recovered: COMPLETED });
    expect(walk(project)).toEqual(["two", "one"]);
  });

  it("before HEAD names it: what took the bundle's name meanwhile is left alone, and told of", async () => {
    using project = await makeSealedProject();
    await killedAt(project, TWO, "renameSync:4");
    rmSync(project.at(".runseal/runs/two"), { recursive: true });
    cpSync(project.at(BUNDLE), project.at(".runseal/runs/two"), { recursive: true });
    expect(await project.json(THREE)).toMatchObject({ recovered: [{ end: "left", run_id: "two" }] });
    expect(namesIn(project.at(".runseal/runs"))).toEqual(["one", "three", "two"]);
    expect(linksOf(project, "three")[0]).toBe(rootOf(project, "one"));
  });
});

describe.concurrent("runseal seal: a head that can't be gone on from", () => {
  it("refuses to begin another line beside runs without a head, and says how to go on", async () => {
    using project = await makeSealedProject();
    await project.done(TWO);
    const before = readFileSync(project.at(".runseal/HEAD"));
    rmSync(project.at(".runseal/HEAD"));
    const { exitCode, stderr } = await project.changesNothing(THREE);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'error: HEAD_MISSING: there is no ".runseal/HEAD", though runs were sealed here: "one", "two"\n',
    );
    expect(stderr).toContain('cp "$HOME/.local/state/runseal/heads/');
    cpSync(memory(project), project.at(".runseal/HEAD"));
    expect(readFileSync(project.at(".runseal/HEAD"))).toEqual(before);
    await project.done(THREE);
    expect(walk(project)).toEqual(["three", "two", "one"]);
  });

  it("begins a new line where runs without a head were moved away", async () => {
    using project = await makeSealedProject();
    rmSync(project.at(".runseal/HEAD"));
    expect(await project.json(TWO)).toMatchObject({ code: "HEAD_MISSING", details: { names: ["one"] } });
    renameSync(project.at(".runseal/runs"), project.at("older"));
    expect(await project.json(TWO)).toMatchObject({ ok: true, previous_bundle_root: null });
    await project.done(["verify", "older/one", "--files", "."]);
  });

  it("goes on from a head whose bundle is missing, and says that the history has a gap", async () => {
    using project = await makeSealedProject();
    renameSync(project.at(".runseal/runs/one"), project.at("older"));
    const { exitCode, stderr } = await project.run(TWO);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("warning: the run that this one follows is missing: the history has a gap\n");
    expect(await project.json(THREE)).toMatchObject({ ok: true, remembered: "remembered" });
    renameSync(project.at(".runseal/runs/three"), project.at("newer"));
    expect(await project.json([...TWO.slice(0, -1), "four"])).toMatchObject({ ok: true, remembered: "gap" });
  });

  it("goes on from a head that was put back, but keeps the later one as the remembered", async () => {
    using project = await makeSealedProject();
    const first = readFileSync(project.at(".runseal/HEAD"));
    await project.done(TWO);
    const later = readFileSync(memory(project));
    writeFileSync(project.at(".runseal/HEAD"), first);
    const { exitCode, stderr } = await project.run(THREE);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("warning: the head that was seen last is not in this history");
    expect(readFileSync(memory(project))).toEqual(later);
  });

  it("keeps the remembered though something that is no bundle claims to follow it", async () => {
    using project = await makeSealedProject();
    await project.done(TWO);
    const later = readFileSync(memory(project));
    const claimed = {
      bundle_root: "ab".repeat(32),
      proof_hash: "cd".repeat(32),
      run_id: "claim",
      version: 1,
    };
    project.write({
      ".runseal/HEAD": `${JSON.stringify(claimed)}\n`,
      ".runseal/runs/claim/SIGNED_PAYLOAD.json": JSON.stringify({ bundle_root: claimed.bundle_root }),
      ".runseal/runs/claim/STATUS.json": JSON.stringify({
        runseal: { previous_bundle_root: rootOf(project, "two") },
      }),
    });
    expect(await project.json(THREE)).toMatchObject({ ok: true, remembered: "diverged" });
    expect(readFileSync(memory(project))).toEqual(later);
  });

  it("remembers the new head where an older one of the line was remembered, as after another user's seals", async () => {
    using project = await makeSealedProject();
    const others = { env: { ...project.env, XDG_STATE_HOME: join(project.folder, "other") } };
    await project.done(["seal", "out", "--id", "mine"]);
    await project.done(TWO, others);
    await project.done(["seal", "out", "--id", "their"], others);
    expect(await project.json(THREE)).toMatchObject({ remembered: "remembered" });
    expect(readFileSync(memory(project))).toEqual(readFileSync(project.at(".runseal/HEAD")));
  });
});

describe.concurrent("runseal seal: a failure leaves nothing", () => {
  it.each(["renameSync:2", "renameSync:3", "renameSync:4"])("where the disk refuses %s", async (where) => {
    using project = await makeSealedProject();
    const { exitCode } = await project.changesNothing(TWO, stopAt(project, `${where}:ENOSPC`));
    expect(exitCode).toBe(4);
  });

  it("where the user's state can't be written, the seal stands, and says so", async ({ skip }) => {
    using project = await makeProjectWithKey();
    const state = join(project.folder, "state");
    mkdirSync(state);
    if (!(await project.becomeOrdinaryUser())) skip(NO_USER);
    setMode(state, 0o555);
    const over = { env: { ...project.env, XDG_STATE_HOME: state } };
    expect(await project.json(TWO, over)).toMatchObject({ ok: true, remembered: "failed" });
    const { stderr } = await project.run(THREE, over);
    expect(stderr).toContain("warning: the new head could not be remembered");
    expect(walk(project)).toEqual(["three", "two"]);
  });
});
