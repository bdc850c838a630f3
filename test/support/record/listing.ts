/** The files that a call left, as lines that are equal in each run. @module */

import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { Masks } from "./masks.ts";

/** What stands below a folder: a line a path. */
export interface Listing {
  /** Path, kind, mode in octal, and of a file the start of its digest. */
  readonly lines: readonly string[];
  /** SHA-256 of the files whose bytes each run makes alike. */
  readonly digests: readonly string[];
}

/** What depends on the clock of the file system: which objects were remembered. */
const LEFT_OUT = /\/state\/runseal\/objects(?:\/|$)/;

/** Files whose digest is not kept: of random bytes, of inodes and times, or made by other programs or by a test that measures. */
const UNREAD: readonly RegExp[] = [
  /\/state\/runseal\/journal\/key[^/]*$/,
  /\/guards\/[^/]+\/index$/,
  /\/out\/(?:d\d+\/f\d+|large|small-\d+)$/,
  /\/(?:raw|.*\.(?:der|tar|gz))$/,
  /^(?:left|peak|reads\.log|strace\.log)$/,
];

/** More lines than this are kept as one digest. */
const MOST_LINES = 2000;

/** Larger files are not read, bytes. */
const LARGEST_FILE = 1024 ** 2;

/** Characters of a digest that are kept. */
const SHOWN = 16;

interface FileDigest {
  readonly whole: string | undefined;
  readonly shown: string;
}

const known = new Map<string, FileDigest>();

/** Lists a folder, whatever another process does there meanwhile. Links are not followed. */
export function listFolder(folder: string): Listing {
  const lines: string[] = [];
  const digests: string[] = [];
  const pending = [""];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    for (const name of attempt(() => readdirSync(join(folder, below))) ?? []) {
      const path = join(below, name);
      const address = join(folder, path);
      const stats = attempt(() => lstatSync(address));
      if (stats === undefined || LEFT_OUT.test(path)) continue;
      const mode = (stats.mode & 0o7777).toString(8).padStart(4, "0");
      let what = "other";
      if (stats.isDirectory()) {
        pending.push(path);
        what = "dir";
      } else if (stats.isSymbolicLink()) {
        what = `link ${JSON.stringify(new Masks().mask(attempt(() => readlinkSync(address)) ?? ""))}`;
      } else if (stats.isFile()) {
        what = stats.size > LARGEST_FILE ? `file of ${stats.size} bytes` : "file";
        const digest =
          what !== "file" || UNREAD.some((form) => form.test(path)) ? undefined : digestOf(address);
        if (digest?.whole !== undefined) digests.push(digest.whole);
        if (digest !== undefined) what += ` ${digest.shown}`;
      }
      lines.push(`${new Masks().mask(path)} ${mode} ${what}`);
    }
  }
  lines.sort();
  if (lines.length <= MOST_LINES) return { lines, digests };
  return { lines: [`${lines.length} paths, ${sha256(lines.join("\n"))}`], digests };
}

/** The digest of a file without what differs from run to run, taken as Latin-1: other bytes than a text's hardly match. */
function digestOf(address: string): FileDigest {
  const bytes = attempt(() => readFileSync(address));
  if (bytes === undefined) return { whole: undefined, shown: "unreadable" };
  const whole = sha256(bytes);
  const before = known.get(whole);
  if (before !== undefined) return before;
  const text = bytes.toString("latin1");
  const masked = new Masks().mask(text);
  const digest = { whole: masked === text ? whole : undefined, shown: sha256(masked).slice(0, SHOWN) };
  known.set(whole, digest);
  return digest;
}

function sha256(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function attempt<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
