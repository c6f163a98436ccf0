package dev.vestibule.ingress.decision.policy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * JSON on which decisions rest: UTF-8 and nothing else, no name twice, nothing after the value.
 * What two readers could understand differently is an error.
 */
public final class StrictJson {
  private StrictJson() {}

  /**
   * A mapper that refuses what is ambiguous.
   *
   * @param depth most levels of nesting
   */
  public static JsonMapper mapper(int depth) {
    return JsonMapper.builder(
            JsonFactory.builder()
                .disable(JsonFactory.Feature.CHARSET_DETECTION)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(depth).build())
                .build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }
}
