/** Whom a session trusts, and what the timestamps of its bundles say by that trust. @module */

import type { WebCrypto } from "../../src/core/internal.ts";
import { PageTime } from "../time/page-time.ts";
import { JudgedTimes } from "../trust/judged-times.ts";
import {
  answerTrust,
  policyOf,
  readTrust,
  type TrustAnswer,
  type TrustChoice,
  type TrustedFacts,
} from "../trust/trust-choice.ts";
import { trustWords } from "../words/trust-words.ts";

/** The trust of a session. Tokens are judged before it answers about their bundle. */
export class SessionTrust {
  readonly #crypto: WebCrypto;
  readonly #time: PageTime;
  #choice: TrustChoice = { kind: "none" };
  /** What tokens say by this choice. */
  #times: JudgedTimes;
  #changes = 0;
  /** Bundles whose tokens are judged before they are shown. */
  #arriving: readonly TrustedFacts[] = [];

  constructor(crypto: WebCrypto) {
    this.#crypto = crypto;
    this.#time = new PageTime(crypto);
    this.#times = new JudgedTimes(undefined, crypto, this.#time);
  }

  /** What the user says about trust, in words. */
  get words(): string {
    return trustWords(this.#choice);
  }

  /**
   * Changes the trust once the tokens of the bundles that `shown` gives, and of those that arrive, are judged by it. Gives whether it was
   * changed: a later change ends this one.
   */
  async change(text: string, isAnySigner: boolean, shown: () => readonly TrustedFacts[]): Promise<boolean> {
    const change = ++this.#changes;
    const choice: TrustChoice = isAnySigner ? { kind: "any-signer" } : readTrust(text, this.#crypto);
    const times = new JudgedTimes(policyOf(choice), this.#crypto, this.#time);
    // A report may come while tokens are judged.
    const missing = (): readonly TrustedFacts[] => times.missing([...this.#arriving, ...shown()]);
    for (let left = missing(); left.length > 0; left = missing()) {
      await times.judge(left);
      if (change !== this.#changes) return false;
    }
    this.#choice = choice;
    this.#times = times;
    return true;
  }

  /** Judges the tokens of bundles by the trust that counts at the end: it may change meanwhile. Throws the signal's reason once it is aborted. */
  async judgeTimes(bundles: readonly TrustedFacts[], signal: AbortSignal): Promise<void> {
    this.#arriving = bundles;
    for (let left = this.#times.missing(bundles); left.length > 0; left = this.#times.missing(bundles))
      await this.#times.judge(left, signal);
  }

  /** Expects no bundle any more: the work on it was ended. */
  endArrival(): void {
    this.#arriving = [];
  }

  /** Decides about the signer of a bundle whose tokens were judged. */
  answer(bundle: TrustedFacts): TrustAnswer {
    return answerTrust(this.#choice, bundle, Math.floor(Date.now() / 1000), this.#times.timeOf(bundle));
  }
}
