/** Requests to one repository of a registry: with its credentials, along its redirects, and again where that may help. @module */

import { ok, type Result } from "../../../core/internal.ts";
import { Connections } from "../../system/http/connections.ts";
import {
  type ExchangeSetting,
  exchange,
  type HttpAnswer,
  type HttpRequest,
} from "../../system/http/exchange.ts";
import { throwIfInterrupted } from "../../system/runtime/interruption.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { nextAddress } from "./addresses.ts";
import { Authorizer, type AuthorizerSetting, type Scope } from "./authorizer.ts";
import { connectionFailure, type Failure, finalFailure, statusFailure } from "./failure.ts";
import type { Patience } from "./patience.ts";
import { MAX_MANIFEST_BYTES } from "./repository.ts";
import { Retries } from "./retries.ts";

const MAX_REDIRECTS = 5;

/** Statuses that send a request on as it is, and those that do so to reads alone. */
const REPEATING: readonly number[] = [307, 308];
const MOVING: readonly number[] = [301, 302, 303];

/** A request, and what may come of it. */
export interface RegistryCall extends HttpRequest {
  readonly scope: Scope;
  /** Statuses that are no failures. */
  readonly accepts: readonly number[];
}

/** An answer, and the address that gave it. */
export interface CallAnswer {
  readonly answer: HttpAnswer;
  readonly url: URL;
}

/** Which registry it is, and how it is treated. */
export interface ClientSetting extends AuthorizerSetting {
  /** Below which the API is; it ends with `/v2/`. */
  readonly api: URL;
  /** Whether plain HTTP to other machines is allowed. */
  readonly plainHttp: boolean;
  /** Bytes of one request of an upload. */
  readonly chunkBytes: number;
  readonly patience: Patience;
  /** The environment, which may name a proxy. */
  readonly environment: Environment;
}

/** The requests of one repository. They may be made at the same time. */
export class RegistryClient implements Disposable {
  readonly setting: ClientSetting;
  readonly #connections: Connections;
  readonly #authorizer: Authorizer;

  constructor(setting: ClientSetting) {
    this.setting = setting;
    this.#connections = new Connections(setting.environment, setting.patience, "tls");
    this.#authorizer = new Authorizer(setting);
  }

  /** What faults name. */
  get reference(): string {
    return this.setting.reference;
  }

  /** The address of something in the repository, such as `blobs/sha256:…`. */
  address(path: string): URL {
    return new URL(`${this.setting.repository}/${path}`, this.setting.api);
  }

  /** The tries of one piece of work. */
  retries(signal: AbortSignal | undefined): Retries {
    return new Retries(this.setting.patience, signal);
  }

  /** Makes attempts until one succeeds, or another one would not help. Throws an Interruption. */
  async retry<Value>(
    attempt: (retries: Retries) => Promise<Result<Value, Failure>>,
    signal: AbortSignal | undefined,
  ): Promise<Result<Value, OperationFault>> {
    const retries = this.retries(signal);
    for (;;) {
      const done = await attempt(retries);
      if (done.ok) return done;
      const fault = await retries.again(done);
      if (fault !== undefined) return fault;
    }
  }

  /** Makes a request and passes over the body of its answer, again where that may help. Throws an Interruption. */
  async request(
    call: RegistryCall,
    signal: AbortSignal | undefined,
  ): Promise<Result<HttpAnswer, OperationFault>> {
    const answered = await this.retry(() => this.attempt(call, signal), signal);
    if (!answered.ok) return answered;
    await answered.value.answer.discard();
    return ok(answered.value.answer);
  }

  /** Makes a request and reads its answer, up to the bytes of a manifest, again where that may help. Throws an Interruption. */
  async read(
    call: RegistryCall,
    signal: AbortSignal | undefined,
  ): Promise<Result<CallAnswer & { readonly body: Uint8Array }, OperationFault>> {
    return await this.retry(async () => {
      const answered = await this.attempt(call, signal);
      if (!answered.ok) return answered;
      const body = await answered.value.answer.read(MAX_MANIFEST_BYTES);
      return body.ok ? ok({ ...answered.value, body: body.value }) : connectionFailure(body, this.reference);
    }, signal);
  }

  /** Makes a request once: a second time only if the registry asks for credentials. Throws an Interruption. */
  async attempt(call: RegistryCall, signal: AbortSignal | undefined): Promise<Result<CallAnswer, Failure>> {
    throwIfInterrupted(signal);
    const setting = { connections: this.#connections, patience: this.setting.patience, signal };
    const first = await this.#follow(call, setting);
    if (!first.ok || !this.#asksForUser(first.value)) return await this.#judge(first, call);
    const { answer } = first.value;
    await answer.discard();
    const renewed = await this.#authorizer.renew(
      call.scope,
      first.value.authorization,
      answer.header("www-authenticate"),
      setting,
    );
    if (!renewed.ok) return renewed;
    return await this.#judge(await this.#follow(call, setting), call);
  }

  [Symbol.dispose](): void {
    this.#connections.close();
  }

  /** Whether an answer of this registry, not of one that it redirects to, wants credentials. */
  #asksForUser({ answer, url }: CallAnswer): boolean {
    return answer.status === 401 && this.#isOwn(url);
  }

  async #judge(
    answered: Result<CallAnswer, Failure>,
    call: RegistryCall,
  ): Promise<Result<CallAnswer, Failure>> {
    if (!answered.ok || call.accepts.includes(answered.value.answer.status)) return answered;
    return await statusFailure(answered.value.answer, this.reference);
  }

  /** Sends a request along its redirects. Only the registry itself gets the user's credentials. */
  async #follow(
    { body, headers, method, scope, url: first }: RegistryCall,
    setting: ExchangeSetting,
  ): Promise<Result<CallAnswer & { readonly authorization: string | undefined }, Failure>> {
    const authorization = this.#authorizer.current(scope);
    let url = first;
    let isOwn = this.#isOwn(first);
    for (let redirects = 0; ; redirects++) {
      const own = isOwn && authorization !== undefined ? { authorization } : {};
      const answered = await exchange({ method, url, headers: { ...headers, ...own }, body }, setting);
      if (!answered.ok) return connectionFailure(answered, this.reference);
      const answer = answered.value;
      const isRead = method === "GET" || method === "HEAD";
      const isRedirect = REPEATING.includes(answer.status) || MOVING.includes(answer.status);
      if (!isRedirect) return ok({ answer, url, authorization });
      const next = nextAddress(url, answer.header("location"), this.setting.plainHttp);
      await answer.discard();
      if (next === undefined || redirects === MAX_REDIRECTS || (!isRead && MOVING.includes(answer.status)))
        return finalFailure(
          operationFault("REGISTRY_REDIRECT_REFUSED", { reason: "redirect", reference: this.reference }),
        );
      url = next;
      // Another host might send the request back to an address of its choice, so that one way out is enough.
      isOwn &&= this.#isOwn(url);
    }
  }

  #isOwn(url: URL): boolean {
    return url.origin === this.setting.api.origin;
  }
}
