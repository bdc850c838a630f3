/** A page of the tags of a repository. @module */

import { list, readAs, text } from "../../system/json/record.ts";
import { parseObject } from "../../system/json/strict-json.ts";
import { isTag } from "./reference.ts";

/** The tags of one answer, in its order; `undefined` where it is not of its form, or names what is not a tag. */
export function parseTagList(bytes: Uint8Array): readonly string[] | undefined {
  const listed = parseObject(bytes)?.get("tags");
  // docker-registry writes null for a repository whose tags are gone.
  return listed === null ? [] : readAs(list(text(isTag)), listed);
}
