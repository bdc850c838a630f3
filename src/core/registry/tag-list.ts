/** A page of the tags of a repository. @module */

import { isJsonObject } from "../json/json-value.ts";
import { parseStrictJson } from "../json/strict-json.ts";
import { isTag } from "./reference.ts";

/** The tags of one answer, in its order; `undefined` where it is not of its form, or names what is not a tag. */
export function parseTagList(bytes: Uint8Array): readonly string[] | undefined {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined;
  const listed = parsed.value.get("tags");
  // docker-registry writes null for a repository whose tags are gone.
  if (listed === null) return [];
  if (!Array.isArray(listed)) return undefined;
  const tags = listed.filter((tag): tag is string => typeof tag === "string" && isTag(tag));
  return tags.length === listed.length ? tags : undefined;
}
