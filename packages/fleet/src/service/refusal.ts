/** How the service refuses: a code of a closed union and words that are fixed. Nothing of the machine, the database or a stack is in it. @module */

import type { FastifyReply } from "fastify";

/** The codes with their status and words. */
const REFUSALS = {
  REQUEST_MALFORMED: [400, "the request is not as /openapi.json describes it"],
  UNAUTHORIZED: [401, "a valid token is needed"],
  FORBIDDEN: [403, "the token has another role, or another site sent the form"],
  REPOSITORY_REFUSED: [403, "the service was not started with --repositories for this repository"],
  NOT_FOUND: [404, "there is nothing at this address"],
  AUDIT_NOT_FOUND: [404, "there is no audit of that id"],
  RUN_NOT_FOUND: [404, "the audit has no run of that digest"],
  REQUEST_TIMED_OUT: [408, "the request took too long to arrive"],
  BODY_TOO_LARGE: [413, "the body is too large"],
  URL_TOO_LONG: [414, "the address is too long"],
  MEDIA_TYPE_UNSUPPORTED: [415, "the body has an unsupported type"],
  POLICY_UNREADABLE: [422, "the policy is not a trust file"],
  TOO_MANY_REQUESTS: [429, "too many requests; wait a minute"],
  HEADERS_TOO_LARGE: [431, "the headers are too large"],
  INTERNAL_ERROR: [500, "the service failed; its log has the code"],
  LISTING_FAILED: [502, "the repository could not be listed"],
  DATABASE_UNAVAILABLE: [503, "the database did not answer"],
  BUSY: [503, "too many at once; try again later"],
} as const;

/** A code of the service. */
export type ServiceCode = keyof typeof REFUSALS;

/** All codes, for the description of the API. */
export const SERVICE_CODES: readonly string[] = Object.keys(REFUSALS);

/** What a client gets. */
export interface Refusal {
  readonly code: ServiceCode;
  readonly message: string;
}

/** The body of a refusal, and its status. */
export function refusal(code: ServiceCode): { readonly status: number; readonly body: Refusal } {
  const [status, message] = REFUSALS[code];
  return { status, body: { code, message } };
}

/** Answers with a refusal. */
export function refuse(reply: FastifyReply, code: ServiceCode): FastifyReply {
  const { body, status } = refusal(code);
  if (status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(status).type("application/json; charset=utf-8").send(JSON.stringify(body));
}
