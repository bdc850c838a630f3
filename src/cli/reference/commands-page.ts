/** The lists of commands and options in docs/commands.md. @module */

import type {
  DescribedCommand,
  DescribedGroup,
  DescribedProgram,
  DescribedTerm,
} from "./described-command.ts";

/** A section for each group of commands, in Markdown, behind one for the options that all have. */
export function commandSections({ common, groups }: DescribedProgram): string {
  return [`## Every command\n\n${table("option", common)}`, ...groups.map(groupSection)].join("\n");
}

function groupSection({ commands, title }: DescribedGroup): string {
  return [`## ${title}\n`, ...commands.map(section)].join("\n");
}

function section({ about, examples, name, operands, options, usage }: DescribedCommand): string {
  const parts = [
    `### ${name}\n`,
    `${sentence(about)}\n`,
    `    ${usage}\n`,
    ...(operands.length === 0 ? [] : [table("operand", operands)]),
    ...(options.length === 0 ? [] : [table("option", options)]),
    examples.map((line) => `    $ ${line}\n`).join(""),
  ];
  return parts.join("\n");
}

function table(name: string, terms: readonly DescribedTerm[]): string {
  const rows = terms.map(({ about, term }) => `| \`${cell(term)}\` | ${cell(escaped(about))} |\n`);
  return `| ${name} | |\n| --- | --- |\n${rows.join("")}`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${escaped(text.slice(1))}.`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Markdown takes some characters for its own. */
function escaped(text: string): string {
  return text.replaceAll(/[*_<>`[\]]/g, "\\$&");
}
