package dev.vestibule.sink.slack.card;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.events.Sensitivity;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the message of a visit. Equal views make equal messages. */
public final class VisitCard {
  public static final String APPROVE = "visit_approve";
  public static final String DENY = "visit_deny";

  /** Leads to the vendor; Slack tells us of such a click, and nothing follows from it. */
  public static final String OPEN = "visit_open";

  /** Type of the metadata of a visit's message. */
  public static final String EVENT_TYPE = "visit_notice";

  private VisitCard() {}

  /** See {@link View#message}. */
  public static Message of(VisitView view, String key, long sequence) {
    if (view.phase() == Phase.ERASED) {
      Blocks blocks = new Blocks().section(Blocks.plain("This visit was erased.", Limits.SECTION));
      return new Message(
          "This visit was erased.", blocks.done(), JsonNodeFactory.instance.objectNode());
    }
    Blocks blocks = new Blocks().header(title(view));
    if (stands(view)) {
      blocks.section(
          Blocks.plain("A watch list hit stands that nobody has cleared.", Limits.SECTION));
    }
    blocks.fields(fields(view));
    question(blocks, view.asked());
    List<JsonNode> context = context(view);
    if (!context.isEmpty()) {
      blocks.context(context);
    }
    buttons(blocks, view);
    return new Message(text(view), blocks.done(), metadata(EVENT_TYPE, key, sequence));
  }

  /** One line for the thread below the message: where the visit stands now. */
  public static Message history(VisitView view, String key, long sequence) {
    Blocks blocks = new Blocks().context(List.of(Blocks.time(view.phase().title(), view.since())));
    return new Message(
        view.phase().title() + ", " + Blocks.utc(view.since()),
        blocks.done(),
        metadata("visit_history", key, sequence));
  }

  static ObjectNode metadata(String type, String key, long sequence) {
    ObjectNode metadata = JsonNodeFactory.instance.objectNode().put("event_type", type);
    metadata.putObject("event_payload").put("key", key).put("seq", sequence);
    return metadata;
  }

  /** A review's answer is where the visit stands, until the vendor says what came of it. */
  private static String title(VisitView view) {
    if (view.phase() != Phase.REVIEW) {
      return view.phase().title();
    }
    return switch (view.asked()) {
      case Asked.Answered(boolean approved, var _, var _) ->
          (approved ? Phase.APPROVED : Phase.DENIED).title();
      case Asked.Expired _ -> "Visitor denied: nobody answered";
      case null, default -> view.phase().title();
    };
  }

  private static boolean stands(VisitView view) {
    return view.listed() && view.phase() != Phase.WATCHLIST_HIT;
  }

  private static List<JsonNode> fields(VisitView view) {
    List<JsonNode> fields = new ArrayList<>();
    if (view.sensitivity() != Sensitivity.HEALTH) {
      fields.add(Blocks.field("Visitor", view.visitor() == null ? "no name" : view.visitor()));
      if (view.host() != null) {
        fields.add(Blocks.field("Host", view.host()));
      }
    }
    if (view.site() != null) {
      fields.add(Blocks.field("Site", view.site()));
    }
    fields.add(Blocks.time("Since", view.since()));
    return fields;
  }

  private static void question(Blocks blocks, @Nullable Asked asked) {
    switch (asked) {
      case null -> {}
      case Asked.Pending pending ->
          blocks.section(Blocks.time("To be answered by", pending.until()));
      case Asked.Answered(boolean approved, String by, var at) ->
          blocks.section(Blocks.mention(approved ? "Approved by" : "Denied by", by, at));
      case Asked.Expired(var at) ->
          blocks.section(Blocks.time("Nobody answered in time, so denied", at));
      case Asked.Settled() ->
          blocks.section(Blocks.plain("No answer is needed any more.", Limits.SECTION));
    }
  }

  private static void buttons(Blocks blocks, VisitView view) {
    if (!(view.asked() instanceof Asked.Pending pending)) {
      return;
    }
    List<JsonNode> buttons = new ArrayList<>();
    if (pending.approvable()) {
      ObjectNode approve = Blocks.button(APPROVE, "primary", "Approve", pending.token());
      approve.set(
          "confirm",
          Blocks.confirm("Approve visitor?", "Doors may open for this visitor.", "Approve"));
      buttons.add(approve);
    }
    ObjectNode deny = Blocks.button(DENY, "danger", "Deny", pending.token());
    deny.set("confirm", Blocks.confirm("Deny visitor?", "No door opens for this visitor.", "Deny"));
    buttons.add(deny);
    // The address names the visit.
    if (pending.entry() != null && view.sensitivity() != Sensitivity.HEALTH) {
      buttons.add(Blocks.link(OPEN, "Open entry", pending.entry()));
    }
    blocks.actions("review:" + pending.round(), buttons);
  }

  private static List<JsonNode> context(VisitView view) {
    List<JsonNode> context = new ArrayList<>();
    if (view.sensitivity() == Sensitivity.RESTRICTED) {
      context.add(Blocks.plain("Restricted: do not pass on", Limits.FIELD));
    }
    if (view.visitId() != null) {
      context.add(Blocks.plain("visit " + view.visitId(), Limits.FIELD));
    }
    if (view.isLate()) {
      context.add(Blocks.time("Reported late,", view.known()));
    }
    return context;
  }

  /** Our words first: what a visitor typed cannot begin a line, nor can it hide what happened. */
  private static String text(VisitView view) {
    StringBuilder text = new StringBuilder(title(view));
    if (view.sensitivity() != Sensitivity.HEALTH) {
      text.append(": ").append(escaped(view.visitor() == null ? "no name" : view.visitor()));
    }
    if (view.site() != null) {
      text.append(" at ").append(escaped(view.site()));
    }
    if (view.host() != null && view.sensitivity() != Sensitivity.HEALTH) {
      text.append(", host ").append(escaped(view.host()));
    }
    if (view.asked() instanceof Asked.Pending) {
      text.append("; an answer is needed");
    }
    if (stands(view)) {
      text.append("; a watch list hit stands");
    }
    return text.toString();
  }

  private static String escaped(String text) {
    return Text.escape(Text.clean(text, Limits.HEADER));
  }
}
