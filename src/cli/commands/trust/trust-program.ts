/** `runseal trust …` as data; see define-command.ts. @module */

import { parseMoment } from "../../../core/judge/trust/trust-line.ts";
import { type MakeCommand, newCommand, newGroup } from "../../options/define-command.ts";
import { flag, parsed, type Spec, text } from "../../options/option-kinds.ts";

const TRUST = { trust: text("--trust <file>", "another trust file than your own") };
const KEY = "the public key, its .pub or .pem file, or a digest that names one of yours or of the file";
const CERTIFICATE =
  "trust a timestamp authority: its certificate or its CA's, in PEM or DER, or sha256: and the fingerprint";
const KEY_OR_NAME = ["<key-or-name...>", "a public key, its .pub or .pem file or digest, or a name"] as const;

/** What an option with a moment takes, in its help. */
const MOMENT_HELP = "such as 2026-11-24T09:20:42Z or 20261124, UTC";

/** ISO 8601 as runseal prints it, also without seconds or time. A time needs its Z: the line of a trust file is in UTC. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?Z)?$/;

/** An option with a moment, as a line of a trust file has it: ISO 8601 without its signs. */
function moment(flags: string, about: string): Spec<string | undefined> {
  return parsed(flags, about, {
    takes: "a moment in UTC, such as 2026-11-24T09:20:42Z, 2026-11-24 or 20261124092042",
    parse: (text) => {
      const plain = ISO.test(text) ? text.replaceAll(/[-T:Z]/g, "") : text;
      return parseMoment(plain) === undefined ? undefined : plain;
    },
  });
}

/** The command `trust` with its subcommands. */
export const trustCommand: MakeCommand = newGroup(
  {
    name: "trust",
    summary: "whom you trust",
    examples: ["runseal trust list", "runseal trust add alice@example.org 'ssh-ed25519 AAAA…'"],
  },
  [
    newCommand({
      name: "trust list",
      summary: "list the lines of your trust file",
      options: TRUST,
      examples: ["runseal trust list", "runseal trust list --trust signers.txt --json"],
      call: async (_none, options, io) => (await import("./trust.ts")).runTrustList(options, io),
    }),
    newCommand({
      name: "trust add",
      summary: "add one line at the end of your trust file",
      operands: [
        ["<name>", "what the signer is called: name[,name]; or the line that init prints, alone"],
        ["[key...]", KEY],
      ],
      options: {
        validAfter: moment("--valid-after <moment>", `trust what was sealed from then on: ${MOMENT_HELP}`),
        validBefore: moment("--valid-before <moment>", "trust what was sealed before then"),
        namespace: text("--namespace <patterns>", "what the key is for; one of them must match runseal"),
        bound: flag("--bound", "trust only runs that sign their id and time, as runseal's do"),
        tsa: text("--tsa <certificate>", CERTIFICATE),
        ...TRUST,
      },
      rules: [
        {
          refused: ["--namespace", "--bound"],
          beside: ["--tsa"],
          why: "an authority says when runs were signed, and signs none",
        },
      ],
      examples: [
        "runseal trust add alice@example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…",
        "runseal trust add build 45cbd2e9540ab858… --valid-before 20270101 --bound",
        "runseal trust add freetsa --tsa freetsa-cacert.pem",
      ],
      call: async ([name, key], options, io) =>
        (await import("./trust.ts")).runTrustAdd(name, key, options, io),
    }),
    newCommand({
      name: "trust require",
      summary: "trust only what several of your signers signed",
      usage: "[options] <count> of <name,name>",
      operands: [
        ["<count>", "how many of them must have signed"],
        ["<of>", "this word", ["of"]],
        ["<name>", "signers of the trust file: name,name"],
      ],
      options: TRUST,
      examples: ["runseal trust require 2 of ci,qa", "runseal trust require 1 of ci --trust signers.txt"],
      call: async ([count, _of, list], options, io) =>
        (await import("./trust.ts")).runTrustRequire(count, list, options, io),
    }),
    newCommand({
      name: "trust remove",
      summary: "remove every line of a key, or every line that lists a name, also of an authority",
      operands: [KEY_OR_NAME],
      options: TRUST,
      examples: ["runseal trust remove alice@example.org", "runseal trust remove 45cbd2e9540ab858…"],
      call: async ([words], options, io) => (await import("./trust.ts")).runTrustRemove(words, options, io),
    }),
    newCommand({
      name: "trust revoke",
      summary: "revoke a key, or every key that lists a name, so that nothing it sealed is trusted",
      operands: [KEY_OR_NAME],
      options: {
        at: moment("--at <moment>", `the key was stolen then at the earliest: ${MOMENT_HELP}`),
        ...TRUST,
      },
      examples: ["runseal trust revoke mallory", "runseal trust revoke build --at 20261124"],
      call: async ([words], options, io) =>
        (await import("./trust-revoke.ts")).runTrustRevoke(words, options, io),
    }),
    newCommand({
      name: "trust check",
      summary: "check whether a run that this key seals now would be trusted, and by which line",
      operands: [["<key...>", `${KEY}; or a name that one key has`]],
      options: TRUST,
      examples: ["runseal trust check alice", "runseal trust check 45cbd2e9… --trust signers.txt"],
      call: async ([key], options, io) => (await import("./trust-check.ts")).runTrustCheck(key, options, io),
    }),
  ],
);
