/**
 * The option `namespaces` of a trust file's line (PROTOCOL 12).
 *
 * @module
 */

import { matchesWildcards } from "../../system/paths/pattern.ts";

/** The namespace of everything that runseal signs in its own formats. */
export const RUNSEAL_NAMESPACE = "runseal";

// A line is evaluated for each of thousands of countersignatures, and its patterns don't change.
const answers = new WeakMap<readonly string[], boolean>();

/**
 * Whether a pattern list of OpenSSH allows `runseal`: a pattern matches it, and no pattern with a leading `!` does.
 * Caches the result for each list, which must not change.
 */
export function allowsRunseal(patterns: readonly string[]): boolean {
  const known = answers.get(patterns);
  if (known !== undefined) return known;
  const answer = allowsNamespace(patterns, [RUNSEAL_NAMESPACE]);
  answers.set(patterns, answer);
  return answer;
}

/** Whether a pattern list allows one of several namespaces, and denies none of them. */
export function allowsNamespace(patterns: readonly string[], namespaces: readonly string[]): boolean {
  const matches = (pattern: string): boolean =>
    namespaces.some((namespace) => matchesWildcards(pattern, namespace));
  const isDenied = patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)));
  return !isDenied && patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern));
}
