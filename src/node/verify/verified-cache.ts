/**
 * The bundles whose artifacts were verified before, kept for `chain verify --cached`:
 *
 *     $XDG_STATE_HOME/runseal/verified/bundles     else below ~/.local/state
 *
 * A line of text, then 32 bytes for each bundle, the one that was used last at the end, then the SHA-256 of all that.
 * An attacker who can write the file can make an invalid signature pass. So it is read only if no user but this
 * one could have written it. A key names seven artifacts, the trust policy and the version of runseal.
 *
 * @module
 */

import { hash } from "node:crypto";
import type { TrustPolicy } from "../../core/internal.ts";
import { type KeyListPlace, type KeyListState, readKeyList, replaceKeyList } from "../files/key-list.ts";
import { type Environment, type StateFolder, stateFolderOf } from "../keys/user-home.ts";
import { RUNSEAL_VERSION } from "../runtime/version.ts";
import { type MemoryKey, SignatureMemory } from "./chain-signatures.ts";

const NAME = "bundles";
const HEADER = "runseal verified bundles 1\n";

/** Bundles that are remembered, at most: 8 MiB. The ones that were not used for longest are forgotten first. */
const MAX_BUNDLES: number = 256 * 1024;

/** What was found where the cache should be. */
export type CacheState = KeyListState;

/** How the bundles were verified: for any signer, by a policy, or without one. */
export type CachedFor = "any-signer" | { readonly policy: TrustPolicy | undefined };

/** A memory that outlives the process. */
export class VerifiedCache extends SignatureMemory {
  /** What was found where the cache should be. */
  readonly state: CacheState;
  /** Where it is, as it may be shown. */
  readonly shownPath: string;
  readonly #place: KeyListPlace;
  readonly #used = new Set<MemoryKey>();
  readonly #noted = new Set<MemoryKey>();

  private constructor(
    folder: StateFolder,
    state: CacheState,
    circumstances: string,
    keys: readonly MemoryKey[],
  ) {
    super(circumstances, keys);
    this.state = state;
    this.shownPath = `${folder.shown}/${NAME}`;
    this.#place = placeIn(folder);
  }

  /** Reads the cache of this user. What is wrong with it is its state, and never a failure. */
  static open(environment: Environment, cachedFor: CachedFor): VerifiedCache {
    const folder = stateFolderOf(environment, "verified");
    const { keys, state } = readKeyList(placeIn(folder));
    return new VerifiedCache(folder, state, circumstancesOf(cachedFor), keys);
  }

  /** How many bundles were recalled from before. */
  get recalled(): number {
    return this.#used.size - this.#noted.size;
  }

  override recalls(key: MemoryKey | undefined): boolean {
    const isKnown = super.recalls(key);
    if (key !== undefined && isKnown) this.#used.add(key);
    return isKnown;
  }

  override note(key: MemoryKey | undefined): void {
    if (key === undefined) return;
    super.note(key);
    this.#used.add(key);
    this.#noted.add(key);
  }

  /**
   * Writes down what came to be known, in one step, behind what others may have written meanwhile. Says whether all is
   * well: not where the file is not ours to write, or the system refuses.
   */
  save(): boolean {
    if (this.state === "refused" || this.state === "unreadable") return false;
    if (this.#noted.size === 0) return true;
    const choose = (now: readonly MemoryKey[]): readonly MemoryKey[] =>
      [...now.filter((key) => !this.#used.has(key)), ...this.#used].slice(-MAX_BUNDLES);
    return replaceKeyList(this.#place, choose);
  }
}

function placeIn({ path }: StateFolder): KeyListPlace {
  return { folder: path, name: NAME, header: HEADER, maxKeys: MAX_BUNDLES, isLocked: false };
}

/** A policy's digest and runseal's version, as one digest: both are part of every key. */
function circumstancesOf(cachedFor: CachedFor): string {
  const policy = cachedFor === "any-signer" ? cachedFor : JSON.stringify(cachedFor.policy ?? null);
  return hash("sha256", JSON.stringify([RUNSEAL_VERSION, hash("sha256", policy, "hex")]), "binary");
}
