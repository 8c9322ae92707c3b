/** Takes away the placeholder that the HTML page shows from its first byte on, once there is something to see in its place. */
export function arrived(): void {
  document.getElementById("boot")?.remove();
}
