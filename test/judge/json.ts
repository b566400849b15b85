// A strict JSON parser over bytes, for the judges: recursive descent, clarity before speed, nothing
// shared with the kernel. Unlike JSON.parse it says where a value ends and at which byte the text
// breaks: at the first byte with which no JSON text can go on, or at the bracket that is too deep.

/** Levels of objects and arrays, one inside the other; more is an error. */
export const DEPTH_MAX = 1000;

export interface JsonString {
  kind: 'string';
  /** Invalid UTF-8 is replaced by U+FFFD; lone surrogates stand as they are. */
  text: string;
  /** Neither invalid UTF-8 nor a lone surrogate in it. */
  wellFormed: boolean;
}

export interface JsonMember {
  name: JsonString;
  value: JsonNode;
}

export interface JsonObject {
  kind: 'object';
  /** In the order of the text, equal names included. */
  members: JsonMember[];
}

export type JsonNode =
  | JsonString
  | JsonObject
  | { kind: 'array'; items: JsonNode[] }
  | { kind: 'number'; text: string }
  | { kind: 'word'; value: true | false | null };

/** The text breaks at byte `at`. */
export class JsonError extends Error {
  constructor(
    readonly reason: 'text' | 'depth' | 'not-an-object',
    readonly at: number,
  ) {
    super(`${reason} at byte ${at}`);
  }
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const UTF8_FATAL = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
/** Letters behind a backslash, and at the same place what they stand for. */
const ESCAPE_LETTERS = '"\\/bfnrt';
const ESCAPED = '"\\/\b\f\n\r\t';
const WORDS = { t: ['true', true], f: ['false', false], n: ['null', null] } as const;

/** Reads JSON from bytes; `at` is the next byte to be read. Every error is a JsonError. */
export class JsonReader {
  at = 0;

  constructor(readonly bytes: Uint8Array) {}

  /** The next byte as a character, "" at the end. Bytes of 0x80 and more never match any. */
  peek(): string {
    return this.at < this.bytes.length ? String.fromCharCode(this.bytes[this.at]) : '';
  }

  /** Throws unless the next byte is one of the characters; returns it and goes past it. */
  take(characters: string): string {
    const next = this.peek();
    if (next === '' || !characters.includes(next)) throw new JsonError('text', this.at);
    this.at += 1;
    return next;
  }

  /** Goes past space, tab, line feed and carriage return. */
  skipSpace(): void {
    while (this.peek() !== '' && ' \t\n\r'.includes(this.peek())) this.at += 1;
  }

  /** @param depth levels of objects and arrays that are open around the value. */
  value(depth: number): JsonNode {
    const first = this.peek();
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if (first === '"') return this.string();
    if (first === 't' || first === 'f' || first === 'n') return this.word(first);
    return this.number();
  }

  object(depth: number): JsonObject {
    const members: JsonMember[] = [];
    this.list(depth, '{', '}', () => {
      const name = this.string();
      this.skipSpace();
      this.take(':');
      this.skipSpace();
      members.push({ name, value: this.value(depth + 1) });
    });
    return { kind: 'object', members };
  }

  private array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.list(depth, '[', ']', () => items.push(this.value(depth + 1)));
    return { kind: 'array', items };
  }

  /** Reads `open`, what `one` reads, again after each comma, and `close`. */
  list(depth: number, open: string, close: string, one: () => void): void {
    if (depth >= DEPTH_MAX) throw new JsonError('depth', this.at);
    this.take(open);
    this.skipSpace();
    if (this.peek() === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      one();
      this.skipSpace();
      if (this.take(`,${close}`) === close) return;
      this.skipSpace();
    }
  }

  private string(): JsonString {
    this.take('"');
    let text = '';
    let valid = true;
    let from = this.at;
    for (;;) {
      const next = this.peek();
      if (next === '' || next < ' ') throw new JsonError('text', this.at);
      if (next !== '"' && next !== '\\') {
        this.at += 1;
        continue;
      }
      const raw = this.bytes.subarray(from, this.at);
      text += UTF8.decode(raw);
      valid &&= isUtf8(raw);
      this.at += 1;
      if (next === '"') break;
      text += this.escape();
      from = this.at;
    }
    return { kind: 'string', text, wellFormed: valid && !/\p{Surrogate}/u.test(text) };
  }

  /** What follows a backslash, as one UTF-16 unit. */
  private escape(): string {
    const letter = this.take(`${ESCAPE_LETTERS}u`);
    if (letter !== 'u') return ESCAPED[ESCAPE_LETTERS.indexOf(letter)];
    let digits = '';
    while (digits.length < 4) digits += this.take('0123456789abcdefABCDEF');
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  private word(first: keyof typeof WORDS): JsonNode {
    const [letters, value] = WORDS[first];
    for (const letter of letters) this.take(letter);
    return { kind: 'word', value };
  }

  private number(): JsonNode {
    const from = this.at;
    if (this.peek() === '-') this.at += 1;
    if (this.peek() === '0') this.at += 1;
    else this.digits();
    if (this.peek() === '.') {
      this.at += 1;
      this.digits();
    }
    if (this.peek() === 'e' || this.peek() === 'E') {
      this.at += 1;
      if (this.peek() === '+' || this.peek() === '-') this.at += 1;
      this.digits();
    }
    return { kind: 'number', text: UTF8.decode(this.bytes.subarray(from, this.at)) };
  }

  private digits(): void {
    do this.take('0123456789');
    while (this.peek() >= '0' && this.peek() <= '9');
  }
}

/** The one value that the bytes hold, white space around it; throws a JsonError. */
export function parseJson(bytes: Uint8Array): JsonNode {
  const reader = new JsonReader(bytes);
  reader.skipSpace();
  const value = reader.value(0);
  reader.skipSpace();
  if (reader.at < bytes.length) throw new JsonError('text', reader.at);
  return value;
}

/** The value that JSON.parse would give for the node. */
export function plainValue(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(
        node.members.map(({ name, value }) => [name.text, plainValue(value)]),
      );
    case 'array':
      return node.items.map(plainValue);
    case 'string':
      return node.text;
    case 'number':
      return Number(node.text);
    case 'word':
      return node.value;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    UTF8_FATAL.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
