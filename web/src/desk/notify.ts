/** The computer's own notifications: they say that something came, and nothing else. */

export const mayNotify = (): NotificationPermission => ("Notification" in globalThis ? Notification.permission : "denied");

export const askToNotify = async (): Promise<NotificationPermission> =>
  "Notification" in globalThis ? Notification.requestPermission() : "denied";

/** Nothing where somebody looks at the page, or did not ask for it. */
export function notify(words: string): void {
  if (mayNotify() !== "granted" || (document.visibilityState === "visible" && document.hasFocus())) return;
  // One at a time: many say no more than one.
  const shown = new Notification("Colloque", { body: words, tag: "colloque" });
  shown.onclick = () => {
    globalThis.focus();
    shown.close();
  };
}
