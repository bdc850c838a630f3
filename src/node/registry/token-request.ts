/**
 * Asks a token server for a token, by docker's token authentication.
 *
 * https://distribution.github.io/distribution/spec/auth/token/ and, for the tokens that a login gives, …/auth/oauth/
 *
 * @module
 */

import { ok, type Result } from "../../core/internal.ts";
import { SecretBytes } from "../keys/secret-bytes.ts";
import { operationFault } from "../runtime/operation-fault.ts";
import { realmAddress } from "./addresses.ts";
import { Authorization } from "./authorization.ts";
import type { Credentials } from "./credentials/credentials.ts";
import { readSecretString, scanDocument } from "./credentials/secret-json.ts";
import { type ExchangeSetting, exchange, type HttpAnswer, type HttpRequest } from "./exchange.ts";
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

/** Gives a token, which is the caller's to dispose of. Throws an Interruption. */
export async function requestToken(
  { credentials, parameters, reference, scope }: TokenQuestion,
  setting: ExchangeSetting,
): Promise<Result<Authorization, Failure>> {
  const realm = realmAddress(parameters.get("realm"));
  if (realm === undefined) return finalFailure(operationFault("REGISTRY_REALM_REFUSED", { reference }));
  const service = parameters.get("service");
  const query = new URLSearchParams(service === undefined ? { scope } : { service, scope });
  using form = credentials?.kind === "identity-token" ? refreshForm(query, credentials.secret) : undefined;
  const answered =
    form === undefined
      ? await exchange(questionInAddress(realm, query, credentials), setting)
      : // The form is in secret memory for as long as it is sent.
        await form.use((body) => exchange(questionInForm(realm, body), setting));
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
  const headers: Record<string, string> = { accept: "application/json" };
  if (credentials !== undefined) {
    using basic = new Authorization("Basic", credentials.secret.copy());
    headers["authorization"] = basic.header();
  }
  return { method: "GET", url, headers };
}

function questionInForm(url: URL, body: Uint8Array): HttpRequest {
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", url, headers, body };
}

/** A form with a token of a login: each byte of it as `%XX`. */
function refreshForm(query: URLSearchParams, token: SecretBytes): SecretBytes {
  const form = new URLSearchParams(query);
  form.set("grant_type", "refresh_token");
  form.set("client_id", "runseal");
  const head = Buffer.from(`${form}&refresh_token=`, "latin1");
  const body = new SecretBytes(head.length + 3 * token.length);
  body.use((target) => {
    head.copy(target);
    token.use((bytes) => {
      for (const [index, byte] of bytes.entries()) {
        const at = head.length + 3 * index;
        target[at] = 0x25;
        target[at + 1] = "0123456789ABCDEF".charCodeAt(byte >> 4);
        target[at + 2] = "0123456789ABCDEF".charCodeAt(byte & 15);
      }
    });
  });
  return body;
}

/** What a token server's status means. It says 401 to wrong passwords; a redirect would take the password along. */
async function refusal(answer: HttpAnswer, reference: string): Promise<Failure> {
  const failure = await statusFailure(answer, reference);
  if (answer.status >= 300 && answer.status < 400)
    return finalFailure(operationFault("REGISTRY_REDIRECT_REFUSED", { reference }));
  const isRefused = [400, 401, 403, 404].includes(answer.status);
  return isRefused ? finalFailure(operationFault("REGISTRY_UNAUTHORIZED", { reference })) : failure;
}

/** Reads an answer straight into secret memory. */
async function readToken(answer: HttpAnswer, reference: string): Promise<Result<Authorization, Failure>> {
  using content = new SecretBytes(MAX_ANSWER_BYTES);
  answer.endSoon();
  let length = 0;
  const drained = await answer.drain((chunk) => {
    const fits = length + chunk.length <= MAX_ANSWER_BYTES;
    if (fits) content.use((target) => chunk.copy(target, length));
    chunk.fill(0);
    length += chunk.length;
    return fits;
  });
  if (!drained.ok) return connectionFailure(drained, reference);
  if (!drained.value) return connectionFailure({ ok: false, code: "TOO_LARGE" }, reference);
  const token = content.use((bytes) => tokenIn(bytes.subarray(0, length)));
  return token === undefined ? malformedAnswer(reference, "token") : ok(new Authorization("Bearer", token));
}

/** The token of `{"token": …}` or `{"access_token": …}`. */
function tokenIn(bytes: Buffer): SecretBytes | undefined {
  const members = scanDocument(bytes);
  const token = readSecretString(bytes, members?.get("token") ?? members?.get("access_token"));
  const isLawful = token?.use(
    (text) =>
      text.length > 0 && text.length <= MAX_TOKEN_BYTES && text.every((byte) => byte > 0x20 && byte < 0x7f),
  );
  if (isLawful === true) return token;
  token?.dispose();
  return undefined;
}
