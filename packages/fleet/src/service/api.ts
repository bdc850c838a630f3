/** The API: its shapes give the types, the checks of requests, what answers may hold, and `/openapi.json`. @module */

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance, FastifyReply } from "fastify";
import Type from "typebox";
import { DIGEST, UUID } from "../audit/forms.ts";
import { findRuns, listAudits, readRun, readRuns, readStatus } from "../audit/read-audit.ts";
import type { Queries } from "../database/connection.ts";
import { BOUNDS } from "./bounds.ts";
import type { Progress } from "./progress.ts";
import { refuse, SERVICE_CODES } from "./refusal.ts";
import type { Submissions } from "./submissions.ts";
import { isStillValid } from "./token.ts";

/** The id of an audit, in a request or an answer. */
export const Uuid: Type.TString = Type.String({ pattern: UUID.source });
/** SHA-256, in a request or an answer. */
export const Digest: Type.TString = Type.String({ pattern: DIGEST.source, description: "SHA-256" });
const OrNull = <Shape extends Type.TSchema>(shape: Shape) => Type.Union([shape, Type.Null()]);
const Text = OrNull(Type.String());

const Refusal = Type.Object({
  code: Type.Enum([...SERVICE_CODES]),
  message: Type.String(),
});
const Audit = Type.Object({
  audit: Uuid,
  repository: Type.String(),
  submitted_at: Type.String({ format: "date-time" }),
  ended_at: Text,
  runs: Type.Integer(),
  open: Type.Integer(),
  accepted: Type.Integer(),
  trusted_previous: Type.Integer(),
  alerts: Type.Object({
    made: Type.Integer(),
    delivered: Type.Integer(),
    given_up: Type.Integer(),
    error: Text,
  }),
  codes: Type.Record(Type.String(), Type.Integer()),
  others: Type.Integer(),
  broken: Type.Integer(),
  more: Type.Boolean(),
});
const Run = {
  audit: Uuid,
  place: Type.Integer(),
  run_id: Type.String(),
  digest: Digest,
  state: Type.String(),
  code: Text,
  details: Type.Unknown(),
  artifacts: Text,
  policy: Text,
  version: Text,
  trusted_previous: Text,
  worker: Text,
  ended_at: Text,
};
const FoundRun = Type.Object({
  ...{ audit: Uuid, repository: Type.String(), run_id: Type.String(), digest: Digest },
  ...{ state: Type.String(), code: Text, policy: Text, trusted_previous: Text, ended_at: Text },
});
const Submission = Type.Object(
  {
    repository: Type.String({ maxLength: 512, pattern: "^[A-Za-z0-9\\[][A-Za-z0-9._:@/\\[\\]-]*$" }),
    policy: Type.Optional(
      Type.String({
        maxLength: 900_000,
        pattern: "^[A-Za-z0-9+/]*={0,2}$",
        description: "the bytes of a trust file, as base64",
      }),
    ),
    any_signer: Type.Optional(Type.Literal(true, { description: "instead of a policy" })),
    attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    double_check: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: "a share of ranges" })),
    index_files: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
const Submitted = Type.Object({
  ...{
    audit: Uuid,
    runs: Type.Integer(),
    others: Type.Integer(),
    broken: Type.Integer(),
    more: Type.Boolean(),
  },
});
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: BOUNDS.rows, default: BOUNDS.rows }));
const query = <Shape extends Type.TProperties>(shape: Shape) =>
  Type.Object({ ...shape, limit: Limit }, { additionalProperties: false });

/** What routes have in common in the description. */
const common = <Answer>(operationId: string, summary: string, answers: Answer) => ({
  ...{ operationId, summary, security: [{ bearer: [] }] },
  response: { ...answers, "4xx": Refusal, "5xx": Refusal },
});

/** What the routes work with. */
export interface ApiParts {
  readonly pool: Queries;
  readonly progress: Progress;
  readonly submissions: Submissions;
}

/** Adds the routes of version 1. */
export function addApi(instance: FastifyInstance, { pool, progress, submissions }: ApiParts): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const audit = Type.Object({ audit: Uuid });
  const auditAndDigest = Type.Object({ audit: Uuid, digest: Digest });

  app.post(
    "/v1/audits",
    {
      config: { access: "submit" },
      schema: { ...common("submitAudit", "Submits an audit", { 201: Submitted }), body: Submission },
    },
    async ({ body }, reply) => {
      const submitted = await submissions.submit(body);
      return typeof submitted === "string" ? refuse(reply, submitted) : reply.code(201).send(submitted);
    },
  );

  app.get(
    "/v1/audits",
    {
      schema: {
        ...common("listAudits", "Lists audits, the newest first", {
          200: Type.Object({ audits: Type.Array(Audit), next: OrNull(Uuid) }),
        }),
        querystring: query({ before: Type.Optional(Uuid) }),
      },
    },
    async ({ query: { before, limit = BOUNDS.rows } }) => {
      const { next, rows } = await listAudits(pool, before, limit);
      return { audits: [...rows], next };
    },
  );

  app.get(
    "/v1/audits/:audit",
    { schema: { ...common("auditStatus", "Says how far an audit is", { 200: Audit }), params: audit } },
    async ({ params }, reply) => {
      const status = await readStatus(pool, params.audit);
      return status.ok
        ? { ...status.value, codes: { ...status.value.codes } }
        : refuse(reply, "AUDIT_NOT_FOUND");
    },
  );

  app.get(
    "/v1/audits/:audit/runs",
    {
      schema: {
        ...common("listRuns", "Lists runs of an audit, without their verdicts", {
          200: Type.Object({ runs: Type.Array(Type.Object(Run)), next: OrNull(Type.Integer()) }),
        }),
        params: audit,
        querystring: query({
          after: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, default: 0 })),
          code: Type.Optional(Type.String({ pattern: "^[A-Z][A-Z0-9_]{0,63}$" })),
        }),
      },
    },
    async ({ params, query: { after = 0, code, limit = BOUNDS.rows } }, reply) => {
      const status = await readStatus(pool, params.audit);
      if (!status.ok) return refuse(reply, "AUDIT_NOT_FOUND");
      const { next, rows } = await readRuns(pool, params.audit, { after, code }, limit);
      return { runs: [...rows], next };
    },
  );

  app.get(
    "/v1/audits/:audit/runs/:digest",
    {
      schema: {
        ...common("runVerdict", "Gives one run with its verdict", {
          200: Type.Object({ ...Run, verdict: Type.Unknown(), attestation: Type.Unknown() }),
        }),
        params: auditAndDigest,
      },
    },
    async ({ params }, reply) =>
      (await readRun(pool, params.audit, params.digest)) ?? refuse(reply, "RUN_NOT_FOUND"),
  );

  app.get(
    "/v1/audits/:audit/progress",
    {
      schema: {
        ...common("followAudit", "Sends the status of an audit whenever it changes, as server-sent events", {
          200: { content: { "text/event-stream": { schema: Type.String() } } },
        }),
        params: audit,
      },
    },
    async ({ caller, params, raw }, reply) => {
      const status = await readStatus(pool, params.audit);
      if (!status.ok) return refuse(reply, "AUDIT_NOT_FOUND");
      const isAllowed = async (): Promise<boolean> => await isStillValid(pool, caller);
      const events = progress.follow(params.audit, raw.socket, isAllowed);
      if (events === undefined) return refuse(reply, "BUSY");
      const answer: FastifyReply = reply.type("text/event-stream");
      return answer.send(events);
    },
  );

  app.get(
    "/v1/files/:digest/runs",
    {
      schema: {
        ...common("findRuns", "Finds indexed runs that contain a file, each with its newest verdict", {
          200: Type.Object({ runs: Type.Array(FoundRun), next: OrNull(Digest) }),
        }),
        params: Type.Object({ digest: Digest }),
        querystring: query({ after: Type.Optional(Digest) }),
      },
    },
    async ({ params, query: { after, limit = BOUNDS.rows } }) => {
      const { next, rows } = await findRuns(pool, params.digest, after, limit);
      return { runs: [...rows], next };
    },
  );
}
