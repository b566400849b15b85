// A short tone when something new begins on the wall. Browsers allow it only after a person has touched
// the page; until then nothing is heard, nothing fails, and the wall says that the sound waits.

const HERTZ = 660;
const LENGTH_S = 0.35;
const VOLUME = 0.15;

let context: AudioContext | null = null;

/** Call at a click or a key, so that the browser allows sound from then on. */
export function allowSound(): void {
  context ??= new AudioContext();
  if (context.state !== 'running') void context.resume().catch(() => undefined);
}

/** Whether the browser lets a tone be heard. */
export const isAllowed = (): boolean => context?.state === 'running';

/** One soft tone. */
export function tone(): void {
  if (context === null || context.state !== 'running') return;
  const at = context.currentTime;
  const gain = new GainNode(context, { gain: 0 });
  const source = new OscillatorNode(context, { frequency: HERTZ, type: 'sine' });
  gain.gain.linearRampToValueAtTime(VOLUME, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + LENGTH_S);
  source.connect(gain).connect(context.destination);
  source.start(at);
  source.stop(at + LENGTH_S);
}
