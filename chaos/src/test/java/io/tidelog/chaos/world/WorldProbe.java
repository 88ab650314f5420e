package io.tidelog.chaos.world;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What {@link WorldsTest} runs inside a world: two machines with one connection between them that
 * stays open while directions are cut and healed. Prints what came through, a word a line.
 */
final class WorldProbe {

  private static final int PORT = 7_000;
  private static final int SOON_MS = 700;

  /** TCP sends again after longer and longer times. */
  private static final int EVENTUALLY_MS = 20_000;

  private WorldProbe() {}

  public static void main(String[] args) throws IOException {
    switch (args.length == 0 ? "" : args[0]) {
      case "echo" -> echo(args[1]);
      case "ask" -> ask(args[1]);
      default -> probe();
    }
  }

  private static void probe() throws IOException {
    try (var network = Worlds.network(true)) {
      var one = network.add("one");
      var other = network.add("other");
      var server = start(network, other, "echo", other.address());
      try (var ready = reader(server)) {
        ready.readLine();
        var client = start(network, one, "ask", other.address());
        try (var answers = reader(client);
            var questions = writer(client)) {
          System.out.println(ask(questions, answers, EVENTUALLY_MS));
          network.cut(one, List.of(other));
          System.out.println(ask(questions, answers, SOON_MS));
          network.heal(one, List.of(other));
          System.out.println(ask(questions, answers, EVENTUALLY_MS));
          network.cut(other, List.of(one));
          System.out.println(ask(questions, answers, SOON_MS));
          network.heal(other, List.of(one));
          System.out.println(ask(questions, answers, EVENTUALLY_MS));
        }
        client.toHandle().destroyForcibly();
      }
      server.toHandle().destroyForcibly();
    }
  }

  private static Process start(Network network, Host host, String what, String address)
      throws IOException {
    var command = Worlds.java(WorldProbe.class, List.of(what, address));
    return new ProcessBuilder(network.on(host, command))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static BufferedReader reader(Process process) {
    return process.inputReader(StandardCharsets.US_ASCII);
  }

  private static PrintWriter writer(Process process) {
    return new PrintWriter(process.outputWriter(StandardCharsets.US_ASCII), true);
  }

  private static String ask(PrintWriter questions, BufferedReader answers, int ms)
      throws IOException {
    questions.println(ms);
    return answers.readLine();
  }

  /** Gives every byte back. */
  private static void echo(String address) throws IOException {
    try (var listener = new ServerSocket()) {
      listener.bind(new InetSocketAddress(address, PORT));
      System.out.println("ready");
      try (var connection = listener.accept()) {
        long unused = connection.getInputStream().transferTo(connection.getOutputStream());
      }
    }
  }

  /** For each line, a time, sends a byte and says whether all bytes so far came back in time. */
  private static void ask(String address) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (var connection = new Socket(address, PORT)) {
      connection.setTcpNoDelay(true);
      int missing = 0;
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        connection.getOutputStream().write(1);
        missing++;
        connection.setSoTimeout(Integer.parseInt(line));
        try {
          while (missing > 0 && connection.getInputStream().read() == 1) {
            missing--;
          }
          System.out.println("echo");
        } catch (SocketTimeoutException e) {
          System.out.println("silence");
        }
      }
    }
  }
}
