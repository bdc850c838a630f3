import { chmodSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { type BundleRecipe, sealBundle, writeBundle } from "../../../support/bundles/bundle.ts";
import { EMPTY_TREE } from "../../../support/bundles/output-trees.ts";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { BUNDLE, makeFifo, type Project } from "../../../support/command/cli.ts";
import { bundleEntries, tarOf } from "../../../support/registry/archive.ts";
import { all, artifact, config, drop, folder, put, runseal, type Way } from "./way.ts";

const { content, fileName } = PRIVATE;
const VERIFY = ["verify", BUNDLE];
const ARTIFACTS = [
  "TASK_SPEC",
  "STATUS",
  "OUTPUT_HASHES",
  "PROOF",
  "VALIDATOR_IDENTITY",
  "SIGNED_PAYLOAD",
  "SIGNATURE",
] as const;

/** Gives a member of an artifact another value. */
const member = (name: string, key: string, value: unknown): ((project: Project) => void) =>
  artifact(name, (text) => JSON.stringify({ ...JSON.parse(text), [key]: value }));

/** Writes a bundle with a tree of these members, and its outputs. */
const sealed =
  (outputTree: BundleRecipe["outputTree"]): ((project: Project) => void) =>
  (project) => {
    writeBundle(
      project.root,
      sealBundle({ bind: true, ...(outputTree === undefined ? {} : { outputTree }) }),
    );
  };

/** Writes an archive of plain bundles without outputs. */
const archive =
  (runIds: readonly string[]): ((project: Project) => void) =>
  (project) => {
    const bundles = runIds.map((runId) => sealBundle({ runId, outputs: { [fileName]: content } }));
    writeFileSync(project.at("two.runseal"), tarOf(bundles.flatMap(bundleEntries)));
  };
const SEALED = ["verify", "run/run-001", "--files", "files", "--any-signer"];

/** Bundles whose trees are not there as they were sealed. */
export const TREE_WAYS: readonly Way[] = [
  {
    what: "a tree that is missing",
    args: VERIFY,
    arrange: drop(`${BUNDLE}/OUTPUT_TREE.json`),
    code: "TREE_MISSING",
  },
  {
    what: "another tree",
    args: VERIFY,
    arrange: put(`${BUNDLE}/OUTPUT_TREE.json`, content),
    code: "TREE_MISMATCH",
  },
  {
    what: "a signed tree that is not one",
    args: SEALED,
    arrange: sealed(`{"${content}":1}`),
    code: "TREE_MALFORMED",
  },
  {
    what: "a tree that no folder can be",
    args: SEALED,
    arrange: sealed({ ...EMPTY_TREE, empty_folders: ["out/a.txt"] }),
    code: "TREE_UNLAWFUL",
  },
  {
    what: "a link that is gone",
    args: SEALED,
    arrange: sealed({ ...EMPTY_TREE, links: [{ path: "out/latest", target: "a.txt" }] }),
    code: "TREE_ENTRY_MISSING",
  },
  {
    what: "a file that became a program",
    args: VERIFY,
    arrange: (project) => chmodSync(project.at("out/a.txt"), 0o755),
    code: "TREE_ENTRY_DIFFERS",
  },
  {
    what: "a file beside the sealed ones",
    args: [...VERIFY, "--exact"],
    arrange: put("out/extra.txt", content),
    code: "TREE_EXTRA",
  },
  {
    what: "a restore of a link that leads outside",
    args: ["restore", ...SEALED.slice(1), "--to", "target", "--mkdir"],
    arrange: all(sealed({ ...EMPTY_TREE, links: [{ path: "out/away", target: "/outside" }] }), (project) =>
      symlinkSync("/outside", project.at("files/out/away")),
    ),
    code: "RESTORE_LINK_LEAVES_ROOT",
  },
  {
    what: "nothing else in the folders of a bundle without a tree",
    args: [...SEALED, "--exact"],
    arrange: sealed(undefined),
    code: "BUNDLE_UNSUITABLE no-tree",
  },
];

/** Bundles that are rejected. */
export const REJECTED_WAYS: readonly Way[] = [
  { what: "a run that is not there", args: ["verify", "nope"], code: "RUN_NOT_FOUND id" },
  { what: "a bundle that is not there", args: ["verify", "./nope"], code: "PATH_NOT_FOUND" },
  {
    what: "a bundle that is a file",
    args: ["verify", "out/a.txt"],
    code: "RUN_NOT_FOUND not-a-run",
  },
  ...[".", ".runseal/runs", "/dev/null", ".runseal"].map((path) => ({
    what: `"${path}" for a bundle`,
    args: ["verify", path],
    code: "RUN_NOT_FOUND not-a-run",
  })),
  { what: "a bundle below a file", args: ["verify", "out/a.txt/x"], code: "PATH_NOT_FOUND" },
  {
    what: "a bundle that is a folder of other files",
    args: ["verify", "./out"],
    code: "RUN_NOT_FOUND not-a-run",
  },
  {
    what: "one run of an archive that has two",
    args: ["show", "two.runseal"],
    arrange: archive(["first", "second"]),
    code: "AMBIGUOUS run",
  },
  {
    what: "the parts of a run that has none",
    args: [...VERIFY, "--parts"],
    code: "BUNDLE_UNSUITABLE no-parts",
  },
  {
    what: "a run in a registry that bounds nothing",
    args: ["verify", "oci-layout:layout/runs:tagged"],
    arrange: all(
      (project) => {
        writeBundle(project.root, sealBundle());
      },
      runseal("push", "run/run-001", "oci-layout:layout/runs:tagged", "--files", "files"),
    ),
    code: "BUNDLE_UNSUITABLE unbound",
  },
  { what: "a folder without a project", args: ["log", "--project", "/"], code: "PROJECT_NOT_FOUND" },
  ...ARTIFACTS.map(
    (name): Way => ({
      what: `${name} that is no JSON`,
      args: VERIFY,
      arrange: artifact(name, (text) => text.replace("{", `{"${content}": ${content}, `)),
      code: "ARTIFACT_MALFORMED",
    }),
  ),
  {
    what: "an artifact with a key twice",
    args: VERIFY,
    arrange: artifact("STATUS", (text) => text.replace("{", `{"${content}":1,"${content}":2,`)),
    code: "ARTIFACT_MALFORMED",
  },
  {
    what: "an artifact that is no UTF-8",
    args: VERIFY,
    arrange: artifact("STATUS", (text) => text.replace("{", `{"${content}":"\ud800",`)),
    code: "BUNDLE_ROOT_MISMATCH",
  },
  {
    what: "an artifact that is a link",
    args: VERIFY,
    arrange: all(put(fileName, content), drop(`${BUNDLE}/STATUS.json`), (project) =>
      symlinkSync(project.at(fileName), project.at(BUNDLE, "STATUS.json")),
    ),
    code: "ARTIFACT_MALFORMED",
  },
  {
    what: "an artifact that is a FIFO",
    args: VERIFY,
    arrange: all(drop(`${BUNDLE}/STATUS.json`), (project) => makeFifo(project.at(BUNDLE, "STATUS.json"))),
    code: "ARTIFACT_MALFORMED",
  },
  {
    what: "an artifact that is gone",
    args: VERIFY,
    arrange: drop(`${BUNDLE}/PROOF.json`),
    code: "ARTIFACT_MISSING",
  },
  {
    what: "another algorithm",
    args: VERIFY,
    arrange: member("VALIDATOR_IDENTITY", "algorithm", content),
    code: "ALGORITHM_UNSUPPORTED",
  },
  {
    what: "an invalid public key",
    args: VERIFY,
    arrange: member("VALIDATOR_IDENTITY", "public_key", content),
    code: "KEY_INVALID",
  },
  {
    what: "an id that is not the key's",
    args: VERIFY,
    arrange: member("VALIDATOR_IDENTITY", "validator_id", content),
    code: "IDENTITY_INVALID",
  },
  {
    what: "a number with two spellings",
    args: VERIFY,
    arrange: artifact("STATUS", (text) => text.replace("{", `{"${content}":1.0,`)),
    code: "SERIALIZATION_INVALID",
  },
  {
    what: "invalid hashes",
    args: VERIFY,
    arrange: member("OUTPUT_HASHES", "hashes", content),
    code: "FIELD_MISSING",
  },
  {
    what: "another root",
    args: VERIFY,
    arrange: member("SIGNED_PAYLOAD", "bundle_root", content),
    code: "BUNDLE_ROOT_MISMATCH",
  },
  {
    what: "another decision",
    args: VERIFY,
    arrange: member("SIGNED_PAYLOAD", "decision", content),
    code: "DECISION_INVALID",
  },
  {
    what: "an invalid signature",
    args: VERIFY,
    arrange: member("SIGNATURE", "signature", content),
    code: "SIGNATURE_MALFORMED",
  },
  {
    what: "a signature that does not hold",
    args: VERIFY,
    arrange: member("SIGNATURE", "signature", "0".repeat(128)),
    code: "SIGNATURE_INVALID",
  },
  {
    what: "another proof",
    args: VERIFY,
    arrange: member("PROOF", "run_id", content),
    code: "ARTIFACT_MALFORMED",
  },
  {
    what: "a forbidden folder",
    args: VERIFY,
    arrange: folder(`${BUNDLE}/tmp/${fileName}`),
    code: "FORBIDDEN_ARTIFACT",
  },
  { what: "an output that is gone", args: VERIFY, arrange: drop("out/a.txt"), code: "OUTPUT_MISSING" },
  { what: "an output that changed", args: VERIFY, arrange: put("out/a.txt", content), code: "HASH_MISMATCH" },
  {
    what: "an output that is a link outside",
    args: VERIFY,
    arrange: all(drop("out/a.txt"), (project) =>
      symlinkSync(`${project.folder}/${fileName}`, project.at("out/a.txt")),
    ),
    code: "OUTPUT_MISSING",
  },
  {
    what: "verify below a root that is not there",
    args: [...VERIFY, "--files", "nope"],
    code: "PATH_NOT_FOUND folder",
    cause: /ENOENT/,
  },
  { what: "verify below a file", args: [...VERIFY, "--files", "out/a.txt"], code: "PATH_NOT_FOUND folder" },
  {
    what: "a chain with a run twice",
    args: ["verify", "--history", BUNDLE, BUNDLE],
    code: "CHAIN_DUPLICATE_RUN",
  },
  {
    what: "a chain of which an output changed",
    args: ["verify", "--history", BUNDLE],
    arrange: put("out/a.txt", content),
    code: "HASH_MISMATCH",
    hint: /runseal verify --all/,
  },
  {
    what: "a chain of another root",
    args: ["verify", "--history", BUNDLE, "--expect", "0".repeat(64)],
    code: "EXPECTATION_FAILED",
  },
  {
    what: "a bundle of another root",
    args: ["verify", BUNDLE, "--expect", "0".repeat(64)],
    code: "EXPECTATION_FAILED",
  },
  {
    what: "a chain with a bundle that is no JSON",
    args: ["verify", "--history", BUNDLE],
    arrange: artifact("STATUS", () => content),
    code: "ARTIFACT_MALFORMED",
  },
  {
    what: "a chain below a root that is not there",
    args: ["verify", "--history", BUNDLE, "--files", "nope"],
    code: "PATH_NOT_FOUND folder",
    cause: /ENOENT/,
  },
];

const OTHER_KEY = "runseal-ed25519 7f3969b39553cc2cb0146bcae5c130fd68cccb7a1daa19a57bb51c5c79efed96";

/** Signers that are not trusted, and policies that are unavailable. */
export const TRUST_WAYS: readonly Way[] = [
  {
    what: "a trust file that is not there",
    args: [...VERIFY, "--trust", "nope"],
    code: "TRUST_FILE_UNREADABLE",
    cause: /ENOENT/,
  },
  {
    what: "a trust file that is a folder",
    args: [...VERIFY, "--trust", "folder"],
    arrange: folder(`folder/${fileName}`),
    code: "TRUST_FILE_UNREADABLE",
  },
  {
    what: "a trust file that is a FIFO",
    args: [...VERIFY, "--trust", "trust"],
    arrange: (project) => makeFifo(project.at("trust")),
    code: "TRUST_FILE_UNREADABLE",
  },
  {
    what: "a trust file without end",
    args: [...VERIFY, "--trust", "/dev/zero"],
    code: "TRUST_FILE_UNREADABLE",
  },
  {
    what: "a trust file that is too large",
    args: [...VERIFY, "--trust", "trust"],
    arrange: all(put("trust", content), (project) => truncateSync(project.at("trust"), 2 ** 30)),
    code: "TRUST_FILE_UNREADABLE",
  },
  {
    what: "a trust file with a bad line",
    args: [...VERIFY, "--trust", "trust"],
    arrange: put("trust", `# ${content}\n${content} ${content}\n`),
    code: "TRUST_FILE_MALFORMED",
  },
  {
    what: "one's own trust file with a bad line",
    args: VERIFY,
    arrange: config("runseal/trust", `${content} ${content}="x" ${OTHER_KEY}\n`),
    code: "TRUST_FILE_MALFORMED",
  },
  {
    what: "no trust file",
    args: VERIFY,
    env: { XDG_CONFIG_HOME: `/nonexistent/${fileName}` },
    code: "TRUST_POLICY_MISSING",
    cause: /ENOENT/,
  },
  {
    what: "a signer that no policy lists",
    args: [...VERIFY, "--trust", "trust"],
    arrange: put("trust", `${content} ${OTHER_KEY}\n`),
    code: "SIGNER_UNKNOWN",
  },
  {
    what: "a chain of a signer that no policy lists",
    args: ["verify", "--history", BUNDLE, "--trust", "trust"],
    arrange: put("trust", `${content} ${OTHER_KEY}\n`),
    code: "SIGNER_UNKNOWN",
  },
];
