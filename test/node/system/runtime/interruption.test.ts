import { describe, expect, it } from "vitest";
import { Interruption, waitUnlessInterrupted } from "../../../../src/node/system/runtime/interruption.ts";

/** Never ends. */
const endless = new Promise<never>(() => undefined);

describe("waiting for what can't be stopped", () => {
  it("gives what the work gives, or throws what it throws", async () => {
    const { signal } = new AbortController();
    expect(await waitUnlessInterrupted(Promise.resolve(7), signal)).toBe(7);
    expect(await waitUnlessInterrupted(Promise.resolve(7), undefined)).toBe(7);
    await expect(waitUnlessInterrupted(Promise.reject(new RangeError()), signal)).rejects.toThrow(RangeError);
  });

  it("ends when the signal fires, before or meanwhile", async () => {
    const controller = new AbortController();
    const waiting = waitUnlessInterrupted(endless, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow(Interruption);
    await expect(waitUnlessInterrupted(endless, controller.signal)).rejects.toThrow(Interruption);
  });
});
