/** Where the user says whom to trust. @module */

import { MAX_TRUST_FILE_BYTES } from "../../src/core/system/bytes/limits.ts";
import { byId } from "./element.ts";

/** Calls a function with what the user says about trust, now and whenever that changes. */
export function listenForTrust(setTrust: (text: string, isAnySigner: boolean) => void): void {
  const text = byId("trust", HTMLTextAreaElement);
  const any = byId("any-signer", HTMLInputElement);
  const file = byId("trust-file", HTMLInputElement);
  const update = (): void => {
    text.disabled = any.checked;
    setTrust(text.value, any.checked);
  };
  text.addEventListener("input", update);
  any.addEventListener("change", update);
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    if (chosen === undefined) return;
    any.checked = false;
    // One byte more than is allowed, so that a larger file is refused.
    void chosen
      .slice(0, MAX_TRUST_FILE_BYTES + 1)
      .text()
      .then((read) => {
        text.value = read;
        file.value = "";
        update();
      });
  });
  update();
}
