/**
 * Adds and removes the `[tsa …]` lines of a trust file, as `edit-trust-file.ts` does those of signers.
 *
 * @module
 */

import {
  appendTrustLine,
  matchesDigest,
  ok,
  type Result,
  removeTrustLines,
  type TrustAuthority,
} from "../../core/internal.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { operationFault } from "../runtime/operation-fault.ts";
import {
  editTrustFile,
  type TrustEditFault,
  type TrustEditor,
  type TrustFilePlace,
} from "./edit-trust-file.ts";

/**
 * Adds a line, and makes the file if it is missing; gives the line as it stands in it. Fails with TRUST_LINE_REFUSED if a line names
 * the certificate, and else as `addTrustLine` does.
 */
export async function addAuthority(
  place: TrustFilePlace,
  text: string,
  { certificate }: Pick<TrustAuthority, "certificate">,
  editor: TrustEditor,
): Promise<Result<TrustAuthority, TrustEditFault>> {
  return await editTrustFile(place, editor, (edit) => {
    const listed = edit.file.authorities.find((line) =>
      matchesDigest(line.certificate, certificate, nodeCrypto),
    );
    if (listed !== undefined) {
      const { line, name } = listed;
      return operationFault("TRUST_LINE_REFUSED", {
        reason: "exists",
        path: place.label,
        line,
        names: [name],
      });
    }
    const staged = edit.stage(appendTrustLine(edit.bytes, text));
    if (!staged.ok) return staged;
    const added = staged.value.authorities.at(-1);
    if (added === undefined) throw new TypeError("a line that was added is there");
    const written = edit.commit();
    return written.ok ? ok(added) : written;
  });
}

/** Removes every line of a name, and gives them as they stood. Fails with TRUST_LINE_NOT_FOUND, and else as `addTrustLine` does. */
export async function removeAuthorities(
  place: TrustFilePlace,
  name: string,
  editor: TrustEditor,
): Promise<Result<readonly TrustAuthority[], TrustEditFault>> {
  return await editTrustFile(place, editor, (edit) => {
    const removed = edit.file.authorities.filter((authority) => authority.name === name);
    if (removed.length === 0) return operationFault("TRUST_LINE_NOT_FOUND", { path: place.label });
    const staged = edit.stage(removeTrustLines(edit.bytes, new Set(removed.map(({ line }) => line))));
    if (!staged.ok) return staged;
    const written = edit.commit();
    return written.ok ? ok(removed) : written;
  });
}
