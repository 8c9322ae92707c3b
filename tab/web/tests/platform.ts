/** What jsdom lacks of a browser and the pages use, in its plainest form. Journeys in a real browser prove the real thing. */
if (typeof window !== "undefined") {
  window.matchMedia ??= ((query: string) => ({ matches: false, media: query })) as unknown as typeof window.matchMedia;
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
}
