package io.tidelog.gateway.wire;

import io.tidelog.core.Lane;
import io.tidelog.gateway.ListenerAddress;
import java.net.InetAddress;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * One decoded request of one connection, owned by the handler until it is answered.
 *
 * <p>Everything is called on {@link #lane}, the event loop of the connection; who finishes a
 * request elsewhere posts back to it. Each request is answered exactly once, by one of the four
 * answering methods, also after the connection went away: the answer is then dropped, and only with
 * it the request's memory is given back. Answers leave in the order of the requests, whatever order
 * they are given in.
 */
public interface ClientRequest {

  RequestHeader header();

  /**
   * The parsed request. Byte buffers and records in it are views of the received frame: they may be
   * written to, and they end with the answer.
   */
  AbstractRequest body();

  default ApiKeys api() {
    return header().apiKey();
  }

  default short version() {
    return header().apiVersion();
  }

  /** The client's own name for itself, possibly empty. */
  String clientId();

  InetAddress clientAddress();

  /** The listener's name, such as {@code PLAINTEXT}. */
  String listenerName();

  /** Where clients of this listener are told to reach this node. */
  ListenerAddress advertised();

  /** Names the connection for as long as the process runs. */
  long connectionId();

  /** The connection, for what outlives a request. */
  ClientLink link();

  /** What Kafka's own coordinators and authorizers want to know about a request. */
  RequestContext context();

  /** Bytes of the received frame. */
  int sizeBytes();

  /** When the whole frame had arrived, on the monotonic clock. */
  long receivedNs();

  /** The event loop of this connection. */
  Lane lane();

  /** False once the connection is closed; whoever holds the request back answers it now. */
  boolean isOpen();

  /**
   * Runs {@code task} once on {@link #lane} if the connection closes before the answer; for parked
   * requests. One task at most.
   */
  void onClosed(Runnable task);

  /**
   * Keeps the received frame beyond the answer, for a handler that answers while somebody else
   * still reads the request's records.
   *
   * @return gives the frame back; to be run once, on {@link #lane}
   */
  Runnable keepMemory();

  /**
   * Answers. Takes every {@link RecordPayload} in the response and closes it after its bytes were
   * sent, or dropped.
   *
   * @param response encoded in the request's version
   */
  void respond(ApiMessage response);

  /** Answers a request that wants no answer, such as a produce with {@code acks=0}. */
  void respondNothing();

  /**
   * Answers with what the protocol gives for this fault, see {@link KafkaErrors}; a fault that is
   * nobody's refusal is logged.
   */
  void fail(Throwable fault);

  /** Answers nothing and closes the connection, as Kafka does when no other answer is possible. */
  void disconnect(String reason);
}
