/**
 * Whether other systems can store a path: Windows, macOS, a FAT drive, a git checkout. `seal` checks it, so that a
 * run that was sealed on Linux can be restored elsewhere.
 *
 * SECURITY.md section 8. A portable path also obeys the law of paths (PROTOCOL 9.1), but verify and restore check
 * that law separately. A user may switch this check off, never the law.
 *
 * @module
 */

import { MAX_COMPONENT_BYTES, MAX_PATH_BYTES } from "../bytes/limits.ts";
import { isWellFormed, utf8Length } from "../bytes/utf8.ts";
import { foldName } from "./fold-name.ts";

/** Components of one path. A restore opens a folder or makes a system call for each. */
const MAX_COMPONENTS = 1024;

/** Why a path as a whole is not portable: the first reason that applies, in this order. */
type PathBreach =
  /** A lone surrogate: the path has no UTF-8 form. */
  | "surrogate"
  | "path-too-long"
  /** Starts with `/`, as a Windows share may. */
  | "absolute"
  /** Starts with a letter and a colon: an absolute or drive-relative path on Windows. */
  | "drive"
  | "backslash"
  | "trailing-slash"
  | "too-deep";

/** Why a component is not portable: the first reason that applies to the leftmost such component, in this order. */
type ComponentBreach =
  | "empty"
  /** `.` or `..`. */
  | "dots"
  | "too-long"
  /** NUL, which separates paths in lists and ends them in C. */
  | "separator"
  /** A control character or a line or paragraph separator. */
  | "control"
  /** A name of git or runseal, in any spelling that some system treats as that name. */
  | "reserved"
  /** Ends with a dot or a space, which Windows removes. */
  | "trailing"
  | "leading-space"
  /** One of `: * ? < > | "`; a colon opens an alternate data stream. */
  | "win-char"
  /** A DOS device such as `CON` or `com1.txt`, which Windows opens in every folder. */
  | "dos-name"
  /** macOS may return the name in another normalization form. */
  | "not-nfc"
  /** An invisible character, bidi marks included: `a\u202Etxt.exe` shows as `aexe.txt`. */
  | "ignorable"
  /** Private use, noncharacter, unassigned (APFS refuses those), or the replacement character. */
  | "noncharacter";

/** Why a path is not portable. */
export type NameBreach = PathBreach | ComponentBreach;

type Rule<Breach> = readonly [breach: Breach, applies: (text: string) => boolean];

const PATH_RULES: readonly Rule<PathBreach>[] = [
  ["surrogate", (path) => !isWellFormed(path)],
  ["path-too-long", (path) => utf8Length(path) > MAX_PATH_BYTES],
  ["absolute", (path) => path.startsWith("/")],
  ["drive", (path) => /^[A-Za-z]:/.test(path)],
  ["backslash", (path) => path.includes("\\")],
  ["trailing-slash", (path) => path.endsWith("/")],
  ["too-deep", (path) => path.split("/").length > MAX_COMPONENTS],
];

// "reserved" stands before whatever could disguise such a name: its reason is the graver one.
const COMPONENT_RULES: readonly Rule<ComponentBreach>[] = [
  ["empty", (name) => name === ""],
  ["dots", (name) => name === "." || name === ".."],
  ["too-long", (name) => utf8Length(name) > MAX_COMPONENT_BYTES],
  ["separator", (name) => name.includes("\0")],
  ["control", (name) => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)],
  ["reserved", isReserved],
  ["trailing", (name) => name.endsWith(".") || name.endsWith(" ")],
  ["leading-space", (name) => name.startsWith(" ")],
  ["win-char", (name) => /[:*?<>|"]/.test(name)],
  ["dos-name", isDosName],
  ["not-nfc", (name) => name.normalize("NFC") !== name],
  ["ignorable", (name) => /\p{Default_Ignorable_Code_Point}/u.test(name)],
  ["noncharacter", (name) => /[\p{Co}\p{Cn}\uFFFD]/u.test(name)],
];

/** A path of so many characters is neither too long nor too deep. */
const MAX_PLAIN = 1024;

/**
 * The common case, a path that is portable: components of ASCII characters that no rule mentions. No component starts with a
 * reserved prefix or ends with a dot or a space. Without `~`, no component is a short name.
 */
const PLAIN =
  /^(?:(?![. ]|aux|clock|com|con|lpt|nul|prn|restore_)[ !#-)+-.0-9;=@A-Z[\]^_`a-z{}]{1,255}(?<![. ])(?:\/(?!$)|$))+$/i;

/**
 * Finds the reason why a path is not portable. Gives `undefined` if it is portable. Takes any string and never
 * throws. Decodes nothing: `..%2fx` and `．．/x` are plain names. `findNameCollisions` checks for collisions.
 */
export function findNameBreach(path: string): NameBreach | undefined {
  if (path.length <= MAX_PLAIN && PLAIN.test(path)) return undefined;
  return firstBreach(PATH_RULES, path) ?? findComponentBreach(path.split("/"));
}

function findComponentBreach(components: readonly string[]): ComponentBreach | undefined {
  for (const component of components) {
    const breach = firstBreach(COMPONENT_RULES, component);
    if (breach !== undefined) return breach;
  }
  return undefined;
}

function firstBreach<Breach>(rules: readonly Rule<Breach>[], text: string): Breach | undefined {
  return rules.find(([, applies]) => applies(text))?.[0];
}

const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ".git",
  ".runseal",
  "restore_manifest.json",
  "restore_report.json",
]);

const RESERVED_PREFIXES = [".runseal-", ".spectrum06_"] as const;

// FAT and NTFS give each of these files a second name, which also opens it: its first characters and a
// number (`RESTOR~1.JSO`, `RESTO~10.JSO`), or two characters, four hex digits and a number.
const RESERVED_SHORT_NAME =
  /^(?:gi(?:t|[0-9a-f]{4})~\d+|re(?:stor?|[0-9a-f]{4})~\d+\.jso|(?:ru(?:nsea?|[0-9a-f]{4})|sp(?:ectr?|[0-9a-f]{4}))~\d+(?:\.[^.]*)?)$/;

function isReserved(component: string): boolean {
  const name = foldName(component);
  if (RESERVED_NAMES.has(name) || RESERVED_SHORT_NAME.test(name)) return true;
  return RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

function isDosName(component: string): boolean {
  // Windows reads the name up to the first dot, without trailing spaces: `AUX .txt` is AUX.
  return /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *(?:\.|$)/i.test(component);
}
