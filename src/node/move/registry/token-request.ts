/**
 * Asks a token server for a token, by docker's token authentication.
 *
 * https://distribution.github.io/distribution/spec/auth/token/ and, for the tokens that a login gives, …/auth/oauth/
 *
 * @module
 */

import { ok, parseObject, type Result } from "../../../core/internal.ts";
import {
  type ExchangeSetting,
  exchange,
  type HttpAnswer,
  type HttpRequest,
} from "../../system/http/exchange.ts";
import { operationFault } from "../../system/runtime/operation-fault.ts";
import { realmAddress } from "./addresses.ts";
import { basicHeader, type Credentials, textOf } from "./credentials/credentials.ts";
import { connectionFailure, type Failure, finalFailure, malformedAnswer, statusFailure } from "./failure.ts";

/** Bytes of a token server's answer, and of a token: it must fit into the headers that servers take. */
const MAX_ANSWER_BYTES: number = 128 * 1024;
const MAX_TOKEN_BYTES: number = 32 * 1024;

/** What to ask for, and for whom. */
export interface TokenQuestion {
  /** The parameters of the registry's challenge. */
  readonly parameters: ReadonlyMap<string, string>;
  /** `repository:NAME:ACTIONS`. */
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  /** What faults name. */
  readonly reference: string;
}

/** Gives the header `Authorization` with a token. Throws an Interruption. */
export async function requestToken(
  { credentials, parameters, reference, scope }: TokenQuestion,
  setting: ExchangeSetting,
): Promise<Result<string, Failure>> {
  const realm = realmAddress(parameters.get("realm"));
  if (realm === undefined)
    return finalFailure(operationFault("REGISTRY_REDIRECT_REFUSED", { reason: "realm", reference }));
  const service = parameters.get("service");
  const query = new URLSearchParams(service === undefined ? { scope } : { service, scope });
  const answered = await exchange(
    credentials?.kind === "identity-token"
      ? questionInForm(realm, query, credentials)
      : questionInAddress(realm, query, credentials),
    setting,
  );
  if (!answered.ok) return connectionFailure(answered, reference);
  const answer = answered.value;
  if (answer.status !== 200) return await refusal(answer, reference);
  return await readToken(answer, reference);
}

/** A question whose user is in the header. */
function questionInAddress(
  realm: URL,
  query: URLSearchParams,
  credentials: Credentials | undefined,
): HttpRequest {
  const url = new URL(realm);
  for (const [name, value] of query) url.searchParams.append(name, value);
  const login = credentials === undefined ? {} : { authorization: basicHeader(credentials) };
  return { method: "GET", url, headers: { accept: "application/json", ...login } };
}

/** A question with a token of a login. It is in the body: addresses are logged. */
function questionInForm(url: URL, query: URLSearchParams, { secret }: Credentials): HttpRequest {
  const form = new URLSearchParams(query);
  form.set("grant_type", "refresh_token");
  form.set("client_id", "runseal");
  form.set("refresh_token", secret.toString("utf8"));
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", url, headers, body: Buffer.from(form.toString()) };
}

/** What a token server's status means. It says 401 to wrong passwords; a redirect would take the password along. */
async function refusal(answer: HttpAnswer, reference: string): Promise<Failure> {
  const failure = await statusFailure(answer, reference);
  if (answer.status >= 300 && answer.status < 400)
    return finalFailure(operationFault("REGISTRY_REDIRECT_REFUSED", { reason: "redirect", reference }));
  const isRefused = [400, 401, 403, 404].includes(answer.status);
  return isRefused
    ? finalFailure(operationFault("REGISTRY_DENIED", { reason: "unauthorized", reference }))
    : failure;
}

async function readToken(answer: HttpAnswer, reference: string): Promise<Result<string, Failure>> {
  const body = await answer.read(MAX_ANSWER_BYTES);
  if (!body.ok) return connectionFailure(body, reference);
  // `{"token": …}` or `{"access_token": …}`
  const members = parseObject(body.value);
  const token = textOf(members, members?.has("token") === true ? "token" : "access_token");
  const isLawful = token !== undefined && token.length <= MAX_TOKEN_BYTES && /^[!-~]+$/.test(token);
  return isLawful ? ok(`Bearer ${token}`) : malformedAnswer(reference, "token");
}
