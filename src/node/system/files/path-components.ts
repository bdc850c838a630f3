/** Paths of the system, as components and as text. @module */

import { join, parse, sep } from "node:path";

/** Whether paths begin with a drive or a share, as on Windows: that is their first component then. */
export const HAS_DRIVES: boolean = sep === "\\";

/** The components of an absolute path. */
export function pathComponents(path: string): readonly string[] {
  const { root } = parse(path);
  const drive = HAS_DRIVES ? [root.replace(/\\+$/, "")] : [];
  return [
    ...drive,
    ...path
      .slice(root.length)
      .split(HAS_DRIVES ? /[\\/]/ : sep)
      .filter((name) => name !== ""),
  ];
}

/** The absolute path of such components, as realpath(3) spells it. */
export function pathOfComponents(components: readonly string[]): string {
  const path = components.join(sep);
  if (!HAS_DRIVES) return `/${path}`;
  return components.length === 1 ? `${path}${sep}` : path;
}

/** Joins a path with slashes, which every system takes: what is shown can be typed, and needs no quotes. */
export function joinWithSlashes(...parts: readonly string[]): string {
  const path = join(...parts);
  return HAS_DRIVES ? path.replaceAll(sep, "/") : path;
}
