"""kafka-python against a node: prints one line per check, status 1 when one failed."""

import sys
import time

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

bootstrap = sys.argv[1]
failed = False


def check(name, good, detail=""):
    global failed
    failed = failed or not good
    print("%s\t%s\t%s" % ("ok" if good else "FAIL", name, detail), flush=True)


def consumer(topic, group, reset="earliest"):
    return KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset=reset,
        enable_auto_commit=False,
    )


def poll(client, count, seconds):
    got, deadline = [], time.time() + seconds
    while len(got) < count and time.time() < deadline:
        for records in client.poll(timeout_ms=200).values():
            got += records
    return got


def run():
    name = "kafka-python-%d" % time.time()
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(name, 3, 1), NewTopic(name + "_2s", 1, 1)])
    check("create topics", name in admin.list_topics())

    for codec in (None, "gzip"):
        producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", compression_type=codec)
        futures = [
            producer.send(name, key=b"%d" % (i % 7), value=b"%s-%d" % (str(codec).encode(), i))
            for i in range(500)
        ]
        for future in futures:
            future.get(timeout=20)
        producer.close()
        check("produce %s" % codec, True)

    reader = consumer(name, name)
    got = poll(reader, 1000, 30)
    check("consume with a group", len(got) == 1000, "%d of 1000" % len(got))
    by_key = {}
    for record in got:
        by_key.setdefault(record.key, []).append(int(record.value.rsplit(b"-", 1)[1]))
    ordered = all(values[:half] == sorted(values[:half])
                  for values in by_key.values() for half in (len(values) // 2,))
    check("order within a key", ordered)
    reader.commit()
    reader.close()

    producer = KafkaProducer(bootstrap_servers=bootstrap)
    producer.send(name, value=b"later").get(timeout=20)
    reader = consumer(name, name)
    got = poll(reader, 1, 20)
    check("resume at the committed offset", [r.value for r in got] == [b"later"])
    reader.close()

    reader = consumer(name + "_2s", name + "-delayed")
    poll(reader, 1, 1)
    sent = time.time()
    for i in range(10):
        producer.send(name + "_2s", value=b"%d" % i).get(timeout=20)
    got = poll(reader, 10, 15)
    early = bool(got) and time.time() - sent < 2
    check(
        "delay topic",
        [r.value for r in got] == [b"%d" % i for i in range(10)] and not early,
        "%d records after %.2f s" % (len(got), time.time() - sent),
    )
    reader.close()
    admin.delete_topics([name])
    check("delete a topic", True)


try:
    run()
except Exception as e:  # every failure is a row of the table
    check("no exception", False, repr(e))
sys.exit(1 if failed else 0)
