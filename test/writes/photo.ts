/**
 * A folder as text, with all that is random in it named by the order in which it occurs. Equal texts need one
 * judgement only.
 *
 * @module
 */

import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** UUIDs of locks, 16 hex of temporary names, digests, keys, encrypted keys, and moments. */
const RANDOM =
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{128}|[0-9a-f]{64}|(?<=\.)[0-9a-f]{16}(?=\.)|\d{4}-\d\d-\d\dT[\d:.]+Z|runseal-key-v1 [\w+/=-]+/g;

/** Names random texts by their order; those that were there in the beginning have the first names. */
export class Photographer {
  readonly #known: readonly string[];

  constructor(folder: string) {
    const known = new Set<string>();
    for (const line of linesOf(folder)) for (const [text] of line.matchAll(RANDOM)) known.add(text);
    this.#known = [...known];
  }

  /** Looks at everything below a folder: names, types, modes, owners and bytes. */
  take(folder: string): string {
    const names = new Map(this.#known.map((text, at) => [text, `<${at}>`]));
    const nameOf = (text: string): string => {
      const name = names.get(text) ?? `<${names.size}, ${text.length} long>`;
      names.set(text, name);
      return name;
    };
    return linesOf(folder)
      .map((line) => line.replaceAll(RANDOM, nameOf))
      .join("\n");
  }
}

/** A head is remembered under a digest of the project's path, which differs from cell to cell. */
const REMEMBERED = /[0-9a-f]{64}(?=\.json)/;

function linesOf(folder: string): readonly string[] {
  const lines: string[] = [];
  const visit = (below: string): void => {
    for (const name of readdirSync(join(folder, below)).sort()) {
      const path = join(below, name);
      const address = join(folder, path);
      const stats = lstatSync(address);
      lines.push(
        [path.replace(REMEMBERED, "head"), stats.mode.toString(8), stats.uid, stats.gid, stats.nlink].join(
          " ",
        ),
      );
      if (stats.isDirectory()) visit(path);
      else if (stats.isSymbolicLink()) lines.push(readlinkSync(address));
      else if (stats.isFile()) lines.push(readFileSync(address, "latin1"));
    }
  };
  visit("");
  return lines;
}
