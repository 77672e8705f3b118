/** What of the desk is looked at; the browser's own way back leads through what was looked at before. */

import { useEffect, useState } from "preact/hooks";

export type View =
  | { readonly is: "inbox" | "newcomers" | "alarms" | "settings" | "several" }
  | { readonly is: "talk"; readonly id: string; readonly around?: string | undefined }
  /** `id`: an invitation that was made; else a new one. `withdrawn`: one was just taken back. */
  | { readonly is: "invite"; readonly id?: string; readonly withdrawn?: boolean };

export type Go = (view: View) => void;

const INBOX: View = { is: "inbox" };

export function useView(): [View, Go] {
  const [view, setView] = useState<View>((history.state as View | null) ?? INBOX);
  useEffect(() => {
    const back = ({ state }: PopStateEvent): void => setView((state as View | null) ?? INBOX);
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const go = (next: View): void => {
    history.pushState(next, "");
    setView(next);
  };
  return [view, go];
}
