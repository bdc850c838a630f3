import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { FIRST_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { all, drop, link, put, runseal, type Way } from "./way.ts";

const UNSIGNED = ".runseal/unsigned/new";

const SEALED = runseal("seal", "out", "--unsigned", "--id", "new");
const SIGN = ["sign", "new", "--yes"];

/** Unsigned bundles that are not signed. */
export const UNSIGNED_WAYS: readonly Way[] = [
  { what: "sign nothing", args: SIGN, code: "RUN_NOT_FOUND unsigned", cause: /ENOENT/ },
  {
    what: "sign a bundle without its proof",
    args: SIGN,
    arrange: all(SEALED, (project) => rmSync(project.at(UNSIGNED, "PROOF.json"))),
    code: "UNSIGNED_INVALID missing",
  },
  {
    what: "sign a bundle with another file",
    args: SIGN,
    arrange: all(SEALED, put(`${UNSIGNED}/notes`, PRIVATE.content)),
    code: "UNSIGNED_INVALID extra",
  },
  {
    what: "sign a bundle with a member that is not a sealer's",
    args: SIGN,
    arrange: all(SEALED, (project) => {
      const path = project.at(UNSIGNED, "STATUS.json");
      const text = readFileSync(path, "utf8");
      writeFileSync(
        path,
        text.replace(`"version":1`, `"version":1,"zzz":${JSON.stringify(PRIVATE.content)}`),
      );
    }),
    code: "UNSIGNED_INVALID malformed",
  },
  {
    what: "sign a bundle with another task",
    args: SIGN,
    arrange: all(SEALED, put(`${UNSIGNED}/TASK_SPEC.json`, `{"a": ${PRIVATE.content}}`)),
    code: "UNSIGNED_INVALID malformed",
  },
  {
    what: "sign a bundle with another list",
    args: SIGN,
    arrange: all(SEALED, (project) => {
      const path = project.at(UNSIGNED, "OUTPUT_HASHES.json");
      writeFileSync(path, readFileSync(path, "utf8").replace("runseal:", "runseal;"));
    }),
    code: "UNSIGNED_INVALID mismatch",
  },
  {
    what: "sign a run that failed",
    args: SIGN,
    arrange: runseal("run", "--unsigned", "--id", "new", "--", "false"),
    code: "UNSIGNED_INVALID run-failed",
  },
  {
    what: "sign what was sealed later than now",
    args: SIGN,
    env: { SOURCE_DATE_EPOCH: "1000" },
    arrange: SEALED,
    code: "UNSIGNED_INVALID from-later",
  },
  { what: "sign without an answer", args: ["sign", "new"], arrange: SEALED, code: "SIGNING_UNCONFIRMED" },
  {
    what: "sign an output that changed",
    args: SIGN,
    arrange: all(SEALED, put("out/a.txt", PRIVATE.content)),
    code: "HASH_MISMATCH",
  },
  {
    what: "sign a signed bundle",
    args: ["sign", ".runseal/runs/one", "--yes"],
    code: "USAGE",
    hint: /runseal sign --counter/,
  },
  { what: "sign a file", args: ["sign", "out/a.txt", "--yes"], code: "RUN_NOT_FOUND unsigned" },
  { what: "sign by no key", args: [...SIGN, "--key", "nope"], arrange: SEALED, code: "KEY_NOT_FOUND stored" },
  {
    what: "sign an output that is gone",
    args: SIGN,
    arrange: all(SEALED, (project) => rmSync(project.at("out/a.txt"))),
    code: "OUTPUT_MISSING",
  },
  {
    what: "attest a rejected bundle",
    args: ["export", "one", "--format", "verdict", "-o", "verdict.json"],
    arrange: all(put("out/a.txt", PRIVATE.content), drop(".runseal/packs")),
    code: "HASH_MISMATCH",
  },
  ...Object.entries({
    SIGNER_UNKNOWN: ["verdict.json", "--signer", testSigner(FIRST_SEED).publicKeyHex],
    KEY_NOT_FOUND: ["verdict.json", "--key", "nope"],
    WRITE_FAILED: ["no/verdict.json"],
  }).map(([code, options]) => ({
    what: `attest a verdict: ${code}`,
    args: ["export", "one", "--format", "verdict", "-o", ...options],
    code,
  })),
  {
    what: "attest a verdict where a link leads nowhere",
    args: ["export", "one", "--format", "verdict", "-o", "verdict.json"],
    arrange: link("verdict.json", "nowhere"),
    code: "FILE_EXISTS export",
  },
  {
    what: "attest a verdict into a file that is there",
    args: ["export", "one", "--format", "verdict", "-o", "verdict.json"],
    arrange: put("verdict.json", PRIVATE.content),
    code: "FILE_EXISTS export",
  },
  {
    what: "a report of a run that is not there",
    args: ["verify", "nope", "--report", "page.html"],
    code: "RUN_NOT_FOUND id",
  },
  {
    what: "a report of a run whose signer is not the expected one",
    args: ["verify", "one", "--report", "page.html", "--signer", testSigner(FIRST_SEED).publicKeyHex],
    code: "SIGNER_UNKNOWN",
    changes: "the report is written, and says so",
  },
  ...[
    ["verify", "one", "--report"],
    ["verify", "one", "--junit"],
    ["verify", "--history", "--junit"],
  ].map((words) => ({
    what: `${words.join(" ")} through a link to a file`,
    args: [...words, "page.html"],
    arrange: link("page.html", "out/a.txt"),
    code: "FILE_EXISTS report",
  })),
  {
    what: "a report through a link that leads nowhere",
    args: ["verify", "one", "--report", "page.html"],
    arrange: link("page.html", "nowhere"),
    code: "FILE_EXISTS report",
  },
];
