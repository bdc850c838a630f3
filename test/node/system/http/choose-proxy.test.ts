import { describe, expect, it } from "vitest";
import { chooseProxy } from "../../../../src/node/system/http/choose-proxy.ts";

const PROXY = "http://proxy.example:3128";

function chosen(url: string, environment: Readonly<Record<string, string>>): string {
  const proxy = chooseProxy(new URL(url), environment);
  return proxy.ok ? (proxy.value?.href ?? "direct") : proxy.code;
}

describe("the proxy of a request", () => {
  it.each([
    ["https://a.example/", { HTTPS_PROXY: PROXY }, `${PROXY}/`],
    ["https://a.example/", { https_proxy: PROXY, HTTPS_PROXY: "http://other.example" }, `${PROXY}/`],
    ["https://a.example/", { HTTP_PROXY: PROXY }, "direct"],
    ["http://a.example/", { HTTP_PROXY: PROXY }, `${PROXY}/`],
    ["http://a.example/", { HTTPS_PROXY: PROXY }, "direct"],
    ["https://a.example/", { HTTPS_PROXY: "proxy.example:3128" }, `${PROXY}/`],
    ["https://a.example/", { HTTPS_PROXY: "" }, "direct"],
    ["https://a.example/", { https_proxy: "", HTTPS_PROXY: PROXY }, "direct"],
    ["https://a.example/", {}, "direct"],
  ])("of %s with %j is %s", (url, environment, gives) => {
    expect(chosen(url, environment)).toBe(gives);
  });

  it.each(["socks5://proxy.example", "http://", "http://[::1", `http://${"p".repeat(3000)}`])(
    "is refused where it is unusable, and never left out: %s",
    (proxy) => {
      expect(chosen("https://a.example/", { HTTPS_PROXY: proxy })).toBe("PROXY_UNUSABLE");
    },
  );

  it.each(["https://localhost:5000/", "https://127.0.0.1/", "https://127.9.9.9/", "https://[::1]:5000/"])(
    "is never used for this machine: %s",
    (url) => {
      expect(chosen(url, { HTTPS_PROXY: PROXY })).toBe("direct");
    },
  );

  it("is not taken from HTTP_PROXY in a CGI program, where a client's header sets it", () => {
    const cgi = { REQUEST_METHOD: "GET", HTTP_PROXY: PROXY };
    expect(chosen("http://a.example/", cgi)).toBe("direct");
    expect(chosen("http://a.example/", { ...cgi, http_proxy: PROXY })).toBe(`${PROXY}/`);
  });

  it.each([
    ["*", "https://a.example/", true],
    ["example", "https://a.example/", true],
    ["a.example", "https://a.example/", true],
    [".example", "https://a.example/", true],
    ["*.example", "https://a.example/", true],
    ["A.EXAMPLE", "https://a.example/", true],
    ["b.example, a.example", "https://a.example/", true],
    ["b.example a.example", "https://a.example/", true],
    ["a.example:443", "https://a.example/", true],
    ["a.example:5000", "https://a.example:5000/", true],
    ["a.example:5000", "https://a.example/", false],
    ["ample", "https://a.example/", false],
    ["x.a.example", "https://a.example/", false],
    ["10.0.0.1", "https://10.0.0.1/", true],
    ["0.0.1", "https://10.0.0.1/", false],
    ["10.0.0.0/8", "https://10.1.2.3/", true],
    ["10.0.0.0/8", "https://11.1.2.3/", false],
    ["10.0.0.0/33", "https://10.1.2.3/", false],
    ["10.0.0.0/8", "https://a.example/", false],
    ["fd00::1", "https://[fd00::1]/", true],
    ["[fd00::1]:443", "https://[fd00::1]/", true],
    ["[fd00::1]:5000", "https://[fd00::1]/", false],
    [",, ,", "https://a.example/", false],
  ])("with NO_PROXY %j is passed over for %s: %s", (list, url, isDirect) => {
    const given = chosen(url, { HTTPS_PROXY: PROXY, NO_PROXY: list });
    expect(given).toBe(isDirect ? "direct" : `${PROXY}/`);
  });
});
