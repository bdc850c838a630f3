import { writeFileSync } from "node:fs";
import { SEAL_PREDICATE_TYPE } from "../../../../src/core/make/evidence/predicates.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { makeFifo, type Project } from "../../../support/command/cli.ts";
import { sparseFile } from "../../../support/evidence/foreign-evidence.ts";
import {
  EVIDENCE_SIGNER,
  envelopeOf,
  minisignOf,
  sshSignatureOf,
  statementOf,
} from "../../../support/evidence/signed-evidence.ts";
import { all, put, runseal, type Way } from "./way.ts";

const { content } = PRIVATE;
const SIGNER = ["--signer", EVIDENCE_SIGNER.publicKeyHex];
const CHECK = ["check", "evidence.json", ...SIGNER];
const LIST = `${sha256("alpha\n")}  out/a.txt\n`;

/** Puts signed evidence into the project, whose `out/a.txt` it may be about. */
function evidence(bytes: Uint8Array): (project: Project) => void {
  return put("evidence.json", Buffer.from(bytes).toString());
}

function statement(digest: string, over: object = {}): (project: Project) => void {
  return evidence(envelopeOf(statementOf({ "out/a.txt": digest }, over)));
}

/** A key that no private key belongs to: the identity point. */
const SMALL_ORDER = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);

/** An SSH signature that names another key. */
function withKey(key: Buffer): string {
  const [, ...lines] = sshSignatureOf(Buffer.from(LIST)).toString().trimEnd().split("\n");
  const blob = Buffer.from(lines.slice(0, -1).join(""), "base64");
  key.copy(blob, blob.indexOf(EVIDENCE_SIGNER.publicKey));
  return `-----BEGIN SSH SIGNATURE-----\n${blob.toString("base64").replace(/.{70}/g, "$&\n")}\n-----END SSH SIGNATURE-----\n`;
}

/** Evidence of other tools that is not accepted. */
export const CHECK_WAYS: readonly Way[] = [
  { what: "check: evidence that is not there", args: CHECK, code: "PATH_NOT_FOUND", cause: /ENOENT/ },
  {
    what: "check: evidence that is a FIFO",
    args: CHECK,
    arrange: (project) => makeFifo(project.at("evidence.json")),
    code: "NOT_A_FILE",
  },
  {
    what: "check: evidence in no known format",
    args: CHECK,
    arrange: put("evidence.json", content),
    code: "EVIDENCE_UNSUPPORTED unknown",
  },
  {
    what: "check: a list without a signature",
    args: CHECK,
    arrange: put("evidence.json", LIST),
    code: "EVIDENCE_UNSUPPORTED unsigned",
  },
  {
    what: "check: evidence of more than 100 MiB",
    args: CHECK,
    arrange: (project) => sparseFile(project.at("evidence.json"), 100 * 1024 * 1024 + 1),
    code: "EVIDENCE_MALFORMED too-large",
  },
  {
    what: "check: a list of more than 256 MiB",
    args: ["check", "list.minisig", ...SIGNER],
    arrange: all(put("list.minisig", minisignOf(Buffer.from("x")).toString()), (project) =>
      sparseFile(project.at("list"), 256 * 1024 * 1024 + 1),
    ),
    code: "EVIDENCE_MALFORMED too-large",
  },
  {
    what: "check: an envelope with an extra member",
    args: CHECK,
    arrange: put("evidence.json", JSON.stringify({ payload: content, [content]: content })),
    code: "EVIDENCE_MALFORMED",
  },
  {
    what: "check: an envelope of another payload type",
    args: CHECK,
    arrange: put(
      "evidence.json",
      JSON.stringify({ payload: "", payloadType: content, signatures: [{ sig: "AAAA" }] }),
    ),
    code: "EVIDENCE_UNSUPPORTED",
  },
  {
    what: "check: a signature for another namespace",
    args: ["check", "evidence/SHA256SUMS.sig", "--namespace", "other"],
    arrange: runseal("export", "one", "--format", "sshsig", "-o", "evidence"),
    code: "EVIDENCE_UNSUPPORTED",
    hint: /--namespace NAME judges those of that one$/m,
  },
  {
    what: "check: a statement about nothing",
    args: CHECK,
    arrange: evidence(envelopeOf(statementOf({}))),
    code: "EVIDENCE_MALFORMED empty",
  },
  {
    what: "check: a signature without its list",
    args: ["check", "SHA256SUMS.minisig", ...SIGNER],
    arrange: put("SHA256SUMS.minisig", minisignOf(Buffer.from(LIST)).toString()),
    code: "EVIDENCE_INCOMPLETE list",
    cause: /ENOENT/,
  },
  {
    what: "check: an SSH signature with a key of small order",
    args: ["check", "SHA256SUMS.sig", ...SIGNER],
    arrange: all(put("SHA256SUMS", LIST), put("SHA256SUMS.sig", withKey(SMALL_ORDER))),
    code: "EVIDENCE_MALFORMED key",
  },
  {
    what: "check: an envelope, and a fingerprint in place of a key",
    args: ["check", "evidence.json", "--signer", `id:${EVIDENCE_SIGNER.validatorId}`],
    arrange: statement(sha256("alpha\n")),
    code: "EVIDENCE_KEY_NEEDED",
  },
  {
    what: "check: an envelope of a signer that is revoked",
    args: ["check", "evidence.json", "--trust", "trust"],
    arrange: all(
      statement(sha256("alpha\n")),
      put("trust", `x revoked runseal-ed25519 ${EVIDENCE_SIGNER.publicKeyHex}\n`),
    ),
    code: "SIGNER_REVOKED",
  },
  {
    what: "check: an envelope, and 257 keys to try",
    args: ["check", "evidence.json", "--trust", "many.txt"],
    arrange: all(statement(sha256("alpha\n")), (project) =>
      writeFileSync(project.at("many.txt"), manyKeys(257)),
    ),
    code: "EVIDENCE_KEY_NEEDED too-many",
  },
  {
    what: "check: an envelope with the signature of another one",
    args: CHECK,
    arrange: put(
      "evidence.json",
      JSON.stringify({
        ...JSON.parse(envelopeOf(statementOf({ [content]: sha256("") })).toString()),
        payload: Buffer.from(content).toString("base64"),
      }),
    ),
    code: "EVIDENCE_SIGNATURE_INVALID",
  },
  {
    what: "check: a statement about the root of a run that is missing",
    args: CHECK,
    arrange: statement(sha256("alpha\n"), {
      subject: [{ name: "bundle-root", digest: { sha256: sha256("") } }],
      predicate: { runId: "gone" },
      predicateType: SEAL_PREDICATE_TYPE,
    }),
    code: "EVIDENCE_INCOMPLETE run",
  },
  {
    what: "check: a statement about another root than that of its run",
    args: CHECK,
    arrange: statement(sha256("alpha\n"), {
      subject: [{ name: "bundle-root", digest: { sha256: sha256("") } }],
      predicate: { runId: "one" },
      predicateType: SEAL_PREDICATE_TYPE,
    }),
    code: "BUNDLE_ROOT_MISMATCH",
  },
  {
    what: "check: an extra file",
    args: [...CHECK, "--exact"],
    arrange: statement(sha256("alpha\n")),
    code: "EVIDENCE_EXTRA",
  },
  {
    what: "check: another file than the signed one",
    args: CHECK,
    arrange: statement(sha256(content)),
    code: "HASH_MISMATCH",
  },
  {
    what: "check: a signer that is not a key",
    args: ["check", "evidence.json", "--signer", "key.pem"],
    arrange: all(statement(sha256("alpha\n")), put("key.pem", content)),
    code: "SIGNER_NOT_A_KEY",
  },
  {
    what: "check: no policy",
    args: ["check", "evidence.json", "--trust", "none.txt"],
    arrange: statement(sha256("alpha\n")),
    code: "TRUST_FILE_UNREADABLE",
  },
];

/** Lines of a trust file with as many different keys: multiples of the base point would do, and so do numbers that are points. */
function manyKeys(count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const key = Buffer.alloc(32, 2);
    key.writeUInt16LE(index + 2);
    return `key${index} runseal-ed25519 ${key.toString("hex")}\n`;
  }).join("");
}
