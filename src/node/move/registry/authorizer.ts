/** Answers what a registry asks for before it lets a user in: a password, or a token for a scope. @module */

import { type Challenge, ok, parseChallenges, type Result } from "../../../core/internal.ts";
import type { ExchangeSetting } from "../../system/http/exchange.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { basicHeader, type CredentialSource, type Credentials } from "./credentials/credentials.ts";
import { type Failure, finalFailure, malformedAnswer } from "./failure.ts";
import { requestToken } from "./token-request.ts";

/** What a request does to the repository, by which a token server decides. */
export type Scope = "pull" | "pull,push";

/** Whose registry it is. */
export interface AuthorizerSetting {
  /** As references have it. */
  readonly host: string;
  readonly repository: string;
  /** What faults name. */
  readonly reference: string;
  readonly credentials: CredentialSource;
}

/** The authorizations for one repository. Credentials are looked for once the registry asks. */
export class Authorizer {
  readonly #setting: AuthorizerSetting;
  readonly #tokens = new Map<Scope, string>();
  /** Tokens that were asked for: several requests share one. */
  readonly #asked = new Map<Scope, Promise<Result<undefined, Failure>>>();
  #password: string | undefined;
  #found: Promise<Result<Credentials | undefined, OperationFault>> | undefined;

  constructor(setting: AuthorizerSetting) {
    this.#setting = setting;
  }

  /** The header `Authorization` that is known to be accepted; nothing before the registry has asked. */
  current(scope: Scope): string | undefined {
    return this.#tokens.get(scope) ?? this.#password;
  }

  /**
   * Makes `current` another one than the registry refused. Fails where there is none. Throws an Interruption.
   *
   * @param refused what was sent
   * @param header `WWW-Authenticate`
   */
  async renew(
    scope: Scope,
    refused: string | undefined,
    header: string | undefined,
    setting: ExchangeSetting,
  ): Promise<Result<undefined, Failure>> {
    // Another request was refused before, and has renewed it meanwhile.
    if (this.current(scope) !== refused) return ok(undefined);
    const { reference } = this.#setting;
    const challenges = header === undefined ? undefined : parseChallenges(header);
    if (challenges === undefined) return malformedAnswer(reference, "challenge");
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer === undefined) {
      const isBasic = challenges.some(({ scheme }) => scheme === "basic");
      return isBasic ? await this.#usePassword(setting) : malformedAnswer(reference, "challenge");
    }
    const asked = this.#asked.get(scope) ?? this.#askForToken(bearer, scope, setting);
    this.#asked.set(scope, asked);
    try {
      return await asked;
    } finally {
      this.#asked.delete(scope);
    }
  }

  async #usePassword({ signal }: ExchangeSetting): Promise<Result<undefined, Failure>> {
    const found = await this.#findCredentials(signal);
    if (!found.ok) return found;
    if (found.value?.kind !== "password" || this.#password !== undefined) return this.#unauthorized();
    this.#password = basicHeader(found.value);
    return ok(undefined);
  }

  async #askForToken(
    { parameters }: Challenge,
    scope: Scope,
    setting: ExchangeSetting,
  ): Promise<Result<undefined, Failure>> {
    const found = await this.#findCredentials(setting.signal);
    if (!found.ok) return found;
    const { reference, repository } = this.#setting;
    const asked = await requestToken(
      // Its own scope, not that of the challenge: a registry can't have a token asked for that does more.
      { parameters, scope: `repository:${repository}:${scope}`, reference, credentials: found.value },
      setting,
    );
    if (!asked.ok) return asked;
    this.#tokens.set(scope, asked.value);
    return ok(undefined);
  }

  async #findCredentials(signal: AbortSignal | undefined): Promise<Result<Credentials | undefined, Failure>> {
    this.#found ??= this.#setting.credentials.find(this.#setting.host, signal);
    const found = await this.#found;
    return found.ok ? found : finalFailure(found);
  }

  #unauthorized(): Failure {
    return finalFailure(
      operationFault("REGISTRY_DENIED", { reason: "unauthorized", reference: this.#setting.reference }),
    );
  }
}
