/**
 * Where passphrases come from. In this order, and never two at once:
 *
 *     RUNSEAL_PASSPHRASE_FD        a descriptor that the caller left open
 *     RUNSEAL_PASSPHRASE_FILE      a file
 *     RUNSEAL_PASSPHRASE_COMMAND   what a shell command prints
 *     RUNSEAL_PASSPHRASE           the variable itself: the weakest, for a string of the environment can
 *                                  be read by every process of the user and is never zeroed
 *     the terminal                 where none of them is set
 *
 * A variable that is set but empty is an error and not the same as one that is unset: a script whose secret
 * went missing must not end up asking a terminal, or making a key without a passphrase.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { ok, type Result } from "../../../core/internal.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { SecretBytes } from "../secret-bytes.ts";
import {
  MAX_PASSPHRASE_BYTES,
  type PassphraseSource,
  readSource,
  type SourceFailure,
  type SourceKind,
  type SourceSetting,
  withoutLineEnd,
} from "./passphrase-source.ts";
import { hasTerminal, Terminal } from "./terminal.ts";

/** What a terminal is asked for. */
export type PassphrasePrompt = "open" | "new" | "again";

/** Gives passphrases; they become the caller's to dispose of. Both throw an Interruption. */
export interface Passphrases {
  /** Whether one could be had: a variable is set, however badly, or there is a terminal. */
  isAvailable(): boolean;
  /** Whether a variable is set: then a second call gives the same. */
  isGiven(): boolean;
  /** For a key that has one. `shown` says which key. */
  toOpen(shown: string): Promise<Result<SecretBytes, OperationFault>>;
  /** For a key that is to have one. A person is asked twice. */
  toMake(shown: string): Promise<Result<SecretBytes, OperationFault>>;
}

/** Where `passphrasesFrom` looks. */
export interface PassphraseSetting extends SourceSetting {
  /** What the variables' names begin with; default: RUNSEAL_PASSPHRASE. */
  readonly variables?: string;
  /** What stands on the terminal; without it no terminal is asked. */
  readonly prompt?: (prompt: PassphrasePrompt, shown: string) => string;
}

/** What to ask, and what to ask to be sure. */
type Prompts = readonly [PassphrasePrompt, PassphrasePrompt?];

/** Nowhere: a key that has a passphrase is not opened. */
export const NO_PASSPHRASES: Passphrases = passphrasesFrom({ environment: {} });

/** The sources of an environment, and the terminal. */
export function passphrasesFrom(setting: PassphraseSetting): Passphrases {
  const sources = setSources(setting);
  const { prompt } = setting;
  const obtain = (prompts: Prompts, shown: string): ReturnType<Passphrases["toOpen"]> => {
    const [source, ...others] = sources;
    if (source === undefined) return askTerminal(prompts, shown, setting);
    if (others.length === 0) return askSource(source, setting);
    const names = sources.map(({ variable }) => variable);
    return Promise.resolve(operationFault("AMBIGUOUS", { reason: "passphrase", names }));
  };
  return {
    isAvailable: () => sources.length > 0 || (prompt !== undefined && hasTerminal()),
    isGiven: () => sources.length > 0,
    toOpen: (shown) => obtain(["open"], shown),
    toMake: (shown) => obtain(["new", "again"], shown),
  };
}

function setSources({
  environment,
  variables = "RUNSEAL_PASSPHRASE",
}: PassphraseSetting): PassphraseSource[] {
  const kinds: readonly SourceKind[] = ["FD", "FILE", "COMMAND", "VARIABLE"];
  return kinds.flatMap((kind) => {
    const variable = kind === "VARIABLE" ? variables : `${variables}_${kind}`;
    const value = environment[variable];
    return value === undefined ? [] : [{ kind, variable, value }];
  });
}

async function askSource(
  source: PassphraseSource,
  setting: SourceSetting,
): Promise<Result<SecretBytes, OperationFault>> {
  return asResult(await readSource(source, setting), [source.variable]);
}

async function askTerminal(
  prompts: Prompts,
  shown: string,
  { prompt, signal }: PassphraseSetting,
): Promise<Result<SecretBytes, OperationFault>> {
  using terminal = prompt === undefined ? undefined : Terminal.open();
  if (prompt === undefined || terminal === undefined)
    return operationFault("PASSPHRASE_UNUSABLE", { reason: "missing" });
  const [kind, again] = prompts;
  const first = asResult(await askOnce(terminal, prompt(kind, shown), signal), []);
  if (!first.ok || again === undefined) return first;
  let isKept = false;
  try {
    const second = asResult(await askOnce(terminal, prompt(again, shown), signal), []);
    if (!second.ok) return second;
    using repeated = second.value;
    isKept = isSame(first.value, repeated);
    return isKept ? first : operationFault("PASSPHRASE_UNUSABLE", { reason: "mismatch" });
  } finally {
    if (!isKept) first.value.dispose();
  }
}

async function askOnce(
  terminal: Terminal,
  prompt: string,
  signal: AbortSignal | undefined,
): Promise<SecretBytes | SourceFailure> {
  using line = new SecretBytes(MAX_PASSPHRASE_BYTES);
  const length = await line.use((bytes) => terminal.ask(prompt, bytes, signal));
  if (length === undefined) return "unreadable";
  return length > line.length ? "too-long" : withoutLineEnd(line, length);
}

function isSame(left: SecretBytes, right: SecretBytes): boolean {
  return left.length === right.length && left.use((a) => right.use((b) => timingSafeEqual(a, b)));
}

function asResult(
  passphrase: SecretBytes | SourceFailure,
  names: readonly string[],
): Result<SecretBytes, OperationFault> {
  if (typeof passphrase !== "string") return ok(passphrase);
  return passphrase === "unsupported"
    ? operationFault("SYSTEM_UNSUPPORTED", { names })
    : operationFault("PASSPHRASE_UNUSABLE", { reason: passphrase, names });
}
