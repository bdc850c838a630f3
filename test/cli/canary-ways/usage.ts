import { PRIVATE } from "../../support/canaries.ts";
import { BUNDLE } from "../../support/cli.ts";
import { drop, put, type Way } from "./way.ts";

/** Calls that are not understood. */
export const USAGE_WAYS: readonly Way[] = [
  { what: "only an option, and no command", args: ["--no-color"], code: "USAGE" },
  { what: "an unknown command", args: ["frobnicate"], code: "USAGE" },
  { what: "an unknown option", args: ["verify", BUNDLE, "--nope"], code: "USAGE" },
  {
    what: "verify outside of a project",
    args: ["verify"],
    arrange: drop(".runseal"),
    code: "PROJECT_NOT_FOUND",
  },
  { what: "seal without a path", args: ["seal"], code: "USAGE" },
  { what: "restore without a target", args: ["restore", BUNDLE], code: "USAGE" },
  { what: "an unknown rule for names", args: ["seal", "out", "--names", "any"], code: "USAGE" },
  {
    what: "two kinds of trust",
    args: ["verify", BUNDLE, "--any-signer", "--trust", "trust"],
    arrange: put("trust", PRIVATE.content),
    code: "USAGE",
  },
  {
    what: "an invalid expected root",
    args: ["chain", "verify", BUNDLE, "--expect-chain-root", "x"],
    code: "USAGE",
  },
  { what: "an unknown code", args: ["explain", "NOPE"], code: "USAGE" },
  {
    what: "an invalid time of sealing",
    args: ["seal", "out"],
    env: { SOURCE_DATE_EPOCH: PRIVATE.variable },
    code: "USAGE",
  },
  { what: "a signer that is no key", args: ["verify", BUNDLE, "--signer", "x"], code: "SIGNER_NOT_A_KEY" },
];
