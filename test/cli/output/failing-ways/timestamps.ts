/** Authorities that give no timestamp, tokens that do not hold, and policies that refuse by the time. @module */

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { PRIVATE, SECRETS } from "../../../support/command/canaries.ts";
import { BUNDLE, type Project } from "../../../support/command/cli.ts";
import {
  Authority,
  type Forgery,
  reasonWithoutAuthority,
  sequence,
  tlv,
} from "../../../support/evidence/authority.ts";
import { REPLY_TYPE, reply, serve } from "../../../support/evidence/authority-server.ts";
import { timestampsFile } from "../../../support/evidence/timestamps.ts";
import { artifact, config, put, type Way } from "./way.ts";

const { content, fileName } = PRIVATE;

/** Made when the first way needs one, by the kind of its certificate. */
const authorities = new Map<string, Authority>();
function authority(kind: "honest" | "other" | "usage" = "honest"): Authority {
  const extensions = ["extendedKeyUsage=critical,timeStamping,codeSigning"];
  const one = authorities.get(kind) ?? new Authority(kind === "usage" ? { extensions } : {});
  authorities.set(kind, one);
  return one;
}
process.on("exit", () => {
  for (const one of authorities.values()) one[Symbol.dispose]();
});

/** What is forged at an address, by the code that it leads to. `nonce` is the one that was sent. */
const FORGERIES: Readonly<Record<string, () => Forgery>> = {
  "TIMESTAMP_INVALID imprint": () => ({ imprint: randomBytes(32) }),
  "TIMESTAMP_INVALID nonce": () => ({ nonce: Buffer.from(content).subarray(0, 8) }),
  "TIMESTAMP_INVALID signer-count": () => ({ signers: 2 }),
  "TIMESTAMP_INVALID certificate-missing": () => ({ certificates: [] }),
  "TIMESTAMP_INVALID certificate-mismatch": () => ({ unnamed: true }),
  "TIMESTAMP_INVALID attributes": () => ({ signedInfo: Buffer.from(content) }),
  "TIMESTAMP_INVALID algorithm": () => ({ digest: "sha1" }),
  "TIMESTAMP_INVALID signature": () => ({ key: authority("other").key }),
  "TIMESTAMP_INVALID usage": () => ({}),
  "TIMESTAMP_INVALID chain": () => ({
    certificates: [authority().der("leaf"), authority("other").der("ca")],
  }),
  "TIMESTAMP_INVALID expired": () => ({ at: Date.UTC(2019, 0, 1) }),
  "TIMESTAMP_INVALID before-seal": () => ({ at: Date.UTC(2021, 0, 1) }),
};

const ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "TSA_UNREACHABLE timeout": () => undefined,
  "TSA_ANSWER_MALFORMED redirect": (response) =>
    response.writeHead(307, { location: `/${fileName}` }).end(content),
  "TSA_ANSWER_MALFORMED status": (response) =>
    response.writeHead(500, content, { "x-canary": content }).end(content),
  "TSA_ANSWER_MALFORMED content-type": (response) =>
    response.writeHead(200, { "content-type": `text/${content}` }).end(content),
  "TSA_ANSWER_MALFORMED too-large": (response) => reply(response, Buffer.alloc(2 ** 20, content)),
  "TSA_ANSWER_MALFORMED form": (response) => reply(response, Buffer.from(content)),
  TSA_REFUSED: (response) =>
    reply(response, sequence(sequence(tlv(2, Buffer.from([2])), sequence(tlv(0x0c, Buffer.from(content)))))),
  "TIMESTAMP_INVALID form": (response) =>
    reply(response, sequence(sequence(tlv(2, Buffer.from([0]))), sequence(tlv(0x0c, Buffer.from(content))))),
};

const server = await serve((query, response, path) => {
  const code = path.slice(1).replace("/", " ");
  const answer = ANSWERS[code];
  const forgery = FORGERIES[code];
  if (answer !== undefined) return answer(response);
  if (forgery === undefined) return void response.writeHead(404).end();
  // The imprint is the last 32 bytes before the nonce, and certReq.
  const [nonce, imprint] = [query.subarray(-11, -3), query.subarray(-45, -13)];
  const by = authority(code === "TIMESTAMP_INVALID usage" ? "usage" : "honest");
  const token = by.forge(Buffer.of(), { nonce, imprint, ...forgery() });
  response.writeHead(200, { "content-type": REPLY_TYPE });
  response.end(sequence(sequence(tlv(2, Buffer.from([0]))), token));
});

const stamp = (path: string): readonly string[] => [
  "sign",
  "--time",
  BUNDLE,
  "--tsa",
  `${server.url}/${path.replace(" ", "/")}`,
];

/** A trust file of the user's own that names authorities, and the key that signed. */
function trustingAuthorities(
  kinds: readonly ("honest" | "other")[],
  options = "",
): (project: Project) => void {
  return (project) => {
    const line = readFileSync(join(project.config, "runseal/keys/default.pub"), "utf8");
    const lines = kinds.map((kind) => authority(kind).line(kind, "ca", options)).join("");
    config("runseal/trust", `# ${content}\n${line}${lines}`)(project);
  };
}

/** Puts tokens over the bundle's signature beside it, and trusts their authority. */
function stamped(forgeries: readonly Forgery[]): (project: Project) => void {
  return (project) => {
    trustingAuthorities(["honest"])(project);
    const { signature } = JSON.parse(readFileSync(project.at(BUNDLE, "SIGNATURE.json"), "utf8"));
    const tokens = forgeries.map((forgery) => authority().forge(Buffer.from(signature, "hex"), forgery));
    writeFileSync(project.at(BUNDLE, "TIMESTAMPS.json"), timestampsFile(tokens));
  };
}

const VERIFY = ["verify", BUNDLE];
const FORGED: readonly Way[] = [
  ...Object.keys(FORGERIES).map((code) => ({
    what: `a timestamp: ${code}`,
    args: stamp(code),
    arrange: trustingAuthorities(["honest", "other"]),
    code,
  })),
  {
    what: "a timestamp before the seal's time",
    args: VERIFY,
    arrange: stamped([{ at: Date.UTC(2021, 0, 1) }]),
    code: "TIME_CONTRADICTS",
  },
  {
    what: "timestamps enough",
    args: stamp("TIMESTAMP_INVALID imprint"),
    arrange: stamped(Array.from({ length: 16 }, (_, index) => ({ nonce: Buffer.from([index + 1]) }))),
    code: "NOTHING_TO_ADD timestamps",
  },
  {
    what: "a server whose certificate no CA vouches for",
    args: ["sign", "--time", BUNDLE, "--tsa", await secureUrl()],
    code: "TSA_UNREACHABLE tls",
    cause: /SELF_SIGNED|UNABLE_TO_VERIFY/,
  },
];

/** The address of a server with TLS, by a certificate of its own. */
async function secureUrl(): Promise<string> {
  if (reasonWithoutAuthority() !== undefined) return "https://127.0.0.1:9";
  const { key, leaf } = authority();
  const secure = await serve((_query, response) => void response.end(), {
    key: readFileSync(key),
    cert: readFileSync(leaf),
  });
  return secure.url;
}

/** Whether openssl is here at all: without it these ways can't be tried. */
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0 && reasonWithoutAuthority() === undefined;

/** Ways to no timestamp, and to one that does not help. */
export const TIMESTAMP_WAYS: readonly Way[] = [
  ...Object.keys(ANSWERS).map((code) => ({
    what: `an authority: ${code}`,
    args: stamp(code),
    env: { RUNSEAL_TSA_TIMEOUT: code === "TSA_UNREACHABLE timeout" ? "1" : "30" },
    code,
  })),
  {
    what: "an authority that is not there",
    args: ["sign", "--time", BUNDLE, "--tsa", "http://127.0.0.1:9/"],
    code: "TSA_UNREACHABLE lost",
    cause: /ECONNREFUSED/,
  },
  {
    what: "a seal whose authority is not there",
    args: ["seal", "out", "--tsa", "http://127.0.0.1:9/"],
    code: "TSA_UNREACHABLE lost",
    changes: "the run is sealed, without a timestamp",
  },
  { what: "an authority without an address", args: ["sign", "--time", BUNDLE, "--tsa", "x"], code: "USAGE" },
  {
    what: "an authority whose address has a password",
    args: ["seal", "out", "--tsa", `http://user:${SECRETS.token}@127.0.0.1`],
    code: "USAGE",
  },
  {
    what: "a timestamp of a bundle that is not as it was signed",
    args: stamp("TSA_UNREACHABLE timeout"),
    arrange: artifact("STATUS", () => "{}"),
    code: "BUNDLE_ROOT_MISMATCH",
  },
  {
    what: "trust add --tsa of a file that is not there",
    args: ["trust", "add", "ours", "--tsa", "nowhere.pem"],
    code: "PATH_NOT_FOUND",
  },
  { what: "timestamp without an authority", args: ["sign", "--time", BUNDLE], code: "USAGE" },
  {
    what: "a timestamp beside others that are no JSON",
    args: stamp("TSA_UNREACHABLE timeout"),
    arrange: put(`${BUNDLE}/TIMESTAMPS.json`, `{"${content}":1}`),
    code: "TIMESTAMPS_MALFORMED",
  },
  {
    what: "a timestamp that is required",
    args: [...VERIFY, "--require-timestamp"],
    arrange: put(`${BUNDLE}/TIMESTAMPS.json`, `{"${content}":1}`),
    code: "TIMESTAMP_REQUIRED",
  },
  {
    what: "trust add --tsa of what is not a certificate",
    args: ["trust", "add", "ours", "--tsa", "cert"],
    arrange: put("cert", content),
    code: "ARGUMENT_MALFORMED certificate",
  },
  {
    what: "trust remove of no authority",
    args: ["trust", "remove", "ours"],
    code: "TRUST_LINE_NOT_FOUND",
  },
  ...(hasOpenssl ? FORGED : []),
];
