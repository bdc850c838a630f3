/** The codes of registries and OCI layouts: why nothing could be pushed, pulled or read there. @module */

import { quote } from "../../core/internal.ts";
import { countOf } from "../text/count-text.ts";
import { PROXY_HINT, proxyAnswer } from "./proxy-words.ts";
import type { OperationFacts, OperationRecords } from "./record.ts";

/** The codes of registries, credentials and layouts. */
type RegistryCode =
  | "CREDENTIALS_UNUSABLE"
  | "REGISTRY_DENIED"
  | "REGISTRY_MALFORMED"
  | "REGISTRY_NOT_FOUND"
  | "REGISTRY_REDIRECT_REFUSED"
  | "REGISTRY_STATUS"
  | "REGISTRY_UNREACHABLE";

/** What goes on where it stopped: blobs that are whole are not sent or fetched again. */
const AGAIN = "Run the command again: it goes on with what is missing.";

/** One record for each code. */
export const REGISTRY_RECORDS: OperationRecords<RegistryCode> = {
  REGISTRY_UNREACHABLE: {
    meaning:
      "The registry can't be reached, or it ended the connection before its answer was whole, and did so again each time that runseal tried.",
    remedy: `Check the host and the network. ${AGAIN}`,
    reasons: {
      lost: {
        message: ({ reference }) =>
          `could not reach the registry of ${place(reference)}, or lost the connection`,
      },
      refused: {
        message: ({ reference }) => `could not reach the registry of ${place(reference)}: connection refused`,
      },
      "no-host": {
        message: ({ reference }) =>
          `could not reach the registry of ${place(reference)}: the host is unknown`,
      },
      proxy: {
        message: ({ reference, status }) =>
          `could not reach the registry of ${place(reference)} through the proxy${proxyAnswer(status)}`,
        remedy: PROXY_HINT,
      },
      timeout: {
        message: ({ reference, seconds = 0 }) =>
          `the registry of ${place(reference)} sent nothing for ${countOf(seconds, "second")}`,
        remedy: AGAIN,
      },
      tls: {
        message: ({ reference }) => `the certificate of the registry of ${place(reference)} is not accepted`,
        remedy: "For a registry of your own, name its CA in NODE_EXTRA_CA_CERTS.",
      },
      "plain-http": {
        message: ({ reference }) => `the registry of ${place(reference)} does not speak TLS`,
        meaning:
          "Anyone on the way can read and change plain HTTP, which runseal uses on this machine only. Nothing was sent.",
        remedy: "Use the registry's TLS port, or allow plain HTTP in a network that you trust: --plain-http.",
      },
    },
  },
  REGISTRY_DENIED: {
    meaning: "The registry does not let this user do that in this repository.",
    remedy: "Log in with docker login or oras login.",
    reasons: {
      unauthorized: {
        message: ({ reference }) => `the registry does not let this user in to ${place(reference)}`,
        meaning:
          "There are no credentials for it in docker's config.json and its helpers, or it does not accept them.",
      },
      forbidden: {
        message: ({ reference }) => `the registry does not allow that in ${place(reference)}`,
        meaning: "The registry knows the user, who may not do that.",
        remedy: "Ask the registry's operator for the permission, or use a repository of your own.",
      },
    },
  },
  REGISTRY_NOT_FOUND: {
    meaning:
      "The registry or the layout has no manifest or blob of that name. Some registries say so of what the user may not read, too.",
    remedy: "Check the reference: runseal log HOST/REPO lists what is there.",
    reasons: {
      content: {
        message: ({ object, reference }) =>
          object === undefined
            ? `${place(reference)} does not exist`
            : `${place(reference)} has no blob ${quote(object)}`,
      },
      layout: {
        message: ({ reference }) => `${place(reference)} is not an OCI layout`,
        meaning: "The folder does not exist, can't be read, or has no file oci-layout.",
        remedy: "Check the path. runseal push makes a new layout where nothing is.",
      },
    },
  },
  REGISTRY_STATUS: {
    meaning:
      "The registry answered with an error. If it named one of the specification's errors, that stands beside the status.",
    remedy: `${AGAIN} If it stays so, ask the registry's operator.`,
    reasons: {
      status: {
        message: ({ reference, status, why }) =>
          `the registry of ${place(reference)} answered with HTTP status ${status}${why === undefined ? "" : ` (${why})`}`,
      },
      "rate-limit": {
        message: ({ reference, seconds }) =>
          `the registry of ${place(reference)} wants fewer requests${seconds === undefined ? "" : `, and another one only after ${countOf(seconds, "second")}`}`,
        meaning: "It wants to be left alone longer than runseal waits.",
        remedy: `Wait. ${AGAIN}`,
      },
    },
  },
  REGISTRY_MALFORMED: {
    message: ({ reason = "its form", reference }) =>
      `${place(reference)} is not as the OCI specification has it: ${reason}`,
    meaning:
      "An answer, a manifest, an index or a layout breaks the specification, or says something else than before: duplicate members, another digest than SHA-256, a wrong size or type. Nothing in it was used.",
    remedy:
      "Check that the host is a registry. If it is, ask its operator, and who pushed there; copy a layout anew with oras copy or skopeo copy.",
    reasons: {
      digest: {
        message: ({ object, reference }) =>
          `${place(reference)} gave other bytes than ${object === undefined ? "it said" : quote(object)}`,
        meaning:
          "The bytes don't have the digest by which they were asked for: they were damaged or exchanged.",
        remedy: `${AGAIN} If it stays so, the registry, or something on the way to it, is not honest or is damaged.`,
      },
      "too-large": {
        message: ({ reference }) => `${place(reference)} sent more than it may`,
        meaning:
          "4 MiB for a manifest or an index, the size in the manifest for a blob. The rest was not read.",
      },
    },
  },
  REGISTRY_REDIRECT_REFUSED: {
    meaning: "The registry sends runseal where it does not go. No credentials were sent.",
    remedy: "Ask the registry's operator. Nothing can be read there safely.",
    reasons: {
      redirect: {
        message: ({ reference }) => `the registry of ${place(reference)} sends runseal where it does not go`,
        meaning:
          "It redirects more than five times, to plain HTTP, or names something that is not an address.",
      },
      realm: {
        message: ({ reference }) =>
          `the registry of ${place(reference)} wants a user's password in plain HTTP, or at no address`,
        meaning: "The token server that it names is neither at an https address nor on this machine.",
        remedy: "Ask the registry's operator to name its token server with https.",
      },
    },
  },
  CREDENTIALS_UNUSABLE: {
    message: ({ because, named, shown }) =>
      named === ""
        ? `${shown} gives no credentials that can be used`
        : `the credential helper ${named} gave no credentials${because}`,
    meaning:
      "Docker's configuration can't be read, is not JSON or not of docker's form; or the program that it names can't be run, took too long, failed, or printed something else. Nothing was sent.",
    remedy:
      "Correct the file, or log in anew with docker login. Run docker-credential-NAME get by hand, with the host on its stdin.",
  },
};

function place(reference: OperationFacts["reference"]): string {
  return quote(reference ?? "");
}
