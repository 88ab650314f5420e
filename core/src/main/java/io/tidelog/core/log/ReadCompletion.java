package io.tidelog.core.log;

/**
 * Told once about each read: inside the call when the bytes were in memory, else on a thread of the
 * log; then it only posts to its own lane.
 */
@FunctionalInterface
public interface ReadCompletion {

  void onCompleted(ReadResult result);
}
