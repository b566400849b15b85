// Records on their way into the store of the service: files at its start, files of a watched folder
// when they change, and what the API is given. While a topic is read they go in between two feeds.

import { messageOf } from '../config/errors.js';
import { type RecordFile, bringInNow } from '../records/import.js';
import { RecordFolder } from '../records/folder.js';
import { type ReadRecords, readRecordFile } from '../records/read.js';
import { type ImportOptions, type ImportReport, hasChanges } from '../store/record-import.js';
import type { Store } from '../store/store.js';
import type { Feed, FeedLoop } from './feed.js';

/** Bad rows of a file that are told one by one. */
const TOLD_ROWS = 20;

/** What the intake is given. */
export interface IntakeOptions {
  readonly store: Store;
  /** Of times without an offset. */
  readonly timeZone: string;
  readonly folder: string | null;
  /** The feed and its loop once a topic is read. */
  readonly running: () => { readonly loop: FeedLoop; readonly feed: Feed } | null;
  /** After records of lines have changed, and after those of components or works have. */
  readonly onLines: () => void;
  readonly onComponents: () => void;
  readonly onNote: (text: string) => void;
}

/** Takes records, one import after the other. */
export class RecordIntake {
  private readonly options: IntakeOptions;
  private readonly folder: RecordFolder | null;
  private turn: Promise<unknown> = Promise.resolve();
  private looking = false;

  constructor(options: IntakeOptions) {
    this.options = options;
    this.folder = options.folder === null ? null : new RecordFolder(options.folder);
  }

  /** Files named at the start, then those of the folder. Throws FILE_UNREADABLE, BAD_DATA. */
  async begin(files: readonly RecordFile[]): Promise<void> {
    const reports: ImportReport[] = [];
    for (const file of files) reports.push(await this.takeFile(file));
    if (reports.length > 0)
      this.options.onNote(`records read: ${reports.map(shortText).join(', ')}`);
    await this.look();
  }

  /** Brings records in and tells what that changed. Throws SERVICE_UNAVAILABLE. */
  take(records: ReadRecords, options: ImportOptions): Promise<ImportReport> {
    const work = this.turn.then(() => this.bringIn(records, options));
    this.turn = work.catch(() => undefined);
    return work;
  }

  /** Looks at the folder; a file that cannot be read is told, and read when it changes again. */
  async look(): Promise<void> {
    if (this.folder === null || this.looking) return;
    this.looking = true;
    const { onNote } = this.options;
    try {
      for (const file of this.folder.changed(Date.now())) {
        const told = this.takeFile(file).then(reportText, messageOf);
        onNote(await told);
      }
    } catch (error) {
      onNote(messageOf(error));
    } finally {
      this.looking = false;
    }
  }

  private async takeFile({ kind, file }: RecordFile): Promise<ImportReport> {
    const records = await readRecordFile(kind, file, { timeZone: this.options.timeZone });
    const report = await this.take(records, { fromMs: Date.now() });
    const { onNote } = this.options;
    for (const bad of records.bad.slice(0, TOLD_ROWS)) {
      onNote(`${file}, line ${bad.row}: ${bad.reason}; left out`);
    }
    const more = records.bad.length - TOLD_ROWS;
    if (more > 0) onNote(`${file}: ${more} more bad rows left out`);
    return report;
  }

  private async bringIn(records: ReadRecords, options: ImportOptions): Promise<ImportReport> {
    const { store, running, onLines, onComponents } = this.options;
    const live = running();
    const [report] = live
      ? await live.loop.change(() => live.feed.takeRecords([records], options))
      : await bringInNow(store, [records], options);
    const { kind } = report!;
    if (kind === 'lines' && hasChanges(report!)) onLines();
    if ((kind === 'components' || kind === 'works') && hasChanges(report!)) onComponents();
    return report!;
  }
}

/** 500 lines (3 changed, 1 bad), for a list. */
function shortText({ kind, added, changed, ended, unchanged, bad }: ImportReport): string {
  const counts = Object.entries({ changed, ended, bad }).filter(([, n]) => n > 0);
  const of = counts.map(([name, n]) => `${n} ${name}`).join(', ');
  return `${added + changed + unchanged} ${kind}${of === '' ? '' : ` (${of})`}`;
}

/** What an import did, in a line. */
export function reportText(report: ImportReport): string {
  const { kind, source, rows, added, changed, ended, unchanged, bad } = report;
  const columns = Object.entries(report.changedColumns).map(([name, n]) => `${name} ${n}`);
  const of = columns.length > 0 ? ` (${columns.join(', ')})` : '';
  const kept = report.keptAbsent
    ? '; absent rows were kept, since a bad row may be one of them'
    : '';
  return (
    `${kind} of ${source}: ${rows} rows, ${added} added, ${changed} changed${of}, ${ended} ended, ` +
    `${unchanged} unchanged, ${bad} bad${kept}`
  );
}
