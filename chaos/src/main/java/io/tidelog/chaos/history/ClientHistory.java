package io.tidelog.chaos.history;

import java.util.List;

/**
 * All events of one client process, in the order they were written.
 *
 * @param process its number in the run; a process started anew has another
 */
public record ClientHistory(int process, String workload, List<Event> events) {

  public ClientHistory {
    events = List.copyOf(events);
  }
}
