/** The words of the desk's own views, beside those that they share with the patient's. */

import { useSpeech, type Speech } from "../ui/speech.ts";
import { WORDS, sayFrom, type Language, type Word } from "../ui/words.ts";
import { DESK_WORDS, type OwnWord } from "./words.ts";

export type DeskWord = Word | OwnWord;
export type DeskSay = (word: DeskWord, fill?: Readonly<Record<string, string | number>>) => string;

/** What the desk says otherwise than the patient's page goes before. */
const SAYS: Readonly<Record<Language, DeskSay>> = {
  fr: sayFrom<DeskWord>("fr", { ...WORDS.fr, ...DESK_WORDS.fr }),
  en: sayFrom<DeskWord>("en", { ...WORDS.en, ...DESK_WORDS.en }),
};

export const sayAtDesk = (language: Language): DeskSay => SAYS[language];

export function useDeskSpeech(): Omit<Speech, "say"> & { readonly say: DeskSay } {
  const speech = useSpeech();
  return { ...speech, say: SAYS[speech.language] };
}

export const unreadWords = (count: number, say: DeskSay): string => (count === 1 ? say("unreadOne") : say("unreadMany", { count }));
