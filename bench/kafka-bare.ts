// The peer of the kafka bench, as plain as it can be: node-rdkafka's consume(n) in a loop over all
// partitions, which looks at nothing. Arguments: brokers, topic, partitions, records. Prints its report.

import Kafka from 'node-rdkafka';
import { startClock } from './pinned.js';

const RECORDS_MAX = 2_000;

const [brokers, topic, partitions, records] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];
const consumer = new Kafka.KafkaConsumer(
  { 'metadata.broker.list': brokers, 'group.id': 'bare', 'enable.auto.commit': false },
  { 'auto.offset.reset': 'earliest' },
);
await new Promise<void>((resolve, reject) => {
  consumer.connect({}, (error) => (error ? reject(error) : resolve()));
});
const taken = startClock();
consumer.assign(
  Array.from({ length: Number(partitions) }, (_, partition) => ({ topic, partition, offset: 0 })),
);
let left = Number(records);
let bytes = 0;
while (left > 0) {
  const messages = await new Promise<Kafka.Message[]>((resolve, reject) => {
    consumer.consume(Math.min(RECORDS_MAX, left), (error, found) =>
      error ? reject(error) : resolve(found),
    );
  });
  for (const { value } of messages) bytes += value?.length ?? 0;
  left -= messages.length;
}
process.stdout.write(`${JSON.stringify({ ...taken(), bytes })}\n`, () => process.exit(0));
