package io.tidelog.chaos.client;

import java.io.IOException;

/** One thread of a client: works until it is told to stop, and ends in order. */
interface Work {

  void run(Stop stop) throws IOException;
}
