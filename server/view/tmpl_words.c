#include "view/tmpl_words.h"

#include "view/tmpl_html.h"

static const char *const words_void[] = {
    "br", "wbr", "img", "input", "hr", NULL};

static const struct {
	const char *entity;
	const char *text;
} words_entities[] = {
    {"&amp;", "&"},
    {"&lt;", "<"},
    {"&gt;", ">"},
    {"&quot;", "\""},
    {"&#39;", "'"},
    {"&nbsp;", "\xC2\xA0"},
};

/* End of the tag at `at`, behind its '>'; 0: none. */
static size_t
words_tag_end(struct str source, size_t at)
{
	char quote = '\0';

	for (; at < source.len; at++) {
		char c = source.ptr[at];

		if (quote != '\0')
			quote = c == quote ? '\0' : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '>')
			return at + 1;
	}
	return 0;
}

static struct str
words_tag_name(struct str tag)
{
	size_t from = str_starts(tag, STR("</")) ? 2 : 1;
	size_t to = from;

	while (to < tag.len && ((tag.ptr[to] >= 'a' && tag.ptr[to] <= 'z') ||
	                           (tag.ptr[to] >= '0' && tag.ptr[to] <= '9')))
		to++;
	return str_slice(tag, from, to);
}

/* The tag that this end closes, or NULL. */
static const struct tmpl_words_tag *
words_open_tag(const struct tmpl_words *words, struct str name)
{
	for (size_t i = words->tag_count; i > 0; i--) {
		const struct tmpl_words_tag *tag = &words->tags[i - 1];
		bool is_closed = tag->is_end || tag->is_void;

		if (is_closed || !str_eq(words_tag_name(tag->source), name))
			continue;
		for (size_t k = 0; k < words->tag_count; k++)
			is_closed |= words->tags[k].is_end &&
			             str_eq(words->tags[k].name, tag->name);
		if (!is_closed)
			return tag;
	}
	return NULL;
}

/* "b" for the first, "b2" for the second … */
static struct str
words_new_name(
    const struct tmpl_words *words, struct str name, struct arena *arena)
{
	unsigned number = 1;

	for (size_t i = 0; i < words->tag_count; i++)
		number += !words->tags[i].is_end &&
		          str_eq(words_tag_name(words->tags[i].source), name);
	return number == 1 ? name
	                   : str_printf(arena, "%.*s%u", STR_ARG(name), number);
}

static const char *
words_add_tag(struct tmpl_words *words, struct str source, struct arena *arena)
{
	struct str name = words_tag_name(source);
	struct tmpl_words_tag tag = {.source = source, .name = name};

	if (name.len == 0)
		return "a '<' that opens no tag; write &lt;";
	if (words->tag_count >= TMPL_WORDS_TAGS)
		return "too many tags in these words";
	tag.is_end = str_starts(source, STR("</"));
	for (size_t i = 0; words_void[i] != NULL; i++)
		tag.is_void |= str_eq(name, str_c(words_void[i]));
	if (tag.is_end) {
		const struct tmpl_words_tag *open = words_open_tag(words, name);

		if (open == NULL)
			return "an end tag without its beginning in these "
			       "words";
		tag.name = open->name;
	} else {
		tag.name = words_new_name(words, name, arena);
	}
	words->tags[words->tag_count++] = tag;
	return NULL;
}

static void
words_add_tag_name(struct buf *out, const struct tmpl_words_tag *tag)
{
	buf_add_c(out, tag->is_end ? "</" : "<");
	buf_add(out, tag->name);
	buf_add_byte(out, '>');
}

/* Text up to the next tag or placeholder, entities as characters. */
static void
words_add_text(struct buf *out, struct str text)
{
	for (size_t at = 0; at < text.len;) {
		struct str rest = str_slice(text, at, text.len);
		size_t step = 0;

		for (size_t i = 0;
		     step == 0 &&
		     i < sizeof(words_entities) / sizeof(words_entities[0]);
		     i++) {
			if (!str_starts(rest, str_c(words_entities[i].entity)))
				continue;
			buf_add_c(out, words_entities[i].text);
			step = strlen(words_entities[i].entity);
		}
		if (step == 0) {
			buf_add_byte(out, rest.ptr[0]);
			step = 1;
		}
		at += step;
	}
}

const char *
tmpl_words_read(struct str source, struct arena *arena, struct tmpl_words *out)
{
	struct buf key;
	const char *wrong = NULL;

	*out = (struct tmpl_words){.tag_count = 0};
	buf_init_arena(&key, arena, TMPL_WORDS_BYTES);
	for (size_t at = 0; at < source.len && wrong == NULL;) {
		size_t end = 0;

		if (source.ptr[at] == '<') {
			end = words_tag_end(source, at);
			if (end == 0)
				return "a tag that does not end in these words";
			wrong = words_add_tag(
			    out, str_slice(source, at, end), arena);
			if (wrong == NULL)
				words_add_tag_name(
				    &key, &out->tags[out->tag_count - 1]);
		} else if (str_starts(
		               str_slice(source, at, source.len), STR("{{"))) {
			end = str_find(source, STR("}}"), at) + 2;
			buf_add(&key, str_slice(source, at, end));
		} else {
			end = at + 1;
			while (end < source.len && source.ptr[end] != '<' &&
			       source.ptr[end] != '{')
				end++;
			words_add_text(&key, str_slice(source, at, end));
		}
		at = end;
	}
	if (wrong == NULL && buf_end(&key, &out->key, NULL) != ERR_OK)
		wrong = "these words are too long";
	return wrong;
}

bool
tmpl_words_split(struct str source, struct str *one, struct str *many)
{
	size_t at = str_find_byte(source, '|', 0);

	*one = str_slice(source, 0, at);
	*many = str_slice(source, at + 1, source.len);
	return at < source.len &&
	       str_find_byte(source, '|', at + 1) == source.len;
}

/* ---- a translation ------------------------------------------------------- */

struct words_filling {
	const struct tmpl_words *words;
	bool used[TMPL_WORDS_TAGS];
	struct str open[TMPL_WORDS_TAGS]; /* names */
	size_t open_count;
};

/* The tag whose name stands at the beginning of `rest`, or NULL. */
static const struct tmpl_words_tag *
words_tag_at(const struct tmpl_words *words, struct str rest)
{
	for (size_t i = 0; i < words->tag_count; i++) {
		const struct tmpl_words_tag *tag = &words->tags[i];
		struct str name =
		    str_slice(rest, tag->is_end ? 2 : 1, rest.len);

		if (str_starts(rest, tag->is_end ? STR("</") : STR("<")) &&
		    str_starts(name, tag->name) && name.len > tag->name.len &&
		    name.ptr[tag->name.len] == '>')
			return tag;
	}
	return NULL;
}

static const char *
words_use_tag(struct words_filling *filling, const struct tmpl_words_tag *tag)
{
	size_t number = (size_t)(tag - filling->words->tags);

	if (filling->used[number])
		return "a tag stands there twice";
	filling->used[number] = true;
	if (!tag->is_end && !tag->is_void)
		filling->open[filling->open_count++] = tag->name;
	if (tag->is_end &&
	    (filling->open_count == 0 ||
	        !str_eq(filling->open[--filling->open_count], tag->name)))
		return "its tags are not within each other";
	return NULL;
}

/* Is the placeholder "{{name}}" one of the English words? */
static bool
words_has_value(const struct tmpl_words *words, struct str value)
{
	return value.len > 4 && str_find(words->key, value, 0) < words->key.len;
}

const char *
tmpl_words_fill(
    const struct tmpl_words *words, struct str translation, struct buf *out)
{
	struct words_filling filling = {.words = words};

	for (size_t at = 0; at < translation.len;) {
		struct str rest = str_slice(translation, at, translation.len);
		const struct tmpl_words_tag *tag = words_tag_at(words, rest);
		size_t len = 1;
		const char *wrong = NULL;

		if (tag != NULL) {
			wrong = words_use_tag(&filling, tag);
			len = tag->name.len + (tag->is_end ? 3 : 2);
			buf_add(out, tag->source);
		} else if (str_starts(rest, STR("{{"))) {
			len = str_find(rest, STR("}}"), 0) + 2;
			if (!words_has_value(words, str_slice(rest, 0, len)))
				wrong = "it has a placeholder of its own";
			buf_add(out, str_slice(rest, 0, len));
		} else {
			buf_add_html(out, str_slice(rest, 0, 1));
		}
		if (wrong != NULL)
			return wrong;
		at += len;
	}
	for (size_t i = 0; i < words->tag_count; i++)
		if (!filling.used[i])
			return "a tag is left out";
	return NULL;
}
