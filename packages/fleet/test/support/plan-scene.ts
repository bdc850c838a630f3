/** Audits of runs that are rows alone: what a test asks of the database in place of workers. @module */

import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Fleet } from "./fleet.ts";

/** A submitted audit. */
export interface Audit {
  readonly audit: string;
  readonly schedule: string | null;
}

/** What is asked of one. */
export interface Asked {
  readonly policy?: string;
  readonly more?: boolean;
  readonly days?: number;
  readonly seconds?: number;
  readonly doubleCheck?: number;
}

/** The functions, over a fleet that is made later. */
export function planScene(fleet: () => Fleet) {
  const artifacts = randomBytes(32);
  /** Of the test that runs. */
  const scene: { source: string; digests: readonly Buffer[] } = { source: "", digests: [] };

  /** Submits an audit of runs of the test's own source, as `submit` does. */
  async function submit(runs: readonly Buffer[], asked: Asked = {}): Promise<Audit> {
    const { days, doubleCheck = 0, more = false, policy, seconds } = asked;
    const [made] = await fleet().query<Audit>(
      `SELECT * FROM runseal_fleet.plan(
        runseal_fleet.submit($1, false, $2, 'p', 3, $3, 0, 0, $4, $5, $6), $1, 'https://alerts.example/x', $7, $8)`,
      [
        scene.source,
        policy === undefined ? null : Buffer.from(policy),
        doubleCheck,
        more,
        runs,
        runs.map((_, run) => `run-${run}`),
        days ?? null,
        seconds ?? null,
      ],
    );
    if (made === undefined) throw new Error("no audit was made");
    return made;
  }

  /** Hashes a run as one range and gives its verdict. */
  async function conclude({ audit }: Audit, digest: Buffer, code = "OK", version = "1"): Promise<void> {
    await fleet().query("SELECT runseal_fleet.conclude_at_once($1, $2, 1, 'x', $3, $4, $5, $6, 'w')", [
      ...[audit, digest, code, JSON.stringify({ files: 1 }), artifacts, version],
    ]);
  }

  async function park({ audit }: Audit, digest: Buffer, code: string): Promise<void> {
    await fleet().query("SELECT runseal_fleet.park($1, $2, $3, '{}', 'w')", [audit, digest, code]);
  }

  async function alertsOf({ audit }: Audit): Promise<readonly string[]> {
    const rows = await fleet().query<{ id: string; code: string; jobs: number }>(
      `SELECT code, (SELECT count(*)::integer FROM runseal_fleet_queue.jobs j WHERE j.key = 'runseal-alert/' || l.id) AS jobs
       FROM runseal_fleet.alert l WHERE audit = $1 ORDER BY code`,
      [audit],
    );
    expect(rows.filter(({ jobs }) => jobs !== 1)).toEqual([]);
    return rows.map(({ code }) => code);
  }

  /** What a worker may call, by its own user. */
  async function trusts(audit: string, digest: Buffer, seen = artifacts, version = "1"): Promise<unknown> {
    const [row] = await fleet().query<{ trusted: boolean }>(
      "SELECT runseal_fleet.trust_previous($1, $2, $3, $4, 'w') AS trusted",
      [audit, digest, seen, version],
      "toiler",
    );
    return row?.trusted;
  }

  function begin(): void {
    scene.source = `registry.example/${randomBytes(8).toString("hex")}`;
    scene.digests = [randomBytes(32), randomBytes(32)];
  }

  function run(place: number): Buffer {
    return scene.digests[place] ?? Buffer.alloc(0);
  }

  return Object.assign(scene, { alertsOf, artifacts, begin, conclude, park, run, submit, trusts });
}
