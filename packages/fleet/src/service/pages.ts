/** The pages of the service for a browser. Its token is in a cookie that no script and no other origin gets. @module */

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance, FastifyReply } from "fastify";
import Type from "typebox";
import { DIGEST } from "../audit/forms.ts";
import { findRuns, listAudits, readRun, readRuns, readStatus } from "../audit/read-audit.ts";
import type { Queries } from "../database/connection.ts";
import { auditPage } from "../page/audit-page.ts";
import { auditsPage, searchPage } from "../page/audits-page.ts";
import { loginPage, SERVED_POLICY } from "../page/layout.ts";
import { runPage } from "../page/run-page.ts";
import { Digest, Uuid } from "./api.ts";
import { BOUNDS } from "./bounds.ts";
import { refuse } from "./refusal.ts";
import { callerOf } from "./token.ts";

/** The cookie of a browser. `isSecure`: it reaches the service by a proxy with TLS alone. */
export interface PageCookie {
  readonly cookie: string;
  readonly isSecure: boolean;
}

/** Adds the pages. */
export async function addPages(
  instance: FastifyInstance,
  pool: Queries,
  { cookie, isSecure }: PageCookie,
): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const page = { config: { access: "page" } } as const;
  const open = { config: { access: "open" }, schema: { hide: true } } as const;
  const attributes = `Path=/; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;

  // Another site's page can't log a browser in, or out.
  app.addHook("onRequest", async ({ headers, method }, reply) => {
    const site = headers["sec-fetch-site"] ?? "none";
    return method === "GET" || site === "same-origin" || site === "none"
      ? undefined
      : refuse(reply, "FORBIDDEN");
  });
  // A form without a file, and nothing else: no other route of the service takes this type.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: 1024 },
    (_request, body, done) => done(null, new URLSearchParams(String(body)).get("token") ?? ""),
  );
  app.get("/login", open, (_request, reply) => show(reply, loginPage(false)));
  app.post("/login", open, async ({ body }, reply) => {
    const token = typeof body === "string" ? body.trim() : "";
    const caller = await callerOf(pool, token);
    if (caller === undefined) return show(reply.code(401), loginPage(true));
    return reply.header("set-cookie", `${cookie}=${token}; ${attributes}`).redirect("/", 303);
  });
  app.post("/logout", open, (_request, reply) =>
    reply.header("set-cookie", `${cookie}=; Max-Age=0; ${attributes}`).redirect("/login", 303),
  );

  app.get(
    "/",
    { ...page, schema: { hide: true, querystring: Type.Object({ before: Type.Optional(Uuid) }) } },
    async ({ query: { before } }, reply) =>
      show(reply, auditsPage(await listAudits(pool, before, BOUNDS.rows))),
  );
  app.get(
    "/audits/:audit",
    {
      ...page,
      schema: {
        hide: true,
        params: Type.Object({ audit: Uuid }),
        querystring: Type.Object({
          after: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })),
          code: Type.Optional(Type.String({ pattern: "^[A-Z][A-Z0-9_]{0,63}$" })),
        }),
      },
    },
    async ({ params: { audit }, query: { after = 0, code } }, reply) => {
      const status = await readStatus(pool, audit);
      if (!status.ok) return refuse(reply, "AUDIT_NOT_FOUND");
      const runs = await readRuns(pool, audit, { after, code }, BOUNDS.rows);
      return show(reply, auditPage(status.value, { ...runs, code }, "served"));
    },
  );
  app.get(
    "/audits/:audit/runs/:digest",
    { ...page, schema: { hide: true, params: Type.Object({ audit: Uuid, digest: Digest }) } },
    async ({ params: { audit, digest } }, reply) => {
      const [status, run] = await Promise.all([readStatus(pool, audit), readRun(pool, audit, digest)]);
      if (!status.ok || run === undefined) return refuse(reply, "RUN_NOT_FOUND");
      return show(reply, runPage(status.value, run));
    },
  );
  app.get(
    "/search",
    {
      ...page,
      schema: {
        hide: true,
        querystring: Type.Object({ file: Type.Optional(Type.String()), after: Type.Optional(Digest) }),
      },
    },
    async ({ query: { after, file = "" } }, reply) => {
      const wanted = file.trim().toLowerCase();
      const found = DIGEST.test(wanted) ? await findRuns(pool, wanted, after, BOUNDS.rows) : undefined;
      return show(reply, searchPage(wanted, found));
    },
  );
}

function show(reply: FastifyReply, page: string): FastifyReply {
  return reply.header("content-security-policy", SERVED_POLICY).type("text/html; charset=utf-8").send(page);
}
