package io.tidelog.simulation.cluster;

import io.tidelog.core.PartitionId;
import io.tidelog.core.log.PartitionConfig;
import io.tidelog.hot.replica.MoveAnswers;
import io.tidelog.hot.replica.ReplicaMessage;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Messages as they arrive: perhaps with a bit changed, or as a mutant has them. */
final class MessageFaults {

  private final Random random;
  private final int corruptPercent;
  private final ClusterMutant mutant;
  private final BooleanSupplier isHealed;
  private final Function<PartitionId, PartitionConfig> configs;

  MessageFaults(
      Random random,
      int corruptPercent,
      ClusterMutant mutant,
      BooleanSupplier isHealed,
      Function<PartitionId, PartitionConfig> configs) {
    this.configs = configs;
    this.random = random;
    this.corruptPercent = corruptPercent;
    this.mutant = mutant;
    this.isHealed = isHealed;
  }

  ReplicaMessage changed(ReplicaMessage message) {
    return switch (message) {
      case ReplicaMessage.Opened opened -> opened(opened);
      case ReplicaMessage.Append append -> append(append);
      case ReplicaMessage.MovePart part -> part(part);
      default -> message;
    };
  }

  private ReplicaMessage opened(ReplicaMessage.Opened opened) {
    return mutant == ClusterMutant.CUT_BELOW_COMMIT
        ? new ReplicaMessage.Opened(
            opened.term(),
            opened.nonce(),
            opened.stream(),
            opened.segmentBaseLsn(),
            opened.segmentBaseLsn())
        : opened;
  }

  private ReplicaMessage append(ReplicaMessage.Append append) {
    var groups = ByteBuffer.allocate(append.groups().remaining());
    groups.put(append.groups().duplicate()).flip();
    boolean isCorrupt = !isHealed.getAsBoolean() && random.nextInt(100) < corruptPercent;
    if (isCorrupt && groups.hasRemaining()) {
      int at = random.nextInt(groups.limit());
      groups.put(at, (byte) (groups.get(at) ^ (1 << random.nextInt(8))));
    }
    boolean rolls =
        mutant == ClusterMutant.ROLLED_ELSEWHERE
            && append.groups().hasRemaining()
            && random.nextInt(10) == 0;
    boolean applies = mutant == ClusterMutant.APPLIED_BEFORE_COMMIT;
    return NodeTransport.with(
        append,
        rolls ? append.lsn() : append.segmentBaseLsn(),
        applies ? append.lsn() + groups.limit() : append.commitLsn(),
        groups);
  }

  private ReplicaMessage part(ReplicaMessage.MovePart part) {
    return switch (mutant) {
      case PRODUCERS_NOT_CARRIED -> whole(part, MoveAnswers.withoutProducers(part.bytes()));
      case SOURCE_NOT_CLOSED ->
          whole(part, MoveAnswers.asIfClosed(part.bytes(), configs.apply(part.partition())));
      default -> part;
    };
  }

  private static ReplicaMessage whole(ReplicaMessage.MovePart part, ByteBuffer answer) {
    return new ReplicaMessage.MovePart(
        part.term(), part.request(), part.partition(), 0, answer.remaining(), answer);
  }
}
