package io.tidelog.hot.runtime;

import java.util.UUID;

/**
 * How a term of leading begins.
 *
 * @param term higher than any before
 * @param incarnation of this process
 * @param isAlone no other replica may have to be asked, ever: what was recovered is served at once.
 *     Else nothing is given to readers before the term's first frame is committed, nothing is
 *     committed before {@link LogDriver#onReplicas} tells of the others, and nothing is served
 *     before {@link LogDriver#serveUntil} says how long.
 */
public record Leadership(long term, UUID incarnation, boolean isAlone) {}
