package io.tidelog.chaos.history;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link HistoryWriter} wrote; a last entry that is cut off, as by a kill, is left out.
 */
public final class HistoryReader {

  private static final Type[] TYPES = Type.values();
  private static final Outcome[] OUTCOMES = Outcome.values();
  private static final Reading[] READINGS = Reading.values();
  private static final Event.TopicAction[] ACTIONS = Event.TopicAction.values();

  private final ByteBuffer in;
  private final List<String> names = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private Stamp last = new Stamp(0, 0);
  private int process = -1;
  private String workload = "";

  private HistoryReader(ByteBuffer in) {
    this.in = in;
  }

  /**
   * @throws IOException when it is no history, or is damaged before its end
   */
  public static ClientHistory read(Path file) throws IOException {
    var reader = new HistoryReader(ByteBuffer.wrap(Files.readAllBytes(file)));
    try {
      return reader.read();
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new IOException("history " + file + " is damaged near byte " + reader.in.position(), e);
    }
  }

  private ClientHistory read() throws IOException {
    var magic = new byte[HistoryWriter.MAGIC.length];
    if (in.remaining() >= magic.length) {
      in.get(magic);
    }
    if (!Arrays.equals(magic, HistoryWriter.MAGIC)) {
      throw new IOException("no history: it begins with other bytes");
    }
    while (in.hasRemaining()) {
      var entry = nextEntry();
      if (entry == null) {
        break;
      }
      read(entry);
    }
    return new ClientHistory(process, workload, events);
  }

  private @Nullable ByteBuffer nextEntry() {
    int length = 0;
    for (int shift = 0; ; shift += 7) {
      if (!in.hasRemaining()) {
        return null;
      }
      byte part = in.get();
      length |= (part & 0x7F) << shift;
      if (part >= 0) {
        break;
      }
    }
    if (length > in.remaining()) {
      return null;
    }
    var entry = in.slice(in.position(), length);
    in.position(in.position() + length);
    return entry;
  }

  private void read(ByteBuffer entry) {
    var type = TYPES[entry.get()];
    if (type == Type.NAME) {
      readName(entry);
      return;
    }
    last = new Stamp(last.ns() + number(entry), last.wallMs() + number(entry));
    var name = type == Type.FINAL_TOPICS ? "" : names.get((int) number(entry));
    events.add(event(type, name, entry));
  }

  private void readName(ByteBuffer entry) {
    long number = number(entry);
    if (number == -1) {
      process = (int) number(entry);
      workload = names.get((int) number(entry));
      return;
    }
    names.add(StandardCharsets.UTF_8.decode(entry).toString());
  }

  private Event event(Type type, String name, ByteBuffer entry) {
    var at = last;
    return switch (type) {
      case SEND_INVOKED -> {
        var place = place(name, entry);
        yield new Event.SendInvoked(at, number(entry), place, number(entry));
      }
      case SEND_DONE -> new Event.SendDone(at, number(entry), outcome(entry), number(entry), name);
      case SESSION_STARTED ->
          new Event.SessionStarted(at, (int) number(entry), READINGS[(int) number(entry)], name);
      case ASSIGNED -> {
        var place = place(name, entry);
        yield new Event.Assigned(at, (int) number(entry), place, number(entry));
      }
      case REVOKED -> {
        var place = place(name, entry);
        yield new Event.Revoked(at, (int) number(entry), place);
      }
      case POLLED -> {
        var place = place(name, entry);
        yield new Event.Polled(at, (int) number(entry), place, number(entry), number(entry));
      }
      case COMMIT_INVOKED -> {
        var place = place(names.get((int) number(entry)), entry);
        yield new Event.CommitInvoked(
            at, number(entry), (int) number(entry), name, place, number(entry));
      }
      case COMMIT_DONE -> new Event.CommitDone(at, number(entry), outcome(entry), name);
      case COMMITTED_SEEN -> {
        var place = place(names.get((int) number(entry)), entry);
        yield new Event.CommittedSeen(at, at.ns() - number(entry), name, place, number(entry));
      }
      default -> rareEvent(type, name, entry);
    };
  }

  private Event rareEvent(Type type, String name, ByteBuffer entry) {
    var at = last;
    return switch (type) {
      case END_SEEN -> {
        var place = place(name, entry);
        yield new Event.EndSeen(at, at.ns() - number(entry), place, number(entry));
      }
      case FINAL_BOUNDS -> {
        var place = place(name, entry);
        yield new Event.FinalBounds(at, place, number(entry), number(entry));
      }
      case TOPIC_INVOKED ->
          new Event.TopicInvoked(
              at, number(entry), ACTIONS[(int) number(entry)], name, number(entry));
      case TOPIC_DONE -> new Event.TopicDone(at, number(entry), outcome(entry), name);
      case TOPIC_SEEN -> {
        var id = names.get((int) number(entry));
        yield new Event.TopicSeen(
            at, at.ns() - number(entry), name, id, (int) number(entry), number(entry));
      }
      case MOVE_INVOKED -> {
        var place = place(name, entry);
        yield new Event.MoveInvoked(at, number(entry), place, names.get((int) number(entry)));
      }
      case MOVE_DONE -> new Event.MoveDone(at, number(entry), outcome(entry), name);
      case FINAL_TOPICS -> new Event.FinalTopics(at);
      default -> throw new IllegalStateException("no event for " + type);
    };
  }

  private static Place place(String topic, ByteBuffer entry) {
    return new Place(topic, (int) number(entry));
  }

  private static Outcome outcome(ByteBuffer entry) {
    return OUTCOMES[(int) number(entry)];
  }

  private static long number(ByteBuffer entry) {
    long zigzag = 0;
    for (int shift = 0; ; shift += 7) {
      byte part = entry.get();
      zigzag |= (long) (part & 0x7F) << shift;
      if (part >= 0) {
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
    }
  }
}
