/**
 * Matches a name with the part of a glob pattern between two slashes.
 *
 * Takes each run of tokens between stars at its first match. A later match of the run can't help the runs after it, so the
 * search never steps back.
 *
 * @module
 */

import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import type { ByteToken, GlobToken } from "./glob-token.ts";
import { TokenRun } from "./token-run.ts";

/** A name to test. Its UTF-8 is made once, if a pattern needs it. */
export class TestedName {
  readonly text: string;
  #bytes: Uint8Array | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The name in UTF-8. */
  get bytes(): Uint8Array {
    this.#bytes ??= encodeUtf8(this.text);
    return this.#bytes;
  }
}

/** Whether a pattern matches a whole name. */
export type NameTest = (name: TestedName) => boolean;

/** Makes the test for the tokens of one component. Frequent forms (`*`, `name`, `name*`, `*.ext`) are tested as texts. */
export function nameTest(tokens: readonly GlobToken[]): NameTest {
  const runs = runsBetweenStars(tokens);
  const [first = [], last = []] = runs;
  if (runs.length <= 2 && isPlain(first) && isPlain(last)) {
    const start = plainText(first);
    if (runs.length === 1) return ({ text }) => text === start;
    const end = plainText(last);
    if (start === "") return ({ text }) => text.endsWith(end);
    if (end === "") return ({ text }) => text.startsWith(start);
  }
  return testByRuns(runs.map((run) => new TokenRun(run)));
}

/** One list more than there are stars, so that the first is for the start of a name, and the last for its end. */
function runsBetweenStars(tokens: readonly GlobToken[]): readonly (readonly ByteToken[])[] {
  let run: ByteToken[] = [];
  const runs = [run];
  for (const token of tokens) {
    if (token === "star") {
      run = [];
      runs.push(run);
    } else run.push(token);
  }
  return runs;
}

function isPlain(run: readonly ByteToken[]): run is readonly number[] {
  return run.every((token) => typeof token === "number");
}

function plainText(run: readonly number[]): string {
  const text = decodeUtf8(Uint8Array.from(run));
  if (text === undefined) throw new TypeError("a pattern has whole characters outside of its sets");
  return text;
}

function testByRuns(runs: readonly TokenRun[]): NameTest {
  const [first] = runs;
  const last = runs.length > 1 ? runs.at(-1) : undefined;
  const between = runs.slice(1, -1).filter((run) => run.length > 0);
  const shortest = runs.reduce((length, run) => length + run.length, 0);
  return ({ bytes }) => {
    if (first === undefined || bytes.length < shortest || !first.matchesAt(bytes, 0)) return false;
    if (last === undefined) return bytes.length === shortest;
    const end = bytes.length - last.length;
    if (!last.matchesAt(bytes, end)) return false;
    let from: number | undefined = first.length;
    for (const run of between) {
      from = run.findEnd(bytes, from, end);
      if (from === undefined) return false;
    }
    return true;
  };
}
