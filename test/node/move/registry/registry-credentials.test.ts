/** Credentials as docker keeps them: in its configuration, or in a helper. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  DockerCredentials,
  dockerConfigPlace,
} from "../../../../src/node/move/registry/credentials/docker-config.ts";
import { listenForCauses } from "../../../../src/node/system/runtime/cause-channel.ts";
import { Interruption } from "../../../../src/node/system/runtime/interruption.ts";

const HOST = "registry.example:5000";
const SECRET = 'canary "pass\\word" ü 9c';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "runseal-docker-"));
  mkdirSync(join(folder, "bin"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function source(): DockerCredentials {
  const path = [join(folder, "bin"), process.env["PATH"]].join(delimiter);
  return new DockerCredentials({
    DOCKER_CONFIG: folder,
    PATH: path,
    RUNSEAL_PASSPHRASE: "canary passphrase",
  });
}

function configure(config: unknown): void {
  writeFileSync(join(folder, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
}

/** A helper of a name that runs a script of the shell. */
function helper(name: string, script: string): void {
  const path = join(folder, "bin", `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** What is found: the kind and the secret as a text, `none`, or a code. */
async function find(host = HOST, signal?: AbortSignal): Promise<string> {
  const found = await source().find(host, signal);
  expect(JSON.stringify(found)).not.toMatch(/canary/);
  if (!found.ok) return found.code;
  if (found.value === undefined) return "none";
  return `${found.value.kind} ${found.value.secret.toString("utf8")}`;
}

const AUTH = Buffer.from(`carrier:${SECRET}`).toString("base64");

describe("docker's configuration", () => {
  const FOUND: readonly (readonly [string, unknown, string])[] = [
    ["a password under the host", { auths: { [HOST]: { auth: AUTH } } }, `password carrier:${SECRET}`],
    [
      "a password without padding",
      { auths: { [HOST]: { auth: AUTH.replace(/=+$/, "") } } },
      `password carrier:${SECRET}`,
    ],
    [
      "a password under an address",
      { auths: { [`https://${HOST}/v1/`]: { auth: AUTH } } },
      `password carrier:${SECRET}`,
    ],
    [
      "a name and a password apart",
      { auths: { [HOST]: { username: "carrier", password: SECRET } } },
      `password carrier:${SECRET}`,
    ],
    [
      "a token of a login",
      { auths: { [HOST]: { auth: AUTH, identitytoken: SECRET } } },
      `identity-token ${SECRET}`,
    ],
    ["nothing for this host", { auths: { "other.example": { auth: AUTH } } }, "none"],
    ["an empty entry", { auths: { [HOST]: {} } }, "none"],
    ["no entries", { credHelpers: {}, auths: {} }, "none"],
    [
      "other members",
      { HttpHeaders: { a: [1, { b: null }] }, auths: { [HOST]: { auth: AUTH } } },
      `password carrier:${SECRET}`,
    ],
    ["no object", "[]", "CREDENTIALS_UNUSABLE"],
    ["half an object", '{"auths":', "CREDENTIALS_UNUSABLE"],
    ["an entry twice", `{"auths":{"${HOST}":{},"${HOST}":{}}}`, "CREDENTIALS_UNUSABLE"],
    ["entries that are no object", { auths: "x" }, "CREDENTIALS_UNUSABLE"],
    ["an entry that is no object", { auths: { [HOST]: AUTH } }, "CREDENTIALS_UNUSABLE"],
    ["a password that is not base64", { auths: { [HOST]: { auth: "canary!" } } }, "CREDENTIALS_UNUSABLE"],
    ["bytes behind the object", "{} canary", "CREDENTIALS_UNUSABLE"],
    ["a helper that is not a text", { credsStore: 1 }, "CREDENTIALS_UNUSABLE"],
    [
      "a name with a colon",
      { auths: { [HOST]: { username: "a:b", password: SECRET } } },
      "CREDENTIALS_UNUSABLE",
    ],
  ];
  it.each(FOUND)("with %s gives what it has", async (_what, config, gives) => {
    configure(config);
    expect(await find()).toBe(gives);
  });

  it("may be missing, or empty", async () => {
    expect(await find()).toBe("none");
    configure("");
    expect(await find()).toBe("none");
  });

  it("is not read without a bound, and not from what is not a file", async () => {
    configure(" ".repeat(2 ** 20 + 1));
    expect(await find()).toBe("CREDENTIALS_UNUSABLE");
    rmSync(join(folder, "config.json"));
    mkdirSync(join(folder, "config.json"));
    expect(await find()).toBe("CREDENTIALS_UNUSABLE");
  });

  it("may be a link, as in a container", async () => {
    writeFileSync(join(folder, "elsewhere"), JSON.stringify({ auths: { [HOST]: { auth: AUTH } } }));
    symlinkSync("elsewhere", join(folder, "config.json"));
    expect(await find()).toBe(`password carrier:${SECRET}`);
  });

  it("knows docker.io by the name that docker gave it", async () => {
    configure({ auths: { "https://index.docker.io/v1/": { auth: AUTH } } });
    expect(await find("docker.io")).toBe(`password carrier:${SECRET}`);
  });

  it("is in DOCKER_CONFIG, or in the home folder, and is shown without the machine's paths", () => {
    expect(dockerConfigPlace({ DOCKER_CONFIG: "/x" })).toEqual({
      path: "/x/config.json",
      shown: "$DOCKER_CONFIG/config.json",
    });
    expect(dockerConfigPlace({ HOME: "/home/a", DOCKER_CONFIG: "" })).toEqual({
      path: "/home/a/.docker/config.json",
      shown: "$HOME/.docker/config.json",
    });
  });
});

const PRINTED = JSON.stringify({ ServerURL: HOST, Username: "carrier", Secret: SECRET });

describe("a credential helper", () => {
  it("is asked for the host on its stdin, without runseal's passphrase", async () => {
    helper(
      "here",
      `[ "$1" = get ] && [ "$(cat)" = "${HOST}" ] && [ -z "$RUNSEAL_PASSPHRASE" ] && cat <<'E'\n${PRINTED}\nE`,
    );
    configure({ credsStore: "here" });
    expect(await find()).toBe(`password carrier:${SECRET}`);
  });

  it("that is named for the host is asked instead of the others", async () => {
    helper("own", `cat > /dev/null; cat <<'E'\n${PRINTED}\nE`);
    helper("general", "exit 9");
    configure({ credsStore: "general", credHelpers: { [HOST]: "own" }, auths: { [HOST]: { auth: "x" } } });
    expect(await find()).toBe(`password carrier:${SECRET}`);
  });

  it("that has a token of a login gives it", async () => {
    helper("token", `cat <<'E'\n${JSON.stringify({ Username: "<token>", Secret: SECRET })}\nE`);
    configure({ credsStore: "token" });
    expect(await find()).toBe(`identity-token ${SECRET}`);
  });

  it("that has nothing leaves it to the file", async () => {
    helper("empty", "echo credentials not found in native keychain; exit 1");
    configure({ credsStore: "empty", auths: { [HOST]: { auth: AUTH } } });
    expect(await find()).toBe(`password carrier:${SECRET}`);
    configure({ credHelpers: { [HOST]: "empty" }, auths: { [HOST]: { auth: AUTH } } });
    expect(await find()).toBe("none");
  });

  const FAILING: readonly (readonly [string, string])[] = [
    ["fails", "echo canary; exit 3"],
    ["prints something else", "echo canary"],
    ["prints half", `printf '{"Username":"canary","Secret":"can'`],
    ["prints a member twice", `echo '{"Username":"a","Username":"b","Secret":"canary"}'`],
    ["prints nothing", "true"],
    ["never stops", "yes canary"],
    ["has no password", `echo '{"Username":"canary"}'`],
  ];
  it.each(FAILING)("that %s is a fault without what it printed", async (_what, script) => {
    const said: unknown[] = [];
    const stop = listenForCauses((thrown) => said.push(thrown));
    helper("bad", script);
    configure({ credsStore: "bad" });
    expect(await find()).toBe("CREDENTIALS_UNUSABLE");
    stop();
    expect(said.map(String).join()).not.toMatch(/canary/);
  });

  it.each(["missing", "../bin/x", "", "a b", "x".repeat(200)])("named %j is not run", async (name) => {
    configure({ credsStore: name });
    expect(await find()).toBe(name === "" ? "none" : "CREDENTIALS_UNUSABLE");
  });

  it("is ended by an interruption", async () => {
    helper("slow", "exec sleep 600");
    configure({ credsStore: "slow" });
    const interrupt = new AbortController();
    const finding = find(HOST, interrupt.signal);
    interrupt.abort();
    await expect(finding).rejects.toThrow(Interruption);
  });
});
