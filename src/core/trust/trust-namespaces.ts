/**
 * The option `namespaces` of a trust file's line (PROTOCOL 12).
 *
 * @module
 */

import { matchesWildcards } from "../paths/pattern.ts";

/** The namespace of everything that runseal signs. */
const NAMESPACE = "runseal";

// A line is evaluated for each of thousands of countersignatures, and its patterns don't change.
const answers = new WeakMap<readonly string[], boolean>();

/**
 * Whether a pattern list of OpenSSH allows `runseal`: a pattern matches it, and no pattern with a leading `!` does.
 * Caches the result for each list, which must not change.
 */
export function allowsRunseal(patterns: readonly string[]): boolean {
  const known = answers.get(patterns);
  if (known !== undefined) return known;
  const isDenied = patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)));
  const answer = !isDenied && patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern));
  answers.set(patterns, answer);
  return answer;
}

function matches(pattern: string): boolean {
  return matchesWildcards(pattern, NAMESPACE);
}
