/**
 * The time of bundles, by the authorities of one policy.
 *
 * @module
 */

import {
  type BundleTimestamps,
  findTime,
  type TimeFinding,
  type TrustPolicy,
  type WebCrypto,
} from "../../src/core/internal.ts";
import type { PageTime } from "../time/page-time.ts";
import type { TrustedFacts } from "./trust-choice.ts";

/** What the tokens of bundles say. */
export class JudgedTimes {
  readonly #policy: TrustPolicy | undefined;
  readonly #crypto: WebCrypto;
  readonly #platform: PageTime;
  readonly #found = new WeakMap<BundleTimestamps, TimeFinding>();

  constructor(policy: TrustPolicy | undefined, crypto: WebCrypto, platform: PageTime) {
    this.#policy = policy;
    this.#crypto = crypto;
    this.#platform = platform;
  }

  /** The bundles whose tokens have yet to be judged. */
  missing(bundles: readonly TrustedFacts[]): readonly TrustedFacts[] {
    return bundles.filter(({ timestamps }) => timestamps !== undefined && !this.#found.has(timestamps));
  }

  /** Judges the tokens of bundles, one bundle after the other. Throws the signal's reason once it is aborted. */
  async judge(bundles: readonly TrustedFacts[], signal?: AbortSignal): Promise<void> {
    for (const { timestamps } of bundles) {
      signal?.throwIfAborted();
      const time = await this.#crypto.settle(() => findTime(this.#policy, timestamps, this.#platform));
      if (timestamps !== undefined && time !== undefined) this.#found.set(timestamps, time);
    }
  }

  /** What the tokens of a judged bundle say; `undefined` for a bundle without any. */
  timeOf({ timestamps }: TrustedFacts): TimeFinding | undefined {
    if (timestamps === undefined) return undefined;
    const time = this.#found.get(timestamps);
    if (time === undefined) throw new TypeError("the tokens of a bundle are judged before its signer");
    return time;
  }
}
