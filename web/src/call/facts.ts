/** What of a call is told when it is over. */

/** Times in milliseconds. `people`: keys of the others who were reached. `soundOnly`: at no time did a picture of anybody else
come. `incidents`: codes, in order. */
export interface CallFacts {
  readonly began: number;
  readonly ended: number;
  readonly people: readonly string[];
  readonly soundOnly: boolean;
  readonly incidents: readonly string[];
}
