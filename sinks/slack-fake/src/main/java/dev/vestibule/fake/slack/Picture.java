package dev.vestibule.fake.slack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the channels look like. What is in messages was written by others: on the page it is
 * escaped, in the terminal it has no control characters.
 */
final class Picture {
  static final JsonMapper JSON = new JsonMapper();

  /** Nothing but the styles in the page itself. */
  static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("EEEE, d MMMM uuuu", Locale.ENGLISH).withZone(ZoneOffset.UTC);
  private static final Pattern MARKUP =
      Pattern.compile("<([@!][^<>|]+|https?://[^<>|]+)(\\|([^<>]+))?>");

  private final Workspace workspace;

  Picture(Workspace workspace) {
    this.workspace = workspace;
  }

  // ---- for a terminal

  String text() {
    return workspace.channels().stream().map(this::text).collect(Collectors.joining("\n"));
  }

  String text(Channel channel) {
    StringBuilder text = new StringBuilder(line(title(channel))).append('\n');
    List<FakeMessage> messages = channel.messages();
    if (messages.isEmpty()) {
      text.append("  (nothing yet)\n");
    }
    for (FakeMessage message : messages) {
      List<String> lines = lines(message);
      for (int i = 0; i < lines.size(); i++) {
        text.append(i == 0 ? "  " + time(message.ts()) + "  " : "         ").append(lines.get(i));
        text.append(i == 0 && message.edits() > 0 ? "  (edited)\n" : "\n");
      }
      for (FakeMessage reply : message.replies()) {
        text.append("         └ ").append(time(reply.ts())).append("  ");
        text.append(String.join(" · ", lines(reply))).append('\n');
      }
    }
    return text.toString();
  }

  private List<String> lines(FakeMessage message) {
    List<String> lines = new ArrayList<>();
    for (JsonNode block : message.blocks()) {
      switch (block.path("type").asText()) {
        case "header" -> lines.add(shown(block.path("text")));
        case "section" -> {
          if (block.has("text")) {
            lines.add(shown(block.path("text")));
          }
          if (block.has("fields")) {
            lines.add(each(block.path("fields"), "", ""));
          }
        }
        case "context" -> lines.add(each(block.path("elements"), "", ""));
        case "actions" -> lines.add(each(block.path("elements"), "[ ", " ]"));
        default -> {}
      }
    }
    return lines.isEmpty() ? List.of(line(readable(message.text()))) : lines;
  }

  private String each(JsonNode elements, String before, String after) {
    List<String> all = new ArrayList<>();
    for (JsonNode element : elements) {
      all.add(before + shown(element.has("action_id") ? element.path("text") : element) + after);
    }
    return String.join(before.isEmpty() ? " · " : " ", all);
  }

  private String shown(JsonNode text) {
    return line(words(text));
  }

  /** One line, whatever is in it. */
  private static String line(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  // ---- as a page

  String html() {
    String nav =
        workspace.channels().stream()
            .map(channel ->
                "<a href=\"#%s\">%s<b>%d</b></a>"
                    .formatted(
                        escaped(channel.id()), escaped(title(channel)), channel.messages().size()))
            .collect(Collectors.joining("\n"));
    String sections =
        workspace.channels().stream().map(this::section).collect(Collectors.joining("\n"));
    return PAGE.replace("{policy}", escaped(POLICY)).replace("{nav}", nav) + sections + END;
  }

  private String section(Channel channel) {
    StringBuilder html = new StringBuilder();
    html.append(
        "<section id=\"%s\"><h2>%s".formatted(escaped(channel.id()), escaped(title(channel))));
    html.append(channel.isArchived() ? " <small>archived</small></h2>\n" : "</h2>\n");
    List<FakeMessage> messages = channel.messages();
    if (messages.isEmpty()) {
      html.append("<p class=\"none\">Nothing yet.</p>\n");
    }
    String day = "";
    for (FakeMessage message : messages) {
      String its = DAY.format(at(message.ts()));
      if (!its.equals(day)) {
        html.append("<p class=\"day\"><span>").append(its).append("</span></p>\n");
        day = its;
      }
      message(html, message);
    }
    return html.append("</section>").toString();
  }

  private void message(StringBuilder html, FakeMessage message) {
    html.append("<article><i class=\"%s\"></i><div>".formatted(message.bot() ? "app" : "person"));
    html.append("<p class=\"who\"><b>%s</b>".formatted(message.bot() ? "Vestibule" : "Somebody"));
    html.append(message.bot() ? "<em>APP</em>" : "");
    html.append("<time>").append(time(message.ts())).append("</time></p>");
    body(html, message);
    if (!message.replies().isEmpty()) {
      int count = message.replies().size();
      html.append(
          "<div class=\"thread\"><p>%d %s</p>".formatted(count, count == 1 ? "reply" : "replies"));
      for (FakeMessage reply : message.replies()) {
        html.append("<div class=\"reply\"><time>").append(time(reply.ts())).append("</time>");
        body(html, reply);
        html.append("</div>");
      }
      html.append("</div>");
    }
    html.append("</div></article>\n");
  }

  private void body(StringBuilder html, FakeMessage message) {
    String edited = message.edits() > 0 ? " <small class=\"edited\">(edited)</small>" : "";
    if (message.blocks().isEmpty()) {
      html.append("<p>").append(escaped(readable(message.text()))).append(edited).append("</p>");
      return;
    }
    for (JsonNode block : message.blocks()) {
      switch (block.path("type").asText()) {
        case "header" -> tag(html, "h3", null, words(block.path("text")));
        case "section" -> {
          if (block.has("text")) {
            tag(html, "p", null, words(block.path("text")));
          }
          fields(html, block.path("fields"));
        }
        case "context" -> {
          html.append("<p class=\"context\">");
          block.path("elements").forEach(element -> tag(html, "span", null, words(element)));
          html.append("</p>");
        }
        case "actions" -> {
          html.append("<p class=\"actions\">");
          block.path("elements").forEach(button -> button(html, button));
          html.append("</p>");
        }
        default -> html.append("<hr>");
      }
    }
    html.append(edited);
  }

  private void fields(StringBuilder html, JsonNode fields) {
    if (fields.isEmpty()) {
      return;
    }
    html.append("<div class=\"fields\">");
    for (JsonNode field : fields) {
      String words = words(field);
      int colon = words.indexOf(": ");
      html.append("<p>");
      if (colon > 0) {
        tag(html, "b", null, words.substring(0, colon));
      }
      html.append(escaped(colon > 0 ? words.substring(colon + 2) : words)).append("</p>");
    }
    html.append("</div>");
  }

  private void button(StringBuilder html, JsonNode button) {
    String style = button.path("style").asText();
    String known = style.equals("primary") || style.equals("danger") ? style : "plain";
    html.append("<button disabled class=\"").append(known).append("\">");
    html.append(escaped(words(button.path("text")))).append("</button>");
  }

  private static void tag(StringBuilder html, String tag, @Nullable String kind, String text) {
    html.append('<').append(tag);
    if (kind != null) {
      html.append(" class=\"").append(kind).append('"');
    }
    html.append('>').append(escaped(text)).append("</").append(tag).append('>');
  }

  // ---- both

  private String title(Channel channel) {
    return (channel.id().startsWith("D") ? "@ " : "# ") + channel.name();
  }

  private String words(JsonNode text) {
    String words = text.path("text").asText();
    return text.path("type").asText().equals("mrkdwn") ? readable(words) : words;
  }

  /** Markup as people read it. */
  private String readable(String markup) {
    Matcher control = MARKUP.matcher(markup);
    StringBuilder words = new StringBuilder();
    int from = 0;
    while (control.find()) {
      words.append(entities(markup.substring(from, control.start())));
      words.append(entities(control(control.group(1), control.group(3))));
      from = control.end();
    }
    return words.append(entities(markup.substring(from))).toString();
  }

  private String control(String target, @Nullable String label) {
    if (label != null) {
      return label;
    }
    FakeUser user = target.startsWith("@") ? workspace.user(target.substring(1)) : null;
    return user == null ? target : "@" + user.name();
  }

  private static String entities(String text) {
    return text.replace("\u200B", "")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
  }

  private static Instant at(String ts) {
    return Instant.ofEpochSecond(Channel.micros(ts) / 1_000_000);
  }

  private static String time(String ts) {
    return TIME.format(at(ts));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="{policy}">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>Channels</title>
      <style>
        :root {
          --page: #fff; --text: #1d1c1d; --soft: #616061; --line: #e3e1e3; --hover: #f8f8f8;
          --side: #3f2a4d; --side-text: #e4dbe9; --accent: #5b3a70; --yes: #007a5a; --no: #c01343;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #1a1d21; --text: #d9dadc; --soft: #a0a2a6; --line: #35383d; --hover: #22252a;
            --side: #1f1626; --side-text: #cfc3d6; --accent: #b08cc7; --yes: #2bac76; --no: #f2557f;
          }
        }
        * { box-sizing: border-box; }
        html { scroll-behavior: smooth; }
        body { margin: 0; display: flex; background: var(--page); color: var(--text);
          font: 15px/1.46 system-ui, -apple-system, "Segoe UI", sans-serif; }
        nav { flex: 0 0 15rem; height: 100vh; position: sticky; top: 0; overflow: auto;
          padding: 1.2rem .7rem; background: var(--side); color: var(--side-text); }
        nav h1 { margin: 0 .6rem 1rem; font-size: 1.1rem; color: #fff; }
        nav a { display: flex; justify-content: space-between; gap: .5rem; padding: .25rem .6rem;
          border-radius: .4rem; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
        nav a:hover, nav a:focus { background: #ffffff22; }
        nav b { font-weight: 400; opacity: .7; }
        main { flex: 1; min-width: 0; max-width: 60rem; padding: 0 0 6rem; }
        h2 { position: sticky; top: 0; margin: 0; padding: .8rem 1.4rem; font-size: 1.1rem; z-index: 1;
          background: var(--page); border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
        small { color: var(--soft); font-weight: 400; }
        .none { padding: 0 1.4rem; color: var(--soft); }
        .day { text-align: center; margin: 1rem 1.4rem .4rem; border-bottom: 1px solid var(--line); line-height: 0; }
        .day span { padding: 0 .9rem; background: var(--page); font-size: .8rem; font-weight: 600; color: var(--soft); }
        article { display: flex; gap: .7rem; padding: .6rem 1.4rem; }
        article:hover { background: var(--hover); }
        article > i { flex: 0 0 2.3rem; height: 2.3rem; border-radius: .5rem; background: var(--soft); }
        article > i.app { background: linear-gradient(135deg, var(--accent) 50%, var(--yes) 50%); }
        article > div { flex: 1; min-width: 0; overflow-wrap: anywhere; }
        article p { margin: .15rem 0; }
        .who b { margin-right: .45rem; }
        .who em { margin-right: .45rem; padding: 0 .25rem; border-radius: .2rem; background: var(--line);
          font: 600 .65rem/1.4 system-ui, sans-serif; color: var(--soft); vertical-align: middle; }
        time { font-size: .78rem; color: var(--soft); font-variant-numeric: tabular-nums; }
        h3 { margin: .2rem 0 .3rem; font-size: 1.12rem; }
        .fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .2rem 1.2rem; margin: .3rem 0; }
        .fields b { display: block; font-size: .78rem; font-weight: 600; color: var(--soft); }
        .context { font-size: .82rem; color: var(--soft); }
        .context span + span::before { content: "·"; margin: 0 .45rem; }
        .actions { display: flex; flex-wrap: wrap; gap: .5rem; padding: .3rem 0; }
        button { padding: .3rem .8rem; border: 1px solid var(--line); border-radius: .4rem; font: 600 .87rem system-ui, sans-serif;
          background: transparent; color: var(--text); }
        .primary { background: var(--yes); border-color: var(--yes); color: #fff; }
        .danger { background: var(--no); border-color: var(--no); color: #fff; }
        .edited { font-size: .75rem; }
        .thread { margin-top: .4rem; padding-left: .8rem; border-left: 3px solid var(--line); }
        .thread > p { font-size: .8rem; font-weight: 600; color: var(--accent); }
        .reply { display: flex; gap: .6rem; align-items: baseline; }
        hr { border: 0; border-top: 1px solid var(--line); }
        @media (max-width: 45rem) {
          body { display: block; }
          nav { height: auto; position: static; }
        }
      </style>
      <nav><h1>Vestibule demo</h1>
      {nav}
      </nav>
      <main>
      """;

  private static final String END = "\n</main>\n</html>\n";
}
