import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { PRIVATE, SECRETS } from "../../../support/command/canaries.ts";
import { BUNDLE, type Project } from "../../../support/command/cli.ts";
import { all, artifact, folder, put, runseal, type Way } from "./way.ts";

const { content, fileName } = PRIVATE;
const VERIFY = ["verify", BUNDLE, "--trust", "trust"];

/** A trust file about the key that signed, from the line's options and the lines below. */
function trusting(options: string, below = ""): (project: Project) => void {
  return (project) => {
    const line = readFileSync(join(project.config, "runseal/keys/default.pub"), "utf8");
    put("trust", `# ${content}\nx ${options} ${line.replace(/^\S+ /, "")}${below}`)(project);
  };
}

/** Signers that a trust file names and does not believe. */
export const POLICY_WAYS: readonly Way[] = [
  { what: "a signer that is revoked", args: VERIFY, arrange: trusting("revoked"), code: "SIGNER_REVOKED" },
  {
    what: "a signer whose time is over",
    args: VERIFY,
    arrange: trusting('valid-before="20200101"'),
    code: "SIGNER_EXPIRED",
  },
  {
    what: "a signer whose time has not come",
    args: VERIFY,
    arrange: trusting('valid-after="20990101"'),
    code: "SIGNER_NOT_YET_VALID",
  },
  {
    what: "a threshold that is not met",
    args: VERIFY,
    arrange: trusting("bound", `y runseal-ed25519 ${"ab".repeat(32)}\n[require 2 of x,y]\n`),
    code: "SIGNER_THRESHOLD_UNMET",
  },
  {
    what: "countersign twice",
    args: ["sign", "--counter", BUNDLE, "--key", "key"],
    arrange: all(put("key", SECRETS.seed, 0o600), runseal("sign", "--counter", BUNDLE, "--key", "key")),
    code: "NOTHING_TO_ADD countersigned",
  },
];

/** Gives a member of an artifact another value, or takes it out. */
const member = (name: string, key: string, value?: unknown): ((project: Project) => void) =>
  artifact(name, (text) => JSON.stringify({ ...JSON.parse(text), [key]: value }));

/** Bundles that are rejected for rarer reasons. */
export const RARE_WAYS: readonly Way[] = [
  {
    what: "a bundle that was renamed",
    args: ["verify", ".runseal/runs/other"],
    arrange: (project) => renameSync(project.at(BUNDLE), project.at(".runseal/runs/other")),
    code: "PAYLOAD_MISMATCH",
  },
  {
    what: "a history with a run that was renamed",
    args: ["verify", "--history"],
    arrange: (project) => renameSync(project.at(BUNDLE), project.at(".runseal/runs/other")),
    code: "PAYLOAD_MISMATCH",
    hint: /^(?![\s\S]*tampered with)[\s\S]*rename the folder to "one", if that is the run you want$/m,
  },
  {
    what: "an identity with a field too many",
    args: ["verify", BUNDLE],
    arrange: member("VALIDATOR_IDENTITY", "extra", content),
    code: "FIELD_EXTRA",
  },
  {
    what: "a signature without a field",
    args: ["verify", BUNDLE],
    arrange: member("SIGNATURE", "signature"),
    code: "SIGNATURE_INCOMPLETE",
  },
  {
    what: "a signature of another validator",
    args: ["verify", BUNDLE],
    arrange: member("SIGNATURE", "validator_id", content),
    code: "IDENTITY_MISMATCH",
  },
  {
    what: "a second signature",
    args: ["verify", BUNDLE],
    arrange: put(`${BUNDLE}/SIGNATURE.json.bak`, content),
    code: "ARTIFACT_EXTRA",
  },
  {
    what: "a run that left its scratch folder changed",
    args: ["verify", "left"],
    arrange: all(
      folder(".runseal/scratch"),
      runseal("run", "--id", "left", "--", "sh", "-c", `echo > .runseal/scratch/${fileName}`),
    ),
    code: "RESTORATION_FAILED",
  },
  {
    what: "a chain in another order",
    args: ["verify", "--history", "two", "one"],
    arrange: runseal("seal", "out", "--id", "two"),
    code: "CHAIN_ROOT_MISMATCH",
  },
];
