import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const RUN = fileURLToPath(new URL("../sim/run.mjs", import.meta.url));
const MEASURED = new URL("../sim/measured.json", import.meta.url);

/** Service times that can be reckoned by hand. */
const TIMES = {
  openRun: 0.01,
  openFile: 0,
  findRun: 0,
  hashFile: 0.001,
  hashByte: 0,
  concludeFile: 0,
  serveRun: 0.004,
  serveByte: 1e-8,
  job: 0.002,
};
const LOAD = { runs: 40, files: 100, bytes: 1000, artifacts: 500, manifest: 10 };

interface Simulated {
  readonly seconds: number;
  readonly cpu: Readonly<Record<"workers" | "registry", number>>;
  readonly done: Readonly<Record<"jobs" | "files" | "bytes" | "runs", number>>;
  readonly busy: Readonly<Record<"database" | "egress" | "workers", number>>;
}

function simulated(fleet: object): Simulated {
  const { status, stderr, stdout } = spawnSync(process.execPath, [RUN, "--one", JSON.stringify(fleet)], {
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Simulated;
}

describe("the simulation of a fleet", () => {
  it.each([1, 2, 7])("does all work once with %i machines", (machines) => {
    const { busy, cpu, done, seconds } = simulated({ machines, load: LOAD, times: TIMES, rangeFiles: 30 });
    const [ranges, files] = [4, LOAD.runs * LOAD.files];
    expect(done).toMatchObject({ runs: LOAD.runs, files, jobs: LOAD.runs * (ranges + 2) });
    // Each machine opens a run at least once, and at most once for each job.
    const opens = (done.bytes - files * LOAD.bytes) / (LOAD.artifacts + LOAD.files * LOAD.manifest);
    expect(opens).toBeGreaterThanOrEqual(LOAD.runs);
    expect(opens).toBeLessThanOrEqual(done.jobs);
    expect(cpu.workers).toBeCloseTo(files * TIMES.hashFile + opens * TIMES.openRun, 6);
    expect(cpu.registry).toBeCloseTo(opens * TIMES.serveRun + done.bytes * TIMES.serveByte, 6);
    expect(busy.workers * machines * seconds).toBeCloseTo(cpu.workers, 6);
    for (const share of Object.values(busy)) expect(share).toBeLessThanOrEqual(1 + 1e-9);
  });

  it("takes bytes ÷ bandwidth where the egress is low", () => {
    const egress = 10_000;
    const { done, seconds } = simulated({ machines: 50, egress, load: LOAD, times: TIMES });
    expect(seconds).toBeGreaterThanOrEqual(done.bytes / egress);
    expect(seconds).toBeLessThan((done.bytes / egress) * 1.01);
  });

  it("takes jobs × time ÷ cores where the database is slow", () => {
    const times = { ...TIMES, job: 1 };
    const { done, seconds } = simulated({ machines: 50, databaseCores: 2, load: LOAD, times });
    expect(seconds).toBeGreaterThanOrEqual(done.jobs / 2);
    expect(seconds).toBeLessThan((done.jobs / 2) * 1.1);
  });

  it("takes bytes × time ÷ cores where the registry is slow", () => {
    const times = { ...TIMES, serveByte: 1e-4 };
    const { cpu, done, seconds } = simulated({ machines: 50, registryCores: 2, load: LOAD, times });
    expect(cpu.registry).toBeGreaterThanOrEqual(done.bytes * times.serveByte);
    expect(seconds).toBeGreaterThanOrEqual(cpu.registry / 2);
    expect(seconds).toBeLessThan((cpu.registry / 2) * 1.1);
  });

  it("comes within a factor of three to the CPU seconds that workers and the registry really took", () => {
    const { audits } = JSON.parse(readFileSync(MEASURED, "utf8")) as {
      readonly audits: Readonly<Record<string, Audits>>;
    };
    const factors = Object.values(audits).flatMap(({ byOne, byTwo, workload }) =>
      [byOne, byTwo].flatMap(({ cpu, workers }) => {
        const { range: rangeFiles, ...load } = workload;
        const sum = (seconds: readonly number[]): number => seconds.reduce((one, other) => one + other, 0);
        const { cpu: told } = simulated({ machines: workers, rangeFiles, load });
        return [(sum(cpu.workers) - sum(cpu.starts)) / told.workers, cpu.registry / told.registry];
      }),
    );
    expect(factors.length).toBe(12);
    for (const factor of factors) {
      expect(factor).toBeGreaterThan(1 / 3);
      expect(factor).toBeLessThan(3);
    }
  });
});

interface Audits {
  readonly workload: {
    readonly runs: number;
    readonly files: number;
    readonly bytes: number;
    readonly range: number;
  };
  readonly byOne: Audited;
  readonly byTwo: Audited;
}

interface Audited {
  readonly workers: number;
  readonly cpu: {
    readonly starts: readonly number[];
    readonly workers: readonly number[];
    readonly registry: number;
  };
}
