package io.tidelog.chaos.fault;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** One way to break a cluster. */
public enum FaultKind {
  KILL_LEADER("kill -9 of the node that leads a partition"),
  KILL_CONTROLLER("kill -9 of the controller"),
  KILL_COORDINATOR("kill -9 of a group's coordinator", Need.GROUP),
  KILL_GATEWAY("kill -9 of a gateway", Need.GATEWAY),
  KILL_ALL("kill -9 of every node at once"),
  STOP_LEADER("orderly stop of the node that leads a partition"),
  WIPE_DISK("kill -9 of a node, its disk wiped before it starts again", Need.REPAIR),
  PAUSE_LEADER("SIGSTOP of the node that leads a partition"),
  PAUSE_COORDINATOR("SIGSTOP of a group's coordinator", Need.GROUP),
  PAUSE_GATEWAY("SIGSTOP of a gateway", Need.GATEWAY),
  ISOLATE_LEADER("nothing from or to the node that leads a partition"),
  MUTE_LEADER("nothing from the node that leads a partition"),
  DEAFEN_LEADER("nothing to the node that leads a partition"),
  CUT_PAIR("nothing between two nodes"),
  CUT_FROM_ETCD("nothing between a leader and etcd", Need.ETCD),
  CUT_FROM_STORE("nothing between the uploader and the object store", Need.STORE),
  KILL_ETCD_LEADER("kill -9 of etcd's leader", Need.ETCD),
  KILL_BOTH_LEADERS("kill -9 of the node that leads a partition and of etcd's leader", Need.ETCD),
  PAUSE_ETCD_LEADER("SIGSTOP of etcd's leader", Need.ETCD),
  ETCD_OUTAGE("SIGSTOP of all of etcd", Need.ETCD),
  STORE_OUTAGE("kill -9 of the object store", Need.STORE),
  FILL_DISK("the disk of a node is full", Need.SMALL_DISK),
  KILL_CLIENT("kill -9 of a client process", Need.CLIENT);

  /** What a fault cannot do without. */
  public enum Need {
    ETCD,
    STORE,
    GATEWAY,
    /** A disk that can be filled. */
    SMALL_DISK,
    /** Nodes that get back from others what they lost. */
    REPAIR,
    /** Clients that are members of groups. */
    GROUP,
    /** Clients that may be killed. */
    CLIENT
  }

  private final String title;
  private final Set<Need> needs;

  FaultKind(String title, Need... needs) {
    this.title = title;
    this.needs = EnumSet.noneOf(Need.class);
    for (var need : needs) {
      this.needs.add(need);
    }
  }

  public String title() {
    return title;
  }

  public boolean isPossible(Set<Need> available) {
    return available.containsAll(needs);
  }

  /** As typed: {@code kill-leader}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the nodes it is about are to be down for longer than any of them is waited for. */
  boolean isFailover() {
    return this == KILL_LEADER || this == KILL_BOTH_LEADERS || this == ISOLATE_LEADER;
  }
}
