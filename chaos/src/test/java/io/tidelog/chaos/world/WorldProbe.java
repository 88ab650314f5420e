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
 * What {@link WorldsTest} runs in a process of its own, inside a world or on loopback: a machine
 * that gives every byte back, one whose connection to it stays open while directions are cut and
 * healed, and a bystander. Prints what came through on that connection and on new ones, and of a
 * cut how many bytes were heard.
 */
final class WorldProbe {

  private static final int USUAL_PORT = 7_000;
  private static final int SOON_MS = 500;

  /** TCP sends again after longer and longer times. */
  private static final int EVENTUALLY_MS = 20_000;

  private final Network network;
  private final Host one;
  private final Host other;
  private final Port port;

  private WorldProbe(Network network) throws IOException {
    this.network = network;
    this.one = network.add("one");
    this.other = network.add("other");
    this.port = network.port(other, USUAL_PORT);
  }

  public static void main(String[] args) throws IOException {
    switch (args.length == 0 ? "" : args[0]) {
      case "echo" -> echo(args[1], Integer.parseInt(args[2]));
      case "ask" -> ask(new InetSocketAddress(args[1], Integer.parseInt(args[2])));
      default -> {
        try (var network = Worlds.network(args.length > 0 && args[0].equals(Worlds.INSIDE))) {
          new WorldProbe(network).run();
        }
      }
    }
  }

  private void run() throws IOException {
    var server = start(other, "echo", port.inside());
    try (var heard = reader(server)) {
      heard.readLine();
      try (var asker = new Asker(one);
          var bystander = new Asker(network.add("bystander"))) {
        System.out.println("whole: " + asker.see(EVENTUALLY_MS));
        cut("there", List.of(one), asker, heard);
        System.out.println("bystander: " + bystander.see(EVENTUALLY_MS));
        heal(asker);
        cut("back", List.of(other), asker, heard);
        heal(asker);
        cut("both", List.of(one, other), asker, heard);
        heal(asker);
      }
    }
    server.toHandle().destroyForcibly();
  }

  private void cut(String word, List<Host> mute, Asker asker, BufferedReader heard)
      throws IOException {
    int unused = lines(heard);
    for (var from : mute) {
      network.cut(from, List.of(from.equals(one) ? other : one));
    }
    System.out.println(word + ": " + asker.see(SOON_MS) + ", heard: " + lines(heard));
  }

  private void heal(Asker asker) throws IOException {
    network.heal(one, List.of(other));
    network.heal(other, List.of(one));
    System.out.println("healed: " + asker.see(EVENTUALLY_MS));
  }

  /** How many there are by now. */
  private static int lines(BufferedReader from) throws IOException {
    int lines = 0;
    for (; from.ready(); lines++) {
      from.readLine();
    }
    return lines;
  }

  /** A process that asks the echo. */
  private final class Asker implements AutoCloseable {

    private final Process process;
    private final PrintWriter questions;
    private final BufferedReader answers;

    Asker(Host host) throws IOException {
      process = start(host, "ask", port.outside());
      questions = new PrintWriter(process.outputWriter(StandardCharsets.US_ASCII), true);
      answers = reader(process);
    }

    String see(int ms) throws IOException {
      questions.println(ms);
      return answers.readLine();
    }

    @Override
    public void close() {
      process.toHandle().destroyForcibly();
    }
  }

  private Process start(Host host, String what, int at) throws IOException {
    var command =
        Worlds.java(WorldProbe.class, List.of(what, other.address(), Integer.toString(at)));
    var process =
        new ProcessBuilder(network.on(host, command))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    network.started(host, process.toHandle());
    return process;
  }

  private static BufferedReader reader(Process process) {
    return process.inputReader(StandardCharsets.US_ASCII);
  }

  /** Gives every byte of every connection back, and prints a line for it before. */
  private static void echo(String address, int at) throws IOException {
    try (var listener = new ServerSocket()) {
      listener.bind(new InetSocketAddress(address, at));
      System.out.println("ready");
      while (true) {
        var connection = listener.accept();
        Thread.startVirtualThread(() -> giveBack(connection));
      }
    }
  }

  private static void giveBack(Socket connection) {
    try (connection) {
      for (int each = connection.getInputStream().read();
          each >= 0;
          each = connection.getInputStream().read()) {
        System.out.println("heard");
        connection.getOutputStream().write(each);
      }
    } catch (IOException ended) {
      // By whoever asked.
    }
  }

  /** For each line, a time, says whether all bytes so far, and one of a new one, came back. */
  private static void ask(InetSocketAddress echo) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (var connection = new Socket(echo.getAddress(), echo.getPort())) {
      int missing = 0;
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        int ms = Integer.parseInt(line);
        missing = missingAfter(connection, missing, ms);
        System.out.println(word(missing) + ", new: " + word(missingOfNew(echo, ms)));
      }
    }
  }

  private static String word(int missing) {
    return missing == 0 ? "echo" : "silence";
  }

  private static int missingOfNew(InetSocketAddress echo, int ms) throws IOException {
    try (var connection = new Socket()) {
      connection.connect(echo, ms);
      return missingAfter(connection, 0, ms);
    } catch (SocketTimeoutException e) {
      return 1;
    }
  }

  /** Sends one more byte; how many did not come back in time. */
  private static int missingAfter(Socket connection, int before, int ms) throws IOException {
    connection.setTcpNoDelay(true);
    connection.setSoTimeout(ms);
    connection.getOutputStream().write(1);
    int missing = before + 1;
    try {
      while (missing > 0 && connection.getInputStream().read() == 1) {
        missing--;
      }
    } catch (SocketTimeoutException e) {
      return missing;
    }
    return missing;
  }
}
