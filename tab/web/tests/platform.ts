import { configure } from "@testing-library/dom";

/** A busy machine is no fault: what is waited for comes within this, or never. */
configure({ asyncUtilTimeout: 5_000 });

/** What jsdom lacks of a browser and the pages use, in its plainest form. Journeys in a real browser prove the real thing. */
if (typeof window !== "undefined") {
  if (typeof Reflect.get(window, "matchMedia") !== "function") {
    Object.assign(window, { matchMedia: (media: string) => ({ matches: false, media }) });
  }
  if (typeof Reflect.get(HTMLDialogElement.prototype, "showModal") !== "function") {
    Object.assign(HTMLDialogElement.prototype, {
      showModal(this: HTMLDialogElement) {
        this.open = true;
      },
    });
  }
}
