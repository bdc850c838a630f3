import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "./support/fleet.ts";
import { type Audit, planScene } from "./support/plan-scene.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";

describe.skipIf(!hasPostgres())("in the database", () => {
  let postgres: Postgres;
  let fleet: Fleet;
  const scene = planScene(() => fleet);
  const { alertsOf, artifacts, begin, conclude, park, run, submit, trusts } = scene;

  beforeAll(async () => {
    postgres = await Postgres.start();
    fleet = await Fleet.make(postgres);
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  });

  describe("a schedule", () => {
    it("is submitted once where two workers list its runs at the same time, and only when it is due", async () => {
      begin();
      const made = await submit(scene.digests, { seconds: 3600 });
      for (const digest of scene.digests) await conclude(made, digest);
      const { schedule } = made;
      const claim = "SELECT runseal_fleet.submit_due($1, 0, 0, false, $2, '{a,b}') AS audit";
      const list = "SELECT * FROM runseal_fleet.schedule_of($1)";
      expect(await fleet.query(claim, [schedule, scene.digests], "toiler")).toEqual([{ audit: null }]);
      expect(await fleet.query(list, [schedule], "toiler")).toEqual([]);
      await fleet.query(
        "UPDATE runseal_fleet.schedule SET next_at = now() - interval '150 min', error = 'X' WHERE id = $1",
        [schedule],
      );
      const [was] = await fleet.query<{ next_at: Date }>(
        "SELECT next_at FROM runseal_fleet.schedule WHERE id = $1",
        [schedule],
      );
      expect(await fleet.query(list, [schedule], "toiler")).toEqual([
        { source: scene.source, plain_http: false },
      ]);
      const first = new pg.Client({ connectionString: postgres.url(fleet.database, "toiler") });
      await first.connect();
      await first.query("BEGIN");
      const { rows } = await first.query<{ audit: string | null }>(claim, [schedule, scene.digests]);
      const second = fleet.query<{ audit: string | null }>(claim, [schedule, scene.digests], "toiler_2");
      await sleep(500);
      await first.query("COMMIT");
      await first.end();
      expect(await second).toEqual([{ audit: null }]);
      expect(rows).toEqual([{ audit: expect.any(String) }]);
      const [now] = await fleet.query<{ next_at: Date; audit: string; error: string | null }>(
        "SELECT next_at, audit, error FROM runseal_fleet.schedule WHERE id = $1",
        [schedule],
      );
      // The moments of 90 and 30 minutes ago are not made up for.
      expect(Number(now?.next_at) - Number(was?.next_at)).toBe(3 * 3600 * 1000);
      expect(now).toMatchObject({ audit: rows[0]?.audit, error: null });
    });

    it("waits, and says so, while its last audit has not ended", async () => {
      begin();
      const { audit, schedule } = await submit(scene.digests.slice(1), { seconds: 60 });
      const state = `SELECT s.error, (SELECT count(*)::integer FROM runseal_fleet.audit a WHERE a.source = $2) AS audits, (
          SELECT count(*)::integer FROM runseal_fleet_queue.jobs j WHERE j.key = 'runseal-schedule/' || s.id
        ) AS jobs FROM runseal_fleet.schedule s WHERE s.id = $1`;
      const due = async (): Promise<unknown> => {
        await fleet.query(
          "UPDATE runseal_fleet.schedule SET next_at = now() - interval '1 s', tried_at = NULL WHERE id = $1",
          [schedule],
        );
        await fleet.query("SELECT FROM runseal_fleet.add_due()");
        await fleet.query(
          "SELECT runseal_fleet.submit_due($1, 0, 0, false, $2, '{a}')",
          [schedule, scene.digests.slice(1)],
          "toiler",
        );
        const [row] = await fleet.query(state, [schedule, scene.source]);
        return row;
      };
      for (let moment = 0; moment < 3; moment++)
        expect(await due()).toEqual({ error: "AUDIT_NOT_ENDED", audits: 1, jobs: 0 });
      await conclude({ audit, schedule }, run(1));
      expect(await due()).toEqual({ error: null, audits: 2, jobs: 1 });
    });

    it("is taken from a worker that locks its job ahead of time", async () => {
      begin();
      const { schedule } = await submit([], { seconds: 60 });
      await fleet.query(
        "UPDATE runseal_fleet.schedule SET next_at = now() - interval '1 h', tried_at = NULL WHERE id = $1",
        [schedule],
      );
      await fleet.query("SELECT FROM runseal_fleet.add_due()");
      const listed = JSON.parse((await fleet.run(["schedules"])).stdout) as {
        readonly schedules: readonly { readonly schedule: string; readonly is_overdue: boolean }[];
      };
      expect(listed.schedules.find((one) => one.schedule === schedule)).toMatchObject({ is_overdue: true });
      const key = `runseal-schedule/${schedule}`;
      await fleet.query(
        `UPDATE runseal_fleet_queue._private_jobs SET locked_by = 'thief', locked_at = now() + interval '100 y' WHERE key = $1`,
        [key],
        "toiler",
      );
      await fleet.query(
        "SELECT FROM runseal_fleet.sweep('00000000-0000-0000-0000-000000000000', interval '30 s')",
      );
      const locked = "SELECT locked_by FROM runseal_fleet_queue.jobs WHERE key = $1";
      expect(await fleet.query(locked, [key])).toEqual([{ locked_by: null }]);
    });

    it("has one job a minute while it is due, however often workers sweep", async () => {
      begin();
      const { schedule } = await submit([], { seconds: 60 });
      const jobs = async (): Promise<number> =>
        (
          await fleet.query("SELECT FROM runseal_fleet_queue.jobs WHERE key = $1", [
            `runseal-schedule/${schedule}`,
          ])
        ).length;
      const due = async (tried: string | null): Promise<number> => {
        await fleet.query(
          "UPDATE runseal_fleet.schedule SET next_at = now() - interval '1 s', tried_at = now() - $2::interval WHERE id = $1",
          [schedule, tried],
        );
        await fleet.query("SELECT FROM runseal_fleet.add_due()");
        return await jobs();
      };
      await fleet.query("SELECT FROM runseal_fleet.add_due()");
      expect(await jobs()).toBe(0);
      expect(await due("59 s")).toBe(0);
      expect(await due(null)).toBe(1);
      await fleet.query("SELECT FROM runseal_fleet.add_due()");
      expect(await due("61 s")).toBe(1);
    });
  });

  describe("an alert", () => {
    it("is made once of a run that was accepted and is not any more", async () => {
      begin();
      const [good, other, bad, worse] = [
        await submit(scene.digests),
        await submit(scene.digests, { policy: "p" }),
        await submit(scene.digests),
        await submit(scene.digests),
      ];
      for (const digest of scene.digests) await conclude(good, digest);
      await conclude(other, run(1), "SIGNER_UNKNOWN");
      await conclude(bad, run(0));
      await conclude(bad, run(1), "OUTPUT_HASH_MISMATCH");
      await conclude(worse, run(0), "OUTPUT_HASH_MISMATCH");
      await conclude(worse, run(1), "OUTPUT_HASH_MISMATCH");
      const made = await Promise.all([good, other, bad, worse].map(alertsOf));
      expect(made).toEqual([[], [], ["OUTPUT_HASH_MISMATCH"], ["OUTPUT_HASH_MISMATCH"]]);
      expect((await fleet.status(bad.audit)).alerts).toEqual({
        made: 1,
        delivered: 0,
        given_up: 0,
        error: null,
      });
    });

    it("is made of a verdict that follows a failure, and not of each failure of a row", async () => {
      begin();
      const audits = [];
      for (let audit = 0; audit < 5; audit++) audits.push(await submit(scene.digests));
      const [good, away, stillAway, bad, awayAgain] = audits as [Audit, Audit, Audit, Audit, Audit];
      await conclude(good, run(0));
      await park(away, run(0), "REGISTRY_UNREACHABLE");
      await park(stillAway, run(0), "REGISTRY_UNREACHABLE");
      await conclude(bad, run(0), "OUTPUT_HASH_MISMATCH");
      await park(awayAgain, run(0), "REGISTRY_UNREACHABLE");
      const made = await Promise.all(audits.map(alertsOf));
      expect(made).toEqual([[], ["REGISTRY_UNREACHABLE"], [], ["OUTPUT_HASH_MISMATCH"], []]);
    });

    it("is made where the tags are more than were listed, and afterwards of each run that is gone", async () => {
      begin();
      await submit(scene.digests);
      const audits = [
        await submit(scene.digests.slice(1), { more: true }),
        await submit(scene.digests.slice(1), { more: true }),
        await submit(scene.digests.slice(1)),
        await submit(scene.digests.slice(1)),
      ];
      const made = await Promise.all(audits.map(alertsOf));
      expect(made).toEqual([["TAGS_UNLISTED"], [], ["RUN_GONE"], []]);
      const [alert] = await fleet.query<{ id: string }>(
        "SELECT id FROM runseal_fleet.alert WHERE code = 'TAGS_UNLISTED' AND audit = $1",
        [audits[0]?.audit],
      );
      const [sent] = await fleet.query("SELECT body FROM runseal_fleet.alert_of($1)", [alert?.id]);
      expect(sent).toMatchObject({ body: { code: "TAGS_UNLISTED", run_id: null, digest: null } });
    });

    it("is made of a run that only an audit with more tags had", async () => {
      begin();
      await submit(scene.digests.slice(1));
      await submit(scene.digests, { more: true });
      expect(await alertsOf(await submit(scene.digests.slice(1)))).toEqual(["RUN_GONE"]);
    });

    it("is made of a run that is gone", async () => {
      begin();
      await submit(scene.digests);
      expect(await alertsOf(await submit(scene.digests.slice(1)))).toEqual(["RUN_GONE"]);
      expect(await alertsOf(await submit(scene.digests.slice(1)))).toEqual([]);
    });

    it("is sent a hundred times for an audit at most, and always counted", async () => {
      begin();
      await submit(Array.from({ length: 102 }, () => randomBytes(32)));
      const { audit } = await submit(scene.digests);
      const jobs = `SELECT FROM runseal_fleet_queue.jobs j JOIN runseal_fleet.alert l ON j.key = 'runseal-alert/' || l.id
        WHERE l.audit = $1`;
      expect((await fleet.query(jobs, [audit])).length).toBe(100);
      expect((await fleet.status(audit)).alerts).toMatchObject({ made: 102 });
    });

    it("is sent a hundred times where workers end runs at the same time", async () => {
      begin();
      const good = await submit(scene.digests);
      for (const digest of scene.digests) await conclude(good, digest);
      const { audit, schedule } = await submit(scene.digests);
      await fleet.query(
        `SELECT runseal_fleet.add_alert($1, sha256(n::text::bytea), 'run', 'OUTPUT_MISSING') FROM generate_series(1, 99) n`,
        [audit],
      );
      const first = new pg.Client({ connectionString: postgres.url(fleet.database) });
      await first.connect();
      await first.query("BEGIN");
      await first.query("SELECT runseal_fleet.park($1, $2, 'OUTPUT_MISSING', '{}', 'w')", [audit, run(0)]);
      const second = park({ audit, schedule }, run(1), "OUTPUT_MISSING");
      await sleep(500);
      await first.query("COMMIT");
      await first.end();
      await second;
      const jobs = `SELECT FROM runseal_fleet_queue.jobs j JOIN runseal_fleet.alert l ON j.key = 'runseal-alert/' || l.id
        WHERE l.audit = $1`;
      expect((await fleet.query(jobs, [audit])).length).toBe(100);
    });

    it("is made of each conflict, and takes back what stood on the verdict", async () => {
      begin();
      const first = await submit(scene.digests);
      await conclude(first, run(0));
      const second = await submit(scene.digests, { days: 7 });
      expect(await trusts(second.audit, run(0))).toBe(true);
      await fleet.query("SELECT runseal_fleet.found($1, $2, 0, 1, 'y', 'w')", [first.audit, run(0)]);
      for (const audit of [first, second]) {
        expect(await alertsOf(audit)).toEqual(["FACT_CONFLICT"]);
        expect(await fleet.status(audit.audit)).toMatchObject({ accepted: 0, codes: { FACT_CONFLICT: 1 } });
      }
    });

    it("is given up when its last worker was lost, and stays given up", async () => {
      begin();
      await submit(scene.digests);
      const audit = await submit(scene.digests.slice(1));
      const [alert] = await fleet.query<{ id: string }>(
        "SELECT id FROM runseal_fleet.alert WHERE audit = $1",
        [audit.audit],
      );
      const key = `runseal-alert/${alert?.id}`;
      await fleet.query(
        "UPDATE runseal_fleet_queue._private_jobs SET attempts = max_attempts WHERE key = $1",
        [key],
      );
      const sweep =
        "SELECT FROM runseal_fleet.sweep('00000000-0000-0000-0000-000000000000', interval '30 s')";
      await fleet.query(sweep, [], "toiler");
      const given = { made: 1, delivered: 0, given_up: 1, error: "WORKER_LOST" };
      expect((await fleet.status(audit.audit)).alerts).toEqual(given);
      await fleet.query("SELECT runseal_fleet.alert_tried($1, NULL, false)", [alert?.id], "toiler");
      expect((await fleet.status(audit.audit)).alerts).toEqual(given);
      expect(await fleet.query("SELECT * FROM runseal_fleet.alert_of($1)", [alert?.id], "toiler")).toEqual(
        [],
      );
    });
  });

  describe("a verdict of an earlier audit", () => {
    it("stands where all is the same and it was hashed lately, and for no third audit", async () => {
      begin();
      const first = await submit(scene.digests);
      const before = randomBytes(32);
      await fleet.query("SELECT runseal_fleet.link($1, $2, $3, $4)", [first.audit, run(0), before, []]);
      await conclude(first, run(0));
      const second = await submit(scene.digests, { days: 7 });
      expect(await trusts(second.audit, run(0))).toBe(true);
      expect(await trusts(second.audit, run(0))).toBe(false);
      // Its chain is concluded as that of a run that was hashed.
      const links = await fleet.query("SELECT previous FROM runseal_fleet.link WHERE audit = $1", [
        second.audit,
      ]);
      expect(links).toEqual([{ previous: before }]);
      const report = await fleet.status(second.audit);
      expect(report).toMatchObject({ accepted: 1, trusted_previous: 1, open: 1 });
      await fleet.query("UPDATE runseal_fleet.run SET ended_at = now() - interval '8 d' WHERE audit = $1", [
        first.audit,
      ]);
      expect(await trusts((await submit(scene.digests, { days: 7 })).audit, run(0))).toBe(false);
    });

    it("does not stand where a second fact takes it away at the same time", async () => {
      begin();
      const first = await submit(scene.digests);
      await conclude(first, run(0));
      const second = await submit(scene.digests, { days: 7 });
      const taking = new pg.Client({ connectionString: postgres.url(fleet.database) });
      await taking.connect();
      await taking.query("BEGIN");
      await taking.query("SELECT runseal_fleet.found($1, $2, 0, 1, 'y', 'w')", [first.audit, run(0)]);
      const trusting = trusts(second.audit, run(0));
      await sleep(500);
      await taking.query("COMMIT");
      await taking.end();
      expect(await trusting).toBe(false);
    });

    it("does not stand on a worker's word alone", async () => {
      begin();
      const policy = `alice ${createHash("sha256").update(scene.source).digest("hex")}`;
      const first = await submit(scene.digests, { policy });
      await conclude(first, run(0));
      await conclude(first, run(1), "OUTPUT_HASH_MISMATCH");
      const days = 7;
      const asked = (await submit(scene.digests, { days, policy })).audit;
      const refused = [
        await trusts(asked, run(1)),
        await trusts(asked, run(0), randomBytes(32)),
        await trusts(asked, run(0), artifacts, "2"),
        await trusts(asked, randomBytes(32)),
        await trusts((await submit(scene.digests, { policy })).audit, run(0)),
        await trusts((await submit(scene.digests, { days })).audit, run(0)),
        await trusts((await submit(scene.digests, { days, policy: "bob" })).audit, run(0)),
        await trusts((await submit(scene.digests, { days, policy, doubleCheck: 1 })).audit, run(0)),
      ];
      expect(refused).toEqual(refused.map(() => false));
      const own = scene.source;
      scene.source = `${own}-copy`;
      expect(await trusts((await submit(scene.digests, { days, policy })).audit, run(0))).toBe(false);
      const forged = "SELECT runseal_fleet.conclude($1, $2, 'OK', '{\"files\": 1}', $3, '1', 'w')";
      await expect(fleet.query(forged, [asked, run(0), artifacts], "toiler")).rejects.toThrow(
        "other files than were found",
      );
      expect(await trusts(asked, run(0))).toBe(true);
    });
  });
});
