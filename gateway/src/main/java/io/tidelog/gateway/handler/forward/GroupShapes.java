package io.tidelog.gateway.handler.forward;

import io.tidelog.gateway.handler.forward.ManyGroupsApi.Shape;
import io.tidelog.gateway.wire.ClientRequest;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;

/** The requests that ask about several groups at once. */
final class GroupShapes {

  private GroupShapes() {}

  static final class Describe implements Shape<String, DescribeGroupsResponseData.DescribedGroup> {

    @Override
    public List<String> asked(ClientRequest request) {
      return data(request).groups().stream().distinct().toList();
    }

    @Override
    public String group(String asked) {
      return asked;
    }

    @Override
    public ApiMessage part(ClientRequest whole, List<String> asked) {
      return new DescribeGroupsRequestData()
          .setGroups(asked)
          .setIncludeAuthorizedOperations(data(whole).includeAuthorizedOperations());
    }

    @Override
    public List<DescribeGroupsResponseData.DescribedGroup> answered(ApiMessage answer) {
      return ((DescribeGroupsResponseData) answer).groups();
    }

    @Override
    public String answeredGroup(DescribeGroupsResponseData.DescribedGroup answer) {
      return answer.groupId();
    }

    @Override
    public short error(DescribeGroupsResponseData.DescribedGroup answer) {
      return answer.errorCode();
    }

    @Override
    public DescribeGroupsResponseData.DescribedGroup refused(
        ClientRequest request, String asked, Errors error) {
      return new DescribeGroupsResponseData.DescribedGroup()
          .setGroupId(asked)
          .setErrorCode(error.code());
    }

    @Override
    public ApiMessage response(
        ClientRequest request, List<DescribeGroupsResponseData.DescribedGroup> answers) {
      return new DescribeGroupsResponseData().setGroups(answers);
    }

    @Override
    public boolean isRepeatable() {
      return true;
    }

    private static DescribeGroupsRequestData data(ClientRequest request) {
      return ((DescribeGroupsRequest) request.body()).data();
    }
  }

  static final class DescribeConsumers
      implements Shape<String, ConsumerGroupDescribeResponseData.DescribedGroup> {

    @Override
    public List<String> asked(ClientRequest request) {
      return data(request).groupIds().stream().distinct().toList();
    }

    @Override
    public String group(String asked) {
      return asked;
    }

    @Override
    public ApiMessage part(ClientRequest whole, List<String> asked) {
      return new ConsumerGroupDescribeRequestData()
          .setGroupIds(asked)
          .setIncludeAuthorizedOperations(data(whole).includeAuthorizedOperations());
    }

    @Override
    public List<ConsumerGroupDescribeResponseData.DescribedGroup> answered(ApiMessage answer) {
      return ((ConsumerGroupDescribeResponseData) answer).groups();
    }

    @Override
    public String answeredGroup(ConsumerGroupDescribeResponseData.DescribedGroup answer) {
      return answer.groupId();
    }

    @Override
    public short error(ConsumerGroupDescribeResponseData.DescribedGroup answer) {
      return answer.errorCode();
    }

    @Override
    public ConsumerGroupDescribeResponseData.DescribedGroup refused(
        ClientRequest request, String asked, Errors error) {
      return new ConsumerGroupDescribeResponseData.DescribedGroup()
          .setGroupId(asked)
          .setErrorCode(error.code());
    }

    @Override
    public ApiMessage response(
        ClientRequest request, List<ConsumerGroupDescribeResponseData.DescribedGroup> answers) {
      return new ConsumerGroupDescribeResponseData().setGroups(answers);
    }

    @Override
    public boolean isRepeatable() {
      return true;
    }

    private static ConsumerGroupDescribeRequestData data(ClientRequest request) {
      return ((ConsumerGroupDescribeRequest) request.body()).data();
    }
  }

  /** A second deletion would say that there is no such group. */
  static final class Delete implements Shape<String, DeletableGroupResult> {

    @Override
    public List<String> asked(ClientRequest request) {
      return ((DeleteGroupsRequest) request.body())
          .data().groupsNames().stream().distinct().toList();
    }

    @Override
    public String group(String asked) {
      return asked;
    }

    @Override
    public ApiMessage part(ClientRequest whole, List<String> asked) {
      return new DeleteGroupsRequestData().setGroupsNames(asked);
    }

    @Override
    public List<DeletableGroupResult> answered(ApiMessage answer) {
      return List.copyOf(((DeleteGroupsResponseData) answer).results());
    }

    @Override
    public String answeredGroup(DeletableGroupResult answer) {
      return answer.groupId();
    }

    @Override
    public short error(DeletableGroupResult answer) {
      return answer.errorCode();
    }

    @Override
    public DeletableGroupResult refused(ClientRequest request, String asked, Errors error) {
      return new DeletableGroupResult().setGroupId(asked).setErrorCode(error.code());
    }

    @Override
    public ApiMessage response(ClientRequest request, List<DeletableGroupResult> answers) {
      var results = new DeletableGroupResultCollection();
      // Those of another message belong to its collection.
      answers.forEach(answer -> results.add(answer.duplicate()));
      return new DeleteGroupsResponseData().setResults(results);
    }

    @Override
    public boolean isRepeatable() {
      return false;
    }
  }

  /** Before version 8 a request has one group, in fields of its own. */
  static final class Offsets implements Shape<OffsetFetchRequestGroup, OffsetFetchResponseGroup> {

    static final short BATCHED_SINCE = 8;

    @Override
    public List<OffsetFetchRequestGroup> asked(ClientRequest request) {
      var once = new LinkedHashMap<String, OffsetFetchRequestGroup>();
      for (var group : ((OffsetFetchRequest) request.body()).groups()) {
        once.putIfAbsent(group.groupId(), group);
      }
      return List.copyOf(once.values());
    }

    @Override
    public String group(OffsetFetchRequestGroup asked) {
      return asked.groupId();
    }

    @Override
    public ApiMessage part(ClientRequest whole, List<OffsetFetchRequestGroup> asked) {
      var data = ((OffsetFetchRequest) whole.body()).data();
      return whole.version() < BATCHED_SINCE
          ? data
          : new OffsetFetchRequestData().setGroups(asked).setRequireStable(data.requireStable());
    }

    @Override
    public List<OffsetFetchResponseGroup> answered(ApiMessage answer) {
      return ((OffsetFetchResponseData) answer).groups();
    }

    @Override
    public String answeredGroup(OffsetFetchResponseGroup answer) {
      return answer.groupId();
    }

    @Override
    public short error(OffsetFetchResponseGroup answer) {
      return answer.errorCode();
    }

    @Override
    public OffsetFetchResponseGroup refused(
        ClientRequest request, OffsetFetchRequestGroup asked, Errors error) {
      return OffsetFetchResponse.groupError(asked, error, request.version());
    }

    @Override
    public ApiMessage response(ClientRequest request, List<OffsetFetchResponseGroup> answers) {
      return new OffsetFetchResponse.Builder(answers).build(request.version()).data();
    }

    @Override
    public boolean isRepeatable() {
      return true;
    }
  }
}
