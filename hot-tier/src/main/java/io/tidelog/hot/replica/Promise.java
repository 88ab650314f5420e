package io.tidelog.hot.replica;

/**
 * A candidate's word that it acknowledges nothing to another leader until its own proposal is known
 * to have won or lost: until the log's record is seen at a revision above {@code baseRevision}, at
 * which the proposal can no longer be carried out.
 */
public record Promise(long term, long baseRevision) {

  public static final Promise NONE = new Promise(0, -1);
}
