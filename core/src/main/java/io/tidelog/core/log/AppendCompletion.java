package io.tidelog.core.log;

/**
 * Told once about each append, on the log's lane: it only posts to its own lane. With it the
 * request's buffer is given back.
 */
@FunctionalInterface
public interface AppendCompletion {

  void onCompleted(AppendResult result);
}
