import { describe, expect, it } from "vitest";
import { placeForm } from "../../../src/node/library/places/place-form.ts";

describe("the form of a text alone says where a run is", () => {
  it.each([
    ["oci-layout:dir:v1", "reference"],
    ["registry.example/team/run:v1", "reference"],
    ["localhost/run", "reference"],
    ["127.0.0.1:5000/run", "reference"],
    [`r.example/a@sha256:${"0".repeat(64)}`, "reference"],
    ["-", "path"],
    [".", "path"],
    ["..", "path"],
    ["./registry.example/run", "path"],
    [".runseal/runs/one", "path"],
    ["/abs/one", "path"],
    ["C:/runs/one", "path"],
    ["runs/one", "path"],
    ["one.runseal", "path"],
    ["one", undefined],
    ["one.tar", undefined],
    ["latest~1", undefined],
    ["2026-12-01", undefined],
  ])("%s: %s", (text, form) => {
    expect(placeForm(text)).toBe(form);
  });
});
