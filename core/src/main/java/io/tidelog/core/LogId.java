package io.tidelog.core;

import java.util.UUID;

/** Names one segment log for ever; its folder and its cold objects carry this id. */
public record LogId(UUID uuid) {

  @Override
  public String toString() {
    return uuid.toString();
  }
}
