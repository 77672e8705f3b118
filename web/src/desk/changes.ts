/** The line on which the desk says that something changed; never what. */

import type { Standing } from "./shapes.ts";

/** `came`: more is unread, also behind a locked screen; `unreached`: the program does not answer. */
export type News =
  | { readonly kind: "standing"; readonly standing: Standing }
  | { readonly kind: "changed" | "came" | "failed" | "unreached" };

const AGAIN_MS = 1_500;
/** Many changes come at once while mail arrives: a page that asked at each would do nothing else. */
const TOGETHER_MS = 150;

export class Changes {
  private readonly listeners = new Set<(news: News) => void>();
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private socket: WebSocket | undefined;

  start(): void {
    const socket = new WebSocket(`ws://${location.host}/api/changes`);
    this.socket = socket;
    socket.onmessage = ({ data }) => {
      const news = JSON.parse(String(data)) as News;
      if (news.kind !== "changed") return this.tell(news);
      this.waiting ??= setTimeout(() => {
        this.waiting = undefined;
        this.tell(news);
      }, TOGETHER_MS);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.tell({ kind: "unreached" });
      setTimeout(() => this.socket === socket && this.start(), AGAIN_MS);
    };
  }

  stop(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
  }

  /** Gives back what stops that. */
  listen(told: (news: News) => void): () => void {
    this.listeners.add(told);
    return () => void this.listeners.delete(told);
  }

  private tell(news: News): void {
    for (const told of this.listeners) told(news);
  }
}
