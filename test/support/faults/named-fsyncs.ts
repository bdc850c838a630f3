/**
 * The fsyncs of the engine by the names that stand above them in its source, such as `// [commit-dir]`.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("../../../src/node/", import.meta.url));
const NAME = /^\s*\/\/ (\[[a-z-]+\])/;
/** A name stands directly above its call, which may be within a loop or a condition. */
const LINES_ABOVE = 3;

/** All that are in the source text of a folder of `src/node`: the file and the name, such as `end-changes [commit-dir]`. None is a mistake. */
export function listNamedFsyncs(folder: string): readonly string[] {
  const sources = join(SOURCES, folder);
  const names = readdirSync(sources, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      readFileSync(join(sources, file), "utf8")
        .split("\n")
        .flatMap((line) => NAME.exec(line)?.[1] ?? [])
        .map((name) => siteOf(file, name)),
    );
  if (names.length === 0) throw new Error(`no fsync has a name in ${folder}`);
  return names;
}

function siteOf(file: string, name: string): string {
  return `${basename(file).replace(/\.[jt]s$/, "")} ${name}`;
}

const FRAME =
  /(\/[^():]*\/node\/(?:back\/(?:restore|revert|transaction)|records\/store|system\/packs)\/[a-z/-]+\.[jt]s):(\d+):\d+/;

/** The name of the fsync that is being called: that of the innermost caller that has one. */
export function fsyncSite(): string {
  for (const frame of stack()) {
    const [, file, line] = FRAME.exec(frame) ?? [];
    const name = file === undefined ? undefined : nameAbove(file, Number(line));
    if (file !== undefined && name !== undefined) return siteOf(file, name);
  }
  throw new Error("an fsync without a name");
}

/** Every port that a call goes through is several frames. */
function stack(): readonly string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const { stack = "" } = new Error("only for its stack");
  Error.stackTraceLimit = limit;
  return stack.split("\n");
}

const texts = new Map<string, readonly string[]>();

function nameAbove(file: string, line: number): string | undefined {
  const text = texts.get(file) ?? readFileSync(file, "utf8").split("\n");
  texts.set(file, text);
  for (let above = line - 1; above >= line - LINES_ABOVE; above--) {
    const name = NAME.exec(text[above - 1] ?? "")?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}
