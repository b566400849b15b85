// Root causes through a real broker: planted ones found live, a planned work in its window among them,
// with what was missed, what was false and how long it took; relabelled by an operator's command, visibly
// and until it is withdrawn; and the stored causes those of a replay, after a kill as well.

import { expect, it } from 'vitest';
import type { CauseDetail, Causes } from '../../src/api/cause-contract.js';
import { counted, plantedAlarms, plantedRecords } from '../cause/planted.js';
import { inProcess } from '../cli/in-process.js';
import { fillTopic } from '../crash/filled.js';
import { startChild, usesChildren } from '../host/service-child.js';
import {
  ask,
  rowsOf,
  serviceOptions,
  start,
  temporaryFolder,
  until,
  untilRead,
  usesServices,
} from '../host/service-fixture.js';
import type { Cluster } from './broker/cluster.js';
import { describeKafka } from './broker/describe.js';
import { causeViews, listen, recordFiles, recordOf, replayed, untilSettled } from './cause-life.js';

const PARTITIONS = 4;
const SEED = 5;
/** The aim is a second; this is what a busy machine survives. */
const DELAY_MS_MAX = 15_000;
const TEST_MS = 240_000;
const T = 1_164_900_000_000;

usesServices();
usesChildren();

/** Options of a service that reads a topic of the cluster. */
function optionsOf(cluster: Cluster, topic: string, folder: string, works = '') {
  const kafka = { brokers: cluster.brokers, topic, cluster: 'c', settings: {} };
  const files = recordFiles(folder, SEED, works);
  return serviceOptions(folder, { kafka, recordFiles: files, idleMs: 500, commitEveryMs: 20 });
}

describeKafka('root causes through a real broker', 1, (cluster) => {
  it(
    'are found live, works among them, and relabelled by a command',
    async () => {
      const fromMs = Date.now() - 3_600_000;
      const { events, planted } = plantedAlarms(SEED, fromMs, 7, 400_000);
      const past = planted.slice(0, -1);
      const last = planted.at(-1)!;
      const filled = await fillTopic(cluster(), 'live', PARTITIONS);
      await filled.add(events.filter(({ time }) => time < last.at - 60_000).map(recordOf));
      // A work is under way on a trunk; nothing else of the trunk is planted.
      const work = `work,start,end,status,kind,component\nW1,${Date.now() - 60_000},${Date.now() + 600_000},planned,trunk,t4`;
      const folder = temporaryFolder();
      const service = await start(optionsOf(cluster(), 'live', folder, work));
      await untilRead(service, filled.ends);
      await until('the causes of the past', async () => {
        const { isWorking, total } = await ask<Causes>(service, `causes?from=${fromMs}`);
        return !isWorking && total >= past.length - 1;
      });

      const { told, stop } = await listen(service);
      const nowMs = Date.now();
      const cut = events.filter(
        ({ time, state }) => state === 'down' && time >= last.at && time < last.at + 12_000,
      );
      const touched = plantedRecords(SEED).members.get('trunk/t4')!;
      const live = [
        ...cut.map(({ line, time }) => ({ line, time: time - last.at + nowMs - 12_000 })),
        ...touched.map((line, i) => ({ line, time: nowMs - 12_000 + ((i * 97) % 11_000) })),
      ]
        .toSorted((a, b) => a.time - b.time)
        .map((one) => Object.assign(one, { state: 'down' as const }));
      const wanted = [
        { ...last, at: nowMs - 12_000 },
        { kind: 'work', name: 'W1', at: nowMs - 12_000, hit: touched.length },
      ];
      const fedMs = performance.now();
      await filled.add(live.map(recordOf));
      await until('both are told', () => counted(wanted, told).found === wanted.length);
      const delayMs = performance.now() - fedMs;
      await stop();
      const all = await ask<Causes>(service, `causes?from=${fromMs}&limit=1000`);
      const found = [...all.causes, ...all.provisional];
      const score = counted([...past, ...wanted], found);
      const text = await (await fetch(`${service.address}metrics`)).text();
      const inside = Number(/^flapline_cause_delay_seconds_max (\S+)$/m.exec(text)?.[1]);
      console.info(
        `${score.found} found, ${score.missed} missed, ${score.false} false; told ` +
          `${Math.round(delayMs)} ms after the first alarm was produced; from alarms noted to told ` +
          `${Math.round(inside * 1_000)} ms at most`,
      );
      expect(score).toEqual({ found: past.length + wanted.length, missed: 0, false: 0 });
      expect(delayMs).toBeLessThan(DELAY_MS_MAX);
      const ofWork = found.find(({ works }) => works.includes('W1'))!;
      expect(ofWork.components).toContainEqual({ kind: 'work', name: 'W1' });
      expect(ofWork.components).toContainEqual({ kind: 'trunk', name: 't4' });

      // An operator says that it was something else, and takes it back.
      const { id, components } = all.causes[0]!;
      const judge = (...words: string[]) =>
        inProcess(['judge', id, ...words, '--by', 'Li Wei', '--url', service.address]);
      const named = `${components[0]!.kind} ${components[0]!.name}`;
      const relabelled = await judge('relabel', '--as', 'card c7-2', '--why', 'dug up');
      expect([relabelled.code, relabelled.stdout]).toEqual([
        0,
        expect.stringContaining('card c7-2 confirmed'),
      ]);
      expect(relabelled.stdout).toContain(`${named} refuted`);
      const detail = (): Promise<CauseDetail> => ask(service, `causes/${encodeURIComponent(id)}`);
      const moved = (await detail()).priors.map(({ kind, name, nats }) => [
        `${kind} ${name}`,
        nats,
      ]);
      expect(moved).toEqual([
        [named, -Math.log(2)],
        ['card c7-2', Math.log(2)],
      ]);
      expect((await judge('withdraw')).stdout).toContain('nothing holds');
      const after = await detail();
      expect(after.priors).toEqual([]);
      expect(after.feedback).toMatchObject([
        { who: 'Li Wei', why: 'dug up', withdrawnBy: 'Li Wei' },
        { who: 'Li Wei', why: 'dug up', withdrawnBy: 'Li Wei' },
      ]);
      await filled.close();
      await service.stop();
      const rows = await rowsOf(
        folder,
        `select verdict, kind, component, who, feedback_ms <= withdrawn_ms as later
           from cause_feedback order by verdict`,
      );
      expect(rows).toEqual([
        { verdict: 'confirmed', kind: 'card', component: 'c7-2', who: 'Li Wei', later: true },
        { verdict: 'refuted', ...kindAndName(named), who: 'Li Wei', later: true },
      ]);
    },
    TEST_MS,
  );

  it(
    'are stored as a replay has them, kills or not',
    async () => {
      const { events } = plantedAlarms(SEED, T, 8, 300_000);
      const wanted = await causeViews(await replayed(events, SEED));
      expect(wanted['causes']!.length).toBeGreaterThanOrEqual(7);
      const filled = await fillTopic(cluster(), 'stored', PARTITIONS);
      const folder = temporaryFolder();
      const options = optionsOf(cluster(), 'stored', folder);
      const half = Math.floor(events.length / 2);
      await filled.add(events.slice(0, half).map(recordOf));
      const child = await startChild(options);
      await until('some are stored', async () => {
        const { total } = await ask<Causes>(child, `causes?from=${T}&to=${T + 86_400_000}`);
        return total > 0;
      });
      await filled.add(events.slice(half).map(recordOf));
      await child.kill();
      const service = await start(options);
      await untilRead(service, filled.ends);
      await untilSettled(service, T, wanted['causes']!.length);
      await service.stop();
      await filled.close();
      expect(await causeViews(folder)).toEqual(wanted);
    },
    TEST_MS,
  );
});

function kindAndName(text: string): { kind: string; component: string } {
  const [kind, component] = text.split(' ') as [string, string];
  return { kind, component };
}
