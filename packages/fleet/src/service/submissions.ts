/** Submits audits for clients of the service. @module */

import { ArgumentError, nodeCrypto } from "runseal";
import { parseTrustFile } from "runseal/core";
import { type SubmitRequest, type SubmittedAudit, submitAudit } from "../audit/submit.ts";
import type { Queries } from "../database/connection.ts";
import { BOUNDS } from "./bounds.ts";
import type { ServiceCode } from "./refusal.ts";

/** What a client asks for. */
export interface Submission {
  readonly repository: string;
  /** The bytes of a trust file, as base64. */
  readonly policy?: string;
  readonly any_signer?: boolean;
  readonly attempts?: number;
  readonly double_check?: number;
  readonly index_files?: boolean;
}

/** As `runseal-fleet submit` tries. */
const ATTEMPTS = 8;

/** Submits audits of the repositories that the operator named, a few at once: the service asks registries with its own credentials. */
export class Submissions {
  readonly #pool: Queries;
  readonly #allowed: readonly string[];
  #running = 0;

  constructor(pool: Queries, allowed: readonly string[]) {
    this.#pool = pool;
    this.#allowed = allowed;
  }

  /** Submits an audit; gives a code where it is refused. */
  async submit(asked: Submission): Promise<SubmittedAudit | ServiceCode> {
    if ((asked.policy === undefined) === (asked.any_signer === undefined)) return "REQUEST_MALFORMED";
    if (!this.#allowed.some((prefix) => isBelow(asked.repository, prefix))) return "REPOSITORY_REFUSED";
    const policy = policyOf(asked.policy);
    if (policy === null) return "POLICY_UNREADABLE";
    if (this.#running >= BOUNDS.submissions) return "BUSY";
    this.#running++;
    try {
      return await this.#list({
        from: asked.repository,
        policy,
        // Never: workers would send their credentials in the open. Loopback needs no such word.
        plainHttp: false,
        attempts: asked.attempts ?? ATTEMPTS,
        doubleCheck: asked.double_check ?? 0,
        indexFiles: asked.index_files ?? false,
      });
    } finally {
      this.#running--;
    }
  }

  async #list(request: SubmitRequest): Promise<SubmittedAudit | ServiceCode> {
    const signal = AbortSignal.timeout(BOUNDS.listingTime);
    try {
      const submitted = await submitAudit(this.#pool, request, signal);
      return submitted.ok ? submitted.value : "LISTING_FAILED";
    } catch (thrown) {
      if (thrown instanceof ArgumentError) return "REQUEST_MALFORMED";
      if (signal.aborted) return "LISTING_FAILED";
      throw thrown;
    }
  }
}

/** Whether a repository is one that a prefix names, or below it: `host/team` has `host/team/runs`, and not `host/teams`. */
function isBelow(repository: string, prefix: string): boolean {
  if (!repository.startsWith(prefix) || hasDots(repository)) return false;
  return prefix.endsWith("/") || /^(?:$|[/:@])/.test(repository.slice(prefix.length));
}

/** Whether a repository or a prefix has a segment `.` or `..`, which leads out of a prefix. */
export function hasDots(path: string): boolean {
  return /(?:^|\/)\.\.?(?:\/|$)/.test(path);
}

/** The trust file; null where it is not one. */
function policyOf(base64: string | undefined): SubmitRequest["policy"] | null {
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  return parseTrustFile(bytes, nodeCrypto).ok ? { label: "policy", bytes } : null;
}
