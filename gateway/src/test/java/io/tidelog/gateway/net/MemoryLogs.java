package io.tidelog.gateway.net;

import io.tidelog.core.log.LedLog;
import io.tidelog.core.log.LedLogs;
import io.tidelog.core.log.PartitionHost;
import io.tidelog.metadata.api.LogRecord;
import io.tidelog.metadata.api.LogRegistry;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Leads every log of a cluster of one node, as soon as it is there, and keeps no record. */
final class MemoryLogs implements LedLogs {

  private final LogRegistry registry;
  private final PartitionHost partitions;
  private final List<LedLog> led = new CopyOnWriteArrayList<>();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  MemoryLogs(LogRegistry registry, PartitionHost partitions) {
    this.registry = registry;
    this.partitions = partitions;
    registry.onChange(this::lead);
  }

  private void lead(LogRecord log) {
    if (log.leader() == LogRecord.NO_LEADER) {
      registry
          .propose(log.takenOverBy(log.inSync().getFirst(), 1))
          .thenAccept(
              stored -> {
                var begun = new LedLog(stored.id(), 1, stored.modRevision(), partitions);
                led.add(begun);
                listeners.forEach(listener -> listener.onBegan(begun));
              });
    }
  }

  @Override
  public Collection<LedLog> led() {
    return led;
  }

  @Override
  public void onChange(Listener listener) {
    listeners.add(listener);
  }
}
