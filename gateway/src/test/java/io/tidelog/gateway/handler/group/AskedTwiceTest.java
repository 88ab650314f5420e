package io.tidelog.gateway.handler.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidelog.gateway.fake.FixedImages;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

/** A request of a few bytes gets no answer of many times a group's size. */
class AskedTwiceTest {

  @Test
  void aGroupIsDescribedOnceHoweverOftenItIsNamed() {
    var coordinator =
        new ScriptedCoordinator(asked -> CompletableFuture.completedFuture(List.of()));
    var names = List.of("billing", "billing", "shipping", "billing");

    new DescribeGroupsHandler(coordinator.access())
        .handle(
            FakeRequest.of(
                ApiKeys.DESCRIBE_GROUPS,
                (short) 6,
                new DescribeGroupsRequestData().setGroups(names)));
    assertThat(coordinator.asked(Object.class)).isEqualTo(List.of("billing", "shipping"));

    new ConsumerGroupDescribeHandler(coordinator.access())
        .handle(
            FakeRequest.of(
                ApiKeys.CONSUMER_GROUP_DESCRIBE,
                (short) 1,
                new ConsumerGroupDescribeRequestData().setGroupIds(names)));
    assertThat(coordinator.asked(Object.class)).isEqualTo(List.of("billing", "shipping"));
  }

  @Test
  void allOffsetsOfAGroupAreToldOnce() {
    var asks = new AtomicInteger();
    var coordinator =
        new ScriptedCoordinator(
            asked -> {
              asks.incrementAndGet();
              return CompletableFuture.completedFuture(
                  new OffsetFetchResponseGroup().setGroupId("billing"));
            });
    var groups =
        List.of(
            new OffsetFetchRequestGroup().setGroupId("billing").setTopics(null),
            new OffsetFetchRequestGroup().setGroupId("billing").setTopics(null).setMemberEpoch(-7));
    var request =
        FakeRequest.of(
            ApiKeys.OFFSET_FETCH, (short) 9, new OffsetFetchRequestData().setGroups(groups));

    new OffsetFetchHandler(coordinator.access(), new FixedImages()).handle(request);

    assertThat(request.answer(OffsetFetchResponseData.class).groups()).hasSize(1);
    assertThat(asks).hasValue(1);
  }
}
