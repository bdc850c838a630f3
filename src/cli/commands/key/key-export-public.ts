/** `runseal key export-public`: a public key as other programs read it. @module */

import { findKey, PUBLIC_FORMS, type PublicForm, publicForms } from "../../../node/index.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";

/** Prints the public half of the named key, else of the only one: in one form, or in all. */
export function runKeyExportPublic(
  name: string | undefined,
  options: { readonly format?: PublicForm | undefined },
  io: Io,
): Report {
  const key = findKey(io.environment, name);
  if (!key.ok) return operationReport(key);
  const forms = publicForms(key.value);
  const shown = options.format === undefined ? PUBLIC_FORMS : [options.format];
  const facts = Object.fromEntries(shown.map((form) => [form, forms[form]]));
  return {
    facts: {
      ok: true,
      code: "OK",
      message: "exported",
      details: {},
      name: key.value.name,
      ...facts,
      exit_code: 0,
    },
    text: shown.map((form) => forms[form]).join(""),
  };
}
