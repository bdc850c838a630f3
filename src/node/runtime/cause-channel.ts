/**
 * Where an exception goes when a fault takes its place. A fault carries codes and protocol facts and nothing of
 * the exception (H-05, H-06); whoever asked for a log hears the exception here, whole, and nobody else does.
 *
 * A channel of node:diagnostics_channel, so that nothing need be handed through every call, and a program
 * that embeds the library can keep a log of its own. Without a listener nothing is kept and nothing is done.
 *
 * @module
 */

import { channel } from "node:diagnostics_channel";

/** The channel's name. Its messages are the exceptions themselves: they may hold paths of the machine. */
export const CAUSE_CHANNEL = "runseal:cause";

/** Held for good: channels without a listener are collected. */
const causes = channel(CAUSE_CHANNEL);

/** An exception that passes several hands is told of once. */
const told = new WeakSet<object>();

/** Says what was thrown, at the place where a fault takes over from it. */
export function publishCause(thrown: unknown): void {
  if (!causes.hasSubscribers) return;
  if (typeof thrown === "object" && thrown !== null) {
    if (told.has(thrown)) return;
    told.add(thrown);
  }
  causes.publish(thrown);
}

/** Whether somebody listens. */
export function hasCauseListener(): boolean {
  return causes.hasSubscribers;
}

/** Listens until the returned function is called. The listener must not throw. */
export function listenForCauses(listener: (thrown: unknown) => void): () => void {
  const hear = (thrown: unknown): void => listener(thrown);
  causes.subscribe(hear);
  return () => void causes.unsubscribe(hear);
}
