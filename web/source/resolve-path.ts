/**
 * Where a path leads, links followed: only while they stay below the folder (PROTOCOL 8, phase 9).
 *
 * @module
 */

import type { SourceEntry, SourceFolder } from "./source-folder.ts";

/** As many links as Linux itself follows in one path. */
const MAX_LINKS = 40;

/** What a path leads to. */
export interface Resolved {
  /** Never a link: one that leads out of the folder, nowhere or in a circle is `missing`. */
  readonly entry: Exclude<SourceEntry, { kind: "link" }>;
  readonly isThroughLink: boolean;
}

/** Looks at a path, and follows links. Leading slashes of targets lead out: where the folder is on a disk is not known here. */
export async function resolvePath(folder: SourceFolder, path: string): Promise<Resolved> {
  let asked = path;
  for (let links = 0; links <= MAX_LINKS; links++) {
    const entry = await folder.look(asked);
    if (entry.kind !== "link") return { entry, isThroughLink: links > 0 };
    const next = followed(entry, asked);
    if (next === undefined) break;
    asked = next;
  }
  return { entry: { kind: "missing" }, isThroughLink: true };
}

/** The path behind a link. Undefined where it leads out of the folder. */
function followed(link: Extract<SourceEntry, { kind: "link" }>, asked: string): string | undefined {
  if (link.target.startsWith("/")) return undefined;
  const place = link.path.split("/").slice(0, -1);
  const ahead = [...link.target.split("/"), ...asked.slice(link.path.length).split("/")];
  for (const name of ahead) {
    if (name === "" || name === ".") continue;
    if (name !== "..") place.push(name);
    else if (place.pop() === undefined) return undefined;
  }
  return place.join("/");
}
