/** The service: its bounds, who may call, its routes, and how it fails. @module */

import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { type FastifyError, type FastifyInstance, fastify } from "fastify";
import { RUNSEAL_VERSION } from "runseal";
import type { Queries } from "../database/connection.ts";
import { addApi } from "./api.ts";
import { authorize, cookieName, identify } from "./authenticate.ts";
import { BOUNDS } from "./bounds.ts";
import { namingFailures, QueryFailure } from "./database.ts";
import { countRequests } from "./metrics.ts";
import { addPages } from "./pages.ts";
import { Progress } from "./progress.ts";
import { refusal, refuse, type ServiceCode } from "./refusal.ts";
import { Submissions } from "./submissions.ts";

/** How to serve. */
export interface ServiceOptions {
  readonly pool: Queries;
  /** Prefixes of the repositories of which audits may be submitted. */
  readonly repositories: readonly string[];
  /** Requests a minute of one token, and of one address without a token. */
  readonly rate: number;
  /** Whether a browser comes by TLS alone, so that its cookie is for TLS alone. */
  readonly isSecure: boolean;
  /** Takes lines of JSON for the operator. */
  readonly log: (line: string) => void;
}

/** Headers of all answers. */
const HEADERS = {
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Makes the service. It listens to nothing yet. */
export async function makeService(options: ServiceOptions): Promise<FastifyInstance> {
  const pool = namingFailures(options.pool);
  const app = makeServer();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.setErrorHandler<FastifyError>((thrown, _request, reply) => {
    const code = codeOf(thrown);
    if (code === "INTERNAL_ERROR" || code === "DATABASE_UNAVAILABLE")
      options.log(
        JSON.stringify({ at: new Date().toISOString(), event: code, code: thrown.code ?? "UNKNOWN" }),
      );
    return refuse(reply, code);
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(HEADERS);
    if (request.raw.url !== undefined && request.raw.url.length > BOUNDS.url)
      return refuse(reply, "URL_TOO_LONG");
    return undefined;
  });
  const metrics = countRequests(app, pool);
  await app.register(rateLimit, {
    max: options.rate,
    timeWindow: "1 minute",
    cache: 10_000,
    // An open route has a bucket of its own: with a full one of "/", a proxy still learns that the service is well.
    keyGenerator: ({ caller, ip, routeOptions: { config, url } }) =>
      caller?.id ?? `${config.access === "open" ? url : ""} ${ip}`,
  });
  const cookie = cookieName(options.isSecure);
  const lookups = app.createRateLimit({ max: options.rate * BOUNDS.tokens, keyGenerator: ({ ip }) => ip });
  identify(app, {
    pool,
    cookie,
    isTooMany: async (request) => {
      const used = await lookups(request);
      return !used.isAllowed && used.isExceeded;
    },
  });
  authorize(app);
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (_request, reply) => refuse(reply, "NOT_FOUND"));
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "runseal-fleet", version: RUNSEAL_VERSION },
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
    },
  });
  // The description needs to see routes as they are added, so they come as a plugin behind it.
  await app.register(async (scope) => {
    const submissions = new Submissions(pool, options.repositories);
    addApi(scope, { pool, submissions, progress: new Progress(pool) });
    addOperations(scope, pool, metrics);
  });
  await app.register(async (scope) => await addPages(scope, pool, { cookie, isSecure: options.isSecure }));
  return app;
}

function makeServer(): FastifyInstance {
  const app = fastify({
    bodyLimit: BOUNDS.body,
    requestTimeout: BOUNDS.requestTime,
    connectionTimeout: BOUNDS.idleTime,
    keepAliveTimeout: BOUNDS.keepAliveTime,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    http: {
      maxHeaderSize: BOUNDS.headers,
      headersTimeout: BOUNDS.headersTime,
      connectionsCheckingInterval: 1000,
    },
    frameworkErrors: (_error, _request, reply) => refuse(reply, "REQUEST_MALFORMED"),
    clientErrorHandler: ({ code }, socket) => {
      if (socket.destroyed) return;
      const refused = refusal(codeOfConnection(code));
      const body = JSON.stringify(refused.body);
      const head = `HTTP/1.1 ${refused.status} Refused\r\ncontent-type: application/json; charset=utf-8\r\n`;
      socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
    },
  });
  app.server.maxConnections = BOUNDS.connections;
  return app;
}

/** What operators and programs ask: health, counts and the description. */
function addOperations(app: FastifyInstance, pool: Queries, metrics: () => Promise<string>): void {
  const open = { config: { access: "open" }, schema: { hide: true } } as const;
  app.get("/healthz", open, async () => {
    await pool.query("SELECT runseal_fleet.schema_version()", []);
    return { status: "ok" };
  });
  app.get("/openapi.json", open, () => app.swagger());
  app.get("/metrics", { schema: { hide: true } }, async (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics()),
  );
}

/** The code for what a handler or the framework threw. */
function codeOf(thrown: FastifyError): ServiceCode {
  if (thrown instanceof QueryFailure) return thrown.mayPass ? "DATABASE_UNAVAILABLE" : "INTERNAL_ERROR";
  const { code, statusCode, validation } = thrown;
  if (validation !== undefined) return "REQUEST_MALFORMED";
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return "BODY_TOO_LARGE";
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return "MEDIA_TYPE_UNSUPPORTED";
  if (statusCode === 429) return "TOO_MANY_REQUESTS";
  return statusCode !== undefined && statusCode < 500 ? "REQUEST_MALFORMED" : "INTERNAL_ERROR";
}

/** The code for a connection that Node gave up. */
function codeOfConnection(code: string | undefined): ServiceCode {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "REQUEST_TIMED_OUT";
  return code === "HPE_HEADER_OVERFLOW" ? "HEADERS_TOO_LARGE" : "REQUEST_MALFORMED";
}
