/**
 * Wording that the project's English rules out (CONTRIBUTING.md). Looks at comments, texts between quotation marks and
 * pages; code is not prose.
 *
 * @module
 */

/** A wording, and what to write instead. */
type Rule = readonly [wording: RegExp, advice: string];

const RULES: readonly Rule[] = [
  [/\b(nobody|whoever|somebody)\b/i, "name the actor"],
  [/\b(by|for|to|of|from|with) who\b(?!se)/i, "name the actor"],
  [/\b(is|are|was|were|be|been) told( of)?\b/i, "report, pass, notify"],
  [/\btells? (of|nobody|somebody|who)\b/i, "report"],
  [/(?<!\bthere )\b(is|are|was|were) none\b/i, "negate the verb"],
  [/(?<!\b(?:there|here|that) )\b(is|are|be) no (?!longer|more|op\b)[a-z]+\b/i, "is not a …"],
  [/\bto (its|their) end\b/i, "finish, complete"],
  [/\b(can't|cannot|could not|can) be had\b/i, "is unavailable"],
  [/\bof its own accord\b|\bin the making\b|\bof no (moment|matter|use)\b/i, "say it plainly"],
  [/\b(grow|grows|growing) (a|the) tree\b/i, "compute the Merkle root"],
  [/\bcrew\b|\bstretch(es)?\b/i, "worker pool, batch"],
  [/\bheld against\b|\bholds? .{1,30} against\b/i, "compare with"],
  [/\bthat of (this|the) (morning|afternoon|hour)\b|\bthis (morning|afternoon)\b/i, "no diary"],
];

/** The lines of a file that a rule applies to, each with its number and advice. */
export function unplainLines(name: string, text: string): readonly string[] {
  const isPage = name.endsWith(".md");
  return text
    .split("\n")
    .flatMap((line, index) =>
      isPage || isProse(line)
        ? RULES.filter(([wording]) => wording.test(line)).map(
            ([, advice]) => `${name}:${index + 1}: ${line.trim().slice(0, 120)}  [${advice}]`,
          )
        : [],
    );
}

/** A comment, or a line with a text between quotation marks. */
function isProse(line: string): boolean {
  return /^\s*(\/\/|\*|\/\*)|\/\/ |["'`]/.test(line);
}
