/** Registries with hostile answers, folders that are not layouts, and credentials that lead nowhere. @module */

import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { PRIVATE, SECRETS } from "../../../support/command/canaries.ts";
import type { Project } from "../../../support/command/cli.ts";
import { serve } from "../../../support/evidence/authority-server.ts";
import { all, artifact, drop, folder, put, runseal, type Way } from "./way.ts";

const { content } = PRIVATE;

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

/** A manifest of something else than a run. */
const FOREIGN = JSON.stringify({
  schemaVersion: 2,
  mediaType: MANIFEST_TYPE,
  artifactType: "application/vnd.example.thing",
  config: { mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf("{}"), size: 2 },
  layers: [],
  annotations: { "org.example.note": content },
});

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

function challenge(response: ServerResponse, scheme: string): void {
  response.writeHead(401, { "www-authenticate": scheme, "x-canary": content }).end(content);
}

/** What a registry answers to each request, by the code that it leads to. */
const ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "REGISTRY_DENIED unauthorized": (response) => challenge(response, 'Basic realm="runseal"'),
  "REGISTRY_DENIED forbidden": (response) => response.writeHead(403).end(content),
  "REGISTRY_NOT_FOUND content": (response) => response.writeHead(404).end(content),
  "REGISTRY_STATUS status": (response) => response.writeHead(418, content).end(content),
  "REGISTRY_STATUS rate-limit": (response) =>
    response.writeHead(429, { "retry-after": "86400" }).end(content),
  REGISTRY_MALFORMED: (response) => challenge(response, content),
  "REGISTRY_MALFORMED digest": (response) =>
    response.writeHead(200, { "content-type": MANIFEST_TYPE }).end(FOREIGN),
  "REGISTRY_MALFORMED too-large": (response) =>
    response.writeHead(200, { "content-type": MANIFEST_TYPE }).end(Buffer.alloc(5 * 2 ** 20, " ")),
  "REGISTRY_REDIRECT_REFUSED redirect": (response) =>
    response.writeHead(307, { location: `http://${content}.example/` }).end(content),
  "REGISTRY_REDIRECT_REFUSED realm": (response) =>
    challenge(response, `Bearer realm="http://${content}.example/token",service="runseal"`),
  "CARRIED_RUN_MALFORMED manifest": (response) =>
    response.writeHead(200, { "content-type": MANIFEST_TYPE }).end(FOREIGN),
};

const server = await serve((_query, response, path) => {
  const which = path.split("/")[3];
  const found = Object.entries(ANSWERS).find(([code]) => repositoryOf(code).endsWith(`/${which}`));
  const answer = found?.[1] ?? ANSWERS["REGISTRY_DENIED unauthorized"];
  answer?.(response);
});

const HOST = server.url.replace("http://", "");

/** The repository whose answers lead to a code. */
function repositoryOf(code: string): string {
  return `${HOST}/canary/${code.toLowerCase().replaceAll(/[_ ]/g, "-")}`;
}

/** Docker's configuration of a user whose password is a canary. */
function docker(config: object): (project: Project) => void {
  return put(".docker/config.json", JSON.stringify(config));
}

const AUTH = Buffer.from(`carrier:${SECRETS.token}`).toString("base64");
const LOGGED_IN = docker({ auths: { [HOST]: { auth: AUTH } } });
const DOCKER_CONFIG = ".docker";

const LAYOUT = "oci-layout:layout:v1";
const OTHER_DIGEST = `sha256:${"0".repeat(64)}`;

/** Pulls and pushes that fail. */
export const REGISTRY_WAYS: readonly Way[] = [
  ...Object.keys(ANSWERS).map((code) => ({
    what: `a registry: ${code}`,
    args: [
      "pull",
      `${repositoryOf(code)}${code === "REGISTRY_MALFORMED digest" ? `@${OTHER_DIGEST}` : ":v1"}`,
    ],
    env: { DOCKER_CONFIG },
    arrange: LOGGED_IN,
    code,
  })),
  {
    what: "a push that a registry denies",
    args: ["push", "one", repositoryOf("REGISTRY_DENIED forbidden")],
    env: { DOCKER_CONFIG },
    arrange: LOGGED_IN,
    code: "REGISTRY_DENIED forbidden",
  },
  {
    what: "a push to a port where nothing listens",
    args: ["push", "one", "127.0.0.1:9/canary/runs"],
    code: "REGISTRY_UNREACHABLE refused",
  },
  {
    what: "a list that a registry does not give",
    args: ["log", repositoryOf("REGISTRY_STATUS status")],
    env: { DOCKER_CONFIG },
    arrange: LOGGED_IN,
    code: "REGISTRY_STATUS status",
  },
  {
    what: "docker's configuration that is not JSON",
    args: ["pull", `${repositoryOf("REGISTRY_DENIED unauthorized")}:v1`],
    env: { DOCKER_CONFIG },
    arrange: put(".docker/config.json", `{"auths": "${SECRETS.token}`),
    code: "CREDENTIALS_UNUSABLE",
  },
  {
    what: "a credential helper that is missing",
    args: ["pull", `${repositoryOf("REGISTRY_DENIED unauthorized")}:v1`],
    env: { DOCKER_CONFIG },
    arrange: docker({ credHelpers: { [HOST]: "runseal-none" }, auths: { other: { auth: AUTH } } }),
    code: "CREDENTIALS_UNUSABLE",
  },
  ...(
    [
      ["length", `${HOST}/team/runs:${"v".repeat(5_000)}`],
      ["scheme", `http://${HOST}/team/runs`],
      ["host", `team/runs@sha256:${"0".repeat(64)}`],
      ["port", "localhost:99999/team/runs:v1"],
      ["repository", `${HOST}/Team/Runs:v1`],
      ["path", "oci-layout:"],
      ["tag", `${HOST}/team/runs:-v`],
      ["digest", `${HOST}/team/runs@sha256:12`],
    ] as const
  ).map(([part, reference]) => ({
    what: `a reference that is wrong in its ${part}`,
    args: ["push", "one", reference],
    code: `ARGUMENT_MALFORMED ${part}`,
  })),
  { what: "a pull of a run's id", args: ["pull", "one"], code: "USAGE" },
  { what: "a pull of an archive that is missing", args: ["pull", "one.runseal"], code: "PATH_NOT_FOUND" },
  { what: "a pull of a folder", args: ["pull", "./out"], code: "USAGE" },
  {
    what: "a pull into a project and a folder",
    args: ["pull", LAYOUT, "--project", ".", "--to", "new"],
    code: "USAGE",
  },
  { what: "a pull to a folder that is there", args: ["pull", LAYOUT, "--to", "out"], code: "USAGE" },
  {
    what: "a reference without a tag",
    args: ["pull", `${HOST}/team/runs`],
    code: "USAGE",
  },
  {
    what: "a layout that is not there",
    args: ["pull", "oci-layout:nowhere:v1"],
    code: "REGISTRY_NOT_FOUND layout",
  },
  {
    what: "a folder that is not a layout",
    args: ["pull", "oci-layout:other:v1"],
    arrange: all(folder("other"), put("other/oci-layout", content), put("other/index.json", content)),
    code: "REGISTRY_MALFORMED",
  },
  {
    what: "a push of a run whose files are gone",
    args: ["push", "one", "oci-layout:layout"],
    arrange: all(drop(".runseal/packs"), drop("out/a.txt")),
    code: "PACK_SOURCE_MISSING",
  },
  { what: "a push whose repository comes before its run", args: ["push", LAYOUT, "one"], code: "USAGE" },
  ...[
    ["push", "./x"],
    ["export", "--format", "dsse", "-o", "x"],
    ["sign", "--counter"],
  ].map(([verb = "", ...options]) => ({
    what: `${verb} of a run in a registry`,
    args: [verb, `${HOST}/team/runs:v1`, ...options],
    code: "USAGE",
    hint: /^runseal pull brings a run into a project$/m,
  })),
  {
    what: "a push of several runs with one tag",
    args: ["push", "one", "two", LAYOUT],
    arrange: runseal("seal", "out", "--id", "two"),
    code: "USAGE",
  },
  {
    what: "a push of a bundle that is not as it was signed",
    args: ["push", "one", LAYOUT],
    arrange: artifact("STATUS", (text) => text.replace("success", "SUCCESS")),
    code: "BUNDLE_ROOT_MISMATCH",
  },
  {
    what: "a pull of another run than the expected one",
    args: ["pull", LAYOUT, "--here", "--project", "there", "--expect", "0".repeat(64)],
    arrange: runseal("push", "one", LAYOUT),
    code: "EXPECTATION_FAILED",
  },
  {
    what: "a list of one tag",
    args: ["log", LAYOUT],
    arrange: runseal("push", "one", LAYOUT),
    code: "USAGE",
  },
  {
    what: "a pull over another run of that name",
    args: ["pull", "oci-layout:layout:v1", "--here", "--project", "there"],
    arrange: all(
      runseal("push", "one", "oci-layout:layout:v1"),
      put("there/.runseal/runs/one/STATUS.json", content),
    ),
    code: "RUN_EXISTS",
  },
];
