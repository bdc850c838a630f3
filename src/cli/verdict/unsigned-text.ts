/** Hints for commands that take a signed run and are given one that waits for its signer. @module */

import { resolve } from "node:path";
import { isPathText } from "../../node/library/places/place-form.ts";
import { isUnsignedBundle } from "../../node/records/project/waiting-runs.ts";
import { shellWord } from "../text/shell-word.ts";

/** What to do about a folder that lacks a signer's artifacts because it is unsigned; `undefined` for anything else. */
export function unsignedHints(
  code: string,
  bundle: string | undefined,
  cwd: string,
): readonly string[] | undefined {
  if (code !== "ARTIFACT_MISSING" || bundle === undefined || !isUnsignedBundle(resolve(cwd, bundle)))
    return undefined;
  const path = isPathText(bundle) ? bundle : `./${bundle}`;
  return [`the bundle was sealed without a signature: runseal sign ${shellWord(path)} signs it`];
}
