import { chmodSync, symlinkSync } from "node:fs";
import { FIRST_SEED, sealBundle, testSigner, writeBundle } from "../../../support/bundles/bundle.ts";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { BUNDLE } from "../../../support/command/cli.ts";
import { all, artifact, drop, folder, put, runseal, type Step, type Way } from "./way.ts";

const { content, fileName } = PRIVATE;
const OTHER_KEY = testSigner(FIRST_SEED).publicKeyHex;
const INTO = ["restore", BUNDLE, "--to", "target"];
const STAGING = "target/.spectrum06_staging_00000000-0000-0000-0000-000000000000";

/** Restores that are refused. */
export const RESTORE_WAYS: readonly Way[] = [
  {
    what: "a target that is not there",
    args: INTO,
    code: "RESTORE_TARGET_NOT_EXIST",
    hint: /--mkdir/,
    cause: /ENOENT/,
  },
  { what: "no target at all", args: ["restore", BUNDLE, "--to", ""], code: "RESTORE_TARGET_MISSING" },
  {
    what: "a target that is a file",
    args: INTO,
    arrange: put("target", content),
    code: "RESTORE_TARGET_NOT_DIRECTORY",
    cause: /ENOTDIR/,
  },
  {
    what: "a target whose folder is not there",
    args: ["restore", BUNDLE, "--to", "nest/a/b", "--mkdir"],
    code: "RESTORE_TARGET_NOT_EXIST",
    hint: /^--mkdir makes the last folder only; make the others first: mkdir -p 'nest\/a'$/m,
    cause: /ENOENT/,
  },
  {
    what: "an output that the target has",
    args: INTO,
    arrange: put("target/out/a.txt", content),
    code: "RESTORE_TARGET_PATH_EXISTS",
  },
  {
    what: "a link that leads out of the target",
    args: INTO,
    arrange: all(folder("target"), (project) => symlinkSync(project.folder, project.at("target/out"))),
    code: "RESTORE_SYMLINK_ESCAPE_DETECTED",
  },
  {
    what: "a file in the place of a folder",
    args: INTO,
    arrange: put("target/out", content),
    code: "RESTORE_FINALIZE_FAILED",
    changes: "the user gets a key for journals",
  },
  {
    what: "a source that is a link",
    args: ["restore", "run/run-001", "--files", "files", "--to", "target", "--any-signer"],
    arrange: all(
      folder("target"),
      (project) => void writeBundle(project.root, sealBundle({ bind: true })),
      put(`files/${fileName}`, "alpha\n"),
      drop("files/out/a.txt"),
      (project) => symlinkSync(`../${fileName}`, project.at("files/out/a.txt")),
    ),
    code: "RESTORE_SOURCE_NOT_REGULAR_FILE",
  },
  {
    what: "a source that changed",
    args: INTO,
    arrange: all(folder("target"), drop(".runseal/packs"), put("out/a.txt", content)),
    code: "RESTORE_VERIFY_STRICT_FAILED",
  },
  {
    what: "a bundle to restore that is no JSON",
    args: INTO,
    arrange: all(
      folder("target"),
      artifact("STATUS", () => content),
    ),
    code: "RESTORE_VERIFY_STRICT_FAILED",
  },
  {
    what: "a proof to restore by that is no JSON",
    args: INTO,
    arrange: all(
      folder("target"),
      artifact("PROOF", () => content),
    ),
    code: "RESTORE_PROOF_MALFORMED",
  },
  {
    what: "restore by a trust file with a bad line",
    args: [...INTO, "--trust", "trust"],
    arrange: all(folder("target"), put("trust", content)),
    code: "RESTORE_VERIFY_STRICT_FAILED",
    exit: 3,
  },
  {
    what: "restore from a root that is not there",
    args: [...INTO, "--files", "nope"],
    arrange: folder("target"),
    code: "RESTORE_VERIFY_STRICT_FAILED",
    cause: /ENOENT/,
  },
  {
    what: "a path to restore that is no output",
    args: [...INTO, "--only", "out/nope"],
    arrange: folder("target"),
    code: "RESTORE_SELECTION_NOT_FOUND",
  },
  {
    what: "undo where nothing was restored",
    args: ["undo", "--restored", "target"],
    arrange: put(`target/${fileName}`, content),
    code: "UNDO_LIST_INVALID missing",
  },
  {
    what: "undo by a manifest that is no restore's",
    args: ["undo", "--restored", "target"],
    arrange: all(
      put("target/RESTORE_MANIFEST.json", content),
      put("target/RESTORE_REPORT.json", content),
      put(`target/${fileName}`, content),
    ),
    code: "UNDO_LIST_INVALID form",
  },
  ...[["recover"], ["undo", "--restored"]].map((words) => ({
    what: `${words.join(" ")} of a folder that is not there`,
    args: [...words, "a/b"],
    code: "RESTORE_TARGET_NOT_EXIST",
    // It does not offer --mkdir, which it does not have.
    hint: /^Check the path: name the folder that was restored into\.$/,
    cause: /ENOENT/,
  })),
  {
    what: "a restore without a trust policy",
    args: [...INTO, "--mkdir"],
    env: { XDG_CONFIG_HOME: "none" },
    code: "RESTORE_VERIFY_STRICT_FAILED",
    exit: 3,
    // It does not offer to go without one.
    hint: /^(?![\s\S]*any-signer)[\s\S]*Ask the signer for the public key over a way you trust\. /,
  },
  {
    what: "a restore whose signer is not the expected one",
    args: [...INTO, "--mkdir", "--signer", OTHER_KEY],
    code: "RESTORE_VERIFY_STRICT_FAILED",
    exit: 3,
  },
  {
    what: "a restore of runs that are not one chain",
    args: ["restore", "two", "one", "--to", "target", "--mkdir", "--any-signer"],
    arrange: runseal("seal", "out", "--id", "two"),
    code: "RESTORE_VERIFY_STRICT_FAILED",
    hint: /^name the runs in their order/m,
  },
  {
    what: "recovery by a foreign journal",
    args: ["recover", "target"],
    arrange: all(put(`${STAGING}/journal`, content), put(`${STAGING}/${fileName}`, content), (project) =>
      chmodSync(project.at(STAGING), 0o700),
    ),
    code: "RECOVER_FOREIGN_JOURNAL",
  },
  {
    what: "recovery of a staging folder without a journal that holds another file",
    args: ["recover", "target"],
    arrange: all(put(`${STAGING}/${fileName}`, content), (project) => chmodSync(project.at(STAGING), 0o700)),
    code: "RESTORE_UNRESOLVED",
  },
  ...spoiled("a proof to restore by that is missing", drop(`${BUNDLE}/PROOF.json`), "RESTORE_PROOF_MISSING"),
  ...spoiled(
    "a proof without the result of a restoration",
    artifact("PROOF", () => "{}"),
    "RESTORE_PROOF_RESTORATION_RESULT_MISSING",
  ),
  ...spoiled(
    "a proof of a restoration that was not verified",
    artifact("PROOF", (text) => text.replace('"verified":true', '"verified":false')),
    "RESTORE_PROOF_NOT_VERIFIED",
  ),
  {
    what: "restore of a chain with a run twice",
    args: ["restore", BUNDLE, BUNDLE, "--to", "target"],
    arrange: folder("target"),
    code: "RESTORE_CHAIN_RUN_ID_DUPLICATE",
  },
  {
    what: "restore of a chain over a run that is there",
    args: ["restore", BUNDLE, "two", "--to", "target"],
    arrange: all(runseal("seal", "out", "--id", "two"), put(`target/two/${fileName}`, content)),
    code: "RESTORE_CHAIN_TARGET_DIR_EXISTS",
  },
  {
    what: "undo of a file that was changed",
    args: ["undo", "--restored", "target"],
    arrange: all(runseal(...INTO, "--mkdir"), put("target/out/a.txt", content)),
    code: "UNDO_TARGET_CHANGED restored",
  },
  {
    what: "undo of the runs of several restores",
    args: ["undo", "--restored", "target"],
    arrange: all(
      runseal("seal", "out", "--id", "two", "--out", "apart"),
      folder("target"),
      runseal("restore", BUNDLE, "--history", "--to", "target", "--files", "."),
      runseal("restore", "apart/two", "--history", "--to", "target", "--files", "."),
    ),
    code: "UNDO_LIST_INVALID several",
  },
];

/** A bundle that is refused before it is verified. */
function spoiled(what: string, spoil: Step, code: string): readonly Way[] {
  return [{ what, args: INTO, arrange: all(folder("target"), spoil), code }];
}
