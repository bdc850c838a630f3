/** The user's proxy before registries and timestamp authorities. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";
import { Authority } from "../../support/evidence/authority.ts";
import { honestly, serve } from "../../support/evidence/authority-server.ts";
import { hasTool } from "../../support/evidence/real-tools.ts";
import { type ConnectProxy, startProxy } from "../../support/registry/connect-proxy.ts";
import { ModelRegistry } from "../../support/registry/model-registry.ts";

const REFERENCE = "registry.example/team/runs:v1";
const PASSWORD = "canary-of-the-registry";
const USER = Buffer.from(`ci:${PASSWORD}`).toString("base64");

describe.skipIf(!hasTool("openssl"))("a proxy", () => {
  let tls: Authority;
  beforeAll(() => {
    tls = new Authority({ extensions: ["subjectAltName=DNS:registry.example"] });
  });
  afterAll(() => tls[Symbol.dispose]());

  /** A registry of the name registry.example, which asks for a password, and is reached through a proxy alone. */
  async function makeRegistry(): Promise<ModelRegistry> {
    const registry = await ModelRegistry.start({ key: readFileSync(tls.key), cert: readFileSync(tls.leaf) });
    registry.meddler = ({ request, response }) => {
      if (request.headers.authorization === `Basic ${USER}`) return false;
      response.writeHead(401, { "www-authenticate": 'Basic realm="registry"' }).end();
      return true;
    };
    return registry;
  }

  function portOf({ host }: { readonly host: string }): number {
    return Number(new URL(`http://${host}`).port);
  }

  /** Pushes a run there. */
  async function push(
    project: Project,
    variables: Readonly<Record<string, string>>,
  ): Promise<{ readonly exitCode: number | null; readonly stderr: string }> {
    const DOCKER_CONFIG = project.at("docker");
    mkdirSync(DOCKER_CONFIG);
    const auths = { "registry.example": { auth: USER } };
    writeFileSync(join(DOCKER_CONFIG, "config.json"), JSON.stringify({ auths }));
    const env = { ...project.env, DOCKER_CONFIG, NODE_EXTRA_CA_CERTS: tls.ca, ...variables };
    return await project.run(["push", "one", REFERENCE], { env, process: true });
  }

  it("carries a push in tunnels that are used again, and sees neither the password nor a byte of it", async () => {
    await using registry = await makeRegistry();
    await using proxy = await startProxy(portOf(registry));
    using project = await makeSealedProject();
    const end = await push(project, { HTTPS_PROXY: `http://me:s%40cret@${proxy.host}` });
    expect(end, end.stderr).toMatchObject({ exitCode: 0 });
    const credentials = `Basic ${Buffer.from("me:s@cret").toString("base64")}`;
    expect(new Set(proxy.seen.map(({ line }) => line))).toEqual(new Set(["CONNECT registry.example:443"]));
    expect(new Set(proxy.seen.map(({ authorization }) => authorization))).toEqual(new Set([credentials]));
    expect(registry.seen.length).toBeGreaterThan(20);
    // One for the question whether the registry answers.
    expect(proxy.seen.length).toBeLessThanOrEqual(1 + 8);
    const text = proxy.bytes().toString("latin1");
    for (const secret of [USER, PASSWORD, "team/runs"]) expect(text).not.toContain(secret);
    const asked = JSON.stringify(registry.seen);
    for (const secret of ["s@cret", "proxy-authorization", credentials]) expect(asked).not.toContain(secret);
  });

  it("that refuses is named, without its address, and not asked again", async () => {
    await using registry = await makeRegistry();
    await using proxy = await startProxy(portOf(registry), 407);
    using project = await makeSealedProject();
    const { exitCode, stderr } = await push(project, { HTTPS_PROXY: `http://me:s%40cret@${proxy.host}` });
    expect(exitCode).toBe(4);
    expect(stderr.replaceAll("\n      ", " ")).toContain(
      'error: REGISTRY_UNREACHABLE: could not reach the registry of "registry.example/team/runs" through the proxy, which refused with HTTP status 407\nhint: Check HTTPS_PROXY',
    );
    for (const secret of ["s@cret", "s%40cret", proxy.host, PASSWORD]) expect(stderr).not.toContain(secret);
    // Requests at the same time ask once each. Tries after a pause would be six for each.
    expect(proxy.seen.length).toBeLessThan(6);
    expect(registry.connections).toBe(0);
  });

  describe("that speaks TLS", () => {
    let ofProxy: Authority;
    beforeAll(() => {
      ofProxy = new Authority({ extensions: ["subjectAltName=DNS:localhost"] });
    });
    afterAll(() => ofProxy[Symbol.dispose]());

    /** Starts the proxy with this certificate. */
    async function startSecure(port: number, { key, leaf }: Authority): Promise<ConnectProxy> {
      return await startProxy(port, undefined, { key: readFileSync(key), cert: readFileSync(leaf) });
    }

    /** Names the proxy as localhost. The machine knows the authorities of the registry and of the proxy. */
    function naming({ port }: ConnectProxy, project: Project): Readonly<Record<string, string>> {
      const cas = project.at("cas.pem");
      writeFileSync(cas, readFileSync(tls.ca, "utf8") + readFileSync(ofProxy.ca, "utf8"));
      const address = `https://me:s3cret@localhost:${port}`;
      return { HTTPS_PROXY: address, HTTP_PROXY: address, NODE_EXTRA_CA_CERTS: cas };
    }

    it("is accepted by its own name, not by that of the registry", async () => {
      await using registry = await makeRegistry();
      await using proxy = await startSecure(portOf(registry), ofProxy);
      using project = await makeSealedProject();
      const { exitCode, stderr } = await push(project, naming(proxy, project));
      expect([exitCode, proxy.seen.length > 0], stderr).toEqual([0, true]);
    });

    it("gets no password, and is not asked again, if it shows the certificate of the registry", async () => {
      await using registry = await makeRegistry();
      await using proxy = await startSecure(portOf(registry), tls);
      using project = await makeSealedProject();
      const { exitCode } = await push(project, naming(proxy, project));
      expect([exitCode, proxy.seen.length]).toEqual([4, 0]);
      // Requests at the same time connect once each. Tries after a pause would be six for each.
      expect(proxy.connections()).toBeLessThan(6);
    });

    it("carries the question to a timestamp authority in plain HTTP by its own name", async () => {
      using authority = new Authority();
      const plain = await serve(honestly(authority));
      try {
        await using proxy = await startSecure(Number(new URL(plain.url).port), ofProxy);
        using project = await makeSealedProject();
        const env = { ...project.env, ...naming(proxy, project) };
        const stamp = ["sign", "--time", "one", "--tsa", "http://tsa.example/tsa"];
        expect(await project.json(stamp, { env, process: true })).toMatchObject({ timestamps: 1 });
        expect(proxy.seen.map(({ line }) => line)).toEqual(["POST http://tsa.example/tsa"]);
      } finally {
        await plain.close();
      }
    });
  });

  it("of a kind that runseal can't use is not bypassed", async () => {
    using project = await makeSealedProject();
    const { exitCode, stderr } = await push(project, { HTTPS_PROXY: "socks5://me:s3cret@proxy.example" });
    expect([exitCode, stderr.includes("through the proxy\n")]).toEqual([4, true]);
    expect(stderr).not.toContain("s3cret");
  });

  it("is not asked for this machine, nor for what NO_PROXY names", async () => {
    await using registry = await ModelRegistry.start();
    await using proxy = await startProxy(portOf(registry));
    using project = await makeSealedProject();
    const env = { ...project.env, HTTP_PROXY: `http://${proxy.host}`, HTTPS_PROXY: `http://${proxy.host}` };
    await project.done(["push", "one", `${registry.host}/team/runs:v1`], { env, process: true });
    expect(proxy.seen).toEqual([]);
  });

  it("never sees a plain HTTP request to a registry, which may hold a password", async () => {
    await using registry = await ModelRegistry.start();
    await using proxy = await startProxy(portOf(registry));
    using project = await makeSealedProject();
    const env = { ...project.env, HTTP_PROXY: `http://${proxy.host}` };
    const port = portOf(registry);
    // Another name of this machine: 0.0.0.0 is not a loopback address by its spelling.
    await project.done(["push", "one", `0.0.0.0:${port}/team/runs:v1`, "--plain-http"], {
      env,
      process: true,
    });
    expect(proxy.seen).toEqual([]);
  });

  it("that does not answer ends with the command when it is interrupted", async () => {
    await using registry = await makeRegistry();
    await using proxy = await startProxy(portOf(registry), "hangs");
    using project = await makeSealedProject();
    const env = { ...project.env, NODE_EXTRA_CA_CERTS: tls.ca, HTTPS_PROXY: `http://${proxy.host}` };
    const end = await project.run(["push", "one", REFERENCE], {
      env,
      process: true,
      kill: { signal: "SIGINT", when: () => proxy.seen.length > 0 },
    });
    expect(end.exitCode).toBe(130);
  });

  async function stamped(proxy: ConnectProxy, url: string, project: Project): Promise<void> {
    const env = {
      ...project.env,
      NODE_EXTRA_CA_CERTS: tls.ca,
      HTTP_PROXY: `http://me:s3cret@${proxy.host}`,
      HTTPS_PROXY: `http://me:s3cret@${proxy.host}`,
    };
    const stamp = ["sign", "--time", "one", "--tsa", url];
    expect(await project.json(stamp, { env, process: true })).toMatchObject({ timestamps: 1 });
  }

  it("carries the question to a timestamp authority, in a tunnel or in absolute form", async () => {
    using authority = new Authority();
    const secure = await serve(honestly(authority), {
      key: readFileSync(tls.key),
      cert: readFileSync(tls.leaf),
    });
    const plain = await serve(honestly(authority));
    try {
      for (const [server, url, line] of [
        [secure, "https://registry.example/tsa", "CONNECT registry.example:443"],
        [plain, "http://tsa.example/tsa", "POST http://tsa.example/tsa"],
      ] as const) {
        using project = await makeSealedProject();
        await using proxy = await startProxy(Number(new URL(server.url).port));
        await stamped(proxy, url, project);
        const authorization = `Basic ${Buffer.from("me:s3cret").toString("base64")}`;
        expect(proxy.seen).toEqual([{ line, authorization }]);
      }
    } finally {
      await Promise.all([secure.close(), plain.close()]);
    }
  });
});
