/** One page at a time works with one set of records: two with the same ratchet would use keys twice. */

const TRIES = 20;
const PAUSE_MS = 150;

const releases = new Set<() => void>();

/** Everything that was held here is free again: nothing of it is in use any more. */
export function letGo(): void {
  for (const release of releases) release();
  releases.clear();
}

/** Whether it is ours, for as long as this page lives or until `letGo`. A page that is just being reloaded lets go in a moment. */
export async function holdLock(name: string): Promise<boolean> {
  for (let left = TRIES; left > 0; left -= 1) {
    if (await held(name)) return true;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return false;
}

function held(name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise<void>((release) => releases.add(release));
      })
      .catch(reject);
  });
}

export async function namesHeld(): Promise<string[]> {
  const { held: now } = await navigator.locks.query();
  return (now ?? []).flatMap((lock) => lock.name ?? []);
}
