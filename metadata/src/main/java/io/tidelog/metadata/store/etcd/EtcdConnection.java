package io.tidelog.metadata.store.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.netty.handler.ssl.SslContextBuilder;
import io.tidelog.core.Fault;
import io.tidelog.core.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * How jetcd is set up here. It is not asked to use Vert.x for its channel, whose event loop would
 * then run our callbacks, and is given no Vert.x of ours, which it would close.
 */
final class EtcdConnection {

  /** gRPC takes no shorter one; a connection whose other end is gone lasts both together. */
  private static final Duration KEEPALIVE_TIME = Duration.ofSeconds(10);

  private static final Duration KEEPALIVE_TIMEOUT = Duration.ofSeconds(2);

  /** A read that found no member, or a call with an old token, is tried once more. */
  private static final int RETRIES = 1;

  private static final long RETRY_DELAY_MS = 50;
  private static final long MAX_RETRY_DELAY_MS = 100;

  /** The one streaming method of which we make single calls. */
  private static final String KEEP_ALIVE = "etcdserverpb.Lease/LeaseKeepAlive";

  private EtcdConnection() {}

  /**
   * Makes a client; etcd is reached by its first call.
   *
   * @throws Fault.Refused {@code INVALID_CONFIG} when a certificate or key cannot be used
   */
  static Client open(EtcdConfig config) {
    var timeout = Duration.ofMillis(config.requestTimeoutMs());
    var builder =
        Client.builder()
            .endpoints(config.endpoints())
            .waitForReady(false)
            .interceptor(new CallDeadline(config.requestTimeoutMs()))
            .connectTimeout(timeout)
            .keepaliveTime(KEEPALIVE_TIME)
            .keepaliveTimeout(KEEPALIVE_TIMEOUT)
            .keepaliveWithoutCalls(true)
            .maxInboundMessageSize(config.responseMaxBytes())
            .retryMaxAttempts(RETRIES)
            .retryChronoUnit(ChronoUnit.MILLIS)
            .retryDelay(RETRY_DELAY_MS)
            .retryMaxDelay(MAX_RETRY_DELAY_MS)
            .retryMaxDuration(timeout);
    var login = config.login();
    if (login != null) {
      builder.user(utf8(login.username())).password(utf8(login.password().reveal()));
    }
    var tls = config.tls();
    if (tls != null) {
      try {
        builder.sslContext(ssl -> configure(ssl, tls));
      } catch (SSLException | IllegalArgumentException e) {
        throw new Fault.Refused(
            Refusal.INVALID_CONFIG, "The certificates or the key for etcd cannot be used: " + e);
      }
    }
    return builder.build();
  }

  private static void configure(SslContextBuilder ssl, EtcdConfig.Tls tls) {
    if (tls.ca() != null) {
      ssl.trustManager(tls.ca().toFile());
    }
    if (tls.certificate() != null && tls.key() != null) {
      ssl.keyManager(tls.certificate().toFile(), tls.key().toFile());
    }
  }

  private static ByteSequence utf8(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  /**
   * Ends a call inside gRPC when its time is over, and at once when no member is connected. A
   * future given up outside would leave the call behind, to be carried out whenever etcd is back.
   */
  private record CallDeadline(int timeoutMs) implements ClientInterceptor {

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      boolean single =
          method.getType() == MethodType.UNARY || method.getFullMethodName().equals(KEEP_ALIVE);
      var bounded = single ? options.withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS) : options;
      return next.newCall(method, bounded.withoutWaitForReady());
    }
  }
}
