// The naive twin of a line's alarms (SPEC section 2): which are active, when each was raised, and its
// chatter. Every raise is kept for ever; sums are made anew when they are asked for.

/** Raises of one alarm within this time are chatter, when they are three. */
const CHATTER_MS = 60_000;

/** The chatter of one alarm; times are effective ones. */
export interface Chatter {
  /** The alarmed key, and the alarm's identity ("" = the unnamed one). */
  key: string;
  alarm: string;
  raises: number;
  lastRaise: number;
  /** Sum of 1/r over the run lengths r: with raises - 1 of them the chatter index is their mean. */
  inverse: number;
  /** Raises that were the third within 60 s, and the time of the last such (0 = none). */
  chattered: number;
  chatteredAt: number;
}

interface Alarm {
  key: string;
  name: string;
  active: boolean;
  /** Its last raise since raises are kept (staleness or chatter), null = none. */
  raised: number | null;
  /** All raises since chatter is on. */
  raises: number[];
}

/** What is kept of alarms under the rules of the day. */
export interface Keeping {
  raises: boolean;
  chatter: boolean;
}

/** The alarms of one line. */
export class Alarms {
  private readonly known = new Map<string, Alarm>();

  /** Down = any at all. */
  get anyActive(): boolean {
    return this.actives().length > 0;
  }

  /** Raises an alarm at the effective time t; false when it is active already (a duplicate). */
  raise(key: string, name: string, t: number, keeping: Keeping): boolean {
    const id = JSON.stringify([key, name]);
    const alarm = this.known.get(id) ?? { key, name, active: false, raised: null, raises: [] };
    this.known.set(id, alarm);
    const wasActive = alarm.active;
    alarm.active = true;
    if (keeping.raises) alarm.raised = t;
    if (keeping.chatter) alarm.raises.push(t);
    return !wasActive;
  }

  /** Clears an alarm, or with "*" all of its key; false when none was active (a duplicate). */
  clear(key: string, name: string): boolean {
    const found = this.actives(key, name);
    for (const alarm of found) alarm.active = false;
    return found.length > 0;
  }

  /** Whether an alarm is active, or for "*" any of its key. */
  isActive(key: string, name: string): boolean {
    return this.actives(key, name).length > 0;
  }

  /** The newest raise among the active alarms, as far as raises were kept. */
  newestRaise(): number {
    return Math.max(...this.actives().map(({ raised }) => raised ?? -Infinity));
  }

  /** Forgets what is no longer kept. */
  keep({ raises, chatter }: Keeping): void {
    for (const alarm of this.known.values()) {
      if (!raises) alarm.raised = null;
      if (!chatter) alarm.raises = [];
    }
  }

  /** The chatter of every alarm that was raised since chatter is on. */
  chatter(): Chatter[] {
    return [...this.known.values()].filter(({ raises }) => raises.length > 0).map(chatterOf);
  }

  private actives(key?: string, name = '*'): Alarm[] {
    return [...this.known.values()].filter(
      (alarm) =>
        alarm.active &&
        (key === undefined || alarm.key === key) &&
        (name === '*' || alarm.name === name),
    );
  }
}

function chatterOf({ key, name, raises }: Alarm): Chatter {
  const runs = raises.slice(1).map((t, i) => Math.max(1, Math.floor((t - raises[i]) / 1000)));
  const thirds = raises.filter((t, i) => i >= 2 && t - raises[i - 2] <= CHATTER_MS);
  return {
    key,
    alarm: name,
    raises: raises.length,
    lastRaise: raises.at(-1)!,
    inverse: runs.reduce((sum, run) => sum + 1 / run, 0),
    chattered: thirds.length,
    chatteredAt: thirds.at(-1) ?? 0,
  };
}
