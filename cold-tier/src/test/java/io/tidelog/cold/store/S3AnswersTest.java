package io.tidelog.cold.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tidelog.cold.store.ObjectStore.PutOutcome;
import io.tidelog.cold.store.s3.S3Config;
import io.tidelog.cold.store.s3.S3Config.ConditionalCreate;
import io.tidelog.cold.store.s3.S3Location;
import io.tidelog.cold.store.s3.S3ObjectStore;
import io.tidelog.core.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each answer of an S3 server means, from one that answers as it is told to. */
class S3AnswersTest {

  /** An answer; a body shorter than its promised length is cut off. */
  private record Answer(int status, String code, String body, long promisedBytes) {
    static Answer error(int status, String code) {
      String body = "<Error><Code>" + code + "</Code><Message>told to</Message></Error>";
      return new Answer(status, code, body, body.length());
    }

    static Answer ok(int status, String body) {
      return new Answer(status, "", body, body.length());
    }
  }

  private final Queue<Answer> answers = new ArrayDeque<>();
  private final List<String> requests = new ArrayList<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final CountDownLatch released = new CountDownLatch(1);

  /** A request has come that is not answered. */
  private final CountDownLatch unanswered = new CountDownLatch(1);

  private String headMark = "nobody's";
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    released.countDown();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      String conditional =
          exchange.getRequestHeaders().containsKey("If-None-Match") ? " if-none-match" : "";
      requests.add(exchange.getRequestMethod() + conditional);
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().add("x-amz-meta-tidelog-upload", headMark);
        exchange.getResponseHeaders().add("Content-Length", "1");
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      if (exchange.getRequestMethod().equals("DELETE")) {
        exchange.sendResponseHeaders(204, -1);
        return;
      }
      var answer = answers.poll();
      if (answer == null) {
        unanswered.countDown();
        await();
        return;
      }
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(
          answer.status(), answer.promisedBytes() == 0 ? -1 : answer.promisedBytes());
      exchange.getResponseBody().write(body);
    }
  }

  private void await() {
    try {
      released.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private S3ObjectStore open(ConditionalCreate conditional, int attempts) {
    var location =
        new S3Location(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
            "us-east-1",
            "tide",
            true,
            new S3Location.Credentials("key", "secret"));
    var config =
        new S3Config(
            location,
            S3Config.ChecksumMode.DEFAULT,
            conditional,
            32 << 20,
            16 << 20,
            2_000,
            20_000,
            2_000,
            attempts,
            4);
    return S3ObjectStore.open(config, () -> new UUID(1, ids.incrementAndGet()));
  }

  private static PutOutcome create(S3ObjectStore store) {
    return store.create("a", ObjectContent.of(ByteBuffer.wrap(new byte[] {1, 2, 3})));
  }

  @Test
  void aRetriedUploadWhoseFirstTrySucceededIsCreated() {
    answers.add(Answer.error(503, "SlowDown"));
    answers.add(Answer.error(412, "PreconditionFailed"));
    headMark = new UUID(1, 1).toString();
    try (var store = open(ConditionalCreate.OFF, 2)) {
      assertThat(create(store)).isEqualTo(PutOutcome.CREATED);
    }
  }

  @Test
  void somebodyElsesObjectIsNotTakenForOurs() {
    answers.add(Answer.error(412, "PreconditionFailed"));
    try (var store = open(ConditionalCreate.OFF, 1)) {
      assertThat(create(store)).isEqualTo(PutOutcome.ALREADY_EXISTS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "409, ConditionalRequestConflict, Retriable",
    "503, SlowDown, Retriable",
    "429, TooManyRequests, Retriable",
    "500, InternalError, Uncertain",
    "504, GatewayTimeout, Uncertain",
    "400, RequestTimeout, Retriable",
    "400, BadDigest, Retriable",
    "400, XAmzContentSHA256Mismatch, Refused",
    "403, AccessDenied, Refused",
    "404, NoSuchBucket, Refused"
  })
  void anAnswerToAWriteSaysWhetherItMayHaveHappened(int status, String code, String kind) {
    answers.add(Answer.error(status, code));
    try (var store = open(ConditionalCreate.OFF, 1)) {
      assertThatThrownBy(() -> create(store))
          .isInstanceOf(Fault.class)
          .satisfies(fault -> assertThat(fault.getClass().getSimpleName()).isEqualTo(kind))
          .hasMessageContaining("create a");
    }
  }

  @Test
  void aWriteThatIsNotAnsweredMayHaveHappened() {
    try (var store = open(ConditionalCreate.OFF, 1)) {
      assertThatThrownBy(() -> create(store)).isInstanceOf(Fault.Uncertain.class);
    }
  }

  @Test
  void aReadThatIsNotAnsweredIsTriedAgainLater() {
    try (var store = open(ConditionalCreate.OFF, 1)) {
      assertThatThrownBy(() -> store.get("a", 0, ByteBuffer.allocate(1)))
          .isInstanceOf(Fault.Retriable.class);
    }
  }

  @Test
  void aBodyThatIsCutIsReadAgain() {
    answers.add(new Answer(206, "", "abc", 6));
    answers.add(Answer.ok(206, "abcdef"));
    var into = ByteBuffer.allocate(6);
    try (var store = open(ConditionalCreate.OFF, 2)) {
      assertThat(store.get("a", 0, into)).isTrue();
    }
    assertThat(into.array()).isEqualTo("abcdef".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void anotherRangeThanAskedForIsNeverTaken() {
    answers.add(Answer.ok(200, "the whole object, since this server knows no ranges"));
    try (var store = open(ConditionalCreate.OFF, 1)) {
      assertThatThrownBy(() -> store.get("a", 2, ByteBuffer.allocate(6)))
          .isInstanceOf(Fault.Broken.class);
    }
  }

  @Test
  void aServerThatLetsObjectsBeReplacedIsRefusedWhereThatIsRequired() {
    answers.add(Answer.ok(200, ""));
    answers.add(Answer.ok(200, ""));
    try (var store = open(ConditionalCreate.REQUIRE, 1)) {
      assertThatThrownBy(store::check)
          .isInstanceOf(Fault.Refused.class)
          .hasMessageContaining("lets a second writer replace an object");
    }
    assertThat(requests).containsExactly("PUT if-none-match", "PUT if-none-match", "DELETE");
  }

  @Test
  void elsewhereItIsUsedWithAWarningAndCheckedOnce() {
    for (int i = 0; i < 4; i++) {
      answers.add(Answer.ok(200, ""));
    }
    try (var store = open(ConditionalCreate.WARN, 1)) {
      store.check();
      assertThat(create(store)).isEqualTo(PutOutcome.CREATED);
      assertThat(create(store)).isEqualTo(PutOutcome.CREATED);
    }
    assertThat(requests).hasSize(5);
  }

  @Test
  void aServerThatDoesNotKnowConditionsIsAskedForNone() {
    answers.add(Answer.error(501, "NotImplemented"));
    answers.add(Answer.ok(200, ""));
    try (var store = open(ConditionalCreate.WARN, 1)) {
      assertThat(create(store)).isEqualTo(PutOutcome.CREATED);
    }
    assertThat(requests).containsExactly("PUT if-none-match", "PUT");
  }

  @Test
  void aFailedCheckIsMadeAgainBeforeTheFirstObject() {
    answers.add(Answer.error(503, "SlowDown"));
    answers.add(Answer.ok(200, ""));
    answers.add(Answer.error(412, "PreconditionFailed"));
    answers.add(Answer.ok(200, ""));
    try (var store = open(ConditionalCreate.REQUIRE, 1)) {
      assertThatThrownBy(store::check).isInstanceOf(Fault.Retriable.class);
      assertThat(create(store)).isEqualTo(PutOutcome.CREATED);
    }
  }

  @Test
  void anInterruptedUploadTakesItsPartsBack() throws Exception {
    answers.add(
        Answer.ok(
            200,
            "<InitiateMultipartUploadResult><Bucket>tide</Bucket><Key>a</Key>"
                + "<UploadId>u</UploadId></InitiateMultipartUploadResult>"));
    try (var store = open(ConditionalCreate.OFF, 1)) {
      var large = ObjectContent.of(ByteBuffer.allocate((32 << 20) + 1));
      var failure = new CompletableFuture<Throwable>();
      var upload =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      store.create("a", large);
                    } catch (Fault fault) {
                      failure.complete(fault);
                    }
                  });
      unanswered.await();
      upload.interrupt();
      assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(Fault.Uncertain.class);
      upload.join();
    }
    assertThat(requests).containsExactly("POST", "PUT", "DELETE");
  }

  @Test
  void uploadsThatNobodyEndedAreAbandonedOnceTheyAreOldEnough() {
    answers.add(
        Answer.ok(
            200,
            "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
                + upload("old", "2026-01-01T00:00:00.000Z")
                + upload("new", "2026-01-02T00:00:00.000Z")
                + "</ListMultipartUploadsResult>"));
    try (var store = open(ConditionalCreate.OFF, 1)) {
      store.abandonUploads("a/", Instant.parse("2026-01-01T00:00:01Z").toEpochMilli());
    }
    assertThat(requests).containsExactly("GET", "DELETE");
  }

  private static String upload(String id, String begun) {
    return "<Upload><Key>a/%s</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>"
        .formatted(id, id, begun);
  }

  @Test
  void aServerThatCannotListUploadsHasNoneToAbandon() {
    answers.add(Answer.error(501, "NotImplemented"));
    answers.add(Answer.error(503, "SlowDown"));
    try (var store = open(ConditionalCreate.OFF, 1)) {
      store.abandonUploads("a/", 1);
      assertThatThrownBy(() -> store.abandonUploads("a/", 1)).isInstanceOf(Fault.Retriable.class);
    }
  }

  @Test
  void anObjectThatCannotBeDeletedIsAFault() {
    answers.add(
        Answer.ok(
            200,
            "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message>"
                + "</Error></DeleteResult>"));
    try (var store = open(ConditionalCreate.OFF, 1)) {
      assertThatThrownBy(() -> store.delete(List.of("a", "b")))
          .isInstanceOf(Fault.Retriable.class)
          .hasMessageContaining("AccessDenied");
    }
  }
}
