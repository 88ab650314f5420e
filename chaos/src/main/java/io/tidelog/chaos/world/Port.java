package io.tidelog.chaos.world;

/**
 * A service's port on its machine's address.
 *
 * @param inside where the service itself listens
 * @param outside where other machines reach it, and what it advertises; the same where packets need
 *     no help to get lost
 */
public record Port(int inside, int outside) {}
