package io.tidelog.chaos.check;

import io.tidelog.chaos.history.Reading;

/** The life of one consumer. */
record Session(int process, int number, Reading reading, String group) {

  @Override
  public String toString() {
    return "consumer " + process + "." + number;
  }
}
