package io.tidelog.gateway.net;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets the answers of one connection out in the order of its requests, whatever order they are
 * given in. Belongs to the connection's event loop.
 */
final class ResponseOrderer {

  /** A request's place in the order. */
  static final class Place {
    private boolean answered;
    private @Nullable EncodedResponse response;
  }

  private final ArrayDeque<Place> places = new ArrayDeque<>();
  private final Consumer<EncodedResponse> out;

  /**
   * @param out takes each answer when its turn has come
   */
  ResponseOrderer(Consumer<EncodedResponse> out) {
    this.out = out;
  }

  /** The next request's place. */
  Place take() {
    var place = new Place();
    places.add(place);
    return place;
  }

  /** Answers one request, once, perhaps with nothing; takes the response. */
  void answer(Place place, @Nullable EncodedResponse response) {
    place.answered = true;
    place.response = response;
    var first = places.peek();
    while (first != null && first.answered) {
      places.poll();
      if (first.response != null) {
        out.accept(first.response);
      }
      first = places.peek();
    }
  }

  /** Requests whose answer has not left yet. */
  int size() {
    return places.size();
  }

  /** The connection is gone: answers that waited for their turn go nowhere. */
  void discardAll() {
    for (var place : places) {
      if (place.response != null) {
        place.response.discard();
        place.response = null;
      }
    }
    places.clear();
  }
}
