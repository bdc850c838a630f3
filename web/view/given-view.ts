/** The places where the user drops or chooses what to verify. @module */

import { quoteIfNeeded } from "../../src/core/system/paths/quote.ts";
import { folderOfFiles, type Given, takeDropped } from "../source/given.ts";
import { byId } from "./element.ts";

/** Takes what is dropped on an element, or chosen by the inputs in it. */
export function listenForGiven(
  area: HTMLElement,
  take: (given: Given) => void,
  say: (words: string) => void,
): void {
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    area.classList.add("over");
  });
  for (const name of ["dragleave", "drop"]) area.addEventListener(name, () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer !== null) void takeDropped(event.dataTransfer).then(take);
  });
  for (const input of area.querySelectorAll("input")) {
    input.addEventListener("change", () => {
      const { files } = input;
      if (files === null) return;
      if (!input.hasAttribute("webkitdirectory")) {
        take(files[0]);
        return;
      }
      say(`Listing ${files.length} files…`);
      void folderOfFiles(files)
        .then(take)
        .finally(() => {
          // So that choosing the same folder again is a change.
          input.value = "";
        });
    });
  }
}

/** A drop beside the areas must not open the file in place of the page. */
export function refuseOtherDrops(): void {
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
}

/** Says what was taken. */
export function sayGiven(id: string, words: string, name = ""): void {
  byId(id, HTMLElement).textContent = name === "" ? words : `${words}: ${quoteIfNeeded(name)}`;
}
