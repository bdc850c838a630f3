/** The codes of registries and OCI layouts: why nothing could be pushed, pulled or read there. @module */

import { quote } from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import type { OperationRecords } from "./code-record.ts";

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

/** What to do about the user's proxy. No address of it: that may hold a password. */
export const PROXY_HINT =
  "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY: a proxy has an address with http: or https:, a name and password if it wants them.";

/** One record for each code. */
export const REGISTRY_RECORDS: OperationRecords<RegistryCode> = {
  REGISTRY_UNREACHABLE: {
    meaning: "The registry can't be reached, or ended the connection before its answer was whole.",
    remedy: `Check the host and the network. ${AGAIN}`,
    reasons: {
      lost: ({ shown }) => `could not reach the registry of ${shown}, or lost the connection`,
      refused: ({ shown }) => `could not reach the registry of ${shown}: connection refused`,
      "no-host": ({ shown }) => `could not reach the registry of ${shown}: the host is unknown`,
      proxy: {
        message: ({ shown, status }) =>
          `could not reach the registry of ${shown} through the proxy${proxyAnswer(status)}`,
        meaning: "The proxy of the environment can't be reached, or refused.",
        remedy: PROXY_HINT,
      },
      timeout: {
        message: ({ seconds, shown }) =>
          `the registry of ${shown} sent nothing for ${countOf(seconds, "second")}`,
        meaning: "The registry sent nothing for half a minute.",
        remedy: AGAIN,
      },
      tls: {
        message: ({ shown }) => `the certificate of the registry of ${shown} is not accepted`,
        remedy: "For a registry of your own, name its CA in NODE_EXTRA_CA_CERTS.",
      },
      "plain-http": {
        message: ({ shown }) => `the registry of ${shown} does not speak TLS`,
        meaning: "Plain HTTP can be read and changed on the way. Nothing was sent.",
        remedy: "Use the registry's TLS port, or allow plain HTTP in a network that you trust: --plain-http.",
      },
    },
  },
  REGISTRY_DENIED: {
    meaning: "The registry does not let this user do that in this repository.",
    remedy: "Log in with docker login or oras login.",
    reasons: {
      unauthorized: {
        message: ({ shown }) => `the registry does not let this user in to ${shown}`,
        meaning: "Docker's config.json and its helpers have no credentials that it accepts.",
      },
      forbidden: {
        message: ({ shown }) => `the registry does not allow that in ${shown}`,
        remedy: "Ask the registry's operator for the permission, or use a repository of your own.",
      },
    },
  },
  REGISTRY_NOT_FOUND: {
    meaning: "There is no manifest or blob of that name. Some registries say so of what is not allowed, too.",
    remedy: "Check the reference: runseal log HOST/REPO lists what is there.",
    reasons: {
      content: {
        message: ({ object, shown }) =>
          object === undefined ? `${shown} does not exist` : `${shown} has no blob ${quote(object)}`,
        meaning: "The repository or layout does not have it.",
      },
      layout: {
        message: ({ shown }) => `${shown} is not an OCI layout`,
        meaning: "The folder does not exist, can't be read, or has no file oci-layout.",
        remedy: "Check the path. runseal push makes a new layout where nothing is.",
      },
    },
  },
  REGISTRY_STATUS: {
    meaning: "The registry answered with an error.",
    remedy: `${AGAIN} If it stays so, ask the registry's operator.`,
    reasons: {
      status: {
        message: ({ shown, status, why }) =>
          `the registry of ${shown} answered with HTTP status ${status}${why === undefined ? "" : ` (${why})`}`,
        meaning: "If it named one of the specification's errors, that stands beside the status.",
      },
      "rate-limit": {
        message: ({ seconds, shown }) =>
          `the registry of ${shown} wants fewer requests${seconds === undefined ? "" : `, and another one only after ${countOf(seconds, "second")}`}`,
        meaning: "It wants to be left alone longer than runseal waits.",
        remedy: `Wait. ${AGAIN}`,
      },
    },
  },
  REGISTRY_MALFORMED: {
    message: ({ reason, shown }) => `${shown} is not as the OCI specification has it: ${reason}`,
    meaning:
      "An answer, a manifest, an index or a layout breaks the specification, or says something else than before. Nothing in it was used.",
    remedy:
      "Check that the host is a registry; ask its operator, and who pushed there. Copy a layout anew with oras copy or skopeo copy.",
    reasons: {
      digest: {
        message: ({ object, shown }) =>
          `${shown} gave other bytes than ${object === undefined ? "it said" : quote(object)}`,
        meaning: "The bytes don't have the digest by which they were asked for.",
        remedy: `${AGAIN} If it stays so, the registry, or something on the way to it, is not honest or is damaged.`,
      },
      "too-large": {
        message: ({ shown }) => `${shown} sent more than it may`,
        meaning: "4 MiB for a manifest or an index, the size in the manifest for a blob.",
      },
    },
  },
  REGISTRY_REDIRECT_REFUSED: {
    meaning: "The registry sends runseal where it does not go. No credentials were sent.",
    remedy: "Ask the registry's operator. Nothing can be read there safely.",
    reasons: {
      redirect: {
        message: ({ shown }) => `the registry of ${shown} sends runseal where it does not go`,
        meaning: "It redirects more than five times, to plain HTTP, or to no address.",
      },
      realm: {
        message: ({ shown }) =>
          `the registry of ${shown} wants a user's password in plain HTTP, or at no address`,
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
      "Docker's configuration is not of docker's form, or the helper that it names failed or took too long. Nothing was sent.",
    remedy:
      "Correct the file, or log in anew with docker login. Run docker-credential-NAME get by hand, with the host on its stdin.",
  },
};

/** How a proxy answered, if it did. */
export function proxyAnswer(status: number | undefined): string {
  return status === undefined ? "" : `, which refused with HTTP status ${status}`;
}
