"""confluent-kafka-python (librdkafka) against a node: one line per check, status 1 on failure."""

import sys
import time

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap = sys.argv[1]
failed = False


def check(name, good, detail=""):
    global failed
    failed = failed or not good
    print("%s\t%s\t%s" % ("ok" if good else "FAIL", name, detail), flush=True)


def consumer(topic, group):
    client = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    })
    client.subscribe([topic])
    return client


def poll(client, count, seconds):
    got, deadline = [], time.time() + seconds
    while len(got) < count and time.time() < deadline:
        record = client.poll(0.2)
        if record is not None and record.error() is None:
            got.append(record)
    return got


def produce(topic, values, **settings):
    errors = []
    producer = Producer(dict({"bootstrap.servers": bootstrap}, **settings))
    for i, value in enumerate(values):
        producer.produce(topic, key=str(i % 7), value=value,
                         on_delivery=lambda e, _: errors.append(e) if e else None)
        producer.poll(0)
    left = producer.flush(20)
    return left == 0 and not errors, str(errors[:1])


def run():
    name = "confluent-python-%d" % time.time()
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.create_topics([NewTopic(name, 3, 1), NewTopic(name + "_2s", 1, 1)]).values():
        future.result(20)
    check("create topics", name in admin.list_topics(timeout=10).topics)

    total = 0
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        good, detail = produce(name, ["%s-%d" % (codec, i) for i in range(200)],
                               **{"compression.type": codec})
        total += 200
        check("produce %s" % codec, good, detail)
    good, detail = produce(name, ["idempotent-%d" % i for i in range(200)],
                           **{"enable.idempotence": True})
    total += 200
    check("produce idempotent", good, detail)

    reader = consumer(name, name)
    got = poll(reader, total, 30)
    check("consume with a group", len(got) == total, "%d of %d" % (len(got), total))
    reader.commit(asynchronous=False)
    reader.close()

    produce(name, ["later"])
    reader = consumer(name, name)
    got = poll(reader, 1, 20)
    check("resume at the committed offset", [r.value() for r in got] == [b"later"])
    reader.close()

    reader = consumer(name + "_2s", name + "-delayed")
    poll(reader, 1, 4)
    sent = time.time()
    produce(name + "_2s", [str(i) for i in range(10)])
    got = poll(reader, 10, 15)
    check(
        "delay topic",
        [r.value() for r in got] == [b"%d" % i for i in range(10)] and time.time() - sent >= 2,
        "%d records after %.2f s" % (len(got), time.time() - sent),
    )
    reader.close()
    for future in admin.delete_topics([name]).values():
        future.result(20)
    check("delete a topic", True)


try:
    run()
except Exception as e:  # every failure is a row of the table
    check("no exception", False, repr(e))
sys.exit(1 if failed else 0)
