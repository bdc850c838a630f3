import { createHmac, timingSafeEqual } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readSecret, sendAlert, webhookUrl } from "../src/audit/webhook.ts";
import { planOf } from "../src/command/plan-options.ts";
import { ALERT_SECRET } from "./support/fleet.ts";
import { Hook, type HookMessage } from "./support/hook.ts";

const secret = Buffer.alloc(32, 7);
const alert = { id: "0b0f", body: '{"code":"RUN_GONE"}', secret };

/** As a receiver of Standard Webhooks checks it. */
function isGenuine({ body, headers }: HookMessage, key = secret): boolean {
  const text = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const own = Buffer.from(`v1,${createHmac("sha256", key).update(text).digest("base64")}`);
  const given = Buffer.from(String(headers["webhook-signature"]));
  return own.length === given.length && timingSafeEqual(own, given);
}

describe("an alert", () => {
  it("is signed over its id, moment and body, so that a change of each is seen", async () => {
    await using hook = await Hook.start();
    expect(await sendAlert(`http://${hook.host}/x?y`, alert)).toBeUndefined();
    const [message] = hook.messages;
    if (message === undefined) return expect.unreachable();
    const { headers } = message;
    expect(message).toMatchObject({ path: "/x?y", body: alert.body });
    expect(headers["webhook-id"]).toBe(alert.id);
    expect(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(60);
    expect(isGenuine(message)).toBe(true);
    const changed = [
      isGenuine(message, Buffer.alloc(32, 8)),
      isGenuine({ ...message, body: message.body.replace("GONE", "FINE") }),
      isGenuine({ ...message, headers: { ...headers, "webhook-id": "0b0e" } }),
      isGenuine({ ...message, headers: { ...headers, "webhook-timestamp": "1" } }),
    ];
    expect(changed).toEqual([false, false, false, false]);
  });

  it("is not delivered by a redirect or an error, and the body of an answer is not waited for", async () => {
    await using hook = await Hook.start(({ url = "" }, response) => {
      if (url === "/moved") response.writeHead(307, { location: "/endless" }).end();
      else if (url === "/failed") response.writeHead(503).end();
      else response.writeHead(200).write("x".repeat(65_536));
    });
    const sent = [];
    for (const path of ["moved", "failed", "endless"])
      sent.push(await sendAlert(`http://${hook.host}/${path}`, alert));
    expect(sent).toEqual(["HTTP_307", "HTTP_503", undefined]);
    expect(hook.messages.map(({ path }) => path)).toEqual(["/moved", "/failed", "/endless"]);
  });

  it("ends where nothing listens, or nothing is answered", async () => {
    const silent = await Hook.start(() => undefined);
    expect(await sendAlert(`http://${silent.host}/`, alert)).toBe("TIMED_OUT");
    const { host } = silent;
    await silent[Symbol.asyncDispose]();
    expect(await sendAlert(`http://${host}/`, alert)).toBe("UNREACHABLE");
  });

  it("goes to https, or to this machine, and nowhere with a password", async () => {
    const good = [
      "https://a.example/x",
      "http://127.0.0.1:1/",
      "http://127.1.2.3/",
      "http://[::1]/",
      "http://localhost/",
    ];
    const bad = [
      "http://a.example/",
      "http://127.0.0.1.a.example/",
      "http://localhost.a.example/",
      "https://user:word@a.example/",
      "ftp://a.example/",
      "file:///etc/passwd",
      "a.example",
      `https://a.example/${"x".repeat(2000)}`,
    ];
    expect([...good, ...bad].filter((url) => webhookUrl(url) !== undefined)).toEqual(good);
    expect(await sendAlert("http://a.example/", alert)).toBe("URL_REFUSED");
  });

  it("keeps its address as it is read, so that its host is where it seems to be", () => {
    const kept = [
      String.raw`https://alerts.example\secret\path`,
      "HTTPS://Alerts.Example/x",
      "https://a.example",
    ];
    expect(kept.map((alert) => planOf({ alert }).alert)).toEqual([
      "https://alerts.example/secret/path",
      "https://alerts.example/x",
      "https://a.example/",
    ]);
  });

  it("needs a secret of 24 bytes at least", () => {
    const read = (text: string): unknown => readSecret({ RUNSEAL_FLEET_ALERT_SECRET: text });
    expect(read(ALERT_SECRET)).toMatchObject({ ok: true, value: secret });
    expect(readSecret({})).toEqual({ ok: true, value: undefined });
    const short = Buffer.alloc(23).toString("base64");
    for (const text of ["", "secret", `whsec_${short}`, `${ALERT_SECRET} `, ALERT_SECRET.slice(6)])
      expect(read(text), text).toMatchObject({ ok: false, code: "ALERT_SECRET_WRONG" });
    const file = { RUNSEAL_FLEET_ALERT_SECRET_FILE: "/nowhere" };
    expect(readSecret(file)).toMatchObject({ ok: false, code: "ALERT_SECRET_WRONG" });
  });
});
