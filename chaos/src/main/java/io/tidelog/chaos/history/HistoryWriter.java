package io.tidelog.chaos.history;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Appends events to a file, each with one write, so that a killed process loses at most the one it
 * is writing. Safe for use by several threads; the order of the file is the order of the calls.
 *
 * <p>Format: eight bytes {@code TLHIST01}, then entries: length as a varint, a byte for the type,
 * fields as zigzag varints. Times are differences to the entry before. A name (topic, group, error)
 * is written once as an entry of its own, and is its number from then on.
 */
public final class HistoryWriter implements Closeable {

  static final byte[] MAGIC = "TLHIST01".getBytes(StandardCharsets.US_ASCII);

  private final OutputStream out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Integer> names = new HashMap<>();
  private byte[] entry = new byte[128];
  private int size;
  private Stamp last = new Stamp(0, 0);

  private HistoryWriter(OutputStream out) {
    this.out = out;
  }

  /** Begins a new file. */
  public static HistoryWriter create(Path file, int process, String workload) throws IOException {
    var writer =
        new HistoryWriter(
            Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    writer.out.write(MAGIC);
    int name = writer.name(workload);
    writer.begin(Type.NAME);
    writer.number(-1);
    writer.number(process);
    writer.number(name);
    writer.end();
    return writer;
  }

  public void add(Event event) {
    lock.lock();
    try {
      write(event);
    } catch (IOException e) {
      throw new UncheckedIOException("the history cannot be written", e);
    } finally {
      lock.unlock();
    }
  }

  private void write(Event event) throws IOException {
    switch (event) {
      case Event.SendInvoked e -> {
        begin(Type.SEND_INVOKED, e.at(), name(e.place().topic()));
        number(e.place().partition());
        number(e.op());
        number(e.value());
      }
      case Event.SendDone e -> {
        begin(Type.SEND_DONE, e.at(), name(e.error()));
        number(e.op());
        number(e.outcome().ordinal());
        number(e.offset());
      }
      case Event.SessionStarted e -> {
        begin(Type.SESSION_STARTED, e.at(), name(e.group()));
        number(e.session());
        number(e.reading().ordinal());
      }
      case Event.Assigned e -> {
        begin(Type.ASSIGNED, e.at(), name(e.place().topic()));
        number(e.place().partition());
        number(e.session());
        number(e.position());
      }
      case Event.Revoked e -> {
        begin(Type.REVOKED, e.at(), name(e.place().topic()));
        number(e.place().partition());
        number(e.session());
      }
      case Event.Polled e -> {
        begin(Type.POLLED, e.at(), name(e.place().topic()));
        number(e.place().partition());
        number(e.session());
        number(e.offset());
        number(e.value());
      }
      default -> writeRare(event);
    }
    end();
  }

  private void writeRare(Event event) throws IOException {
    switch (event) {
      case Event.CommitInvoked e -> {
        int topic = name(e.place().topic());
        begin(Type.COMMIT_INVOKED, e.at(), name(e.group()));
        number(topic);
        number(e.place().partition());
        number(e.op());
        number(e.session());
        number(e.offset());
      }
      case Event.CommitDone e -> {
        begin(Type.COMMIT_DONE, e.at(), name(e.error()));
        number(e.op());
        number(e.outcome().ordinal());
      }
      case Event.CommittedSeen e -> {
        int topic = name(e.place().topic());
        begin(Type.COMMITTED_SEEN, e.at(), name(e.group()));
        number(topic);
        number(e.place().partition());
        number(e.at().ns() - e.invokedNs());
        number(e.offset());
      }
      case Event.EndSeen e -> {
        begin(Type.END_SEEN, e.at(), name(e.place().topic()));
        number(e.place().partition());
        number(e.at().ns() - e.invokedNs());
        number(e.end());
      }
      case Event.FinalBounds e -> {
        begin(Type.FINAL_BOUNDS, e.at(), name(e.place().topic()));
        number(e.place().partition());
        number(e.start());
        number(e.end());
      }
      default -> writeTopic(event);
    }
  }

  private void writeTopic(Event event) throws IOException {
    switch (event) {
      case Event.TopicInvoked e -> {
        begin(Type.TOPIC_INVOKED, e.at(), name(e.topic()));
        number(e.op());
        number(e.action().ordinal());
        number(e.number());
      }
      case Event.TopicDone e -> {
        begin(Type.TOPIC_DONE, e.at(), name(e.error()));
        number(e.op());
        number(e.outcome().ordinal());
      }
      case Event.TopicSeen e -> {
        int id = name(e.id());
        begin(Type.TOPIC_SEEN, e.at(), name(e.topic()));
        number(id);
        number(e.at().ns() - e.invokedNs());
        number(e.partitions());
        number(e.retentionMs());
      }
      case Event.MoveInvoked e -> {
        int replicas = name(e.replicas());
        begin(Type.MOVE_INVOKED, e.at(), name(e.place().topic()));
        number(e.place().partition());
        number(e.op());
        number(replicas);
      }
      case Event.MoveDone e -> {
        begin(Type.MOVE_DONE, e.at(), name(e.error()));
        number(e.op());
        number(e.outcome().ordinal());
      }
      case Event.FinalTopics e -> begin(Type.FINAL_TOPICS, e.at(), 0);
      default -> throw new IllegalStateException("no entry for " + event);
    }
  }

  /** The number of a name; writes the name when it is the first time. */
  private int name(String name) throws IOException {
    var known = names.get(name);
    if (known != null) {
      return known;
    }
    int number = names.size();
    names.put(name, number);
    begin(Type.NAME);
    number(number);
    for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
      octet(each);
    }
    end();
    return number;
  }

  private void begin(Type type) {
    size = 0;
    octet((byte) type.ordinal());
  }

  private void begin(Type type, Stamp at, int name) {
    begin(type);
    number(at.ns() - last.ns());
    number(at.wallMs() - last.wallMs());
    last = at;
    number(name);
  }

  private void number(long value) {
    long zigzag = (value << 1) ^ (value >> 63);
    while ((zigzag & ~0x7FL) != 0) {
      octet((byte) ((zigzag & 0x7F) | 0x80));
      zigzag >>>= 7;
    }
    octet((byte) zigzag);
  }

  private void octet(byte value) {
    if (size == entry.length) {
      entry = Arrays.copyOf(entry, size * 2);
    }
    entry[size++] = value;
  }

  private void end() throws IOException {
    int length = size;
    var whole = new byte[length + 5];
    int at = 0;
    int rest = length;
    while (rest > 0x7F) {
      whole[at++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    whole[at++] = (byte) rest;
    System.arraycopy(entry, 0, whole, at, length);
    out.write(whole, 0, at + length);
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      out.close();
    } finally {
      lock.unlock();
    }
  }
}
