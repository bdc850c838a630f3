/** What a value or an operand of the command line names, by its placeholder in the help: what can be completed there. @module */

import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";

/** What a value may be. */
export type ValueKind =
  | "files"
  | "folders"
  /** A run of the project. */
  | "runs"
  /** A run of the project, or the folder of a bundle. */
  | "bundles"
  /** The same, or a file: an archive, or an output. */
  | "bundles-or-files"
  /** A run of the project that waits for its signer; a signed one with --counter or --time. */
  | "to-sign"
  /** A key of the user's, or a file that holds one. */
  | "keys"
  /** A name of a key of the user's. */
  | "key-names"
  | "codes"
  | "formats"
  /** Only the user can know it. */
  | "text";

const BY_PLACEHOLDER: Readonly<Record<string, ValueKind>> = {
  bundle: "bundles-or-files",
  certificate: "files",
  code: "codes",
  command: "files",
  count: "text",
  days: "text",
  digest: "text",
  dir: "folders",
  evidence: "files",
  file: "files",
  format: "formats",
  hash: "text",
  hex: "text",
  id: "text",
  key: "keys",
  "key-or-name": "keys",
  moment: "text",
  n: "text",
  name: "text",
  path: "files",
  pattern: "text",
  patterns: "text",
  reference: "text",
  repo: "text",
  run: "bundles-or-files",
  "run-id": "runs",
  "run-or-file": "bundles-or-files",
  "run-or-path": "bundles-or-files",
  "run-or-target": "bundles-or-files",
  seconds: "text",
  size: "text",
  snapshot: "runs",
  source: "files",
  tag: "text",
  text: "text",
  url: "text",
};

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

/** What the operand at an index is; undefined if the command takes no more operands. */
export function operandKind(
  { registeredArguments }: CommandUnknownOpts,
  name: string,
  index: number,
): { readonly kind: ValueKind; readonly choices: readonly string[] | undefined } | undefined {
  const last = registeredArguments.at(-1);
  const operand = registeredArguments[index] ?? (last?.variadic === true ? last : undefined);
  if (operand === undefined) return undefined;
  return { kind: kindOf(name, operand.name(), operand.name()), choices: operand.argChoices };
}

/** What the value of an option is. */
export function optionKind(
  { argChoices, flags, long = "" }: Option,
  name: string,
): { readonly kind: ValueKind; readonly choices: readonly string[] | undefined } {
  const placeholder = /<([^>.]+)/.exec(flags)?.[1] ?? "";
  return { kind: kindOf(name, placeholder, long), choices: argChoices };
}

function kindOf(command: string, placeholder: string, option: string): ValueKind {
  return EXCEPTIONS[`${command} ${option}`] ?? BY_PLACEHOLDER[placeholder] ?? "text";
}

/** Whether a placeholder of the help has a kind: a test asks for each one. */
export function isKnownPlaceholder(placeholder: string): boolean {
  return Object.hasOwn(BY_PLACEHOLDER, placeholder);
}
