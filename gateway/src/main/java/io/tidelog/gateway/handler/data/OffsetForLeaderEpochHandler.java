package io.tidelog.gateway.handler.data;

import io.tidelog.core.log.EpochEnd;
import io.tidelog.core.log.LogReader;
import io.tidelog.gateway.fetch.FetchKey;
import io.tidelog.gateway.fetch.LeaderEpochs;
import io.tidelog.gateway.fetch.PartitionDirectory;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.gateway.wire.KafkaErrors;
import io.tidelog.gateway.wire.RequestHandler;
import java.util.ArrayList;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;

/**
 * OffsetForLeaderEpoch: where an epoch ended, so that a client notices records that it read and
 * that are gone (KIP-101, KIP-320). Tells the real end of the log, due or not.
 */
public final class OffsetForLeaderEpochHandler implements RequestHandler {

  private final PartitionDirectory directory;
  private final LogReader log;

  public OffsetForLeaderEpochHandler(PartitionDirectory directory, LogReader log) {
    this.directory = directory;
    this.log = log;
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.OFFSET_FOR_LEADER_EPOCH;
  }

  @Override
  public void handle(ClientRequest request) {
    var wanted = ((OffsetsForLeaderEpochRequest) request.body()).data();
    var response = new OffsetForLeaderEpochResponseData();
    for (var topic : wanted.topics()) {
      var answers = new ArrayList<EpochEndOffset>(topic.partitions().size());
      for (var partition : topic.partitions()) {
        answers.add(find(FetchKey.of(topic.topic(), partition.partition()), partition));
      }
      response
          .topics()
          .add(new OffsetForLeaderTopicResult().setTopic(topic.topic()).setPartitions(answers));
    }
    request.respond(response);
  }

  private EpochEndOffset find(FetchKey key, OffsetForLeaderPartition wanted) {
    var answer =
        new EpochEndOffset()
            .setPartition(key.partition())
            .setErrorCode(Errors.NONE.code())
            .setLeaderEpoch(EpochEnd.NONE.leaderEpoch())
            .setEndOffset(EpochEnd.NONE.endOffset());
    var partition = directory.find(key);
    var at = partition == null ? null : log.snapshot(partition);
    if (partition == null || at == null) {
      return answer.setErrorCode(KafkaErrors.of(directory.explain(key)).code());
    }
    var stale = LeaderEpochs.check(wanted.currentLeaderEpoch(), at);
    if (stale != null) {
      return answer.setErrorCode(KafkaErrors.of(stale).code());
    }
    if (wanted.leaderEpoch() < 0 || wanted.leaderEpoch() > at.leaderEpoch()) {
      return answer; // an epoch nobody has heard of has no end
    }
    var end =
        wanted.leaderEpoch() == at.leaderEpoch()
            ? new EpochEnd(at.leaderEpoch(), at.logEndOffset())
            : log.endOfEpoch(partition, wanted.leaderEpoch());
    return answer.setLeaderEpoch(end.leaderEpoch()).setEndOffset(end.endOffset());
  }
}
