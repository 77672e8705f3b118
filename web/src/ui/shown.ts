/** What others wrote, as a line of text can show it. */

/** Signs that are not seen, or that turn a line around so that "fdp.exe" looks like "exe.pdf". */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;

/** A file's name, with a mark where a sign of it cannot be shown. */
export const shownName = (name: string): string => name.replace(UNSEEN, "\ufffd");
