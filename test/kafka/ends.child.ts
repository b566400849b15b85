// Run as a process of its own by ends.test.ts: uses every kind of client once, closes them, and must then
// end without process.exit. Prints "closed" when it has closed everything.

import { startEmbeddedBroker } from '../../src/source/embedded.js';
import { openLog } from '../../src/source/kafka.js';
import { openProducer } from '../../src/source/producer.js';

const broker = await startEmbeddedBroker();
const { brokers } = broker;
await openLog({ brokers, topic: 'absent' }).catch(() => undefined);
await openLog({ brokers: '127.0.0.1:1', topic: 't', startTimeoutMs: 300 }).catch(() => undefined);
const producer = await openProducer({ brokers, topic: 't' });
await producer.produce('line', Buffer.from('x'));
await producer.flush(5000);
const log = await openLog({ brokers, topic: 't' });
await log.assign((await log.partitions()).map((partition) => ({ partition, offset: 0 })));
const [record] = await log.consume(10, 5000);
await log.readOne(record.partition, record.offset, 5000);
await Promise.all([log.close(), producer.close()]);
await broker.stop();
console.log('closed');
