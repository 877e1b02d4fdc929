/*
 * Plain text to HTML. The text is cut into tokens; each token is escaped by
 * itself and written at once. Nothing ever touches what was written: that is
 * how others' link placeholders became holes.
 */
#include "base/buf.h"
#include "base/tr.h"
#include "base/limits.h"
#include "base/scan.h"
#include "view/view.h"

#define PLAIN_MAX_LEVEL 8u             /* nested quotes shown as such */
#define PLAIN_MAX_LOOK  60u            /* lines looked at for columns */
#define PLAIN_PIECE     ((size_t)4096) /* bytes escaped between two checks */
#define PLAIN_FOLD      12u            /* longer quotes are folded */
#define PLAIN_FOLD_DEEP 4u             /* quotes within quotes */
#define PLAIN_HEAD      2u             /* lines of "On Monday A wrote:" */
/* What is written stays well below a page: escaping can make 5 bytes of 1. */
#define PLAIN_MAX_BYTES (LIMIT_PAGE_BYTES / 2)

enum plain_kind {
	PLAIN_WORD,
	PLAIN_URL,
	PLAIN_WWW,
	PLAIN_MAIL
};

struct plain {
	struct buf out;
	struct arena *arena;
	unsigned level; /* open blockquotes */
	bool in_paragraph;
	bool in_signature;
	size_t max_bytes;
	/* Folding: what was said of one's own so far, and the open fold. */
	bool folds;
	bool has_own; /* somewhere in the text */
	unsigned own_paragraphs;
	unsigned paragraph_lines; /* of the last paragraph of one's own */
	bool ends_in_colon;       /* so does that */
	unsigned fold_level;      /* quotes from this level on; 0: none */
	struct str ahead;         /* what follows the line being written */
	const struct view_plain *how;
};

static bool
plain_is_full(const struct plain *plain)
{
	return plain->out.failed != ERR_OK || plain->out.len > plain->max_bytes;
}

static void
plain_escape(struct plain *plain, struct str s)
{
	while (s.len > 0 && !plain_is_full(plain)) {
		size_t len = s.len < PLAIN_PIECE ? s.len : PLAIN_PIECE;

		/* Never ends within a character. */
		while (
		    len < s.len && ((unsigned char)s.ptr[len] & 0xC0) == 0x80)
			len++;
		buf_add_html(&plain->out, str_slice(s, 0, len));
		s = str_slice(s, len, s.len);
	}
}

static bool
plain_is_alnum(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static bool
plain_is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Spaces, marks of direction and punctuation of other scripts end a URL. */
static bool
plain_ends_url(uint32_t cp)
{
	return cp <= ' ' || cp == '<' || cp == '>' || cp == '"' || cp == 0xA0 ||
	       (cp >= 0x2000 && cp <= 0x206F) ||
	       (cp >= 0x3000 && cp <= 0x303F) ||
	       (cp >= 0xFF00 && cp <= 0xFF20) || cp == 0xFEFF || cp == 0xFFFD;
}

/* Without the full stop, comma or closing bracket of the sentence. */
static size_t
plain_trim_url(struct str url)
{
	size_t len = url.len;
	long open = 0;

	for (size_t i = 0; i < len; i++)
		open += url.ptr[i] == '(' ? 1 : url.ptr[i] == ')' ? -1 : 0;
	while (len > 0) {
		char last = url.ptr[len - 1];

		if (last == ')' && open < 0)
			open++;
		else if (!plain_is_one_of(last, ".,;:!?'*_]}"))
			break;
		len--;
	}
	return len;
}

/* Length of the URL at `at`, 0 when there is none; *www: without a scheme. */
static size_t
plain_url_at(struct str line, size_t at, bool *www)
{
	static const struct str starts[] = {
	    {"https://", 8}, {"http://", 7}, {"www.", 4}};
	struct str rest = str_slice(line, at, line.len);
	size_t start_len = 0;
	size_t end;

	for (size_t i = 0; i < 3 && start_len == 0; i++) {
		if (str_starts_nocase(rest, starts[i]))
			start_len = starts[i].len;
	}
	if (start_len == 0 || start_len >= rest.len)
		return 0;
	if (!plain_is_alnum(rest.ptr[start_len]) &&
	    rest.ptr[start_len] != '[' &&
	    ((unsigned char)rest.ptr[start_len] & 0x80) == 0)
		return 0;
	*www = start_len == 4;
	for (end = start_len; end < rest.len;) {
		size_t next = end;

		if (plain_ends_url(text_next(rest, &next)))
			break;
		end = next;
	}
	end = plain_trim_url(str_slice(rest, 0, end));
	return end > start_len ? end : 0;
}

/* The address around the '@' at `at`: [*from, *to); not before `least`. */
static bool
plain_address_at(
    struct str line, size_t at, size_t least, size_t *from, size_t *to)
{
	size_t first = at;
	size_t last = at + 1;
	bool has_dot = false;

	while (
	    first > least && (plain_is_alnum(line.ptr[first - 1]) ||
	                         plain_is_one_of(line.ptr[first - 1], "._%+-")))
		first--;
	while (first < at && !plain_is_alnum(line.ptr[first]))
		first++;
	while (last < line.len && (plain_is_alnum(line.ptr[last]) ||
	                              plain_is_one_of(line.ptr[last], ".-")))
		last++;
	while (last > at + 1 && !plain_is_alnum(line.ptr[last - 1]))
		last--;
	for (size_t i = at + 2; i < last; i++)
		has_dot = has_dot || line.ptr[i] == '.';
	*from = first;
	*to = last;
	return first < at && has_dot && plain_is_alnum(line.ptr[at + 1]) &&
	       last - first <= LIMIT_NAME_BYTES;
}

static void
plain_link(struct plain *plain, struct str url, bool www)
{
	struct str parts[2] = {STR("http://"), url};
	struct str whole = www ? str_join(plain->arena, parts, 2) : url;

	buf_add(&plain->out, STR("<a href=\""));
	plain_escape(plain, view_url_foreign(plain->arena, whole).s);
	buf_add(&plain->out,
	    STR("\" rel=\"noopener noreferrer\" target=\"_blank\">"));
	plain_escape(plain, url);
	buf_add(&plain->out, STR("</a>"));
}

/* An address leads to our own compose page. */
static void
plain_mail_link(struct plain *plain, struct str address)
{
	const struct view_url_param params[] = {{"to", address}, {NULL, {0}}};
	const struct view_plain *how = plain->how;
	struct view_url url =
	    how->mail_url != NULL
	        ? how->mail_url(how->ctx, address)
	        : view_url_local(plain->arena, "/compose", params);

	buf_add(&plain->out, STR("<a href=\""));
	plain_escape(plain, view_url_with_base(plain->arena, url).s);
	buf_add(&plain->out, STR("\">"));
	plain_escape(plain, address);
	buf_add(&plain->out, STR("</a>"));
}

/* Where plain_token_at has anything to find: most letters are none of it. */
static const bool plain_may_start[256] = {
    ['@'] = true, ['h'] = true, ['H'] = true, ['w'] = true, ['W'] = true};

/* What begins, or around '@' stands, at `at`. */
static enum plain_kind
plain_token_at(
    struct str line, size_t at, size_t done, size_t *from, size_t *to)
{
	bool www = false;
	size_t len;

	if (line.ptr[at] == '@')
		return plain_address_at(line, at, done, from, to) ? PLAIN_MAIL
		                                                  : PLAIN_WORD;
	if (at > 0 && plain_is_alnum(line.ptr[at - 1]))
		return PLAIN_WORD;
	len = plain_url_at(line, at, &www);
	*from = at;
	*to = at + len;
	if (len == 0)
		return PLAIN_WORD;
	return www ? PLAIN_WWW : PLAIN_URL;
}

/* One line, its quote marks gone. */
static void
plain_line(struct plain *plain, struct str line)
{
	size_t done = 0; /* written up to here */

	for (size_t i = 0; i < line.len && !plain_is_full(plain);) {
		size_t from = i;
		size_t to = i;
		enum plain_kind kind = PLAIN_WORD;

		if (plain_may_start[(unsigned char)line.ptr[i]])
			kind = plain_token_at(line, i, done, &from, &to);
		if (kind == PLAIN_WORD) {
			i++;
			continue;
		}
		plain_escape(plain, str_slice(line, done, from));
		if (kind == PLAIN_MAIL)
			plain_mail_link(plain, str_slice(line, from, to));
		else
			plain_link(plain, str_slice(line, from, to),
			    kind == PLAIN_WWW);
		done = to;
		i = to;
	}
	plain_escape(plain, str_slice(line, done, line.len));
}

/* Takes "> > " off the line. */
static unsigned
plain_take_level(struct str *line)
{
	unsigned level = 0;
	size_t at = 0;

	for (;;) {
		size_t mark = at;

		if (level > 0 && mark < line->len && line->ptr[mark] == ' ')
			mark++;
		if (mark >= line->len || line->ptr[mark] != '>')
			break;
		level++;
		at = mark + 1;
	}
	if (level > 0 && at < line->len && line->ptr[at] == ' ')
		at++;
	*line = str_slice(*line, at, line->len);
	return level < PLAIN_MAX_LEVEL ? level : PLAIN_MAX_LEVEL;
}

/* Columns: three blanks or a tab behind a word, or a line being drawn. */
static bool
plain_has_columns(struct str line)
{
	size_t blanks = 0;

	line = str_trim(line);
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];

		blanks = c == ' ' ? blanks + 1 : 0;
		if (blanks == 3 || c == '\t' ||
		    (c == '\xe2' && i + 1 < line.len &&
		        line.ptr[i + 1] == '\x94'))
			return true;
	}
	return false;
}

/* Does the paragraph that begins with `line` need letters of one width? */
static bool
plain_is_table(const struct plain *plain, struct str line)
{
	struct str rest = plain->ahead;

	for (unsigned count = 0; count < PLAIN_MAX_LOOK; count++) {
		if (plain_has_columns(line))
			return true;
		line = str_cut(&rest, '\n');
		if (plain_take_level(&line) != plain->level ||
		    str_trim(line).len == 0)
			return false;
	}
	return false;
}

static void
plain_end_paragraph(struct plain *plain)
{
	if (plain->in_paragraph)
		buf_add(&plain->out, STR("</p>\n"));
	plain->in_paragraph = false;
}

static void
plain_end_fold(struct plain *plain)
{
	if (plain->fold_level > 0)
		buf_add(&plain->out, STR("</details>\n"));
	plain->fold_level = 0;
}

static void
plain_set_level(struct plain *plain, unsigned level)
{
	if (level == plain->level)
		return;
	plain_end_paragraph(plain);
	if (plain->in_signature)
		buf_add(&plain->out, STR("</div>\n"));
	plain->in_signature = false;
	for (; plain->level > level; plain->level--) {
		buf_add(&plain->out, STR("</blockquote>\n"));
		if (plain->level == plain->fold_level)
			plain_end_fold(plain);
	}
	for (; plain->level < level; plain->level++)
		buf_add(&plain->out, STR("<blockquote class=\"q\">\n"));
}

/* ---- folding ------------------------------------------------------------ */

/*
 * Lines from `line` on that are quoted `level` deep or deeper. Within the
 * outermost quote empty lines may stand.
 */
static unsigned
plain_quote_lines(const struct plain *plain, unsigned level)
{
	struct str rest = plain->ahead;
	unsigned count = 1;
	unsigned empty = 0;

	while (rest.len > 0) {
		struct str line = str_cut(&rest, '\n');
		unsigned now = plain_take_level(&line);

		if (now >= level) {
			count += empty + 1;
			empty = 0;
		} else if (level == 1 && str_trim(line).len == 0) {
			empty++;
		} else {
			break;
		}
	}
	return count;
}

/* Behind empty lines, is the next one quoted? */
static bool
plain_quote_goes_on(const struct plain *plain)
{
	struct str rest = plain->ahead;

	for (unsigned i = 0; i < PLAIN_MAX_LOOK && rest.len > 0; i++) {
		struct str line = str_cut(&rest, '\n');

		if (plain_take_level(&line) > 0)
			return true;
		if (str_trim(line).len > 0)
			return false;
	}
	return false;
}

/* "On Monday A wrote:" belongs to the quote. */
static bool
plain_has_own_before(const struct plain *plain)
{
	unsigned own = plain->own_paragraphs;

	if (own > 0 && plain->ends_in_colon &&
	    plain->paragraph_lines <= PLAIN_HEAD)
		own--;
	return own > 0;
}

/* The last line was of a text of one's own. */
static void
plain_note_own(struct plain *plain, struct str line)
{
	line = str_trim(line);
	if (!plain->in_paragraph) {
		plain->own_paragraphs++;
		plain->paragraph_lines = 0;
	}
	plain->paragraph_lines++;
	plain->ends_in_colon = str_ends(line, STR(":"));
}

/*
 * A quote begins, or gets deeper: folded when it is long and its reader has
 * read something before. A message that is a quote and no more is not, nor
 * are short pieces with answers between them.
 */
static void
plain_begin_fold(struct plain *plain, unsigned level)
{
	bool is_outer = plain->level == 0;
	unsigned from = plain->level + 1;
	unsigned lines;

	/* Counting comes last: what is counted is folded or short. */
	if (!plain->folds || plain->fold_level > 0 || level <= plain->level ||
	    !(is_outer ? plain_has_own_before(plain) : plain->has_own))
		return;
	lines = plain_quote_lines(plain, from);
	if (lines <= (is_outer ? PLAIN_FOLD : PLAIN_FOLD_DEEP))
		return;
	plain_end_paragraph(plain);
	if (plain->in_signature)
		buf_add(&plain->out, STR("</div>\n"));
	plain->in_signature = false;
	buf_add(&plain->out, STR("<details class=\"quoted\"><summary>"));
	plain_escape(plain,
	    str_printf(plain->arena,
	        trn("Quoted text (%u line)", "Quoted text (%u lines)", lines),
	        lines));
	buf_add(&plain->out, STR("</summary>\n"));
	plain->fold_level = from;
}

/* Is there anything that is not a quote, or the line above it? */
static bool
plain_find_own(struct str text)
{
	struct str rest = text;
	unsigned lines = 0;
	bool has_colon = false;

	while (rest.len > 0) {
		struct str line = str_cut(&rest, '\n');
		unsigned level = plain_take_level(&line);

		line = str_trim(line);
		if (level > 0) {
			if (lines > 0 && (!has_colon || lines > PLAIN_HEAD))
				return true;
			lines = 0;
		} else if (line.len > 0) {
			lines++;
			has_colon = str_ends(line, STR(":"));
		}
	}
	return lines > 0;
}

static void
plain_add_line(struct plain *plain, struct str line)
{
	unsigned level = plain_take_level(&line);
	bool is_empty = str_trim(line).len == 0;

	/* An empty line does not end the quote that is folded. */
	if (level == 0 && is_empty && plain->fold_level == 1 &&
	    plain_quote_goes_on(plain))
		level = plain->level;
	plain_begin_fold(plain, level);
	plain_set_level(plain, level);
	if (is_empty) {
		plain_end_paragraph(plain);
		return;
	}
	if (level == 0)
		plain_note_own(plain, line);
	/* RFC 3676, 4.3: two dashes and a space begin the signature. */
	if (str_eq(line, STR("-- ")) && !plain->in_signature) {
		plain_end_paragraph(plain);
		buf_add(&plain->out, STR("<div class=\"sig\">\n"));
		plain->in_signature = true;
	}
	if (plain->in_paragraph)
		buf_add_byte(&plain->out, '\n');
	else if (plain_is_table(plain, line))
		buf_add(&plain->out, STR("<p class=\"mono\">"));
	else
		buf_add(&plain->out, STR("<p dir=\"auto\">"));
	plain->in_paragraph = true;
	plain_line(plain, line);
}

struct html
view_plain_shown(struct arena *arena, struct text text,
    const struct view_plain *how, bool *out_is_cut)
{
	struct plain plain = {.arena = arena, .folds = how->folds, .how = how};
	struct str rest = text.s;
	struct str out;

	plain.max_bytes =
	    how->max_bytes < PLAIN_MAX_BYTES ? how->max_bytes : PLAIN_MAX_BYTES;
	plain.has_own = plain.folds && plain_find_own(text.s);
	buf_init_arena(&plain.out, arena, LIMIT_PAGE_BYTES);
	while (rest.len > 0 && !plain_is_full(&plain)) {
		struct str line = str_cut(&rest, '\n');

		plain.ahead = rest;
		plain_add_line(&plain, line);
	}
	*out_is_cut = plain_is_full(&plain);
	if (*out_is_cut)
		buf_add(&plain.out, STR(" …"));
	plain_set_level(&plain, 0);
	plain_end_paragraph(&plain);
	if (plain.in_signature)
		buf_add(&plain.out, STR("</div>\n"));
	plain_end_fold(&plain);
	if (buf_end(&plain.out, &out, NULL) != ERR_OK)
		return (struct html){str_of(NULL, 0)};
	return (struct html){out};
}

struct html
view_plain_text(struct arena *arena, struct text text)
{
	struct view_plain how = {.max_bytes = PLAIN_MAX_BYTES};
	bool is_cut = false;

	return view_plain_shown(arena, text, &how, &is_cut);
}
