/** The runs of this machine that a command is given. @module */

import { quote } from "../../core/system/paths/quote.ts";
import { findBundle, findBundles } from "../../node/library/places/bundle-place.ts";
import { placeForm } from "../../node/library/places/place-form.ts";
import { UsageError } from "./usage-error.ts";

/** Finds a bundle, as `findBundle` does. Throws a usage error for a run of a registry. */
export const placeOfBundle: typeof findBundle = (text, options, surroundings) => {
  refuseReference(text);
  return findBundle(text, options, surroundings);
};

/** Finds several bundles. Fails as the first does that is not found. Throws as `placeOfBundle` does. */
export const placesOfBundles: typeof findBundles = (texts, options, surroundings) => {
  texts.forEach(refuseReference);
  return findBundles(texts, options, surroundings);
};

function refuseReference(text: string): void {
  if (placeForm(text) === "reference")
    throw new UsageError(
      `${quote(text)} is in a registry, and this command takes runs of a project\nrunseal pull brings a run into a project`,
    );
}
