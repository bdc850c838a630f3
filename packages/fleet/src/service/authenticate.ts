/** Who calls, and what each route needs. @module */

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Queries } from "../database/connection.ts";
import { refuse } from "./refusal.ts";
import { type Caller, callerOf } from "./token.ts";

/** What a route needs: nothing, or a token with a role. A page sends a browser without a token to the login. */
export type Access = "open" | "read" | "submit" | "page";

declare module "fastify" {
  interface FastifyRequest {
    /** The valid token of the request. */
    caller: Caller | undefined;
  }
  interface FastifyContextConfig {
    readonly access?: Access;
  }
}

/** The cookie of a browser: its token. It only ever reads, so that a page of another origin can change nothing with it. */
export const COOKIE = "runseal_fleet";

/** Looks the token of each request up. It refuses none: the rate limit comes first, and counts by token or address. */
export function identify(app: FastifyInstance, pool: Queries): void {
  app.decorateRequest("caller", undefined);
  app.addHook("onRequest", async (request) => {
    const token = tokenOf(request);
    request.caller = token === undefined ? undefined : await callerOf(pool, token);
  });
}

/** Refuses a request whose token does not allow its route, before its body is read. A route that says nothing needs a token. */
export function authorize(app: FastifyInstance): void {
  app.addHook("preParsing", async (request: FastifyRequest, reply: FastifyReply) => {
    const { access = "read" } = request.routeOptions.config;
    const { caller } = request;
    if (access === "open" || request.is404) return;
    if (caller === undefined) {
      if (access === "page") return reply.redirect("/login", 303);
      return refuse(reply, "UNAUTHORIZED");
    }
    if (access === "submit" && caller.role !== "submit") return refuse(reply, "FORBIDDEN");
    return undefined;
  });
}

function tokenOf({ headers, method }: FastifyRequest): string | undefined {
  const { authorization, cookie } = headers;
  if (authorization !== undefined) return /^Bearer ([\w-]{1,100})$/i.exec(authorization)?.[1];
  if (method !== "GET" || cookie === undefined) return undefined;
  return new RegExp(`(?:^|; )${COOKIE}=([\\w-]{1,100})(?:;|$)`).exec(cookie)?.[1];
}
