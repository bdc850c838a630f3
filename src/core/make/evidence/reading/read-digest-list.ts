/**
 * Reads a list of SHA-256 digests, as `sha256sum` writes it, `sha256sum --tag`, or BSD's `sha256` and signify:
 *
 *     9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bb822cd15d6c15b0f00a8  dist/app.js
 *     SHA256 (dist/app.js) = 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bb822cd15d6c15b0f00a8
 *
 * A list that two readers could read differently is refused: two forms of line in one list, a name twice, a control character
 * that stands for itself, a last line without its end. In the first form coreutils escapes a backslash, a newline and a
 * carriage return, and begins such a line with a backslash.
 *
 * @module
 */

import { OutputTable } from "../../../records/artifacts/output-table.ts";
import { isHexDigest } from "../../../system/bytes/hex.ts";
import { MAX_EVIDENCE_SUBJECTS, MAX_PATH_BYTES } from "../../../system/bytes/limits.ts";
import { ok, type Result } from "../../../system/bytes/result.ts";
import { decodeUtf8 } from "../../../system/bytes/utf8.ts";
import {
  type EvidenceFault,
  type EvidencePlace,
  malformed,
  tooLarge,
  unsupported,
} from "./evidence-fault.ts";

/** A line of a list as it was read. */
interface ListLine {
  readonly form: "plain" | "tagged";
  readonly name: string;
  readonly digest: string;
}

const DIGEST_CHARACTERS = 64;

/** Characters of a line: of a name of which each is escaped, and what stands beside it. No longer line names a lawful path. */
const MAX_LINE = 2 * MAX_PATH_BYTES + 128;

/** What begins a line of the second form, for this or another hash. */
const TAG = /^\\?([A-Z][A-Za-z0-9/-]{0,15}) \(/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a list must not hold.
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Reads a list. `./` at the start of a name is dropped, as `find` prints it. Fails with EVIDENCE_MALFORMED, or
 * EVIDENCE_UNSUPPORTED for another hash.
 */
export function readDigestList(bytes: Uint8Array): Result<OutputTable, EvidenceFault> {
  const text = decodeUtf8(bytes);
  if (text === undefined) return malformed("not-utf8");
  if (text === "") return malformed("empty");
  if (!text.endsWith("\n")) return malformed("last-line");
  const table = new OutputTable();
  let form: ListLine["form"] | undefined;
  let line = 0;
  for (let start = 0; start < text.length; ) {
    line++;
    const end = text.indexOf("\n", start);
    const read = readLine(text.slice(start, end), { line });
    if (!read.ok) return read;
    form ??= read.value.form;
    if (form !== read.value.form) return malformed("mixed-lines", { line });
    if (table.size === MAX_EVIDENCE_SUBJECTS) return tooLarge(MAX_EVIDENCE_SUBJECTS, "subjects");
    const path = read.value.name.startsWith("./") ? read.value.name.slice(2) : read.value.name;
    const before = table.size;
    table.set(path, `sha256:${read.value.digest}`);
    if (table.size === before) return malformed("duplicate", { line, path });
    start = end + 1;
  }
  return ok(table);
}

/** Whether bytes begin as a list does: without a signature such a list proves nothing. */
export function looksLikeDigestList(beginning: string): boolean {
  return /^\\?[0-9a-f]{64} [ *]/.test(beginning) || TAG.test(beginning);
}

function readLine(line: string, where: EvidencePlace): Result<ListLine, EvidenceFault> {
  if (line.length > MAX_LINE) return malformed("line", where);
  if (CONTROL.test(line)) return malformed("control-character", where);
  const tag = TAG.exec(line)?.[1];
  return tag === undefined ? readPlain(line, where) : readTagged(line, tag, where);
}

function readPlain(line: string, where: EvidencePlace): Result<ListLine, EvidenceFault> {
  const isEscaped = line.startsWith("\\");
  const rest = isEscaped ? line.slice(1) : line;
  const digest = rest.slice(0, DIGEST_CHARACTERS);
  const mark = rest.slice(DIGEST_CHARACTERS, DIGEST_CHARACTERS + 2);
  const written = rest.slice(DIGEST_CHARACTERS + 2);
  if (!isHexDigest(digest) || (mark !== "  " && mark !== " *")) {
    // Other hashes have other lengths, and the same form otherwise.
    const isOther = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{96}|[0-9a-f]{128}) [ *]/.test(rest);
    return isOther ? unsupported("digest-algorithm", where) : malformed("line", where);
  }
  const name = isEscaped ? unescapeName(written) : written;
  if (name === undefined || name === "") return malformed("line", where);
  return ok({ form: "plain", name, digest });
}

function readTagged(line: string, tag: string, where: EvidencePlace): Result<ListLine, EvidenceFault> {
  if (tag !== "SHA256") return unsupported("digest-algorithm", where);
  const isEscaped = line.startsWith("\\");
  const start = "SHA256 (".length + (isEscaped ? 1 : 0);
  const digest = line.slice(-DIGEST_CHARACTERS);
  const end = line.length - DIGEST_CHARACTERS - ") = ".length;
  if (end <= start || line.slice(end, -DIGEST_CHARACTERS) !== ") = " || !isHexDigest(digest))
    return malformed("line", where);
  const written = line.slice(start, end);
  const name = isEscaped ? unescapeName(written) : written;
  return name === undefined || name === "" ? malformed("line", where) : ok({ form: "tagged", name, digest });
}

/** Undoes the escapes of coreutils. `undefined` for any other, and where nothing needed one: such a line has two forms. */
function unescapeName(written: string): string | undefined {
  if (!/^(?:[^\\]|\\[\\nr])+$/.test(written) || !written.includes("\\")) return undefined;
  return written.replace(/\\([\\nr])/g, (_, letter: string) =>
    letter === "n" ? "\n" : letter === "r" ? "\r" : "\\",
  );
}
