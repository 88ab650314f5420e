package io.tidelog.cold.store;

import io.tidelog.testkit.ManualClock;

class InMemoryObjectStoreTest extends ObjectStoreContract {

  @Override
  ObjectStore open() {
    return new InMemoryObjectStore(new ManualClock(1_000));
  }
}
