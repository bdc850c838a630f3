/**
 * Wording that the project's English rules out (CONTRIBUTING.md). Looks at comments, texts between quotation marks and
 * pages; code is not prose.
 *
 * @module
 */

import { readFileSync } from "node:fs";

/** The rules and examples, in a data file of their own: here they would break the rules themselves. */
interface PlainWords {
  readonly rules: readonly { readonly wording: string; readonly advice: string }[];
  readonly examples: readonly { readonly line: string; readonly unplain: number }[];
}

const PLAIN_WORDS: PlainWords = JSON.parse(
  readFileSync(new URL("../../data/plain-words.json", import.meta.url), "utf8"),
);

const RULES = PLAIN_WORDS.rules.map(({ wording, advice }) => ({ wording: new RegExp(wording, "i"), advice }));

/** Lines, each with the number of rules that it breaks. */
export const EXAMPLES: PlainWords["examples"] = PLAIN_WORDS.examples;

/** The lines of a file that a rule applies to, each with its number and advice. */
export function unplainLines(name: string, text: string): readonly string[] {
  const isPage = name.endsWith(".md");
  return text
    .split("\n")
    .flatMap((line, index) =>
      isPage || isProse(line)
        ? RULES.filter(({ wording }) => wording.test(line)).map(
            ({ advice }) => `${name}:${index + 1}: ${line.trim().slice(0, 120)}  [${advice}]`,
          )
        : [],
    );
}

/** A comment, or a line with a text between quotation marks. */
function isProse(line: string): boolean {
  return /^\s*(\/\/|\*|\/\*)|\/\/ |["'`]/.test(line);
}
