package io.tidelog.gateway.handler.forward;

import io.tidelog.core.PartitionId;
import io.tidelog.gateway.forward.Piece;
import io.tidelog.gateway.forward.Route;
import io.tidelog.gateway.wire.ClientRequest;
import io.tidelog.metadata.api.ClusterImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A request that asks something of partitions, topic by topic, and gets an answer for each in the
 * same order.
 *
 * @param <Q> what is asked of a partition
 * @param <A> what is answered
 */
final class TopicPieces<Q, A> extends ApiPieces {

  private final Shape<Q, A> shape;
  private final List<TopicGroup<Q>> asked;

  /** By topic and partition, as they were asked. */
  private final List<List<A>> answers = new ArrayList<>();

  private final List<Place> places = new ArrayList<>();

  /** How the messages of one API are built. */
  interface Shape<Q, A> {

    /** In the order of the request; each partition as often as it is to be answered. */
    List<TopicGroup<Q>> asked(ClientRequest request);

    int index(Q asked);

    /** A request like {@code whole} for these alone. */
    ApiMessage part(ClientRequest whole, List<TopicGroup<Q>> asked, int timeLeftMs);

    List<TopicGroup<A>> answered(ApiMessage answer);

    int answeredIndex(A answer);

    short error(A answer);

    /** The answer for a partition that nobody answered. */
    A refused(int index, Errors error);

    ApiMessage response(List<TopicGroup<A>> answers);

    default boolean isRepeatable() {
      return true;
    }

    /** Whether this gateway has something to do before the answer is one. */
    default boolean isUnfinished(A answer) {
      return false;
    }

    /**
     * Does it.
     *
     * @param done told the answer once, on any thread
     */
    default void finish(PartitionId id, Q asked, A answer, Consumer<A> done) {
      throw new IllegalStateException("every answer is finished");
    }
  }

  /** A partition that exists, by its place in the request. */
  private record Place(int topic, int position, PartitionId id) {}

  TopicPieces(ClientRequest request, ClusterImage image, Shape<Q, A> shape) {
    super(request);
    this.shape = shape;
    this.asked = shape.asked(request);
    for (int t = 0; t < asked.size(); t++) {
      var group = asked.get(t);
      var topic = image.topic(group.topic());
      var all = new ArrayList<A>(group.partitions().size());
      answers.add(all);
      for (int p = 0; p < group.partitions().size(); p++) {
        int index = shape.index(group.partitions().get(p));
        all.add(shape.refused(index, Errors.UNKNOWN_TOPIC_OR_PARTITION));
        if (topic != null && index >= 0 && index < topic.partitionCount()) {
          places.add(new Place(t, p, topic.partition(index)));
        }
      }
    }
  }

  @Override
  public int count() {
    return places.size();
  }

  @Override
  public @Nullable Route route(int piece, ClusterImage image) {
    var id = places.get(piece).id;
    var topic = image.topic(id.topicId());
    return topic == null ? null : Route.of(image, topic, id.partition());
  }

  @Override
  public boolean isRepeatable(int piece) {
    return shape.isRepeatable();
  }

  @Override
  ApiMessage part(List<Piece> pieces, int timeLeftMs) {
    var groups = new ArrayList<TopicGroup<Q>>();
    int last = -1;
    for (var piece : pieces) {
      var place = places.get(piece.index());
      var from = asked.get(place.topic);
      if (place.topic != last) {
        last = place.topic;
        groups.add(new TopicGroup<>(from.topic(), new ArrayList<>()));
      }
      groups.getLast().partitions().add(from.partitions().get(place.position));
    }
    return shape.part(request(), groups, timeLeftMs);
  }

  @Override
  void take(ApiMessage answer, List<Piece> pieces) {
    var next = pieces.iterator();
    for (var topic : shape.answered(answer)) {
      for (var told : topic.partitions()) {
        requireSame(next.hasNext());
        var place = places.get(next.next().index());
        requireSame(shape.answeredIndex(told) == place.id.partition());
        answers.get(place.topic).set(place.position, told);
      }
    }
    requireSame(!next.hasNext());
  }

  @Override
  List<Piece> finish(List<Piece> pieces, Consumer<Piece> late) {
    var finished = new ArrayList<Piece>(pieces.size());
    for (var piece : pieces) {
      var place = places.get(piece.index());
      var told = answers.get(place.topic).get(place.position);
      if (!shape.isUnfinished(told)) {
        finished.add(piece);
      } else {
        shape.finish(
            place.id,
            asked.get(place.topic).partitions().get(place.position),
            told,
            answer ->
                request()
                    .lane()
                    .execute(
                        () -> {
                          answers.get(place.topic).set(place.position, answer);
                          late.accept(piece);
                        }));
      }
    }
    return finished;
  }

  /** A node that knows nothing of the topic yet has an older picture than this one. */
  @Override
  public Verdict verdict(int piece) {
    var place = places.get(piece);
    return switch (Errors.forCode(shape.error(answers.get(place.topic).get(place.position)))) {
      case NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION -> Verdict.NOT_LED;
      default -> Verdict.FINAL;
    };
  }

  @Override
  public void refuse(int piece, Reason reason) {
    var place = places.get(piece);
    var error =
        switch (reason) {
          case NOT_LED -> Errors.NOT_LEADER_OR_FOLLOWER;
          case UNKNOWN -> Errors.REQUEST_TIMED_OUT;
        };
    answers.get(place.topic).set(place.position, shape.refused(place.id.partition(), error));
  }

  @Override
  public void answer() {
    var groups = new ArrayList<TopicGroup<A>>(asked.size());
    for (int t = 0; t < asked.size(); t++) {
      groups.add(new TopicGroup<>(asked.get(t).topic(), answers.get(t)));
    }
    request().respond(shape.response(groups));
  }
}
