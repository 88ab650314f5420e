package io.tidelog.hot.replica.net;

import io.tidelog.core.LogId;
import io.tidelog.core.PartitionId;
import io.tidelog.core.log.ReplicaId;
import io.tidelog.hot.replica.ReplicaMessage;
import io.tidelog.hot.replica.TermStart;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Messages of every kind, from a seed. */
final class RandomMessages {

  private static final int KINDS = ReplicaMessage.class.getPermittedSubclasses().length;

  private final Random random;
  private int next;

  RandomMessages(Random random) {
    this.random = random;
  }

  /** Of each kind in turn. */
  ReplicaFrame next() {
    return new ReplicaFrame(new LogId(uuid()), message(next++ % KINDS));
  }

  private ReplicaMessage message(int kind) {
    long term = number();
    long nonce = number();
    return switch (kind) {
      case 0 -> new ReplicaMessage.Open(term, nonce, replica(), number(), number(), history());
      case 1 -> new ReplicaMessage.Opened(term, nonce, number(), number(), number());
      case 2 -> new ReplicaMessage.CopyFirst(term, nonce);
      case 3 -> new ReplicaMessage.CheckpointWanted(term, nonce, replica(), number());
      case 4 ->
          new ReplicaMessage.CheckpointPart(
              term, nonce, number(), number(), number(), number(), bytes());
      case 5 -> new ReplicaMessage.Denied(term, nonce);
      case 6 ->
          new ReplicaMessage.Append(term, nonce, number(), number(), number(), number(), bytes());
      case 7 ->
          new ReplicaMessage.Acknowledged(term, nonce, replica(), number(), number(), number());
      case 8 -> new ReplicaMessage.Probe(term, nonce, replica());
      case 9 ->
          new ReplicaMessage.ProbeAnswer(
              term,
              nonce,
              replica(),
              random.nextBoolean(),
              random.nextBoolean(),
              number(),
              number());
      case 10 -> new ReplicaMessage.TakeOver(term);
      case 11 ->
          new ReplicaMessage.MoveAsk(
              term,
              new LogId(uuid()),
              nonce,
              partition(),
              number(),
              number(),
              random.nextBoolean(),
              random.nextInt());
      case 12 ->
          new ReplicaMessage.MovePart(
              term, nonce, partition(), random.nextInt(), random.nextInt(), bytes());
      case 13 -> new ReplicaMessage.NeedsAsk(term, new LogId(uuid()), partition());
      case 14 -> new ReplicaMessage.Needs(term, partition(), number(), numbers());
      case 15 -> new ReplicaMessage.Leave(term, nonce, replica());
      default -> throw new AssertionError("a kind of message that is not tested");
    };
  }

  private long number() {
    return random.nextLong() >> random.nextInt(Long.SIZE);
  }

  private List<Long> numbers() {
    return random.longs(random.nextInt(100)).boxed().toList();
  }

  private PartitionId partition() {
    return new PartitionId(uuid(), random.nextInt(1 << 20));
  }

  private UUID uuid() {
    return new UUID(random.nextLong(), random.nextLong());
  }

  private ReplicaId replica() {
    return new ReplicaId(random.nextInt(), uuid());
  }

  private List<TermStart> history() {
    var history = new ArrayList<TermStart>();
    int count = random.nextInt(100);
    for (int i = 0; i < count; i++) {
      history.add(new TermStart(number(), number()));
    }
    return history;
  }

  private ByteBuffer bytes() {
    var bytes = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(3_000)];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }
}
