/** The codes of failed operations, and how they are put into words. @module */

import type { MadeFault } from "../../core/internal.ts";
import type { FaultFacts, OperationCode } from "../../node/system/runtime/operation-fault.ts";
import { namedAndMore } from "../text/bounded-list.ts";
import { CARRY_RECORDS } from "./carry-codes.ts";
import { hintsOf, messageOf, type OperationRecords, type Shown } from "./code-record.ts";
import { EXPORT_RECORDS } from "./evidence-codes.ts";
import { AMBIGUOUS_FILE } from "./file-proof-codes.ts";
import { GUARD_RECORDS } from "./guard-codes.ts";
import { KEY_RECORDS } from "./key-codes.ts";
import { PROJECT_RECORDS } from "./project-codes.ts";
import { REGISTRY_RECORDS } from "./registry-codes.ts";
import { EXPECTATION_RECORD, IN_DOUBT_RECORD } from "./restore-codes.ts";
import { RUN_RECORDS } from "./run-codes.ts";
import { SEAL_RECORDS } from "./seal-codes.ts";
import { SIGNER_RECORDS } from "./signer-codes.ts";
import { TIME_RECORDS } from "./time-codes.ts";
import { TRUST_EDIT_RECORDS } from "./trust-codes.ts";
import { UNSIGNED_RECORDS } from "./unsigned-codes.ts";

/** A reference that is wrong in one of its parts. */
const reference =
  (what: string) =>
  ({ shown }: Shown) =>
    `${shown} is not a reference: ${what}`;

/** One record for each code. */
export const OPERATION_RECORDS: OperationRecords<OperationCode> = {
  ...SEAL_RECORDS,
  ...KEY_RECORDS,
  ...SIGNER_RECORDS,
  ...TRUST_EDIT_RECORDS,
  ...PROJECT_RECORDS,
  ...RUN_RECORDS,
  ...EXPORT_RECORDS,
  ...UNSIGNED_RECORDS,
  ...GUARD_RECORDS,
  ...TIME_RECORDS,
  ...CARRY_RECORDS,
  ...REGISTRY_RECORDS,
  EXPECTATION_FAILED: EXPECTATION_RECORD,
  IN_DOUBT: IN_DOUBT_RECORD,
  SYSTEM_UNSUPPORTED: {
    message: "imports of keys and passphrase commands need mkfifo(1), which this system lacks",
    hints: () => [
      "import the key on Linux or macOS, and copy the file that runseal makes; a passphrase may be in a file",
    ],
    meaning: "Not possible on this system. Nothing was changed.",
    remedy: "Read in docs/platforms.md what works on which system; the hint says what to do instead.",
    reasons: {
      "key-encryption": {
        message: "this machine can't encrypt or decrypt keys: libsodium is missing, or memory",
        remedy:
          "Free some memory, use a machine with libsodium, or a key without a passphrase (--no-passphrase).",
      },
    },
  },
  DECLINED: {
    exit: 1,
    message: "nothing was changed: the answer was not yes",
    remedy: "Nothing: all is as it was. Type the whole word yes to confirm.",
  },
  FILE_EXISTS: {
    message: ({ shown }) => `there is already something at ${shown}`,
    remedy: "Name a new one.",
    reasons: {
      report: {
        meaning: "A report replaces only a regular file of this user. Nothing was verified.",
        remedy: "name another file; a report replaces only a regular file of yours",
      },
    },
  },
  ARGUMENT_MALFORMED: {
    exit: 2,
    meaning:
      "An argument has not the form that it must have. A reference is HOST[:PORT]/REPO[:TAG], HOST[:PORT]/REPO@sha256:DIGEST or oci-layout:DIR[:TAG]; repositories are in lower case.",
    remedy: "Correct it; a reference is for example registry.example/team/runs:latest.",
    reasons: {
      certificate: {
        message: ({ shown }) => `${shown} is neither a certificate nor sha256: and 64 lowercase hex`,
        meaning: "An authority's certificate is one in PEM or DER, or the SHA-256 of its DER form.",
        remedy: "Get the certificate, or its fingerprint, over a way that you trust.",
      },
      key: {
        message: ({ shown }) => `${shown} can't be a key's name`,
        remedy: "use letters, digits and . _ @ + - , at most 64, beginning with a letter or digit",
      },
      run: {
        message: ({ shown }) => `${shown} can't be a run id`,
        remedy:
          "a run id is one portable file name that does not begin with a dot or a dash; latest is the newest run",
      },
      length: reference("it is too long"),
      scheme: reference("write it without http:// or https://"),
      host: reference("it begins with no host, which has a dot or a port, or is localhost"),
      port: reference("the port is wrong"),
      repository: reference("the name of the repository is missing or wrong; it is in lower case"),
      path: reference("the path is wrong"),
      tag: reference("the tag is wrong"),
      digest: reference("the digest is wrong: it is sha256: and 64 hex digits"),
    },
  },
  AMBIGUOUS: {
    exit: 2,
    meaning: "Several things may be meant; runseal does not guess.",
    remedy: "Say which one is meant.",
    reasons: {
      run: {
        message: ({ more, names }) =>
          `there are several runs, and this command is about one: ${namedAndMore(names, more)}`,
        meaning: "There are several runs, and this command is about one.",
        remedy:
          "Choose one with --run ID. For diff, unpack the archive with tar, and name the folder of the run in it.",
      },
      key: {
        message: ({ named }) => `there are several keys: ${named}`,
        remedy:
          "say which: --key NAME, or runseal key default NAME for all commands; runseal key list shows them",
      },
      "agent-key": {
        message: ({ named }) => `the ssh-agent holds several keys that may be meant: ${named}`,
        remedy: "Say which by its fingerprint, as in --key agent:SHA256:…, which ssh-add -l lists.",
      },
      file: AMBIGUOUS_FILE,
      passphrase: {
        message: ({ names }) => `several variables give a passphrase: ${names.join(", ")}`,
        meaning: "Several variables give a passphrase.",
        remedy: "Unset all but one.",
      },
    },
  },
  BUNDLE_UNSUITABLE: {
    exit: 2,
    meaning: "The command can't do that with this bundle.",
    remedy: "Have the run sealed again, as runseal seals it.",
    reasons: {
      "no-tree": {
        message: "--exact needs a bundle with a tree, whose files are below the root",
        remedy: "Leave --exact out, or have the run sealed with a tree, as runseal seals it.",
      },
      "no-parts": {
        message: "no output of the run is an artifact of another run, so it has no parts",
        remedy: "Leave --parts out, or name the run that was sealed over the bundles of its parts.",
      },
      unbound: {
        message:
          "the bundle does not say how many bytes its files have, so it is not read from a stream or a registry",
        remedy:
          "Save an archive to a file first, and name that file. Of a registry, pull the run into a project with runseal pull, and verify it there with --stored.",
      },
    },
  },
};

/** A fault as the core and node give it: one code with its facts. */
type Fault<Code extends OperationCode> = MadeFault<FaultFacts, Code>;

/** One sentence for a failed operation. */
export function operationMessage<Code extends OperationCode>({ code, details }: Fault<Code>): string {
  return messageOf<FaultFacts[Code]>(OPERATION_RECORDS[code], details);
}

/** What to do about a failed operation. */
export function operationHints<Code extends OperationCode>({
  code,
  details,
}: Fault<Code>): readonly string[] {
  return hintsOf<FaultFacts[Code]>(OPERATION_RECORDS[code], details);
}
