package io.tidelog.chaos.world;

/**
 * The two directions of a connection.
 *
 * @param there from whoever connected to whoever was connected to
 */
record Wire(Gate there, Gate back) {

  /** One that nobody cuts. */
  static Wire whole() {
    return new Wire(new Gate(), new Gate());
  }

  /** Making a connection takes both directions. */
  boolean isWhole() {
    return there.isOpen() && back.isOpen();
  }

  void awaitWhole() throws InterruptedException {
    while (!isWhole()) {
      there.awaitOpen();
      back.awaitOpen();
    }
  }
}
