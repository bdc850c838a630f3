/** The command lines with which others verify exported evidence. @module */

import { isAbsolute, relative, resolve, sep } from "node:path";
import {
  LINK_PREDICATE_TYPE,
  SEAL_PREDICATE_TYPE,
  SLSA_PREDICATE_TYPE,
  SUMS_NAMESPACE,
  SUMS_PRINCIPAL,
} from "../../../core/internal.ts";
import type { ExportFormat } from "../../../node/make/export/evidence-formats.ts";
import type { ExportedRun } from "../../../node/make/export/export-run.ts";
import { shellWord } from "../../text/shell-word.ts";
import type { VerifyCommandFacts } from "./export-results.ts";

/** An export that is in a folder. */
export interface PlacedExport extends ExportedRun {
  readonly folder: string;
}

/** What a command line is made of. */
interface Place {
  readonly exported: ExportedRun;
  readonly predicateType: string;
  /** The path of one of the files from the root. */
  readonly pathOf: (name: string) => string;
}

/** One command line for each format, in order. It fails where a file, the list, or the key is another. */
export function verifyCommands(
  exported: PlacedExport,
  formats: readonly ExportFormat[],
  root: string,
  cwd: string,
): readonly VerifyCommandFacts[] {
  const folder = relative(resolve(cwd, root), resolve(cwd, exported.folder));
  const above = fromHere(folder.split(sep).join("/"));
  const pathOf = (name: string): string => (name === "" ? above : `${above}/${name}`);
  const place = { exported, predicateType: predicateTypeOf(exported), pathOf };
  return formats.map((format) => ({ format, command: commandOf(format, place) }));
}

/** A path that no program takes for an option, or for an address such as the `pkcs11:` of cosign. */
function fromHere(path: string): string {
  return path.startsWith("../") || isAbsolute(path) ? path : `./${path}`;
}

/** One path as a list in CSV, which in-toto-golang reads for `-k`. */
function csvField(path: string): string {
  return /[",\r\n]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path;
}

function predicateTypeOf({ isRun, predicate }: ExportedRun): string {
  if (predicate === "slsa") return SLSA_PREDICATE_TYPE;
  return isRun ? LINK_PREDICATE_TYPE : SEAL_PREDICATE_TYPE;
}

function commandOf(format: ExportFormat, place: Place): string {
  const { exported, pathOf, predicateType } = place;
  const at = (name: string): string => shellWord(pathOf(name));
  const { runId } = exported.bundle;
  const sums = at("SHA256SUMS");
  const files = `sha256sum --check --strict --quiet ${sums}`;
  const cosign = `cosign verify-blob-attestation --key ${at("cosign.pub")} --insecure-ignore-tlog`;
  switch (format) {
    case "sums":
      return files;
    case "sshsig":
      return `ssh-keygen -Y verify -f ${at("allowed_signers")} -I ${SUMS_PRINCIPAL} -n ${SUMS_NAMESPACE} -s ${at("SHA256SUMS.sig")} < ${sums} && ${files}`;
    case "minisign":
      return `minisign -VHm ${sums} -p ${at("minisign.pub")} && ${files}`;
    case "signify":
      return `signify-openbsd -C -q -p ${at("signify.pub")} -x ${at("SHA256.sig")}`;
    case "dsse":
      return `${cosign} --signature ${at(`${runId}.intoto.jsonl`)} --type ${predicateType} ${sums} && ${files}`;
    case "sigstore":
      return `${cosign} --new-bundle-format --trusted-root ${at("trusted_root.json")} --bundle ${at(`${runId}.sigstore.json`)} --type ${predicateType} ${sums} && ${files}`;
    case "link":
      return `in-toto-golang verify -l ${at(`${runId}.layout`)} -k ${shellWord(csvField(pathOf("in-toto.pub")))} -d ${at("")}`;
  }
}
