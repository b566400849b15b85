// A YAML text with the place of everything in it: what stands at a path, and the line and column
// that a message names. An alias is read where it is written.

import { type Document, LineCounter, type Node, isAlias, isMap, isSeq, parseDocument } from 'yaml';
import { FlaplineError, messageOf } from './errors.js';

/** Keys and indices from the top of a text to a place in it. */
export type YamlPath = readonly (string | number)[];

/** What is meant at a path: the value there, or the last key itself. */
export type YamlPart = 'key' | 'value';

/** A YAML text and its places. */
export class PlacedYaml {
  readonly name: string;
  /** The text as plain values; an empty text is an empty object. */
  readonly value: unknown;
  private readonly document: Document;
  private readonly lines = new LineCounter();

  /**
   * Reads a text; `name` is said in messages. Throws BAD_CONFIG with the place where it is no YAML.
   */
  constructor(name: string, text: string) {
    this.name = name;
    this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false });
    const [broken] = this.document.errors;
    if (broken) throw this.noYaml(broken.pos[0], broken);
    try {
      this.value = this.document.toJS() ?? {};
    } catch (error) {
      // Aliases that unfold without end.
      throw this.noYaml(0, error);
    }
  }

  /** Where a part begins; of one that is not there, where the nearest part around it begins. */
  offsetOf(path: YamlPath, part: YamlPart = 'value'): number {
    let node = this.document.contents as Node | null;
    let offset = node?.range?.[0] ?? 0;
    for (const [i, step] of path.entries()) {
      const within: unknown = isAlias(node) ? node.resolve(this.document) : node;
      let next: Node | null = null;
      let key: Node | null = null;
      if (isMap<Node, Node | null>(within)) {
        const pair = within.items.find((item) => String(item.key) === String(step));
        next = pair?.value ?? null;
        key = pair?.key ?? null;
      } else if (isSeq<Node>(within)) {
        next = within.items[Number(step)] ?? null;
      }
      const wanted = part === 'key' && i === path.length - 1 ? (key ?? next) : (next ?? key);
      if (!wanted?.range) return offset;
      offset = wanted.range[0];
      node = next;
    }
    return offset;
  }

  /** `file:line:column` of a part, as `offsetOf`. */
  placeOf(path: YamlPath, part: YamlPart = 'value'): string {
    return this.placeAt(this.offsetOf(path, part));
  }

  private placeAt(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.name}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  }

  private noYaml(offset: number, cause: unknown): FlaplineError {
    const text = `${this.placeAt(offset)}: not YAML: ${messageOf(cause)}`;
    return new FlaplineError('BAD_CONFIG', text, { cause });
  }
}
