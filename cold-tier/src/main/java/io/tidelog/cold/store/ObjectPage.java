package io.tidelog.cold.store;

import java.util.List;

/**
 * A part of a listing.
 *
 * @param hasMore whether to go on after the last key of this page; then there is at least one
 */
public record ObjectPage(List<StoredObject> objects, boolean hasMore) {

  public ObjectPage {
    objects = List.copyOf(objects);
    if (hasMore && objects.isEmpty()) {
      throw new IllegalArgumentException("an empty page has no key to go on after");
    }
  }
}
