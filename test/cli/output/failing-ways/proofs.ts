import { renameSync, writeFileSync } from "node:fs";
import { SECOND_SEED, sealBundle, testSigner } from "../../../support/bundles/bundle.ts";
import { proofOf } from "../../../support/bundles/file-proof.ts";
import { saidOf, signStatement } from "../../../support/bundles/outputs-root.ts";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { BUNDLE, makeFifo, type Project } from "../../../support/command/cli.ts";
import { all, artifact, drop, link, put, type Way } from "./way.ts";

const { content } = PRIVATE;
const OTHER = sealBundle({ bind: true });
const RIGHT = proofOf(OTHER, ["out/a.txt"]);
const PROVE = ["prove", BUNDLE, "out/a.txt"];
const CHECK = ["check", "proof.json", "out/a.txt", "--any-signer"];

/** Puts a proof into the project, whose `out/a.txt` is the file that it is about. */
function proof(value: unknown): (project: Project) => void {
  return put("proof.json", JSON.stringify(value));
}

/** The right proof with other members in its statement. */
function stated(change: object): object {
  return { ...RIGHT, statement: { ...RIGHT.statement, ...change } };
}

/** Files that are not proven, and proofs that are a no. */
export const PROOF_WAYS: readonly Way[] = [
  { what: "prove: a run and no file", args: ["prove", "one"], code: "USAGE" },
  { what: "prove: a mistyped run", args: ["prove", "onr", "out/a.txt"], code: "RUN_NOT_FOUND id" },
  { what: "prove: a folder", args: ["prove", BUNDLE, "out"], code: "FILE_NOT_IN_BUNDLE kind" },
  { what: "prove: a file that is not there", args: ["prove", BUNDLE, "nope"], code: "FILE_NOT_IN_BUNDLE" },
  {
    what: "prove: no statement",
    args: PROVE,
    arrange: drop(`${BUNDLE}/OUTPUTS_ROOT.json`),
    code: "OUTPUTS_ROOT_MISSING",
  },
  {
    what: "prove: an invalid statement",
    args: PROVE,
    arrange: artifact("OUTPUTS_ROOT", (text) => text.replace("{", `{"${content}":"${content}",`)),
    code: "OUTPUTS_ROOT_INVALID form",
  },
  {
    what: "prove: a statement of another bundle",
    args: PROVE,
    arrange: artifact("OUTPUTS_ROOT", () =>
      JSON.stringify(signStatement({ ...saidOf(OTHER), run_id: content })),
    ),
    code: "OUTPUTS_ROOT_INVALID mismatch",
  },
  {
    what: "prove: a statement with another signature",
    args: PROVE,
    arrange: artifact("OUTPUTS_ROOT", (text) =>
      JSON.stringify({ ...JSON.parse(text), signature: OTHER.bundleRoot.repeat(2) }),
    ),
    code: "OUTPUTS_ROOT_INVALID signature",
  },
  {
    what: "prove: a file in the proof's place",
    args: [...PROVE, "-o", "proof.json"],
    arrange: put("proof.json", content),
    code: "WRITE_FAILED",
    hint: /^name a new file: an existing one is never overwritten$/,
    cause: /EEXIST/,
  },
  {
    what: "prove: a link that leads nowhere in the proof's place",
    args: [...PROVE, "-o", "proof.json"],
    arrange: link("proof.json", "nowhere"),
    code: "WRITE_FAILED",
  },
  {
    what: "prove: a bundle that was renamed",
    args: ["prove", ".runseal/runs/other", "out/a.txt"],
    arrange: (project) => renameSync(project.at(BUNDLE), project.at(".runseal/runs/other")),
    code: "PAYLOAD_MISMATCH",
  },
  {
    what: "prove: a run that is not the expected one",
    args: [...PROVE, "--expect", "0".repeat(64)],
    code: "EXPECTATION_FAILED",
  },
  {
    what: "a page in the place of a file",
    args: ["export", "--format", "page", "-o", "page.html"],
    arrange: put("page.html", content),
    code: "FILE_EXISTS export",
  },
  { what: "a proof that is not there", args: CHECK, code: "PATH_NOT_FOUND", cause: /ENOENT/ },
  {
    what: "a proof that is a FIFO",
    args: CHECK,
    arrange: (project) => makeFifo(project.at("proof.json")),
    code: "NOT_A_FILE",
  },
  {
    what: "a proven file that is a FIFO",
    args: ["check", "proof.json", "fifo", "--as", "out/a.txt", "--any-signer"],
    arrange: all(proof(RIGHT), (project) => makeFifo(project.at("fifo"))),
    code: "NOT_A_FILE",
  },
  {
    what: "a proven file that is not there",
    args: CHECK,
    arrange: all(proof(RIGHT), drop("out/a.txt")),
    code: "PATH_NOT_FOUND",
  },
  {
    what: "a proof that is no JSON",
    args: CHECK,
    arrange: put("proof.json", content),
    code: "EVIDENCE_UNSUPPORTED unknown",
  },
  {
    what: "a proof with an extra member",
    args: CHECK,
    arrange: proof({ ...RIGHT, [content]: content }),
    code: "FILE_PROOF_MALFORMED",
  },
  {
    what: "a proof with an invalid key",
    args: CHECK,
    arrange: proof({ ...RIGHT, public_key: content }),
    code: "FILE_PROOF_INVALID key",
  },
  {
    what: "a proof with another key",
    args: CHECK,
    arrange: proof({ ...RIGHT, public_key: testSigner(SECOND_SEED).publicKeyHex }),
    code: "FILE_PROOF_INVALID identity",
  },
  {
    what: "a proof with another run id",
    args: CHECK,
    arrange: proof(stated({ run_id: content })),
    code: "FILE_PROOF_INVALID signature",
  },
  {
    what: "a proof without steps",
    args: CHECK,
    arrange: proof({ ...RIGHT, files: RIGHT.files.map((file) => ({ ...file, steps: [] })) }),
    code: "FILE_PROOF_INVALID not-member",
  },
  {
    what: "a file that a proof is not about",
    args: ["check", "proof.json", "out/b.txt", "--any-signer"],
    arrange: proof(RIGHT),
    code: "FILE_NOT_PROVEN",
  },
  {
    what: "a file that two paths of a proof fit",
    args: ["check", "proof.json", "x/out/a", "--any-signer"],
    arrange: proof(proofOf(sealBundle({ bind: true, outputs: { "out/a": "1", a: "2" } }), ["a", "out/a"])),
    code: "AMBIGUOUS",
  },
  {
    what: "a file that is not as a proof says",
    args: CHECK,
    arrange: all(proof(RIGHT), (project) => writeFileSync(project.at("out/a.txt"), content)),
    code: "FILE_DIFFERS",
  },
  {
    what: "a proof whose signer is unknown",
    args: ["check", "proof.json", "out/a.txt"],
    arrange: proof(RIGHT),
    code: "SIGNER_UNKNOWN",
  },
];
