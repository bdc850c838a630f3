import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  isSocketOwnerAlive,
  OwnerSocket,
  outliveOwner,
} from "../../../../src/node/system/locks/owner-socket.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

/** A system has room for about 100 bytes. */
const LENGTHS = [20, 60, 100, 110, 200];

describe("the socket of an owner at an address of any length", () => {
  it.each(LENGTHS)("%i bytes: it has that name, and shows that its owner lives", async (length) => {
    const top = makeFolder();
    const folder = join(top, "x".repeat(length));
    mkdirSync(folder);
    const temporary = join(top, "t");
    mkdirSync(temporary);
    const known = process.env["TMPDIR"];
    process.env["TMPDIR"] = temporary;
    try {
      const address = join(folder, "owner");
      expect(await isSocketOwnerAlive(address)).toBe(false);
      const owner = await OwnerSocket.listen(address);
      expect(readdirSync(top).sort()).toEqual(["t", "x".repeat(length)]);
      expect(readdirSync(folder)).toEqual(["owner"]);
      expect(await isSocketOwnerAlive(address)).toBe(true);
      const end = outliveOwner(address, undefined);
      expect(await isSocketOwnerAlive(address)).toBe(true);
      owner.close();
      expect(await end).toBe("ended");
      expect(existsSync(address)).toBe(false);
      expect(await isSocketOwnerAlive(address)).toBe(false);
      expect(await outliveOwner(address, undefined)).toBe("absent");
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      if (known === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = known;
      removeTree(top);
    }
  });
});
