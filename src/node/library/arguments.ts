/**
 * The edge of the library. A program's mistake is an error that names the argument; an outcome is a value.
 *
 * @module
 */

import { isHexDigest, parseKeyText, quote } from "../../core/internal.ts";
import { Interruption } from "../system/runtime/interruption.ts";
import { nodeCrypto } from "../system/runtime/node-crypto.ts";
import type { WorkOptions } from "../system/runtime/progress.ts";
import type { Environment } from "../system/runtime/user-home.ts";
import type { Surroundings } from "./places/project-place.ts";

/** An argument that no call can mean: it is missing, unknown, or of another type. Nothing was done. */
export class ArgumentError extends TypeError {
  override readonly name = "ArgumentError";
  /** The name of the argument, as in the request. */
  readonly argument: string;

  constructor(argument: string, problem: string) {
    super(`${argument} ${problem}`);
    this.argument = argument;
  }
}

/** What every function takes. */
export interface CommonOptions extends WorkOptions {
  /** Says where the user's keys, trust file and state are, and which proxy to use; default: `process.env`. */
  readonly environment?: Environment | undefined;
  /** The present; default: what the clock says. */
  readonly now?: Date | undefined;
  /** Threads that may hash at once; default: as many as there are cores. */
  readonly jobs?: number | undefined;
}

/** The defaults of a call: paths are relative to the current folder of the process. */
export interface Call extends Surroundings {
  /** Seconds since 1970. */
  readonly now: number;
}

const isText = (value: unknown): boolean =>
  typeof value === "string" && value !== "" && !value.includes("\0");
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

/** What arguments must be, by their names: each has one meaning in all functions. */
const ARGUMENTS: readonly (readonly [wanted: string, is: (value: unknown) => boolean, names: string])[] = [
  [
    "a string",
    isText,
    "project files folder id run snapshot message taskFile out to from as proof expectedBundleRoot expectedId expectedChainRoot",
  ],
  ["a path or an id, as a string", isText, "bundle"],
  [
    "a list of strings",
    isTexts,
    "paths bundles runs command inputs scratch recorded ignore formats tags only",
  ],
  [
    "true or false",
    (value) => typeof value === "boolean",
    "strict keep exact ignoreModes mkdir reports dryRun failed evenIfOpen redo plainHttp",
  ],
  oneOf("names", "portable", "posix"),
  oneOf("links", "inside", "any", "none"),
  oneOf("changed", "refuse", "skip", "take"),
  oneOf("predicate", "link", "slsa"),
  ["a whole number above 0", (value) => Number.isSafeInteger(value) && Number(value) > 0, "jobs budget"],
  ["a SHA-256 in lowercase hex", isHexDigest, "containing"],
  ["an AbortSignal", (value) => value instanceof AbortSignal, "signal"],
  ["a Date", (value) => value instanceof Date && !Number.isNaN(value.getTime()), "now"],
  ["an object", (value) => typeof value === "object" && value !== null, "environment progress streams"],
  ["an object with key, or a signer by its kind", isSigner, "signer"],
  ['"any-signer", "own", or an object with keys or files', isTrust, "trust"],
];

/** The arguments of a function beside those that every function takes, and which must be given. The compiler wants them all, and no other. */
export type Takes<Request> = {
  readonly [Name in Exclude<keyof Request, keyof CommonOptions>]-?: undefined extends Request[Name]
    ? "may"
    : "must";
};

/** Whose runs, and where their files are. */
export const PLACE = { project: "may", files: "may" } as const;

/** Which run is expected. */
export const EXPECTED = { expectedBundleRoot: "may", expectedId: "may" } as const;

const COMMON_NAMES: readonly string[] = [
  "environment",
  "jobs",
  "now",
  "progress",
  "signal",
] satisfies readonly (keyof CommonOptions)[];

/**
 * Does the work of one call: checks the request first, then its signal, and fills in the defaults. Throws an ArgumentError, and the
 * signal's reason once it is aborted; what was begun has been undone then.
 */
export async function answer<Request extends CommonOptions, Given>(
  request: Request,
  takes: Takes<Request>,
  work: (call: Call) => Promise<Given> | Given,
): Promise<Given> {
  if (typeof request !== "object" || request === null)
    throw new ArgumentError("request", "must be an object with the arguments");
  const given = new Map<string, unknown>(Object.entries(request));
  for (const [name, value] of given) {
    if (!Object.hasOwn(takes, name) && !COMMON_NAMES.includes(name))
      throw new ArgumentError(name, "is not an argument of this function");
    check(name, value);
  }
  for (const [name, need] of Object.entries(takes))
    if (need === "must" && given.get(name) === undefined) throw new ArgumentError(name, "is missing");
  const { environment = process.env, now = new Date(), signal } = request;
  signal?.throwIfAborted();
  try {
    return await work({ cwd: process.cwd(), environment, now: Math.floor(now.getTime() / 1000) });
  } catch (thrown) {
    if (thrown instanceof Interruption) signal?.throwIfAborted();
    throw thrown;
  }
}

function check(name: string, value: unknown): void {
  const kind = ARGUMENTS.find(([, , names]) => names.split(" ").includes(name));
  if (kind === undefined) throw new ArgumentError(name, "is not an argument");
  const [wanted, is] = kind;
  if (value !== undefined && !is(value))
    throw new ArgumentError(name, `must be ${wanted}, and not ${shown(value)}`);
}

function oneOf(name: string, ...words: readonly unknown[]): (typeof ARGUMENTS)[number] {
  return [words.map((word) => `"${word}"`).join(" or "), (value) => words.includes(value), name];
}

function isSigner(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ("kind" in value) return true;
  return Object.entries(value).every(([name, key]) => name === "key" && (key === undefined || isText(key)));
}

function isTrust(value: unknown): boolean {
  if (value === "any-signer" || value === "own") return true;
  if (typeof value !== "object" || value === null) return false;
  const {
    contents = [],
    files = [],
    keys = [],
    requireTimestamp = false,
    ...others
  }: Record<string, unknown> = { ...value };
  if (!isTexts(files) || !Array.isArray(keys) || typeof requireTimestamp !== "boolean") return false;
  if (!Array.isArray(contents) || !contents.every(isContent)) return false;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new ArgumentError("trust", `has no ${quote(other)}`);
  const bad: unknown = keys.find(
    (key) => typeof key !== "string" || parseKeyText(key, nodeCrypto) === undefined,
  );
  if (bad !== undefined)
    throw new ArgumentError("trust", `has a key that is not an Ed25519 public key: ${shown(bad)}`);
  return keys.length > 0 || contents.length > 0 || (Array.isArray(files) && files.length > 0);
}

function isContent(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "label" in value && isText(value.label) && "bytes" in value && value.bytes instanceof Uint8Array;
}

function shown(value: unknown): string {
  if (typeof value === "string") return quote(value.slice(0, 80));
  return typeof value === "object" && value !== null
    ? `an object: ${value.constructor?.name ?? ""}`
    : String(value);
}
