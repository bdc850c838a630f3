/**
 * The option `namespaces` of a trust file's line (PROTOCOL 12).
 *
 * @module
 */

import { matchesWildcards } from "../paths/pattern.ts";

/** The namespace of everything that runseal signs. */
const NAMESPACE = "runseal";

// A line may be asked for each of thousands of countersignatures, and its patterns don't change.
const answers = new WeakMap<readonly string[], boolean>();

/**
 * Whether OpenSSH's pattern list allows `runseal`: one pattern matches it, and none after a leading `!` does.
 * Remembers its answer for each list.
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
