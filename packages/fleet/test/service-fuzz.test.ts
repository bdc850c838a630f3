import Ajv2020 from "ajv/dist/2020.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Description, type DrawnRequest, drawRequest, type Shape } from "./support/draw-requests.ts";
import { Fleet } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";
import { type Answered, addServant, addToken, makeAudit, RunningService } from "./support/service.ts";

/** Minutes of `npm run fuzz:fleet`; CI takes a few seconds. */
const MINUTES = Number(process.env["RUNSEAL_FLEET_FUZZ"] ?? "0.15");

/** Draws from the seed of the test run: that of the commit, or of the day. */
const SEED = Number(process.env["RUNSEAL_SEED"] ?? "1") | 0;

describe.skipIf(!hasPostgres())("the description of the service", () => {
  let postgres: Postgres;
  let service: RunningService;
  let tokens: readonly string[];
  let made: Awaited<ReturnType<typeof makeAudit>>;
  let description: Description;
  const ajv = new Ajv2020.default({ strict: false, validateFormats: false });
  const checks = new Map<Shape, ReturnType<typeof ajv.compile>>();
  beforeAll(async () => {
    postgres = await Postgres.start();
    const fleet = await Fleet.make(postgres);
    await addServant(fleet);
    tokens = [(await addToken(fleet, "read")).token, (await addToken(fleet, "submit")).token];
    made = await makeAudit(fleet, "registry.example/team/runs", [
      { id: "one", code: "OK", verdict: { ok: true } },
      { id: "two", code: "WORKER_LOST" },
    ]);
    const indexed = made.digests.map((digest) => Buffer.from(digest, "hex"));
    await fleet.query("INSERT INTO runseal_fleet.file SELECT r, r, $2 FROM unnest($1::bytea[]) AS r", [
      indexed,
      made.audit,
    ]);
    // No process listens there: a submission gets as far as it can without a registry.
    const dead = ["--repositories", "127.0.0.1:1/team/"];
    service = await RunningService.start(fleet, "--listen", "127.0.0.1:0", "--rate", "1000000", ...dead);
    description = JSON.parse((await service.ask({ path: "/openapi.json" })).text) as Description;
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  });

  /** Throws where an answer is not as the description says. */
  function check({ asked, operation }: DrawnRequest, { status, text }: Answered): void {
    const declared = operation.responses[status] ?? operation.responses[`${String(status)[0]}XX`];
    if (status === 500 || declared === undefined) throw new Error(`${status} to ${JSON.stringify(asked)}`);
    if (asked.method === "HEAD") return;
    const shape = declared.content["application/json"]?.schema;
    if (shape === undefined) return;
    const fits = checks.get(shape) ?? ajv.compile(shape);
    checks.set(shape, fits);
    if (!fits(JSON.parse(text))) throw new Error(`${JSON.stringify(fits.errors)}: ${text}`);
  }

  it("is OpenAPI 3.1 with an operation for each route, whose schemas are JSON Schema 2020-12", () => {
    expect(description).toMatchObject({ openapi: "3.1.0", info: { title: "runseal-fleet" } });
    const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    expect(operations.map(({ operation: { operationId } }) => operationId).sort()).toEqual([
      ...["auditStatus", "findRuns", "followAudit", "listAudits", "listRuns", "runVerdict", "submitAudit"],
    ]);
    for (const { operation, path } of operations) {
      const { parameters = [], requestBody, responses } = operation;
      const inPath = parameters.filter(({ in: place }) => place === "path").map(({ name }) => `{${name}}`);
      expect(path.match(/\{\w+\}/g) ?? [], path).toEqual(inPath);
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(["4XX", "5XX"]));
      for (const [status, response] of Object.entries(responses)) {
        expect(status).toMatch(/^[1-5](?:\d\d|XX)$/);
        expect(response).toMatchObject({ description: expect.any(String) });
      }
      for (const { in: place, required } of parameters)
        expect(required === true || place === "query", path).toBe(true);
      const bodies = [requestBody, ...Object.values(responses)].flatMap((body) =>
        Object.values(body?.content ?? {}),
      );
      for (const schema of [...parameters.map((one) => one.schema), ...bodies.map((one) => one.schema)])
        expect(() => ajv.compile(schema), path).not.toThrow();
    }
  });

  it(
    "is kept by drawn requests: no 500, nothing internal in an answer, each answer of its shape",
    async () => {
      const known = {
        tokens: [...tokens, ...tokens, undefined],
        values: {
          audit: [made.audit],
          before: [made.audit],
          digest: made.digests,
          after: ["0", "1", ...made.digests],
          repository: ["127.0.0.1:1/team/runs", "127.0.0.1:1/team/runs:tag", "127.0.0.1:1/team/../x"],
        },
      };
      const request = drawRequest(description, known);
      const statuses = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 16 }), async (drawnRequests) => {
          const answers = await Promise.all(drawnRequests.map(async ({ asked }) => await service.ask(asked)));
          for (const [index, answered] of answers.entries()) {
            statuses.set(answered.status, (statuses.get(answered.status) ?? 0) + 1);
            const drawn = drawnRequests[index];
            if (drawn !== undefined) check(drawn, answered);
          }
        }),
        { seed: SEED, numRuns: 1_000_000, interruptAfterTimeLimit: MINUTES * 60_000, endOnFailure: true },
      );
      const count = [...statuses.values()].reduce((sum, one) => sum + one, 0);
      console.log(
        `requests: ${count}, by status: ${JSON.stringify(Object.fromEntries([...statuses].sort()))}`,
      );
      expect(count).toBeGreaterThan(100);
      for (const status of [200, 400, 401, 403, 404])
        expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(0);
      // A few seconds may not draw them.
      for (const status of MINUTES < 1 ? [] : [422, 502])
        expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(0);
      expect(service.errors).toEqual([]);
    },
    MINUTES * 60_000 + 120_000,
  );
});
