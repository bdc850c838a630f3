import { describe, expect, it } from "vitest";
import {
  holds,
  MESSAGE_KINDS,
  MESSAGES,
  type SignedMessage,
  signedMessage,
  VERIFIERS,
} from "../../../support/bundles/signed-messages.ts";

const SIGNED = new Map(
  MESSAGE_KINDS.map(
    (kind) => [kind, Array.from({ length: MESSAGES }, (_, n) => signedMessage(kind, n))] as const,
  ),
);

function messagesOf(kind: (typeof MESSAGE_KINDS)[number]): readonly SignedMessage[] {
  return SIGNED.get(kind) ?? [];
}

describe("one key for all formats", () => {
  it.each(Object.entries(VERIFIERS))(
    "%s accepts each message of its own format",
    (_name, { accepts, own }) => {
      for (const kind of own) expect(messagesOf(kind).filter(accepts)).toHaveLength(MESSAGES);
    },
  );

  it.each(Object.entries(VERIFIERS))("%s accepts no message of another format", (_name, { accepts, own }) => {
    for (const kind of MESSAGE_KINDS)
      if (!own.includes(kind)) expect(messagesOf(kind).filter(accepts), kind).toEqual([]);
  });

  it("rests on prefixes alone: every signature holds over its raw message", () => {
    for (const kind of MESSAGE_KINDS)
      for (const { message, signature } of messagesOf(kind).slice(0, 5))
        expect(holds(message, signature)).toBe(true);
  });
});
