package io.tidelog.metadata.store.embedded;

import static io.tidelog.metadata.Await.result;

import io.tidelog.core.Clock;
import io.tidelog.metadata.api.Txn;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletionStage;

/** A process that writes to a store until it is killed, and prints what was acknowledged. */
final class KilledWriter {

  private KilledWriter() {}

  public static void main(String[] arguments) {
    var clock =
        new Clock() {
          @Override
          public long wallMs() {
            return System.currentTimeMillis();
          }

          @Override
          public long monotonicNs() {
            return System.nanoTime();
          }
        };
    long next = Long.parseLong(arguments[1]);
    try (var store = EmbeddedMetadataStore.open(Path.of(arguments[0]), clock)) {
      while (true) {
        var group = new ArrayList<CompletionStage<?>>();
        for (int i = 0; i < 4; i++) {
          var value = ByteBuffer.allocate(8).putLong(0, next + i).array();
          group.add(store.txn(Txn.when().put("left", value).put("right", value).build()));
        }
        group.forEach(answer -> result(answer));
        next += 4;
        System.out.println(next - 1);
        System.out.flush();
      }
    }
  }
}
