// kafkajs against a node: one line per check, status 1 when one failed.
const { Kafka, CompressionTypes, logLevel } = require("kafkajs");

const kafka = new Kafka({ brokers: [process.argv[2]], logLevel: logLevel.NOTHING });
let failed = false;

function check(name, good, detail = "") {
  failed = failed || !good;
  console.log(`${good ? "ok" : "FAIL"}\t${name}\t${detail}`);
}

async function read(topic, groupId, count, seconds, whenJoined = async () => {}) {
  const consumer = kafka.consumer({ groupId });
  const got = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let enough;
  const done = new Promise((resolve) => (enough = resolve));
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    eachMessage: async ({ message }) => {
      got.push(message.value.toString());
      if (got.length >= count) enough();
    },
  });
  await joined;
  await whenJoined();
  const timer = setTimeout(enough, seconds * 1000);
  await done;
  clearTimeout(timer);
  await consumer.disconnect();
  return got;
}

async function run() {
  const name = `kafkajs-${Date.now()}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [
      { topic: name, numPartitions: 3 },
      { topic: `${name}_2s`, numPartitions: 1 },
    ],
  });
  check("create topics", (await admin.listTopics()).includes(name));

  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
    const messages = Array.from({ length: 300 }, (_, i) => ({ key: `${i % 7}`, value: `${compression}-${i}` }));
    await producer.send({ topic: name, acks: -1, compression, messages });
    check(`produce idempotent, compression ${compression}`, true);
  }
  let got = await read(name, name, 600, 30);
  check("consume with a group", got.length === 600, `${got.length} of 600`);

  await producer.send({ topic: name, messages: [{ value: "later" }] });
  got = await read(name, name, 1, 20);
  check("resume at the committed offset", got.length === 1 && got[0] === "later", got.join(" "));

  let sent;
  got = await read(`${name}_2s`, `${name}-delayed`, 10, 15, async () => {
    sent = Date.now();
    await producer.send({
      topic: `${name}_2s`,
      messages: Array.from({ length: 10 }, (_, i) => ({ value: `${i}` })),
    });
  });
  const seconds = (Date.now() - sent) / 1000;
  check("delay topic", got.join("") === "0123456789" && seconds >= 2, `${got.length} records after ${seconds} s`);

  await admin.deleteTopics({ topics: [name] });
  check("delete a topic", !(await admin.listTopics()).includes(name));
  await producer.disconnect();
  await admin.disconnect();
}

run()
  .catch((e) => check("no exception", false, String(e)))
  .finally(() => process.exit(failed ? 1 : 0));
