/** What `/metrics` counts. @module */

import type { FastifyInstance } from "fastify";
import { Counter, Gauge, Registry } from "prom-client";
import type { Queries } from "../database/connection.ts";

/** The counts of the database, with the label of each. */
const GAUGES = {
  jobs: ["state", "Jobs in the queue"],
  runs: ["code", "Runs of all audits by code; those without one are open"],
  workers: ["", "Workers with a heartbeat in the last 30 seconds"],
  audits: ["state", "Audits"],
} as const;

/** How long counts of the database are kept: they read an index of all runs. */
const FRESH_MS = 5000;

interface Count {
  readonly metric: string;
  readonly label: string;
  readonly value: string;
}

/** Counts requests, and gives the text of `/metrics`. */
export function countRequests(app: FastifyInstance, pool: Queries): () => Promise<string> {
  const registry = new Registry();
  const requests = new Counter({
    name: "runseal_fleet_requests_total",
    help: "Requests by method, route and status",
    labelNames: ["method", "route", "status"],
    registers: [registry],
  });
  app.addHook("onResponse", async ({ method, routeOptions }, { statusCode }) => {
    requests.inc({ method, route: routeOptions.url ?? "none", status: statusCode });
  });
  const gauges = Object.entries(GAUGES).map(([metric, [label, help]]) => {
    const labelNames = label === "" ? [] : [label];
    const gauge = new Gauge({ name: `runseal_fleet_${metric}`, help, labelNames, registers: [registry] });
    return { metric, label, gauge };
  });
  let fresh: Promise<void> | undefined;
  const count = async (): Promise<void> => {
    const { rows } = await pool.query<Count>("SELECT * FROM runseal_fleet.metrics()", []);
    for (const { gauge, label, metric } of gauges) {
      gauge.reset();
      for (const row of rows.filter((one) => one.metric === metric))
        gauge.set(label === "" ? {} : { [label]: row.label }, Number(row.value));
    }
  };
  return async () => {
    fresh ??= count().finally(() => setTimeout(() => (fresh = undefined), FRESH_MS).unref());
    await fresh;
    return await registry.metrics();
  };
}
