/**
 * Workers, the database and the registry fail in the middle of an audit. Each audit must end, with every run once and each verdict right.
 * A sample of tries in CI; with RUNSEAL_FLEET_FAULTS=all (`npm run test:fleet`) the numbers that docs/fleet.md reports.
 */

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../../test/support/command/cli.ts";
import {
  hasRegistry,
  type RealRegistry,
  startRegistry,
} from "../../../test/support/registry/real-registry.ts";
import { drawing } from "../../../test/support/rings/ring.ts";
import type { AuditReport } from "../src/audit/read-audit.ts";
import { Fleet, pushRuns, type RunningWorker, writeTrust } from "./support/fleet.ts";
import { Gate } from "./support/gate.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";

const TAKES_ALL = process.env["RUNSEAL_FLEET_FAULTS"] === "all";
const KILLS = TAKES_ALL ? 200 : 8;
const RESTARTS = TAKES_ALL ? 20 : 2;
const TEST_MS = TAKES_ALL ? 3_600_000 : 180_000;

/** Shares of lies, in how many audits, and the share of ranges that two workers hash. */
const LYING = TAKES_ALL
  ? [
      { lies: 0.001, audits: 30, checked: 1 },
      { lies: 0.01, audits: 10, checked: 1 },
      { lies: 0.1, audits: 2, checked: 1 },
      { lies: 0.1, audits: 20, checked: 0.2 },
    ]
  : [{ lies: 0.1, audits: 1, checked: 1 }];

/** Many jobs. */
const SMALL_RANGES = ["--range-files", "4", "--concurrency", "2"];

/** With a short silence: the jobs of a dead worker are soon given to others. */
const HURRIED = [...SMALL_RANGES, "--lost-after", "2"];

/** Kills take attempts, and none of them is the fault of a run. */
const PATIENT = ["--attempts", "60"];

describe.skipIf(!hasPostgres() || !hasRegistry())("an audit under faults", () => {
  let postgres: Postgres;
  let registry: RealRegistry;
  let project: Project;
  let gate: Gate;
  let repository: string;
  let trust: string;
  let runs = 0;
  const draw = drawing(36);

  beforeAll(async () => {
    [postgres, registry] = await Promise.all([Postgres.start(), startRegistry()]);
    gate = await Gate.before(registry.host);
    project = await makeProjectWithKey({});
    trust = await writeTrust(project);
    repository = `${gate.host}/team/runs`;
    const files = (run: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: 12 }, (_, file) => [`f${file}`, `run ${run} file ${file}\n`]));
    const made = await pushRuns(
      project,
      repository,
      Object.fromEntries(Array.from({ length: 30 }, (_, run) => [`run-${run}`, files(run)])),
    );
    runs = made.length;
  });
  afterAll(async () => {
    project?.[Symbol.dispose]();
    await gate?.[Symbol.asyncDispose]();
    await Promise.all([postgres?.[Symbol.asyncDispose](), registry?.[Symbol.asyncDispose]()]);
  });

  /** Every run has its verdict, no fact was contradicted, and the queue is empty. */
  async function expectWhole(fleet: Fleet, report: AuditReport): Promise<void> {
    expect(report).toMatchObject({ runs, accepted: runs, open: 0, codes: { OK: runs } });
    expect(new Set(report.results.map(({ digest }) => digest)).size).toBe(runs);
    const missing = "SELECT FROM runseal_fleet.fact WHERE audit = $1 AND findings_digest IS NULL";
    expect(await fleet.query(missing, [report.audit])).toEqual([]);
    expect(await fleet.query("SELECT FROM runseal_fleet.conflict")).toEqual([]);
  }

  /** Acts while audits run one after the other, until it has acted so often. */
  async function whileAudited(fleet: Fleet, times: number, act: () => Promise<void>): Promise<number> {
    let [acted, audits] = [0, 0];
    while (acted < times) {
      const audit = await fleet.submit(repository, "--policy", trust, ...PATIENT);
      for (; acted < times && (await fleet.isOpen(audit)); acted++) await act();
      await expectWhole(fleet, await fleet.ended(audit, 170));
      audits++;
    }
    return audits;
  }

  it(
    "loses nothing and does nothing twice while workers are killed",
    async () => {
      await using fleet = await Fleet.make(postgres);
      const workers: RunningWorker[] = Array.from({ length: 2 }, () => fleet.startWorker(...HURRIED));
      const audits = await whileAudited(fleet, KILLS, async () => {
        await sleep(500 + draw(1000));
        const killed = draw(workers.length);
        workers[killed]?.child.kill("SIGKILL");
        workers[killed] = fleet.startWorker(...HURRIED);
      });
      console.log(
        `fleet: ${KILLS} workers killed in ${audits} audits of ${runs} runs: lost 0, double 0, wrong 0`,
      );
    },
    TEST_MS,
  );

  it(
    "goes on after the database was restarted",
    async () => {
      await using fleet = await Fleet.make(postgres);
      for (let worker = 0; worker < 2; worker++) fleet.superviseWorker(...HURRIED);
      await fleet.beating(2);
      let restarts = 0;
      const audits = await whileAudited(fleet, RESTARTS, async () => {
        await sleep(500 + draw(1000));
        await postgres.down(restarts++ % 2 === 0 ? "crash" : "fast");
        await sleep(draw(1500));
        await postgres.up();
      });
      console.log(
        `fleet: ${RESTARTS} restarts of the database in ${audits} audits: lost 0, double 0, wrong 0`,
      );
    },
    TEST_MS,
  );

  it.each(LYING)(
    "finds lies about $lies of the ranges as often as the formula says where two workers hash $checked of them",
    async ({ audits, checked, lies: share }) => {
      await using fleet = await Fleet.make(postgres);
      const liar = fleet.startLiar(share);
      // None is killed: on a loaded machine a short silence would be taken for the end of the only other user.
      fleet.startOtherWorker(...SMALL_RANGES, "--name", "honest");
      await fleet.beating(2);
      let conflicting = 0;
      const options = ["--policy", trust, "--double-check", `${checked * 100}%`];
      for (let left = audits; left > 0; left--) {
        const { codes, results } = await fleet.ended(await fleet.submit(repository, ...options), 170);
        // A lie that is not checked says that an output is missing.
        const { FACT_CONFLICT: found = 0, OUTPUT_MISSING: believed = 0, OK: accepted = 0, ...others } = codes;
        expect(others).toEqual({});
        expect(found + accepted + believed).toBe(runs);
        if (checked === 1) expect(believed).toBe(0);
        conflicting += found;
        expect(results.filter(({ code, verdict }) => code === "FACT_CONFLICT" && verdict !== null)).toEqual(
          [],
        );
      }
      // Two lies may be of one run, and a lie of a run that has ended by another one does not count.
      const lies = liar.lines.filter((line) => line === "lied").length;
      if (checked === 1) expect(conflicting > 0).toBe(lies > 0);
      expect(conflicting).toBeLessThanOrEqual(lies);
      const [counted] = await fleet.query<{ conflicts: number; runs: number; ranges: number }>(
        `SELECT count(*)::integer AS conflicts, count(DISTINCT (audit, digest))::integer AS runs,
         (SELECT count(*)::integer FROM runseal_fleet.fact WHERE findings_digest IS NOT NULL) AS ranges FROM runseal_fleet.conflict`,
      );
      if (counted === undefined) throw new TypeError("a count has a row");
      const { conflicts, ranges } = counted;
      expect(counted.runs).toBe(conflicting);
      // The liar hashes each range that is checked, first or second. Five standard deviations: one of two million tries is outside.
      const expected = ranges * checked * share;
      expect(Math.abs(conflicts - expected)).toBeLessThanOrEqual(5 * Math.sqrt(expected) + 1);
      console.log(
        `fleet: ${lies} lies in ${ranges} ranges: ${conflicts} found, ${expected.toFixed(1)} expected`,
      );
    },
    TEST_MS,
  );

  it(
    "goes on once a registry that was stopped is back",
    async () => {
      await using fleet = await Fleet.make(postgres);
      fleet.startWorker(...HURRIED);
      const audit = await fleet.submit(repository, "--policy", trust, ...PATIENT);
      await sleep(1000);
      await gate.close();
      await sleep(4000);
      await gate.open();
      await expectWhole(fleet, await fleet.ended(audit, 170));
    },
    TEST_MS,
  );

  it(
    "ends with the code of `runseal verify` where bytes of the registry are rotten, or gone",
    async () => {
      await using fleet = await Fleet.make(postgres);
      const own = `${gate.host}/team/rotten`;
      await pushRuns(project, own, {
        "rot-pack": { a: "alpha\n" },
        "rot-object": { a: randomBytes(2 * 1024 * 1024), b: "beta\n" },
        whole: { c: "gamma\n" },
      });
      rot(blobWith("alpha\n"));
      rot(blobOfSize(2 * 1024 * 1024));
      const audit = await fleet.submit(own, "--policy", trust, "--attempts", "2");
      fleet.startWorker();
      const report = await fleet.ended(audit);
      expect(report).toMatchObject({ runs: 3, accepted: 1, codes: { OK: 1, REGISTRY_MALFORMED: 2 } });
      for (const { code, digest } of report.results) {
        const shown = await project.json(["verify", `${own}@sha256:${digest}`, "--trust", trust]);
        expect(code).toBe(shown["code"]);
      }
    },
    TEST_MS,
  );

  function blobs(): readonly string[] {
    const names = readdirSync(registry.storage, { recursive: true, encoding: "utf8" });
    return names
      .filter((name) => /\/blobs\/.*\/data$/.test(name))
      .map((name) => join(registry.storage, name));
  }

  function blobWith(content: string): string {
    const found = blobs().find((file) => {
      const bytes = readFileSync(file);
      return bytes.includes(content) && !bytes.includes("{");
    });
    if (found === undefined) throw new Error("no blob has that content");
    return found;
  }

  function blobOfSize(size: number): string {
    const found = blobs().find((file) => readFileSync(file).length === size);
    if (found === undefined) throw new Error("no blob has that size");
    return found;
  }

  /** Changes the last byte but some, of the content. */
  function rot(file: string): void {
    const bytes = readFileSync(file);
    const at = bytes.includes("alpha\n") ? bytes.indexOf("alpha\n") : bytes.length - 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  }
});
