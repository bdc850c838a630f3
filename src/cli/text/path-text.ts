/** What a person's text is by its form: a path has a separator, a run's id has none. @module */

import { sep } from "node:path";

/** Whether a text has a separator of paths of this system, `/`, and `\` on Windows, or is `.` or `..`. */
export function isPathText(text: string): boolean {
  return text === "." || text === ".." || text.includes("/") || text.includes(sep);
}
