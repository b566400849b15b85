// One line in a kernel with one detector beside the primary one: driven event by event, its state read
// where the layout says.

import * as L from '../../assembly/layout.js';
import { DEFAULT_RULES, type Detector } from '../../src/config/rules.js';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import { placeDetectors } from '../../src/kernel/detector-places.js';
import { DEFAULT_CAPACITIES, Kernel } from '../../src/kernel/kernel.js';
import { type Finding, findingsOf } from '../../src/pipeline/findings.js';
import { Fold } from '../../src/pipeline/fold.js';

const CAPACITIES = { ...DEFAULT_CAPACITIES, lines: 4, keyBytes: 1024, inboxBytes: 4096 };

/** A detector that sees one line. */
export class OneLine {
  readonly findings: Finding[] = [];
  private readonly fold: Fold;
  private readonly name: string;

  constructor(detector: Detector, checked: boolean) {
    this.name = detector.name;
    const ids = detector.kind === 'window' ? detector.flap.map((_, i) => i + 3) : [3];
    const kernel = new Kernel({
      rules: { ...DEFAULT_RULES, detectors: [detector] },
      ruleIds: { flap: [1, 2], detectors: [ids] },
      capacities: CAPACITIES,
      limits: DEFAULT_LIMITS,
      emitStarts: false,
      zone: [],
      checked,
    });
    this.fold = new Fold(kernel, {
      takeFindings: (current) => {
        const ruleOf = (id: number) => ({
          detector: id < 3 ? 'window' : this.name,
          words: `rule ${id}`,
        });
        this.findings.push(...findingsOf(current, { ruleOf }));
      },
      takeRejects: ([reject]) => {
        throw new Error(reject.reason);
      },
    });
  }

  /** Applies one event of the line's one alarm. */
  async event(time: number, state: 'down' | 'up'): Promise<void> {
    const text = JSON.stringify({ line: 'A', time, state });
    await this.fold.streamPiece(Buffer.from(`${text}\n`));
    await this.fold.drain();
  }

  /** Reads the open state at time c. */
  async read(c: number): Promise<void> {
    await this.fold.read(c);
  }

  /** The detector's own findings of a kind. */
  of(kind: string): Finding[] {
    return this.findings.filter((each) => each.kind === kind && each['detector'] === this.name);
  }

  /** A float64 of the detector's head. */
  real(field: number): number {
    return this.fold.kernel.f64[(this.head + field) / 8];
  }

  /** The line's last transition. */
  get transition(): number {
    const { kernel } = this.fold;
    const record = kernel.region(L.REGION_LINES) + L.LINE_SIZE;
    return Number(kernel.i64[(record + L.LINE_TRANSITION) / 8]);
  }

  /** Of the weighted detector: whether the state changed at each of the last 20 samples. */
  get changes(): boolean[] {
    const word = this.fold.kernel.u32[(this.head + L.WEIGHTED_CHANGES) / 4];
    return Array.from({ length: L.SAMPLES }, (_, i) => ((word >>> i) & 1) === 1);
  }

  /** True while an episode of the detector is open. */
  get flapping(): boolean {
    const { kernel } = this.fold;
    const { episode } = this.places.places[0];
    const tail = kernel.region(L.REGION_TAILS) + this.places.tailsStride;
    return kernel.u32[(tail + episode.at + L.EPISODE_RULE) / 4] !== 0;
  }

  private get places() {
    return placeDetectors(this.fold.kernel.options.rules);
  }

  private get head(): number {
    const { places, headsStride } = this.places;
    return this.fold.kernel.region(L.REGION_HEADS) + headsStride + places[0].head.at;
  }
}

/** What every detector of a test has. */
export const TESTED = { name: 'tested', shadow: false, classes: [] } as const;
