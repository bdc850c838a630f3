/** What a value or an operand of the command line names, by its placeholder in the help: what can be completed there. @module */

import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";

/** What a value may be. */
export type ValueKind =
  | "files"
  | "folders"
  | "runs"
  | "bundles-or-files"
  | "to-sign"
  | "keys"
  | "key-names"
  | "codes"
  | "text";

/** What the placeholders of the help name; what stands in no list, only the user can know. */
export const PLACEHOLDERS: readonly (readonly [ValueKind, readonly string[]])[] = [
  ["files", ["certificate", "command", "evidence", "file", "path", "source"]],
  ["folders", ["dir"]],
  // A run of the project.
  ["runs", ["run-id", "snapshot"]],
  // The same, the folder of one, or a file: an archive, or an output.
  ["bundles-or-files", ["run", "run-or-file", "run-or-path", "run-or-target"]],
  // A key of the user's, or a file that holds one.
  ["keys", ["key", "key-or-name"]],
  ["codes", ["code"]],
];

/** Where a placeholder names something else than usual: by the words of the command, and the placeholder or the option. */
const EXCEPTIONS: Readonly<Record<string, ValueKind>> = {
  "key rm name": "key-names",
  "key show key": "key-names",
  "key default key": "key-names",
  "key passwd key": "key-names",
  "key export key": "key-names",
  "run --id": "text",
  "seal --id": "text",
  "sign run": "to-sign",
};

/** What the operand at an index is, or the words that it may be; undefined if the command takes no more operands. */
export function operandKind(
  { registeredArguments }: CommandUnknownOpts,
  name: string,
  index: number,
): ValueKind | readonly string[] | undefined {
  const last = registeredArguments.at(-1);
  const operand = registeredArguments[index] ?? (last?.variadic === true ? last : undefined);
  return operand && (operand.argChoices ?? kindOf(name, operand.name(), operand.name()));
}

/** What the value of an option is, or the words that it may be. */
export function optionKind(
  { argChoices, flags, long = "" }: Option,
  name: string,
): ValueKind | readonly string[] {
  const placeholder = /<([^>.]+)/.exec(flags)?.[1] ?? "";
  return argChoices ?? kindOf(name, placeholder, long);
}

function kindOf(command: string, placeholder: string, option: string): ValueKind {
  const usual = PLACEHOLDERS.find(([, names]) => names.includes(placeholder))?.[0];
  return EXCEPTIONS[`${command} ${option}`] ?? usual ?? "text";
}
