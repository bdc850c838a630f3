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

/**
 * The cookie of a browser: its whole token. It only ever reads, so that a page of another origin can change nothing with it. With the
 * prefix, a browser takes it by TLS alone, and from no other host of the domain.
 */
export function cookieName(isSecure: boolean): string {
  return isSecure ? "__Host-runseal_fleet" : "runseal_fleet";
}

/** How tokens are looked up. */
export interface Lookup {
  readonly pool: Queries;
  /** The name of the cookie. */
  readonly cookie: string;
  /** Whether the address of a request has had too many looked up. */
  readonly isTooMany: (request: FastifyRequest) => Promise<boolean>;
}

/** Looks the token of each request up, if its route needs one. It refuses none for its token: the rate limit of tokens comes first. */
export function identify(app: FastifyInstance, { cookie, isTooMany, pool }: Lookup): void {
  const inCookie = new RegExp(`(?:^|; )${cookie}=([\\w-]{1,100})(?:;|$)`);
  app.decorateRequest("caller", undefined);
  app.addHook("onRequest", async (request, reply) => {
    const token = request.routeOptions.config.access === "open" ? undefined : tokenOf(request, inCookie);
    if (token === undefined) return undefined;
    if (await isTooMany(request)) return refuse(reply.header("retry-after", "60"), "TOO_MANY_REQUESTS");
    request.caller = await callerOf(pool, token);
    return undefined;
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

function tokenOf({ headers, method }: FastifyRequest, inCookie: RegExp): string | undefined {
  const { authorization, cookie } = headers;
  if (authorization !== undefined) return /^Bearer ([\w-]{1,100})$/i.exec(authorization)?.[1];
  if (method !== "GET" || cookie === undefined) return undefined;
  return inCookie.exec(cookie)?.[1];
}
