/**
 * Where an exception goes when a fault replaces it. A fault carries codes and protocol facts and nothing of the exception
 * (H-05, H-06). Only a log that the user asked for gets the whole exception, here.
 *
 * A channel of node:diagnostics_channel, so that no logger must be passed through every call, and a program that
 * embeds the library can keep its own log. Without a listener, nothing is kept and nothing is done.
 *
 * @module
 */

import { channel } from "node:diagnostics_channel";

/** The channel's name. Its messages are the exceptions themselves: they may hold paths of the machine. */
export const CAUSE_CHANNEL = "runseal:cause";

/** Held for good: channels without a listener are collected. */
const causes = channel(CAUSE_CHANNEL);

/** Exceptions that were published: each is published once. */
const published = new WeakSet<object>();

/** Publishes an exception, at the place where a fault replaces it. */
export function publishCause(thrown: unknown): void {
  if (!causes.hasSubscribers) return;
  if (typeof thrown === "object" && thrown !== null) {
    if (published.has(thrown)) return;
    published.add(thrown);
  }
  causes.publish(thrown);
}

/** Whether there is a listener. */
export function hasCauseListener(): boolean {
  return causes.hasSubscribers;
}

/** Listens until the returned function is called. The listener must not throw. */
export function listenForCauses(listener: (thrown: unknown) => void): () => void {
  const hear = (thrown: unknown): void => listener(thrown);
  causes.subscribe(hear);
  return () => void causes.unsubscribe(hear);
}
