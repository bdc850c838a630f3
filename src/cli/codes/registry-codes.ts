/** The codes of registries and OCI layouts: why nothing could be pushed, pulled or read there. @module */

import { quote } from "../../core/internal.ts";
import type { OperationCode } from "../../node/index.ts";
import { countOf } from "../text/count-text.ts";
import { PROXY_HINT, proxyAnswer } from "./proxy-words.ts";
import type { OperationFacts, OperationRecord } from "./record.ts";

/** The codes of references, registries, credentials and layouts. */
type RegistryCode = Extract<
  OperationCode,
  `REGISTRY_${string}` | `CREDENTIAL${string}` | `LAYOUT_${string}` | "REFERENCE_MALFORMED"
>;

/** What goes on where it stopped: blobs that are whole are not sent or fetched again. */
const AGAIN = "Run the command again: it goes on with what is missing.";

/** One record for each code. */
export const REGISTRY_RECORDS: Readonly<Record<RegistryCode, OperationRecord>> = {
  REFERENCE_MALFORMED: {
    exit: 2,
    message: ({ reference, why }) =>
      `${place(reference)} is not a reference: ${REFERENCE_PARTS[why ?? ""] ?? "its form"}`,
    meaning:
      "A reference is HOST[:PORT]/REPO[:TAG], HOST[:PORT]/REPO@sha256:DIGEST or oci-layout:DIR[:TAG]. Repositories are in lower case.",
    remedy: "Correct the reference, for example registry.example/team/runs:latest.",
  },
  REGISTRY_UNREACHABLE: {
    message: ({ reference, status, why }) =>
      why === "proxy"
        ? `could not reach the registry of ${place(reference)} through the proxy${proxyAnswer(status)}`
        : `could not reach the registry of ${place(reference)}${CONNECTION_WORDS[why ?? ""] ?? ", or lost the connection"}`,
    hints: ({ why }) => [why === "proxy" ? PROXY_HINT : `Check the host and the network. ${AGAIN}`],
    meaning:
      "The registry can't be reached, or it ended the connection before its answer was whole, and did so again each time that runseal tried.",
    remedy: `Check the host and the network. ${AGAIN}`,
  },
  REGISTRY_TLS_FAILED: {
    message: ({ reference }) => `the certificate of the registry of ${place(reference)} is not accepted`,
    meaning: "The registry has no certificate that this machine accepts. Nothing was sent to it.",
    remedy: "For a registry of your own, name its CA in NODE_EXTRA_CA_CERTS.",
  },
  REGISTRY_PLAIN_HTTP: {
    message: ({ reference }) => `the registry of ${place(reference)} does not speak TLS`,
    meaning:
      "The registry answered in plain HTTP, which anyone on the way can read and change. runseal uses that on this machine only. Nothing was sent to it.",
    remedy: "Use the registry's TLS port, or allow plain HTTP in a network that you trust: --plain-http.",
  },
  REGISTRY_TIMEOUT: {
    message: ({ reference, seconds = 0 }) =>
      `the registry of ${place(reference)} sent nothing for ${countOf(seconds, "second")}`,
    meaning: "The registry was too slow, each time that runseal tried.",
    remedy: AGAIN,
  },
  REGISTRY_UNAUTHORIZED: {
    message: ({ reference }) => `the registry does not let this user in to ${place(reference)}`,
    meaning:
      "The registry wants a user, and there are no credentials for it, or it does not accept them. runseal takes them from docker's config.json and its helpers.",
    remedy: "Log in with docker login or oras login.",
  },
  REGISTRY_DENIED: {
    message: ({ reference }) => `the registry does not allow that in ${place(reference)}`,
    meaning: "The registry knows the user, who may not do that: read, or write, in this repository.",
    remedy: "Ask the registry's operator for the permission, or use a repository of your own.",
  },
  REGISTRY_NOT_FOUND: {
    message: ({ object, reference }) =>
      object === undefined
        ? `${place(reference)} does not exist`
        : `${place(reference)} has no blob ${quote(object)}`,
    meaning:
      "The registry or the layout has no manifest or blob of that name. Some registries say so of what the user may not read, too.",
    remedy: "Check the reference: runseal log HOST/REPO lists what is there.",
  },
  REGISTRY_STATUS: {
    message: ({ reference, status, why }) =>
      `the registry of ${place(reference)} answered with HTTP status ${status}${why === undefined ? "" : ` (${why})`}`,
    meaning:
      "The registry answered with an error. If it named one of the specification's errors, that stands beside the status.",
    remedy: `${AGAIN} If it stays so, ask the registry's operator.`,
  },
  REGISTRY_RATE_LIMITED: {
    message: ({ reference, seconds }) =>
      `the registry of ${place(reference)} wants fewer requests${seconds === undefined ? "" : `, and another one only after ${countOf(seconds, "second")}`}`,
    meaning:
      "The registry limits how many requests it takes in some time, and wants to be left alone longer than runseal waits.",
    remedy: `Wait. ${AGAIN}`,
  },
  REGISTRY_MALFORMED: {
    message: ({ reference, why }) =>
      `${place(reference)} is not as the OCI specification has it: ${why ?? "its form"}`,
    meaning:
      "An answer, a manifest or an index breaks the specification, or says something else than before: duplicate members, another digest than SHA-256, a wrong size or type. Nothing in it was used.",
    remedy: "Check that the host is a registry. If it is, ask its operator, and who pushed there.",
  },
  REGISTRY_DIGEST_WRONG: {
    message: ({ object, reference }) =>
      `${place(reference)} gave other bytes than ${object === undefined ? "it said" : quote(object)}`,
    meaning:
      "The bytes don't have the digest by which they were asked for: they were damaged or exchanged. Nothing of them was used.",
    remedy: `${AGAIN} If it stays so, the registry, or something on the way to it, is not honest or is damaged.`,
  },
  REGISTRY_TOO_LARGE: {
    message: ({ reference, why }) => `${place(reference)} sent more than it may: ${why ?? "an answer"}`,
    meaning:
      "An answer is larger than such answers may be: 4 MiB for a manifest or an index, the size in the manifest for a blob. The rest of it was not read.",
    remedy: "Check that the host is a registry. If it is, ask its operator, and who pushed there.",
  },
  REGISTRY_REDIRECT_REFUSED: {
    message: ({ reference }) => `the registry of ${place(reference)} sends runseal where it does not go`,
    meaning:
      "The registry redirects more than five times, to plain HTTP, or names something that is not an address.",
    remedy: "Ask the registry's operator. Nothing can be read there safely.",
  },
  REGISTRY_REALM_REFUSED: {
    message: ({ reference }) =>
      `the registry of ${place(reference)} wants a user's password in plain HTTP, or at no address`,
    meaning:
      "The token server that the registry names is neither at an https address nor on this machine. No credentials were sent.",
    remedy: "Ask the registry's operator to name its token server with https.",
  },
  CREDENTIALS_MALFORMED: {
    message: ({ shown }) => `${shown} gives no credentials that can be used`,
    meaning:
      "Docker's configuration can't be read, is not JSON, or is not of docker's form. Nothing was sent.",
    remedy: "Correct the file, or log in anew with docker login.",
  },
  CREDENTIAL_HELPER_FAILED: {
    message: ({ because, named }) => `the credential helper ${named} gave no credentials${because}`,
    meaning:
      "The program that docker's configuration names can't be run, took too long, failed, or printed something else.",
    remedy: "Run docker-credential-NAME get by hand, with the host on its stdin.",
  },
  LAYOUT_NOT_FOUND: {
    message: ({ because, reference }) => `${place(reference)} is not an OCI layout${because}`,
    meaning: "The folder does not exist, can't be read, or has no file oci-layout.",
    remedy: "Check the path. runseal push makes a new layout where nothing is.",
  },
  LAYOUT_MALFORMED: {
    message: ({ reference, why }) =>
      `${place(reference)} is not as the OCI specification has it: ${why ?? "its form"}`,
    meaning:
      "The file oci-layout, the index or a blob of the layout is not of its form, is a link, or is too large. Nothing in it was used.",
    remedy: "Ask who made the layout. Copy it anew with oras copy or skopeo copy.",
  },
};

/** Why there was no connection, in words. */
const CONNECTION_WORDS: Readonly<Record<string, string>> = {
  refused: ": connection refused",
  "no-host": ": the host is unknown",
};

/** The parts of a reference in words. */
const REFERENCE_PARTS: Readonly<Record<string, string>> = {
  length: "it is too long",
  scheme: "write it without http:// or https://",
  host: "it begins with no host, which has a dot or a port, or is localhost",
  port: "the port is wrong",
  repository: "the name of the repository is missing or wrong; it is in lower case",
  path: "the path is wrong",
  tag: "the tag is wrong",
  digest: "the digest is wrong: it is sha256: and 64 hex digits",
};

function place(reference: OperationFacts["reference"]): string {
  return quote(reference ?? "");
}
