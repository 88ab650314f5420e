package io.tidelog.testkit.s3;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Stands before an S3 server and gives it bad days. It passes requests on byte for byte, so that
 * signatures hold, one connection for each. What goes wrong is decided for every request anew by
 * the {@link Weather} of the moment; it is fair at first.
 *
 * <p>Requests and answers are kept whole in memory, up to {@value #MAX_BODY_BYTES} bytes each.
 */
public final class S3FaultProxy implements AutoCloseable {

  private static final int MAX_HEAD_BYTES = 64 << 10;
  private static final int MAX_BODY_BYTES = 64 << 20;
  private static final int CONNECT_TIMEOUT_MS = 5_000;
  private static final byte[] HEAD_END = {'\r', '\n', '\r', '\n'};

  private final ServerSocket door;
  private final URI server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong disturbed = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile Weather weather = Weather.FAIR;

  /** What happens to a request. */
  public sealed interface Trouble {

    /** Nothing. */
    record None() implements Trouble {}

    /** The server is not asked; the answer is an error. */
    record Refused(int status) implements Trouble {}

    /** The server does it; the answer is an error all the same. */
    record DoneButFailed(int status) implements Trouble {}

    /** It waits before the server is asked, but not beyond a change of the weather. */
    record Late(long ms) implements Trouble {}

    /** The connection ends without an answer; the server is not asked. */
    record Gone() implements Trouble {}

    /** The connection ends amid the request's body, or amid the answer of one without a body. */
    record Cut() implements Trouble {}
  }

  /** Decides what happens to requests; called by one thread at a time. */
  @FunctionalInterface
  public interface Weather {

    Weather FAIR = method -> new Trouble.None();

    /**
     * @param method of the request, such as PUT
     */
    Trouble forRequest(String method);
  }

  private record Request(String method, byte[] head, byte[] body) {}

  private S3FaultProxy(ServerSocket door, URI server) {
    this.door = door;
    this.server = server;
  }

  /** Starts a proxy on a free port of loopback. */
  public static S3FaultProxy start(URI server) throws IOException {
    var proxy =
        new S3FaultProxy(new ServerSocket(0, 100, InetAddress.getLoopbackAddress()), server);
    Thread.ofPlatform().daemon().name("s3-fault-proxy").start(proxy::accept);
    return proxy;
  }

  /** Where clients find the server. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + door.getLocalPort());
  }

  /** From the next request on. */
  public void weather(Weather next) {
    lock.lock();
    try {
      weather = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Requests that met with trouble so far. */
  public long disturbed() {
    return disturbed.get();
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        var client = door.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    open.add(client);
    try (client) {
      var request = read(client);
      if (request != null) {
        answer(request, client);
      }
    } catch (IOException gone) {
      // The client or the server has let go; the client sees its connection end.
      return;
    } finally {
      open.remove(client);
    }
  }

  private void answer(Request request, Socket client) throws IOException {
    switch (trouble(request.method())) {
      case Trouble.None none -> tell(client, ask(request));
      case Trouble.Refused refused -> tell(client, error(refused.status(), request));
      case Trouble.DoneButFailed failed -> {
        ask(request);
        tell(client, error(failed.status(), request));
      }
      case Trouble.Late late -> {
        await(late.ms());
        tell(client, ask(request));
      }
      case Trouble.Gone gone -> {}
      case Trouble.Cut cut -> cut(request, client);
    }
  }

  private Trouble trouble(String method) {
    lock.lock();
    try {
      var trouble = weather.forRequest(method);
      if (!(trouble instanceof Trouble.None)) {
        disturbed.incrementAndGet();
      }
      return trouble;
    } finally {
      lock.unlock();
    }
  }

  private void await(long ms) throws IOException {
    lock.lock();
    try {
      var before = weather;
      long leftNs = TimeUnit.MILLISECONDS.toNanos(ms);
      while (leftNs > 0 && weather.equals(before) && !door.isClosed()) {
        leftNs = changed.awaitNanos(leftNs);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  /** Passes a request on and gives the whole answer; the server closes the connection after it. */
  private byte[] ask(Request request) throws IOException {
    try (var connection = connect()) {
      connection.getOutputStream().write(request.head());
      connection.getOutputStream().write(request.body());
      return bounded(connection.getInputStream());
    }
  }

  private void cut(Request request, Socket client) throws IOException {
    if (request.body().length == 0) {
      byte[] answer = ask(request);
      client.getOutputStream().write(answer, 0, answer.length / 2);
      return;
    }
    try (var connection = connect()) {
      connection.getOutputStream().write(request.head());
      connection.getOutputStream().write(request.body(), 0, request.body().length / 2);
    }
  }

  private Socket connect() throws IOException {
    var connection = new Socket();
    connection.connect(
        new InetSocketAddress(server.getHost(), server.getPort()), CONNECT_TIMEOUT_MS);
    return connection;
  }

  private static void tell(Socket client, byte[] answer) throws IOException {
    client.getOutputStream().write(answer);
    client.getOutputStream().flush();
  }

  private static byte[] error(int status, Request request) {
    String body =
        request.method().equals("HEAD")
            ? ""
            : "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>"
                + (status == 503 ? "SlowDown" : "InternalError")
                + "</Code><Message>as planned</Message></Error>";
    return ("HTTP/1.1 "
            + status
            + " Trouble\r\nContent-Type: application/xml\r\nContent-Length: "
            + body.length()
            + "\r\nConnection: close\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** The request, or null when the client has closed the connection instead. */
  private static @Nullable Request read(Socket client) throws IOException {
    var in = client.getInputStream();
    var head = readHead(in);
    if (head.isEmpty()) {
      return null;
    }
    String method = head.substring(0, head.indexOf(' '));
    if (header(head, "Expect") != null) {
      tell(client, "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    byte[] body;
    if ("chunked".equalsIgnoreCase(header(head, "Transfer-Encoding"))) {
      body = readChunks(in);
    } else {
      var length = header(head, "Content-Length");
      body = readBody(in, length == null ? 0 : Integer.parseInt(length));
    }
    return new Request(method, passedOn(head), body);
  }

  /** One connection for each request, and no leave to ask for; neither header is signed. */
  private static byte[] passedOn(String head) {
    var lines = new StringBuilder();
    for (var line : head.split("\r\n")) {
      if (!isHeader(line, "Expect") && !isHeader(line, "Connection")) {
        lines.append(line).append("\r\n");
      }
    }
    return lines
        .append("Connection: close\r\n\r\n")
        .toString()
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String readHead(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < HEAD_END.length) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.write(next);
      matched = next == HEAD_END[matched] ? matched + 1 : next == '\r' ? 1 : 0;
      if (head.size() > MAX_HEAD_BYTES) {
        throw new IOException("a head of more than " + MAX_HEAD_BYTES + " bytes");
      }
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private static byte[] readBody(InputStream in, int length) throws IOException {
    if (length > MAX_BODY_BYTES) {
      throw new IOException("a body of " + length + " bytes");
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new IOException("the connection ended inside a body");
    }
    return body;
  }

  /** The chunks as they came, sizes and all (RFC 9112, 7.1); no trailers. */
  private static byte[] readChunks(InputStream in) throws IOException {
    var body = new ByteArrayOutputStream();
    int size;
    do {
      var line = new ByteArrayOutputStream();
      int next;
      while ((next = in.read()) != '\n') {
        if (next < 0) {
          throw new IOException("the connection ended inside a chunk's size");
        }
        line.write(next);
      }
      size = Integer.parseInt(line.toString(StandardCharsets.US_ASCII).strip(), 16);
      line.writeTo(body);
      body.write('\n');
      body.writeBytes(readBody(in, size + 2));
    } while (size > 0 && body.size() <= MAX_BODY_BYTES);
    return body.toByteArray();
  }

  private static byte[] bounded(InputStream in) throws IOException {
    byte[] answer = in.readNBytes(MAX_BODY_BYTES);
    if (answer.length == MAX_BODY_BYTES) {
      throw new IOException("an answer of more than " + MAX_BODY_BYTES + " bytes");
    }
    return answer;
  }

  private static @Nullable String header(String head, String name) {
    for (var line : head.split("\r\n", -1)) {
      if (isHeader(line, name)) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return null;
  }

  private static boolean isHeader(String line, String name) {
    return line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":");
  }

  /** Cuts every connection and takes no new one: the server is away. May be called twice. */
  @Override
  public void close() throws IOException {
    door.close();
    weather(Weather.FAIR);
    for (var socket : open) {
      socket.close();
    }
  }
}
