package io.tidelog.core.log;

import java.util.List;

/** Accepts record batches and gives out their offsets. */
public interface LogAppender {

  /**
   * Appends each request in list order; requests for one partition from one caller keep their
   * order. Never blocks, and calls each completion exactly once, later or, when refused at the
   * door, inside this call. One call is one wake-up of the log's lane.
   */
  void append(List<AppendRequest> requests);
}
