package io.tidelog.chaos.world;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/** Where the machines of a run live and how they reach one another. */
public interface Network extends AutoCloseable {

  /** Adds a machine that reaches all others. */
  Host add(String name) throws IOException;

  /** All machines there are. */
  List<Host> hosts();

  /** The command, to be run on that machine. */
  List<String> on(Host host, List<String> command);

  /** Told of every process that was started on a machine, before it can have connected. */
  void started(Host host, ProcessHandle process);

  /**
   * A port for a service of the machine.
   *
   * @param usual the one it has where no other machine is in its way
   */
  Port port(Host host, int usual) throws IOException;

  /**
   * Whether the run is alone in a world of its own: what is mounted nobody else sees, and others
   * reach it through the file system only.
   */
  boolean isApart();

  /** For reports. */
  String title();

  /**
   * Packets of {@code from} to each of {@code to} are lost, silently, on connections there are and
   * on new ones; the other direction is as it was.
   */
  void cut(Host from, Collection<Host> to) throws IOException;

  /** Packets of {@code from} to each of {@code to} arrive again. */
  void heal(Host from, Collection<Host> to) throws IOException;

  @Override
  void close() throws IOException;
}
