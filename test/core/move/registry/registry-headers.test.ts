import { describe, expect, it } from "vitest";
import { parseChallenges } from "../../../../src/core/move/registry/challenge.ts";
import { parseRegistryError } from "../../../../src/core/move/registry/error-codes.ts";
import {
  mediaTypeOf,
  parseContentRange,
  parseCount,
  parseNextLink,
  parseRetryAfter,
  parseUploadedBytes,
} from "../../../../src/core/move/registry/header-values.ts";
import { parseTagList } from "../../../../src/core/move/registry/tag-list.ts";
import { encodeUtf8 } from "../../../../src/core/system/bytes/utf8.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

/** Challenges as plain lists. */
function challenges(header: string): unknown {
  return parseChallenges(header)?.map(({ parameters, scheme }) => [scheme, Object.fromEntries(parameters)]);
}

describe("WWW-Authenticate", () => {
  const READ: readonly (readonly [string, unknown])[] = [
    ["Basic", [["basic", {}]]],
    ['BASIC realm="x"', [["basic", { realm: "x" }]]],
    [
      'Bearer realm="https://auth.example/token",service="r.example",scope="repository:a:pull,push"',
      [
        [
          "bearer",
          { realm: "https://auth.example/token", service: "r.example", scope: "repository:a:pull,push" },
        ],
      ],
    ],
    ['Bearer Realm = "x" , Service = y', [["bearer", { realm: "x", service: "y" }]]],
    [
      'Negotiate, Basic realm="x", Bearer realm="y", error="invalid_token"',
      [
        ["negotiate", {}],
        ["basic", { realm: "x" }],
        ["bearer", { realm: "y", error: "invalid_token" }],
      ],
    ],
    [
      "NTLM TlRMTVNTUAAB==, Basic",
      [
        ["ntlm", {}],
        ["basic", {}],
      ],
    ],
    [", ,Basic,,", [["basic", {}]]],
  ];
  it.each(READ)("%j is read", (header, gives) => {
    expect(challenges(header)).toEqual(gives);
  });

  const REFUSED = [
    'Bearer realm="x',
    'Bearer realm="x" service="y"',
    'Bearer realm="x",realm="y"',
    'realm="x"',
    "Bearer é",
    '"Bearer"',
    "Basic ".repeat(9).replaceAll(" ", ","),
    `Bearer realm="${"x".repeat(9000)}"`,
  ];
  it.each(REFUSED)("%j is refused", (header) => {
    expect(challenges(header)).toBeUndefined();
  });

  it("never makes the reader throw, whatever it is", () => {
    const piece = fc.constantFrom("Bearer", "Basic", " ", ",", "=", '"', "\\", "realm", "x", "é", "\t");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const read = parseChallenges(pieces.join(""));
        expect(read === undefined || read.length <= 8).toBe(true);
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe("Content-Range", () => {
  it("is a part of a whole, which may be unknown", () => {
    expect(parseContentRange("bytes 0-9/100")).toEqual({ first: 0, last: 9, total: 100 });
    expect(parseContentRange("bytes 90-99/100")).toEqual({ first: 90, last: 99, total: 100 });
    expect(parseContentRange("Bytes 0-0/*")).toEqual({ first: 0, last: 0, total: undefined });
  });

  it.each([
    "",
    "bytes 9-0/10",
    "bytes 0-10/10",
    "bytes */10",
    "bytes 0-9/1e3",
    "bytes 0-99999999999999999/*",
  ])("%j is refused", (text) => {
    expect(parseContentRange(text)).toBeUndefined();
  });
});

describe("the Range of an upload", () => {
  it("says how many bytes arrived", () => {
    expect(parseUploadedBytes("0-99")).toBe(100);
    expect(parseUploadedBytes("bytes=0-1")).toBe(2);
  });

  it("of nothing, or of one byte, is nothing: the byte is sent again", () => {
    expect(parseUploadedBytes("0-0")).toBe(0);
    expect(parseUploadedBytes("0--1")).toBe(0);
  });

  it.each(["", "1-99", "0-", "0-99,100-200", "0-1e3", "-5", "0-99999999999999999"])(
    "%j is refused",
    (text) => {
      expect(parseUploadedBytes(text)).toBeUndefined();
    },
  );
});

describe("Link", () => {
  it("leads to the next page", () => {
    expect(parseNextLink('</v2/a/tags/list?last=b&n=1>; rel="next"')).toBe("/v2/a/tags/list?last=b&n=1");
    expect(parseNextLink('<a>; rel="prev", <b>; title="x"; rel=next')).toBe("b");
  });

  it.each(["", "<a>", '<a>; rel="nextish"', 'a; rel="next"', `<${"a".repeat(9000)}>; rel="next"`])(
    "%j leads nowhere",
    (text) => {
      expect(parseNextLink(text)).toBeUndefined();
    },
  );
});

describe("Retry-After", () => {
  const now = Date.UTC(2026, 0, 1);
  it("is a number of seconds, or a date", () => {
    expect(parseRetryAfter("120", now)).toBe(120);
    expect(parseRetryAfter("Thu, 01 Jan 2026 00:01:00 GMT", now)).toBe(60);
    expect(parseRetryAfter("Wed, 31 Dec 2025 00:00:00 GMT", now)).toBe(0);
  });

  it.each(["", "-1", "1.5", "soon", "2026-01-01", "9".repeat(30), "Xxx, 99 Xxx 2026 00:00:00 GMT"])(
    "%j is refused",
    (text) => {
      expect(parseRetryAfter(text, now)).toBeUndefined();
    },
  );
});

describe("counts and types", () => {
  it("are exact, and in one form", () => {
    expect(parseCount("0")).toBe(0);
    expect(parseCount("123456789012345")).toBe(123_456_789_012_345);
    for (const text of [undefined, "", "01", "-1", "1 ", "0x1", "1e3", "1234567890123456"])
      expect(parseCount(text)).toBeUndefined();
    expect(mediaTypeOf("Application/JSON; charset=utf-8")).toBe("application/json");
    expect(mediaTypeOf(undefined)).toBe("");
  });
});

describe("the tags of a page", () => {
  it("are its texts, or none", () => {
    expect(parseTagList(encodeUtf8('{"name":"a","tags":["v1","V_2.x"]}'))).toEqual(["v1", "V_2.x"]);
    expect(parseTagList(encodeUtf8('{"tags":null}'))).toEqual([]);
  });

  it.each(["", "[]", "{}", '{"tags":"v1"}', '{"tags":[1]}', '{"tags":["a/b"]}', '{"tags":["v1"],"tags":[]}'])(
    "%j are refused",
    (text) => {
      expect(parseTagList(encodeUtf8(text))).toBeUndefined();
    },
  );
});

describe("the error that a registry names", () => {
  it("is the first that the specification has", () => {
    expect(
      parseRegistryError(encodeUtf8('{"errors":[{"code":"ODD"},{"code":"DENIED","message":"x"}]}')),
    ).toBe("DENIED");
  });

  it.each(["", "{}", '{"errors":{}}', '{"errors":[null,1,{"code":7},{"code":"denied"}]}'])(
    "is not named by %j",
    (text) => {
      expect(parseRegistryError(encodeUtf8(text))).toBeUndefined();
    },
  );
});
